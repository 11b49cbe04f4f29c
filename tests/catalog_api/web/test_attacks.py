"""What somebody who means harm may send, and what he must not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

SignIn = Callable[[str], Any]


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=a&size=" + "9" * 5000,
        "/search?q=a&page=" + "9" * 5000,
        "/search?q=a&year=" + "9" * 5000,
        "/record/" + "9" * 5000,
        "/record/" + "9" * 30,
        "/record/" + "9" * 30 + ".jsonld",
        "/record/1/source/" + "9" * 30,
        "/record/1/source/" + "9" * 5000,
        "/api/v1/records/" + "9" * 5000,
        "/search?q=" + "%22" * 1000,
        "/search?q=" + "(" * 1000,
        "/search?q=year:" + "9" * 900,
        "/search?q=isbn:" + "9" * 900,
        "/api/v1/suggest?q=" + "%5C%5B%28%23" * 20,
        "/api/v1/search?q=%00",
        "/record/1/export/..%2F..%2Fetc",
        "/static/..%2F..%2Fpages.py",
        "/static/%00",
        "/login?next=%00",
        "/?lang=" + "x" * 5000,
    ],
)
def test_absurd_addresses_are_answered(visitor: Any, address: str) -> None:
    assert visitor.get(address).status_code in (200, 303, 400, 404, 422)


def test_zero_bytes(signed_in: SignIn) -> None:
    officer, reader = signed_in("officer"), signed_in("reader")
    assert officer.get("/worklist?state=%00").status_code in (200, 404, 422)
    assert officer.get("/worklist/%00").status_code in (404, 422)
    assert reader.get("/requests/%00").status_code in (404, 422)
    assert officer.get("/worklist?cursor=%00&member=%00").status_code in (200, 404, 422)
    assert officer.get("/worklist/slips?number=%00").status_code in (200, 404, 422)
    assert reader.get("/requests?before=" + "9" * 30).status_code in (200, 404, 422)
    assert officer.post("/worklist/find", {"what": "\x00"}, page="/worklist").status_code in (404, 422)
    assert officer.post("/worklist/WL-1/act", {"action": "\x00"}, page="/worklist").status_code in (404, 422)
    form = "/record/2/request"
    for field in ("volume", "note", "key", "pickup"):
        assert officer.post(form, {"pickup": "zjsl", field: "a\x00"}, page=form).status_code == 422, field
    assert officer.post("/login", {"name": "a\x00", "password": "x"}, page="/account").status_code == 422
    for needed in ("0001-01-01", "9999-12-31"):
        assert officer.post(form, {"needed_by": needed}, page=form).status_code in (303, 422)


def test_feed(visitor: Any) -> None:
    answer = visitor.get("/search/feed?q=%0B%1B%EF%BF%BE")
    ElementTree.fromstring(answer.content)
    answer = visitor.get("/search/feed?author=%0B")
    ElementTree.fromstring(answer.content)
    ElementTree.fromstring(visitor.get("/opensearch.xml").content)


def test_path(visitor: Any) -> None:
    text = visitor.client.get("http://127.0.0.1:8000//evil.example/x").text
    print([l for l in text.splitlines() if "evil" in l])
    assert 'href="//evil' not in text

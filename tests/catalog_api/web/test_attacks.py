"""What somebody who means harm may send, and what he must not see."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from catalog_api.web.routes import home
from schemas.settings import Settings

SignIn = Callable[[str], Any]


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=a&size=" + "9" * 5000,
        "/search?q=a&page=" + "9" * 5000,
        "/search?q=a&year=" + "9" * 5000,
        "/search?q=" + "%22" * 1000,
        "/search?q=year:" + "9" * 900,
        "/record/" + "9" * 5000,
        "/record/" + "9" * 19,
        "/record/" + "9" * 19 + ".jsonld",
        "/record/1/source/" + "9" * 19,
        "/record/1/source/" + "9" * 5000,
        "/record/1/export/..%2F..%2Fetc",
        "/api/v1/records/" + "9" * 5000,
        "/api/v1/suggest?q=" + "%5C%5B%28%23" * 20,
        "/api/v1/search?q=%00",
        "/static/..%2F..%2Fpages.py",
        "/static/%00",
        "/login?next=%00",
    ],
)
def test_absurd_addresses_are_answered(visitor: Any, address: str) -> None:
    assert visitor.get(address).status_code in (200, 303, 404, 422)


def test_a_nul_is_no_fault_of_the_database(signed_in: SignIn, visitor: Any) -> None:
    officer, reader = signed_in("officer"), signed_in("reader")
    refused = (200, 404, 422)
    for page in ("?state=%00", "?cursor=%00&member=%00", "/%00", "/slips?number=%00"):
        assert officer.get(f"/worklist{page}").status_code in refused, page
    assert reader.get("/requests/%00").status_code in refused
    assert officer.post("/worklist/find", {"what": "\x00"}, page="/worklist").status_code in refused
    assert officer.post("/worklist/WL-1/act", {"action": "\x00"}, page="/worklist").status_code in refused
    for field in ("volume", "note", "key", "pickup"):
        form = "/record/2/request"
        assert officer.post(form, {"pickup": "zjsl", field: "a\x00"}, page=form).status_code == 422, field
    assert visitor.post("/login", {"name": "a\x00", "password": "x"}).status_code == 422


@pytest.mark.parametrize(
    "address", ["/search/feed?q=%0B%1B%EF%BF%BE", "/search/feed?author=%0B%3Cx%3E", "/opensearch.xml"]
)
def test_xml_stays_well_formed_whatever_is_asked(visitor: Any, address: str) -> None:
    ElementTree.fromstring(visitor.get(address).content)


def test_no_link_leads_to_another_host(visitor: Any) -> None:
    text = visitor.client.get("http://127.0.0.1:8000//evil.example/x").text
    assert 'href="/evil.example/x?lang=en"' in text and "//evil.example" not in text


def test_an_error_nobody_foresaw_is_logged_without_its_message(
    house: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The error does not reach the server either, which would write down its message: that may be what somebody typed."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("card 33010619850614123")

    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(home, "_kept", broken)
    answer = house.visitor(raise_server_exceptions=True).get("/")
    assert answer.status_code == 500 and "default-src 'none'" in answer.headers["content-security-policy"]
    assert "330106" not in answer.text + caplog.text


def test_with_https_cookies_are_taken_back_as_they_were_set(
    signed_in: SignIn, house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser ignores a `__Host-` cookie without Secure: the reader would stay at the desk."""
    public = Settings(public_url="https://c.example").public_url
    monkeypatch.setattr(house.context, "settings", house.context.settings.model_copy(update={"public_url": public}))
    browser = house.visitor()
    browser.client.base_url = "https://127.0.0.1:8000"
    assert browser.login("officer").status_code == 303
    browser.post("/card", {"kind": "reader_card", "number": "HT20260717", "purpose": "ask"}, page="/card")
    assert browser.get("/card/reader").status_code == 200
    left = browser.post("/card/leave", page="/card/reader").headers.get_list("set-cookie")
    gone = browser.post("/logout", page="/account").headers.get_list("set-cookie")
    taken = [c for c in left + gone if "Max-Age=0" in c]
    assert {c.partition("=")[0] for c in taken} == {"__Host-wenlan_desk", "__Host-wenlan_session"}
    assert all("Secure" in c and "Path=/" in c for c in taken)
    assert browser.get("/card").status_code == 303


def test_a_refused_look_up_is_on_the_record_and_shown_to_the_officer(signed_in: SignIn, house: Any) -> None:
    officer = signed_in("officer")
    typed = "330106198506141230"
    answer = officer.post("/card", {"kind": "resident_id", "number": typed, "purpose": "ask"}, page="/card")
    assert answer.status_code == 422 and "未受理" in answer.text
    with house.context.database.connect() as connection:
        rows = connection.execute("select officer, kind, refused, card_lookup::text from card_lookup").fetchall()
    assert [row[:3] for row in rows] == [("officer", "resident_id", "number-wrong")]
    assert typed not in rows[0][3]

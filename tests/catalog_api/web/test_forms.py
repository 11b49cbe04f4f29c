"""Attacks on forms and addresses: forged forms, HTML in data, headers, sizes, methods."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute

from catalog_api.web.routes import account, card, home, record, requests, search, worklist

POSTS = ["/login", "/logout", "/library", "/account", "/card", "/card/name", "/card/leave", "/record/1/request", "/worklist/find",
         "/worklist/WL-2026-000001/act", "/requests/WL-2026-000001/act"]  # fmt: skip


def test_every_form_of_the_site_is_in_this_test() -> None:
    rooms = (account, card, home, record, requests, search, worklist)
    found = {r.path for room in rooms for r in room.router.routes if isinstance(r, APIRoute) and "POST" in r.methods}
    assert found == {p.replace("WL-2026-000001", "{number}").replace("/1/", "/{cluster:int}/") for p in POSTS}


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_its_token_is_refused(signed_in: Callable[[str], Any], path: str) -> None:
    name = "reader" if path.startswith("/requests") else "officer"
    browser = signed_in(name)
    assert browser.client.post(path, data={}).status_code == 403
    assert browser.client.post(path, data={"form_token": "0" * 64}).status_code == 403
    stranger_token = signed_in("cataloguer").token("/account")
    assert browser.client.post(path, data={"form_token": stranger_token}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(visitor: Any, headers: dict[str, str]) -> None:
    assert visitor.post("/login", {"name": "officer", "password": "x"}, headers=headers).status_code == 403


def test_a_form_of_our_own_passes(visitor: Any) -> None:
    headers = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}
    assert visitor.post("/login", {"name": "officer", "password": "x"}, headers=headers).status_code == 422


@pytest.mark.parametrize("page", ["/", "/search?q=alert", "/record/4", "/record/4/source/106", "/search/feed?q=alert"])
def test_what_records_say_is_shown_and_never_run(visitor: Any, page: str) -> None:
    text = visitor.get(page).text
    assert "&lt;script&gt;alert" in text
    for bad in ("<script>alert", "<img src=x", "<b>甲", "<i>甲", "</dd><script", '" onmouseover', "<u>注"):
        assert bad not in text, bad


def test_dangerous_addresses_become_no_links(visitor: Any) -> None:
    text = visitor.get("/record/3").text
    assert 'href="https://example.org/xihu"' in text
    assert "坏链接" in text and "javascript:" not in text


@pytest.mark.parametrize(
    "q", ["<script>alert(1)</script>", '"><svg onload=1>', "a' or 1=1 --", "\u0000\u202e", "题名:", "(" * 500]
)
def test_queries_are_shown_escaped(visitor: Any, q: str) -> None:
    answer = visitor.get("/search", params={"q": q})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text and "<svg onload" not in answer.text


@pytest.mark.parametrize("lang", ["en\r\nSet-Cookie: a=b", "<en>", "en" * 500])
def test_the_language_is_chosen_from_two_and_nothing_else(visitor: Any, lang: str) -> None:
    answer = visitor.get("/", params={"lang": lang})
    assert answer.status_code == 200
    cookies = [c for c in answer.headers.get_list("set-cookie") if not c.startswith("wenlan_form=")]
    assert all(re.fullmatch(r"wenlan_lang=(en|zh_CN); [^\r\n]*", c) for c in cookies)


def test_protecting_headers_stand_on_every_answer(visitor: Any) -> None:
    for path in ("/", "/nope", "/static/base.css", "/healthz", "/search?q=x", "/record/91"):
        headers = visitor.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_pages_hold_nothing_inline(visitor: Any) -> None:
    for path in ("/", "/search?q=红楼梦", "/record/1", "/login", "/help", "/search/advanced"):
        text = visitor.get(path).text
        assert not re.search(r"<style|<[a-z][^<>]*\s(style|on[a-z]+)=", text), path
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), path


def test_a_body_that_is_too_large_is_refused_before_it_is_read(visitor: Any) -> None:
    assert visitor.client.post("/login", data={"name": "x" * 300_000}).status_code == 413

    def pieces() -> Any:
        for _ in range(40):
            yield b"x" * 10_000

    sent = visitor.client.post(
        "/login", content=pieces(), headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert sent.status_code == 413


def test_staff_of_one_library_cannot_act_for_another(signed_in: Callable[[str], Any]) -> None:
    officer, stranger = signed_in("officer"), signed_in("lender")
    number = place(officer, 2)
    assert stranger.get(f"/worklist/{number}").status_code == 404
    before = officer.get(f"/worklist/{number}").text
    refused = stranger.post(f"/worklist/{number}/act", {"action": "cancel"}, page="/account")
    assert refused.status_code in (404, 422)
    assert officer.get(f"/worklist/{number}").text.count("<li") == before.count("<li")
    assert signed_in("reader").get(f"/requests/{number}").status_code == 404


def test_the_member_parameter_is_an_administrators(signed_in: Callable[[str], Any]) -> None:
    assert (
        "之江省图书馆"
        in signed_in("officer").get("/worklist?member=htcl").text.split("<main")[1].split("</h1>")[1][:200]
    )
    assert (
        "杭塘市图书馆" in signed_in("chief").get("/worklist?member=htcl").text.split("<main")[1].split("</h1>")[1][:200]
    )


def place(browser: Any, cluster: int, **more: str) -> str:
    form = f"/record/{cluster}/request"
    answer = browser.post(form, {"service": "loan", "pickup": "zjsl", "key": f"k{cluster}", **more}, page=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].rpartition("/")[2].partition("?")[0])

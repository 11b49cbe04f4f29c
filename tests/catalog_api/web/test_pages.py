"""What the pages show, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest


def test_home_counts_what_the_public_may_see(visitor: Any) -> None:
    text = visitor.get("/").text
    assert "10 家成员馆的 5 种文献" in text
    assert text.index("浙江省") < text.index("杭州市") < text.index("上海市")
    assert "内部资料汇编" not in text


def test_the_language_is_chosen_by_parameter_and_kept_by_cookie(visitor: Any) -> None:
    assert '<html lang="zh-CN">' in visitor.get("/").text
    english = visitor.get("/search?q=红楼梦&lang=en").text
    assert '<html lang="en">' in english and "2</strong> titles" in english
    assert 'href="/search?q=%E7%BA%A2%E6%A5%BC%E6%A2%A6&amp;lang=zh"' in english
    assert "Advanced search" in visitor.get("/").text
    assert "高级检索" in visitor.get("/?lang=zh").text


PAGES = [
    "/",
    "/search?q=hlm",
    "/search/advanced",
    "/help",
    "/record/1",
    "/record/1/source/101",
    "/login",
    "/nope",
    "/record/91",
]


@pytest.mark.parametrize("page", PAGES)
def test_english_pages_hold_no_chinese_but_what_was_catalogued(visitor: Any, page: str) -> None:
    visitor.client.cookies.set("wenlan_lang", "en")
    text = visitor.get(page).text
    text = re.sub(r'<(\w+)[^>]*lang="zh[^>]*>.*?</\1>', "", text, flags=re.S)
    text = re.sub(r"<title>.*?</title>", "", text)
    catalogued = "红楼梦曹雪芹清著续无名氏北京人民文学出版社第版册页平装章回小说中国代西湖游览志田汝成明辑撰杭州浙江中外借室文图书脂砚斋评本上海古籍以贾宝玉林黛玉的爱情故事为主线某"
    if page in ("/search?q=hlm", "/record/1", "/record/1/source/101"):
        text = "".join(c for c in text if c not in catalogued)
    if page == "/":
        text = re.sub(r'<ol class="arrivals">.*?</ol>', "", text, flags=re.S)
    left = re.findall(r"[\u4e00-\u9fff]+", text)
    if page == "/help":  # the names of fields in both languages are what it is about
        left = []
    assert left == []


def test_results_tell_who_has_it_and_how_many_can_be_lent(visitor: Any) -> None:
    text = visitor.get("/search?q=红楼梦").text
    assert "可借 3 / 4 册" in text and "1 册，现不可借" in text
    assert 'href="/record/1/request"' in text
    assert "<mark>红楼梦</mark>" in text


def test_filters_are_kept_in_the_address_and_can_be_removed(visitor: Any) -> None:
    text = visitor.get("/search?q=红楼梦&member=zjsl&member=htcl&sort=newest").text
    assert re.search(r'name="member" value="zjsl" checked', text)
    chip = re.search(r'class="chip" href="([^"]+)"[^>]*><span class="visually-hidden">去掉 馆：</span>省图', text)
    assert chip and chip[1].replace("&amp;", "&") == "/search?q=%E7%BA%A2%E6%A5%BC%E6%A2%A6&member=htcl&sort=newest"
    assert "2</strong>" not in text and "1</strong>" in text


@pytest.mark.parametrize(
    "parameters",
    [
        "page=99999999999",
        "page=-1",
        "size=7",
        "sort=evil",
        "type=",
        "year_from=abc",
        "year=9-",
        "member=nobody",
        "page=²",
        "q=" + "长" * 2000,
    ],
)
def test_odd_parameters_are_no_errors(visitor: Any, parameters: str) -> None:
    answer = visitor.get(f"/search?q=红楼梦&{parameters}")
    assert answer.status_code in (200, 303)


def test_nothing_found_says_what_to_do(visitor: Any) -> None:
    text = visitor.get("/search?q=绝无此书&member=zjsl").text
    assert "没有找到" in text and "去掉所有筛选条件再试" in text


def test_the_advanced_form_composes_a_search(visitor: Any) -> None:
    answer = visitor.get(
        "/search/build?field1=title&words1=红楼梦&how2=without&field2=title&words2=脂砚斋&year_from=2000&year_to=2010&type="
    )
    assert answer.status_code == 303
    text = visitor.get(answer.headers["location"]).text
    assert 'href="/record/1"' in text and 'href="/record/2"' not in text
    assert visitor.get("/search/build").headers["location"] == "/search/advanced"


def test_the_feed_is_atom(visitor: Any) -> None:
    answer = visitor.get("/search/feed?q=红楼梦")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert {e.text for e in feed.findall("a:entry/a:id", names)} == {
        f"http://127.0.0.1:8000/record/{i}" for i in (1, 2)
    }
    assert all(e.text and e.text.endswith("Z") for e in feed.iter("{http://www.w3.org/2005/Atom}updated"))


def test_a_record_shows_holdings_mine_first(visitor: Any) -> None:
    visitor.post("/library", {"code": "htcl", "next": "/record/1"}, page="/")
    text = visitor.get("/record/1").text
    order = re.findall(r'class="holder-name">([^<]+)', text)
    assert order == ["杭塘市图书馆 ", "之江省图书馆", "沪上图书馆"]
    assert "2027年3月1日" in text and "ZJSL0002" in text
    assert 'href="/record/2"' in text  # the other edition of the work


def test_each_field_names_the_record_it_was_taken_from(visitor: Any) -> None:
    text = visitor.get("/record/1").text
    assert re.search(r'出版发行：</span>来源</summary><a href="/record/1/source/101">', text)


def test_a_source_record_has_its_fields_named(visitor: Any, signed_in: Callable[[str], Any]) -> None:
    text = visitor.get("/record/1/source/101").text
    assert "题名与责任说明" in text and "中国图书馆分类法" in text and "红楼梦" in text
    assert "质量问题" not in text
    assert "质量问题" in signed_in("cataloguer").get("/record/1/source/101").text
    assert visitor.get("/record/1/source/105").status_code == 404  # another cluster's


def test_permalinks_answer_for_ever(visitor: Any) -> None:
    moved = visitor.get("/record/90")
    assert (moved.status_code, moved.headers["location"]) == (301, "/record/1")
    assert visitor.get("/record/90/request").status_code == 303
    withdrawn = visitor.get("/record/91")
    assert withdrawn.status_code == 410 and "已经撤销" in withdrawn.text
    for unknown in ("/record/12345", "/record/x", "/record/0", f"/record/{10**30}"):
        assert visitor.get(unknown).status_code == 404, unknown


def test_staff_see_what_the_public_does_not(visitor: Any, signed_in: Callable[[str], Any]) -> None:
    for path in ("/record/5", "/record/5.ttl", "/record/5/export/ris", "/record/5/source/107"):
        assert visitor.get(path).status_code == 404, path
    assert "内务目录" in signed_in("cataloguer").get("/record/5").text
    assert "内部资料汇编" in signed_in("officer").get("/search?q=内部资料").text
    assert "内部资料汇编" not in signed_in("reader").get("/search?q=内部资料").text


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("text/html,*/*;q=0.8", "text/html"),
    ],
)
def test_a_permalink_negotiates(visitor: Any, accept: str, media: str) -> None:
    answer = visitor.get("/record/1", headers={"accept": accept})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(media)
    assert "Accept" in answer.headers["vary"]


def test_linked_data_has_addresses_of_its_own(visitor: Any) -> None:
    found = visitor.get("/record/1.jsonld")
    assert found.headers["content-type"] == "application/ld+json" and msgspec.json.decode(found.content)
    assert visitor.get("/record/90.ttl").headers["location"] == "/record/1.ttl"
    assert visitor.get("/record/1.exe").status_code == 404
    assert visitor.get("/record/91.ttl").status_code == 410


@pytest.mark.parametrize("format", ["gbt7714", "ris", "bibtex", "iso2709-cnmarc", "iso2709", "cnmarcxml", "marcxml"])
def test_a_record_can_be_taken_away(visitor: Any, format: str) -> None:
    answer = visitor.get(f"/record/1/export/{format}")
    assert answer.status_code == 200 and "红楼梦".encode() in answer.content
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert visitor.get("/record/1/export/exe").status_code == 404


def test_a_book_that_cannot_be_got_says_why(visitor: Any, signed_in: Callable[[str], Any]) -> None:
    text = visitor.get("/record/6").text
    assert re.search(r"<button[^>]*disabled", text) and "没有成员馆报来馆藏" in text
    librarian = signed_in("cataloguer").get("/record/1").text
    assert re.search(r"<button[^>]*disabled", librarian) and "请由读者本人或馆际互借员申请" in librarian
    assert "本馆架上就有" in signed_in("officer").get("/record/1").text


def test_health_and_metrics(visitor: Any) -> None:
    assert visitor.get("/healthz").json() == {"status": "ok", "database": "ok", "index": "ok"}
    visitor.get("/record/1")
    text = visitor.get("/metrics").text
    assert 'wenlan_http_answers_total{method="GET",route="/record/{cluster:int}",status="200"}' in text
    assert "/record/1" not in text.replace("/record/{cluster", "")


def test_a_database_that_does_not_answer_is_said_so(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    browser = house.visitor()

    def broken(*_: object, **__: object) -> None:
        raise psycopg.OperationalError("connection refused, password=secret")

    monkeypatch.setattr("normalise.catalogue.cluster", broken)
    answer = browser.get("/record/1")
    assert answer.status_code == 503 and "数据库没有应答" in answer.text and "secret" not in answer.text


def test_an_unforeseen_error_tells_a_number_and_no_more(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = house.visitor(raise_server_exceptions=False)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("normalise.catalogue.cluster", broken)
    answer = browser.get("/record/1")
    assert answer.status_code == 500 and "secret detail" not in answer.text
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text)
    assert "script-src 'self'" in answer.headers["content-security-policy"]

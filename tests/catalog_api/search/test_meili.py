"""What would be sent to a Meilisearch server. No server answers here: the requests are compared with its documentation."""

from __future__ import annotations

from typing import Any

import pytest

from catalog_api.search.conditions import conditions
from catalog_api.search.document import IndexDocument
from catalog_api.search.meili_query import FACETED, SETTINGS, bodies, quoted, stored
from catalog_api.search.port import Filter, SearchRequest
from catalog_api.search.query import parse


def sent(query: str = "", **options: Any) -> list[dict[str, Any]]:
    request = SearchRequest(query=query, **options)
    return bodies(request, conditions(parse(query), staff=request.staff, members={}), "wenlan")


PUBLIC = 'public = "yes"'


@pytest.mark.parametrize(
    ("query", "q", "filter"),
    [
        ("红楼", "红楼", ['(text_is = "红楼")']),
        ("题名:红楼 -高鹗", "红楼", ['(title_is = "红楼")', 'NOT ((text_is = "高鹗"))']),
        ("红楼 OR 石头", "", ['(text_is = "红楼") OR (text_is = "石头")']),
        ("hlm", "hlm", ['(text_is = "hlm") OR pinyin IN ["hlm"]']),
        ('"harry potter"', "harry potter", ['(text_is = "harry" AND text_is = "potter" AND text_is = "harry_potter")']),
        ("year:2001-2005", "", ["(year >= 2001 AND year <= 2005)"]),
        ("year:-1949", "", ["(year <= 1949)"]),
        ("分类:I207.4", "", ['class_path IN ["I207.4"]']),
        ("9787020002207", "", ['number IN ["isbn:9787020002207", "9787020002207"]']),
    ],
)
def test_what_is_found_is_said_by_the_filter_and_q_only_ranks(query: str, q: str, filter: list[str]) -> None:
    body = sent(query)[0]
    assert (body["q"], body["filter"]) == (q, [PUBLIC, *filter])
    assert body["matchingStrategy"] == "all"


def test_only_ten_words_rank_but_all_filter() -> None:
    body = sent(" ".join("abcdefghijklmno"))[0]
    assert len(body["q"].split()) == 10
    assert sum("text_is" in text for text in body["filter"]) == 15


def test_facets_ignore_their_own_filter_by_a_query_of_their_own() -> None:
    first, member = sent(
        "红楼",
        filters=(Filter("member", ("zjsl", "htcl")), Filter("year", ("2001-2005",))),
        facets=("type", "member"),
        staff=True,
    )
    assert first["filter"] == [
        '(text_is = "红楼")',
        'member_staff IN ["zjsl", "htcl"]',
        "(year >= 2001 AND year <= 2005)",
    ]
    assert first["facets"] == ["all", "type"]
    assert member["filter"] == ['(text_is = "红楼")', "(year >= 2001 AND year <= 2005)"]
    assert (member["facets"], member["limit"]) == (["member_staff"], 0)


def test_orders_and_pages() -> None:
    body = sent("红楼", sort="newest", offset=40, limit=20)[0]
    assert (body["sort"], body["offset"], body["limit"]) == (["year:desc"], 40, 20)
    assert "sort" not in sent("红楼")[0]
    assert sent("")[0]["sort"] == ["held:desc"]


def test_spelled_out_pinyin_is_the_other_reading() -> None:
    request = SearchRequest(query="hong lou meng")
    body = bodies(request, conditions(parse("hong lou meng"), staff=False, members={}), "wenlan", instead=True)[0]
    assert (body["q"], body["filter"]) == ("", [PUBLIC, 'pinyin IN ["hongloumeng"]'])


def test_values_cannot_leave_their_quotes() -> None:
    assert quoted('a" OR b = "c\\') == '"a\\" OR b = \\"c\\\\"'


def test_documents_hold_every_attribute_the_settings_and_filters_name() -> None:
    made = stored(IndexDocument(id=1, title="红楼 楼梦", text="红楼 楼梦", year=1982, available=True, body=b"{}"))
    assert made["title_is"] == ["红楼", "楼梦"]
    assert (made["available"], made["available_staff"], made["public"], made["all"]) == ("yes", None, "yes", "yes")
    named = {name for row in SETTINGS["filterableAttributes"] for name in row["attributePatterns"]}
    assert named | set(SETTINGS["searchableAttributes"]) | set(SETTINGS["sortableAttributes"]) | set(FACETED) <= set(
        made
    )

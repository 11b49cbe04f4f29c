"""Where copies stand, in words; and what of a work stands together."""

from __future__ import annotations

import pytest

from catalog_api.search.port import Hit
from catalog_api.web.editions import others
from catalog_api.web.places import designation, place
from catalog_api.web.routes.home import newest
from catalog_api.web.shelves import stock
from schemas.bib import BibRecord, Edition, Level, Publication, Title
from schemas.cluster import ClusterView, MergedRecord
from schemas.holding import Holding, Item
from schemas.member import Member


def member(code: str, *region: str, **more: object) -> Member:
    data = {
        "code": code,
        "name": {"zh": code, "en": code},
        "system": "public",
        "kind": "city",
        "region": region,
        **more,
    }
    return Member.model_validate(data)


MEMBERS = {
    m.code: m
    for m in (
        member("near", "33", "3301", library_codes=["NEAR", "N1"], places={"CW": {"zh": "成人外借室", "en": "Adult lending"}}),
        member("far", "31", "3101"),
    )
}  # fmt: skip


@pytest.mark.parametrize(
    ("branch", "location", "zh", "en"),
    [
        ("NEAR", "CW", "成人外借室", "Adult lending"),
        ("n1", "基藏书库", "基藏书库", "基藏书库"),
        ("城关分馆", "CW", "城关分馆 · 成人外借室", "城关分馆 · Adult lending"),
        ("near", "", "", ""),
        ("CW", "CW", "成人外借室", "Adult lending"),
    ],
)
def test_a_place_is_told_by_its_name_and_without_the_librarys_own_code(
    branch: str, location: str, zh: str, en: str
) -> None:
    found = place(Holding("near", branch=branch, location=location), MEMBERS)
    assert (found.zh, found.en) == (zh, en)


def test_a_place_of_a_member_that_left_is_told_as_it_was_written() -> None:
    assert place(Holding("gone", branch="GONE", location="CW"), MEMBERS).zh == "GONE · CW"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (Item(year="2007", volume="2007"), "2007"),
        (Item(year="2007", volume="第3期"), "2007 第3期"),
        (Item(copy="2"), ""),
    ],
)
def test_a_year_is_not_said_twice_and_a_copys_number_is_no_volume(item: Item, text: str) -> None:
    assert designation(item) == text


def test_columns_nobody_fills_are_left_out_and_why_nothing_can_be_borrowed_is_told() -> None:
    found = stock([Holding("far", copies=1, items=[Item(status="reference")])], MEMBERS, "near")
    assert (found.volumes, found.due, found.why, found.available) == (False, False, "reference", 0)
    both = [Holding("near", items=[Item(status="loaned", due="2026-12-01", volume="上")]), Holding("far", items=[Item(status="for_sale")])]  # fmt: skip
    mixed = stock(both, MEMBERS, "near")
    assert (mixed.volumes, mixed.due, mixed.why) == (True, True, "")
    assert [(lib.code, lib.why, lib.several) for lib in mixed.libraries] == [("near", "", False), ("far", "for_sale", False)]  # fmt: skip


def view(id: int, title: str, part: str = "", *, level: Level = "monograph", year: int = 2014, edition: str = "") -> ClusterView:  # fmt: skip
    bib = BibRecord(
        titles=[Title(title, part_number=part)],
        publication=[Publication("北京", "中华书局", str(year), year)],
        edition=Edition(edition) if edition else None,
        level=level,
    )
    return ClusterView(id, MergedRecord(bib), [id], ["zjsl"], "2026-01-01T00:00:00Z")


SET = view(1, "史记", level="set", edition="修订本")
VOLUMES = [view(10 + n, "史记", f"第{n}册", level="volume", edition="修订本") for n in (10, 2, 1)]
OLD, NEWER = view(30, "史记", year=1959), view(31, "史记", year=1988)


def test_the_volumes_of_a_set_stand_in_their_order_with_the_set() -> None:
    found = others(VOLUMES[1], [VOLUMES[0], VOLUMES[2], SET, OLD, NEWER])
    assert [text for _, text in found.siblings] == ["第1册", "第10册"]
    assert found.whole == 1
    assert [e.id for e in found.editions] == [31, 30]


def test_another_edition_in_volumes_is_one_line() -> None:
    found = others(OLD, [*VOLUMES, SET, NEWER])
    assert found.siblings == [] and found.whole is None
    first, second = found.editions
    assert (first.id, first.whole, [p for _, p in first.parts]) == (1, True, ["第1册", "第2册", "第10册"])
    assert (second.id, second.parts) == (31, [])


def test_years_of_an_annual_stand_together_whoever_publishes_it() -> None:
    years = [view(y, "浙江年鉴", str(y), level="annual", year=y) for y in (2003, 2001)]
    years[0].merged.bib.publication[0].publisher = "红旗出版社"
    found = others(view(5, "浙江年鉴", "2002年", level="annual"), years)
    assert found.heading.zh == "各年" and [p for _, p in found.siblings] == ["2001", "2003"]
    assert found.editions == []


def test_parts_without_numbers_have_an_order_too() -> None:
    found = others(view(9, "甲", "中册", level="volume"), [view(8, "甲", "下册"), view(7, "甲", "上册")])
    assert [p for _, p in found.siblings] == ["上册", "下册"]


def test_a_set_that_came_last_night_is_one_of_the_new_titles() -> None:
    titles = [
        "史记 第1册",
        "史记 第2册",
        "史记 上",
        "The art of war",
        "The art of cooking",
        "中国统计年鉴 2007年",
        "中国统计年鉴 2008",
    ]
    assert [h.title for h in newest(Hit(n, title) for n, title in enumerate(titles))] == [
        "史记 第1册", "The art of war", "The art of cooking", "中国统计年鉴 2007年",
    ]  # fmt: skip


def test_other_editions_name_only_members_the_public_may_know_of() -> None:
    other = view(2, "甲")
    other.members, other.public_members = ["htcl", "zjsl"], ["htcl"]
    assert others(view(1, "甲"), [other]).editions[0].members == ["htcl"]
    assert others(view(1, "甲"), [other], staff=True).editions[0].members == ["htcl", "zjsl"]

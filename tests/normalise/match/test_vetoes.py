"""Pairs a cataloguer would keep apart, and pairs that no veto may part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from normalise.match import reasons, vetoes
from normalise.match.compare import FEATURES, compare
from normalise.match.features import FeatureRow, feature_row
from normalise.match.judge import explain
from normalise.match.pairs import Pairs
from normalise.match.table import Table
from schemas.bib import Agent, BibRecord, Edition, Extent, Identifier, Publication, Title

ISBN = "9787020002207"


def row(title: str = "红楼梦", *, part: str = "", part_name: str = "", author: str = "曹雪芹", translator: str = "", publisher: str = "人民文学出版社",
        year: int | None = 1982, year_end: int | None = None, printing: int | None = None, pages: int | None = 1600, volumes: int | None = None,
        edition: int | None = None, isbn: str = ISBN, scope: str = "", valid: bool = True, languages: tuple[str, ...] = ("chi",),
        **more: Any) -> FeatureRow:  # fmt: skip
    agents = [Agent(author, role="aut", primary=True)] if author else []
    if translator:
        agents.append(Agent(translator, role="trl"))
    bib = BibRecord(
        titles=[Title(title, part_number=part, part_name=part_name)],
        agents=agents,
        identifiers=[Identifier("isbn", isbn, valid=valid, scope=scope)] if isbn else [],  # type: ignore[arg-type]
        edition=Edition("", edition) if edition else None,
        publication=[
            Publication(place="北京", publisher=publisher, year=year, year_end=year_end, printing_year=printing)
        ],
        extent=Extent(pages=pages, volumes=volumes),
        languages=list(languages),
        **{"carrier": "print", "content": "text", **more},
    )
    return feature_row(bib, record_id=0, member="zjsl")


@pytest.mark.parametrize(
    ("code", "left", "right"),
    [
        ("guji", {"guji": True}, {"guji": True}),
        ("part-number", {"part": "第1册"}, {"part": "第2册"}),
        ("part-number", {"part": "上册"}, {"part": "下册"}),
        ("part-number", {"part": "上册"}, {"part": "第2册"}),
        ("part-number", {"title": "红楼梦 上"}, {"title": "红楼梦（下）"}),
        ("part-name", {"part_name": "人物卷"}, {"part_name": "山水卷"}),
        ("set-volume", {"volumes": 3, "pages": None}, {"part": "上册", "pages": 500}),
        ("volumes", {"volumes": 3, "pages": None}, {"volumes": 4, "pages": None}),
        ("edition", {"edition": 2}, {"edition": 3}),
        ("edition", {"title": "红楼梦（第2版）"}, {"edition": 3}),
        ("carrier", {}, {"carrier": "online"}),
        ("content", {}, {"content": "music", "pages": 80}),
        ("language", {}, {"languages": ("eng",), "year": 1983}),
        ("host-component", {}, {"level": "component"}),
        ("serial", {}, {"level": "serial"}),
        ("thesis", {}, {"thesis": True}),
        ("annual-year", {"title": "中国统计年鉴 2004", "year": 2004}, {"title": "中国统计年鉴 2005", "year": 2005}),
        ("year", {"isbn": "", "year": 1982}, {"isbn": "", "year": 1990, "publisher": "中华书局"}),
        ("extent", {"pages": 300}, {"pages": 400}),
        (
            "translator",
            {"title": "小王子", "translator": "马振骋", "isbn": ""},
            {"title": "小王子", "translator": "周克希", "isbn": ""},
        ),
        ("publisher-classic", {"isbn": ""}, {"isbn": "", "publisher": "岳麓书社"}),
        (
            "author-generic",
            {"title": "大学语文", "isbn": "", "author": "徐中玉"},
            {"title": "大学语文", "isbn": "", "author": "王步高"},
        ),
    ],
)
def test_veto(code: str, left: dict[str, Any], right: dict[str, Any]) -> None:
    one, two = row(**left), row(**right)
    for judgement in (explain(one, two), explain(two, one)):
        assert code in judgement.vetoes
        assert judgement.decision == "no"
        assert judgement.score <= 0.05


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"part": "第2册"}, {"part": "下册"}),
        ({"part": "第3册"}, {"part": "下册"}),
        ({"part": "上"}, {"title": "红楼梦（上册）"}),
        ({"part": "第二册"}, {"part": "v. 2"}),
        ({"year": 1982}, {"year": 1996}),  # the year of a printing: number, publisher and pages agree
        ({"isbn": "", "year": 1982, "printing": 1990}, {"isbn": "", "year": 1990}),
        ({"edition": 1}, {}),
        ({"publisher": "人民文学"}, {"publisher": "北京人民文学出版社"}),
        ({"isbn": "", "year": None}, {"isbn": "", "pages": None}),
        ({}, {"content": ""}),
        ({"languages": ("eng",)}, {}),  # a slip: title, year and pages are the same
        ({"year": 2001, "year_end": 2004, "isbn": ""}, {"year": 2003, "isbn": ""}),
    ],
)
def test_no_veto(left: dict[str, Any], right: dict[str, Any]) -> None:
    assert explain(row(**left), row(**right)).vetoes == []


def test_every_code_has_its_sentence_and_no_sentence_is_without_code() -> None:
    bins = {f"{name}-{bin}" for name, (names, _) in FEATURES.items() for bin in names}
    people = {"pinned-same", "pinned-different", "record-missing"}
    assert set(reasons.texts()) == set(vetoes.VETOES) | bins | people
    assert all(text.zh and text.en for text in reasons.texts().values())
    assert reasons.text("gone-since").en == "gone-since"


def test_judging_is_symmetric_and_does_not_depend_on_the_company() -> None:
    rows = [
        row(),
        row(year=None),
        row(isbn="9787020002208", valid=False),
        row("红楼夣", author=""),
        row(part="上"),
        row("Dream of the red chamber", author="Cao, Xueqin"),
    ]
    table = Table(rows)
    a, b = (x.ravel() for x in np.meshgrid(np.arange(len(rows)), np.arange(len(rows))))
    left, right = compare(Pairs(table, a, b)), compare(Pairs(table, b, a))
    for name in FEATURES:
        assert (left[name] == right[name]).all(), name
    for i, j in zip(a.tolist(), b.tolist(), strict=True):
        alone = explain(rows[i], rows[j])
        assert alone.score == pytest.approx(explain(rows[j], rows[i]).score)


def test_a_wrong_isbn_that_is_off_by_a_digit_is_told_from_another_number() -> None:
    assert "isbn-near" in explain(row(), row(isbn="9787020012207", valid=False)).reasons
    table = Table([row(), row(isbn="9787532125944", valid=False), row(isbn="9787020049295")])
    bins = compare(Pairs(table, np.array([0, 0]), np.array([1, 2])))["isbn"]
    assert [FEATURES["isbn"][0][k] for k in bins] == ["doubtful", "same_publisher"]

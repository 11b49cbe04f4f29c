"""No content of a record raises, and the real records of many libraries come out as what they are."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from harvesters.files import open_file
from normalise.crosswalk import crosswalk
from normalise.holdings import load_profiles
from normalise.read import Reading, Unreadable, read
from normalise.text import compact
from schemas.bib import BibRecord
from schemas.marc import MarcField, MarcRecord
from schemas.member import Member, Name, Source
from schemas.settings import CHECKOUT

MEMBER = Member(code="zjsl", name=Name(zh="馆", en="Library"), system="public", kind="province", region=["33"])
PROFILES = load_profiles(CHECKOUT / "config" / "holdings")
TAG_LIST = (
    "001 007 008 010 011 013 020 022 024 028 035 041 084 091 092 099 100 101 102 105 106 115 126 130 135 200 205 210 215 225 245 250 260 264 300 328 330 336 338 410 461 463 490 500 "
    "510 517 600 606 650 690 700 701 702 711 773 780 801 830 852 856 880 905 952 985 AVA"
)
TAGS = TAG_LIST.split()
VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "245-01/$1",
            "880-01",
            "2001 ",
            "001x",
            "(",
            "$",
            "第",
            "等",
            "[",
            "（美）",
            "978",
            "第3册",
            "2012-",
            "DUE",
            "\x98",
            "‏",
        ]
    ),
)
FIELDS = st.builds(
    MarcField,
    st.sampled_from(TAGS),
    st.sampled_from(["", "", "", "x", "c" * 40]),
    st.sampled_from(["  ", "10", "0", ""]),
    st.lists(st.tuples(st.sampled_from([*"abcdefghiptuvxyz0146789A2", ""]), VALUES), max_size=5),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FIELDS, max_size=12), st.sampled_from(["cnmarc", "unimarc", "marc21"]), st.text(max_size=24))
def test_marc_never_raises(fields: list[MarcField], schema: str, leader: str) -> None:
    record = MarcRecord(leader, fields, schema)  # type: ignore[arg-type]
    described = crosswalk(Reading("marc", marc=record), member=MEMBER, source=Source(), profiles=PROFILES)
    assert not [f for f in described.findings if f.code == "crosswalk-failed"]
    assert all(f.text().zh for f in described.findings)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["书名", "ISBN", "作者", "出版社", "定价", "库存", "页数", "分类号"]), st.text(max_size=20)
    )
)
def test_rows_never_raise(row: dict[str, str]) -> None:
    described = crosswalk(Reading("csv", row=row), member=MEMBER, source=Source(), profiles=PROFILES)
    assert not [f for f in described.findings if f.code == "crosswalk-failed"]


@pytest.mark.parametrize("kind", ["mods", "dc"])
def test_xml_of_any_shape(kind: str) -> None:
    for text in (
        "<x/>",
        "<x><titleInfo/><name/><originInfo><dateIssued/></originInfo><location/></x>",
        "<x><!-- c --><?p i?><title> </title></x>",
    ):
        described = crosswalk(
            Reading(kind, element=etree.fromstring(text)), member=MEMBER, source=Source(), profiles=PROFILES
        )  # type: ignore[arg-type]
        assert not [f for f in described.findings if f.code == "crosswalk-failed"]


def test_tombstone() -> None:
    described = crosswalk(Reading("dc", deleted=True), member=MEMBER, source=Source(), profiles=PROFILES)
    assert described.bib == BibRecord(source_format="dc") and described.holdings == []


def test_configured_columns_and_visibility() -> None:
    staff = MEMBER.model_copy(update={"visibility": "staff"})
    source = Source(columns={"title": "商品", "price": "码洋价"})
    described = crosswalk(
        Reading("csv", row={"商品": "家", "码洋价": "28"}), member=staff, source=source, profiles=PROFILES
    )
    assert described.bib.titles[0].text == "家" and described.visibility == "staff"
    hidden = MarcRecord(" " * 24, [MarcField("942", subfields=[("n", "1")])])
    described = crosswalk(
        Reading("marc", marc=hidden), member=MEMBER, source=Source(holdings="koha"), profiles=PROFILES
    )
    assert described.visibility == "staff"


@pytest.mark.shared
def test_truth(shared: Path) -> None:
    """The share of records whose parts agree with what a cataloguer of the same publications says. Slips of the records count as errors."""
    folder = shared / "zh_dev"
    truth = {
        (r["library"], r["local_id"]): r["manifestation_id"]
        for r in csv.DictReader((folder / "truth.csv").read_text(encoding="utf-8").splitlines())
    }
    clean = {
        r["manifestation_id"]: r
        for r in csv.DictReader((folder / "manifestations.csv").read_text(encoding="utf-8").splitlines())
    }
    agree: Counter[str] = Counter()
    total = 0
    for library, name in (
        ("cals", "cals.iso"),
        ("hzil", "hzil.iso"),
        ("zdal", "zdal.xml"),
        ("twnc", "twnc.mrc"),
        ("shgx", "shgx.mrc"),
    ):
        for raw in open_file(folder / name, name=name):
            try:
                reading = read(raw)
            except Unreadable:
                continue
            right = clean.get(truth.get((library, reading.local_id), ""))
            if right is None or reading.deleted:
                continue
            bib = crosswalk(reading, member=MEMBER, source=Source(), profiles=PROFILES).bib
            total += 1
            made = bib.publication[0] if bib.publication else None
            agree["title"] += bool(bib.titles) and compact(bib.titles[0].text) == compact(right["title"])
            agree["year"] += made is not None and str(made.year) == right["year"][:4]
            agree["guji"] += bib.guji == (right["role"] == "guji")
            agree["thesis"] += bib.thesis == (right["role"] == "thesis")
            agree["isbn"] += not right["isbn"] or bool(
                {i.value for i in bib.identifiers if i.valid} & set(right["isbn"].split())
            )
    assert total > 1700
    share = {field: count / total for field, count in agree.items()}
    assert share["title"] > 0.95, share
    assert share["year"] > 0.90, share
    assert share["isbn"] > 0.85, share
    assert share["guji"] > 0.995 and share["thesis"] == 1, share

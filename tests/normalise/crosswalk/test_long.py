"""Texts far longer than any title: one record of megabytes must not hold up the millions after it."""

from __future__ import annotations

import time

import pytest
from lxml import etree

from normalise.crosswalk import crosswalk
from normalise.holdings import load_profiles
from normalise.read import Reading
from schemas.marc import MarcField, MarcRecord, MarcSchema
from schemas.member import Member, Name, Source
from schemas.settings import CHECKOUT

MEMBER = Member(code="aa", name=Name(zh="甲", en="A"), system="public", kind="city", region=["33"])
PROFILES = load_profiles(CHECKOUT / "config" / "holdings")
LENGTH = 100_000
BITS = ["1", "1 ", "1-", "19", " ", "a ", "[", "(", "甲", "一", "、", "; ", "册"]
FIELDS: dict[MarcSchema, list[str]] = {
    "cnmarc": ["010", "091", "200", "210", "215", "327", "606", "701", "905"],
    "marc21": ["020", "245", "264", "300", "505", "650", "700", "852"],
}


def seconds(reading: Reading) -> float:
    began = time.process_time()
    crosswalk(reading, member=MEMBER, source=Source(), profiles=PROFILES)
    return time.process_time() - began


@pytest.mark.parametrize("bit", BITS)
@pytest.mark.parametrize("schema", FIELDS)
def test_a_marc_record_takes_its_time_whatever_is_in_it(schema: MarcSchema, bit: str) -> None:
    """Digits in the extent alone once took minutes at a fifth of this length; the time grew with its cube."""
    text = (bit * LENGTH)[:LENGTH] + "z"
    fields = [MarcField(tag, indicators="1 ", subfields=[("a", text), ("f", text)]) for tag in FIELDS[schema]]
    assert seconds(Reading("marc", marc=MarcRecord("00000nam0 2200000   450 ", fields, schema))) < 5


@pytest.mark.parametrize("bit", BITS)
def test_dublin_core_as_well(bit: str) -> None:
    root = etree.Element("dc")
    for name in ("title", "creator", "format", "identifier", "date", "publisher", "subject", "source", "description"):
        etree.SubElement(root, f"{{http://purl.org/dc/elements/1.1/}}{name}").text = (bit * LENGTH)[:LENGTH] + "z"
    assert seconds(Reading("dc", element=root)) < 5


@pytest.mark.parametrize("bit", BITS)
def test_mods_as_well(bit: str) -> None:
    text = (bit * LENGTH)[:LENGTH] + "z"
    xml = f"""<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>{text}</title><partNumber>{text}</partNumber></titleInfo>
    <name><namePart>{text}</namePart></name><originInfo><publisher>{text}</publisher><dateIssued>{text}</dateIssued>
    <edition>{text}</edition></originInfo><physicalDescription><extent>{text}</extent></physicalDescription><note>{text}</note>
    <subject><topic>{text}</topic></subject><identifier type="isbn">{text}</identifier>
    <location><shelfLocator>{text}</shelfLocator></location></mods>"""
    assert seconds(Reading("mods", element=etree.fromstring(xml))) < 5


@pytest.mark.parametrize("bit", BITS)
def test_tables_as_well(bit: str) -> None:
    text = (bit * LENGTH)[:LENGTH] + "z"
    names = (
        "书名",
        "作者",
        "出版社",
        "出版日期",
        "ISBN",
        "页数",
        "开本",
        "装帧",
        "版次",
        "丛书",
        "定价",
        "库存",
        "条码",
        "分类",
    )
    assert seconds(Reading("csv", row=dict.fromkeys(names, text))) < 5

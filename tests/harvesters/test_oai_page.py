"""One page: cut into its records byte by byte, taken whole or not at all."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvesters.oai_page import BadPage, read_page

HEAD = b'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
TAIL = b'<resumptionToken cursor="0">next</resumptionToken></ListRecords></OAI-PMH>'


def one(number: int, inside: str = "") -> bytes:
    return (
        f"<record><header><identifier>oai:{number}</identifier><datestamp>2024-01-0{number}</datestamp></header>"
        f'<metadata><m:mods xmlns:m="http://www.loc.gov/mods/v3">{inside or f"<m:title>题名{number}</m:title>"}</m:mods></metadata></record>'
    ).encode()


RECORDS = [one(n) for n in range(1, 6)]
PAGE = HEAD + b"\n".join(RECORDS) + TAIL


def test_records_are_verbatim() -> None:
    page = read_page(io.BytesIO(PAGE), name="n", first=11)
    assert [r.bytes for r in page.records] == RECORDS
    assert [PAGE[r.offset :][: len(r.bytes)] for r in page.records] == RECORDS
    assert [(r.local_id, r.datestamp, r.position, r.file) for r in page.records][2] == ("oai:3", "2024-01-03", 13, "n")
    assert page.malformed == 0
    assert page.xml.findtext(".//{*}resumptionToken") == "next"


@given(st.integers(0, len(PAGE) - 1))
def test_a_cut_page_is_never_taken(at: int) -> None:
    with pytest.raises(BadPage):
        read_page(io.BytesIO(PAGE[:at]), name="n")


@given(st.integers(0, len(PAGE) - 1), st.binary(max_size=3))
def test_a_damaged_page_loses_nothing_or_is_refused(at: int, noise: bytes) -> None:
    """Whatever is overwritten: the records that were not touched come out as they were, or nothing does."""
    damaged = PAGE[:at] + noise + PAGE[at + len(noise) :]
    try:
        page = read_page(io.BytesIO(damaged), name="n")
    except BadPage:
        return
    untouched = [record for record in RECORDS if record in damaged]
    got = [r.bytes for r in page.records]
    assert [record for record in got if record in untouched] == untouched
    kept = b"".join(got)
    for number in re.findall(rb"oai:\d", damaged):
        assert number in kept


@given(st.sets(st.integers(0, 4)), st.sampled_from(["<m:title>", "\x01", "&nbsp;", "<a></b>", "<x:y/>", "a & b", "<"]))
def test_bad_records_are_isolated(bad: set[int], fault: str) -> None:
    records = [one(n + 1, fault) if n in bad else RECORDS[n] for n in range(5)]
    page = read_page(io.BytesIO(HEAD + b"".join(records) + TAIL), name="n")
    assert [r.bytes for r in page.records] == records
    assert {n for n, r in enumerate(page.records) if r.problem} == bad
    assert {r.problem for r in page.records} <= {"", "xml-malformed"}
    assert page.malformed == len(bad)


@pytest.mark.parametrize("encoding", ["gbk", "gb2312", "gb18030", "big5", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    title = "caf\xe9" if encoding == "iso-8859-1" else "題名" if encoding == "big5" else "书名"
    text = (HEAD + one(1, f"<m:title>{title}</m:title>") + TAIL).decode().replace("UTF-8", encoding)
    page = read_page(io.BytesIO(text.encode(encoding)), name="n")
    assert len(page.records) == 1 and not page.records[0].problem
    kept = "utf-8" if encoding == "utf-16" else encoding
    assert title.encode(kept) in page.records[0].bytes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "not-xml"),
        (b"<html><body>Login</body></html>", "not-oai-pmh"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + PAGE[38:], "doctype"),
        (b'<?xml version="1.0" encoding="klingon"?><OAI-PMH/>', "not-xml"),
        (b'<OAI-PMH xmlns="urn:other"><ListRecords/></OAI-PMH>', "not-oai-pmh"),
        (b"<OAI-PMH>" + b"<x/>" * (1 << 19) + b"</OAI-PMH>", "not-oai-pmh"),
    ],
)
def test_what_is_no_page(text: bytes, code: str) -> None:
    with pytest.raises(BadPage) as error:
        read_page(io.BytesIO(text), name="n")
    assert error.value.code == code

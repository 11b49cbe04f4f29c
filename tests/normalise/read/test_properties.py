"""Properties of reading: nothing but Unreadable is ever raised, and what pymarc writes is read back."""

from __future__ import annotations

import contextlib
import unicodedata
from typing import get_args

import pymarc
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from normalise.read import Unreadable, read
from schemas.iso2709 import Damaged, control_number, layout
from schemas.quality import codes
from schemas.raw import Container, RawRecord

CONTAINERS = [one for one in get_args(Container) if one != "csv"]
HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)
COMMON = st.text(st.sampled_from("中国文学史研究小说集选编著译北京上海出版社家春秋红楼梦"), min_size=6, max_size=20)
LATIN = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=("Cc", "Cs")), min_size=1, max_size=30
)


def record(texts: list[str], number: str = "n1") -> pymarc.Record:
    made = pymarc.Record(force_utf8=True)
    made.add_field(pymarc.Field(tag="001", data=number))
    for text in texts:
        made.add_field(
            pymarc.Field(
                tag="200",
                indicators=pymarc.Indicators("1", " "),
                subfields=[pymarc.Subfield("a", text), pymarc.Subfield("f", text)],
            )
        )
    return made


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(HANZI, LATIN), min_size=1, max_size=6))
def test_utf8_written_by_pymarc_is_read_back(texts: list[str]) -> None:
    result = read(RawRecord("", "iso2709", record(texts).as_marc()))
    assert result.marc is not None
    assert result.local_id == "n1"
    expected = [unicodedata.normalize("NFC", text) for text in texts]
    assert [[v for _, v in field.subfields] for field in result.marc.each("200")] == [[text, text] for text in expected]
    assert not [one for one in result.findings if one.code not in ("charset-code-wrong",)]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(COMMON, st.tuples(HANZI, COMMON).map("".join)), min_size=1, max_size=6))
def test_gb18030_is_read_back(texts: list[str]) -> None:
    data = as_gb18030(record(texts))
    try:
        data.decode()
        assume(False)
    except UnicodeDecodeError:
        pass
    result = read(RawRecord("", "iso2709", data), encoding_hint="gb18030")
    assert result.marc is not None
    assert [field.get("a") for field in result.marc.each("200")] == texts
    assert result.findings == []


def as_gb18030(made: pymarc.Record) -> bytes:
    """A record as a GB18030 system would write it: lengths in bytes of that encoding."""
    directory, body = b"", b""
    for field in made.fields:
        if field.control_field:
            value = str(field.data).encode()
        else:
            value = b"1 " + b"".join(
                b"\x1f" + one.code.encode() + one.value.encode("gb18030") for one in field.subfields
            )
        directory += f"{field.tag}{len(value) + 1:04}{len(body):05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    return b"%05dnam0 22%05d   450 " % (base + len(body) + 1, base) + directory + b"\x1e" + body + b"\x1d"


SAMPLES = [
    record(["红楼梦", "Société"]).as_marc(),
    as_gb18030(record(["红楼梦研究", "中国文学"])),
    b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">1</controlfield></record>',
    b'<record><header><identifier>1</identifier></header><metadata><mods xmlns="http://www.loc.gov/mods/v3"/></metadata></record>',
    b"<opacRecord><bibliographicRecord/><holdings><holding/></holdings></opacRecord>",
    b'{"leader": "00000nam a2200000 a 4500", "fields": [{"001": "1"}, {"245": {"subfields": [{"a": "x"}]}}]}',
]


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_damage_is_read_or_refused_never_anything_else(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 8))):
        place = data.draw(st.integers(0, len(damaged)))
        piece = data.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b"\x1d", b"\x1e", b"\x1f", b"\x1b", b"<", b"&", b'"']))
        )
        damaged[place : place + data.draw(st.integers(0, 4))] = piece
    check(data.draw(st.sampled_from(CONTAINERS)), bytes(damaged))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(CONTAINERS))
def test_anything_at_all_is_read_or_refused(noise: bytes, container: Container) -> None:
    check(container, noise)


def check(container: Container, data: bytes) -> None:
    control_number(data)
    with contextlib.suppress(Damaged):
        parts = layout(data)
        assert len(parts.tags) == len(parts.values)
        assert all(0 <= parts.offset(index) <= len(data) for index in range(len(parts.tags)))
    try:
        result = read(RawRecord("x", container, data))
    except Unreadable as refused:
        assert codes()[refused.finding.code].severity == "fatal"
        assert refused.finding.text().zh
        return
    for one in result.findings:
        assert codes()[one.code].severity != "fatal"
        assert -1 <= one.byte <= len(data) + 1

"""ISO 2709 to readings: what is repaired, what is said about it, and what is refused."""

from __future__ import annotations

import pytest

from normalise.read import Reading, Unreadable, read
from schemas.iso2709 import layout
from schemas.quality import codes
from schemas.raw import RawRecord

FIELDS = [
    ("001", b"012003"),
    ("100", b"  \x1fa20030101d2003    em y0chiy50      ea"),
    ("200", "1 \x1fa家\x1ff巴金著".encode()),
    ("606", "0 \x1fa长篇小说\x1fy中国".encode()),
    ("801", b" 0\x1faCN\x1fbZJL"),
]


def build(fields: list[tuple[str, bytes]] = FIELDS, leader: str = "nam0 22", map_: str = "   450 ") -> bytes:
    directory, body = b"", b""
    for tag, value in fields:
        directory += f"{tag}{len(value) + 1:04}{len(body):05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    length = base + len(body) + 1
    return f"{length:05}{leader}{base:05}{map_}".encode() + directory + b"\x1e" + body + b"\x1d"


def reading(data: bytes, **options: str) -> Reading:
    return read(RawRecord("x", "iso2709", data), **options)


def found(result: Reading) -> list[tuple[str, str, int]]:
    return [(one.code, one.field, one.byte) for one in result.findings]


def lines(result: Reading) -> list[str]:
    """The record as a cataloguer writes it down."""
    assert result.marc is not None
    return [
        f"{one.tag}   {one.value}" if one.value else f"{one.tag} {one.indicators} " + "".join(f"${c}{v}" for c, v in one.subfields)
        for one in result.marc.fields
    ]  # fmt: skip


GOLDEN = [
    "001   012003",
    "100    $a20030101d2003    em y0chiy50      ea",
    "200 1  $a家$f巴金著",
    "606 0  $a长篇小说$y中国",
    "801  0 $aCN$bZJL",
]
GOOD = build()


def test_a_sound_record() -> None:
    result = reading(GOOD)
    assert lines(result) == GOLDEN
    assert result.findings == []
    assert (result.kind, result.encoding, result.deleted) == ("marc", "utf-8", False)
    assert result.marc is not None
    assert result.marc.schema == "cnmarc"
    assert result.marc.leader == GOOD[:24].decode()


def counted_in_characters() -> bytes:
    text = "".join(value.decode() + "\x1e" for _, value in FIELDS)
    directory, at = "", 0
    for tag, value in FIELDS:
        directory += f"{tag}{len(value.decode()) + 1:04}{at:05}"
        at += len(value.decode()) + 1
    base = 24 + len(directory) + 1
    return f"{base + len(text) + 1:05}nam0 22{base:05}   450 {directory}\x1e{text}\x1d".encode()


BASE = int(GOOD[12:17])
REPAIRED = [
    (b"00000" + GOOD[5:], [("length-wrong", "LDR", 0)]),
    (counted_in_characters(), [("length-in-characters", "LDR", 0), ("directory-wrong", "", 24)]),
    (GOOD[:-1], [("no-terminator", "", len(GOOD) - 1)]),
    (GOOD[:12] + b"99999" + GOOD[17:], [("base-address-wrong", "LDR", 12)]),
    (GOOD[:12] + b"00f00" + GOOD[17:], [("base-address-wrong", "LDR", 12)]),
    (GOOD[:24] + b"9" + GOOD[24:], [("length-wrong", "LDR", 0), ("directory-wrong", "", 24), ("base-address-wrong", "LDR", 12)]),
    (GOOD[:40] + b"9" + GOOD[40:], [("length-wrong", "LDR", 0), ("directory-wrong", "", 24), ("base-address-wrong", "LDR", 12)]),
    (GOOD[:30] + b"x" + GOOD[31:], [("directory-wrong", "", 24)]),
    (GOOD[3:], [("length-wrong", "LDR", 0), ("directory-wrong", "", 24), ("leader-damaged", "LDR", 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), REPAIRED)
def test_structure_is_repaired_and_reported(data: bytes, expected: list[tuple[str, str, int]]) -> None:
    result = reading(data)
    assert lines(result) == GOLDEN
    assert found(result) == expected
    for one in result.findings:
        assert "?" not in one.text().zh + one.text().en


def test_a_stray_field_terminator_is_taken_out() -> None:
    at = GOOD.index("中国".encode())
    result = reading(GOOD[:at] + b"\x1e" + GOOD[at + 3 :].replace(b"\x1e801", b"801"))
    assert ("stray-terminator", "606") in [(one.code, one.field) for one in result.findings]
    exact = build([*FIELDS[:3], ("606", "0 \x1fa长篇\x1e小说".encode()), FIELDS[4]])
    result = reading(exact)
    assert lines(result)[3] == "606 0  $a长篇小说"
    assert found(result) == [("stray-terminator", "606", exact.index(b"\x1e\xe5\xb0\x8f"))]


def test_a_missing_field_terminator_is_bridged_by_the_directory() -> None:
    at = GOOD.index("巴金著".encode()) + 9
    result = reading(GOOD[:at] + b" " + GOOD[at + 1 :])
    assert lines(result)[2:4] == ["200 1  $a家$f巴金著 ", GOLDEN[3]]
    assert found(result) == [("field-terminator-missing", "200", at)]


@pytest.mark.parametrize(
    ("field", "line", "code"),
    [
        (("200", b"\x1faTitle"), "200    $aTitle", "bad-indicators"),
        (("200", b"1 \\\x1faTitle"), "200 1  $aTitle", "bad-indicators"),
        (("200", b"1 Title\x1ffName"), "200 1  $aTitle$fName", "bad-indicators"),
        (("200", b"1 Title"), "200 1  $aTitle", "no-subfields"),
        (("200", "1 \x1fáTitle".encode()), "200 1  $aTitle", "bad-subfield-code"),
        (("200", b"1 \x1faTitle\x1f"), "200 1  $aTitle", "bad-subfield-code"),
        (("200", b"1 \x1faTi\x01tle\x00"), "200 1  $aTitle", "control-characters"),
        (("2 0", b"1 \x1faTitle"), "2 0 1  $aTitle", "bad-tag"),
        (("200", b"  "), "200    ", "empty-field"),
        (("CAT", b"1 \x1faTitle"), "CAT 1  $aTitle", ""),
        (("FMT", b"BK"), "FMT   BK", ""),
    ],
)
def test_fields_that_are_not_as_they_should_be(field: tuple[str, bytes], line: str, code: str) -> None:
    result = reading(build([FIELDS[0], field]))
    assert lines(result)[1] == line
    assert [one.code for one in result.findings] == ([code] if code else [])
    for one in result.findings:
        assert one.field == field[0]
        assert one.byte >= 49


@pytest.mark.parametrize("map_", ["   450 ", "  4500", "-450-  ", "^^^450^", "   45  ", "#######"])
def test_leader_maps_do_not_matter(map_: str) -> None:
    assert lines(reading(build(map_=f"{map_:7}"))) == GOLDEN


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-record"),
        (b"not a record at all\x1d", "not-a-record"),
        (b"00026nam0 2200025   450 \x1e\x1d", "no-content"),
        (GOOD[:20], "not-a-record"),
        (GOOD[:60], "truncated"),
        (GOOD[:-30], "truncated"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        reading(data)
    assert refused.value.finding.code == code
    assert codes()[code].severity == "fatal"


def test_deleted_records_and_family_by_evidence() -> None:
    assert reading(build(FIELDS[:1], leader="dam0 22")).deleted
    marc21 = [("001", b"1"), ("008", b"x" * 40), ("245", b"10\x1faHome")]
    families = [
        (build(marc21), "marc21"),
        (build([("001", b"1"), ("200", b"1 \x1fax"), ("801", b" 0\x1faIT")]), "unimarc"),
        (build([("001", b"1"), ("200", b"1 \x1fax"), ("905", b"  \x1fax")]), "cnmarc"),
        (build([("001", b"1")], map_="   450 "), "cnmarc"),
        (build([("001", b"1")], map_=" a 4500"), "marc21"),
    ]
    for data, family in families:
        result = reading(data)
        assert result.marc is not None
        assert result.marc.schema == family
    hinted = reading(build([("001", b"1"), ("300", b"  \x1fax")]), schema_hint="marc21")
    assert hinted.marc is not None
    assert hinted.marc.schema == "marc21"


def test_what_the_framing_found_is_passed_on() -> None:
    result = read(RawRecord("012003#2", "iso2709", GOOD, problem="duplicate-id"))
    assert result.local_id == "012003#2"
    assert "012003" in result.findings[0].text().zh
    nameless = read(RawRecord("h:0123456789abcdef", "iso2709", build(FIELDS[1:])))
    assert [one.code for one in nameless.findings] == ["no-id"]
    with pytest.raises(Unreadable) as refused:
        read(RawRecord("h:1", "unknown", b"rubbish", problem="not-a-record"))
    assert refused.value.finding.text().zh


def test_the_layout_gives_places_within_the_record() -> None:
    parts = layout(GOOD)
    for index, (tag, value) in enumerate(FIELDS):
        assert parts.tags[index] == tag
        assert GOOD[parts.offset(index) :].startswith(value)

"""Encodings are found out by evidence, record by record; what had to be replaced is said with field and byte."""

from __future__ import annotations

import pytest

from normalise.read import Reading, read
from normalise.read.encoding import canonical
from schemas.raw import RawRecord

TITLE = "红楼梦研究资料汇编"


def build(fields: list[tuple[str, bytes]], leader: str = "nam0 22") -> bytes:
    directory, body = b"", b""
    for tag, value in fields:
        directory += f"{tag}{len(value) + 1:04}{len(body):05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    length = base + len(body) + 1
    return f"{length:05}{leader}{base:05}   450 ".encode() + directory + b"\x1e" + body + b"\x1d"


def cnmarc(title: bytes, charset: str = "0120", note: bytes = b"") -> bytes:
    coded = f"  \x1fa20030101d2003    em y0chiy{charset}    ea".encode()
    notes = [("300", b"  \x1fa" + note)] if note else []
    return build([("001", b"1"), ("100", coded), ("200", b"1 \x1fa" + title), *notes, ("801", b" 0\x1faCN")])


def marc21(title: bytes, flag: str = " ", language: bytes = b"eng") -> bytes:
    fixed = b"030101s2003    xx            000 0 " + language + b"  "
    return build([("001", b"1"), ("008", fixed), ("245", b"10\x1fa" + title)], f"nam {flag}22")


def reading(data: bytes, hint: str = "") -> Reading:
    return read(RawRecord("x", "iso2709", data), encoding_hint=hint)


def title(result: Reading) -> str:
    assert result.marc is not None
    field = result.marc.first("200") or result.marc.first("245")
    assert field is not None
    return field.get("a")


def codes(result: Reading) -> list[str]:
    return [one.code for one in result.findings]


@pytest.mark.parametrize("text", [TITLE, "镕基堃喆䶮𠮷", "紅樓夢研究資料彙編", "朝花夕拾", "家"])
def test_gb18030(text: str) -> None:
    result = reading(cnmarc(text.encode("gb18030")), "GBK")
    assert (title(result), result.encoding) == (text, "gb18030")
    assert codes(result) == []


@pytest.mark.parametrize("text", [TITLE, "紅樓夢研究資料彙編", "朝花夕拾"])
def test_gb18030_without_a_hint(text: str) -> None:
    assert title(reading(cnmarc(text.encode("gb18030")))) == text


def test_big5_traditional() -> None:
    text = "臺灣歷史與文化研究論文集"
    assert title(reading(cnmarc(text.encode("big5")))) == text
    assert title(reading(cnmarc("臺灣".encode("big5")), "big5")) == "臺灣"


def test_utf8_wins_over_what_is_declared() -> None:
    result = reading(cnmarc(TITLE.encode()), "gbk")
    assert (title(result), result.encoding) == (TITLE, "utf-8")
    assert codes(result) == ["encoding-declared-wrong", "charset-code-wrong"]
    assert [(one.field, one.byte) for one in result.findings][1] == ("100$a", 26)


def test_a_few_hanzi_that_are_also_valid_utf8() -> None:
    raw = "学".encode("gb18030")
    assert raw.decode() != "学"  # two bytes that are also one character of UTF-8
    assert title(reading(cnmarc(raw), "gb18030")) == "学"


def test_unicode_flags() -> None:
    assert codes(reading(cnmarc(TITLE.encode("gb18030"), "50  "))) == ["charset-code-wrong"]
    assert codes(reading(cnmarc(TITLE.encode(), "50  "))) == []
    assert codes(reading(marc21("Société".encode(), " "))) == ["charset-code-wrong"]
    assert codes(reading(marc21("Société".encode(), "a"))) == []
    assert codes(reading(marc21(b"plain", " "))) == []


def test_marc8_diacritics_and_chinese() -> None:
    result = reading(marc21(b"Soci\xe2et\xe2e de g\xe2eographie"))
    assert (title(result), result.encoding) == ("Société de géographie", "marc-8")
    assert codes(result) == []
    eacc = reading(marc21(b"\x1b$1!0!!0#\x1b(B"))
    assert eacc.encoding == "marc-8"
    assert title(eacc) == "一七"


def test_marc8_that_cannot_be_read_is_said() -> None:
    result = reading(marc21(b"Soci\xe2et\x1b\xe2e, \x1b$1!0!!0#!\x1b(B"))
    assert codes(result) == ["characters-replaced"]
    assert result.findings[0].field == "245"


def test_windows_1251_by_declaration_only() -> None:
    text = "Основы гидравлического расчета"
    data = marc21(text.encode("cp1251"), language=b"rus")
    assert title(reading(data, "cp1251")) == text
    assert title(reading(data)) == text  # 008 declares Russian
    rusmarc = cnmarc(text.encode("cp1251"), "0189").replace(b"chiy", b"rusy").replace(b"\x1faCN", b"\x1faRU")
    result = reading(rusmarc)
    assert (title(result), codes(result)) == (text, [])


def test_half_a_character_is_replaced_and_located() -> None:
    for encoding in ("utf-8", "gb18030"):
        note = "第3次印刷，书末有附录".encode(encoding)[:-1]
        data = cnmarc(TITLE.encode(encoding), "50  " if encoding == "utf-8" else "0120", note)
        result = reading(data)
        assert result.encoding == encoding
        assert codes(result) == ["characters-replaced"]
        finding = result.findings[0]
        assert finding.field == "300"
        half = 2 if encoding == "utf-8" else 1
        assert finding.byte == data.index(note) + len(note) - half
        assert result.marc is not None
        field = result.marc.first("300")
        assert field is not None
        assert field.get("a") == "第3次印刷，书末有附\ufffd"
        assert title(result) == TITLE


def test_a_field_in_another_encoding() -> None:
    result = reading(cnmarc(TITLE.encode("gb18030") * 4, note="本书介绍中国文学史与戏剧、小说的发展，𠮷".encode()))
    note = "本书介绍中国文学史与戏剧、小说的发展，𠮷"
    assert result.marc is not None
    field = result.marc.first("300")
    assert field is not None
    if "field-other-encoding" in codes(result):
        assert field.get("a") == note
    else:  # valid as GB18030 too: then nothing tells it apart
        assert note.encode().decode("gb18030") == field.get("a")


def test_text_is_composed() -> None:
    assert title(reading(marc21("Socie\u0301te\u0301".encode(), "a"))) == "Société"


def test_names_of_encodings() -> None:
    assert {canonical(name) for name in ("GBK", "gb2312", "CP936", "GB18030", "gb_18030")} == {"gb18030"}
    assert canonical("UTF8") == canonical("utf-8-sig") == "utf-8"
    assert {canonical(name) for name in ("Big5", "cp950", "Big5-HKSCS")} == {"big5hkscs"}  # the widest of them
    assert canonical("MARC8") == "marc-8"
    assert canonical("klingon") == ""

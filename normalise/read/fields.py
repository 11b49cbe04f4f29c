"""Fields of ISO 2709 from their text: indicators, subfields, and what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from schemas.marc import MarcField
from schemas.quality import Finding

CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\x1e\x1f") + b"\x7f"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1d\x7f\x80-\x9f]")
_BREAK = re.compile(r"[\t\r\n]+")
C1 = re.compile(rb"\xc2[\x80-\x9f]")  # control characters 80-9F in UTF-8
ODD_CODE = re.compile(rb"\x1f(?:[^!-~]|\Z)")
_subfields = re.compile("\x1f(.)([^\x1f]*+)", re.DOTALL).findall
Place = Callable[[int], int]  # of the index of a field: the byte it begins at; worked out only for findings


def fields(tags: list[str], texts: list[str], odd: bool, place: Place, findings: list[Finding]) -> list[MarcField]:
    """Fields from their contents without terminators.

    `odd` says that a subfield code of the record is missing or no graphic character of ASCII (`ODD_CODE` finds it).
    """
    made = []
    for index, (tag, text) in enumerate(zip(tags, texts, strict=True)):
        if tag[:2] == "00":
            made.append(MarcField(tag, text))
        elif text.find("\x1f") == 2 and not odd:
            made.append(MarcField(tag, "", text[:2], _subfields(text, 2)))
        else:
            parts = text.split("\x1f")
            made.append(_odd(tag, parts.pop(0), parts, place(index), findings))
    if odd:
        _mend_codes(made, place, findings)
    return made


def _odd(tag: str, first: str, parts: list[str], byte: int, findings: list[Finding]) -> MarcField:
    """A field whose indicators are not two characters, that has no subfield, or one without code."""
    if not parts:
        if not tag.isdigit():  # local control fields: FMT, SYS, LKR ...
            return MarcField(tag, first)
        code = "no-subfields" if first.strip() else "empty-field"
        findings.append(Finding(code, field=tag, byte=byte))
        return MarcField(tag, "", (first[:2] + "  ")[:2], [("a", first[2:])] if first[2:].strip() else [])
    subfields = [(part[0], part[1:]) for part in parts if part]
    if len(subfields) != len(parts):
        findings.append(Finding("bad-subfield-code", field=tag, byte=byte, args={"value": ""}))
    if len(first) != 2:
        findings.append(Finding("bad-indicators", field=tag, byte=byte, args={"value": first[:20]}))
        if len(first.strip()) > 3:  # text stands where the first delimiter is missing
            subfields.insert(0, ("a", first[2:]))
    return MarcField(tag, "", (first[:2] + "  ")[:2], subfields)


def _mend_codes(made: list[MarcField], place: Place, findings: list[Finding]) -> None:
    """Codes beyond ASCII lose their diacritic (á is a slip for a); others that are no graphic character stay, and are reported."""
    for index, one in enumerate(made):
        for number, (code, value) in enumerate(one.subfields):
            if not "!" <= code <= "~":
                findings.append(Finding("bad-subfield-code", field=one.tag, byte=place(index), args={"value": code}))
                base = unicodedata.normalize("NFD", code)[0]
                if base.isascii() and base.isalnum():
                    one.subfields[number] = (base, value)


def clean(text: str, tag: str, place: Callable[[], int], findings: list[Finding]) -> str:
    """The text without control characters, line breaks as blanks."""
    bad = _CONTROL.findall(text)
    if bad:
        findings.append(Finding("control-characters", field=tag, byte=place(), args={"count": str(len(bad))}))
        text = _CONTROL.sub("", text)
    return _BREAK.sub(" ", text)


def mended(text: str, tag: str, findings: list[Finding]) -> str:
    """`clean` and NFC for a text without a place, as the parser of XML or JSON gives it; at no cost where there is nothing to do."""
    if text.isprintable():
        return text
    return unicodedata.normalize("NFC", clean(text, tag, lambda: -1, findings))

"""Small tools that every crosswalk uses: fields by tag, texts trimmed, embedded fields unfolded."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from schemas.marc import MarcField
from schemas.quality import Finding

ByTag = dict[str, list[MarcField]]
Findings = list[Finding]

NONE: list[MarcField] = []
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160), 173, *range(8203, 8208), 65279)) | {
    0x09: " ",
    0x0A: " ",
    0x0D: " ",
    0xA0: " ",
    0x3000: " ",
}
# ISBD punctuation that prescribes the next element (MARC 21 keeps it at the end of subfields), also in its Chinese forms.
_EDGE = " \t/:;,=，；：、"


def index(fields: list[MarcField]) -> ByTag:
    """The fields of a record by tag, in their order."""
    found: ByTag = {}
    for field in fields:
        tag = field.tag
        if tag in found:
            found[tag].append(field)
        else:
            found[tag] = [field]
    return found


def blocks(fields: list[MarcField]) -> ByTag:
    """The same by the first character of their tags: blocks 3XX, 4XX ... of the format."""
    found: ByTag = {}
    for field in fields:
        block = field.tag[:1]
        if block in found:
            found[block].append(field)
        else:
            found[block] = [field]
    return found


def tidy(text: str) -> str:
    """NFC, without control and non-sorting characters, with single spaces at most at its inner places; trimmed."""
    if text.isalnum() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text  # one word, or Chinese without punctuation: most of what there is
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if "  " in text:
        text = " ".join(text.split())
    return text.strip()


def clean(text: str) -> str:
    """`tidy` without ISBD punctuation at either end; a final full stop goes unless it ends an initial or an ellipsis."""
    if not text or (text.isalnum() and (text.isascii() or unicodedata.is_normalized("NFC", text))):
        return text
    return _cleaned(text)


@lru_cache(maxsize=16384)
def _cleaned(text: str) -> str:
    text = tidy(text).strip(_EDGE)
    if text.endswith(".") and not text.endswith("..") and not _abbreviated(text):
        return text[:-1].rstrip(_EDGE)
    return text


def _abbreviated(text: str) -> bool:
    last = text[:-1].rsplit(" ", 1)[-1].rsplit(".", 1)[-1]
    if len(last) == 1:
        return last.isalpha() and last < "\u2e80"  # an initial; Chinese characters abbreviate nothing
    return last.lower() in _SHORT


_SHORT = {
    "ed",
    "eds",
    "vol",
    "pt",
    "no",
    "jr",
    "sr",
    "inc",
    "ltd",
    "co",
    "etc",
    "rev",
    "st",
    "dr",
    "cm",
    "p",
    "mm",
    "al",
    "изд",
    "испр",
    "доп",
    "перераб",
    "ил",
    "aufl",
    "éd",
}


def first(by: ByTag, tag: str, code: str) -> str:
    """The first non-empty subfield of a tag, cleaned, or an empty string."""
    for field in by.get(tag, NONE):
        for name, value in field.subfields:
            if name == code and value:
                return clean(value)
    return ""


def fixed_field(by: ByTag, tag: str) -> str:
    """The text of a control field, or of $a of a coded data field, untrimmed."""
    for field in by.get(tag, NONE):
        return field.value or field.get("a")
    return ""


def embedded(field: MarcField) -> list[MarcField]:
    """The fields inside a UNIMARC linking entry field (4XX): `$12001 $aTitle` and `$1001 control number`.

    Without $1 (the standard subfields technique) the entry itself is returned, as if it were a 200 field.
    """
    if not any(code == "1" for code, _ in field.subfields):
        return [MarcField("200", subfields=[("a" if c == "t" else c, v) for c, v in field.subfields])]
    inner: list[MarcField] = []
    for code, value in field.subfields:
        if code == "1":
            tag = value[:3]
            if tag < "010":
                inner.append(MarcField(tag, value=value[3:].strip()))
            else:
                inner.append(MarcField(tag, indicators=value[3:5].ljust(2), subfields=[]))
        elif inner and not inner[-1].value:
            inner[-1].subfields.append((code, value))
    return inner


def texts(by: ByTag, tag: str, codes: str) -> Iterator[str]:
    """Cleaned, non-empty values of the given subfields of every field of a tag."""
    for field in by.get(tag, NONE):
        for name, value in field.subfields:
            if name in codes and (text := clean(value)):
                yield text


def note(findings: Findings, code: str, field: str = "", **args: str) -> None:
    """Record a fault. Values are shortened: findings are shown in tables."""
    findings.append(Finding(code, field, args={k: v[:80] for k, v in args.items()}))

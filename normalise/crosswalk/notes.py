"""Notes and links."""

from __future__ import annotations

from typing import Literal

from normalise.fields import NONE, ByTag, tidy
from schemas.bib import Link, Note
from schemas.marc import MarcField

NoteKind = Literal["general", "abstract", "contents", "edition", "dissertation", "frequency", "copy", "audience"]
_UNIMARC: dict[str, NoteKind] = {
    "300": "general", "301": "general", "302": "general", "303": "general", "304": "general", "305": "edition", "306": "general", "307": "general",
    "308": "general", "310": "copy", "311": "general", "312": "general", "313": "general", "314": "general", "315": "general", "316": "copy",
    "317": "copy", "318": "copy", "320": "general", "321": "general", "324": "edition", "326": "frequency", "327": "contents", "328": "dissertation",
    "330": "abstract", "333": "audience", "336": "general", "337": "general",
}  # fmt: skip
_MARC21: dict[str, NoteKind] = {
    "500": "general", "501": "general", "502": "dissertation", "504": "general", "505": "contents", "506": "general", "508": "general",
    "511": "general", "515": "general", "518": "general", "520": "abstract", "521": "audience", "525": "general", "530": "general",
    "533": "general", "534": "edition", "535": "copy", "538": "general", "546": "general", "550": "general", "561": "copy", "562": "copy",
    "563": "copy", "580": "general", "583": "copy", "588": "general", "590": "copy", "310": "frequency", "321": "frequency", "362": "general",
}  # fmt: skip


def unimarc(fields: list[MarcField]) -> list[Note]:
    """`fields` of block 3XX."""
    return _notes(fields, _UNIMARC, "abcdefgtz")


def marc21(fields: list[MarcField]) -> list[Note]:
    """`fields` of the blocks 5XX and 3XX (frequency, numbering); $5 (institution) and control subfields are left out."""
    return _notes(fields, _MARC21, "abcdegortnp")


def _notes(fields: list[MarcField], kinds: dict[str, NoteKind], codes: str) -> list[Note]:
    found = []
    for field in fields:
        kind = kinds.get(field.tag)
        if kind is None:
            continue
        if len(field.subfields) == 1:
            text = tidy(field.subfields[0][1]) if field.subfields[0][0] in codes else ""
        else:
            text = " ".join([t for code, value in field.subfields if code in codes and (t := tidy(value))])
        if text:
            found.append(Note(text, kind))
    return found


def links(by: ByTag) -> list[Link]:
    """856 $u with what is said of it ($3 materials, $y text, $z note)."""
    found = []
    for field in by.get("856", NONE):
        label = next((t for code in "3yz" if (t := tidy(field.get(code)))), "")
        found += [Link(url, label) for value in field.all("u") if (url := value.strip())]
    return found

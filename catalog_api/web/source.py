"""A source record as lines of a table: a MARC field, an element of Dublin Core or MODS, a column of a CSV."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from lxml import etree

from catalog_api.web.labels import tag_label
from normalise.read import Reading
from schemas.marc import MarcField, MarcRecord
from schemas.text import Text

_LONGEST = 4000  # characters of one value


@dataclass(frozen=True, slots=True)
class Line:
    """`parts` are subfield code and value; of a control field, an element or a cell there is one, without a code."""

    tag: str
    name: Text | None
    indicators: str
    parts: list[tuple[str, str]]


# What libraries keep to themselves in MARC: copies and their notes (the record page shows those that are public), and whatever a
# system writes into 9XX. Notes of origin and treatment are private where the first indicator is 0 (MARC 21, 541, 542, 561, 583).
_OWN = re.compile(r"9..|85[2-5]|86[3-8]|87[6-8]|AV.|HOL|ITM|LKR|CAT|OWN|STA", re.I)
_PRIVATE_BY_INDICATOR = frozenset({"541", "542", "561", "583"})
_NONPUBLIC_NOTE = frozenset({"583", "856"})  # $x in both MARC 21 and UNIMARC


def lines(reading: Reading, *, staff: bool = False) -> list[Line]:
    """All of it for staff; without the fields that were never meant for the public for others."""
    if reading.marc is not None:
        return _marc(reading.marc if staff else _public(reading.marc))
    if reading.element is not None:
        return _elements(reading.element)
    return [Line(name, None, "", [("", cell[:_LONGEST])]) for name, cell in (reading.row or {}).items() if cell]


def _public(record: MarcRecord) -> MarcRecord:
    shown = [
        field
        for field in record.fields
        if not _OWN.fullmatch(field.tag)
        and not (field.tag in _PRIVATE_BY_INDICATOR and record.schema == "marc21" and field.indicators[:1] == "0")
    ]
    kept = [
        msgspec.structs.replace(f, subfields=[s for s in f.subfields if s[0] != "x"]) if f.tag in _NONPUBLIC_NOTE else f
        for f in shown
    ]
    return msgspec.structs.replace(record, fields=kept)


def _marc(record: MarcRecord) -> list[Line]:
    leader = Line("LDR", Text("头标区", "Leader"), "", [("", record.leader)])
    return [leader, *(_field(record.schema, field) for field in record.fields)]


def _field(schema: str, field: MarcField) -> Line:
    name = tag_label(schema, field.tag)
    if not field.subfields:
        return Line(field.tag, name, "", [("", field.value[:_LONGEST])])
    parts = [(code, value[:_LONGEST]) for code, value in field.subfields]
    return Line(field.tag, name, field.indicators.replace(" ", "#"), parts)


def _elements(root: etree._Element) -> list[Line]:
    """Elements with a text of their own, each named by its path below the root; attributes that say something come after."""
    found = []
    for element in root.iter(etree.Element):
        text = (element.text or "").strip()
        if not text:
            continue
        names = [_name(element.tag)]
        for above in element.iterancestors():
            if element is root or above is root:
                break
            names.append(_name(above.tag))
        marks = [("@", f"{_name(key)}={value!s}"[:_LONGEST]) for key, value in element.attrib.items()]
        found.append(Line("/".join(reversed(names)), None, "", [("", text[:_LONGEST]), *marks]))
    return found


def _name(tag: object) -> str:
    """A name of XML without its namespace."""
    return str(tag).rpartition("}")[2]

"""A source record as lines of a table: a MARC field, an element of Dublin Core or MODS, a column of a CSV."""

from __future__ import annotations

from dataclasses import dataclass

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


def lines(reading: Reading) -> list[Line]:
    if reading.marc is not None:
        return _marc(reading.marc)
    if reading.element is not None:
        return _elements(reading.element)
    return [Line(name, None, "", [("", cell[:_LONGEST])]) for name, cell in (reading.row or {}).items() if cell]


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

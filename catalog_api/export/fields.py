"""MARC fields in the making, and records as ISO 2709 (GB/T 2901) and MARCXML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree
from pymarc import Field, Indicators, Leader, Record, Subfield

SLIM = "http://www.loc.gov/MARC21/slim"
_SUBFIELD_BYTES = 9_000
_FIELD_BYTES = 9_900  # the directory has four digits for the length of a field,
_RECORD_BYTES = 99_000  # and the leader five for that of a record
_TITLES = ("200", "245")
_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


class Fields:
    """Collects the fields of one record; empty subfields and fields without any are left out."""

    def __init__(self) -> None:
        self._fields: list[Field] = []

    def control(self, tag: str, value: str) -> None:
        if value:
            self._fields.append(Field(tag, data=_cut(_CONTROLS.sub(" ", value))))

    def add(self, tag: str, indicators: str, *subfields: tuple[str, str]) -> None:
        kept = [
            Subfield(code, _cut(_CONTROLS.sub(" ", value)))
            for code, value in subfields
            if value and not value.isspace()
        ]
        if sum(len(s.value) * 4 + 2 for s in kept) > _FIELD_BYTES:
            kept = _fitting(kept)
        if kept:
            self._fields.append(Field(tag, Indicators(indicators[0], indicators[1]), kept))

    def record(self, leader: str, *, unicode_flag: bool, spare: tuple[str, ...]) -> Record:
        """In the order of tags. Where the record would be too long for ISO 2709, fields of the `spare` tags are left out, last first."""
        ordered = sorted(self._fields, key=lambda f: f.tag)
        size = sum(_size(f) for f in ordered) + 26
        for tag in spare:
            while size > _RECORD_BYTES and (at := _last(ordered, tag)) is not None:
                size -= _size(ordered.pop(at))
        while size > _RECORD_BYTES:  # the longest of the others, but never the title
            longest = max((f for f in ordered if not f.control_field and f.tag not in _TITLES), key=_size)
            size -= _size(longest)
            ordered.remove(longest)
        record = Record(leader=leader, to_unicode=unicode_flag, force_utf8=True)
        record.fields = ordered
        record.leader = Leader(leader)  # pymarc's constructor writes `a` into leader/09 and 4500 at the end
        return record


def _last(fields: list[Field], tag: str) -> int | None:
    return next((at for at in range(len(fields) - 1, -1, -1) if fields[at].tag.startswith(tag)), None)


def _size(field: Field) -> int:
    return len(field.as_marc("utf-8")) + 12


def _fitting(subfields: list[Subfield]) -> list[Subfield]:
    """As many of them as a field has room for, the last one cut."""
    kept: list[Subfield] = []
    room = _FIELD_BYTES
    for subfield in subfields:
        if room < 8:
            break
        value = _cut(subfield.value, room - 2)
        room -= 2 + len(value.encode())
        kept.append(Subfield(subfield.code, value))
    return kept


def _cut(value: str, room: int = _SUBFIELD_BYTES) -> str:
    """The value, or as much of it as there is room for."""
    if len(value) * 4 <= room or len(encoded := value.encode()) <= room:
        return value
    return encoded[: room - 3].decode(errors="ignore") + "…"


def iso2709(record: Record) -> bytes:
    found: bytes = record.as_marc()
    return found


def marcxml(record: Record) -> bytes:
    """One `record` element in the namespace of MARCXML, without declaration."""
    root = etree.Element(f"{{{SLIM}}}record", nsmap={None: SLIM})  # type: ignore[dict-item]  # the stubs know no default namespace
    etree.SubElement(root, f"{{{SLIM}}}leader").text = str(record.leader)
    for field in record.fields:
        if field.control_field or field.indicators is None:
            etree.SubElement(root, f"{{{SLIM}}}controlfield", tag=field.tag).text = field.data
            continue
        first, second = field.indicators
        node = etree.SubElement(root, f"{{{SLIM}}}datafield", tag=field.tag, ind1=first, ind2=second)
        for subfield in field.subfields:
            etree.SubElement(node, f"{{{SLIM}}}subfield", code=subfield.code).text = subfield.value
    return bytes(etree.tostring(root, encoding="utf-8"))


def collection(records: Iterable[bytes]) -> Iterable[bytes]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{SLIM}">\n'.encode()
    for record in records:
        yield record + b"\n"
    yield b"</collection>\n"

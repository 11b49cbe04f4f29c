"""The structure that ISO 2709, MARCXML and MARC-in-JSON have in common."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

MarcSchema = Literal["cnmarc", "unimarc", "marc21"]


class MarcField(msgspec.Struct, array_like=True, gc=False):
    """A control field (`subfields` empty, `value` set) or a data field (`indicators` two characters, `subfields` in their order)."""

    tag: str
    value: str = ""
    indicators: str = "  "
    subfields: list[tuple[str, str]] = []

    def get(self, code: str) -> str:
        """The first subfield of that code, or an empty string."""
        for name, value in self.subfields:
            if name == code:
                return value
        return ""

    def all(self, codes: str) -> list[str]:
        """The values of every subfield whose code is in `codes`, in the field's order."""
        return [value for name, value in self.subfields if name in codes]


class MarcRecord(msgspec.Struct, gc=False):
    """A decoded record: leader of 24 characters, fields in the record's order."""

    leader: str
    fields: list[MarcField]
    schema: MarcSchema = "marc21"
    encoding: str = "utf-8"  # the one that was used to decode

    def each(self, *tags: str) -> Iterator[MarcField]:
        for field in self.fields:
            if field.tag in tags:
                yield field

    def first(self, tag: str) -> MarcField | None:
        for field in self.fields:
            if field.tag == tag:
                return field
        return None

    def value(self, tag: str) -> str:
        """The text of the first control field of that tag, or an empty string."""
        field = self.first(tag)
        return field.value if field else ""

"""The embedded index: its fields, and the one writer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy

from catalog_api.search.document import KEY_FIELDS, LAYOUT, TEXT_FIELDS, IndexDocument
from catalog_api.search.folder import IndexFolder, State

FACET_FIELDS = (
    "type", "carrier", "system", "system_staff", "city", "city_staff", "member", "member_staff", "clc", "decade", "language",
    "subjects", "authors", "serieses", "available", "available_staff", "collection",
)  # fmt: skip
_HEAP = 160_000_000
_THREADS = 2
_LISTS = (
    *KEY_FIELDS, "system", "system_staff", "city", "city_staff", "member", "member_staff", "clc", "language",
    "subjects", "authors", "serieses", "collection",
)  # fmt: skip
_SINGLES = ("type", "carrier", "decade", "title_sort")


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    for field in TEXT_FIELDS:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    for field in (*KEY_FIELDS, "public"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in (*FACET_FIELDS, "title_sort"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic", fast=True)
    for field in ("year", "held", "updated"):
        builder.add_integer_field(field, indexed=True, fast=True)
    builder.add_float_field("weight", fast=True)
    builder.add_bytes_field("body", stored=True)
    builder.add_bytes_field("body_staff", stored=True)
    return builder.build()


def fields_of(document: IndexDocument) -> dict[str, Any]:
    """What tantivy stores; empty fields are left out."""
    fields: dict[str, Any] = {
        "id": document.id,
        "body": document.body,
        "held": document.held,
        "updated": document.updated,
        "weight": 1.0 + math.log1p(document.held) / 8,
    }
    for name in TEXT_FIELDS:
        if value := getattr(document, name):
            fields[name] = value
    for name in _LISTS:
        if value := getattr(document, name):
            fields[name] = value
    for name in _SINGLES:
        if value := getattr(document, name):
            fields[name] = value
    if document.public:
        fields["public"] = "yes"
    if document.available:
        fields["available"] = "yes"
    if document.available_staff:
        fields["available_staff"] = "yes"
    if document.year is not None:
        fields["year"] = document.year
    if document.body_staff:
        fields["body_staff"] = document.body_staff
    return fields


class TantivyWriter:
    """Writes to the index in use, or to a new one. A new one takes the old one's place when it is whole (`publish`); where there is no
    old one, after its first commit."""

    def __init__(self, files: IndexFolder, origin: str, *, rebuild: bool) -> None:
        self._files = files
        self._origin = origin
        self._schema = schema()
        current = files.current()
        old = current if current is not None and files.state(current).usable else None
        self._folder: Path = old if old is not None and not rebuild else files.create()
        self._published = self._folder == old
        self._at_once = old is None
        self._put: _Seen | None = None if self._published else _Seen()
        index = tantivy.Index(self._schema, str(self._folder))
        self._writer = index.writer(_HEAP, _THREADS)

    def put(self, documents: Iterable[IndexDocument]) -> None:
        add, make, remove = self._writer.add_document, tantivy.Document.from_dict, self._writer.delete_documents_by_term
        for document in documents:
            # deleting costs as much as a third of adding, and nearly everything is new to a new index
            if self._put is None or self._put.again(document.id):
                remove("id", document.id)
            add(make(fields_of(document), self._schema))

    def delete(self, ids: Iterable[int]) -> None:
        for each in ids:
            self._writer.delete_documents_by_term("id", each)

    def commit(self, seq: int) -> None:
        self._writer.commit()
        self._files.save_state(self._folder, State(seq, self._origin, LAYOUT))
        if self._at_once and not self._published:
            self._publish()

    def publish(self) -> None:
        self._writer.wait_merging_threads()
        if not self._published:
            self._publish()
        self._files.prune(self._folder)

    def _publish(self) -> None:
        self._files.publish(self._folder)
        self._published = True

    def close(self) -> None:
        # dropping the writer lets go of its lock; what was not committed is forgotten
        del self._writer


class _Seen:
    """Ids met before, a bit each: ids are given in sequence."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def again(self, id: int) -> bool:
        """Whether the id was asked about before."""
        at, bit = id >> 3, 1 << (id & 7)
        if at >= len(self._bits):
            self._bits.extend(bytes(at + 65536 - len(self._bits)))
        met = bool(self._bits[at] & bit)
        self._bits[at] |= bit
        return met

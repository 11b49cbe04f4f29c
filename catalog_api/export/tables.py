"""Exports as tables and as JSON lines."""

from __future__ import annotations

import csv
import io
import re

import msgspec

from catalog_api.export.entry import (
    Entry,
    creators,
    isbns,
    issns,
    place,
    publisher,
    translators,
    whole_title,
    year,
)
from catalog_api.search.documents import type_of

COLUMNS = (
    "id", "url", "title", "responsibility", "authors", "translators", "edition", "place", "publisher", "year", "extent", "series", "isbn", "issn",
    "type", "languages", "classes", "subjects", "members", "copies", "available", "call_numbers", "member", "local_id",
)  # fmt: skip
# A spreadsheet runs a cell that begins so as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")  # a line break in a cell, and what a terminal would obey
_encode = msgspec.json.Encoder().encode


def csv_head() -> bytes:
    """The row of names. A byte order mark before it lets Excel read Chinese."""
    return "\ufeff".encode() + _row(list(COLUMNS))


def csv_line(entry: Entry) -> bytes:
    bib, title = entry.bib, entry.bib.title
    calls = dict.fromkeys(f"{h.member} {h.call_number}" for h in entry.holdings if h.call_number)
    values = [
        str(entry.id), entry.url, whole_title(bib), title.responsibility if title else "", "; ".join(a.name for a in creators(bib)),
        "; ".join(a.name for a in translators(bib)), bib.edition.text if bib.edition else "", place(bib), publisher(bib), year(bib),
        bib.extent.text if bib.extent else "", "; ".join(s.title for s in bib.series), "; ".join(isbns(bib)), "; ".join(issns(bib)), type_of(bib),
        "; ".join(bib.languages), "; ".join(c.value for c in bib.classes), "; ".join("--".join(s.parts) for s in bib.subjects),
        "; ".join(entry.members), str(sum(max(h.copies, len(h.items)) for h in entry.holdings)),
        str(sum(i.status == "available" for h in entry.holdings for i in h.items)), "; ".join(calls), entry.member, entry.local_id,
    ]  # fmt: skip
    return _row([guarded(_CONTROLS.sub(" ", value)) for value in values])


def guarded(value: str) -> str:
    """The value with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value


def _row(values: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue().encode()


def json_line(entry: Entry) -> bytes:
    """The entry as it is in the store, one line of JSON."""
    return _encode(entry) + b"\n"

"""专题目录: which named selections a description belongs to. The selections are data, in `collections.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from catalog_api.search.labels import table
from schemas.bib import BibRecord
from schemas.text import Text


class Collection(msgspec.Struct, frozen=True):
    code: str
    name: Text
    guji: bool = False
    thesis: bool = False
    lendable: bool = False
    classes: tuple[str, ...] = ()
    locations: re.Pattern[str] | None = None
    subjects: re.Pattern[str] | None = None

    def holds(self, bib: BibRecord, classes: Iterable[str], locations: str, headings: str, lendable: bool) -> bool:
        return bool(
            (self.guji and bib.guji)
            or (self.thesis and bib.thesis)
            or (self.lendable and lendable)
            or (self.classes and any(c.startswith(self.classes) for c in classes))
            or (self.locations and locations and self.locations.search(locations))
            or (self.subjects and headings and self.subjects.search(headings))
        )


@cache
def collections() -> tuple[Collection, ...]:
    """Every collection, in the order of the file."""
    return tuple(
        Collection(
            code,
            Text(row["name"]["zh"], row["name"]["en"]),
            row.get("guji", False),
            row.get("thesis", False),
            row.get("lendable", False),
            tuple(row.get("classes", ())),
            _any_of(row.get("locations", ())),
            _any_of(row.get("subjects", ())),
        )
        for code, row in table("collections.toml").items()
    )


def _any_of(words: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(map(re.escape, words))) if words else None


def collections_of(bib: BibRecord, locations: Iterable[str] = (), *, lendable: bool = False) -> list[str]:
    """Codes of the collections a description belongs to; `locations` are shelving locations of its copies as libraries write them."""
    classes = [c.value.upper() for c in bib.classes if c.scheme == "clc"]
    shelves = "\n".join(locations)
    headings = "\n".join(part for subject in bib.subjects for part in subject.parts)
    return [c.code for c in collections() if c.holds(bib, classes, shelves, headings, lendable)]

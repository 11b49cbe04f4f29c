"""The last steps that every format shares: what a title swallowed, the level, the script, 古籍."""

from __future__ import annotations

from typing import Literal

from normalise.crosswalk.coded import is_guji, level
from normalise.crosswalk.parts import is_collective
from normalise.crosswalk.titles import refine, take_subtitle
from normalise.fields import Findings, note
from normalise.text import compact, script
from schemas.bib import BibRecord


def finish(
    bib: BibRecord, leader: str, hierarchy: str, findings: Findings, *, guji_flags: bool = False, loose: bool = False
) -> None:
    """Complete a description whose fields are filled. `leader` may be empty for formats without one."""
    title = bib.title
    if title is not None and title.kind == "main":
        bib.script = script(title.text) or _script_elsewhere(bib)
        serial = leader[7:8] in ("s", "i") or bib.level == "serial"
        bib.guji = not serial and is_guji(bib, guji_flags)
        if not serial and not bib.guji and bib.script != "latn":
            _swallowed(bib, findings, loose)
        elif not serial and not bib.guji:
            if loose:
                _swallowed(bib, findings, loose)
            elif not title.subtitle:
                take_subtitle(title, loose=False)
        collective = bool(title.part_number) and is_collective(title.part_number)
        if collective:
            title.part_number = ""
        _number_from_set(bib)
    else:
        collective = False
        bib.guji = is_guji(bib, guji_flags)
    if bib.level != "serial" or leader:
        bib.level = level(leader, bib, hierarchy, collective)
    if not bib.languages and bib.source_format != "csv":
        note(findings, "language-missing")


def _script_elsewhere(bib: BibRecord) -> Literal["", "hans", "hant", "latn", "other"]:
    """The script of a title whose characters are the same in both, by what stands beside it."""
    title = bib.titles[0]
    publisher = bib.publication[0].publisher if bib.publication else ""
    return script(" ".join((title.subtitle, title.responsibility, publisher))) or (
        "hans" if bib.country == "CN" else ""
    )


def _swallowed(bib: BibRecord, findings: Findings, loose: bool) -> None:
    title = bib.titles[0]
    before = (title.text, title.part_number)
    edition, series = refine(title, bib.series, loose=loose)
    if edition is not None:
        note(findings, "edition-in-title", value=edition.text)
        if bib.edition is None or (
            bib.edition.number is None and edition.number is not None and bib.edition.text in ("", "修订本")
        ):
            bib.edition = edition
    if series is not None and compact(series.title) not in {compact(s.title) for s in bib.series}:
        bib.series = [*bib.series, series]
    if title.part_number and title.part_number != before[1]:
        note(findings, "part-in-title", value=before[0])


def _number_from_set(bib: BibRecord) -> None:
    """The part's number where only the link to the set, or the series of the same title, tells it (461$v, 225$v)."""
    title = bib.titles[0]
    if title.part_number or not (bib.relations or bib.series):
        return
    key = compact(title.text)
    for relation in bib.relations:
        if relation.kind == "set" and relation.number and compact(relation.title) == key:
            title.part_number = relation.number
            return
    for series in bib.series:
        if series.number and compact(series.title) == key:
            title.part_number = series.number
            return

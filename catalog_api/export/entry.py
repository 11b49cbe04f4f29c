"""What an export writes one of: an edition with its holdings, or one library's record of it."""

from __future__ import annotations

import msgspec

from schemas.bib import Agent, BibRecord
from schemas.holding import Holding


class Entry(msgspec.Struct, kw_only=True):
    """`url` is the permalink of the edition; `member` and `local_id` are set for one library's record."""

    id: int
    url: str
    bib: BibRecord
    datestamp: str = ""  # ISO 8601, UTC
    members: list[str] = []
    holdings: list[Holding] = []
    member: str = ""
    local_id: str = ""


def by_role(bib: BibRecord, *roles: str) -> list[Agent]:
    return [a for a in bib.agents if a.role in roles]


def creators(bib: BibRecord) -> list[Agent]:
    """Who is responsible in the first place: authors, else those marked as primary, else editors and compilers."""
    authors = [a for a in bib.agents if a.role in ("aut", "cre") or (a.primary and a.role in ("", "aut"))]
    return authors or [a for a in bib.agents if a.primary] or by_role(bib, "edt", "cmp")


def translators(bib: BibRecord) -> list[Agent]:
    return by_role(bib, "trl")


def editors(bib: BibRecord) -> list[Agent]:
    first = {id(a) for a in creators(bib)}
    return [a for a in by_role(bib, "edt", "cmp") if id(a) not in first]


def whole_title(bib: BibRecord, *, between: str = " : ", before_part: str = ". ") -> str:
    """The title with its subtitle after `between` and its part after `before_part`."""
    title = bib.title
    if title is None:
        return ""
    text = " ; ".join([title.text, *title.others])
    if title.subtitle:
        text += between + title.subtitle
    parts = " ".join(p for p in (title.part_number, title.part_name) if p)
    return f"{text}{before_part}{parts}" if parts else text


def place(bib: BibRecord) -> str:
    return next((p.place for p in bib.publication if p.place), "")


def publisher(bib: BibRecord) -> str:
    return next((p.publisher for p in bib.publication if p.publisher), "")


def year(bib: BibRecord) -> str:
    found = next((p for p in bib.publication if p.year), None)
    if found is None:
        return ""
    return f"{found.year}-{found.year_end}" if found.year_end and found.year_end != found.year else str(found.year)


def isbns(bib: BibRecord) -> list[str]:
    return list(dict.fromkeys(i.value for i in bib.identifiers if i.kind == "isbn" and i.valid))


def issns(bib: BibRecord) -> list[str]:
    return list(dict.fromkeys(i.value for i in bib.identifiers if i.kind == "issn" and i.valid))


def abstract(bib: BibRecord) -> str:
    return next((n.text for n in bib.notes if n.kind == "abstract"), "")

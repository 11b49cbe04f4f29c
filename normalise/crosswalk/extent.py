"""Extent: pages of the main sequence, volumes, size; and what the extent says about the carrier."""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.fields import NONE, ByTag, Findings, clean, note, tidy
from normalise.numerals import number
from schemas.bib import Extent

_LONGEST = 300  # characters of an extent that are looked at: the patterns try every beginning with every end
_ce = re.compile(
    r"(?<![第0-9])[全共]?\s*([0-9]+|[一二三四五六七八九十百]+)\s*(?:分?[册冊本]|v(?:ol(?:ume)?s?)?\b)", re.IGNORECASE
).search
_paged = re.compile(
    r"([0-9ⅰ-ⅿⅠ-Ⅿa-zA-Z,，、.+;；\[\]()\s\-—&]*?[0-9]\]?)\s*(?:余|餘)?\s*(?:[页頁面叶葉版]|pp?\b|pages?\b|S\.|с\.|str\b|leaves\b|ℓ)",
    re.IGNORECASE,
).search
_number = re.compile(r"(?<![0-9A-Za-z])[\[(]?([0-9]{1,5})[\])]?(?![0-9]|cm|mm|公分)")
_bare = re.compile(r"^[\sivxlcIVXLC0-9,，、\[\]+.]*[0-9]\]?$").match
_unpaged = re.compile(r"各册页码|不分页|unpaged|various pagings?|1 v\. \(", re.IGNORECASE).search
_size = re.compile(
    r"(?:大|小|特大|正)?\s*[0-9]{1,3}(?:\.[0-9]+)?\s*(?:[×x*]\s*[0-9]{1,3}(?:\.[0-9]+)?\s*)?(?:cm|mm|公分|厘米|开|開|吋|英寸|in\b)",
    re.IGNORECASE,
).search


@lru_cache(maxsize=16384)
def measure(text: str) -> tuple[int | None, int | None]:
    """(pages, volumes) of an extent: `12, 352页` (352, None); `3册 (50,23,1942页)` (1942, 3); `xii, 414 p.` (414, None); `680` (680, None).

    Pages are those of the longest Arabic sequence: a comma parts sequences, as cataloguing rules have it (5,200页 is 5 and 200).
    """
    text = tidy(text)[:_LONGEST]
    volumes = None
    if match := _ce(text):
        volumes = number(match[1])
    pages = None
    if match := _paged(text):
        values = [int(n) for n in _number.findall(match[1])]
        pages = max(values, default=None)
    elif _bare(text) and volumes is None:
        values = [int(n) for n in _number.findall(text)]
        pages = max(values, default=None)
    if pages is not None and not 0 < pages < 30000:
        pages = None
    return pages, volumes if volumes is None or 0 < volumes < 20000 else None


def make(text: str, illustrations: str = "", size: str = "", accompanying: str = "") -> Extent | None:
    """An extent of raw texts, or None where all are empty."""
    text, size = clean(text), clean(size)
    if not text and not size and not illustrations:
        return None
    pages, volumes = measure(text) if text else (None, None)
    return Extent(
        text, pages, volumes, clean(illustrations) if illustrations else "", size, clean(accompanying) if accompanying else ""
    )  # fmt: skip


def split(text: str) -> Extent | None:
    """An extent whose size stands in the same text, as in Dublin Core and MODS: `325页 ; 24cm`, `2册(920页); 23cm`."""
    text = tidy(text)
    size = ""
    if match := _size(text[:_LONGEST]):
        size = match.group().strip()
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return make(text, size=size)


def unimarc(by: ByTag, findings: Findings) -> Extent | None:
    """Field 215."""
    made: Extent | None = None
    for field in by.get("215", NONE):
        one = make(
            field.get("a"),
            " ; ".join(filter(None, field.all("c"))),
            field.get("d"),
            " + ".join(filter(None, field.all("e"))),
        )
        made = _joined(made, one)
    return _checked(made, findings, "215$a")


def marc21(by: ByTag, findings: Findings) -> Extent | None:
    """Field 300; $a and $f repeat (`3 v. (xii, 1942 p.)`)."""
    made: Extent | None = None
    for field in by.get("300", NONE):
        text = " ".join(tidy(v) for c, v in field.subfields if c in "afg" and v)
        made = _joined(made, make(text, field.get("b"), field.get("c"), field.get("e")))
    return _checked(made, findings, "300$a")


def _joined(made: Extent | None, more: Extent | None) -> Extent | None:
    if made is None or more is None:
        return made or more
    made.text = "; ".join(t for t in (made.text, more.text) if t)
    made.pages = made.pages or more.pages
    made.volumes = made.volumes or more.volumes
    made.size = made.size or more.size
    return made


def _checked(made: Extent | None, findings: Findings, where: str) -> Extent | None:
    if (
        made
        and made.text
        and made.pages is None
        and made.volumes is None
        and any(c in made.text for c in "页頁面")
        and not _unpaged(made.text)
    ):
        note(findings, "pages-unreadable", where, value=made.text)
    return made

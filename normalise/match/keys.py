"""Blocking keys: two records are compared when they share one.

Every title key carries the part and at least two further components (year, publisher, author, pages), so that no block grows with the
catalogue as a title alone does, and no key has to be cut at a count that depends on what came first. A record emits about ten.

| family | key | finds |
|---|---|---|
| isbn | ISBN-13, set or single | the same number |
| id | ISSN with annual year and part, 统一书号 and other numbers with the number's kind | records before 1987, serials |
| typ | first 12 characters of the title, year, publisher | other spelling of the author |
| tya | first 12 characters, year, first author | other form of the publisher |
| tyn | first 12 characters, year, pages | author and publisher differ |
| tan | first 12 characters, author, pages | year of a printing |
| tap | first 12 characters, author, publisher | year and pages differ |
| words | sorted words of title and subtitle, year, pages or publisher | other order of words, subtitle in the title |
| ayn | author, year, pages | another title, typing errors |
| pyn | start of the pinyin, year, pages | pinyin without characters |
| ptn | publisher, first 4 characters of the title, pages | year differs, no author |
| same | hash of everything | copies of a record that has too little for any other key |
"""

from __future__ import annotations

from hashlib import blake2b
from struct import unpack

from normalise.match.features import FeatureRow


def keys(row: FeatureRow) -> list[int]:
    """The record's keys, signed 64-bit, family hashed in, each once. 古籍 have none: nothing merges them but people's pins."""
    if row.guji:
        return []
    digests = [blake2b(text.encode(), digest_size=8).digest() for text in readable_keys(row)]
    return list(dict.fromkeys(unpack(f"<{len(digests)}q", b"".join(digests))))


def readable_keys(row: FeatureRow) -> list[str]:
    """The same keys before hashing, for explanation and tests."""
    found = [f"isbn|{isbn[:13]}" for isbn in row.isbns]
    found += [f"id|{value}" for value in row.ids]
    found += [f"issn|{issn}|{row.annual}|{row.part}" for issn in row.issns]
    _title_keys(row, found)
    author = row.surnames[0] if row.surnames else ""
    if author and row.year and row.pages:
        found.append(f"ayn|{author}|{row.year}|{row.pages}")
    if not found and row.title:
        found.append(f"same|{row.digest}")  # says too little to be compared with anything but its equal
    return found


def _title_keys(row: FeatureRow, found: list[str]) -> None:
    title = _start(row)
    if not title:
        return
    part = f"{row.part}|{row.annual}" if row.part or row.annual else ""
    year, pages = row.year or row.annual, row.pages
    author = row.surnames[0] if row.surnames else ""
    publisher = _publisher(row.publisher)
    stem = f"{title}|{part}"
    if year:
        if publisher:
            found.append(f"typ|{stem}|{year}|{publisher}")
        found += [f"tya|{stem}|{year}|{surname}" for surname in row.surnames[:2]]
        if pages:
            found.append(f"tyn|{stem}|{year}|{pages}")
        if row.words:
            found.append(f"words|{' '.join(sorted(set(row.words.split())))}|{part}|{year}|{pages or publisher}")
    if author:
        if pages:
            found.append(f"tan|{stem}|{author}|{pages}")
        if publisher:
            found.append(f"tap|{stem}|{author}|{publisher}")
    if publisher and pages:
        found.append(f"ptn|{title[:4]}|{part}|{publisher}|{pages}")
    start = row.pinyin[:16]
    if start and year and pages:
        found.append(f"pyn|{start}|{part}|{year}|{pages}")
    for alt in row.alts[:2]:
        if year and (pages or publisher):
            found.append(
                f"tyn|{alt[:12]}|{part}|{year}|{pages}" if pages else f"typ|{alt[:12]}|{part}|{year}|{publisher}"
            )


_ARTICLES = frozenset(
    [
        "the",
        "a",
        "an",
        "der",
        "die",
        "das",
        "ein",
        "eine",
        "le",
        "la",
        "les",
        "un",
        "une",
        "el",
        "los",
        "las",
        "lo",
        "il",
        "gli",
        "l",
        "i",
        "o",
        "os",
        "as",
        "de",
        "het",
        "een",
    ]
)


def _start(row: FeatureRow) -> str:
    """The first 12 characters of the title, without a leading article of a Western one."""
    if row.words:
        first = row.words.split(" ", 1)[0]
        if first in _ARTICLES and len(row.title) > len(first) + 3:
            return row.title[len(first) : len(first) + 12]
    return row.title[:12]


def _publisher(name: str) -> str:
    """人民文, routle: three characters of a Chinese publisher, six of the longest word of another (G. Routledge, George Routledge)."""
    return max(name.split(), key=len, default="")[:6] if name.isascii() else name[:3]

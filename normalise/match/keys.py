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
| tan | first 12 characters, author, pages or part | year of a printing |
| tap | first 12 characters, author, publisher | year and pages differ |
| words | sorted words of title and subtitle, year | other order of words, subtitle in the title |
| ayn | author, year, pages | another title, typing errors |
| pyp | start of the pinyin, year, pages or publisher | pinyin without characters, wrong readings of one character |
| ptn | publisher, start of the title, pages | |
"""

from __future__ import annotations

from hashlib import blake2b

from normalise.match.features import FeatureRow


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little", signed=True)


def keys(row: FeatureRow) -> list[int]:
    """The record's keys, signed 64-bit, family hashed in, each once. 古籍 have none: nothing merges them but people's pins."""
    if row.guji:
        return []
    return list(dict.fromkeys(_hash(text) for text in readable_keys(row)))


def readable_keys(row: FeatureRow) -> list[str]:
    """The same keys before hashing, for explanation and tests."""
    found = [f"isbn|{isbn[:13]}" for isbn in row.isbns]
    found += [f"id|{value}" for value in row.ids]
    found += [f"issn|{issn}|{row.annual}|{row.part}" for issn in row.issns]
    _title_keys(row, found)
    author = row.surnames[0] if row.surnames else ""
    if author and row.year and row.pages:
        found.append(f"ayn|{author}|{row.year}|{row.pages}")
    return found


def _title_keys(row: FeatureRow, found: list[str]) -> None:
    title = row.title[:12]
    if not title:
        return
    part = f"{row.part}|{row.annual}" if row.part or row.annual else ""
    year, pages = row.year or row.annual, row.pages
    author = row.surnames[0] if row.surnames else ""
    publisher = row.publisher[:3] if not row.publisher.isascii() else row.publisher.split(" ", 1)[0]
    stem = f"{title}|{part}"
    if year:
        if publisher:
            found.append(f"typ|{stem}|{year}|{publisher}")
        if author:
            found.append(f"tya|{stem}|{year}|{author}")
        if pages:
            found.append(f"tyn|{stem}|{year}|{pages}")
        if row.words:
            found.append(f"words|{' '.join(sorted(set(row.words.split())))}|{part}|{year}")
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

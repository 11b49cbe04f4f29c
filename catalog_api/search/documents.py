"""From a cluster to its search document. Pure; the hot loop of indexing, so each field is folded and segmented once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from catalog_api.search.collections import collections_of
from catalog_api.search.document import IndexDocument
from catalog_api.search.holders import Shelf, codes_of, holders
from catalog_api.search.keys import call_key, class_prefixes, number_key, word_pairs
from catalog_api.search.labels import table
from catalog_api.search.port import Hit
from normalise.text import compact, fold, pinyin, pinyin_key, words
from schemas.bib import BibRecord, Title
from schemas.member import Member

_NOTE_CHARACTERS = 3000  # of all notes together; a table of contents can be a book of its own
_SUMMARY_CHARACTERS = 240
_HEADINGS = 12  # values of one multi-valued facet in a document
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_TWO_WORDS = re.compile(r"[^\W\u2e80-\U0003ffff][^\w\u2e80-\U0003ffff]+[^\W\u2e80-\U0003ffff]")
_SERIAL = frozenset({"serial", "annual"})
_BY_CONTENT = {"map": "map", "music": "music", "sound": "sound", "video": "video", "image": "image",
               "software": "software", "object": "object", "mixed": "mixed"}  # fmt: skip
_encode = msgspec.json.Encoder().encode


class Described(msgspec.Struct):
    """A cluster as indexing needs it. `members` and `public_members` are the members whose records stand in it."""

    id: int
    bib: BibRecord
    members: list[str]
    public_members: list[str]
    shelves: list[Shelf]
    public: bool = True
    updated: int = 0  # seconds since 1970


def type_of(bib: BibRecord) -> str:
    """文献类型: one value of the facet "type"."""
    if bib.guji:
        return "guji"
    if bib.thesis:
        return "thesis"
    if bib.level in _SERIAL:
        return "serial"
    if bib.carrier == "audiobook":
        return "audiobook"
    if bib.content in _BY_CONTENT:
        return _BY_CONTENT[bib.content]
    if bib.level == "component":
        return "article"
    if bib.level == "collection":
        return "collection"
    return "ebook" if bib.carrier == "online" else "book"


def document(row: Described, members: Mapping[str, Member]) -> IndexDocument:
    """The search document of one cluster."""
    bib = row.bib
    title = _title_tokens(bib)
    author = _author_tokens(bib)
    subject = _tokens([part for s in bib.subjects for part in s.parts])
    publisher = _tokens([p.publisher for p in bib.publication if p.publisher])
    series = _tokens([s.title for s in bib.series] + [r.title for r in bib.relations if r.title])
    everything = {**title, **author, **subject, **publisher, **series, **_tokens(_rest(bib))}
    year = next((p.year for p in bib.publication if p.year), None)
    public = holders(codes_of(row.public_members, row.shelves, True), members)
    staff = holders(codes_of(row.members, row.shelves, False), members)
    lendable = any(s.available for s in row.shelves if s.public)
    open_to_all = public is staff and all(s.public for s in row.shelves)
    hit = _hit(row, year, public.codes, row.shelves if open_to_all else [s for s in row.shelves if s.public])
    main = bib.title.text if bib.title else ""
    return IndexDocument(
        id=row.id,
        public=row.public,
        title=" ".join(title),
        author=" ".join(author),
        subject=" ".join(subject),
        publisher=" ".join(publisher),
        series=" ".join(series),
        text=" ".join(everything),
        title_key=_title_keys(bib),
        pinyin=_pinyin_keys(bib),
        number=_numbers(bib),
        class_path=_class_paths(bib),
        call=_calls(row.shelves),
        year=year,
        title_sort=pinyin(main)[0][:60],
        updated=row.updated,
        held=len(public.codes),
        type=hit.type,
        carrier=bib.carrier,
        system=public.systems,
        system_staff=staff.systems,
        city=public.cities,
        city_staff=staff.cities,
        member=public.codes,
        member_staff=staff.codes,
        clc=sorted({c.value[0].upper() for c in bib.classes if c.scheme == "clc" and c.value} & _classes()),
        decade=str(year // 10 * 10) if year else "",
        language=list(dict.fromkeys(bib.languages)),
        subjects=_few(s.parts[0] for s in bib.subjects if s.parts),
        authors=_few(a.name for a in bib.agents),
        serieses=_few(s.title for s in bib.series),
        available=lendable,
        available_staff=lendable or any(s.available for s in row.shelves),
        collection=collections_of(bib, (s.location for s in row.shelves if s.public and s.location), lendable=lendable),
        body=_encode(hit),
        body_staff=b"" if open_to_all else _encode(_hit(row, year, staff.codes, row.shelves)),
    )


# -- texts


def _tokens(texts: list[str], single: bool = False) -> dict[str, None]:
    """Tokens of several texts of one field. Two Latin words side by side also make a token `a_b`, which is what a phrase looks for;
    with `single` each Chinese character is one too, so that a search for one character finds a title."""
    if not texts:
        return {}
    joined = "\n".join(texts)
    found = dict.fromkeys(words(joined))
    for text in texts:
        if _TWO_WORDS.search(text):
            found.update(dict.fromkeys(word_pairs(text)))
    if single:
        found.update(dict.fromkeys(_HAN.findall(fold(joined))))
    return found


def _title_tokens(bib: BibRecord) -> dict[str, None]:
    return _tokens(
        [
            text
            for t in bib.titles
            for text in (t.text, t.subtitle, t.part_number, t.part_name, *t.others, t.romanised, t.original_script)
            if text
        ],
        single=True,
    )


def _author_tokens(bib: BibRecord) -> dict[str, None]:
    names = [n for a in bib.agents for n in (a.name, a.original_name, a.romanised) if n]
    return _tokens(names + [t.responsibility for t in bib.titles if t.responsibility], single=True)


def _rest(bib: BibRecord) -> list[str]:
    texts = [p.place for p in bib.publication if p.place]
    if bib.edition:
        texts.append(bib.edition.text)
    room = _NOTE_CHARACTERS
    for note in bib.notes:
        if room <= 0:
            break
        texts.append(note.text[:room])
        room -= len(note.text)
    return texts


def _title_keys(bib: BibRecord) -> list[str]:
    keys: dict[str, None] = {}
    for t in bib.titles:
        for text in (t.text, t.text + t.subtitle, t.text + t.part_number + t.part_name, *t.others, t.original_script):
            key = compact(text)
            if key:
                keys[key[:200]] = None
    return list(keys)


def _pinyin_keys(bib: BibRecord) -> list[str]:
    keys: dict[str, None] = {}
    for t in bib.titles:
        if t.romanised:
            _romanised(t.romanised, keys)
    main: Title | None = bib.title
    texts = [(main.text, False), *((o, False) for o in main.others)] if main else []
    texts += [(a.name, True) for a in bib.agents[:1]]
    for text, name in texts:
        if text.isascii():
            if name or bib.script == "latn" or "chi" not in bib.languages:
                continue
            _romanised(text, keys)  # a Chinese book described in pinyin only
        else:
            for key in pinyin(text, name):
                keys[key[:100]] = None
    for a in bib.agents[:1]:
        if a.romanised:
            keys[pinyin_key(a.romanised)[:100]] = None
    keys.pop("", None)
    return list(keys)


def _romanised(text: str, keys: dict[str, None]) -> None:
    keys[pinyin_key(text)[:100]] = None
    syllables = text.split()
    if len(syllables) > 1:
        keys["".join(pinyin_key(s)[:1] for s in syllables)[:100]] = None


def _numbers(bib: BibRecord) -> list[str]:
    keys: dict[str, None] = {}
    for i in bib.identifiers:
        keys[f"{i.kind}:{i.value}"] = None
        keys[number_key(i.value)] = None
        if i.original:
            keys[number_key(i.original)] = None
    for s in bib.series:
        if s.issn:
            keys[number_key(s.issn)] = None
    keys.pop("", None)
    return list(keys)


# -- classes and shelves


def _class_paths(bib: BibRecord) -> list[str]:
    return list(dict.fromkeys(p for c in bib.classes for p in class_prefixes(c.value)))


def _calls(shelves: list[Shelf]) -> list[str]:
    keys: dict[str, None] = {}
    for shelf in shelves:
        if shelf.public and shelf.call_number:
            parts = call_key(shelf.call_number).split("/")
            for end in range(1, min(len(parts), 4) + 1):
                keys["/".join(parts[:end])] = None
    return list(keys)


@lru_cache(maxsize=1)
def _classes() -> frozenset[str]:
    return frozenset(table("labels.toml")["class"])


def _few(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(v[:120] for v in values if v))[:_HEADINGS]


# -- the line of a result list


def _hit(row: Described, year: int | None, holders: list[str], shelves: list[Shelf]) -> Hit:
    bib = row.bib
    title = bib.title or Title("")
    published = bib.publication[0] if bib.publication else None
    parts = [title.text, *title.others, title.part_number, title.part_name]
    return Hit(
        id=row.id,
        title=" ".join(p for p in parts if p),
        subtitle=title.subtitle,
        responsibility=title.responsibility
        or "；".join(a.name + (f" {a.role_text}" if a.role_text else "") for a in bib.agents[:3]),
        publisher=published.publisher if published else "",
        place=published.place if published else "",
        year=year,
        year_text=published.date_text if published else "",
        edition=bib.edition.text if bib.edition else "",
        series=bib.series[0].title if bib.series else "",
        type=type_of(bib),
        isbn=next((i.value for i in bib.identifiers if i.kind == "isbn" and i.valid), ""),
        members=len(holders),
        member_codes=holders,
        copies=sum(s.copies for s in shelves),
        available=sum(s.available for s in shelves),
        online=bib.carrier == "online" or any(s.online for s in shelves),
        summary=next((n.text[:_SUMMARY_CHARACTERS] for n in bib.notes if n.kind == "abstract"), ""),
    )

"""One description from the records of a cluster, field by field, saying where each value came from.

Records are ranked once: the cataloguing agency first (the National Library, then CALIS, then others that catalogue themselves, then
what Dublin Core and shops deliver), then completeness, then member, source and local id. A field that a single record must answer for
(title, publication, edition, extent) comes from the best record that has it; a list of facts (identifiers, subjects, classes, links)
is the union in that order, each fact once. So the outcome depends on the records and not on the order in which they came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from normalise.text import compact
from schemas.bib import Agent, BibRecord, Identifier, Note, Publication, Title
from schemas.cluster import MergedRecord, Provenance

T = TypeVar("T")

_NATIONAL = ("nlc", "国家图书馆", "北京图书馆", "011001", "cn-nlc", "nlct", "dlc", "bl", "uk", "dnb")
_UNION = ("calis", "cal ", "olcc", "全国图书馆联合编目中心", "oclc", "ocolc")
_THIN = frozenset({"dc", "csv"})
_MOST = {
    "identifiers": 60,
    "agents": 40,
    "subjects": 40,
    "classes": 20,
    "notes": 20,
    "links": 20,
    "relations": 60,
    "series": 10,
    "titles": 20,
}


class Source(NamedTuple):
    """A record as merging takes it. `place` orders records of equal worth: (member, source, local id)."""

    record_id: int
    member: str
    place: tuple[str, str, str]
    bib: BibRecord


def merge(records: Sequence[Source]) -> MergedRecord:
    """The merged description of one or more records."""
    if len(records) == 1:
        only = records[0]
        return MergedRecord(only.bib, {name: [Provenance(only.member, only.record_id)] for name in _stated(only.bib)})
    return _Merge(sorted(records, key=_rank)).run()


def _rank(source: Source) -> tuple[int, int, tuple[str, str, str]]:
    return agency(source.bib), -completeness(source.bib), source.place


def agency(bib: BibRecord) -> int:
    """0 the national library, 1 CALIS and other union catalogues, 2 a library's own cataloguing, 3 thin metadata."""
    if bib.source_format in _THIN:
        return 3
    for name in bib.agencies:
        text = name.casefold()
        if text.startswith(_NATIONAL):
            return 0
        if text.startswith(_UNION):
            return 1
    return 2


def completeness(bib: BibRecord) -> int:
    """How much a description says, in points: a title with its parts, each kind of field, and the first few values of a list."""
    title = bib.title
    points = 0
    if title is not None:
        points += (
            3 + bool(title.subtitle) + bool(title.responsibility) + bool(title.romanised) + 2 * bool(title.part_number)
        )
    points += min(len(bib.agents), 4) + min(len(bib.subjects), 4) + min(len(bib.classes), 2) + min(len(bib.notes), 3)
    points += bool(bib.identifiers) + bool(bib.series) + (bib.edition is not None) + bool(bib.languages)
    for publication in bib.publication[:1]:
        points += bool(publication.place) + bool(publication.publisher) + (publication.year is not None)
    if bib.extent is not None:
        points += (bib.extent.pages is not None) + bool(bib.extent.size) + bool(bib.extent.illustrations)
    return points


_FIELDS = BibRecord.__struct_fields__
_EMPTY = BibRecord()


def _stated(bib: BibRecord) -> list[str]:
    return [name for name in _FIELDS if getattr(bib, name) != getattr(_EMPTY, name)]


_SINGLE = ("edition", "original_languages", "content", "carrier", "country", "script", "source_format")
_UNIONS: dict[str, Callable[[Any], Hashable]] = {
    "series": lambda s: (compact(s.title), s.number),
    "subjects": lambda s: "".join(s.parts),
    "classes": lambda c: (c.scheme, c.value),
    "links": lambda link: link.url,
    "relations": lambda r: (r.kind, compact(r.title), r.number),
}


class _Merge:
    """The state of one merge: the result and its sources, filled field by field."""

    def __init__(self, ranked: Sequence[Source]) -> None:
        self.ranked = ranked
        self.bib = BibRecord()
        self.sources: dict[str, list[Provenance]] = {}

    def run(self) -> MergedRecord:
        best = self.ranked[0]
        self._titles()
        self._agents()
        self._identifiers()
        self._publication()
        self._extent()
        self._notes()
        for name in _SINGLE:
            self._first(name)
        for name, key in _UNIONS.items():
            self._union(name, key)
        self._first("languages")
        levels = Counter(s.bib.level for s in self.ranked)
        self.bib.level = max(levels, key=lambda level: levels[level])  # ties: that of the best record
        self.bib.guji = any(s.bib.guji for s in self.ranked)
        self.bib.thesis = any(s.bib.thesis for s in self.ranked)
        self.bib.agencies = best.bib.agencies
        for name in ("level", "guji", "thesis", "agencies"):
            if getattr(self.bib, name) != getattr(_EMPTY, name):
                self._from(name, [s for s in self.ranked if getattr(s.bib, name) == getattr(self.bib, name)])
        return MergedRecord(self.bib, self.sources)

    def _from(self, name: str, sources: Iterable[Source]) -> None:
        self.sources[name] = [Provenance(s.member, s.record_id) for s in sources]

    def _first(self, name: str) -> None:
        """The value of the best record that states one, and everybody who states the same."""
        empty = getattr(_EMPTY, name)
        for source in self.ranked:
            value = getattr(source.bib, name)
            if value != empty:
                setattr(self.bib, name, value)
                self._from(name, [s for s in self.ranked if getattr(s.bib, name) == value])
                return

    def _union(self, name: str, key: Callable[[Any], Hashable]) -> None:
        found: dict[Hashable, Any] = {}
        givers: list[Source] = []
        for source in self.ranked:
            before = len(found)
            for value in getattr(source.bib, name):
                found.setdefault(key(value), value)
            if len(found) > before:
                givers.append(source)
        if found:
            setattr(self.bib, name, list(found.values())[: _MOST[name]])
            self._from(name, givers)

    def _titles(self) -> None:
        """The main title of the best record; what it lacks of romanisation from others; other titles of all."""
        titled = [s for s in self.ranked if s.bib.titles]
        if not titled:
            return
        chosen = next((s for s in titled if _native(s.bib.titles[0])), titled[0])
        main = chosen.bib.titles[0]
        givers = [chosen]
        for name in ("romanised", "subtitle"):
            if not getattr(main, name) and (giver := _same_title(main, name, titled)) is not None:
                main = msgspec.structs.replace(main, **{name: getattr(giver.bib.titles[0], name)})
                givers.append(giver)
        found = {compact(main.text): main}
        for source in titled:
            before = len(found)
            for title in source.bib.titles if source is not chosen else source.bib.titles[1:]:
                if title.kind == "main" and _native(main) and not _native(title):
                    continue  # the same title in letters: kept as `romanised`
                other = title if title.kind != "main" else msgspec.structs.replace(title, kind="variant")
                found.setdefault(compact(title.text), other)
            if len(found) > before and source not in givers:
                givers.append(source)
        self.bib.titles = list(found.values())[: _MOST["titles"]]
        self._from("titles", givers)

    def _agents(self) -> None:
        """The list of the best record that names any with their roles; original and romanised forms of the same names from all."""
        named = [s for s in self.ranked if s.bib.agents]
        if not named:
            return
        chosen = max(
            named, key=lambda s: min(sum(1 for a in s.bib.agents if a.role), 3)
        )  # ties: the first, which is the better record
        givers = [chosen]
        agents: dict[tuple[str, str], Agent] = {(compact(a.name), a.role): a for a in chosen.bib.agents}
        known = {name for name, _ in agents}
        for source in named:
            if source is chosen:
                continue
            for other in source.bib.agents:
                form = compact(other.name)
                if form not in known:
                    continue
                for key, mine in agents.items():
                    if key[0] == form and (fuller := _fuller(mine, other)) is not mine:
                        agents[key] = fuller
                        if source not in givers:
                            givers.append(source)
        self.bib.agents = list(agents.values())[: _MOST["agents"]]
        self._from("agents", givers)

    def _identifiers(self) -> None:
        found: dict[tuple[str, str], Identifier] = {}
        givers: list[Source] = []
        for source in self.ranked:
            given = False
            for identifier in source.bib.identifiers:
                if identifier.kind == "local":
                    continue
                key = (identifier.kind, identifier.value)
                known = found.get(key)
                if known is None or (identifier.valid and not known.valid):
                    found[key], given = identifier, True
                elif identifier.qualifier and not known.qualifier:
                    found[key] = msgspec.structs.replace(
                        known, qualifier=identifier.qualifier, scope=known.scope or identifier.scope, price=known.price or identifier.price
                    )  # fmt: skip
                    given = True
            if given:
                givers.append(source)
        if found:
            self.bib.identifiers = sorted(found.values(), key=lambda i: not i.valid)[: _MOST["identifiers"]]
            self._from("identifiers", givers)

    def _publication(self) -> None:
        """The best record that gives the year most records give: a single other year is mostly that of a printing."""
        published = [s for s in self.ranked if s.bib.publication]
        if not published:
            return
        years = Counter(s.bib.publication[0].year for s in published if s.bib.publication[0].year is not None)
        most = max(years.values(), default=0)
        year = min((y for y, count in years.items() if count == most), default=None)
        chosen = max(published, key=lambda s: (s.bib.publication[0].year == year, _filled(s.bib.publication[0])))
        self.bib.publication = chosen.bib.publication
        self._from("publication", [chosen])

    def _extent(self) -> None:
        described = [s for s in self.ranked if s.bib.extent is not None]
        if described:
            chosen = max(
                described, key=lambda s: s.bib.extent is not None and bool(s.bib.extent.pages or s.bib.extent.volumes)
            )
            self.bib.extent = chosen.bib.extent
            self._from("extent", [chosen])

    def _notes(self) -> None:
        """The general notes of the best record; of abstract and contents the longest of all; notes on a copy stay with the copy."""
        best: dict[str, tuple[Note, Source]] = {}
        general: list[Note] = []
        givers: list[Source] = []
        for source in self.ranked:
            notes = [n for n in source.bib.notes if n.kind != "copy"]
            for note in notes:
                if note.kind != "general" and (note.kind not in best or len(note.text) > len(best[note.kind][0].text)):
                    best[note.kind] = (note, source)
            if not general and (general := [n for n in notes if n.kind == "general"]):
                givers.append(source)
        for _, source in best.values():
            if source not in givers:
                givers.append(source)
        if general or best:
            self.bib.notes = [*general, *(note for note, _ in best.values())][: _MOST["notes"]]
            self._from("notes", givers)


def _native(title: Title) -> bool:
    return not title.text.isascii()


def _same_title(main: Title, name: str, titled: Sequence[Source]) -> Source | None:
    form = compact(main.text)
    for source in titled:
        title = source.bib.titles[0]
        if getattr(title, name) and compact(title.text) == form:
            return source
    return None


def _fuller(mine: Agent, other: Agent) -> Agent:
    gains = {
        name: getattr(other, name)
        for name in ("original_name", "romanised", "dates", "country")
        if not getattr(mine, name) and getattr(other, name)
    }
    return msgspec.structs.replace(mine, **gains) if gains else mine


def _filled(publication: Publication) -> int:
    return bool(publication.publisher) + bool(publication.place)

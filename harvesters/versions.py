"""What each received record means for what is stored: new, changed, unchanged, a repeat, another record under a used id.

Pure but for two functions handed in: one finds stored rows, one draws the next raw id.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from schemas.quality import codes
from schemas.raw import LoadCounts, RawRecord

_TWICE = "duplicate-id"
_LONGEST_ID = 400  # characters; an index entry of PostgreSQL holds 2,700 bytes


class Stored(NamedTuple):
    """What the planner must know of a stored row."""

    id: int
    hash: bytes
    deleted: bool
    datestamp: str
    problem: str
    alias: str


class Entry(NamedTuple):
    """A version to write."""

    id: int
    local_id: str
    raw: RawRecord
    hash: bytes
    problem: str
    alias: str


class Round:
    """Writes that touch each row once; a batch that holds two versions of one record takes two rounds."""

    __slots__ = ("changed", "ids", "new")

    def __init__(self) -> None:
        self.new: list[Entry] = []
        self.changed: list[Entry] = []
        self.ids: set[int] = set()


class IdSet:
    """A set of database ids as a bitmap in pieces: ids of one source lie close together, so a million take about 130 kB."""

    _BITS = 15  # ids of one piece, as a power of two

    def __init__(self) -> None:
        self._pieces: dict[int, bytearray] = {}

    def add(self, id_: int) -> None:
        piece = self._pieces.get(id_ >> self._BITS)
        if piece is None:
            piece = self._pieces[id_ >> self._BITS] = bytearray(1 << self._BITS - 3)
        piece[(id_ & 0x7FFF) >> 3] |= 1 << (id_ & 7)

    def __contains__(self, id_: int) -> bool:
        piece = self._pieces.get(id_ >> self._BITS)
        return piece is not None and bool(piece[(id_ & 0x7FFF) >> 3] & 1 << (id_ & 7))


Find = Callable[[list[str]], dict[str, Stored]]  # stored rows by local id, of those that are there


class Planner:
    """Knows what one run has met. `plan` takes batches in the order of arrival."""

    def __init__(self, find: Find, find_alias: Find, next_id: Callable[[], int], *, trust_datestamps: bool) -> None:
        self.met = IdSet()
        self.met_by_file: dict[str, list[int]] = {}
        self.counts: dict[str, LoadCounts] = {}
        self.touched: set[str] = set()  # files of the last batch
        self._find = find
        self._find_alias = find_alias
        self._next_id = next_id
        self._trust_datestamps = trust_datestamps
        self._occurrences: dict[str, int] = {}  # the highest occurrence number of an id that came more than once
        self._hashes: dict[str, set[bytes]] = {}
        self._rows: dict[str, Stored | None] = {}
        self._by_alias: dict[str, str] = {}
        self._counts = LoadCounts(name="")
        self._met_here: list[int] = []
        self._rounds: list[Round] = []

    def plan(self, batch: list[RawRecord]) -> list[Round]:
        """The writes a batch asks for, in order; `met_by_file` and `counts` move along."""
        hashes = [digest(raw) for raw in batch]
        names = [_local_id(raw, hash_) for raw, hash_ in zip(batch, hashes, strict=True)]
        self._rows = dict.fromkeys(names)
        self._rows.update(self._find(list(self._rows)))
        aliases = [oai_identifier(raw.bytes) if raw.container == "oai" else "" for raw in batch]
        self._look_up_aliases(aliases)
        self._look_up_occurrences(names)
        self._rounds = [Round()]
        self.met_by_file = {}
        self.touched = {clean(raw.file) for raw in batch}
        for raw, hash_, name, alias in zip(batch, hashes, names, aliases, strict=True):
            file = clean(raw.file)
            self._counts = self.counts.get(file) or self.counts.setdefault(file, LoadCounts(name=file))
            self._counts.read += 1
            self._met_here = self.met_by_file.setdefault(file, [])
            self._place(raw, hash_, self._by_alias.get(alias, name) if alias else name, alias)
        return self._rounds

    def _place(self, raw: RawRecord, hash_: bytes, name: str, alias: str) -> None:
        """Find the row a record belongs to. An OAI item is known by its identifier, whatever id its content gives."""
        row = self._rows[name]
        if row is None:
            self._store(name, raw, hash_, row, raw.problem, alias)
        elif alias and row.alias not in ("", alias):
            self._number(name, raw, hash_, alias)
        elif row.id in self.met:
            self._again(name, raw, hash_, row, alias)
        elif self._trust_datestamps and _older(raw, row):
            self._counts.unchanged += 1
            self._meet(row.id)
        else:
            self._store(name, raw, hash_, row, raw.problem, alias)

    def _look_up_aliases(self, aliases: list[str]) -> None:
        wanted = [alias for alias in dict.fromkeys(aliases) if alias]
        self._by_alias = {}
        if wanted:
            found = self._find_alias(wanted)
            self._rows.update(found)
            self._by_alias = {row.alias: name for name, row in found.items()}

    def _look_up_occurrences(self, names: list[str]) -> None:
        """Fetch at once the rows that occurrences of repeated ids may go to."""
        wanted: list[str] = []
        for name, times in Counter(names).items():
            row = self._rows[name]
            met = row is not None and row.id in self.met
            if times > 1 or met:
                start = self._occurrences.get(name, 1) + 1
                wanted += (f"{name}#{n}" for n in range(start, start + times - (not met)))
        wanted = [name for name in wanted if name not in self._rows]
        if wanted:
            self._rows.update(dict.fromkeys(wanted))
            self._rows.update(self._find(wanted))

    def _again(self, name: str, raw: RawRecord, hash_: bytes, row: Stored, alias: str) -> None:
        """The id was met before in this run: a repeat, a later version, or another record that uses the same id."""
        if row.hash == hash_ and row.deleted == raw.deleted:
            self._counts.repeated += 1
        elif raw.container == "oai" or raw.deleted or row.deleted:
            # An OAI identifier names one item for ever (OAI-PMH 2.0, 2.4), and a tombstone speaks of the record before it.
            if _older(raw, row):
                self._counts.repeated += 1
            else:
                self._store(name, raw, hash_, row, raw.problem, alias)
        elif _is_fatal(row.problem) and not raw.problem:
            self._store(
                name, raw, hash_, row, raw.problem, alias
            )  # the same record, whole: the one before was cut off or ill-formed
        else:
            self._number(name, raw, hash_, alias)

    def _number(self, name: str, raw: RawRecord, hash_: bytes, alias: str) -> None:
        """Another record under a used id: it becomes `id#2`, `id#3` in the order of arrival."""
        known = self._hashes.setdefault(name, set())
        number = self._occurrences.get(name, 1)
        while hash_ not in known:
            number += 1
            numbered = f"{name}#{number}"
            if numbered not in self._rows:
                self._rows[numbered] = self._find([numbered]).get(numbered)
            other = self._rows[numbered]
            if other is None or (other.id not in self.met and (not alias or other.alias in ("", alias))):
                self._store(numbered, raw, hash_, other, raw.problem or _TWICE, alias)
                known.add(hash_)
                self._occurrences[name] = number
                return
            known.add(other.hash)  # met before this run was interrupted, or the source itself uses "#"
        self._counts.repeated += 1

    def _store(self, name: str, raw: RawRecord, hash_: bytes, row: Stored | None, problem: str, alias: str) -> None:
        if row is not None and alias and row.problem == _TWICE:
            problem = problem or _TWICE  # an item that was numbered keeps its number
        if row is not None and row.hash == hash_ and row.deleted == raw.deleted and row.problem == problem:
            self._counts.unchanged += 1
            self._meet(row.id)
            return
        if row is None:
            entry = Entry(self._next_id(), name, raw, hash_, problem, alias)
            self._rounds[-1].new.append(entry)
            self._counts.new += not raw.deleted
        else:
            entry = Entry(row.id, name, raw, hash_, problem, alias or row.alias)
            if row.id in self._rounds[-1].ids:
                self._rounds.append(Round())
            self._rounds[-1].changed.append(entry)
            self._counts.changed += not raw.deleted
        self._counts.deleted += raw.deleted
        self._rounds[-1].ids.add(entry.id)
        self._rows[name] = Stored(entry.id, hash_, raw.deleted, raw.datestamp, problem, entry.alias)
        if alias:
            self._by_alias[alias] = name
        self._meet(entry.id)

    def _meet(self, id_: int) -> None:
        self.met.add(id_)
        self._met_here.append(id_)


_OAI_IDENTIFIER = re.compile(
    rb"<(?:[\w.-]+:)?header\b[^>]*>.{0,2000}?<(?:[\w.-]+:)?identifier\b[^>]*>\s*([^<]{1,2000}?)\s*<", re.DOTALL
)


def oai_identifier(record: bytes) -> str:
    """The identifier in the header of an OAI-PMH record; empty where none can be read."""
    found = _OAI_IDENTIFIER.search(record, 0, 8192)
    if found is None:
        return ""
    return _bounded(clean(html.unescape(found[1].decode("utf-8", "backslashreplace"))))


def digest(raw: RawRecord) -> bytes:
    """16 bytes that change with the bytes and with how they are to be read."""
    return blake2b(raw.bytes, digest_size=16, person=_manner(raw.container, raw.encoding, raw.context)).digest()


@lru_cache(maxsize=1024)
def _manner(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode("utf-8", "backslashreplace"), digest_size=16).digest()


@lru_cache(maxsize=64)
def _is_fatal(problem: str) -> bool:
    return problem in codes() and codes()[problem].severity == "fatal"


def _older(raw: RawRecord, row: Stored) -> bool:
    """Whether an OAI record is an earlier version than the stored one. Granularities may differ: compare what both have."""
    if raw.container != "oai":
        return False
    length = min(len(raw.datestamp), len(row.datestamp))
    return length >= 10 and raw.datestamp[:length] < row.datestamp[:length]


def _local_id(raw: RawRecord, hash_: bytes) -> str:
    name = raw.local_id
    if not name:
        return "h:" + hash_.hex()[:16]
    if not name.isascii() or "\0" in name:
        name = clean(name)
    return _bounded(name)


def _bounded(name: str) -> str:
    if len(name) > _LONGEST_ID:
        return f"{name[:200]}~{blake2b(name.encode(), digest_size=8).hexdigest()}"
    return name


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """Text as PostgreSQL takes it: no NUL, no lone surrogate."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")

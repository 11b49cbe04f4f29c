"""From raw records to descriptions: read, crosswalk, features, keys; stored batch by batch, each batch one transaction.

A record waits while the version it was made from (`record.raw_seq`) is not the one that was last received (`raw_record.seq`), so
nothing has to be remembered across a kill: what waits is found by one join. A version that cannot be read is quarantined with its
reason; where an earlier version was readable, that description stays in the catalogue until a readable one comes.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import connection as mp_connection
from multiprocessing import get_context, parent_process
from multiprocessing.synchronize import Event
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec
import psycopg

from normalise.crosswalk import Description, crosswalk
from normalise.holdings import Profile, load_profiles
from normalise.match.features import feature_row
from normalise.match.keys import keys
from normalise.read import Reading, Unreadable, read
from normalise.store import SQL, Batch, as_json, as_jsonb, bounded, store
from schemas.member import Member, Source, read_members
from schemas.quality import Finding
from schemas.raw import RawRecord
from schemas.settings import Settings

BATCH = 1_000  # records a transaction: large enough for COPY, small enough that a kill costs a second

_TRIES = 4
# what befalls a process that meets another at the same records
_COLLISIONS = (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected)
_pack = msgspec.msgpack.Encoder()


class Counts(msgspec.Struct):
    """How many records of a run became live, deleted and quarantined; and of these, how many are in another encoding than declared."""

    live: int = 0
    deleted: int = 0
    quarantined: int = 0
    misdeclared: int = 0

    def add(self, other: Counts) -> None:
        self.live += other.live
        self.deleted += other.deleted
        self.quarantined += other.quarantined
        self.misdeclared += other.misdeclared

    @property
    def total(self) -> int:
        return self.live + self.deleted + self.quarantined


class Rules(NamedTuple):
    """What decides how a member's records are read: plain data from `config/`, loaded once a process."""

    members: dict[str, Member]
    profiles: dict[str, Profile]

    @classmethod
    def load(cls, config: Path) -> Rules:
        return cls(read_members(config / "members"), load_profiles(config / "holdings"))


class _Row(NamedTuple):
    """A row of `raw_record` as `SQL["raw"]` selects it."""

    id: int
    seq: int
    member: str
    source: str
    local_id: str
    container: Any
    encoding: str
    context: str
    bytes: bytes
    deleted: bool
    problem: str
    datestamp: str
    file: str
    position: int
    offset: int

    def raw(self) -> RawRecord:
        return RawRecord(
            local_id=self.local_id,
            container=self.container,
            bytes=self.bytes,
            encoding=self.encoding,
            datestamp=self.datestamp,
            deleted=self.deleted,
            position=self.position,
            offset=self.offset,
            context=self.context,
            problem=self.problem,
            file=self.file,
        )


def waiting(connection: psycopg.Connection[Any], member: str | None = None, source: str | None = None) -> list[int]:
    """The ids of raw records whose latest version has not been normalised, oldest first; of one source, or of all.

    They may be at work in another process just now: describing a record twice at a time is a waste, and does no harm.
    """
    return [row[0] for row in connection.execute(SQL["waiting"], {"member": member, "source": source})]


def normalise(
    connection: psycopg.Connection[Any], ids: Sequence[int], rules: Rules, *, configured: bool = False
) -> Counts:
    """Make records of these raw records, in one transaction. Running it again changes nothing but `match_due`.

    `configured` prefers the encoding that `config/` names now to the one that was noted when the bytes came.
    """
    for left in range(_TRIES - 1, -1, -1):
        try:
            return _normalise(connection, ids, rules, configured)
        except _COLLISIONS:
            if not left:
                raise
        except psycopg.DataError as error:
            # a value that the database refuses: find whose it is, and quarantine that one
            if len(ids) == 1:
                return _normalise(connection, ids, rules, configured, refused=type(error).__name__)
            break
    middle = len(ids) // 2
    counts = normalise(connection, ids[:middle], rules, configured=configured)
    counts.add(normalise(connection, ids[middle:], rules, configured=configured))
    return counts


def _normalise(
    connection: psycopg.Connection[Any], ids: Sequence[int], rules: Rules, configured: bool, refused: str = ""
) -> Counts:
    batch, counts = Batch(), Counts()
    with connection.transaction():
        known = {row[0] for row in connection.execute(SQL["known"], {"ids": list(ids)})}
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(SQL["raw"], {"ids": list(ids)}).fetchall()
        for row in map(_Row._make, rows):
            _describe(row, rules, batch, counts, configured, refused)
        store(connection, batch, known)
    return counts


def _describe(row: _Row, rules: Rules, batch: Batch, counts: Counts, configured: bool, refused: str) -> None:
    member = rules.members.get(row.member) or unlisted(row.member)
    source = member.source(row.source)
    head = (row.id, row.seq, row.member, row.source, row.local_id)
    try:
        if refused:
            raise Unreadable(Finding("unreadable", args={"why": refused}))
        reading = _read(row, source, configured)
        if row.deleted or reading.deleted:
            findings = as_jsonb(reading.findings)
            batch.records.append((*head, "deleted", member.visibility, reading.kind, None, None, findings))
            counts.deleted += 1
            return
        made = crosswalk(reading, member=member, source=source, profiles=rules.profiles)
        features = feature_row(made.bib, record_id=row.id, member=row.member)
        record_keys = keys(features)
        record, holdings = _rows(head, reading, made, _pack.encode(features))
    except Unreadable as error:
        _quarantine(row, head, member, error.finding, batch)
        counts.quarantined += 1
        return
    except Exception as error:
        # a record that our own code fails on is kept and reported like any other that cannot be read: it must not stop its neighbours
        why = f"{type(error).__name__}: {error}"[:300]
        _quarantine(row, head, member, Finding("unreadable", args={"why": why}), batch)
        counts.quarantined += 1
        return
    batch.records.append(record)
    batch.holdings += holdings
    batch.keys += record_keys
    batch.key_records += [row.id] * len(record_keys)
    counts.live += 1
    counts.misdeclared += any(finding.code == "encoding-declared-wrong" for finding in reading.findings)


def _rows(
    head: tuple[Any, ...], reading: Reading, made: Description, features: bytes
) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """The rows of a readable record in `record` and `holding`."""
    findings = as_jsonb([*reading.findings, *made.findings])
    schema = made.bib.source_format or reading.kind
    record = (*head, "live", made.visibility, schema, as_json(made.bib), features, findings)
    holdings = []
    for holding in made.holdings:
        available = sum(1 for item in holding.items if item.status == "available")
        copies = bounded(holding.copies or len(holding.items))
        holdings.append((head[0], head[2], holding.visibility, copies, available, as_jsonb(holding)))
    return record, holdings


def _read(row: _Row, source: Source, configured: bool) -> Reading:
    if configured and source.encoding not in ("", row.encoding):
        try:
            return read(row.raw(), schema_hint=source.record_schema, encoding_hint=source.encoding)
        except Unreadable:  # perhaps the operator knew better of this one file
            pass
    return read(row.raw(), schema_hint=source.record_schema, encoding_hint=row.encoding or source.encoding)


def _quarantine(row: _Row, head: tuple[Any, ...], member: Member, finding: Finding, batch: Batch) -> None:
    args = {
        **finding.args, "field": finding.field, "byte": str(finding.byte), "record": str(row.position), "file": row.file,
    }  # fmt: skip
    batch.records.append((*head, "quarantined", member.visibility, "", None, None, as_jsonb([finding])))
    batch.quarantine.append((row.id, finding.code, as_jsonb(args)))


def unlisted(code: str) -> Member:
    """A member whose file was taken out of `config/` while its records are still here."""
    return Member.model_validate(
        {"code": code, "name": {"zh": code, "en": code}, "system": "public", "kind": "unlisted", "region": ["00"]}
    )


# -- several processes


class Normaliser:
    """Takes raw ids as they are written and normalises them in worker processes; in this one while there are few.

    `submit` blocks while too much is under way, so memory stays flat whatever the length of the load.
    """

    def __init__(self, url: str, settings: Settings, *, processes: int = 0, configured: bool = False) -> None:
        self._url = url
        self._configured = configured
        self._settings = settings
        self._processes = processes or settings.workers or min(8, os.cpu_count() or 1)
        self._waiting: list[int] = []
        self._pool: ProcessPoolExecutor | None = None
        self._under_way: set[Future[Counts]] = set()
        self.counts = Counts()

    def submit(self, ids: Sequence[int]) -> None:
        self._waiting.extend(ids)
        if self._processes > 1 and (self._pool is not None or len(self._waiting) > 2 * BATCH):
            while len(self._waiting) >= BATCH:
                self._start(self._waiting[:BATCH])
                del self._waiting[:BATCH]

    def finish(self) -> Counts:
        """Wait for all that was submitted; an error of a worker is raised here or in `submit`."""
        if self._pool is None:
            self._here()
        elif self._waiting:
            for ids in _batches(self._waiting, BATCH):
                self._start(ids)
            self._waiting.clear()
        while self._under_way:
            self._collect()
        return self.counts

    def _here(self) -> None:
        if not self._waiting:
            return
        rules = Rules.load(self._settings.config)
        with _connect(self._url) as connection:
            for ids in _batches(self._waiting, BATCH):
                self.counts.add(normalise(connection, ids, rules, configured=self._configured))
                connection.commit()
        self._waiting.clear()

    def _start(self, ids: list[int]) -> None:
        if self._pool is None:
            with _uninterrupted():  # a worker that was just begun must be known before its parent may leave
                context = get_context("forkserver")
                self._stop = context.Event()
                start = (self._url, self._settings, self._stop)
                self._pool = ProcessPoolExecutor(self._processes, context, _open_worker, start)
                self._under_way.add(self._pool.submit(_work, ids, self._configured))
            return
        while len(self._under_way) > 2 * self._processes:
            self._collect()
        self._under_way.add(self._pool.submit(_work, ids, self._configured))

    def _collect(self) -> None:
        done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
        for future in done:
            self.counts.add(future.result())

    def __enter__(self) -> Normaliser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            if error is not None:
                self._stop.set()  # batches that wait for a worker stay undone, to be found by the next run
            self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C and SIGTERM while the block runs; they are heard of after it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _batches(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, size)):
        yield batch


def _connect(url: str) -> psycopg.Connection[Any]:
    """A commit that a crash of the machine loses is work that waits again; it need not wait for the disk."""
    return psycopg.connect(url, application_name="wenlan normalise", options="-c synchronous_commit=off")


_worker: tuple[psycopg.Connection[Any], Rules, Event] | None = None


def _open_worker(url: str, settings: Settings, stop: Event) -> None:
    global _worker
    for each in (signal.SIGINT, signal.SIGTERM):  # the parent hears of both and ends its workers in order
        signal.signal(each, signal.SIG_IGN)
    _worker = (_connect(url), Rules.load(settings.config), stop)
    gc.freeze()  # tables and rules live as long as the process: looking through them again finds nothing
    gc.set_threshold(50_000, 20, 100)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """A parent that was killed closes no queue; without this its workers would wait for ever."""
    parent = parent_process()
    if parent is not None:
        mp_connection.wait([parent.sentinel])
        os._exit(1)


def _work(ids: list[int], configured: bool) -> Counts:
    if _worker is None:
        raise RuntimeError("the worker was not opened")
    connection, rules, stop = _worker
    if stop.is_set():
        return Counts()
    counts = normalise(connection, ids, rules, configured=configured)
    connection.commit()
    return counts

"""From raw records to descriptions: read, crosswalk, features, keys; stored batch by batch, each batch one transaction.

A record waits while the version it was made from (`record.raw_seq`) is not the one that was last received (`raw_record.seq`), so
nothing has to be remembered across a kill: what waits is found by one join. A version that cannot be read is quarantined with its
reason; where an earlier version was readable, that description stays in the catalogue until a readable one comes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import connection as mp_connection
from multiprocessing import get_context, parent_process
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import msgspec
import psycopg

from normalise.crosswalk import crosswalk
from normalise.holdings import Profile, load_profiles
from normalise.match.features import feature_row
from normalise.match.keys import keys
from normalise.read import Unreadable, read
from schemas.db import Sql
from schemas.member import Member, read_members
from schemas.quality import Finding
from schemas.raw import RawRecord
from schemas.settings import Settings

SQL = Sql("normalise", "records.sql")
BATCH = 1_000  # records a transaction: large enough for COPY, small enough that a kill costs a second

_json = msgspec.json.Encoder()
_pack = msgspec.msgpack.Encoder()


class Counts(msgspec.Struct):
    """How many records of a run became live, deleted and quarantined."""

    live: int = 0
    deleted: int = 0
    quarantined: int = 0

    def add(self, other: Counts) -> None:
        self.live += other.live
        self.deleted += other.deleted
        self.quarantined += other.quarantined

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


class _Batch:
    """The rows of one transaction, split by table."""

    def __init__(self) -> None:
        self.records: list[tuple[Any, ...]] = []
        self.holdings: list[tuple[Any, ...]] = []
        self.keys: list[tuple[int, int]] = []
        self.quarantine: list[tuple[int, str, str]] = []
        self.counts = Counts()


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

    Only the run that holds a source's lock should sweep it: two processes that normalise one record at a time collide.
    """
    return [row[0] for row in connection.execute(SQL["waiting"], {"member": member, "source": source})]


def normalise(connection: psycopg.Connection[Any], ids: Sequence[int], rules: Rules) -> Counts:
    """Make records of these raw records, in one transaction. Running it again changes nothing but `match_due`."""
    batch = _Batch()
    with connection.transaction():
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(SQL["raw"], {"ids": list(ids)}).fetchall()
        known = {row[0] for row in connection.execute(SQL["known"], {"ids": list(ids)})}
        for row in map(_Row._make, rows):
            _describe(row, rules, batch)
        _store(connection, batch, known)
    return batch.counts


def _describe(row: _Row, rules: Rules, batch: _Batch) -> None:
    member = rules.members.get(row.member) or unlisted(row.member)
    source = member.source(row.source)
    head = (row.id, row.seq, row.member, row.source, row.local_id)
    try:
        reading = read(row.raw(), schema_hint=source.record_schema, encoding_hint=row.encoding or source.encoding)
        if row.deleted or reading.deleted:
            batch.records.append((*head, "deleted", member.visibility, reading.kind, None, None, _json_text(reading.findings)))
            batch.counts.deleted += 1
            return
        made = crosswalk(reading, member=member, source=source, profiles=rules.profiles)
        features = feature_row(made.bib, record_id=row.id, member=row.member)
        record_keys = keys(features)
    except Unreadable as error:
        _quarantine(row, head, member, error.finding, batch)
        return
    except Exception as error:
        # a record that our own code fails on is kept and reported like any other that cannot be read: it must not stop its neighbours
        why = f"{type(error).__name__}: {error}"[:300]
        _quarantine(row, head, member, Finding("unreadable", args={"why": why}), batch)
        return
    findings = _json_text([*reading.findings, *made.findings])
    schema = made.bib.source_format or reading.kind
    batch.records.append(
        (*head, "live", made.visibility, schema, _json_text(made.bib), _pack.encode(features), findings)
    )
    batch.keys.extend((key, row.id) for key in record_keys)
    for holding in made.holdings:
        available = sum(1 for item in holding.items if item.status == "available")
        batch.holdings.append(
            (row.id, row.member, holding.visibility, holding.copies or len(holding.items), available, _json_text(holding))
        )
    batch.counts.live += 1


def _quarantine(row: _Row, head: tuple[Any, ...], member: Member, finding: Finding, batch: _Batch) -> None:
    args = {
        **finding.args, "field": finding.field, "byte": str(finding.byte), "record": str(row.position), "file": row.file,
    }  # fmt: skip
    batch.records.append((*head, "quarantined", member.visibility, "", None, None, _json_text([finding])))
    batch.quarantine.append((row.id, finding.code, _json_text(args)))
    batch.counts.quarantined += 1


def _json_text(value: object) -> str:
    """JSON without NUL characters, which PostgreSQL's jsonb cannot hold."""
    return _json.encode(value).decode().replace("\\u0000", "")


def unlisted(code: str) -> Member:
    """A member whose file was taken out of `config/` while its records are still here."""
    return Member.model_validate(
        {"code": code, "name": {"zh": code, "en": code}, "system": "public", "kind": "unlisted", "region": ["00"]}
    )


_RECORD = "(id, raw_seq, member, source, local_id, status, visibility, schema, bib, feature, findings)"


def _store(connection: psycopg.Connection[Any], batch: _Batch, known: set[int]) -> None:
    bad = {row[0] for row in batch.quarantine}
    kept = list(bad & known)  # the last good description stays
    replaced = [row for row in batch.records if row[0] in known and row[0] not in bad]
    if kept:
        connection.execute(SQL["forget_quarantine"], {"ids": kept})
        connection.execute(SQL["keep_last_good"], {"ids": kept})
    if replaced:
        connection.execute(SQL["forget"], {"ids": [row[0] for row in replaced]})
        connection.execute(SQL["stage"])
        _copy(connection, f"incoming_record {_RECORD}", replaced)
        connection.execute(SQL["replace"])
    _copy(connection, f"record {_RECORD}", [row for row in batch.records if row[0] not in known])
    _copy(connection, "holding (record_id, member, visibility, copies, available, body)", batch.holdings)
    _copy(connection, "match_key (key, record_id)", batch.keys)
    _copy(connection, "quarantine (record_id, code, args)", batch.quarantine)


def _copy(connection: psycopg.Connection[Any], target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


# -- several processes


class Normaliser:
    """Takes raw ids as they are written and normalises them in worker processes; in this one while there are few.

    `submit` blocks while too much is under way, so memory stays flat whatever the length of the load.
    """

    def __init__(self, url: str, settings: Settings, *, processes: int = 0) -> None:
        self._url = url
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
        with psycopg.connect(self._url) as connection:
            for ids in _batches(self._waiting, BATCH):
                self.counts.add(normalise(connection, ids, rules))
                connection.commit()
        self._waiting.clear()

    def _start(self, ids: list[int]) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes, get_context("forkserver"), _open_worker, (self._url, self._settings)
            )
        while len(self._under_way) > 2 * self._processes:
            self._collect()
        self._under_way.add(self._pool.submit(_work, ids))

    def _collect(self) -> None:
        done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
        for future in done:
            self.counts.add(future.result())

    def __enter__(self) -> Normaliser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _batches(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    iterator = iter(ids)
    while batch := list(islice(iterator, size)):
        yield batch


_worker: tuple[psycopg.Connection[Any], Rules] | None = None


def _open_worker(url: str, settings: Settings) -> None:
    global _worker
    _worker = (psycopg.connect(url), Rules.load(settings.config))
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    """A parent that was killed closes no queue; without this its workers would wait for ever."""
    parent = parent_process()
    if parent is not None:
        mp_connection.wait([parent.sentinel])
        os._exit(1)


def _work(ids: list[int]) -> Counts:
    if _worker is None:
        raise RuntimeError("the worker was not opened")
    connection, rules = _worker
    counts = normalise(connection, ids, rules)
    connection.commit()
    return counts

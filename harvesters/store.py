"""The one writer of raw records: batches in, each in one transaction with the state of its window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self

import msgspec
from psycopg.pq import TransactionStatus
from psycopg.types.json import Jsonb

from harvesters.counts import met_ids, note_quarantined, window_counts
from harvesters.lock import SourceLock
from harvesters.versions import Entry, IdSet, Planner, Round, Stored, clean
from schemas.db import Sql
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.quality import codes
from schemas.raw import LoadCounts, RawRecord

__all__ = ["Kind", "RawWriter", "batches", "met_ids", "note_quarantined", "window_counts"]

_SQL = Sql("harvesters", "store.sql")
_ID_BLOCK = 2000

Kind = Literal["file", "incremental", "full"]


def batches(records: Iterable[RawRecord], *, count: int = 1500, size: int = 8 << 20) -> Iterator[list[RawRecord]]:
    """Records in lists of at most `count`, each closed when its bytes pass `size`. An error comes after the records before it."""
    batch: list[RawRecord] = []
    held = 0
    try:
        for record in records:
            batch.append(record)
            held += len(record.bytes)
            if len(batch) >= count or held >= size:
                yield batch
                batch, held = [], 0
    except WenlanError:  # a file that is cut off: what came before the cut is kept
        if batch:
            yield batch
        raise
    if batch:
        yield batch


class RawWriter:
    """One run over one source of one member; a context manager. No second run of the same source may be open at a time.

    The connection should have no open transaction (autocommit is best): within one of the caller's, nothing is safe before its end.

    Killed at any point and started again, it ends in the same state as one run that was left alone. `window` resumes an interrupted
    window with what it had met; otherwise a new one is opened. `datestamps` makes an OAI record older than the stored version no news.
    Raises WenlanError `harvest-busy` when another run holds the source for longer than `patience` seconds.
    """

    def __init__(
        self,
        connection: Connection,
        member: str,
        source: str,
        kind: Kind = "file",
        *,
        max_shrink: float = 0.1,
        window: int | None = None,
        from_time: datetime | None = None,
        until_time: datetime | None = None,
        patience: float = 5,
    ) -> None:
        self._connection = connection
        self._about: dict[str, Any] = {"member": member, "source": source, "window": window}
        self._max_shrink = max_shrink
        self._free_ids: list[int] = []
        self._state: Literal["open", "broken", "ended"] = "open"
        self.changed = 0  # ids given out so far, withdrawn ones included
        self.withdrawn_ids: list[int] = []
        self._planner = Planner(self._find, self._find_alias, self._next_id, trust_datestamps=kind != "full")
        self._lock = SourceLock(connection, member, source, patience)
        try:
            with connection.transaction():
                self._start(kind, from_time, until_time)
        except BaseException:
            self._lock.release()
            raise

    @property
    def window_id(self) -> int:
        id_: int = self._about["window"]
        return id_

    @property
    def counts(self) -> list[LoadCounts]:
        """Counts of each file so far, in the order the files came."""
        return list(self._planner.counts.values())

    def write(
        self,
        batch: list[RawRecord],
        *,
        position: str | None = None,
        until_time: datetime | None = None,
        stamp: tuple[str, str] | None = None,
        then: Callable[[list[int]], object] | None = None,
    ) -> list[int]:
        """Store a batch and, in the same transaction, the state of the window. Returns the raw ids that are new or changed.

        `position` is where an interrupted window goes on, `until_time` where the next one begins, `stamp` names a file that was read to
        its end, with its size and time.
        `then` is called with these ids before the commit, so that a job for them can be deferred in the data's own transaction.
        After an error the writer is of no more use: start again.
        """
        if self._state != "open":
            raise RuntimeError(f"the run is {self._state}")
        self._state = "broken"
        with self._connection.transaction():
            rounds = self._planner.plan(batch)
            for round_ in rounds:
                self._apply(round_)
            self._note(position, until_time, stamp)
            ids = list(dict.fromkeys(e.id for r in rounds for entries in (r.new, r.changed) for e in entries))
            if then is not None and ids:
                then(ids)
        self._state = "open"
        self.changed += len(ids)
        return ids

    def finish(
        self,
        *,
        full: bool = False,
        damaged: str = "",
        max_shrink: float | None = None,
        then: Callable[[list[int]], object] | None = None,
    ) -> list[LoadCounts]:
        """Close the window. With `full`, what the run did not meet is withdrawn: deleted, its last bytes kept; ids in `withdrawn_ids`.

        `damaged` says why the run may not have seen everything. Raises WenlanError `full-damaged` or `full-shrunk` where withdrawing
        would be rash: nothing is withdrawn then, what was stored stays, and the window is partial.
        """
        refused: WenlanError | None = None
        with self._connection.transaction():
            if full:
                refused = self._withdraw(damaged, self._max_shrink if max_shrink is None else max_shrink)
                if then is not None and self.withdrawn_ids:
                    then(self.withdrawn_ids)
            partial = refused is not None or bool(damaged)
            self._run("close_window", state="partial" if partial else "success", error=_as_json(refused))
        self._end()
        if refused is not None:
            raise refused
        return self.counts

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """A run that was not finished leaves its window failed, to be resumed or run again."""
        if self._state == "ended" or self._connection.closed:
            return
        status = self._connection.info.transaction_status
        if status in (TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN):
            return  # broken off within a statement: lock and window end with the connection, and the next run says so
        if status == TransactionStatus.INERROR:
            self._connection.rollback()
        with self._connection.transaction():
            self._run("close_window", state="failed", error=_as_json(error or _interrupted()))
        self._end()

    # -- planning's two doors to the database

    def _find(self, names: list[str]) -> dict[str, Stored]:
        rows = self._connection.execute(_SQL["find"], {**self._about, "ids": names}, binary=True)
        return {row[0]: Stored._make(row[1:]) for row in rows}

    def _find_alias(self, aliases: list[str]) -> dict[str, Stored]:
        rows = self._connection.execute(_SQL["find_alias"], {**self._about, "ids": aliases}, binary=True)
        return {row[0]: Stored._make(row[1:]) for row in rows}

    def _next_id(self) -> int:
        if not self._free_ids:
            rows = self._connection.execute(_SQL["new_ids"], {"count": _ID_BLOCK}, binary=True)
            self._free_ids = [row[0] for row in rows][::-1]
        return self._free_ids.pop()

    # -- writing

    def _apply(self, round_: Round) -> None:
        if round_.new:
            self._copy_new(round_.new)
        if round_.changed:
            self._copy_changed(round_.changed)
            self._run("archive")
            self._run("replace")
            self._run("empty_changed")

    def _copy_new(self, entries: list[Entry]) -> None:
        member, source, window = self._about["member"], self._about["source"], self._about["window"]
        with self._connection.cursor().copy(_SQL["copy_new"]) as copy:
            copy.set_types(
                ("int8", "text", "text", "text", "text", "text", "text", "text", "bytea", "bytea", "text", "bool", "text", "text",
                 "int4", "int8", "int8")
            )  # fmt: skip
            for id_, name, raw, hash_, problem, alias in entries:
                copy.write_row(
                    (id_, member, source, name, alias, raw.container, clean(raw.encoding), clean(raw.context), raw.bytes, hash_,
                     clean(raw.datestamp), raw.deleted, problem, clean(raw.file), raw.position, raw.offset, window)
                )  # fmt: skip

    def _copy_changed(self, entries: list[Entry]) -> None:
        self._run("changed_table")
        with self._connection.cursor().copy(_SQL["copy_changed"]) as copy:
            copy.set_types(
                (
                    "int8",
                    "text",
                    "text",
                    "text",
                    "text",
                    "bytea",
                    "bytea",
                    "text",
                    "bool",
                    "text",
                    "text",
                    "int4",
                    "int8",
                )
            )
            for id_, _, raw, hash_, problem, alias in entries:
                copy.write_row(
                    (id_, alias, raw.container, clean(raw.encoding), clean(raw.context), raw.bytes, hash_,
                     clean(raw.datestamp), raw.deleted, problem, clean(raw.file), raw.position, raw.offset)
                )  # fmt: skip

    def _note(self, position: str | None, until_time: datetime | None, stamp: tuple[str, str] | None) -> None:
        for name, ids in self._planner.met_by_file.items():
            self._run("note_met", name=name, ids=ids)
        for name in self._planner.touched:
            self._run("note_file", **msgspec.structs.asdict(self._planner.counts[name]))
        if position is not None or until_time is not None:
            self._run("note_window", position=position, until_time=until_time)
        if stamp is not None:
            self._run("note_stamp", name=clean(stamp[0]), stamp=stamp[1])

    def _withdraw(self, damaged: str, max_shrink: float) -> WenlanError | None:
        self._run("met_table")
        self._run("missing")
        gone, missing, live = self._connection.execute(_SQL["count_missing"], self._about).fetchone() or (0, 0, 0)
        if gone == 0:
            return None
        fatal = [code.code for code in codes().values() if code.severity == "fatal"]
        count, where = self._connection.execute(_SQL["damaged"], {"fatal": fatal}).fetchone() or (0, [])
        if damaged or count:
            return WenlanError(
                "full-damaged",
                "没有撤回任何记录：本次全量数据有 {count} 处损坏（{where}），可能缺了记录。有 {missing} 条这次没有见到。"
                "请向来源方要完整的文件再运行一次。",
                "Nothing was withdrawn: the full set was damaged in {count} places ({where}) and may lack records; "
                "{missing} were not met. Ask the source for an undamaged set and run again.",
                count=max(count, 1),
                where=damaged or ", ".join(where),
                missing=gone,
            )
        if missing > max_shrink * live:
            return WenlanError(
                "full-shrunk",
                "没有撤回任何记录：{live} 条中有 {missing} 条（{share:.1%}）这次没有见到，超过允许的 {limit:.1%}。"
                "若来源确实减少了：装入文件时加 --yes 再运行，收割时提高该来源的 max_shrink。",
                "Nothing was withdrawn: {missing} of {live} records ({share:.1%}) were not met, more than the {limit:.1%} allowed. "
                "If the source really shrank: load the files again with --yes, or for a harvest raise max_shrink of this source.",
                live=live,
                missing=missing,
                share=missing / live,
                limit=max_shrink,
            )
        self._run("archive_missing")
        self.withdrawn_ids = [row[0] for row in self._connection.execute(_SQL["withdraw"], self._about)]
        self.changed += len(self.withdrawn_ids)
        counts = self._planner.counts.setdefault(self._last_file(), LoadCounts(name=self._last_file()))
        counts.withdrawn = len(self.withdrawn_ids)
        self._run("note_file", **msgspec.structs.asdict(counts))
        return None

    def _last_file(self) -> str:
        return next(reversed(self._planner.counts), "")

    # -- the run

    def _start(self, kind: Kind, from_time: datetime | None, until_time: datetime | None) -> None:
        self._run("close_dead", error=_as_json(_interrupted()))
        self._run("forget_met")
        times = {"kind": kind, "from_time": from_time, "until_time": until_time}
        name = "open_window" if self._about["window"] is None else "reopen_window"
        row = self._connection.execute(_SQL[name], {**self._about, **times}).fetchone()
        if row is None:
            raise LookupError(f"there is no window {self._about['window']} of this source")
        resumed, self._about["window"] = self._about["window"] is not None, row[0]
        if resumed:
            self._planner.counts = {c.name: c for c in window_counts(self._connection, self.window_id)}
            _remember(self._planner.met, (ids for _, ids in met_ids(self._connection, self.window_id)))

    def _end(self) -> None:
        self._state = "ended"
        self._lock.release()

    def _run(self, statement: str, **values: object) -> None:
        self._connection.execute(_SQL[statement], {**self._about, **values})


def _remember(met: IdSet, lists: Iterable[list[int]]) -> None:
    for ids in lists:
        for id_ in ids:
            met.add(id_)


def _as_json(error: BaseException | None) -> Jsonb | None:
    if error is None:
        return None
    if isinstance(error, WenlanError):
        return Jsonb({"code": error.code, "zh": error.text.zh, "en": error.text.en})
    if not isinstance(error, Exception):  # Ctrl-C, or an iteration that was given up
        return _as_json(_interrupted())
    name = type(error).__name__
    return Jsonb({"code": "failed", "zh": f"运行中出错：{name}", "en": f"The run failed: {name}"})


def _interrupted() -> WenlanError:
    return WenlanError("harvest-interrupted", "运行被中断。", "The run was interrupted.")

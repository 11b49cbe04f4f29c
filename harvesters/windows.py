"""Harvests as rows: the next window of a source, one to resume, one to run again. Resume, replay and backfill are one mechanism."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
from croniter import CroniterError, croniter

from harvesters.store import Kind
from schemas.db import Sql
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.raw import LoadCounts

_SQL = Sql("harvesters", "windows.sql")

BEIJING = timezone(timedelta(hours=8))  # cron lines are read in the time of the libraries; China has no summer time
_RETRY_AFTER = timedelta(hours=1)  # a failed window is tried again before its schedule
_RETRIES = 3

# Some servers stamp records in local time and call it UTC, or answer with a clock that is off: a day back is cheap, since what did not
# change costs nothing, and a record that fell between two windows would be lost until the next full run.
OVERLAP = timedelta(days=1)


class Window(msgspec.Struct):
    """What one run is to cover. `id` names an interrupted window that goes on at `position`; times are UTC."""

    kind: Kind
    id: int | None = None
    from_time: datetime | None = None
    until_time: datetime | None = None
    bounded: bool = (
        False  # ask the server for nothing after `until_time`; otherwise it only marks where the next window begins
    )
    position: str = ""


class Past(msgspec.Struct):
    """A window that was run, with its counts summed over its files."""

    id: int
    kind: str
    state: str
    from_time: datetime | None
    until_time: datetime | None
    started_at: datetime
    finished_at: datetime | None
    error: dict[str, str] | None
    counts: LoadCounts


def next_window(
    connection: Connection, member: str, source: str, *, full: bool, resumable: Callable[[str], bool]
) -> Window:
    """The last window where it was interrupted at a `resumable` position, otherwise a new one from where the last success ended."""
    kind: Kind = "full" if full else "incremental"
    about = {"member": member, "source": source}
    with connection.transaction():
        last = connection.execute(_SQL["last"], about).fetchone()
        until = connection.execute(_SQL["harvested_until"], about).fetchone()
    if last is not None:
        id_, last_kind, state, from_time, until_time, position = last
        if last_kind == kind and state in ("running", "failed") and position and resumable(position):
            return Window(kind, id_, from_time, until_time, position=position)
    from_time = until[0] - OVERLAP if until and until[0] and not full else None
    return Window(kind, from_time=from_time)


def replay(connection: Connection, member: str, source: str, window: int) -> Window:
    """A window over the same span of time as an earlier one."""
    with connection.transaction():
        row = connection.execute(_SQL["times"], {"member": member, "source": source, "window": window}).fetchone()
    if row is None:
        raise WenlanError(
            "window-unknown",
            "成员 {member} 的来源 {source} 没有编号为 {window} 的收割窗口。",
            "Source {source} of member {member} has no harvest window {window}.",
            member=member,
            source=source,
            window=window,
        )
    return Window("incremental", from_time=row[0], until_time=row[1], bounded=row[1] is not None)


def files_read(connection: Connection, member: str, source: str) -> dict[str, str]:
    """Name and stamp of every file of the last successful run that read any."""
    with connection.transaction():
        return dict(connection.execute(_SQL["files_read"], {"member": member, "source": source}).fetchall())


def history(connection: Connection, member: str, source: str | None = None, limit: int = 50) -> list[Past]:
    """The last windows of a member, newest first."""
    rows = connection.execute(_SQL["history"], {"member": member, "source": source, "limit": limit}).fetchall()
    past = []
    for id_, kind, state, from_time, until_time, started, finished, error, *counts in rows:
        summed = LoadCounts(str(id_), *map(int, counts))
        past.append(Past(id_, kind, state, from_time, until_time, started, finished, error, summed))
    return past


def due(
    connection: Connection, members: Mapping[str, Member], now: datetime | None = None
) -> list[tuple[Member, Source]]:
    """Sources whose schedule has come round since their last run, never run ones, and failed ones after an hour (three times)."""
    now = now or datetime.now(UTC)
    with connection.transaction():
        runs = {(row[0], row[1]): row[2:] for row in connection.execute(_SQL["latest_runs"])}
    return [
        (member, source)
        for member in members.values()
        for source in member.sources
        if source.schedule and _is_due(member, source, runs.get((member.code, source.code)), now)
    ]


def _is_due(member: Member, source: Source, run: tuple[Any, ...] | None, now: datetime) -> bool:
    check_schedule(member, source)
    if run is None:
        return True
    started, state, failures = run
    if state == "failed" and failures <= _RETRIES and now - started >= _RETRY_AFTER:
        return True
    following: datetime = croniter(source.schedule, started.astimezone(BEIJING)).get_next(datetime)
    return following <= now


def check_schedule(member: Member, source: Source) -> None:
    try:
        croniter(source.schedule)
    except (CroniterError, ValueError) as error:
        raise WenlanError(
            "schedule-wrong",
            "成员 {member} 的来源 {source}：schedule“{line}”不是正确的 cron 行（{why}）。例：每天凌晨两点是 0 2 * * *。",
            "Source {source} of member {member}: the schedule “{line}” is no cron line ({why}). Every night at two is 0 2 * * *.",
            member=member.code,
            source=source.code,
            line=source.schedule,
            why=error,
        ) from None

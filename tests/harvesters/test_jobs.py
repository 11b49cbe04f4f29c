"""What is due, and the jobs that run it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
import psycopg
import pytest
from procrastinate.exceptions import JobAborted

from harvesters.jobs import QUEUE, _lock, build_app, defer_harvest, retry_stalled, work
from harvesters.store import RawWriter
from harvesters.windows import due
from schemas.db import Database
from schemas.db.migrate import migrate
from schemas.errors import WenlanError
from schemas.member import Member


def member(code: str, *schedules: str) -> Member:
    return Member.model_validate(
        {
            "code": code,
            "name": {"zh": "馆", "en": "Library"},
            "system": "public",
            "kind": "city",
            "region": ["33"],
            "sources": [{"code": f"s{n}", "schedule": line} for n, line in enumerate(schedules)],
        }
    )


MEMBERS = {"aa": member("aa", "0 2 * * *", ""), "bb": member("bb", "*/10 * * * *")}


def _run(play: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: browser tests of the same process keep an event loop running in the main one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, play).result()


def names(database: Database, now: datetime, members: dict[str, Member] = MEMBERS) -> list[tuple[str, str]]:
    with database.connect() as connection:
        return [(m.code, s.code) for m, s in due(connection, members, now)]


def test_what_is_due(database: Database) -> None:
    now = datetime.now(UTC)
    assert names(database, now) == [("aa", "s0"), ("bb", "s0")]
    with database.connect() as connection:
        for code in MEMBERS:
            with RawWriter(connection, code, "s0") as run:
                run.finish()
        connection.execute("update harvest_window set started_at = '2024-05-01T01:30:00+08'")
    assert names(database, datetime.fromisoformat("2024-05-01T01:35:00+08:00")) == []
    assert names(database, datetime.fromisoformat("2024-05-01T01:41:00+08:00")) == [("bb", "s0")]
    assert names(database, datetime.fromisoformat("2024-05-01T02:01:00+08:00")) == [("aa", "s0"), ("bb", "s0")]


def test_a_failure_is_tried_again_three_times(database: Database) -> None:
    members = {"aa": MEMBERS["aa"]}
    for times in range(1, 5):
        with database.connect() as connection:
            RawWriter(connection, "aa", "s0").__exit__(None, None, None)
            connection.execute("update harvest_window set started_at = '2024-05-01T03:00:00+08'")
        start = datetime.fromisoformat("2024-05-01T03:00:00+08:00")
        assert names(database, start + timedelta(minutes=59), members) == []
        assert bool(names(database, start + timedelta(minutes=61), members)) is (times <= 3)
    assert names(database, start + timedelta(days=1), members) == [("aa", "s0")]


def test_a_wrong_schedule_is_told(database: Database) -> None:
    with pytest.raises(WenlanError, match="schedule-wrong"):
        names(database, datetime.now(UTC), {"cc": member("cc", "every night")})


def test_the_queue_comes_with_the_migrations_and_grows_with_them(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        assert migrate(connection) == []
        connection.execute("delete from migration where name like 'procrastinate/03.04.00_50%'")
        assert migrate(connection) == ["procrastinate/03.04.00_50_post_add_retry_failed_job_procedure.sql"]
        connection.rollback()


def jobs(database: Database) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(
            "select task_name, args, status::text from procrastinate_jobs where task_name = 'harvest' order by id"
        ).fetchall()


def test_jobs_are_deferred_run_and_retried(database: Database) -> None:
    done: list[tuple[str, str, bool]] = []
    both = [("aa", "s0"), ("bb", "s0")]
    wanted = list(both)
    app = build_app(
        procrastinate.PsycopgConnector(conninfo=database.url),
        run=lambda m, s, full, _: done.append((m, s, full)),
        due=lambda: wanted,
    )

    async def play() -> None:
        async with app.open_async():
            for _ in range(2):
                await app.tasks["harvest-due"].func(0)  # twice: one job waits already
        wanted.clear()  # a worker asks by itself when it starts
        await work(app, wait=False)

    _run(play())
    assert sorted(done) == [("aa", "s0", False), ("bb", "s0", False)]
    assert jobs(database) == []

    async def die_and_recover() -> None:
        wanted.extend(both)
        async with app.open_async():
            await app.tasks["harvest-due"].func(0)
            wanted.clear()
            worker = await app.job_manager.register_worker()
            assert await app.job_manager.fetch_job(["harvest"], worker)
            assert await retry_stalled(app) == 0  # its heart still beats
            with database.connect() as connection:
                connection.execute("update procrastinate_workers set last_heartbeat = now() - interval '2 minutes'")
        assert sorted(status for _, _, status in jobs(database)) == ["doing", "todo"]
        await work(app, wait=False)

    done.clear()
    _run(die_and_recover())
    assert sorted(done) == [("aa", "s0", False), ("bb", "s0", False)]


def test_a_dead_workers_job_does_not_stand_in_the_way_of_the_next_one(database: Database) -> None:
    done: list[str] = []
    wanted = [("aa", "s0")]
    app = build_app(
        procrastinate.PsycopgConnector(conninfo=database.url),
        run=lambda m, *_: done.append(m),
        due=lambda: wanted,
    )

    async def play() -> None:
        async with app.open_async():
            await app.tasks["harvest-due"].func(0)
            worker = await app.job_manager.register_worker()
            assert await app.job_manager.fetch_job(["harvest"], worker)
            await app.tasks["harvest-due"].func(0)  # due again while the first is at work: not queued
            assert [status for _, _, status in jobs(database)] == ["doing"]
            await app.configure_task(
                "harvest", lock=_lock("aa", "s0"), queueing_lock=_lock("aa", "s0"), queue=QUEUE
            ).defer_async(member="aa", source="s0")
            wanted.clear()
            with database.connect() as connection:
                connection.execute("update procrastinate_workers set last_heartbeat = now() - interval '2 minutes'")
        assert [status for _, _, status in jobs(database)] == ["doing", "todo"]
        await work(app, wait=False)

    _run(play())
    assert done == ["aa"] and jobs(database) == []


def test_a_worker_that_is_stopped_breaks_its_job_off_and_queues_it_again(database: Database) -> None:
    begun = threading.Event()

    def run(member: str, source: str, full: bool, aborted: Callable[[], bool]) -> None:
        begun.set()
        while not aborted():
            time.sleep(0.02)
        raise JobAborted

    app = build_app(procrastinate.PsycopgConnector(conninfo=database.url), run=run, due=lambda: [("aa", "s0")])

    async def play() -> None:
        async with app.open_async():
            await app.tasks["harvest-due"].func(0)
        worker = asyncio.create_task(work(app))
        await asyncio.to_thread(begun.wait, 10)
        started = time.monotonic()
        worker.cancel()
        await asyncio.wait([worker])
        assert time.monotonic() - started < 5

    _run(play())
    assert [status for _, _, status in jobs(database)] == ["todo"]


def test_a_job_is_part_of_the_transaction_it_was_asked_in(database: Database) -> None:
    connector = procrastinate.SyncPsycopgConnector(conninfo=database.url)
    app = build_app(connector, run=lambda *_: None, due=list)
    with app.open(), database.connect() as connection:
        defer_harvest(app, "aa", "s0", full=True, connection=connection)
        connection.rollback()
        assert jobs(database) == []
        assert defer_harvest(app, "aa", "s0", full=True, connection=connection)
        connection.commit()
        assert defer_harvest(app, "aa", "s0") is None
    assert jobs(database) == [("harvest", {"member": "aa", "source": "s0", "full": True}, "todo")]

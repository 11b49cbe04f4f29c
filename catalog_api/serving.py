"""The long-running processes: the web server, and the worker of jobs, schedules and deadlines."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import procrastinate
import uvicorn
from procrastinate.exceptions import JobAborted

from catalog_api import failures
from catalog_api.app import create_app
from catalog_api.context import Context
from catalog_api.pipeline import Stopped
from catalog_api.syncing import harvest_member
from harvesters.jobs import build_app, work
from harvesters.windows import due
from ill import commands
from ill.policy import read_policy
from schemas.errors import WenlanError

Tell = Callable[[str, str], object]  # a sentence in both languages


def run_server(context: Context, host: str, port: int) -> None:
    """Serve until interrupted. Access lines are not logged: an address bar may hold what a reader looked for."""
    uvicorn.run(create_app(context), host=host, port=port, log_level="warning", access_log=False, server_header=False)


def run_worker(context: Context, tell: Tell = lambda zh, en: None) -> None:
    """Run queued jobs, what is due, and the deadlines of requests, until SIGINT or SIGTERM."""

    def leave() -> None:
        tell("有任务没有及时停下，留给下一个工作进程。", "A job did not stop in time; the next worker takes it up.")
        context.close()
        os._exit(0)

    logger = logging.getLogger("procrastinate")  # what a job failed of is told; the traceback is for the log
    logger.propagate = False
    logger.addHandler(failures.log_handler(context.settings))
    asyncio.run(work(worker_app(context, tell), give_up=leave))


def worker_app(context: Context, tell: Tell = lambda zh, en: None) -> procrastinate.App:
    """The application of jobs: harvesting, and the clock of requests every minute. `tell` hears what became of each harvest."""

    def run(member: str, source: str, full: bool, aborted: Callable[[], bool]) -> None:
        def progress(step: str, count: int, total: int | None = None) -> None:
            if aborted():
                raise Stopped

        try:
            reports = harvest_member(context, member, source=source, full=full, progress=progress)
        except Stopped:
            tell(
                f"{member}/{source}：停在半途，下次接着做。", f"{member}/{source}: stopped halfway, to go on next time."
            )
            raise JobAborted from None
        for report in reports:
            if report.error is not None:
                tell(f"{member}/{source}：{report.error.zh}", f"{member}/{source}: {report.error.en}")
                raise WenlanError("harvest-failed", "{zh}", "{en}", zh=report.error.zh, en=report.error.en)
            read, bad = sum(f.read for f in report.files), sum(f.quarantined for f in report.files)
            tell(
                f"{member}/{source}：读到 {read:,} 条，隔离 {bad:,} 条。",
                f"{member}/{source}: {read:,} read, {bad:,} quarantined.",
            )

    def sources_due() -> Iterable[tuple[str, str]]:
        with context.database.connect(autocommit=True) as connection:
            return [(member.code, source.code) for member, source in due(connection, dict(context.members))]

    app = build_app(procrastinate.PsycopgConnector(conninfo=context.database.url), run=run, due=sources_due)

    @app.periodic(cron="* * * * *")
    @app.task(name="request-deadlines", queueing_lock="request-deadlines")
    async def request_deadlines(timestamp: int) -> None:
        await asyncio.to_thread(keep_deadlines, context)

    @app.periodic(cron="17 19 * * *")  # 03:17 in Beijing
    @app.task(name="forget-readers", queueing_lock="forget-readers")
    async def forget_readers(timestamp: int) -> None:
        await asyncio.to_thread(forget, context)

    return app


def forget(context: Context) -> int:
    """Cut closed requests from their readers where the policy's days have passed; returns how many were cut."""
    with context.database.connect() as connection:
        return commands.forget(connection, datetime.now(UTC), policy=read_policy(context.settings.config))


def keep_deadlines(context: Context) -> int:
    """Do what the deadlines of open requests ask for; returns how many were done."""
    policy = read_policy(context.settings.config)
    done = 0
    with context.database.connect(autocommit=True) as connection:
        while more := commands.tick(connection, datetime.now(UTC), members=context.members, policy=policy):
            done += more
    return done

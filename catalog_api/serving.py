"""The long-running processes: the web server, and the worker of jobs, schedules and deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

import procrastinate
import uvicorn

from catalog_api.app import create_app
from catalog_api.context import Context
from catalog_api.syncing import harvest_member
from harvesters.jobs import build_app, work
from harvesters.windows import due
from ill import commands
from ill.policy import read_policy
from schemas.errors import WenlanError


def run_server(context: Context, host: str, port: int) -> None:
    """Serve until interrupted. Access lines are not logged: an address bar may hold what a reader looked for."""
    uvicorn.run(create_app(context), host=host, port=port, log_level="warning", access_log=False, server_header=False)


def run_worker(context: Context) -> None:
    """Run queued jobs, what is due, and the deadlines of requests, until interrupted."""
    asyncio.run(work(worker_app(context)))


def worker_app(context: Context) -> procrastinate.App:
    """The application of jobs: harvesting, and the clock of requests every minute."""

    def run(member: str, source: str, full: bool) -> None:
        for report in harvest_member(context, member, source=source, full=full):
            if report.error is not None:
                raise WenlanError("harvest-failed", "{zh}", "{en}", zh=report.error.zh, en=report.error.en)

    def sources_due() -> Iterable[tuple[str, str]]:
        with context.database.connect(autocommit=True) as connection:
            return [(member.code, source.code) for member, source in due(connection, dict(context.members))]

    app = build_app(procrastinate.PsycopgConnector(conninfo=context.database.url), run=run, due=sources_due)

    @app.periodic(cron="* * * * *")
    @app.task(name="request-deadlines", queueing_lock="request-deadlines")
    async def request_deadlines(timestamp: int) -> None:
        await asyncio.to_thread(keep_deadlines, context)

    return app


def keep_deadlines(context: Context) -> int:
    """Do what the deadlines of open requests ask for; returns how many were done."""
    policy = read_policy(context.settings.config)
    done = 0
    with context.database.connect(autocommit=True) as connection:
        while more := commands.tick(connection, datetime.now(UTC), members=context.members, policy=policy):
            done += more
    return done

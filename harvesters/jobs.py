"""Harvesting as jobs: one a source, what is due every minute, and jobs of dead workers taken up again.

Jobs carry codes, never records. A worker that is killed leaves its job `doing`, which blocks every later job of its lock; it is found by
its missing heartbeat and run again, which is safe because a window is resumed.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from procrastinate import App, JobContext, RetryStrategy
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued, JobAborted, UniqueViolation
from procrastinate.jobs import Status

from schemas.db.connect import Connection

QUEUE = "harvest"
PATIENCE = 1  # seconds a worker that is stopped waits before it asks its jobs to break off
GIVE_UP = 20  # seconds after which it leaves jobs behind that do not; the next worker takes them up
SILENCE = 60  # seconds without a heartbeat after which a worker is dead; workers send one every ten


def build_app(
    connector: BaseConnector,
    *,
    run: Callable[[str, str, bool, Callable[[], bool]], object],
    due: Callable[[], Iterable[tuple[str, str]]],
) -> App:
    """The tasks `harvest`, `harvest-due` and `retry-stalled`.

    `run` does a whole harvest of (member, source, full) and goes on to describe what changed. Its last argument says whether the worker
    is being stopped: it should then soon raise JobAborted, and the job is queued again. `due` says which (member, source) are to be run
    now. Both are called in threads. Other packages may add tasks of their own to the app.
    """
    app = App(connector=connector)

    @app.task(name="harvest", queue=QUEUE, pass_context=True, retry=RetryStrategy(retry_exceptions=[JobAborted]))
    def harvest(context: JobContext, member: str, source: str, full: bool = False) -> None:
        run(member, source, full, context.should_abort)

    @app.periodic(cron="* * * * *")
    @app.task(name="harvest-due", queueing_lock="harvest-due")
    async def harvest_due(timestamp: int) -> None:
        for member, source in await asyncio.to_thread(lambda: list(due())):
            lock = _lock(member, source)
            if list(await app.job_manager.list_jobs_async(lock=lock, status=Status.DOING.value)):
                continue  # at work; were one queued behind it, it could not be queued again itself when it is broken off
            try:
                await harvest.configure(lock=lock, queueing_lock=lock).defer_async(member=member, source=source)
            except AlreadyEnqueued:
                continue

    @app.periodic(cron="* * * * *")
    @app.task(name="retry-stalled", queueing_lock="retry-stalled")
    async def retry(timestamp: int) -> None:
        await retry_stalled(app)

    return app


def defer_harvest(
    app: App, member: str, source: str, *, full: bool = False, connection: Connection | None = None
) -> int | None:
    """Ask for a harvest; on `connection`, within its transaction. Returns the job's id, or nothing where one waits already."""
    lock = _lock(member, source)
    try:
        task = app.configure_task("harvest", lock=lock, queueing_lock=lock, queue=QUEUE, connection=connection)
        return task.defer(member=member, source=source, full=full)
    except AlreadyEnqueued:
        return None


async def retry_stalled(app: App, silence: float = SILENCE) -> int:
    """Queue again every job whose worker is dead; also to be called when a worker starts. Returns their number."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence))
    for job in stalled:
        try:
            await app.job_manager.retry_job(job)
        except UniqueViolation:  # another one for the same source waits already, and the lock of this one is in its way
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    return len(stalled)


async def work(
    app: App, *, concurrency: int = 4, wait: bool = True, give_up: Callable[[], object] = lambda: None
) -> None:
    """Be a worker until SIGINT or SIGTERM. Concurrency above one, so that a long harvest does not keep the periodic tasks waiting.

    Jobs that are under way are asked to break off. `give_up` is called where one does not, caught in a read of a slow server perhaps.
    """
    async with app.open_async():
        await retry_stalled(app)
        with suppress(AlreadyEnqueued):  # what is due is asked for at once, not only when the next minute begins
            await app.tasks["harvest-due"].defer_async(timestamp=int(time.time()))
        loop = asyncio.get_running_loop()
        worker = loop.create_task(
            app.run_worker_async(
                concurrency=concurrency,
                wait=wait,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=PATIENCE,
            )
        )

        def stop() -> None:
            worker.cancel()
            loop.call_later(GIVE_UP, give_up)

        if threading.current_thread() is threading.main_thread():
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(each, stop)
        try:
            await worker
        except asyncio.CancelledError:
            if not worker.cancelled():
                raise


def _lock(member: str, source: str) -> str:
    return f"harvest:{member}:{source}"

"""One run of one source: what the protocol receives goes into the store, piece by piece, and the ids of what changed come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing

import msgspec

from harvesters.registry import Harvester, open_harvester
from harvesters.store import RawWriter
from harvesters.windows import Window
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.raw import LoadCounts
from schemas.settings import Settings

Connect = Callable[[], AbstractContextManager[Connection]]


class Batch(msgspec.Struct):
    """What one transaction stored. `ids` are raw records that are new, changed, deleted or withdrawn."""

    ids: list[int]
    window_id: int
    counts: list[LoadCounts]  # of the whole window so far, file by file


def harvest(
    connect: Connect,
    settings: Settings,
    member: Member,
    source: Source,
    *,
    full: bool = False,
    window: Window | None = None,
    harvester: Harvester | None = None,
    then: Callable[[Connection, list[int]], object] | None = None,
) -> Iterator[Batch]:
    """Run a source and yield after each commit; at least one batch, the last one after the window is closed.

    `full` reads everything and withdraws what the source no longer holds. `window` runs a given span (`windows.replay`). `then` is
    called inside each transaction with the ids it changed. Raises WenlanError; the window is then failed or partial, and what was
    stored stays. An iteration that is given up leaves the window failed, to be resumed by the next run.
    """
    with connect() as connection, ExitStack() as stack:
        try:
            harvester = harvester or open_harvester(settings, member, source)
            stack.enter_context(closing(harvester))
            window = window or harvester.plan(connection, full=full)
        except WenlanError:
            with RawWriter(connection, member.code, source.code, "full" if full else "incremental"):
                raise  # noted as a failed window, so that it is seen and not tried every minute
        writer = RawWriter(
            connection,
            member.code,
            source.code,
            window.kind,
            max_shrink=source.max_shrink,
            window=window.id,
            from_time=window.from_time,
            until_time=window.until_time,
        )

        def hook(ids: list[int]) -> None:
            if then is not None:
                then(connection, ids)

        with writer as run:
            for received in harvester.receive(window):
                ids = run.write(
                    received.records,
                    position=received.position,
                    until_time=received.until_time,
                    stamp=received.stamp,
                    then=hook,
                )
                yield Batch(ids, run.window_id, run.counts)
            run.finish(full=full, damaged=harvester.damaged, then=hook)
            yield Batch(run.withdrawn_ids, run.window_id, run.counts)

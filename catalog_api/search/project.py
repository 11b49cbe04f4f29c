"""Bringing the search index up to date with the clusters that changed. The index is disposable: the database is the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg.pq import TransactionStatus

from catalog_api.search.documents import Described, document
from catalog_api.search.holders import Shelf
from catalog_api.search.port import SearchEngine
from normalise.catalogue import Change, Connection, all_changes
from schemas.cluster import ClusterView
from schemas.db import Sql
from schemas.holding import Holding
from schemas.member import Member

SQL = Sql("catalog_api.search", "project.sql")
_LOCK = 0x57656E6C_0001  # "Wenl", 1: the index
_BATCH = 1000  # clusters read at once
_COMMIT = 50_000  # clusters between two commits: so much work a kill can cost


def project(
    connection: Connection,
    engine: SearchEngine,
    *,
    members: Mapping[str, Member],
    rebuild: bool = False,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Index every cluster changed since the index's last seq, and take out those that are gone; the number of changes seen.

    Waits for another projection to end. After a kill the index is usable, and the next call goes on from the last commit. With
    `rebuild`, or where the index is of another layout or database, a new index is filled and then takes the place of the old one.
    `progress` is called with the number of changes of each batch.
    """
    with _one_writer(connection):
        origin = _origin(connection)
        after = 0 if rebuild else engine.last_seq(origin)
        batches = all_changes(connection, after, _BATCH)
        first = next(batches, None)
        if first is None and after:
            return 0
        writer = engine.writer(origin, rebuild=rebuild or after == 0)
        done = waiting = 0
        seq = after
        try:
            for batch in _chain(first, batches):
                gone = [change.id for change in batch if change.status != "live"]
                if gone:
                    writer.delete(gone)
                writer.put(document(described(change, members), members) for change in batch if change.status == "live")
                seq = batch[-1].seq
                done += len(batch)
                waiting += len(batch)
                if waiting >= _COMMIT:
                    writer.commit(seq)
                    waiting = 0
                if progress:
                    progress(len(batch))
            writer.commit(seq)
            writer.publish()
        finally:
            writer.close()
        return done


def described(change: Change, members: Mapping[str, Member]) -> Described:
    """A live change as indexing needs it."""
    view = change.view
    if view is None:
        raise ValueError(f"cluster {change.id} is {change.status}")
    return describe(view, change.holdings, members)


def describe(view: ClusterView, holdings: list[Holding], members: Mapping[str, Member]) -> Described:
    return Described(
        id=view.id,
        bib=view.merged.bib,
        members=view.members,
        public_members=_public_members(view.members, holdings, members),
        shelves=[_shelf(h) for h in holdings],
        public=view.public,
        updated=int(datetime.fromisoformat(view.datestamp).timestamp()),
    )


def _public_members(codes: list[str], holdings: list[Holding], members: Mapping[str, Member]) -> list[str]:
    """Members the public may know of: not those that show all their holdings of it to staff only."""
    shown = {h.member for h in holdings if h.visibility == "public"}
    hidden = {h.member for h in holdings} - shown
    return [c for c in codes if c not in hidden and not (c in members and members[c].visibility == "staff")]


def _shelf(holding: Holding) -> Shelf:
    return Shelf(
        holding.member,
        holding.visibility == "public",
        max(holding.copies, len(holding.items)),
        sum(1 for item in holding.items if item.status == "available"),
        holding.call_number,
        f"{holding.branch} {holding.location}",
        bool(holding.url),
    )


def _chain(first: list[Change] | None, rest: Iterator[list[Change]]) -> Iterator[list[Change]]:
    if first is not None:
        yield first
    yield from rest


def _origin(connection: Connection) -> str:
    row = connection.execute(SQL["origin"]).fetchone()
    return str(row[0]) if row else ""


@contextmanager
def _one_writer(connection: psycopg.Connection) -> Iterator[None]:
    connection.execute(SQL["lock"], {"key": _LOCK})
    try:
        yield
    finally:
        # a broken connection or transaction ends with its session, and the lock with it
        if not connection.closed and connection.info.transaction_status != TransactionStatus.INERROR:
            connection.execute(SQL["unlock"], {"key": _LOCK})

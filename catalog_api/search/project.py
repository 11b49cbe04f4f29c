"""Bringing the search index up to date with the clusters that changed. The index is disposable: the database is the truth."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from multiprocessing import get_context

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from catalog_api.search.document import IndexDocument
from catalog_api.search.documents import Described, document
from catalog_api.search.holders import Shelf
from catalog_api.search.port import SearchEngine
from normalise.catalogue import Change, Connection, changed_clusters
from schemas.cluster import ClusterView
from schemas.db import Sql
from schemas.holding import Holding
from schemas.member import Member
from schemas.processes import die_with_parent

SQL = Sql("catalog_api.search", "project.sql")
_LOCK = 0x57656E6C_0001  # "Wenl", 1: the index
_BATCH = 1000  # clusters read at once
_MANY = 6  # batches from which starting processes (a second of theirs) pays
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
        pieces = _pieces(connection, after, members)
        first = next(pieces, None)
        if first is None and after:
            return 0
        writer = engine.writer(origin, rebuild=rebuild or after == 0)
        done = waiting = 0
        seq = after
        try:
            for piece in chain(filter(None, [first]), pieces):
                if piece.gone:
                    writer.delete(piece.gone)
                writer.put(_documents.decode(piece.documents))
                seq = piece.seq
                done += piece.changes
                waiting += piece.changes
                if waiting >= _COMMIT:
                    writer.commit(seq)
                    waiting = 0
                if progress:
                    progress(piece.changes)
            writer.commit(seq)
            writer.publish()
        finally:
            pieces.close()
            writer.close()
        return done


class Piece(msgspec.Struct):
    """Changes up to `seq`, made into documents; `documents` is MessagePack, which crosses a process boundary cheaply."""

    seq: int
    changes: int
    gone: list[int]
    documents: bytes


_documents = msgspec.msgpack.Decoder(list[IndexDocument])
_encoder = msgspec.msgpack.Encoder()


def _pieces(connection: Connection, after: int, members: Mapping[str, Member]) -> Generator[Piece, None, None]:
    """All changes after a seq, in its order. Where there are many, other processes read them and make their documents."""
    bounds = [row[0] for row in connection.execute(SQL["bounds"], {"after": after, "step": _BATCH})]
    processes = min(4, os.cpu_count() or 1)
    if len(bounds) >= _MANY and processes > 1:
        url = make_conninfo(connection.info.dsn, password=connection.info.password)
        opened = (url, dict(members))
        with ProcessPoolExecutor(processes, get_context("forkserver"), _open, opened) as pool:
            for piece in pool.map(_work, [after, *bounds[:-1]], bounds):
                if piece.changes:
                    yield piece
        after = bounds[-1]
    # the rest, and what changed in the meantime: it has a higher seq now
    while last := _piece(connection, after, None, members):
        yield last
        after = last.seq


def _piece(connection: Connection, after: int, upto: int | None, members: Mapping[str, Member]) -> Piece | None:
    """The next changes after a seq, up to a batch of them and to `upto`; None where there are none."""
    changes = changed_clusters(connection, after, _BATCH)
    if upto is not None:
        changes = [change for change in changes if change.seq <= upto]
    if not changes:
        return None
    made = [document(described(change, members), members) for change in changes if change.status == "live"]
    gone = [change.id for change in changes if change.status != "live"]
    return Piece(changes[-1].seq, len(changes), gone, _encoder.encode(made))


_worker: tuple[Connection, Mapping[str, Member]] | None = None


def _open(url: str, members: Mapping[str, Member]) -> None:
    global _worker
    _worker = (psycopg.connect(url, autocommit=True), members)
    die_with_parent()


def _work(after: int, upto: int) -> Piece:
    if _worker is None:
        raise RuntimeError("the worker was not opened")
    connection, members = _worker
    return _piece(connection, after, upto, members) or Piece(upto, 0, [], _encoder.encode([]))


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
        public_members=_public_members(view.public_members, holdings, members),
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

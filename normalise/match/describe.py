"""The merged descriptions of clusters that changed: made once a run, however many batches touched a cluster.

Each few thousand are one transaction of the one writer. When there are many, other processes read and merge while this one writes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import msgspec
import psycopg
from psycopg.conninfo import make_conninfo

from normalise.match.write import copy_rows
from normalise.merge import Source, merge
from schemas.bib import BibRecord
from schemas.db import Sql

SQL = Sql("normalise.match", "describe.sql")
_CLUSTERS = 1_000  # a transaction, and a piece of work of one process
_MANY = 5_000  # clusters from which sharing the work among processes pays

_bib = msgspec.json.Decoder(BibRecord)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_json = msgspec.json.Encoder()

Connection = psycopg.Connection[Any]
Chunk = list[tuple[int, list[int]]]  # cluster and its records
Merged = tuple[int, str, list[str]]  # cluster, MergedRecord as JSON, members the public may know of
Row = tuple[int, str, str, str, str, bool]  # id, member, source, local id, BibRecord as JSON, public


def describe_due(connection: Connection) -> int:
    """Merge what waits, and commit every few thousand. Returns how many clusters were written."""
    row = connection.execute(SQL["count_due"]).fetchone()
    waiting = int(row[0]) if row else 0
    connection.commit()
    done = 0
    with _merger(connection, waiting) as merged:
        for rows in merged(_chunks(connection)):
            with connection.transaction():  # the connection may be one that commits each statement
                connection.execute(SQL["stage"])
                copy_rows(connection, "match_merged (id, merged, public_members)", rows)
                done += connection.execute(SQL["store"]).rowcount
            connection.commit()
    return done


def _chunks(connection: Connection) -> Iterator[Chunk]:
    after = 0
    while chunk := connection.execute(SQL["due"], {"after": after, "limit": _CLUSTERS}).fetchall():
        yield chunk
        after = chunk[-1][0]


@contextmanager
def _merger(connection: Connection, waiting: int) -> Iterator[Any]:
    """A function from chunks to chunks of (cluster, merged JSON), in this process or in several."""
    processes = min(4, os.cpu_count() or 1)
    if waiting < _MANY or processes < 2:
        yield lambda chunks: (_merge_chunk(connection, chunk) for chunk in chunks)
        return
    url = make_conninfo(connection.info.dsn, password=connection.info.password)
    with ProcessPoolExecutor(processes, get_context("forkserver"), _open, (url,)) as pool:
        yield lambda chunks: pool.map(_work, list(chunks))


_connection: Connection | None = None


def _open(url: str) -> None:
    global _connection
    _connection = psycopg.connect(url, autocommit=True)


def _work(chunk: Chunk) -> list[Merged]:
    if _connection is None:
        raise RuntimeError("the worker was not opened")
    return _merge_chunk(_connection, chunk)


def _merge_chunk(connection: Connection, chunk: Chunk) -> list[Merged]:
    ids = [record for _, records in chunk for record in records]
    rows: dict[int, Row] = {row[0]: row for row in connection.execute(SQL["sources"], {"ids": ids})}
    merged = []
    for cluster, records in chunk:
        found = [rows[r] for r in records if r in rows]
        public = [row for row in found if row[5]]
        if text := _merged(public or found):  # what is for staff only adds nothing that the public reads
            merged.append((cluster, text, sorted({row[1] for row in public})))
    return merged


def _merged(found: Sequence[Row]) -> str:
    """Empty where no record has a description any more: it was deleted a moment ago, is due, and the cluster with it."""
    if len(found) == 1:
        return _alone(*found[0][:5])
    sources = [
        Source(id, member, (member, source, local_id), _bib.decode(bib))
        for id, member, source, local_id, bib, _ in found
    ]
    return _json.encode(merge(sources)).decode() if sources else ""


def _alone(id: int, member: str, source: str, local_id: str, bib: str) -> str:
    """The merged description of a single record, without taking it apart and putting it together again."""
    sources = {name: [(member, id)] for name in _fields.decode(bib)}
    return f'{{"bib":{bib},"sources":{_json.encode(sources).decode()}}}'

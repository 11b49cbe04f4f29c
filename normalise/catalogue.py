"""The catalogue as pages, protocols, indexing and lending read it. The one module of `normalise` that lending may know.

Every function takes a connection and reads; nothing here writes. Functions that take many ids ask the database once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import psycopg

from normalise.match.features import FeatureRow
from normalise.match.judge import explain
from schemas.bib import BibRecord
from schemas.cluster import ClusterView, Judgement, MergedRecord, Redirect, Withdrawn
from schemas.db import Sql
from schemas.holding import Holding
from schemas.quality import Finding
from schemas.raw import RawRecord

SQL = Sql("normalise", "catalogue.sql")

_merged = msgspec.json.Decoder(MergedRecord)
_bib = msgspec.json.Decoder(BibRecord)
_findings = msgspec.json.Decoder(list[Finding])
_holdings = msgspec.json.Decoder(list[Holding])
_feature = msgspec.msgpack.Decoder(FeatureRow)

Connection = psycopg.Connection[Any]


class RecordView(msgspec.Struct):
    """One source record of a cluster."""

    id: int
    member: str
    source: str
    local_id: str
    schema: str
    bib: BibRecord
    findings: list[Finding]
    visibility: str = "public"
    changed: str = ""  # ISO 8601, UTC


class Change(msgspec.Struct):
    """A cluster that changed since a projection last looked. `view` and `holdings` are empty unless `status` is live."""

    id: int
    seq: int
    status: Literal["live", "withdrawn", "redirected"]
    view: ClusterView | None = None
    holdings: list[Holding] = []


class EdgeView(msgspec.Struct):
    """A judged pair of the review queue: record ids, a < b."""

    a: int
    b: int
    judgement: Judgement


def cluster(connection: Connection, id: int) -> ClusterView | Redirect | Withdrawn | None:
    """The cluster, or what has become of it; None where the id was never given."""
    return clusters(connection, [id]).get(id)


def clusters(connection: Connection, ids: Sequence[int]) -> dict[int, ClusterView | Redirect | Withdrawn]:
    """Many at once, by id; ids never given are left out. A redirect names the cluster that stands today, never another redirect."""
    found: dict[int, ClusterView | Redirect | Withdrawn] = {}
    moved: list[int] = []
    for row in connection.execute(SQL["clusters"], {"ids": list(ids)}):
        if row[7] == "live":
            found[row[0]] = _view(row)
        elif row[7] == "withdrawn":
            found[row[0]] = Withdrawn(row[0], _iso(row[4]))
        else:
            moved.append(row[0])
    if moved:
        for old, new in connection.execute(SQL["redirect"], {"ids": moved}):
            found[old] = Redirect(new)
    return found


def _view(row: tuple[Any, ...]) -> ClusterView:
    id, merged, record_ids, members, datestamp, work_key, visibility = row[:7]
    return ClusterView(
        id, _merged.decode(merged), record_ids, members, _iso(datestamp), work_key, visibility == "public", row[9]
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def holdings_of(connection: Connection, cluster_id: int, staff: bool = False) -> list[Holding]:
    """Holdings of all records of a cluster, by member; those for staff only with `staff`. An old id follows its redirect."""
    standing = cluster(connection, cluster_id)
    if isinstance(standing, Redirect):
        cluster_id = standing.id
    found = holdings_of_many(connection, [cluster_id]).get(cluster_id, [])
    return found if staff else [h for h in found if h.visibility == "public"]


def holdings_of_many(connection: Connection, ids: Sequence[int]) -> dict[int, list[Holding]]:
    """Holdings of many clusters, public and staff, each with `record_id`, `cluster_id` and the stricter visibility of record and holding."""
    found: dict[int, list[Holding]] = {}
    for id, record_ids, visibilities, bodies in connection.execute(SQL["holdings"], {"ids": list(ids)}):
        holdings = _holdings.decode(bodies)
        for holding, record_id, visibility in zip(holdings, record_ids, visibilities, strict=True):
            holding.record_id, holding.cluster_id, holding.visibility = record_id, id, visibility
        found[id] = holdings
    return found


def records_of(connection: Connection, cluster_id: int) -> list[RecordView]:
    """The source records of a live cluster, by member, source and local id."""
    return records_of_many(connection, [cluster_id]).get(cluster_id, [])


def records_of_many(connection: Connection, ids: Sequence[int]) -> dict[int, list[RecordView]]:
    """The source records of many live clusters, each list by member, source and local id."""
    found: dict[int, list[RecordView]] = {}
    for row in connection.execute(SQL["records"], {"ids": list(ids)}):
        view = RecordView(
            row[0], row[1], row[2], row[3], row[4], _bib.decode(row[7]), _findings.decode(row[8]), row[5], _iso(row[6])
        )
        found.setdefault(row[9], []).append(view)
    return found


def raw_of(connection: Connection, record_id: int) -> RawRecord | None:
    """The bytes of a record as they came."""
    with connection.cursor(binary=True) as cursor:
        row = cursor.execute(SQL["raw"], {"id": record_id}).fetchone()
    if row is None:
        return None
    _, _, _, local_id, container, encoding, context, body, datestamp, deleted, problem, file, position, offset = row
    return RawRecord(
        local_id=local_id, container=container, bytes=bytes(body), encoding=encoding, datestamp=datestamp, deleted=deleted,
        position=position, offset=offset, context=context, problem=problem, file=file,
    )  # fmt: skip


def changed_clusters(connection: Connection, after_seq: int, limit: int = 1000) -> list[Change]:
    """The next `limit` changes after a sequence number, oldest first; empty when there are none. Go on after the last one's `seq`.

    A cluster stands once, at its latest change. Clusters are written by one process at a time in one transaction, so no change with
    a lower number can appear later.
    """
    rows = connection.execute(SQL["changed"], {"after": after_seq, "limit": limit}).fetchall()
    live = [row[0] for row in rows if row[7] == "live"]
    holdings = holdings_of_many(connection, live) if live else {}
    return [
        Change(row[0], row[8], "live", _view(row), holdings.get(row[0], []))
        if row[7] == "live"
        else Change(row[0], row[8], row[7])
        for row in rows
    ]


def all_changes(connection: Connection, after_seq: int = 0, limit: int = 1000) -> Iterator[list[Change]]:
    """`changed_clusters` batch by batch until there are no more."""
    while batch := changed_clusters(connection, after_seq, limit):
        yield batch
        after_seq = batch[-1].seq


def same_work(connection: Connection, view: ClusterView, limit: int = 50) -> list[ClusterView]:
    """Other editions: live clusters with the same work key."""
    if not view.work_key:
        return []
    rows = connection.execute(SQL["same_work"], {"work_key": view.work_key, "id": view.id, "limit": limit})
    return [_view(row) for row in rows]


def clusters_of_records(connection: Connection, record_ids: Sequence[int]) -> dict[int, int]:
    """record id -> cluster id, of live records that have been matched."""
    return dict(connection.execute(SQL["cluster_of"], {"ids": list(record_ids)}).fetchall())


def judgement_of(connection: Connection, a: int, b: int) -> Judgement | None:
    """What the matcher says of two records, with vetoes and reasons: the stored link, else judged now. None where one is not live.

    A person's pin is in `reasons` as pinned-same or pinned-different and decides.
    """
    a, b = min(a, b), max(a, b)
    row = connection.execute(SQL["edge"], {"a": a, "b": b}).fetchone()
    if row is not None:
        judgement = Judgement(row[0], row[1], row[2], row[3], row[4])
    else:
        rows = {id: _feature.decode(body) for id, body in connection.execute(SQL["features"], {"ids": [a, b]})}
        if len(rows) < 2:
            return None
        judgement = explain(rows[a], rows[b])
    pin = connection.execute(SQL["pin"], {"a": a, "b": b}).fetchone()
    if pin is not None:
        judgement.decision = "match" if pin[0] == "same" else "no"
        judgement.reasons = [f"pinned-{pin[0]}", *judgement.reasons]
    return judgement


def review_queue(connection: Connection, limit: int = 50, after: EdgeView | None = None) -> list[EdgeView]:
    """Pairs the matcher leaves to a person, most likely first; people's verdicts take them off. `after`: the last one of the page before."""
    place = (after.judgement.score, after.a, after.b) if after else (2.0, 0, 0)
    rows = connection.execute(SQL["review"], {"score": place[0], "a": place[1], "b": place[2], "limit": limit})
    return [EdgeView(row[0], row[1], Judgement(*row[2:])) for row in rows]

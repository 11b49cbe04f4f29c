"""Matching in the database: what waits in `record` becomes judged pairs, clusters and merged descriptions.

One process at a time, under an advisory lock, batch by batch, each batch one transaction: killed at any point, the next run starts
from the last batch that was finished. A batch takes records that are due, and all records that stood with them in a cluster; reads
every key entry that touches them; judges; replaces their edges; and divides anew every component that they are or were part of. So the
result depends on the records that are there, and not on the order in which they came, went or changed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import numpy as np
import psycopg

from normalise.match import judge
from normalise.match.block import candidates
from normalise.match.cluster import partition
from normalise.match.describe import describe_due
from normalise.match.identity import assign
from normalise.match.large import Pins
from normalise.match.nodes import Nodes, Store
from normalise.match.table import Ints
from normalise.match.write import Group, Writer, copy_rows
from schemas.db import Sql
from schemas.errors import WenlanError

SQL = Sql("normalise.match", "run.sql")
LOCK = 0x57656E4D  # "WenM": the one writer of clusters
BATCH = 80_000  # records a transaction: some 400 MB of rows at the worst
STOP = 2_000  # entries above which `rebuild` lists a key as a stop-key

Connection = psycopg.Connection[Any]
Progress = Callable[[int, int], None]


class MatchCounts(msgspec.Struct):
    """What a run did. `pairs` were judged; `matches` and `review` are the links stored of them; the rest counts clusters."""

    records: int = 0
    pairs: int = 0
    matches: int = 0
    review: int = 0
    created: int = 0
    changed: int = 0
    redirected: int = 0
    withdrawn: int = 0


def match_due(connection: Connection, *, progress: Progress | None = None, batch: int = BATCH) -> MatchCounts:
    """Match every record that is due, and commit batch by batch. `progress(done, total)` is called after each.

    Waits while another process matches. Running it again when nothing is due changes nothing.
    """
    return _run(connection, progress, batch, quiet=False)


def _run(connection: Connection, progress: Progress | None, batch: int, quiet: bool) -> MatchCounts:
    connection.commit()
    connection.execute(SQL["lock"], {"lock": LOCK})
    connection.commit()
    counts = MatchCounts()
    collecting = gc.isenabled()
    gc.disable()  # millions of rows that hold no cycles: looking through them again and again took a third of the time
    try:
        row = connection.execute(SQL["waiting"]).fetchone()
        total = int(row[0]) if row else 0
        while total:
            with connection.transaction():
                done = _Batch(connection, counts, quiet).run(batch)
            connection.commit()
            counts.records += done
            if progress:
                progress(min(counts.records, total), total)
            if not done:
                break
        describe_due(connection)  # also what a killed run left
        if progress and total:
            progress(total, total)  # records that stood beside a due one were done with it, due or not
    finally:
        if collecting:
            gc.enable()
        connection.rollback()
        connection.execute(SQL["unlock"], {"lock": LOCK})
        connection.commit()
    return counts


def rebuild(connection: Connection, engine: str = "duckdb", *, progress: Progress | None = None) -> MatchCounts:
    """Take new corpus statistics and match everything again. The only thing that replaces stop-keys.

    Permalinks survive: clusters keep their ids by the same rule as ever, and those that come out the same are not touched.
    """
    if engine != "duckdb":
        raise WenlanError(
            "engine-unknown",
            "没有名为 {engine} 的匹配引擎；本机可用：duckdb。",
            "There is no matching engine {engine}; here: duckdb.",
            engine=engine,
        )
    with connection.transaction():
        version = int(_one(connection, SQL["next_version"]))
        connection.execute(SQL["count_keys"], {"version": version, "limit": STOP})
        connection.execute(SQL["note_version"], {"version": version})
        connection.execute(SQL["drop_statistics"], {"version": version})
        connection.execute(SQL["all_due"])
    connection.commit()
    return _run(connection, progress, BATCH, quiet=True)


def _one(connection: Connection, statement: Any, arguments: dict[str, Any] | None = None) -> Any:
    row = connection.execute(statement, arguments).fetchone()
    if row is None:
        raise LookupError("the statement gave no row")
    return row[0]


class _Batch:
    """One transaction's work."""

    def __init__(self, connection: Connection, counts: MatchCounts, quiet: bool) -> None:
        self.connection, self.counts, self.quiet = connection, counts, quiet
        self.store = Store()
        self.records = self.store.records

    def run(self, limit: int) -> int:
        due = self._load(SQL["due"], {"limit": limit})
        if not due:
            return 0
        asked = set(due)  # a deleted or changed record; the others only stood beside one
        clusters = {r.cluster for r in self.records.values() if r.cluster is not None}
        if clusters:
            due |= self._load(SQL["mates"], {"clusters": list(clusters)})
        keys, ids = self._entries(due)
        self._load(SQL["rows"], {"ids": self._missing(ids.tolist()), "also_due": False})
        pins = self.connection.execute(SQL["pins"]).fetchall()
        pinned = frozenset(x for a, b, _ in pins for x in (a, b))
        nodes = self.store.nodes(pinned)
        due = {record for i in due if (node := nodes.of.get(i)) is not None for record in nodes.members[node]} | due
        neighbours = self._drop_edges(due)
        self._judge(nodes, keys, ids, due)
        reached = self._close(due | neighbours, pins)
        if not reached <= nodes.of.keys():
            nodes = self.store.nodes(pinned, reached)
        self._cluster(nodes, reached, due, asked, pins)
        return len(asked)

    def _load(self, statement: Any, arguments: dict[str, Any]) -> set[int]:
        with self.connection.cursor(binary=True) as cursor:
            return self.store.add(cursor.execute(statement, arguments))

    def _missing(self, ids: Iterable[int]) -> list[int]:
        return sorted(set(ids) - self.records.keys())

    def _entries(self, due: set[int]) -> tuple[Ints, Ints]:
        """(key, record) of every key that a due record has."""
        live = [i for i in due if self.records[i].live]
        self._name_batch(live)
        with self.connection.cursor(binary=True) as cursor:
            row = cursor.execute(SQL["entries"]).fetchone()
        entries = np.frombuffer(row[0] if row and row[0] else b"", dtype=">i8").astype(np.int64).reshape(-1, 2)
        return entries[:, 0].copy(), entries[:, 1].copy()

    def _name_batch(self, ids: Iterable[int]) -> None:
        self.connection.execute(SQL["batch"])
        self.connection.execute("delete from match_batch")
        copy_rows(self.connection, "match_batch (id)", ((i,) for i in ids))
        self.connection.execute("analyze match_batch")

    def _drop_edges(self, due: set[int]) -> set[int]:
        """Forget what was judged of the due records; returns who stood at the other end."""
        self._name_batch(due)
        found = {row[0] for row in self.connection.execute(SQL["drop_edges_a"])}
        found |= {row[0] for row in self.connection.execute(SQL["drop_edges_b"])}
        return found

    def _judge(self, nodes: Nodes, keys: Ints, ids: Ints, due: set[int]) -> None:
        """Judge all pairs with a due node and store those that are match or review."""
        entry_nodes = nodes.of_records(ids)
        known = entry_nodes >= 0
        is_due = np.zeros(len(nodes), np.bool_)
        is_due[[nodes.of[i] for i in due if i in nodes.of]] = True
        stops = np.fromiter((row[0] for row in self.connection.execute(SQL["stops"])), np.int64)
        left, right = candidates(keys[known], entry_nodes[known], is_due, nodes.orders(), stops)
        twins = np.flatnonzero(is_due & np.fromiter((len(m) > 1 for m in nodes.members), np.bool_, len(nodes)))
        left, right = np.concatenate((left, twins)), np.concatenate((right, twins))
        self.counts.pairs += len(left)
        writer = Writer(self.connection)
        for a, b, judged in judge.batches(nodes.table, left, right, with_vetoed=False):
            counted = writer.edges(nodes, a, b, judged)
            self.counts.matches += counted[0]
            self.counts.review += counted[1]

    def _close(self, start: set[int], pins: list[Any]) -> set[int]:
        """All live records of the components and clusters that these records are or were in."""
        partners: dict[int, set[int]] = {}
        for a, b, verdict in pins:
            if verdict == "same":
                partners.setdefault(a, set()).add(b)
                partners.setdefault(b, set()).add(a)
        reached: set[int] = set()
        frontier = start
        self.matched: set[tuple[int, int]] = set()
        while frontier:
            self._load(SQL["rows"], {"ids": self._missing(frontier), "also_due": True})
            live = {i for i in frontier if i in self.records and self.records[i].live}
            reached |= live
            found: set[int] = set()
            for a, b in self.connection.execute(SQL["edges"], {"ids": list(live)}):
                self.matched.add((a, b))
                found.update((a, b))
            for i in live & partners.keys():
                found |= partners[i]
            clusters = {c for i in live if (c := self.records[i].cluster) is not None}
            if clusters:
                found.update(row[0] for row in self.connection.execute(SQL["members"], {"clusters": list(clusters)}))
            frontier = found - reached - (frontier - live)
        return reached

    def _cluster(self, nodes: Nodes, reached: set[int], due: set[int], asked: set[int], pins: list[Any]) -> None:
        edges = np.array(list(self.matched), np.int64).reshape(-1, 2)
        a, b = nodes.of_records(edges[:, 0]), nodes.of_records(edges[:, 1])
        inside = (a >= 0) & (b >= 0) & (a != b)
        pairs = {
            verdict: [(nodes.of[p], nodes.of[q]) for p, q, v in pins if v == verdict and p in reached and q in reached]
            for verdict in ("same", "different")
        }
        label = partition(nodes.table, a[inside], b[inside], Pins(pairs["same"], pairs["different"]))
        twins = {nodes.of[p] for p, q in self.matched if nodes.of.get(p) == nodes.of.get(q) and p in nodes.of}
        groups = self._groups(nodes, reached, label, twins)
        self._write(nodes, groups, reached, due, asked)

    def _groups(self, nodes: Nodes, reached: set[int], label: Ints, twins: set[int]) -> list[list[int]]:
        """Groups of record ids. Equal records whose features are too thin to match stay apart, each for itself."""
        found: dict[tuple[int, int], list[int]] = {}
        for record in sorted(reached):
            node = nodes.of[record]
            alone = len(nodes.members[node]) > 1 and node not in twins
            found.setdefault((int(label[node]), record if alone else 0), []).append(record)
        return list(found.values())

    def _write(self, nodes: Nodes, groups: list[list[int]], reached: set[int], due: set[int], asked: set[int]) -> None:
        old = {i: c for i in reached if (c := self.records[i].cluster) is not None}
        gone = {c for i in due - reached if (c := self.records[i].cluster) is not None}
        known = list({*old.values(), *gone})
        fates = dict(self.connection.execute(SQL["fates"], {"ids": known}).fetchall()) if known else {}
        retired = frozenset(c for c, status in fates.items() if status == "redirected")
        fate = assign(groups, old, retired, frozenset(gone))
        writer = Writer(self.connection)
        ids = writer.new_ids(fate.ids)
        before: dict[int, set[int]] = {}
        for record, cluster in old.items():
            before.setdefault(cluster, set()).add(record)
        touched = {self.records[i].cluster for i in asked}  # a member changed, was deleted or came back
        changed = [
            Group(cluster, [self.records[i] for i in group])
            for cluster, given, group in zip(ids, fate.ids, groups, strict=True)
            if given is None or cluster in touched or before.get(cluster) != set(group) or not asked.isdisjoint(group)
        ]
        writer.clusters(changed, self.quiet)
        writer.members(
            [(i, c) for c, group in zip(ids, groups, strict=True) for i in group if i in due or old.get(i) != c]
        )
        writer.members([(i, None) for i in due - reached])
        writer.finish()
        writer.withdraw(fate.empty)
        writer.redirect({cluster: ids[index] for cluster, index in fate.moved.items()})
        created = sum(given is None for given in fate.ids)
        self.counts.created += created
        self.counts.changed += len(changed) - created
        self.counts.redirected += len(fate.moved)
        self.counts.withdrawn += len(fate.empty)

"""What matching writes: edges, who belongs to which cluster, redirects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import psycopg

from normalise.match import judge
from normalise.match.nodes import Nodes, Record
from normalise.match.table import Ints
from schemas.db import Sql

SQL = Sql("normalise.match", "run.sql")

Connection = psycopg.Connection[Any]


class Group(NamedTuple):
    """A cluster to write: its id and its live records."""

    id: int
    records: list[Record]


def copy_rows(connection: Connection, target: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


class Writer:
    """Writes in the transaction it is given."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._members: list[tuple[int, int | None]] = []

    def edges(self, nodes: Nodes, a: Ints, b: Ints, judged: judge.Judged) -> tuple[int, int]:
        """Store the pairs that are match or review; returns how many of each. Nodes are linked by their first records, equal records
        to the first of them."""
        kept = np.flatnonzero(judged.decision != judge.NO)
        part = judge.Judged(
            judged.score[kept],
            judged.decision[kept],
            judged.vetoes[kept],
            {name: bins[kept] for name, bins in judged.bins.items()},
        )
        han = nodes.table.han[a[kept]] | nodes.table.han[b[kept]]
        reasons = judge.reasons(part, han)
        version = judge.weights().version
        counted = [0, 0, 0]

        def rows() -> Iterable[Sequence[Any]]:
            for left, right, score, decision, why in zip(
                a[kept].tolist(), b[kept].tolist(), part.score.tolist(), part.decision.tolist(), reasons, strict=True
            ):
                first = nodes.members[left][0]
                others = nodes.members[left][1:] if left == right else (nodes.members[right][0],)
                text = "{" + ",".join(why) + "}"
                for other in others:
                    counted[decision] += 1
                    yield min(first, other), max(first, other), score, judge.DECISIONS[decision], text, version

        copy_rows(self.connection, "match_edge (a, b, score, decision, reasons, version)", rows())
        return counted[judge.MATCH], counted[judge.REVIEW]

    def new_ids(self, given: Sequence[int | None]) -> list[int]:
        """The ids given, with fresh ones where there is none."""
        missing = sum(i is None for i in given)
        if not missing:
            return [i for i in given if i is not None]
        row = self.connection.execute(SQL["new_ids"], {"n": missing}).fetchone()
        fresh = iter(row[0] if row else ())
        return [next(fresh) if i is None else i for i in given]

    def clusters(self, groups: Sequence[Group], quiet: bool) -> None:
        """Write who belongs to each cluster; its description waits for `describe`. `quiet`: the records themselves have not changed."""
        self.connection.execute(SQL["stage_clusters"])
        copy_rows(
            self.connection,
            "match_cluster (id, record_ids, members, work_key, visibility)",
            (_cluster_row(group) for group in groups),
        )
        self.connection.execute(SQL["update_clusters"], {"quiet": quiet})
        self.connection.execute(SQL["insert_clusters"])

    def members(self, rows: Iterable[tuple[int, int | None]]) -> None:
        """Note the cluster of records (None: as it was) and that they are no longer due; written by `finish`."""
        self._members.extend(rows)

    def finish(self) -> None:
        self.connection.execute(SQL["stage_records"])
        copy_rows(self.connection, "match_member (id, cluster_id)", self._members)
        self.connection.execute("analyze match_member")
        self.connection.execute(SQL["update_records"])
        self._members = []

    def withdraw(self, ids: Sequence[int]) -> None:
        if ids:
            self.connection.execute(SQL["withdraw"], {"ids": list(ids)})

    def redirect(self, moved: Mapping[int, int]) -> None:
        if moved:
            self.connection.execute(SQL["redirect"], {"old": list(moved), "new": list(moved.values())})


def _cluster_row(group: Group) -> Sequence[Any]:
    visibility = "public" if any(r.visibility == "public" for r in group.records) else "staff"
    ids = ",".join(str(i) for i in sorted(r.id for r in group.records))
    return group.id, f"{{{ids}}}", sorted({r.place[0] for r in group.records}), work_key(group.records), visibility


def work_key(records: Sequence[Record]) -> str:
    """Title and first author as most records give them: groups editions of a work for display, and decides nothing."""
    found = Counter(r.work for r in records if r.work)
    if not found:
        return ""
    most = max(found.values())
    return min(key for key, count in found.items() if count == most)[:200]

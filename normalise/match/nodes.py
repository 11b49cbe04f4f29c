"""Records as matching holds them in memory. Records with equal features are one node: what holds of one holds of all, so a book that
5,000 libraries copied from one another costs one comparison, not twelve million.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import numpy as np

from normalise.match.features import FeatureRow
from normalise.match.table import Ints, Table, concat

_CHUNK = 5_000  # rows decoded at a time: columns take a quarter of their memory
_decode = msgspec.msgpack.Decoder(FeatureRow).decode


class Record(NamedTuple):
    """A row of `record` without its features."""

    id: int
    place: tuple[str, str, str]  # member, source, local id
    visibility: str
    cluster: int | None
    live: bool
    work: str = ""  # title and first author, for the work key


class Store:
    """The records a batch has read, and their features as columns."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.row: dict[int, int] = {}  # record -> row of the table
        self._tables: list[Table] = []
        self._rows = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> set[int]:
        """Rows of (id, member, source, local_id, visibility, live, cluster_id, feature); returns the ids."""
        found: set[int] = set()

        def live() -> Iterator[tuple[int, FeatureRow]]:
            for id, member, source, local_id, visibility, is_live, cluster, feature in rows:
                found.add(id)
                work = ""
                if is_live and feature is not None:
                    row = _decode(feature)
                    work = f"{row.title}/{row.surnames[0] if row.surnames else ''}" if row.title else ""
                    yield id, row
                place = (member, source, local_id)
                self.records[id] = Record(id, place, visibility, cluster, is_live and feature is not None, work)

        self.add_rows(live())
        return found

    def add_rows(self, rows: Iterable[tuple[int, FeatureRow]]) -> None:
        """Features of live records by id; those known are passed over."""
        features: list[FeatureRow] = []
        for id, row in rows:
            if id in self.row:
                continue
            self.row[id] = self._rows
            self._rows += 1
            features.append(row)
            if len(features) >= _CHUNK:
                self._tables.append(Table(features))
                features = []
        if features or not self._tables:
            self._tables.append(Table(features))

    @property
    def table(self) -> Table:
        self._tables = [concat(self._tables)]
        return self._tables[0]

    def nodes(self, pinned: frozenset[int], of: Iterable[int] | None = None) -> Nodes:
        """Nodes of all live records, or of these."""
        ids = [i for i in (self.row if of is None else of) if i not in self.records or self.records[i].live]
        return Nodes(ids, self, pinned)


class Nodes:
    """Live records by content. Nodes are numbered in an intrinsic order: by digest; a record with a pin is a node of its own."""

    def __init__(self, ids: Sequence[int], store: Store, pinned: frozenset[int]) -> None:
        digests = store.table.digest[[store.row[i] for i in ids]].tolist() if ids else []
        members: dict[tuple[int, bytes], list[int]] = {}
        for record, digest in zip(ids, digests, strict=True):
            own = b""
            if record in pinned:
                own = blake2b("\x1f".join(store.records[record].place).encode(), digest_size=8).digest()
            members.setdefault((digest, own), []).append(record)
        keys = sorted(members)
        self.members: list[list[int]] = [sorted(members[key]) for key in keys]
        self.of: dict[int, int] = {record: node for node, group in enumerate(self.members) for record in group}
        self.table = store.table.take(np.array([store.row[group[0]] for group in self.members], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.members)

    def orders(self) -> list[Ints]:
        """Two rankings of the nodes for blocks that are too full to compare all with all."""
        t = self.table
        return [_rank((t.isbn_number, t.pages, t.year)), _rank((t.year, t.edition, t.pages))]

    def of_records(self, ids: Ints) -> Ints:
        """Node of each record id, -1 where it is none of these."""
        return np.fromiter((self.of.get(i, -1) for i in ids.tolist()), np.int64, len(ids))


def _rank(columns: tuple[Ints, ...]) -> Ints:
    """Position of each row when sorted by the last column, then the one before it; ties keep the rows' own order."""
    order = np.lexsort(columns)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank

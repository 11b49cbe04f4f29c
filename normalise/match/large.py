"""Dividing a component of many hundred records, where comparing every record with every other would cost the square.

The match edges are taken best first, and two groups are joined when no member of one forbids a member of the other. That order is
followed in rounds: an edge that is the best of both its groups can be decided at once, and all of a round are tested together. Of
the members that say the same in every field a veto looks at, one stands for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from normalise.match.judge import BATCH, judge, vetoed
from normalise.match.table import Bools, Ints, Table


class Pins(NamedTuple):
    """People's verdicts as pairs of rows."""

    same: Sequence[tuple[int, int]] = ()
    different: Sequence[tuple[int, int]] = ()


NO_PINS = Pins()


def divide_large(table: Table, rows: Ints, a: Ints, b: Ints, pins: Pins) -> list[list[int]]:
    """Groups of the rows of one component; `a`, `b` are all match edges, of this component and others."""
    inside = np.isin(a, rows) & np.isin(b, rows)
    a, b = a[inside], b[inside]
    best_first = np.lexsort((b, a, -judge(table, a, b, with_vetoed=False).score))
    groups = _Groups(table, rows, pins)
    groups.join_equals(a, b)
    groups.pin(pins)
    groups.follow(a[best_first], b[best_first])
    return list(groups.members.values())


class _Groups:
    def __init__(self, table: Table, rows: Ints, pins: Pins) -> None:
        self.table = table
        self.label = np.arange(table.n, dtype=np.int64)
        self.members: dict[int, list[int]] = {r: [r] for r in rows.tolist()}
        self.speakers: dict[int, list[int]] = {r: [r] for r in rows.tolist()}  # of equal members one
        self.fields, self.signature = _signatures(table, rows)
        self.apart = {frozenset(pair) for pair in pins.different}

    def join_equals(self, a: Ints, b: Ints) -> None:
        """Edges between rows that no veto can part come first, all at once; not where a person has spoken."""
        spoken = {x for pair in self.apart for x in pair}
        parent = self.label
        for i, j in zip(a.tolist(), b.tolist(), strict=True):
            if self.fields[i] == self.fields[j] and i not in spoken and j not in spoken:
                left, right = int(parent[i]), int(parent[j])
                if left != right:
                    self._join(min(left, right), max(left, right))

    def pin(self, pins: Pins) -> None:
        for left, right in sorted(pins.same):
            if left in self.members or right in self.members:
                i, j = int(self.label[left]), int(self.label[right])
                if i != j and not self._kept_apart(i, j):
                    self._join(min(i, j), max(i, j))

    def follow(self, a: Ints, b: Ints) -> None:
        """Join along the edges, which stand best first."""
        blocked = np.zeros((0, 2), dtype=np.int64)
        n = np.int64(self.table.n)
        while len(a):
            left, right = np.minimum(self.label[a], self.label[b]), np.maximum(self.label[a], self.label[b])
            ends = np.sort(self.label[blocked], axis=1)
            open_ = (left != right) & ~np.isin(left * n + right, ends[:, 0] * n + ends[:, 1])
            first = np.sort(np.unique(np.where(open_, left * n + right, -1), return_index=True)[1])
            first = first[open_[first]]  # of parallel edges the best
            a, b, left, right = a[first], b[first], left[first], right[first]
            if not len(a):
                return
            index = np.arange(len(a))
            best = np.full(int(n), len(a), dtype=np.int64)
            np.minimum.at(best, left, index)
            np.minimum.at(best, right, index)
            chosen = np.flatnonzero((best[left] == index) & (best[right] == index))
            refused = self._refused(left[chosen], right[chosen])
            for i, j in zip(left[chosen][~refused].tolist(), right[chosen][~refused].tolist(), strict=True):
                self._join(i, j)
            blocked = np.concatenate((ends, np.stack((left[chosen][refused], right[chosen][refused]), axis=1)))

    def _refused(self, left: Ints, right: Ints) -> Bools:
        """Which of these pairs of groups hold two members that may not be together."""
        found = np.zeros(len(left), dtype=np.bool_)
        one: list[Ints] = []
        two: list[Ints] = []
        which: list[Ints] = []

        def decide() -> None:
            x, y, pair = np.concatenate(one), np.concatenate(two), np.concatenate(which)
            for start in range(0, len(x), BATCH):
                part = slice(start, start + BATCH)
                found[pair[part][vetoed(self.table, x[part], y[part])]] = True
            for pending in (one, two, which):
                pending.clear()

        for k, (i, j) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            if self._kept_apart(i, j):
                found[k] = True
                continue
            first, second = np.array(self.speakers[i]), np.array(self.speakers[j])
            one.append(np.repeat(first, len(second)))
            two.append(np.tile(second, len(first)))
            which.append(np.full(len(one[-1]), k))
            if sum(map(len, one)) > 10 * BATCH:
                decide()
        if one:
            decide()
        return found

    def _kept_apart(self, i: int, j: int) -> bool:
        return bool(self.apart) and any(
            frozenset((x, y)) in self.apart for x in self.members[i] for y in self.members[j]
        )

    def _join(self, i: int, j: int) -> None:
        if len(self.members[i]) < len(self.members[j]):  # the smaller list moves; the label is no more than a name
            i, j = j, i
        gone = self.members.pop(j)
        self.members[i] += gone
        self.label[gone] = i
        known = {self.signature[x] for x in self.speakers[i]}
        self.speakers[i] += [x for x in self.speakers.pop(j) if self.signature[x] not in known]


def _signatures(table: Table, rows: Ints) -> tuple[dict[int, int], dict[int, int]]:
    """Two numbers for each row. The first is equal for rows that no veto can part: they agree in every field it reads, and ISBNs and other
    numbers only lift vetoes. The second takes the numbers in: rows where it is equal answer alike to any third."""
    t = table
    fields = [
        *t.part_first, *t.part_last, t.part_depth, t.part_code, t.is_set, t.volume, t.volumes, t.edition, t.carrier, t.content,
        t.component, t.serial, t.thesis, t.annual, t.year, t.year_end, t.printing, t.pages, t.publisher_code, t.title_code, t.full_code,
        *t.languages.T, *t.translators.T, *t.author_names.T,
    ]  # fmt: skip
    numbers = [*t.isbns.T, *t.isbn_scopes.T, *t.ids.T, *t.surnames.T, *t.originals.T]
    return _number(fields, rows), _number([*fields, *numbers], rows)


def _number(columns: Sequence[Ints | Bools], rows: Ints) -> dict[int, int]:
    stacked = np.stack([column[rows].astype(np.int64) for column in columns], axis=1)
    _, inverse = np.unique(stacked, axis=0, return_inverse=True)
    return dict(zip(rows.tolist(), inverse.reshape(-1).tolist(), strict=True))

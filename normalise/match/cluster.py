"""Clusters from judged pairs: pure, and a function of the pairs alone, whatever order they came in.

A component is what match edges and "same" pins connect. Where no pair in it is vetoed or unlikely, it is one cluster. Otherwise it is
divided: "same" pins first, then the two groups that agree best on average are joined, again and again, as long as no two members
forbid it (veto, "different" pin) and the average says match. So a record that fits two editions joins one of them, and never chains
them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from normalise.match.block import all_pairs
from normalise.match.judge import NO, judge, weights
from normalise.match.large import NO_PINS, Pins, divide_large
from normalise.match.table import Bools, Ints, Table

Floats = npt.NDArray[np.float64]
_PAIRS = 200_000  # pairs of components judged at a time
_LARGE = 400  # a larger component is divided by classes of equal fields, or edge by edge: all its pairs would cost its square
_CLIP = 6.0  # log-odds beyond this count no more: one certain pair must not outvote several doubtful ones


def components(n: int, a: Ints, b: Ints) -> Ints:
    """The smallest node of each node's connected component."""
    label = np.arange(n, dtype=np.int64)
    while True:
        before = label.copy()
        low = np.minimum(label[a], label[b])
        np.minimum.at(label, label[a], low)
        np.minimum.at(label, label[b], low)
        label = label[label]
        if np.array_equal(label, before):
            return label


def partition(table: Table, a: Ints, b: Ints, pins: Pins = NO_PINS) -> Ints:
    """A label for each row of the table: rows with one label are one edition; the label is the smallest row of the cluster.

    Rows must stand in an intrinsic order (by content, not by arrival): ties are decided by it. `a`, `b` are the pairs judged match.
    """
    same = np.array(pins.same, dtype=np.int64).reshape(-1, 2)
    label = components(table.n, np.concatenate((a, same[:, 0])), np.concatenate((b, same[:, 1])))
    if not table.n:
        return label
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(label[order]) != 0)))
    sizes = np.diff(np.append(starts, table.n))
    pinned = label[np.array([x for pair in (*pins.same, *pins.different) for x in pair], dtype=np.int64)]
    suspect = (sizes > 1) & ((sizes > 2) | np.isin(label[order[starts]], pinned))
    normal = suspect & (sizes <= _LARGE)
    for component in _judged_components(table, order, starts[normal], sizes[normal], pins):
        _relabel(label, component.divide())
    for start, size in zip(starts[suspect & ~normal].tolist(), sizes[suspect & ~normal].tolist(), strict=True):
        _relabel(label, divide_large(table, order[start : start + size], a, b, pins))
    return label


def _relabel(label: Ints, groups: Sequence[Sequence[int]]) -> None:
    for group in groups:
        label[np.asarray(group, dtype=np.int64)] = min(group)


class Component:
    """Rows that hang together, with the log-odds of all their pairs."""

    def __init__(self, rows: Ints, odds: Floats, forbidden: Bools) -> None:
        self.rows, self.odds, self.forbidden = rows, odds, forbidden
        self.must: list[tuple[int, int]] = []
        self.apart: set[tuple[int, int]] = set()

    def pin(self, pins: Pins) -> None:
        at = {int(row): i for i, row in enumerate(self.rows)}
        for left, right in sorted(pins.same):
            if left in at and right in at:
                self.must.append((at[left], at[right]))
        for left, right in pins.different:
            if left in at and right in at:
                self.forbidden[at[left], at[right]] = self.forbidden[at[right], at[left]] = True
                self.apart.add((at[left], at[right]))

    def divide(self) -> list[list[int]]:
        """The groups, as rows."""
        groups: list[list[int]] = [[i] for i in range(len(self.rows))]
        total, forbidden = self.odds.copy(), self.forbidden.copy()
        size = np.ones(len(groups))
        alive = np.ones(len(groups), dtype=np.bool_)

        def join(i: int, j: int) -> None:
            groups[i] += groups[j]
            groups[j] = []
            total[i] += total[j]
            total[:, i] = total[i]
            forbidden[i] |= forbidden[j]
            forbidden[:, i] = forbidden[i]
            size[i] += size[j]
            alive[j] = False

        for left, right in self.must:
            i, j = sorted(next(g for g, members in enumerate(groups) if x in members) for x in (left, right))
            if i != j and not any((x, y) in self.apart or (y, x) in self.apart for x in groups[i] for y in groups[j]):
                join(i, j)
        threshold = weights().join
        while alive.sum() > 1:
            mean = total / np.outer(size, size)
            mean[forbidden | ~alive[:, None] | ~alive[None, :]] = -np.inf
            np.fill_diagonal(mean, -np.inf)
            best = int(np.argmax(mean))
            i, j = divmod(best, len(groups))
            if mean[i, j] < threshold:
                break
            join(min(i, j), max(i, j))
        return [[int(self.rows[x]) for x in group] for group in groups if group]


def _judged_components(table: Table, order: Ints, starts: Ints, sizes: Ints, pins: Pins) -> Iterator[Component]:
    """Components against which anything speaks; the others are whole and need no division."""
    bounds = np.concatenate(([0], np.cumsum(sizes * (sizes - 1) // 2)))
    pinned = {x for pair in (*pins.same, *pins.different) for x in pair}
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(bounds, bounds[first] + _PAIRS, side="right")) - 1)
        a, b = all_pairs(order, starts[first:last], sizes[first:last])
        judged = judge(table, a, b, with_vetoed=False)
        against = judged.decision == NO
        odds = np.clip(
            np.log(np.clip(judged.score, 1e-9, 1 - 1e-9) / (1 - np.clip(judged.score, 1e-9, 1 - 1e-9))), -_CLIP, _CLIP
        )
        for k in range(first, last):
            span = slice(int(bounds[k] - bounds[first]), int(bounds[k + 1] - bounds[first]))
            rows = order[starts[k] : starts[k] + sizes[k]]
            touched = bool(pinned) and not pinned.isdisjoint(rows.tolist())
            if not against[span].any() and not touched:
                continue
            component = _component(rows, odds[span], judged.vetoes[span] != 0)
            if touched:
                component.pin(pins)
            yield component
        first = last


def _component(rows: Ints, odds: Floats, forbidden: Bools) -> Component:
    k = len(rows)
    square, no = np.zeros((k, k)), np.zeros((k, k), dtype=np.bool_)
    upper = np.triu_indices(k, 1)
    square[upper], no[upper] = odds, forbidden
    return Component(rows, square + square.T, no | no.T)

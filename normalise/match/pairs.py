"""Pairs of rows, and the vectorised questions that features and vetoes ask of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process

from normalise.match.table import INVALID, OF_SET, Bools, Ints, Strings, Table, shared, stated

Bins = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]


class Pairs:
    """Row numbers of the two sides of p pairs, and what several features and vetoes need of them."""

    def __init__(self, table: Table, a: Ints, b: Ints) -> None:
        self.t, self.a, self.b = table, a, b
        self.n = len(a)
        self._memo: dict[str, Bools] = {}

    def both(self, column: Ints | Strings) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
        return column[self.a], column[self.b]

    def same(self, column: Ints) -> Bools:
        left, right = column[self.a], column[self.b]
        found: Bools = (left == right) & (left != 0)
        return found

    def known(self, column: Ints) -> Bools:
        """Stated on both sides."""
        found: Bools = (column[self.a] != 0) & (column[self.b] != 0)
        return found

    def differ(self, column: Ints) -> Bools:
        """Stated on both sides, and not the same."""
        left, right = column[self.a], column[self.b]
        found: Bools = (left != right) & (left != 0) & (right != 0)
        return found

    def share(self, slots: Ints) -> Bools:
        return shared(slots[self.a], slots[self.b])

    def stated(self, slots: Ints) -> tuple[Bools, Bools]:
        has = stated(slots)
        return has[self.a], has[self.b]

    def remember(self, name: str, make: Callable[[], Bools]) -> Bools:
        if name not in self._memo:
            self._memo[name] = make()
        return self._memo[name]

    @property
    def isbn_shared(self) -> Bools:
        """A valid ISBN of both that neither says is the set's."""

        def make() -> Bools:
            t = self.t
            single = np.where((t.isbn_scopes == INVALID) | (t.isbn_scopes == OF_SET), 0, t.isbns)
            return self.share(single)

        return self.remember("isbn", make)

    @property
    def id_shared(self) -> Bools:
        return self.remember("id", lambda: self.share(self.t.ids))

    @property
    def han(self) -> Bools:
        return self.remember("han", lambda: self.t.han[self.a] | self.t.han[self.b])

    def fuzzy(self, left: Strings, right: Strings, scorer: Callable[..., float], where: Bools) -> Floats:
        """Similarity 0 to 100 where asked, 0 elsewhere."""
        out = np.zeros(self.n, dtype=np.float32)
        at = np.flatnonzero(where)
        if len(at):
            out[at] = process.cpdist(
                left[self.a[at]].tolist(), right[self.b[at]].tolist(), scorer=scorer, dtype=np.float32
            )
        return out


def choose(n: int, cases: Sequence[tuple[Bools, int]], default: int) -> Bins:
    """The first case that holds decides."""
    out = np.full(n, default, dtype=np.int8)
    left = np.ones(n, dtype=np.bool_)
    for holds, value in cases:
        hit = left & holds
        out[hit] = value
        left &= ~holds
    return out


def ladder(n: int, score: Floats, known: Bools, steps: Sequence[float], missing: int) -> Bins:
    """Bin 0 for at least steps[0], 1 for at least steps[1] ..., the bin after the last step for less; `missing` where not known."""
    out = np.searchsorted(-np.asarray(steps, dtype=np.float32), -score, side="left").astype(np.int8)
    out[~known] = missing
    return out

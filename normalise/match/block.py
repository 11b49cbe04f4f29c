"""Candidate pairs from keys: in memory, linear in the entries read, never a join that multiplies inside the database.

A block is the nodes that share a key. Up to `FULL` nodes every pair is compared. A fuller block, or one whose key is a stop-key of the
versioned table, is refined by second components: its nodes are put in two intrinsic orders (year, pages, number; pages, year) and each
is compared with the `NEAR` next ones of each. What lies further apart in both is another year and another extent, which is a veto or
nearly so. The order is the nodes' own, so it does not matter who came first, and n records of one title cost n comparisons, not n².
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from normalise.match.table import Bools, Ints

FULL = 300
NEAR = 32
_CHUNK = 2_000_000  # raw pairs expanded at a time


def candidates(keys: Ints, nodes: Ints, due: Bools, orders: Sequence[Ints], stop: Ints) -> tuple[Ints, Ints]:
    """Pairs (a < b) of nodes that share a key, at least one of them due; each once.

    `keys` and `nodes` are parallel entries; `due[node]`; `orders` are rank columns over nodes for refinement; `stop` stop-keys.
    """
    order = np.lexsort((nodes, keys))
    keys, nodes = keys[order], nodes[order]
    if len(keys):
        new = np.concatenate(([True], (keys[1:] != keys[:-1]) | (nodes[1:] != nodes[:-1])))
        keys, nodes = keys[new], nodes[new]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, len(keys)))
    touched = np.logical_or.reduceat(due[nodes], starts) if len(starts) else np.zeros(0, np.bool_)
    refined = touched & (sizes > 1) & ((sizes > FULL) | np.isin(keys[starts], stop))
    plain = touched & (sizes > 1) & ~refined
    n = np.int64(len(due))
    found: list[Ints] = []
    for a, b in _expand(nodes, starts[plain], sizes[plain]):
        _keep(found, a, b, due, n)
    for start, size in zip(starts[refined].tolist(), sizes[refined].tolist(), strict=True):
        block = nodes[start : start + size]
        for ranks in orders:
            for a, b in _window(block[np.argsort(ranks[block], kind="stable")]):
                _keep(found, a, b, due, n)
    pairs = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return pairs // n, pairs % n


def _keep(found: list[Ints], a: Ints, b: Ints, due: Bools, n: np.int64) -> None:
    wanted = due[a] | due[b]
    a, b = a[wanted], b[wanted]
    found.append(np.unique(np.minimum(a, b) * n + np.maximum(a, b)))


def _expand(nodes: Ints, starts: Ints, sizes: Ints) -> Iterator[tuple[Ints, Ints]]:
    """All pairs within blocks, some million at a time."""
    pairs = sizes * (sizes - 1) // 2
    bounds = np.concatenate(([0], np.cumsum(pairs)))
    first = 0
    while first < len(starts):
        last = max(first + 1, int(np.searchsorted(bounds, bounds[first] + _CHUNK, side="right")) - 1)
        yield all_pairs(nodes, starts[first:last], sizes[first:last])
        first = last


def all_pairs(nodes: Ints, starts: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """Every pair within each run `nodes[start : start + size]`, run by run, in the order of the upper triangle."""
    total = int(sizes.sum())
    offset = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    entry = np.repeat(starts, sizes) + offset
    after = np.repeat(sizes, sizes) - offset - 1  # how many follow in the block
    left = np.repeat(entry, after)
    step = np.arange(len(left)) - np.repeat(np.cumsum(after) - after, after) + 1
    return nodes[left], nodes[left + step]


def _window(block: Ints) -> Iterator[tuple[Ints, Ints]]:
    for step in range(1, min(NEAR, len(block) - 1) + 1):
        yield block[:-step], block[step:]

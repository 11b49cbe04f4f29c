"""Blocking and clustering as pure functions."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from normalise.match import block, cluster, large
from normalise.match.features import FeatureRow, feature_row
from normalise.match.identity import assign
from normalise.match.judge import MATCH, judge
from normalise.match.table import Table, concat
from schemas.bib import Agent, BibRecord, Extent, Identifier, Publication, Title


def rows(count: int, seed: int) -> list[FeatureRow]:
    rng = random.Random(seed)
    made = []
    for i in range(count):
        bib = BibRecord(
            titles=[Title("大学语文", part_number=rng.choice(["", "", "上册", "下册"]))],
            agents=[Agent(rng.choice(["徐中玉", "齐森华"]), role="aut", primary=True)] if rng.random() < 0.7 else [],
            identifiers=[Identifier("isbn", f"978753{rng.randint(0, 3):07d}")] if rng.random() < 0.6 else [],
            publication=[Publication(publisher="华东师范大学出版社", year=rng.choice([None, 1996, 2001]))],
            extent=Extent(pages=rng.choice([None, 400, 402, 500])),
            languages=["chi"], carrier="print", content="text",
        )  # fmt: skip
        made.append(feature_row(bib, record_id=i, member="zjsl"))
    return sorted({r.digest: r for r in made}.values(), key=lambda r: r.digest)


def edges(table: Table) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.triu_indices(table.n, 1)
    hit = judge(table, a, b).decision == MATCH
    return a[hit], b[hit]


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 16), st.integers(0, 9999))
def test_no_cluster_holds_a_veto_and_edge_order_is_nothing(count: int, seed: int) -> None:
    table = Table(rows(count, seed))
    a, b = edges(table)
    label = cluster.partition(table, a, b)
    shuffled = np.random.default_rng(seed).permutation(len(a))
    assert (label == cluster.partition(table, b[shuffled], a[shuffled])).all()
    left, right = np.triu_indices(table.n, 1)
    together = label[left] == label[right]
    assert not (judge(table, left, right).vetoes[together] != 0).any()
    groups = large.divide_large(table, np.arange(table.n), a, b, large.NO_PINS)
    assert sorted(x for g in groups for x in g) == list(range(table.n))
    for group in groups:
        x, y = (np.array(group)[k] for k in np.triu_indices(len(group), 1))
        assert not (judge(table, x, y).vetoes != 0).any()


def test_pins_join_what_a_veto_parts_and_part_what_matches() -> None:
    def volume(part: str, isbn: str = "9787530209295") -> FeatureRow:
        bib = BibRecord(titles=[Title("平凡的世界", part_number=part)], identifiers=[Identifier("isbn", isbn)])
        return feature_row(bib, record_id=0, member="zjsl")

    table = Table([volume("1"), volume("2"), volume("2")])
    none = np.zeros(0, np.int64)
    assert cluster.partition(table, none, none, large.Pins([(0, 1)], [])).tolist() == [0, 0, 2]
    match = (np.array([1]), np.array([2]))
    assert cluster.partition(table, *match).tolist() == [0, 1, 1]
    assert cluster.partition(table, *match, large.Pins([], [(1, 2)])).tolist() == [0, 1, 2]
    assert cluster.partition(table, *match, large.Pins([(0, 1)], [(1, 2)])).tolist() == [0, 0, 2]
    pins = large.Pins([(0, 1)], [(1, 2)])
    assert sorted(map(sorted, large.divide_large(table, np.arange(3), *match, pins))) == [[0, 1], [2]]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=40), st.sets(st.integers(0, 9)))
def test_candidates_are_the_pairs_that_share_a_key(entries: list[tuple[int, int]], due: set[int]) -> None:
    keys, nodes = (np.array([e[side] for e in entries], dtype=np.int64) for side in (0, 1))
    is_due = np.isin(np.arange(10), list(due))
    a, b = block.candidates(keys, nodes, is_due, [np.arange(10)], np.zeros(0, np.int64))
    expected = {(x, y) for k, x in entries for m, y in entries if k == m and x < y and (x in due or y in due)}
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == expected
    assert len(a) == len(expected)


def test_a_full_block_costs_its_length() -> None:
    n = 20_000
    a, _ = block.candidates(
        np.zeros(n, np.int64),
        np.arange(n),
        np.ones(n, np.bool_),
        [np.arange(n), np.arange(n)[::-1]],
        np.zeros(0, np.int64),
    )
    assert len(a) <= n * block.NEAR
    small = np.arange(50)
    ordered = [np.arange(50)]
    every, _ = block.candidates(np.zeros(50, np.int64), small, np.ones(50, np.bool_), ordered, np.zeros(0, np.int64))
    stopped, _ = block.candidates(np.zeros(50, np.int64), small, np.ones(50, np.bool_), ordered, np.zeros(1, np.int64))
    assert len(every) == 50 * 49 // 2 > len(stopped)


def test_larger_part_keeps_the_id() -> None:
    fate = assign([[1, 2, 3], [4]], {1: 7, 2: 7, 3: 9, 4: 7}, frozenset(), frozenset({5}))
    assert fate.ids == [7, None]
    assert fate.moved == {9: 0}
    assert fate.empty == [5]
    assert assign([[1, 2]], {1: 8, 2: 3}, frozenset(), frozenset()).ids == [3]  # a tie: the smaller id
    assert assign([[1]], {1: 8}, frozenset({8}), frozenset()).ids == [None]  # redirected ids are not given again
    split = assign([[1], [2]], {1: 3, 2: 3}, frozenset(), frozenset())
    assert split.ids == [3, None]


def test_columns_of_several_chunks_are_those_of_one() -> None:
    made = rows(12, 3)
    whole, parts = Table(made), concat([Table(made[:5]), Table(made[5:])])
    a, b = np.triu_indices(len(made), 1)
    assert (judge(whole, a, b).score == judge(parts, a, b).score).all()
    back = parts.take(np.arange(len(made))[::-1])
    assert (judge(back, len(made) - 1 - a, len(made) - 1 - b).score == judge(whole, a, b).score).all()

"""Matching without a database: the judgement of given pairs, and the clusters of a few files. The same functions as the catalogue's."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from normalise.match import judge
from normalise.match.block import candidates
from normalise.match.cluster import partition
from normalise.match.features import FeatureRow, feature_row
from normalise.match.keys import keys
from normalise.match.nodes import Store
from normalise.match.table import Ints, Table
from normalise.match.vetoes import codes
from schemas.bib import BibRecord
from schemas.errors import WenlanError

Described = tuple[str, str, BibRecord]  # member, local id, description


class PairRow(NamedTuple):
    """A line of `wenlan match pairs`. `reasons` holds vetoes first, then what spoke for or against, joined by blanks."""

    id1: str
    id2: str
    score: float
    decision: str
    reasons: str


def read_pairs(file: Path) -> list[tuple[str, str]]:
    """The first two columns, id1 and id2, of a CSV with a heading."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if not {"id1", "id2"} <= set(reader.fieldnames or ()):
            raise WenlanError(
                "pairs-columns", "{file} 缺少列 id1 和 id2。", "{file} lacks the columns id1 and id2.", file=file.name
            )
        return [(row["id1"], row["id2"]) for row in reader]


def pairs(records: Iterable[Described], wanted: Iterable[tuple[str, str]]) -> Iterator[PairRow]:
    """Judge pairs of local ids, in the order asked. An id that no record has gives decision "unknown" and score 0."""
    asked = list(wanted)
    named = {id for pair in asked for id in pair}
    place: dict[str, int] = {}
    rows: list[FeatureRow] = []
    for _, local_id, bib in records:
        if local_id in named and local_id not in place:
            place[local_id] = len(rows)
            rows.append(feature_row(bib, record_id=0, member=""))
    table = Table(rows)
    for start in range(0, len(asked), judge.BATCH):
        part = asked[start : start + judge.BATCH]
        known = [p for p in part if p[0] in place and p[1] in place]
        a = np.array([place[p[0]] for p in known], dtype=np.int64)
        b = np.array([place[p[1]] for p in known], dtype=np.int64)
        yield from _pair_rows(table, part, known, a, b)


def _pair_rows(
    table: Table, part: list[tuple[str, str]], known: list[tuple[str, str]], a: Ints, b: Ints
) -> Iterator[PairRow]:
    judged = judge.judge(table, a, b)
    reasons = judge.reasons(judged, table.han[a] | table.han[b])
    found: dict[tuple[str, str], PairRow] = {}
    for pair, score, decision, bits, why in zip(
        known, judged.score.tolist(), judged.decision.tolist(), judged.vetoes.tolist(), reasons, strict=True
    ):
        found[pair] = PairRow(*pair, score, judge.DECISIONS[decision], " ".join([*codes(bits), *why]))
    for pair in part:
        yield found.get(pair) or PairRow(*pair, 0.0, "unknown", "record-missing")


def cluster(records: Iterable[Described]) -> Iterator[tuple[str, str, int]]:
    """(member, local id, cluster number) of every record, in the order they came. Numbers count from 1 in that order."""
    store = Store()
    names: list[tuple[str, str]] = []
    found_keys: list[int] = []
    found_ids: list[int] = []

    def rows() -> Iterator[tuple[int, FeatureRow]]:
        for id, (member, local_id, bib) in enumerate(records):
            row = feature_row(bib, record_id=id, member=member)
            names.append((member, local_id))
            made = keys(row)
            found_keys.extend(made)
            found_ids.extend([id] * len(made))
            yield id, row

    store.add_rows(rows())
    nodes = store.nodes(frozenset())
    ids = nodes.of_records(np.array(found_ids, dtype=np.int64))
    due = np.ones(len(nodes), np.bool_)
    none = np.zeros(0, np.int64)
    left, right = candidates(np.array(found_keys, dtype=np.int64), ids, due, nodes.orders(), none)
    matched_a, matched_b = [none], [none]
    for a, b, judged in judge.batches(nodes.table, left, right, with_vetoed=False):
        hit = judged.decision == judge.MATCH
        matched_a.append(a[hit])
        matched_b.append(b[hit])
    label = partition(nodes.table, np.concatenate(matched_a), np.concatenate(matched_b))
    twins = np.arange(len(nodes))
    alone = judge.judge(nodes.table, twins, twins, with_vetoed=False).decision != judge.MATCH
    numbers: dict[tuple[int, int], int] = {}
    for id, (member, local_id) in enumerate(names):
        node = nodes.of[id]
        group = (int(label[node]), id if alone[node] and len(nodes.members[node]) > 1 else -1)
        yield member, local_id, numbers.setdefault(group, len(numbers) + 1)

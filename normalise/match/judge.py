"""The judgement of pairs: vetoes, then a score from the weights of the bins, then one of three bands.

The weights are log-odds in `weights.toml`, one card for titles in Chinese characters and one for the rest; `score` is the probability
their sum stands for. `train_matcher` under `benchmarks/` made them; they are text, so that a change of them can be read.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from normalise.match import vetoes as veto_table
from normalise.match.compare import FEATURES, compare
from normalise.match.features import FeatureRow
from normalise.match.pairs import Bins, Pairs
from normalise.match.table import Bools, Ints, Table
from schemas.cluster import Decision, Judgement

BATCH = 50_000  # pairs at a time: some 100 bytes each for every feature
Floats = npt.NDArray[np.float64]
MATCH, REVIEW, NO = 2, 1, 0
DECISIONS: list[Decision] = ["no", "review", "match"]
_VETOED = 0.05  # the score of a vetoed pair is this share of what it would be, so that a ranking keeps its order


class Card(NamedTuple):
    bias: float
    weights: dict[str, Floats]  # feature -> weight of each bin


class Weights(NamedTuple):
    version: str
    match: float  # at and above this score
    review: float
    join: float  # mean log-odds from which two groups of a doubtful component are one
    han: Card
    latin: Card


@cache
def weights() -> Weights:
    data = tomllib.loads(resources.files("normalise.match").joinpath("weights.toml").read_text(encoding="utf-8"))
    return read_weights(data)


def read_weights(data: dict[str, Any]) -> Weights:
    """Bins that the file does not name weigh nothing."""

    def card(section: dict[str, Any]) -> Card:
        return Card(
            section["bias"],
            {name: np.array([section.get(name, {}).get(b, 0.0) for b in bins]) for name, (bins, _) in FEATURES.items()},
        )

    return Weights(data["version"], data["match"], data["review"], data["join"], card(data["han"]), card(data["latin"]))


class Judged(NamedTuple):
    """Parallel to the pairs: probability, decision (MATCH, REVIEW, NO), veto bits, and the bins."""

    score: Floats
    decision: npt.NDArray[np.int8]
    vetoes: Ints
    bins: dict[str, Bins]


def judge(table: Table, a: Ints, b: Ints, with_vetoed: bool = True) -> Judged:
    """Judge pairs of rows. Symmetric, and the same whatever else stands in the table. With `with_vetoed` false, vetoed pairs get score 0."""
    p = Pairs(table, a, b)
    bits = veto_table.vetoes(p)
    if with_vetoed or not bits.any():
        return _score(p, bits)
    open_ = np.flatnonzero(bits == 0)
    part = _score(Pairs(table, a[open_], b[open_]), bits[open_])
    score, decision = np.zeros(p.n), np.zeros(p.n, dtype=np.int8)
    score[open_], decision[open_] = part.score, part.decision
    bins = {name: np.zeros(p.n, dtype=np.int8) for name in part.bins}
    for name, values in part.bins.items():
        bins[name][open_] = values
    return Judged(score, decision, bits, bins)


def _score(p: Pairs, bits: Ints) -> Judged:
    w = weights()
    bins = compare(p)
    total = np.where(p.han, logit(w.han, bins), logit(w.latin, bins))
    score = 1 / (1 + np.exp(-total))
    score = np.asarray(np.round(np.where(bits != 0, score * _VETOED, score), 6), dtype=np.float64)
    decision = np.where(score >= w.match, MATCH, np.where(score >= w.review, REVIEW, NO)).astype(np.int8)
    decision[bits != 0] = NO
    return Judged(score, decision, bits, bins)


def logit(card: Card, bins: dict[str, Bins]) -> Floats:
    total = np.full(len(next(iter(bins.values()))), card.bias)
    for name, values in bins.items():
        total += card.weights[name][values]
    return total


def batches(table: Table, a: Ints, b: Ints, with_vetoed: bool = True) -> Iterator[tuple[Ints, Ints, Judged]]:
    """Judge any number of pairs in bounded memory."""
    for start in range(0, len(a), BATCH):
        left, right = a[start : start + BATCH], b[start : start + BATCH]
        yield left, right, judge(table, left, right, with_vetoed)


def vetoed(table: Table, a: Ints, b: Ints) -> Bools:
    found: Bools = veto_table.vetoes(Pairs(table, a, b)) != 0
    return found


TELLING = 0.4  # log-odds from which a bin counts as a reason


def reasons(judged: Judged, han: Bools) -> list[list[str]]:
    """For each pair the codes of the bins that moved its score, feature by feature."""
    w = weights()
    n = len(judged.score)
    packed = np.zeros(n, dtype=np.int64)
    base = 1
    for name, (names, _) in FEATURES.items():
        telling = (
            np.where(
                han, np.abs(w.han.weights[name])[judged.bins[name]], np.abs(w.latin.weights[name])[judged.bins[name]]
            )
            >= TELLING
        )
        packed += np.where(telling, judged.bins[name] + 1, 0).astype(np.int64) * base
        base *= len(names) + 1
    unique, inverse = np.unique(packed, return_inverse=True)
    texts = [_unpack(int(value)) for value in unique]
    return [texts[i] for i in inverse]


def _unpack(value: int) -> list[str]:
    found = []
    for name, (names, _) in FEATURES.items():
        value, digit = divmod(value, len(names) + 1)
        if digit:
            found.append(f"{name}-{names[digit - 1]}")
    return found


def explain(a: FeatureRow, b: FeatureRow) -> Judgement:
    """The judgement of one pair with its vetoes and reasons."""
    table = Table([a, b])
    one, two = np.array([0]), np.array([1])
    judged = judge(table, one, two)
    han = Pairs(table, one, two).han
    return Judgement(
        float(judged.score[0]),
        DECISIONS[judged.decision[0]],
        veto_table.codes(int(judged.vetoes[0])),
        reasons(judged, han)[0],
        weights().version,
    )

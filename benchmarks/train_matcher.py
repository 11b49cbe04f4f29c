"""Learn the weights of the bins, and write `normalise/match/weights.toml`.

    python -m benchmarks.train_matcher            fit, print cross-validated figures, write nothing
    python -m benchmarks.train_matcher --write

A logistic regression on the bins of `normalise.match.compare`, for pairs no veto decides: Chinese titles from zh_dev (the pairs that
blocking proposes, labelled by truth), others from Goldfinch. The weights are drawn towards a prior that states what a cataloguer
knows (`PRIOR`), so that bins the data hardly show, ISBNs in Goldfinch above all, keep sensible weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.accuracy import best_f1, goldfinch_pairs, goldfinch_rows, recall_at, zh_dev, zh_truth
from normalise.match import vetoes
from normalise.match.block import candidates
from normalise.match.compare import FEATURES, compare
from normalise.match.features import feature_row
from normalise.match.keys import keys
from normalise.match.pairs import Pairs
from normalise.match.table import Table

OUT = Path(__file__).parent.parent / "normalise" / "match" / "weights.toml"
PULL = 1.0  # strength of the prior: the inverse variance of a weight around it

PRIOR: dict[str, dict[str, float]] = {
    "title": {"equal": 2.5, "nearly": 2.0, "close": 1.0, "similar": 0.0, "weak": -1.5, "poor": -3.0, "different": -4.0},
    "title_alt": {"shared": 1.0, "pinyin": 1.0, "inside": 1.0},
    "title_length": {"one": -0.5, "short": -0.2, "long": 0.5},
    "subtitle": {"equal": 0.7, "close": 0.5, "different": -0.7},
    "numbers": {"same": 0.3, "differ": -3.5, "one": -0.5},
    "author": {"same": 1.5, "first": 1.3, "shared": 1.0, "romanised": 1.0, "close": 0.7, "different": -2.0},
    "forename": {"same": 0.3, "differ": -1.0},
    "translator": {"shared": 1.0, "close": 0.5, "differ": -1.5, "one": -0.3},
    "publisher": {"equal": 1.5, "inside": 1.3, "close": 1.0, "different": -2.0},
    "place": {"same": 0.3, "differ": -0.5},
    "year": {"equal": 1.0, "one": 0.2, "three": -1.0, "ten": -2.0, "far": -2.0},
    "pages": {"equal": 1.5, "two": 1.2, "few": 0.5, "some": -0.7, "far": -2.0},
    "size": {"equal": 0.2, "far": -0.7},
    "volumes": {"equal": 0.5, "differ": -2.0, "one": -0.7},
    "edition": {"equal": 1.0, "one": -1.5, "differ": -3.0, "revised": -1.0},
    "part": {"equal": 0.5, "one": -1.5},
    "isbn": {"shared": 4.0, "of_set": 1.5, "invalid": 2.5, "near": 1.0, "doubtful": -0.5, "same_publisher": -1.0, "different": -2.0},
    "id": {"shared": 3.0, "different": -1.0},
    "series": {"shared": 0.3, "differ": -0.3},
    "country": {"differ": -1.0},
    "annual": {"same": 0.5, "one": -1.5},
}  # fmt: skip
BIAS = -3.0


def design(bins: dict[str, np.ndarray]) -> np.ndarray:
    columns = [np.ones(len(next(iter(bins.values()))))]
    for name, (names, _) in FEATURES.items():
        columns += [(bins[name] == k).astype(float) for k in range(len(names))]
    return np.stack(columns, axis=1)


def prior() -> np.ndarray:
    return np.array([BIAS, *(PRIOR[name].get(b, 0.0) for name, (names, _) in FEATURES.items() for b in names)])


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, rounds: int = 30) -> np.ndarray:
    """Newton's method for the logistic likelihood with a Gaussian prior."""
    mean = prior()
    w = mean.copy()
    pull = np.full(len(w), PULL)
    pull[0] = 0.05

    def loss(v: np.ndarray) -> float:
        z = x @ v
        return float(weight @ (np.logaddexp(0, z) - y * z) + 0.5 * pull @ (v - mean) ** 2)

    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -60, 60)))
        gradient = x.T @ (weight * (p - y)) + pull * (w - mean)
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(pull)
        step = np.linalg.solve(hessian, gradient)
        rate = 1.0
        while loss(w - rate * step) > loss(w) and rate > 1e-4:
            rate /= 2
        w = w - rate * step
        if np.abs(step).max() < 1e-6:
            break
    return w


def open_pairs(table: Table, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return vetoes.vetoes(Pairs(table, a, b)) == 0


def goldfinch() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = goldfinch_rows()
    place = {id: i for i, id in enumerate(sorted(rows))}
    table = Table([rows[id] for id in sorted(rows)])
    pairs = goldfinch_pairs()
    a, b = (np.array([place[p[side]] for p in pairs]) for side in (0, 1))
    y = np.array([p[2] for p in pairs])
    free = open_pairs(table, a, b)
    p = Pairs(table, a[free], b[free])
    return design(compare(p)), y[free], p.han


def chinese() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth = zh_truth()
    rows, labels = [], []
    for member, local_id, bib in zh_dev():
        known = truth.get((member, local_id))
        if known and "guji" not in known.flags:
            rows.append(feature_row(bib, record_id=len(rows), member=member))
            labels.append(known.manifestation)
    table = Table(rows)
    entries = [(key, i) for i, row in enumerate(rows) for key in keys(row)]
    k, n = (np.array([e[side] for e in entries], dtype=np.int64) for side in (0, 1))
    none = np.zeros(0, np.int64)
    a, b = candidates(k, n, np.ones(len(rows), np.bool_), [np.arange(len(rows))], none)
    y = np.array([labels[i] == labels[j] for i, j in zip(a, b, strict=True)])
    total = sum(n * (n - 1) // 2 for n in np.unique(np.array(labels), return_counts=True)[1])
    free = open_pairs(table, a, b)
    print(
        f"zh_dev: {len(a)} candidate pairs, {y.sum()} of {total} true ones ({y.sum() / total:.4f}), {(y & ~free).sum()} of them vetoed"
    )
    p = Pairs(table, a[free], b[free])
    return design(compare(p)), y[free], p.han


def check(name: str, x: np.ndarray, y: np.ndarray, weight: np.ndarray, test: np.ndarray) -> None:
    """Five-fold cross-validation; `test` marks the rows that count."""
    fold = np.random.default_rng(1).integers(0, 5, len(y))
    score = np.zeros(len(y))
    for k in range(5):
        w = fit(x[fold != k], y[fold != k].astype(float), weight[fold != k])
        score[fold == k] = x[fold == k] @ w
    f1, at = best_f1(score[test], y[test])
    print(
        f"{name}: {int(test.sum())} pairs, {int(y[test].sum())} true; cross-validated best F1 {f1:.4f} at {at:.2f}, recall at precision .99 {recall_at(score[test], y[test], 0.99):.4f}"
    )


def text(w: np.ndarray) -> str:
    lines = [f"bias = {w[0]:.2f}"]
    at = 1
    for name, (names, _) in FEATURES.items():
        values = w[at : at + len(names)]
        at += len(names)
        lines.append(f"{name} = {{" + ", ".join(f"{b} = {v:.2f}" for b, v in zip(names, values, strict=True)) + "}")
    return "\n".join(lines)


HEAD = """\
# Log-odds of every bin of every feature (normalise/match/compare.py), learned by benchmarks/train_matcher.py; a pair's score is the
# probability their sum stands for. [han]: at least one title in Chinese characters; [latin]: neither. Change the version with the weights.
version = "{version}"
match = {match}   # score from which a pair is one edition
review = {review}  # score from which a person is asked
join = {join}    # mean log-odds from which two groups of a doubtful component are one
"""


def main() -> int:
    gx, gy, gh = goldfinch()
    zx, zy, zh = chinese()
    check("goldfinch", gx, gy, np.ones(len(gy)), np.ones(len(gy), bool))
    check("zh_dev, Chinese titles", zx[zh], zy[zh], np.ones(zh.sum()), np.ones(zh.sum(), bool))
    han = fit(zx[zh], zy[zh].astype(float), np.ones(zh.sum()))
    lx, ly = np.concatenate((gx[~gh], zx[~zh])), np.concatenate((gy[~gh], zy[~zh]))
    latin = fit(lx, ly.astype(float), np.ones(len(ly)))
    if "--write" in sys.argv:
        head = HEAD.format(version="1", match=0.65, review=0.25, join=0.0)
        OUT.write_text(f"{head}\n[han]\n{text(han)}\n\n[latin]\n{text(latin)}\n", encoding="utf-8")
    else:
        print(text(han), "\n---\n", text(latin))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""How well matching does on records with known truth: Goldfinch pairs, and the clusters of twelve Chinese libraries.

python -m benchmarks.accuracy            both, where the data is there (WENLAN_SHARED_DATA, or beside the checkout)
"""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from harvesters.files import open_file
from normalise.crosswalk import crosswalk
from normalise.match import judge, offline
from normalise.match.features import FeatureRow, feature_row
from normalise.match.table import Table
from normalise.read import Unreadable, read
from normalise.records import unlisted
from schemas.bib import BibRecord
from schemas.member import Source
from schemas.settings import CHECKOUT

DATA = Path(os.environ.get("WENLAN_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))


def described(file: Path, code: str, deleted: bool = False) -> Iterator[tuple[str, str, BibRecord]]:
    """(member, local id, description) of the records of a file that can be read; of deleted ones only on request."""
    member, source = unlisted(code if code.isidentifier() else "files"), Source()
    with file.open("rb") as stream:
        for raw in open_file(stream, name=file.name):
            try:
                reading = read(raw)
            except Unreadable:
                continue
            if deleted or not (raw.deleted or reading.deleted):
                made = crosswalk(reading, member=member, source=source, profiles={})
                yield code, reading.local_id or raw.local_id, made.bib


def zh_dev() -> Iterator[tuple[str, str, BibRecord]]:
    folder = DATA / "zh_dev"
    for file in sorted(folder.iterdir()):
        if file.suffix in (".iso", ".mrc", ".xml") or file.name == "xhbk.csv":
            yield from described(file, file.stem)
        elif file.is_dir():
            for page in sorted(file.glob("*.xml")):
                yield from described(page, file.name)


class Truth(NamedTuple):
    manifestation: str
    work: str
    flags: frozenset[str]


def zh_truth() -> dict[tuple[str, str], Truth]:
    with (DATA / "zh_dev" / "truth.csv").open(encoding="utf-8-sig") as file:
        return {
            (row["library"], row["local_id"]): Truth(
                row["manifestation_id"], row["work_id"], frozenset(row["flags"].split(";"))
            )
            for row in csv.DictReader(file)
            if row["manifestation_id"]
        }


class Score(NamedTuple):
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return (
            2 * self.precision * self.recall / (self.precision + self.recall) if self.precision + self.recall else 0.0
        )


def pairwise(truth: Iterable[str], found: Iterable[int]) -> Score:
    """Pairwise precision and recall of two labelings of the same records."""
    both: Counter[tuple[str, int]] = Counter(zip(truth, found, strict=True))
    true: Counter[str] = Counter()
    made: Counter[int] = Counter()
    for (t, f), n in both.items():
        true[t] += n
        made[f] += n

    def pairs(counts: Iterable[int]) -> int:
        return sum(n * (n - 1) // 2 for n in counts)

    hits = pairs(both.values())
    return Score(hits / max(pairs(made.values()), 1), hits / max(pairs(true.values()), 1))


def chinese() -> Score:
    """Clusters of zh_dev, early printed books apart; records that no reader can read count as found nowhere."""
    truth = zh_truth()
    wanted = {key: t for key, t in truth.items() if "guji" not in t.flags}
    labels = {(member, local_id): cluster for member, local_id, cluster in offline.cluster(zh_dev())}
    missing = [key for key in wanted if key not in labels]
    print(f"zh_dev: {len(labels)} records clustered, {len(missing)} with truth not read")
    keys = sorted(wanted)
    fresh = max(labels.values(), default=0)
    found = [labels.get(key, fresh + 1 + i) for i, key in enumerate(keys)]
    score = pairwise([wanted[key].manifestation for key in keys], found)
    print(f"zh_dev clusters: precision {score.precision:.4f}  recall {score.recall:.4f}  F1 {score.f1:.4f}")
    guji = defaultdict(set)
    for key, t in truth.items():
        if "guji" in t.flags and key in labels:
            guji[labels[key]].add(key)
    print(f"zh_dev early printed books merged: {sum(len(g) > 1 for g in guji.values())}")
    return score


def goldfinch_rows() -> dict[str, FeatureRow]:
    file = DATA / "matching" / "goldfinch_val" / "records.jsonl.gz"
    return {
        local_id: feature_row(bib, record_id=0, member="g")
        for _, local_id, bib in described(file, "goldfinch", deleted=True)
    }


def goldfinch_pairs() -> list[tuple[str, str, bool]]:
    with (DATA / "matching" / "goldfinch_val" / "pairs.csv").open() as file:
        return [(row["id1"], row["id2"], row["label"] == "1") for row in csv.DictReader(file)]


def best_f1(scores: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """(best F1, the threshold that gives it)."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    precision = hits / np.arange(1, len(order) + 1)
    recall = hits / labels.sum()
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    last = np.append(np.diff(scores[order]) != 0, True)  # a threshold cannot part equal scores
    f1 = np.where(last, f1, 0)
    best = int(np.argmax(f1))
    return float(f1[best]), float(scores[order][best])


def recall_at(scores: np.ndarray, labels: np.ndarray, wanted: float) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    good = np.flatnonzero(
        (hits / np.arange(1, len(order) + 1) >= wanted) & np.append(np.diff(scores[order]) != 0, True)
    )
    return float(hits[good[-1]] / labels.sum()) if len(good) else 0.0


def goldfinch() -> float:
    rows = goldfinch_rows()
    ids = sorted(rows)
    place = {id: i for i, id in enumerate(ids)}
    pairs = goldfinch_pairs()
    table = Table([rows[id] for id in ids])
    a, b = (np.array([place[p[side]] for p in pairs]) for side in (0, 1))
    labels = np.array([p[2] for p in pairs])
    judged = judge.judge(table, a, b)
    f1, at = best_f1(judged.score, labels)
    made = judged.decision == judge.MATCH
    precision, recall = labels[made].mean(), labels[made].sum() / labels.sum()
    print(
        f"goldfinch: best F1 {f1:.4f} at {at:.3f}; recall at precision .99 {recall_at(judged.score, labels, 0.99):.4f}; "
        f"decision match: precision {precision:.4f} recall {recall:.4f}; true pairs vetoed {int((labels & (judged.vetoes != 0)).sum())}"
    )
    return f1


def main() -> int:
    if not DATA.is_dir():
        print("no records with known truth beside this checkout: nothing to measure")
        return 0
    if (DATA / "matching").is_dir():
        goldfinch()
    if (DATA / "zh_dev").is_dir():
        chinese()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Feature rows as columns: what numpy and rapidfuzz compare, 50,000 pairs at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from normalise.match.features import FeatureRow

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.object_]

_POSITIONS = {"s": 1, "z": 2, "x": 3}
NUMBER, POSITION, OTHER = 1, 2, 3  # kinds of a level of a part: 2, 下, anything else
_NO_LANGUAGE = frozenset({"", "und", "mul", "zxx", "|||"})


def _hash(text: str) -> int:
    """Equal texts, equal numbers, within this process; 0 for none."""
    return hash(text) if text else 0


class Table:
    """Columns of `n` rows. Hashed columns serve equality only; 0 is missing. Slot columns are (n, slots), 0 padded."""

    def __init__(self, rows: Sequence[FeatureRow]) -> None:
        self.n = len(rows)
        self.digest = _ints(r.digest for r in rows)
        self.title = _strings([r.title for r in rows])
        self.full = _strings([r.title + r.subtitle for r in rows])
        self.words = _strings([r.words for r in rows])
        self.subtitle = _strings([r.subtitle for r in rows])
        self.publisher = _strings([r.publisher for r in rows])
        self.part_name = _strings([r.part_name for r in rows])
        self.author = _strings([r.authors[0] if r.authors else "" for r in rows])
        self.authors = _strings([" ".join(r.authors) for r in rows])
        self.translator = _strings([" ".join(r.translators) for r in rows])
        self.isbn = _strings([r.isbns[0][:13] if r.isbns and not r.isbns[0].endswith("z") else "" for r in rows])
        self.isbn_core = _strings([_core(r.isbns[0]) if r.isbns else "" for r in rows])
        self.isbn_number = _ints(int(i) if i.isdecimal() else 0 for i in self.isbn)
        self.isbn_prefix = _ints(int(i[:6]) if i.isdecimal() else 0 for i in self.isbn)
        self._numbers(rows)
        self._codes(rows)
        self._slots(rows)
        self._parts(rows)

    def _numbers(self, rows: Sequence[FeatureRow]) -> None:
        self.year = _ints(r.year for r in rows)
        self.year_end = _ints(r.year_end or r.year for r in rows)
        self.printing = _ints(r.printing for r in rows)
        self.pages = _ints(r.pages for r in rows)
        self.volumes = _ints(r.volumes for r in rows)
        self.size = _ints(r.size for r in rows)
        self.edition = _ints(r.edition for r in rows)
        self.annual = _ints(r.annual for r in rows)
        self.revised = _bools(r.revised for r in rows)
        self.guji = _bools(r.guji for r in rows)
        self.thesis = _bools(r.thesis for r in rows)
        self.is_set = _bools(r.is_set for r in rows)
        self.han = _bools(bool(r.title) and not r.words for r in rows)
        self.title_length = np.array([len(r.title) for r in rows], dtype=np.int64)

    def _codes(self, rows: Sequence[FeatureRow]) -> None:
        self.title_code = _ints(_hash(r.title) for r in rows)
        self.full_code = _ints(_hash(r.title + r.subtitle) for r in rows)
        self.pinyin = _ints(_hash(r.pinyin) for r in rows)
        self.part_code = _ints(_hash(r.part_name) for r in rows)
        self.numbers = _ints(_hash(r.numbers) for r in rows)
        self.publisher_code = _ints(_hash(r.publisher) for r in rows)
        self.publisher_han = _bools(bool(r.publisher) and not r.publisher.isascii() for r in rows)
        self.author_han = _bools(bool(r.authors) and not r.authors[0].isascii() for r in rows)
        self.translator_han = _bools(bool(r.translators) and not r.translators[0].isascii() for r in rows)
        self.place = _ints(_hash(r.place) for r in rows)
        self.carrier = _ints(_hash(r.carrier) for r in rows)
        self.content = _ints(_hash(r.content if r.content != "mixed" else "") for r in rows)
        self.component = _bools(r.level == "component" for r in rows)
        self.serial = _bools(r.level == "serial" for r in rows)
        self.volume = _bools(r.level == "volume" for r in rows)
        self.script = _ints(_hash(r.script) for r in rows)
        self.country = _ints(_hash(r.country) for r in rows)

    def _slots(self, rows: Sequence[FeatureRow]) -> None:
        self.isbns = _slots(rows, lambda r: r.isbns, lambda v: hash(v[:13]))
        self.isbn_scopes = _slots(rows, lambda r: r.isbns, _scope)
        self.ids = _slots(rows, lambda r: r.ids, hash)
        self.id_kinds = _slots(rows, lambda r: r.ids, lambda v: hash(v.split(":", 1)[0]))
        self.issns = _slots(rows, lambda r: r.issns, hash)
        self.author_names = _slots(rows, lambda r: r.authors, hash)
        self.surnames = _slots(rows, lambda r: r.surnames, hash)
        self.originals = _slots(rows, lambda r: r.originals, hash)
        self.translators = _slots(rows, lambda r: r.translators, hash)
        self.titles = _slots(rows, lambda r: [r.title, *r.alts] if r.title else r.alts, hash)
        self.series = _slots(rows, lambda r: r.series, hash)
        self.languages = _slots(rows, lambda r: [v for v in r.languages if v not in _NO_LANGUAGE], hash)

    def _parts(self, rows: Sequence[FeatureRow]) -> None:
        """First and last level of the part as (kind, number); a part of one level is both."""
        first_kind, first, last_kind, last, depth = (np.zeros(self.n, np.int64) for _ in range(5))
        for i, row in enumerate(rows):
            if row.part:
                levels = row.part.split(".")
                first_kind[i], first[i] = _level(levels[0])
                last_kind[i], last[i] = _level(levels[-1])
                depth[i] = len(levels)
        self.part_first, self.part_last, self.part_depth = (first_kind, first), (last_kind, last), depth

    def take(self, rows: Ints) -> Table:
        """These rows, in this order."""
        other = Table.__new__(Table)
        other.n = len(rows)
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray):
                setattr(other, name, column[rows])
            elif isinstance(column, tuple):
                setattr(other, name, tuple(part[rows] for part in column))
        return other


def concat(tables: Sequence[Table]) -> Table:
    """The rows of all tables, one after the other."""
    if len(tables) == 1:
        return tables[0]
    whole = Table.__new__(Table)
    whole.n = sum(t.n for t in tables)
    for name, column in vars(tables[0]).items():
        columns = [getattr(t, name) for t in tables]
        if isinstance(column, tuple):
            setattr(whole, name, tuple(np.concatenate([c[i] for c in columns]) for i in range(len(column))))
        elif isinstance(column, np.ndarray) and column.ndim == 2:
            width = max(c.shape[1] for c in columns)
            setattr(whole, name, np.concatenate([np.pad(c, ((0, 0), (0, width - c.shape[1]))) for c in columns]))
        elif isinstance(column, np.ndarray):
            setattr(whole, name, np.concatenate(columns))
    return whole


def _level(text: str) -> tuple[int, int]:
    if text in _POSITIONS:
        return POSITION, _POSITIONS[text]
    return (NUMBER, int(text)) if text.isdecimal() and len(text) < 10 else (OTHER, hash(text))


SINGLE, OF_SET, OF_VOLUME, INVALID = 1, 2, 3, 4


def _scope(isbn: str) -> int:
    return {"s": OF_SET, "v": OF_VOLUME, "z": INVALID}.get(isbn[13:14], SINGLE)


def _core(isbn: str) -> str:
    """The nine digits that ISBN-10 and 13 share; of a number of another length what there is. Wrong digits stay to be compared."""
    digits = isbn.rstrip("svz")
    return digits[3:12] if len(digits) == 13 else digits[:9]


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _bools(values: Iterable[bool]) -> Bools:
    return np.fromiter(values, dtype=np.bool_)


def _strings(values: list[str]) -> Strings:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def _slots(
    rows: Sequence[FeatureRow], values: Callable[[FeatureRow], Sequence[str]], code: Callable[[str], int]
) -> Ints:
    """One row of codes for each record; as many columns as the longest needs."""
    lists = [values(r) for r in rows]
    width = max(map(len, lists), default=0)
    out = np.zeros((len(rows), max(width, 1)), dtype=np.int64)
    if width == 0:
        return out
    counts = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    flat: Any = np.fromiter((code(v) for item in lists for v in item), dtype=np.int64)
    ends = np.cumsum(counts)
    row = np.repeat(np.arange(len(rows)), counts)
    column = np.arange(len(flat)) - np.repeat(ends - counts, counts)
    out[row, column] = flat
    return out


def shared(left: Ints, right: Ints) -> Bools:
    """Whether two (p, slots) arrays have a value in common, pair by pair."""
    found = np.zeros(len(left), dtype=np.bool_)
    for a in range(left.shape[1]):
        column = left[:, a]
        if not column.any():
            continue
        for b in range(right.shape[1]):
            np.logical_or(found, (column == right[:, b]) & (column != 0), out=found)
    return found


def stated(values: Ints) -> Bools:
    """Whether a slot column has anything, row by row."""
    return np.asarray(values.any(axis=1), dtype=np.bool_)

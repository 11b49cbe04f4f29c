"""How two records agree, feature by feature: every pair falls into one named bin of each feature, and "missing" is a bin of its own.

The bins are what a cataloguer would look at; `weights.toml` gives each bin its weight, `reasons.toml` its sentence.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from rapidfuzz import fuzz

from normalise.match.pairs import Bins, Floats, Pairs, choose, ladder
from normalise.match.table import INVALID, Bools, Ints, shared

Feature = Callable[[Pairs], Bins]
FEATURES: dict[str, tuple[list[str], Feature]] = {}


def feature(name: str, *bins: str) -> Callable[[Feature], Feature]:
    """Register a function that gives the number of the bin, in the order the bins are named."""

    def register(function: Feature) -> Feature:
        FEATURES[name] = (list(bins), function)
        return function

    return register


@feature("title", "equal", "nearly", "close", "similar", "weak", "poor", "different", "missing")
def title(p: Pairs) -> Bins:
    t = p.t
    known = p.known(t.title_code)
    equal = p.same(t.title_code) | p.same(t.full_code)
    rest = known & ~equal
    best = np.where(equal, np.float32(100), p.fuzzy(t.title, t.title, fuzz.ratio, rest))
    best = np.maximum(best, p.fuzzy(t.full, t.full, fuzz.ratio, rest & (best < 99)))
    latin = rest & ~p.han & (best < 90)
    best = np.maximum(best, p.fuzzy(t.words, t.words, fuzz.token_sort_ratio, latin))
    return ladder(p.n, best.astype(np.float32), known, (100, 94, 88, 78, 65, 45), 7)


@feature("title_alt", "shared", "pinyin", "inside", "none")
def title_alt(p: Pairs) -> Bins:
    """Another title of one is the title of the other; one is the pinyin of the other (of two in characters equal pinyin says little);
    the whole shorter title stands in the longer."""
    t = p.t
    equal = p.same(t.title_code)
    inside = p.fuzzy(t.full, t.full, fuzz.partial_ratio, ~equal & p.known(t.title_code)) >= 99
    short = np.minimum(t.title_length[p.a], t.title_length[p.b]) < 4
    return choose(
        p.n,
        [(equal, 3), (p.share(t.titles), 0), (p.same(t.pinyin) & (t.han[p.a] ^ t.han[p.b]), 1), (inside & ~short, 2)],
        3,
    )


@feature("title_length", "one", "short", "middle", "long")
def title_length(p: Pairs) -> Bins:
    """How much an equal title says: of equal titles only."""
    t = p.t
    length = np.minimum(t.title_length[p.a], t.title_length[p.b])
    length = np.where(p.han, length * 3, length)
    return choose(p.n, [(~p.same(t.title_code), 2), (length <= 9, 0), (length <= 18, 1), (length <= 36, 2)], 3)


@feature("subtitle", "equal", "close", "similar", "different", "one", "none")
def subtitle(p: Pairs) -> Bins:
    t = p.t
    left, right = t.subtitle[p.a] != "", t.subtitle[p.b] != ""
    known = left & right
    score = p.fuzzy(t.subtitle, t.subtitle, fuzz.ratio, known)
    contained = p.fuzzy(t.subtitle, t.subtitle, fuzz.partial_ratio, known & (score < 95)) >= 95
    score = np.where(contained, np.maximum(score, 90), score).astype(np.float32)
    out = ladder(p.n, score, known, (98, 85, 60), 5)
    out[left ^ right] = 4
    return out


@feature("numbers", "same", "differ", "one", "none")
def numbers(p: Pairs) -> Bins:
    left, right = p.t.numbers[p.a] != 0, p.t.numbers[p.b] != 0
    return choose(p.n, [(p.same(p.t.numbers), 0), (left & right, 1), (left | right, 2)], 3)


@feature("author", "same", "first", "shared", "romanised", "close", "similar", "different", "one", "none")
def author(p: Pairs) -> Bins:
    t = p.t
    left, right = p.stated(t.author_names)
    both = left & right
    whole = both & (t.authors[p.a] == t.authors[p.b])
    first = both & p.same(t.surnames[:, 0])
    any_ = p.share(t.author_names) | p.share(t.surnames)
    letters = p.share(t.originals)
    rest = both & ~(whole | first | any_ | letters)
    best = np.maximum(
        p.fuzzy(t.author, t.author, fuzz.partial_ratio, rest), p.fuzzy(t.authors, t.authors, fuzz.token_set_ratio, rest)
    )
    cases = [
        (whole, 0), (first, 1), (any_, 2), (letters, 3), (both & (best >= 80), 4), (both & (best >= 60), 5), (both, 6), (left | right, 7),
    ]  # fmt: skip
    return choose(p.n, cases, 8)


@feature("forename", "same", "initial", "differ", "unknown")
def forename(p: Pairs) -> Bins:
    """Of Latin names with one surname: whether the rest agrees."""
    t = p.t
    latin = ~(t.author_han[p.a] | t.author_han[p.b]) & p.same(t.surnames[:, 0])
    score = p.fuzzy(t.author, t.author, fuzz.ratio, latin)
    inside = p.fuzzy(t.author, t.author, fuzz.partial_ratio, latin & (score < 95)) >= 99
    return choose(p.n, [(~latin, 3), (score >= 92, 0), (inside | (score >= 80), 1)], 2)


@feature("translator", "shared", "close", "differ", "one", "none")
def translator(p: Pairs) -> Bins:
    left, right = p.stated(p.t.translators)
    return choose(
        p.n, [(p.share(p.t.translators), 0), (translators_close(p), 1), (left & right, 2), (left | right, 3)], 4
    )


def translators_close(p: Pairs) -> Bools:
    """Written in other scripts, which cannot be compared; or the translator of one stands among the authors of the other."""

    def make() -> Bools:
        t = p.t
        left, right = p.stated(t.translators)
        other = left & right & (t.translator_han[p.a] != t.translator_han[p.b])
        misplaced = shared(t.translators[p.a], t.author_names[p.b]) | shared(t.author_names[p.a], t.translators[p.b])
        found: Bools = other | (left & right & misplaced)
        return found

    return p.remember("translators", make)


@feature("publisher", "equal", "inside", "close", "similar", "different", "one", "none")
def publisher(p: Pairs) -> Bins:
    t = p.t
    known = p.known(t.publisher_code)
    score = publisher_score(p)
    cases = [
        (p.same(t.publisher_code), 0), (known & (score >= 95), 1), (known & (score >= 80), 2), (known & (score >= 60), 3), (known, 4),
        ((t.publisher_code[p.a] != 0) | (t.publisher_code[p.b] != 0), 5),
    ]  # fmt: skip
    return choose(p.n, cases, 6)


def publisher_score(p: Pairs) -> Floats:
    t = p.t
    rest = p.known(t.publisher_code) & ~p.same(t.publisher_code)
    han = t.publisher_han[p.a] & t.publisher_han[p.b]
    return np.maximum(
        p.fuzzy(t.publisher, t.publisher, fuzz.partial_ratio, rest & han), p.fuzzy(t.publisher, t.publisher, fuzz.token_set_ratio, rest & ~han)
    )  # fmt: skip


@feature("place", "same", "differ", "unknown")
def place(p: Pairs) -> Bins:
    return choose(p.n, [(p.same(p.t.place), 0), (p.differ(p.t.place), 1)], 2)


def year_gap(p: Pairs) -> Ints:
    """Years between the spans of publication; a year that is the other's printing counts as no gap. -1 where not known."""
    t = p.t
    low = np.maximum(t.year[p.a], t.year[p.b])
    high = np.minimum(t.year_end[p.a], t.year_end[p.b])
    gap = np.maximum(low - high, 0)
    printed = ((t.year[p.a] == t.printing[p.b]) | (t.year[p.b] == t.printing[p.a])) & p.known(t.year)
    gap = np.where(printed, np.minimum(gap, 1), gap)
    return np.where(p.known(t.year), gap, -1)


@feature("year", "equal", "one", "three", "ten", "far", "unknown")
def year(p: Pairs) -> Bins:
    gap = year_gap(p)
    return choose(p.n, [(gap < 0, 5), (gap == 0, 0), (gap == 1, 1), (gap <= 3, 2), (gap <= 10, 3)], 4)


@feature("pages", "equal", "two", "few", "some", "far", "one", "none")
def pages(p: Pairs) -> Bins:
    t = p.t
    left, right = t.pages[p.a], t.pages[p.b]
    known = p.known(t.pages)
    gap = np.abs(left - right)
    near = gap <= np.maximum(8, left // 40)
    cases = [
        (known & (gap == 0), 0), (known & (gap <= 2), 1), (known & near, 2), (known & (gap <= 30), 3), (known, 4), ((left > 0) | (right > 0), 5),
    ]  # fmt: skip
    return choose(p.n, cases, 6)


@feature("size", "equal", "near", "far", "unknown")
def size(p: Pairs) -> Bins:
    gap = np.abs(p.t.size[p.a] - p.t.size[p.b])
    return choose(p.n, [(~p.known(p.t.size), 3), (gap == 0, 0), (gap == 1, 1)], 2)


@feature("volumes", "equal", "differ", "one", "none")
def volumes(p: Pairs) -> Bins:
    left, right = p.t.volumes[p.a] > 1, p.t.volumes[p.b] > 1
    return choose(p.n, [(left & right & p.same(p.t.volumes), 0), (left & right, 1), (left | right, 2)], 3)


@feature("edition", "equal", "first", "one", "differ", "revised", "none")
def edition(p: Pairs) -> Bins:
    t = p.t
    left, right = t.edition[p.a], t.edition[p.b]
    high = np.maximum(left, right)
    cases = [
        (p.differ(t.edition), 3), ((left == right) & (left > 1), 0), (high > 1, 2), (t.revised[p.a] ^ t.revised[p.b], 4), (high == 1, 1),
    ]  # fmt: skip
    return choose(p.n, cases, 5)


@feature("part", "equal", "one", "none")
def part(p: Pairs) -> Bins:
    left, right = p.t.part_depth[p.a] > 0, p.t.part_depth[p.b] > 0
    return choose(p.n, [(left & right, 0), (left | right, 1)], 2)


@feature("isbn", "shared", "of_set", "invalid", "near", "doubtful", "same_publisher", "different", "one", "none")
def isbn(p: Pairs) -> Bins:
    """near: a wrong number that differs from the other's in one digit or two changed places; doubtful: a wrong number that differs more."""
    t = p.t
    left, right = p.stated(t.isbns)
    any_ = p.share(t.isbns)
    valid = np.where(t.isbn_scopes == INVALID, 0, t.isbns)
    both = left & right
    wrong = both & ~any_ & ((t.isbn_scopes[p.a, 0] == INVALID) | (t.isbn_scopes[p.b, 0] == INVALID))
    near = wrong & (p.fuzzy(t.isbn_core, t.isbn_core, fuzz.ratio, wrong) >= 88)
    cases = [
        (p.isbn_shared, 0), (p.share(valid), 1), (any_, 2), (near, 3), (wrong, 4), (both & p.same(t.isbn_prefix), 5), (both, 6), (left | right, 7),
    ]  # fmt: skip
    return choose(p.n, cases, 8)


@feature("id", "shared", "different", "unknown")
def other_id(p: Pairs) -> Bins:
    """统一书号 and other numbers; they differ when a kind stands in both and no number does."""
    return choose(p.n, [(p.id_shared, 0), (p.share(p.t.id_kinds), 1)], 2)


@feature("series", "shared", "differ", "unknown")
def series(p: Pairs) -> Bins:
    left, right = p.stated(p.t.series)
    return choose(p.n, [(p.share(p.t.series), 0), (left & right, 1)], 2)


@feature("country", "same", "differ", "unknown")
def country(p: Pairs) -> Bins:
    return choose(p.n, [(p.same(p.t.country), 0), (p.differ(p.t.country), 1)], 2)


@feature("annual", "same", "one", "none")
def annual(p: Pairs) -> Bins:
    left, right = p.t.annual[p.a] != 0, p.t.annual[p.b] != 0
    return choose(p.n, [(p.same(p.t.annual), 0), (left | right, 1)], 2)


def compare(p: Pairs) -> dict[str, Bins]:
    """The bin of every feature for each of the pairs."""
    return {name: function(p) for name, (_, function) in FEATURES.items()}

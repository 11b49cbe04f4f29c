"""What forbids that two records are one edition, however alike they look. Each veto is a test on pairs; its sentence stands in
`reasons.toml` under the same name. A veto speaks only where both records state something: what is missing never vetoes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources

import numpy as np
from rapidfuzz import fuzz

from normalise.match.compare import publisher_score, translators_close, year_gap
from normalise.match.pairs import Pairs
from normalise.match.table import INVALID, NUMBER, POSITION, Bools, Ints

Test = Callable[[Pairs], Bools]
VETOES: dict[str, Test] = {}


def veto(code: str) -> Callable[[Test], Test]:
    def register(test: Test) -> Test:
        VETOES[code] = test
        return test

    return register


@veto("guji")
def guji(p: Pairs) -> Bools:
    """Early printed books are described by copy; only people join them."""
    return p.t.guji[p.a] | p.t.guji[p.b]


@veto("part-number")
def part_number(p: Pairs) -> Bools:
    """第1册 and 第2册; 上册 goes with 1, 下册 with 2 or 3."""
    t = p.t
    known = (t.part_depth[p.a] > 0) & (t.part_depth[p.b] > 0)
    first = _level_fits(p, t.part_first)
    last = _level_fits(p, t.part_last)
    same_depth = t.part_depth[p.a] == t.part_depth[p.b]
    fits = np.where(same_depth, first & last, first | last)
    return known & ~fits


def _level_fits(p: Pairs, level: tuple[Ints, Ints]) -> Bools:
    kind, value = level
    left, right = (kind[p.a], value[p.a]), (kind[p.b], value[p.b])
    equal = (left[0] == right[0]) & (left[1] == right[1])

    def position_fits(position: tuple[Ints, Ints], number: tuple[Ints, Ints]) -> Bools:
        mixed = (position[0] == POSITION) & (number[0] == NUMBER)
        found: Bools = mixed & ((position[1] == number[1]) | ((position[1] == 3) & (number[1] == 2)))
        return found

    found: Bools = equal | position_fits(left, right) | position_fits(right, left)
    return found


@veto("part-name")
def part_name(p: Pairs) -> Bools:
    """人物卷 and 山水卷, where the numbers do not say that they are the same part."""
    t = p.t
    numbered = (t.part_depth[p.a] > 0) & (t.part_depth[p.b] > 0)
    known = (t.part_name[p.a] != "") & (t.part_name[p.b] != "") & (t.part_name[p.a] != t.part_name[p.b]) & ~numbered
    found: Bools = known & (p.fuzzy(t.part_name, t.part_name, fuzz.partial_ratio, known) < 75)
    return found


@veto("set-volume")
def set_volume(p: Pairs) -> Bools:
    """A set described as a whole (集中著录) and one of its volumes (分散著录)."""
    t = p.t
    volume = (t.part_depth > 0) | t.volume
    left = t.is_set[p.a] & volume[p.b] & ~t.is_set[p.b]
    right = t.is_set[p.b] & volume[p.a] & ~t.is_set[p.a]
    return left | right


@veto("volumes")
def volumes(p: Pairs) -> Bools:
    """Two sets of another number of volumes."""
    t = p.t
    return p.differ(t.volumes) & t.is_set[p.a] & t.is_set[p.b] & (t.volumes[p.a] > 1) & (t.volumes[p.b] > 1)


@veto("edition")
def edition(p: Pairs) -> Bools:
    return p.differ(p.t.edition)


@veto("carrier")
def carrier(p: Pairs) -> Bools:
    return p.differ(p.t.carrier)


def _slip(p: Pairs) -> Bools:
    """Title, year and pages are all the same: then a code that differs is a slip in one of the records."""
    t = p.t
    title = p.same(t.title_code) | p.same(t.full_code)
    found: Bools = title & p.same(t.year) & (t.pages[p.a] == t.pages[p.b])
    return found


@veto("content")
def content(p: Pairs) -> Bools:
    return p.differ(p.t.content) & ~_slip(p)


@veto("language")
def language(p: Pairs) -> Bools:
    left, right = p.stated(p.t.languages)
    return left & right & ~p.share(p.t.languages) & ~_slip(p)


@veto("host-component")
def host_component(p: Pairs) -> Bools:
    """An article and the volume it stands in."""
    return p.t.component[p.a] ^ p.t.component[p.b]


@veto("serial")
def serial(p: Pairs) -> Bools:
    """The serial as a whole and one of its issues, or a book."""
    return p.t.serial[p.a] ^ p.t.serial[p.b]


@veto("thesis")
def thesis(p: Pairs) -> Bools:
    return p.t.thesis[p.a] ^ p.t.thesis[p.b]


@veto("annual-year")
def annual_year(p: Pairs) -> Bools:
    """Two years of a yearbook, or of anything that carries its year in the title."""
    return p.differ(p.t.annual) & ~_slip(p)


def _printing(p: Pairs) -> Bools:
    """Whether another year may be that of a printing (印次): title, publisher and extent agree, and no number speaks against it."""
    t = p.t
    title = p.same(t.title_code) | p.same(t.full_code) | p.isbn_shared
    publisher = p.same(t.publisher_code) | (publisher_score(p) >= 80)
    extent = (
        ~p.known(t.pages)
        | (np.abs(t.pages[p.a] - t.pages[p.b]) <= 2)
        | (p.isbn_shared & (np.abs(t.pages[p.a] - t.pages[p.b]) <= 12))
    )
    left, right = p.stated(t.isbns)
    wrong = (t.isbn_scopes[p.a, 0] == INVALID) | (t.isbn_scopes[p.b, 0] == INVALID)
    number = ~(left & right) | wrong | p.share(t.isbns)
    found: Bools = title & publisher & extent & number
    return found


@veto("year")
def year(p: Pairs) -> Bools:
    """Years of publication two or more apart, where nothing lets one of them be the year of a printing. Serials run on."""
    t = p.t
    return (year_gap(p) >= 2) & ~_printing(p) & ~p.id_shared & ~(t.serial[p.a] & t.serial[p.b])


@veto("extent")
def extent(p: Pairs) -> Bools:
    """Pages more than 60 apart; not of sets, which some libraries describe by the pages of all volumes and others by one."""
    t = p.t
    gap = np.abs(t.pages[p.a] - t.pages[p.b])
    found: Bools = p.known(t.pages) & (gap > 60) & ~(t.is_set[p.a] | t.is_set[p.b])
    return found


@veto("translator")
def translator(p: Pairs) -> Bools:
    """Another translator is another edition of the work."""
    t = p.t
    left, right = p.stated(t.translators)
    known = left & right & ~p.share(t.translators) & ~translators_close(p)
    alike = p.fuzzy(t.translator, t.translator, fuzz.partial_ratio, known)
    return known & (alike < 60) & ~p.isbn_shared


@veto("publisher-classic")
def publisher_classic(p: Pairs) -> Bools:
    """红楼梦 of two publishers: title and author say nothing of the edition."""
    t = p.t
    known = p.differ(t.publisher_code) & np.isin(t.title_code[p.a], _classics())
    return known & (publisher_score(p) < 60) & ~(p.isbn_shared | p.id_shared)


@veto("author-generic")
def author_generic(p: Pairs) -> Bools:
    """大学语文, 经济学: textbooks of one title by different authors."""
    t = p.t
    left, right = p.stated(t.author_names)
    known = left & right & np.isin(t.title_code[p.a], _generic()) & (t.author_han[p.a] == t.author_han[p.b])
    known &= ~(p.share(t.author_names) | p.share(t.surnames) | p.share(t.originals))
    alike = p.fuzzy(t.authors, t.authors, fuzz.partial_ratio, known)
    found: Bools = known & (alike < 60) & ~(p.isbn_shared | p.id_shared)
    return found


@cache
def _listed(name: str) -> Ints:
    text = resources.files("normalise.match").joinpath("titles.txt").read_text(encoding="utf-8")
    section = text.split(f"[{name}]", 1)[1].split("[", 1)[0]
    return np.fromiter((hash(title) for title in section.split()), dtype=np.int64)


def _classics() -> Ints:
    return _listed("classic")


def _generic() -> Ints:
    return _listed("generic")


def vetoes(p: Pairs) -> Ints:
    """A bit for each veto that holds, in the order of VETOES; 0 where none does."""
    found = np.zeros(p.n, dtype=np.int64)
    for bit, test in enumerate(VETOES.values()):
        found |= test(p).astype(np.int64) << bit
    return found


def codes(bits: int) -> list[str]:
    return [code for bit, code in enumerate(VETOES) if bits >> bit & 1]

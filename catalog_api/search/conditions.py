"""From a query to conditions on the fields of a document, the same for every engine.

Both engines can do just this: a field of tokens holds all of some tokens, a field of keys holds one of some keys, a year lies in a range;
and AND, OR, NOT of these. So the same documents are found whichever engine answers; only the order of the hits may differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

from catalog_api.search.holders import libraries
from catalog_api.search.keys import call_key, class_key, number_key, word_pairs
from catalog_api.search.labels import language_code
from catalog_api.search.port import Filter
from catalog_api.search.query import Query, Term, years
from normalise.text import compact, fold, pinyin_key, words
from schemas.member import Member

_STAFF_FIELDS = frozenset({"system", "city", "member", "available"})
_FACET_FIELDS = {"class": "clc", "subject": "subjects", "author": "authors", "series": "serieses"}


class All(msgspec.Struct, frozen=True):
    """Every token stands in the field."""

    field: str
    tokens: tuple[str, ...]


class Any(msgspec.Struct, frozen=True):
    """One of the keys stands in the field."""

    field: str
    keys: tuple[str, ...]


class Years(msgspec.Struct, frozen=True):
    first: int | None = None
    last: int | None = None


Condition: TypeAlias = All | Any | Years
Either: TypeAlias = tuple[Condition, ...]  # one of them holds


class Conditions(msgspec.Struct, frozen=True):
    """Each of `needs` has a condition that holds, or else one of `instead` does; and none of `never`.

    `title` is the whole query as a compact title (a document with just that title comes first), `tokens` what ranks the hits.
    """

    needs: tuple[Either, ...] = ()
    instead: Either = ()
    never: Either = ()
    title: str = ""
    tokens: tuple[All, ...] = ()


class _Asker(msgspec.Struct, frozen=True):
    staff: bool
    members: Mapping[str, Member]


def conditions(query: Query, *, staff: bool, members: Mapping[str, Member]) -> Conditions:
    """What a query asks of a document. `members` are those whose names `馆:` knows."""
    asker = _Asker(staff, members)
    needs = [either for group in query.must if (either := _group(group, asker))]
    plain = [t for group in query.must for t in group if t.field in ("", "title")]
    if query.must and not needs:
        needs = [()]  # what has no letter or digit after folding is found nowhere
    return Conditions(
        needs=tuple(needs),
        instead=_spelled_out(query),
        never=tuple(c for term in query.must_not for c in _term(term, asker)[:1]),
        title=compact(query.plain)[:200],
        tokens=tuple(c for term in plain for c in _term(term, asker)[:1] if isinstance(c, All)),
    )


def filter_condition(given: Filter, *, staff: bool) -> Either:
    """What a filter of a search request asks for; empty where no value of it can be understood."""
    if given.field == "year":
        ranges = [years(v) for v in given.values]
        return tuple(Years(*r) for r in ranges if r)
    return (Any(facet_field(given.field, staff=staff), given.values),)


def facet_field(name: str, *, staff: bool) -> str:
    """The field of a document that a facet counts."""
    field = _FACET_FIELDS.get(name, name)
    return f"{field}_staff" if staff and field in _STAFF_FIELDS else field


def _group(group: Iterable[Term], asker: _Asker) -> Either:
    return tuple(dict.fromkeys(c for term in group for c in _term(term, asker)))


def _term(term: Term, asker: _Asker) -> list[Condition]:
    """The conditions that satisfy a term, what it means in the first place first."""
    text = term.text
    match term.field:
        case "isbn" | "issn":
            return [Any("number", (f"{term.field}:{text}", number_key(text)))]
        case "number":
            return _key("number", number_key(text))
        case "class":
            return _key("class_path", class_key(text))
        case "call":
            return _key("call", call_key(text))
        case "member":
            return [Any(facet_field("member", staff=asker.staff), libraries(text, asker.members))]
        case "lang":
            return [Any("language", (language_code(text),))]
        case "pinyin":
            return _key("pinyin", pinyin_key(text))
        case "year":
            found = years(text)
            return [Years(*found)] if found else []
        case "":
            return _words("text", term) + _by_the_way(term)
        case field:
            return _words(field, term) + (_romanised(text) if field in ("title", "author") and not term.phrase else [])


def _key(field: str, key: str) -> list[Condition]:
    return [Any(field, (key,))] if key else []


def _words(field: str, term: Term) -> list[Condition]:
    tokens = words(term.text)
    if term.phrase:
        tokens += word_pairs(term.text)
    return [All(field, tuple(dict.fromkeys(tokens)))] if tokens else []


def _by_the_way(term: Term) -> list[Condition]:
    """What else a word typed without a field may be: pinyin, a standard number, a call number."""
    found: list[Condition] = []
    text = term.text
    if term.phrase:
        return found
    found += _romanised(text)
    if any(c.isdigit() for c in text) and len(text) >= 4:
        found += _key("number", number_key(text))
        if "/" in text:
            found += _key("call", call_key(text))
    return found


def _romanised(text: str) -> list[Condition]:
    if text.isascii() and text.replace("'", "").isalpha() and len(text) >= 2:
        return _key("pinyin", pinyin_key(text))
    return []


def _spelled_out(query: Query) -> Either:
    """`hong lou meng`: several words that may together be the pinyin of one title."""
    terms = [group[0] for group in query.must]
    if len(terms) < 2 or any(len(g) > 1 for g in query.must) or any(t.field or t.phrase for t in terms):
        return ()
    if not all(t.text.isascii() and t.text.replace("'", "").isalpha() and len(t.text) <= 7 for t in terms):
        return ()
    return (Any("pinyin", (pinyin_key("".join(t.text for t in terms)),)),)


def shown_tokens(query: Query) -> tuple[str, ...]:
    """The folded texts to mark in what is shown: words and phrases asked for in texts, longest first."""
    found: dict[str, None] = {}
    for group in query.must:
        for term in group:
            if term.field in ("", "title", "author", "subject", "publisher", "series"):
                folded = fold(term.text)
                found[folded] = None
                found.update(dict.fromkeys(w for w in words(term.text) if len(w) > 1 or w == folded))
    found.pop("", None)
    return tuple(sorted(found, key=len, reverse=True))

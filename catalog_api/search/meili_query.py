"""From a search request to the bodies of a Meilisearch multi-search. Pure.

What is found is said by `filter`, over arrays of our own tokens: so it is what the embedded engine finds, and none of Meilisearch's limits
for `q` (ten words, its own segmentation, no OR, no fields) touches it. `q` only ranks: it asks for no more than the filter does.
"""

from __future__ import annotations

from typing import Any

from catalog_api.search.conditions import All, Condition, Conditions, Either, Years, facet_field, filter_condition
from catalog_api.search.conditions import Any as AnyKey
from catalog_api.search.document import KEY_FIELDS, TEXT_FIELDS, IndexDocument
from catalog_api.search.port import MAX_OFFSET, MAX_VALUES, FacetName, SearchRequest

RANKED = ("title", "author", "subject", "series", "publisher", "text", "pinyin")
FACETED = (
    "type", "carrier", "system", "system_staff", "city", "city_staff", "member", "member_staff", "clc", "decade", "language", "subjects",
    "authors", "serieses", "available", "available_staff", "collection", "all",
)  # fmt: skip
_SORTS = {
    "newest": "year:desc",
    "oldest": "year:asc",
    "title": "title_sort:asc",
    "held": "held:desc",
    "updated": "updated:desc",
}
_Q_WORDS = 10  # words after the tenth are ignored

# Settings of the index. Tokens are compared whole, so typing errors and comparison of texts are off.
SETTINGS: dict[str, Any] = {
    "searchableAttributes": list(RANKED),
    "displayedAttributes": ["id", "body", "body_staff"],
    "filterableAttributes": [
        {
            "attributePatterns": [f"{name}_is" for name in TEXT_FIELDS] + [*KEY_FIELDS, "public", *FACETED],
            "features": {"facetSearch": False, "filter": {"equality": True, "comparison": False}},
        },
        {"attributePatterns": ["year"], "features": {"facetSearch": False, "filter": {"equality": True, "comparison": True}}},
    ],
    "sortableAttributes": ["year", "title_sort", "held", "updated"],
    "rankingRules": ["sort", "words", "typo", "attribute", "proximity", "exactness", "held:desc"],
    "typoTolerance": {"enabled": False},
    "faceting": {"maxValuesPerFacet": MAX_VALUES, "sortFacetValuesBy": {"*": "count"}},
    "pagination": {"maxTotalHits": MAX_OFFSET + 100},
}  # fmt: skip


def stored(document: IndexDocument) -> dict[str, Any]:
    """A document as Meilisearch is given it: the texts to rank by, and the same tokens as arrays (`title_is` ...) to filter by."""
    made: dict[str, Any] = {"id": document.id, "all": "yes", "public": "yes" if document.public else "no"}
    for name in TEXT_FIELDS:
        text = getattr(document, name)
        made[name], made[f"{name}_is"] = text, text.split(" ") if text else []
    plain = (*KEY_FIELDS, *(n for n in FACETED if n != "all"), "year", "title_sort", "held", "updated")
    for name in plain:
        value = getattr(document, name)
        made[name] = ("yes" if value else None) if isinstance(value, bool) else value
    made["body"], made["body_staff"] = document.body.decode(), document.body_staff.decode()
    return made


def bodies(request: SearchRequest, wanted: Conditions, index: str, *, instead: bool = False) -> list[dict[str, Any]]:
    """The queries of one multi-search: first the hits with the facets that are not filtered by, then one for each that is, without its
    own filter. With `instead`, the other reading of the query (`Conditions.instead`) in place of its words."""
    truth = _truth(wanted, staff=request.staff, instead=instead)
    filters = {f.field: _either(filter_condition(f, staff=request.staff)) for f in request.filters}
    free = [name for name in request.facets if name not in filters]
    words = "" if instead else _ranking(wanted)
    first: dict[str, Any] = {
        "indexUid": index,
        "q": words,
        "matchingStrategy": "all",
        "filter": [*truth, *filters.values()],
        "facets": ["all", *(facet_field(name, staff=request.staff) for name in free)],
        "offset": request.offset,
        "limit": request.limit,
    }
    sort = request.sort
    if sort == "relevance" and not words:
        sort = "held"
    if sort != "relevance":
        first["sort"] = [_SORTS[sort]]
    return [first, *(_counting(request, name, truth, filters, index) for name in request.facets if name in filters)]


def _counting(
    request: SearchRequest, name: FacetName, truth: list[str], filters: dict[str, str], index: str
) -> dict[str, Any]:
    return {
        "indexUid": index,
        "q": "",
        "filter": [*truth, *(text for field, text in filters.items() if field != name)],
        "facets": [facet_field(name, staff=request.staff)],
        "limit": 0,
    }


def _truth(wanted: Conditions, *, staff: bool, instead: bool) -> list[str]:
    """Filter expressions that all hold."""
    found = [] if staff else ['public = "yes"']
    found += [_either(wanted.instead)] if instead else [_either(e) for e in wanted.needs]
    return found + [f"NOT ({_condition(c)})" for c in wanted.never]


def _either(either: Either) -> str:
    return " OR ".join(_condition(c) for c in either) if either else 'all = "no"'


def _condition(condition: Condition) -> str:
    match condition:
        case All(field, tokens):
            return "(" + " AND ".join(f"{field}_is = {quoted(token)}" for token in tokens) + ")"
        case AnyKey(field, keys):
            return f"{field} IN [{', '.join(map(quoted, keys))}]"
        case Years(first, last):
            bounds = [f"year >= {first}"] if first is not None else []
            bounds += [f"year <= {last}"] if last is not None else []
            return "(" + " AND ".join(bounds) + ")"


def quoted(value: str) -> str:
    """A value within a filter expression."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _ranking(wanted: Conditions) -> str:
    """Words that every document the filter leaves has in a searched attribute, at most ten; empty where there are none such."""
    words: list[str] = []
    for either in wanted.needs:
        first = either[0]
        others_ranked = all(isinstance(c, AnyKey) and c.field == "pinyin" for c in either[1:])
        if isinstance(first, All) and others_ranked:
            words += [token for token in first.tokens if "_" not in token]
    return " ".join(list(dict.fromkeys(words))[:_Q_WORDS])

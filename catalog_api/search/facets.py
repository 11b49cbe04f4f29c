"""What engines share about requests and facets: bounds, order and names."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from catalog_api.search.labels import facet_label, value_label
from catalog_api.search.port import (
    FACETS,
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_VALUES,
    Facet,
    FacetName,
    FacetValue,
    Filter,
    SearchRequest,
)
from schemas.member import Member

FILTERS = (*FACETS, "year")
_MAX_FILTER_VALUES = 50


def clamped(request: SearchRequest) -> SearchRequest:
    """The request within its bounds; filters of one field joined, filters and facets of unknown names left out."""
    values: dict[str, dict[str, None]] = {}
    for given in request.filters:
        if given.field in FILTERS:
            values.setdefault(given.field, {}).update(dict.fromkeys(v for v in given.values if v))
    return msgspec.structs.replace(
        request,
        filters=tuple(Filter(field, tuple(chosen)[:_MAX_FILTER_VALUES]) for field, chosen in values.items() if chosen),
        facets=tuple(dict.fromkeys(name for name in request.facets if name in FACETS)),
        limit=min(max(request.limit, 1), MAX_LIMIT),
        offset=min(max(request.offset, 0), MAX_OFFSET),
        facet_size=min(max(request.facet_size, 1), MAX_VALUES),
    )


def arranged(
    name: FacetName, rows: list[tuple[str, int]], chosen: tuple[str, ...], members: Mapping[str, Member]
) -> Facet:
    """The facet with its values named: most frequent first, decades newest first, classes in the order of the scheme."""
    if name == "decade":
        rows = sorted(rows, reverse=True)
    elif name == "class":
        rows = sorted(rows)
    else:
        rows = sorted(rows, key=lambda row: (-row[1], row[0]))
    values = [FacetValue(value, value_label(name, value, members), count, value in chosen) for value, count in rows]
    return Facet(name, facet_label(name), values)

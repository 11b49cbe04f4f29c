"""A search as an address: what the parameters of `/search` mean, and the addresses of its neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from catalog_api.search.port import FACETS, MAX_OFFSET, FacetName, Filter, SearchRequest, Sort
from catalog_api.search.query import years

SIZES = (20, 50, 100)
SORTS: tuple[Sort, ...] = get_args(Sort)
# The order filters stand in; a facet the index has and this list lacks comes last.
SHOWN: tuple[FacetName, ...] = (
    "available",
    "type",
    "member",
    "system",
    "city",
    "class",
    "decade",
    "language",
    "author",
    "subject",
    "series",
    "carrier",
    "collection",
)
_MAX_VALUES = 30


@dataclass(frozen=True)
class Search:
    """What a visitor asked for. `filters` maps a facet's name or "year" to its ticked values."""

    q: str = ""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    size: int = SIZES[0]

    @classmethod
    def of(cls, parameters: QueryParams) -> Search:
        """Read an address; what is not understood is left out, never an error."""
        filters: dict[str, tuple[str, ...]] = {
            name: values
            for name in FACETS
            if (values := tuple(dict.fromkeys(v for v in parameters.getlist(name) if v))[:_MAX_VALUES])
        }
        if year := _year(parameters):
            filters["year"] = (year,)
        sort = parameters.get("sort", "")
        size = next((n for n in SIZES if str(n) == parameters.get("size")), SIZES[0])
        page = int(p) if (p := parameters.get("page", "")).isdecimal() and len(p) < 6 else 1
        return cls(
            q=parameters.get("q", "")[:1000].strip(),
            filters=filters,
            sort=next((s for s in SORTS if s == sort), "relevance"),
            page=max(1, min(page, MAX_OFFSET // size)),
            size=size,
        )

    @property
    def asked(self) -> bool:
        """Whether anything at all was asked for."""
        return bool(self.q or self.filters)

    def request(self, *, staff: bool, locale: str, facets: Iterable[FacetName] = SHOWN) -> SearchRequest:
        return SearchRequest(
            query=self.q,
            filters=tuple(Filter(name, values) for name, values in self.filters.items()),
            sort=self.sort,
            offset=(self.page - 1) * self.size,
            limit=self.size,
            facets=tuple(facets),
            facet_size=12,
            staff=staff,
            locale=locale,
        )

    def url(self, path: str = "/search", **changes: object) -> str:
        """The address of this search, with some of q, sort, page or size changed; without what is the default anyway."""
        new = replace(self, **changes)  # type: ignore[arg-type]
        pairs: list[tuple[str, str]] = [("q", new.q)] if new.q else []
        pairs += [(name, value) for name, values in new.filters.items() for value in values]
        defaults = Search()
        pairs += [
            (name, str(getattr(new, name)))
            for name in ("sort", "size", "page")
            if getattr(new, name) != getattr(defaults, name)
        ]
        return path + (f"?{urlencode(pairs)}" if pairs else "")

    def without(self, name: str, value: str) -> str:
        """The address with one ticked value removed, from the first page on."""
        left = tuple(v for v in self.filters.get(name, ()) if v != value)
        filters = {n: v for n, v in self.filters.items() if n != name} | ({name: left} if left else {})
        return self.url(filters=filters, page=1)

    def bare(self) -> str:
        return self.url(filters={}, page=1)

    def pages(self, total: int) -> list[int]:
        """Page numbers to offer: the first, the last and those around this one; 0 stands for a gap."""
        last = max(1, -(-min(total, MAX_OFFSET) // self.size))
        near = sorted({1, last, *range(max(1, self.page - 2), min(last, self.page + 2) + 1)})
        found: list[int] = []
        for page in near:
            if found and page - found[-1] > 1:
                found.append(0)
            found.append(page)
        return found


def _year(parameters: QueryParams) -> str:
    """A range from the two boxes of the form, or `year` as an address holds it; empty where it is no year."""
    first, last = (parameters.get(name, "").strip() for name in ("year_from", "year_to"))
    text = f"{first}-{last}" if first or last else parameters.get("year", "").strip()
    if first and first == last:
        text = first
    read = years(text) if text else None
    if read is None:
        return ""
    low, high = ("" if year is None else str(year) for year in read)
    return low if low == high else f"{low}-{high}"

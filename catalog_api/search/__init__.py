"""Searching the catalogue: one port, one query language, two engines."""

from __future__ import annotations

from collections.abc import Mapping

from catalog_api.search.port import (
    FACETS,
    SORTS,
    Facet,
    FacetValue,
    Filter,
    Hit,
    Part,
    SearchEngine,
    SearchRequest,
    SearchResult,
)
from schemas.member import Member, read_members
from schemas.settings import Settings

__all__ = [
    "FACETS",
    "SORTS",
    "Facet",
    "FacetValue",
    "Filter",
    "Hit",
    "Part",
    "SearchEngine",
    "SearchRequest",
    "SearchResult",
    "open_engine",
]


def open_engine(settings: Settings, members: Mapping[str, Member] | None = None) -> SearchEngine:
    """The engine the settings name: a Meilisearch server, or the embedded index under WENLAN_HOME. Nothing is created by opening it.

    `members` name the values of the library filter; left out, they are read from the configuration at first use.
    """
    known: dict[str, Mapping[str, Member]] = {} if members is None else {"members": members}

    def configured() -> Mapping[str, Member]:
        if "members" not in known:
            known["members"] = read_members(settings.members_dir)
        return known["members"]

    if settings.search_url:
        from catalog_api.search.meili_engine import MeiliEngine

        return MeiliEngine(
            settings.search_url, settings.search_key.get_secret_value() if settings.search_key else None, configured
        )
    from catalog_api.search.tantivy_engine import TantivyEngine

    return TantivyEngine(settings.home / "index", configured)

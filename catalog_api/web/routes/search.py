"""Searching: the result list, the advanced form, the feed of a search."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from catalog_api.search import labels
from catalog_api.search.port import SearchResult
from catalog_api.search.query import compose
from catalog_api.web.pages import render
from catalog_api.web.searching import SIZES, SORTS, Search
from catalog_api.web.visit import Visit, Visitor
from normalise import catalogue
from schemas.cluster import ClusterView
from schemas.text import Text

router = APIRouter()

FIELDS = ("", "title", "author", "subject", "publisher", "series", "isbn", "issn", "number", "class", "call", "pinyin")
ROWS = 3


@router.get("/search")
def results(visit: Visitor) -> Response:
    search = Search.of(visit.request.query_params)
    if not search.asked and "sort" not in visit.request.query_params:
        return advanced(visit)
    found = _find(visit, search)
    last = max(1, -(-found.total // search.size))
    if search.page > last:  # an old address of a list that has become shorter
        return RedirectResponse(search.url(page=last), status_code=303)
    return render(
        visit,
        "search.html",
        search=search,
        found=found,
        chips=_chips(visit, search),
        notes=[*found.notes],
        sorts=[(name, labels.sort_label(name)) for name in SORTS],
        sizes=SIZES,
        first=(search.page - 1) * search.size + 1,
    )


@router.get("/search/advanced")
def advanced(visit: Visitor) -> Response:
    return render(
        visit,
        "advanced.html",
        rows=range(1, ROWS + 1),
        fields=[(name, labels.field_label(name)) for name in FIELDS],
        types=[(value, labels.type_label(value)) for value in labels.table("labels.toml")["type"]],
        languages=[(code, labels.language_label(code)) for code in ("chi", "eng", "jpn", "fre", "ger", "rus", "kor")],
        sorts=[(name, labels.sort_label(name)) for name in SORTS],
    )


@router.get("/search/build")
def build(visit: Visitor) -> Response:
    """The advanced form comes here without JavaScript and is sent on to the address of its search."""
    form = visit.request.query_params
    rows: dict[str, list[tuple[str, str]]] = {"with": [], "without": []}
    for number in range(1, ROWS + 1):
        words = form.get(f"words{number}", "").strip()
        if words:
            how = "without" if form.get(f"how{number}") == "without" else "with"
            rows[how].append((form.get(f"field{number}", ""), words))
    search = Search.of(form)
    q = compose(rows["with"], without=rows["without"])
    target = search.url(q=q, page=1)
    return RedirectResponse(target if q or search.filters else "/search/advanced", status_code=303)


@router.get("/search/feed")
def feed(visit: Visitor) -> Response:
    """Atom (RFC 4287) of a search: what changed last comes first."""
    search = Search.of(visit.request.query_params)
    newest = Search(q=search.q, filters=search.filters, sort="updated", size=50)
    found = visit.context.engine.search(newest.request(staff=False, locale=visit.locale, facets=()))
    with visit.context.database.pool.connection() as connection:
        views = catalogue.clusters(connection, [hit.id for hit in found.hits])
    stamps = {id: view.datestamp for id, view in views.items() if isinstance(view, ClusterView)}
    response = render(
        visit,
        "feed.xml",
        search=newest,
        found=found,
        stamps=stamps,
        updated=max(stamps.values(), default="1970-01-01T00:00:00Z"),
        site=visit.context.settings.public_url.rstrip("/"),
    )
    response.headers["content-type"] = "application/atom+xml; charset=utf-8"
    return response


def _find(visit: Visit, search: Search) -> SearchResult:
    return visit.context.engine.search(search.request(staff=visit.staff, locale=visit.locale))


def _chips(visit: Visit, search: Search) -> list[tuple[Text, Text, str]]:
    """Facet, value and the address without it, for each ticked value."""
    return [
        (labels.facet_label(name), labels.value_label(name, value, visit.context.members), search.without(name, value))
        for name, values in search.filters.items()
        for value in values
    ]

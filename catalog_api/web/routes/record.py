"""A manifestation's own page: its permalink for people, and the source records behind it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, HTTPException
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.responses import RedirectResponse, Response

from catalog_api import export as exports
from catalog_api import linked_data
from catalog_api.export.citations import gbt7714
from catalog_api.search.documents import type_of
from catalog_api.search.labels import type_label
from catalog_api.web import description
from catalog_api.web.editions import others
from catalog_api.web.lending import getting
from catalog_api.web.pages import render
from catalog_api.web.shelves import stock
from catalog_api.web.source import lines
from catalog_api.web.visit import Visit, Visitor
from normalise import catalogue
from normalise.catalogue import RecordView
from normalise.read import Unreadable, read
from schemas.cluster import ClusterView, Redirect, Withdrawn
from schemas.db.connect import Connection
from schemas.holding import Holding
from schemas.text import Text

router = APIRouter()


class _Id(IntegerConvertor):
    """`int` in the paths below. An id has at most 19 digits; Python refuses to read thousands of them as a number."""

    regex = "[0-9]{1,19}"


register_url_convertor("int", _Id())

# What the record page offers to take away, by what it is for; names that are the same in every language.
EXPORTS: tuple[tuple[Text, dict[str, str]], ...] = (
    (Text("引用", "Cite"), {"gbt7714": "GB/T 7714", "ris": "RIS", "bibtex": "BibTeX"}),
    (
        Text("套录", "Copy"),
        {"iso2709-cnmarc": "CNMARC", "cnmarcxml": "CNMARC XML", "iso2709": "MARC 21", "marcxml": "MARCXML"},
    ),
)
_OFFERED = frozenset(name for _, formats in EXPORTS for name in formats)


@dataclass
class Standing:
    """A cluster as this visitor may see it, read in one transaction."""

    view: ClusterView
    records: list[RecordView]
    holdings: list[Holding]


@router.get("/record/{cluster:int}.{suffix}")
def linked(visit: Visitor, cluster: int, suffix: str) -> Response:
    """The record as linked data at an address of its own: `.jsonld`, `.ttl`, `.rdf`."""
    media = linked_data.MEDIA_TYPES.get(suffix)
    if media is None:
        raise HTTPException(404)
    return _linked(visit, cluster, media)


@router.get("/record/{cluster:int}")
def record(visit: Visitor, cluster: int) -> Response:
    media = linked_data.accepted(visit.request.headers.get("accept", ""))
    if media:
        return _linked(visit, cluster, media)
    with visit.context.database.pool.connection() as connection:
        found = standing(connection, visit, cluster)
        if isinstance(found, Redirect):
            return moved(visit, found)
        same = [v for v in catalogue.same_work(connection, found.view, limit=200) if v.public or visit.staff]
        get = getting(connection, visit, found.view, found.holdings)
    bib = found.view.merged.bib
    shelves = stock(found.holdings, visit.context.members, visit.library)
    return render(
        visit,
        "record.html",
        view=found.view,
        get=get,
        bib=bib,
        type=type_of(bib),
        type_name=type_label(type_of(bib)),
        rows=description.rows(found.view.merged, [r.id for r in found.records]),
        records=found.records,
        libraries=shelves.libraries,
        stock=shelves,
        full_title=description.title_line(bib.title),
        online_at=next((url for link in bib.links if (url := description.web_address(link.url))), "")
        if bib.carrier == "online"
        else "",
        others=others(found.view, same, staff=visit.staff),
        citation=gbt7714(exports.entry_of(found.view, [], visit.context.settings.public_url)),
        exports=EXPORTS,
        permalink=f"{visit.context.settings.public_url.rstrip('/')}/record/{found.view.id}",
    )


@router.get("/record/{cluster:int}/source/{record_id:int}")
def source(visit: Visitor, cluster: int, record_id: int) -> Response:
    """A library's own record, field by field as it came; with its findings for staff."""
    with visit.context.database.pool.connection() as connection:
        found = standing(connection, visit, cluster)
        if isinstance(found, Redirect):
            return moved(visit, found)
        own = next((r for r in found.records if r.id == record_id), None)
        raw = catalogue.raw_of(connection, record_id) if own else None
    if own is None or raw is None:
        raise HTTPException(404)
    try:
        shown = lines(read(raw, schema_hint=own.schema), staff=visit.staff)
    except Unreadable:
        shown = []
    return render(
        visit,
        "source.html",
        view=found.view,
        own=own,
        title=description.title_line(found.view.merged.bib.title),
        lines=shown,
        findings=[(f, f.text()) for f in own.findings] if visit.staff else [],
    )


def _linked(visit: Visit, cluster: int, media: str) -> Response:
    """What the public may know, whoever asks: machines copy it on."""
    context = visit.context
    with context.database.pool.connection() as connection:
        found = catalogue.cluster(connection, cluster)
        if isinstance(found, Redirect):
            return moved(visit, found)
        if isinstance(found, Withdrawn):
            raise HTTPException(410)
        if found is None or not found.public:
            raise HTTPException(404)
        holdings = catalogue.holdings_of(connection, cluster)
    body = linked_data.document(found, holdings, context.members, context.settings.public_url, media)
    return Response(body, media_type=media, headers={"vary": "Accept", "cache-control": "public, max-age=300"})


@router.get("/record/{cluster:int}/export/{format}")
def export(visit: Visitor, cluster: int, format: str) -> Response:
    """The merged record in a format other systems read, with the holdings this visitor may see."""
    if format not in _OFFERED:
        raise HTTPException(404)
    with visit.context.database.pool.connection() as connection:
        found = standing(connection, visit, cluster)
        if isinstance(found, Redirect):
            return moved(visit, found)
    base_url = visit.context.settings.public_url
    entry = exports.entry_of(found.view, found.holdings, base_url)
    body = b"".join(exports.write([entry], format, members=visit.context.members, base_url=base_url))
    media, ending = exports.FORMATS[format]
    headers = {
        "content-disposition": f'attachment; filename="wenlan-{found.view.id}.{ending}"',
        "cache-control": "no-store",
    }
    return Response(body, media_type=media, headers=headers)


def standing(connection: Connection, visit: Visit, cluster: int) -> Standing | Redirect:
    """The cluster with what this visitor may see of it. HTTPException 404 for none (or none of his business), 410 for a withdrawn one."""
    found = catalogue.cluster(connection, cluster) if 0 < cluster < 1 << 63 else None
    if isinstance(found, Redirect):
        return found
    if isinstance(found, Withdrawn):
        raise HTTPException(410)
    if found is None or not (found.public or visit.staff):
        raise HTTPException(404, Text("没有这条记录。", "There is no such record."))
    records = catalogue.records_of(connection, cluster)
    return Standing(
        found,
        [r for r in records if visit.staff or r.visibility == "public"],
        catalogue.holdings_of(connection, cluster, staff=visit.staff),
    )


def moved(visit: Visit, redirect: Redirect) -> Response:
    """301 to the cluster an old id now stands for, at the same kind of page."""
    old = visit.request.path_params["cluster"]
    path = visit.request.url.path.replace(f"/record/{old}", f"/record/{redirect.id}", 1)
    if "/source/" in path:
        path = f"/record/{redirect.id}"
    return RedirectResponse(path, status_code=301)

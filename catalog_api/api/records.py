"""/api/v1/records, /api/v1/members: an edition whole, its holdings, and the libraries. What the public may see, nothing else."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from catalog_api.api import shapes
from catalog_api.api.problems import NOT_FOUND, RESPONSES, ApiError, ProblemRoute
from catalog_api.context import Context
from catalog_api.linked_data import MEDIA_TYPES
from normalise import catalogue
from normalise.catalogue import Connection
from schemas.cluster import ClusterView, Redirect, Withdrawn
from schemas.errors import WenlanError
from schemas.holding import Holding
from schemas.member import find_member
from schemas.text import Text

router = APIRouter(route_class=ProblemRoute, responses=RESPONSES)
Cluster = Annotated[int, Path(ge=1, lt=1 << 63, description="版本的编号 · id of the edition (cluster)")]


@router.get(
    "/records/{cluster}",
    response_model=shapes.RecordAnswer,
    response_model_exclude_defaults=True,
    responses=NOT_FOUND,
    tags=["记录 Records"],
    summary="一个版本：合并记录、来历、馆藏、各馆原记录 · An edition with provenance, holdings and source records",
)
def record(request: Request, cluster: Cluster) -> Any:
    context: Context = request.app.state.wenlan
    with context.database.pool.connection() as connection:
        found = _standing(connection, cluster)
        if isinstance(found, Redirect):
            return _moved(request, cluster, found)
        records = [r for r in catalogue.records_of(connection, cluster) if r.visibility == "public"]
        holdings = catalogue.holdings_of(connection, cluster)
    shown = {r.id for r in records}
    url = f"{context.settings.public_url.rstrip('/')}/record/{cluster}"
    return {
        "id": cluster,
        "url": url,
        "datestamp": found.datestamp,
        "members": sorted({r.member for r in records}),
        "description": msgspec.to_builtins(found.merged.bib),
        "provenance": {
            field: [{"member": s.member, "record": s.record_id} for s in sources if s.record_id in shown]
            for field, sources in found.merged.sources.items()
        },
        "holdings": msgspec.to_builtins(holdings),
        "records": [
            {
                "id": r.id,
                "member": r.member,
                "source": r.source,
                "local_id": r.local_id,
                "schema_": r.schema,
                "changed": r.changed,
                "description": msgspec.to_builtins(r.bib),
            }
            for r in records
        ],
        "formats": {media: f"{url}.{suffix}" for suffix, media in MEDIA_TYPES.items()},
    }


@router.get(
    "/records/{cluster}/holdings",
    response_model=shapes.Holdings,
    response_model_exclude_defaults=True,
    responses=NOT_FOUND,
    tags=["记录 Records"],
    summary="谁有这本书 · Who has it",
)
def holdings(request: Request, cluster: Cluster) -> Any:
    context: Context = request.app.state.wenlan
    with context.database.pool.connection() as connection:
        found = _standing(connection, cluster)
        if isinstance(found, Redirect):
            return _moved(request, cluster, found)
        rows: list[Holding] = catalogue.holdings_of(connection, cluster)
    return {
        "id": cluster,
        "copies": sum(max(h.copies, len(h.items)) for h in rows),
        "available": sum(item.status == "available" for h in rows for item in h.items),
        "holdings": msgspec.to_builtins(rows),
    }


@router.get("/members", response_model=shapes.Members, tags=["成员 Members"], summary="成员馆 · Member libraries")
def members(request: Request) -> shapes.Members:
    context: Context = request.app.state.wenlan
    return shapes.Members(
        members=[shapes.MemberShape.of(m) for m in context.members.values() if m.visibility == "public"]
    )


@router.get(
    "/members/{code}",
    response_model=shapes.MemberShape,
    responses={404: NOT_FOUND[404]},
    tags=["成员 Members"],
    summary="一个成员馆 · One member library",
)
def member(request: Request, code: Annotated[str, Path(max_length=32)]) -> shapes.MemberShape:
    context: Context = request.app.state.wenlan
    found = find_member(dict(context.members), code)
    if found.visibility != "public":
        raise WenlanError("member-unknown", "没有名为 {code} 的成员。", "There is no member {code}.", code=code)
    return shapes.MemberShape.of(found)


def _standing(connection: Connection, cluster: int) -> ClusterView | Redirect:
    """The cluster if it is public. ApiError 404 where there is none, 410 with its date where there was one."""
    found = catalogue.cluster(connection, cluster)
    if isinstance(found, Withdrawn):
        raise ApiError(
            410,
            "record-withdrawn",
            Text(
                f"记录 {cluster} 已撤销，已没有成员馆著录它。可以按题名再检索。",
                f"Record {cluster} has been withdrawn: no member describes it any more. Search for its title instead.",
            ),
            withdrawn=found.datestamp,
            search="/api/v1/search",
        )
    if found is None or (isinstance(found, ClusterView) and not found.public):
        raise ApiError(404, "record-unknown", Text(f"没有编号为 {cluster} 的记录。", f"There is no record {cluster}."))
    return found


def _moved(request: Request, old: int, new: Redirect) -> Response:
    path = request.url.path.replace(f"/records/{old}", f"/records/{new.id}", 1)
    return RedirectResponse(path, status_code=301)

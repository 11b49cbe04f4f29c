"""The JSON API under /api/v1: `router` is included by the application, whose `state.wenlan` holds the Context."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from catalog_api.api import docs, records, search
from catalog_api.api.problems import ApiError, ProblemRoute
from schemas.text import Text

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")
router.include_router(search.router)
router.include_router(records.router)
router.include_router(docs.router)
_rest = APIRouter(route_class=ProblemRoute)


@_rest.api_route("/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
def unknown(request: Request, rest: str) -> Response:
    """What is no address of the API; included last, so that it comes after all others under /api/v1."""
    if request.method not in ("GET", "HEAD"):
        raise ApiError(405, "method", Text("此接口只供读取。", "This API is for reading only."))
    raise ApiError(
        404, "address-unknown", Text("没有这个接口，见 /api/v1/docs。", "There is no such address; see /api/v1/docs.")
    )


router.include_router(_rest)

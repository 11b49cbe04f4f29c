"""The home page, help, and the addresses only machines ask for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import APIRouter, Form, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from catalog_api.context import Context
from catalog_api.search import labels
from catalog_api.search.port import Hit, SearchRequest, SearchResult
from catalog_api.search.query import PREFIXES
from catalog_api.web.pages import render
from catalog_api.web.visit import Visitor, https, inside
from normalise.text import compact
from schemas.member import Member
from schemas.text import Text

router = APIRouter()
T = TypeVar("T")

_PART = re.compile(r"[\s.,:]+(第.{1,5}[册卷辑集部编期年]|[上中下][册卷集]?|(v(ol)?\.? ?)?[0-9]{1,4}年?)$", re.I)
EXAMPLES = ("红楼梦", "hlm", "author:鲁迅", "9787020002207", "“乡土中国”", "class:K295.5", "year:1950-1979 西湖")
_KEPT_SECONDS = 60.0


@dataclass
class Region:
    """A place of GB/T 2260 with its libraries and the places within it."""

    code: str
    label: Text
    members: list[Member] = field(default_factory=list)
    places: list[Region] = field(default_factory=list)


@router.get("/")
def home(visit: Visitor) -> Response:
    now = _kept(visit.request, "home", lambda: _overview(visit.context))
    counts = {f.name: {v.value: v.count for v in f.values} for f in now.facets}
    return render(
        visit,
        "home.html",
        total=now.total,
        arrivals=newest(now.hits),
        regions=regions({c: m for c, m in visit.context.members.items() if m.visibility == "public" or visit.staff}),
        held=counts.get("member", {}),
        collections=[
            (
                code,
                labels.value_label("collection", code, visit.context.members),
                counts.get("collection", {}).get(code, 0),
            )
            for code in labels.table("collections.toml")
            if counts.get("collection", {}).get(code)
        ],
        classes=[
            (letter, labels.class_name(letter), counts.get("class", {}).get(letter, 0))
            for letter in labels.table("labels.toml")["class"]
        ],
        examples=EXAMPLES,
    )


@router.get("/help")
def help_page(visit: Visitor) -> Response:
    fields = [(labels.field_label(name), names) for name, names in PREFIXES.items()]
    return render(visit, "help.html", fields=fields)


@router.post("/library")
def choose_library(visit: Visitor, code: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/") -> Response:
    """Remember the visitor's own library, so that its holdings come first."""
    response = RedirectResponse(inside(next), status_code=303)
    if code in visit.context.members:
        secure = https(visit.context)
        response.set_cookie("wenlan_library", code, max_age=365 * 86400, samesite="lax", httponly=True, secure=secure)
    else:
        response.delete_cookie("wenlan_library")
    return response


@router.get("/healthz")
def health(request: Request) -> Response:
    """200 when the database answers and the index can be read, 503 otherwise."""
    context: Context = request.app.state.wenlan
    checks = {"database": _works(lambda: _ask(context)), "index": _works(context.engine.count)}
    healthy = all(checks.values())
    said = {name: "ok" if works else "failed" for name, works in checks.items()}
    return JSONResponse({"status": "ok" if healthy else "failed", **said}, 200 if healthy else 503)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.registry), headers={"content-type": CONTENT_TYPE_LATEST})


@router.get("/robots.txt")
def robots() -> Response:
    return PlainTextResponse("User-agent: *\nDisallow: /search\nDisallow: /login\nDisallow: /requests\nAllow: /\n")


@router.get("/opensearch.xml")
def opensearch(visit: Visitor) -> Response:
    response = render(visit, "opensearch.xml", site=visit.context.settings.public_url.rstrip("/"))
    response.headers["content-type"] = "application/opensearchdescription+xml; charset=utf-8"
    return response


def regions(members: Mapping[str, Member]) -> list[Region]:
    """Provinces, the one with most members first; in each its own libraries, then its prefectures with theirs."""
    provinces: dict[str, Region] = {}
    for member in members.values():
        code = member.region[0]
        province = provinces.setdefault(code, Region(code, labels.region_label(code)))
        if member.kind == "province" or len(member.region) < 2:
            province.members.append(member)
            continue
        city = next((p for p in province.places if p.code == member.region[1]), None)
        if city is None:
            city = Region(member.region[1], labels.region_label(member.region[1]))
            province.places.append(city)
        city.members.append(member)
    for province in provinces.values():
        province.places.sort(key=lambda place: place.code)
    return sorted(provinces.values(), key=lambda p: (-len(p.members) - sum(len(c.members) for c in p.places), p.code))


def _overview(context: Context) -> SearchResult:
    request = SearchRequest(facets=("member", "collection", "class"), facet_size=200, limit=100, sort="updated")
    return context.engine.search(request)


def newest(hits: Iterable[Hit], most: int = 6) -> list[Hit]:
    """The first of them, one for each title: a set of ten volumes that came last night is one line."""
    by_title: dict[str, Hit] = {}
    for hit in hits:
        head, tail = hit.title[:-40], hit.title[-40:]  # a designation is short; the pattern is slow on a long text
        by_title.setdefault(compact(head + _PART.sub("", tail)), hit)
    return list(by_title.values())[:most]


def _kept(request: Request, key: str, make: Callable[[], T]) -> T:
    """A value made at most once a minute: the home page costs the index nothing more when many look at it."""
    kept: dict[str, tuple[float, T]] = request.app.state.kept
    now = time.monotonic()
    if key not in kept or now - kept[key][0] > _KEPT_SECONDS:
        kept[key] = (now, make())
    return kept[key][1]


def _works(check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception:
        return False
    return True


def _ask(context: Context) -> None:
    with context.database.pool.connection(timeout=5) as connection:
        connection.execute("select 1")

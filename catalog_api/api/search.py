"""/api/v1/search and /api/v1/suggest: the parameters are those of the search page."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field, field_validator

from catalog_api.api import shapes
from catalog_api.api.problems import RESPONSES, ApiError, ProblemRoute
from catalog_api.context import Context
from catalog_api.search.port import (
    FACETS,
    MAX_LIMIT,
    MAX_OFFSET,
    MAX_VALUES,
    Facet,
    FacetName,
    Filter,
    Hit,
    SearchRequest,
    Sort,
)
from catalog_api.search.query import years
from schemas.text import Text

router = APIRouter(route_class=ProblemRoute, responses=RESPONSES, tags=["检索 Search"])


def _filter(zh: str, en: str, example: str, **more: Any) -> Any:
    """A filter may be given several times; then any of its values will do."""
    return Field([], max_length=30, description=f"筛选：{zh} · filter: {en}", examples=[[example]], **more)


class Parameters(BaseModel):
    q: str = Field(
        "",
        max_length=1000,
        description="检索式，与网页相同 · the query language of the web page",
        examples=["题名:红楼梦 -研究"],
    )
    type: list[str] = _filter("文献类型", "type", "book")
    carrier: list[str] = _filter("载体", "carrier", "print")
    system: list[str] = _filter("馆系统", "library system", "public")
    city: list[str] = _filter("地市（GB/T 2260）", "city (GB/T 2260)", "3301")
    member: list[str] = _filter("馆代码", "library code", "zjsl")
    class_: list[str] = _filter("中图法大类", "main class of CLC", "I", alias="class")
    decade: list[str] = _filter("年代", "decade", "1980")
    language: list[str] = _filter("语种（ISO 639-2/B）", "language (ISO 639-2/B)", "chi")
    subject: list[str] = _filter("主题", "subject", "章回小说")
    author: list[str] = _filter("著者", "author", "曹雪芹")
    series: list[str] = _filter("丛书", "series", "世界文学名著文库")
    available: list[Literal["yes"]] = _filter("现在可借", "available now", "yes")
    collection: list[str] = _filter("专题", "collection", "guji")
    year: str = Field("", max_length=20, description="出版年或范围 · year or range of years", examples=["2001-2005"])
    facet: list[FacetName] = Field([], max_length=len(FACETS), description="要计数的筛选项 · facets to count")
    facet_size: int = Field(20, ge=1, le=MAX_VALUES, description="每项最多几个值 · values of each facet")
    sort: Sort = Field("relevance", description="排序 · order")
    page: int = Field(1, ge=1, le=MAX_OFFSET, description="页码 · page, from 1")
    size: int = Field(20, ge=1, le=MAX_LIMIT, description="每页条数 · hits a page")

    @field_validator("year")
    @classmethod
    def _a_year(cls, value: str) -> str:
        if value and years(value) is None:
            raise ValueError("应是年份或范围，如 2001-2005 · must be a year or a range such as 2001-2005")
        return value

    def filters(self) -> tuple[Filter, ...]:
        given: dict[str, list[str]] = {name: getattr(self, "class_" if name == "class" else name) for name in FACETS}
        given["year"] = [self.year] if self.year else []
        return tuple(Filter(name, tuple(values)) for name, values in given.items() if values)


@router.get("/search", response_model=shapes.SearchAnswer, summary="检索联合目录 · Search the union catalogue")
def search(request: Request, asked: Annotated[Parameters, Query()]) -> shapes.SearchAnswer:
    context: Context = request.app.state.wenlan
    page, size = asked.page, asked.size
    if page * size > MAX_OFFSET:
        raise ApiError(
            422,
            "too-deep",
            Text(
                f"检索结果只能翻到第 {MAX_OFFSET} 条；全部取走请用 OAI-PMH 或导出。",
                f"Results can be paged up to number {MAX_OFFSET}; to fetch all use OAI-PMH or an export.",
            ),
        )
    found = context.engine.search(
        SearchRequest(
            query=asked.q,
            filters=asked.filters(),
            sort=asked.sort,
            offset=(page - 1) * size,
            limit=size,
            facets=tuple(asked.facet),
            facet_size=asked.facet_size,
        )
    )
    base = context.settings.public_url.rstrip("/")
    return shapes.SearchAnswer(
        query=str(found.query),
        notes=[_both(note) for note in found.notes],
        total=found.total,
        page=page,
        size=size,
        hits=[_hit(hit, base) for hit in found.hits],
        facets=[_facet(facet) for facet in found.facets],
        links=_links(request, page, size, found.total),
        milliseconds=round(found.milliseconds, 2),
    )


@router.get("/suggest", response_model=shapes.Suggestions, summary="题名提示 · Titles that begin so")
def suggest(
    request: Request,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=100,
            description="题名、拼音或首字母的开头 · beginning of a title, its pinyin or initials",
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> shapes.Suggestions:
    context: Context = request.app.state.wenlan
    return shapes.Suggestions(titles=context.engine.suggest(q, limit=limit))


def _hit(hit: Hit, base: str) -> shapes.Hit:
    return shapes.Hit(
        id=hit.id, url=f"{base}/record/{hit.id}", title=hit.title, subtitle=hit.subtitle, responsibility=hit.responsibility,
        publisher=hit.publisher, place=hit.place, year=hit.year, edition=hit.edition, series=hit.series, type=hit.type,
        isbn=hit.isbn, members=hit.member_codes, copies=hit.copies, available=hit.available, online=hit.online, summary=hit.summary,
    )  # fmt: skip


def _facet(facet: Facet) -> shapes.Facet:
    values = [
        shapes.FacetValue(value=v.value, label=_both(v.label), count=v.count, selected=v.selected) for v in facet.values
    ]
    return shapes.Facet(name=facet.name, label=_both(facet.label), values=values)


def _both(text: Text) -> shapes.Bilingual:
    return shapes.Bilingual(zh=text.zh, en=text.en)


def _links(request: Request, page: int, size: int, total: int) -> dict[str, str]:
    base: str = request.app.state.wenlan.settings.public_url.rstrip("/")

    def link(number: int) -> str:
        url = request.url.include_query_params(page=number)
        return f"{base}{url.path}?{url.query}"

    links = {"self": link(page)}
    if page > 1:
        links["prev"] = link(page - 1)
    if page * size < min(total, MAX_OFFSET):
        links["next"] = link(page + 1)
    return links

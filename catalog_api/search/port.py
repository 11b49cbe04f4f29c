"""The port between what asks for a search and the engine that answers it.

It holds only what both engines can do. Filters: values of one field are OR, fields are AND. Facet counts are disjunctive: the counts of
a facet ignore the filter on that same facet, so a reader sees what ticking another box would add.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, get_args

import msgspec

from catalog_api.search.document import IndexDocument
from catalog_api.search.query import Query
from schemas.text import Text

FacetName = Literal[
    "type",  # 文献类型
    "carrier",  # 载体
    "system",  # 馆系统
    "city",  # 地市
    "member",  # 馆
    "class",  # 中图法大类
    "decade",  # 年代
    "language",  # 语种
    "subject",  # 主题
    "author",  # 著者
    "series",  # 丛书
    "available",  # 可借
    "collection",  # 专题
]
Sort = Literal["relevance", "newest", "oldest", "title", "held", "updated"]

FACETS: tuple[FacetName, ...] = get_args(FacetName)
SORTS: tuple[Sort, ...] = get_args(Sort)
MAX_LIMIT = 100  # hits of one page
MAX_OFFSET = 10_000  # deeper reading belongs to exports and OAI-PMH, which read the database
MAX_VALUES = 200  # values of one facet


class Filter(msgspec.Struct, frozen=True):
    """`field` is a facet's name, or "year" with values such as "2001", "2001-2005", "-1949", "2010-". Values are alternatives."""

    field: str
    values: tuple[str, ...]


class SearchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """`query` is text in the language of `catalog_api.search.query`. `staff` sees the 内务目录, everybody else the public one."""

    query: str = ""
    filters: tuple[Filter, ...] = ()
    sort: Sort = "relevance"
    offset: int = 0
    limit: int = 20
    facets: tuple[FacetName, ...] = ()
    facet_size: int = 20  # values of each facet; ticked values come in addition
    staff: bool = False
    locale: str = "zh"


class FacetValue(msgspec.Struct):
    value: str  # what goes into a Filter
    label: Text
    count: int
    selected: bool = False


class Facet(msgspec.Struct):
    name: FacetName
    label: Text
    values: list[FacetValue]


class Part(msgspec.Struct, frozen=True):
    """A piece of text to show; `hit` pieces are what the query asked for. The template escapes `text`."""

    text: str
    hit: bool = False


class Hit(msgspec.Struct, omit_defaults=True):
    """A line of a result list, as stored in the index."""

    id: int  # cluster
    title: str = ""
    subtitle: str = ""
    responsibility: str = ""
    publisher: str = ""
    place: str = ""
    year: int | None = None
    year_text: str = ""
    edition: str = ""
    series: str = ""
    type: str = "book"  # value of the facet "type", chooses the cover picture
    isbn: str = ""
    members: int = 0  # libraries that hold it, as the asker may know
    member_codes: list[str] = []
    copies: int = 0
    available: int = 0  # copies that can be lent now
    online: bool = False
    summary: str = ""
    snippet: list[Part] = []  # from the summary, around the first match; empty where nothing matched there
    title_parts: list[Part] = []  # the title cut at its matches


class SearchResult(msgspec.Struct):
    hits: list[Hit]
    total: int
    facets: list[Facet]
    query: Query  # as understood
    notes: list[Text]  # what could not be understood, and what was done instead
    milliseconds: float


class IndexWriter(Protocol):
    """Changes to an index. Nothing is seen by readers before `commit`; `seq` is then the last cluster.seq the index holds."""

    def put(self, documents: Iterable[IndexDocument]) -> None: ...

    def delete(self, ids: Iterable[int]) -> None: ...

    def commit(self, seq: int) -> None: ...

    def publish(self) -> None:
        """Commit is done; a rebuilt index takes the place of the old one, and files of no further use go."""
        ...

    def close(self) -> None:
        """Drop what was not committed."""
        ...


class SearchEngine(Protocol):
    name: str

    def search(self, request: SearchRequest) -> SearchResult: ...

    def suggest(self, text: str, *, limit: int = 8, staff: bool = False) -> list[str]:
        """Titles that begin with the text, its pinyin or its initials."""
        ...

    def last_seq(self, origin: str = "") -> int:
        """The cluster.seq up to which the index is complete; 0 for no index, one of another layout or, where `origin` names one, of
        another database."""
        ...

    def count(self) -> int: ...

    def writer(self, origin: str = "", *, rebuild: bool = False) -> IndexWriter:
        """The writer of the index in use; with `rebuild`, of a new and empty one. `origin` names the database it is filled from."""
        ...

    def close(self) -> None: ...

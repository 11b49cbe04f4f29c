"""The embedded search engine: tantivy in this process, nothing to install or start."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import tantivy

from catalog_api.search import highlight
from catalog_api.search.conditions import conditions, facet_field, filter_condition, shown_tokens
from catalog_api.search.facets import arranged, clamped
from catalog_api.search.folder import IndexFolder
from catalog_api.search.port import Facet, FacetName, Hit, IndexWriter, SearchRequest, SearchResult
from catalog_api.search.query import parse
from catalog_api.search.tantivy_index import TantivyWriter, schema
from catalog_api.search.tantivy_query import Builder
from normalise.text import compact, pinyin_key
from schemas.errors import WenlanError
from schemas.member import Member

_SORTS = {
    "newest": ("year", tantivy.Order.Desc),
    "oldest": ("year", tantivy.Order.Asc),
    "title": ("title_sort", tantivy.Order.Asc),
    "held": ("held", tantivy.Order.Desc),
    "updated": ("updated", tantivy.Order.Desc),
}
_EXACT = 10_000  # values a segment hands over, so that counts put together from several are exact for all but the rarest headings
_decode = msgspec.json.Decoder(Hit).decode


class _Seen:
    """The index as of one commit, and what has been counted in it: facets of everything, which every first page shows."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.whole: dict[tuple[FacetName, int, bool], list[tuple[str, int]]] = {}


class TantivyEngine:
    """Thread-safe. A search sees the index of the last commit; there is nothing to reload by hand."""

    name = "tantivy"

    def __init__(self, root: Path, members: Callable[[], Mapping[str, Member]]) -> None:
        self._files = IndexFolder(root)
        self._members = members
        self._build = Builder(schema())
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._folder: Path | None = None
        self._index: tantivy.Index | None = None
        self._seen: _Seen | None = None

    # -- the port

    def search(self, request: SearchRequest) -> SearchResult:
        began = time.perf_counter()
        request = clamped(request)
        query = parse(request.query)
        wanted = conditions(query, staff=request.staff, members=self._members())
        seen = self._open()
        if seen is None:
            return SearchResult([], 0, [], query, list(query.notes), 0.0)
        base = self._build.base(wanted, staff=request.staff)
        filters = {f.field: self._build.one_of(filter_condition(f, staff=request.staff)) for f in request.filters}
        truth = self._build.every([base, *filters.values()])
        sort = request.sort
        if sort == "relevance" and not wanted.needs:
            sort = "held"  # nothing to rank by: what most libraries thought worth having
        if sort == "relevance":
            ranked = self._build.ranked(truth, wanted)
            found = seen.searcher.search(ranked, request.limit, offset=request.offset, weight_by_field="weight")
        else:
            field, order = _SORTS[sort]
            found = seen.searcher.search(truth, request.limit, order_by_field=field, offset=request.offset, order=order)
        marks = shown_tokens(query)
        return SearchResult(
            hits=[_hit(_stored(seen, address, request.staff), marks) for _, address in found.hits],
            total=_count(found),
            facets=self._facets(seen, request, base, filters),
            query=query,
            notes=list(query.notes),
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    def suggest(self, text: str, *, limit: int = 8, staff: bool = False) -> list[str]:
        seen = self._open()
        key, sounds = compact(text)[:60], pinyin_key(text)[:60]
        if seen is None or not key:
            return []
        either = [self._build.prefix("title_key", re.escape(key))]
        if text.isascii() and len(sounds) >= 2:
            either.append(self._build.prefix("pinyin", sounds))
        truth = self._build.every([self._build.either(either), *([] if staff else [self._build.public()])])
        found = seen.searcher.search(truth, limit * 3, count=False, order_by_field="held")
        titles = (_stored(seen, address, staff).title for _, address in found.hits)
        return list(dict.fromkeys(t for t in titles if t))[:limit]

    def last_seq(self, origin: str = "") -> int:
        folder = self._files.current()
        if folder is None:
            return 0
        state = self._files.state(folder)
        return state.seq if state.usable and origin in ("", state.origin) else 0

    def count(self) -> int:
        seen = self._open()
        return int(seen.searcher.num_docs) if seen else 0

    def writer(self, origin: str = "", *, rebuild: bool = False) -> IndexWriter:
        try:
            return TantivyWriter(self._files, origin, rebuild=rebuild)
        except ValueError as error:
            raise WenlanError(
                "index-locked",
                "检索索引写不了（{why}）。请确认没有另一个进程在写 WENLAN_HOME 下的 index 目录。",
                "The search index cannot be written ({why}). Make sure no other process writes to index under WENLAN_HOME.",
                why=str(error).split("\n")[0][:120],
            ) from None

    def close(self) -> None:
        with self._lock:
            self._seen = self._index = self._stamp = None

    # -- the index on disk

    def _open(self) -> _Seen | None:
        stamp = self._files.stamp()
        if stamp == self._stamp:
            return self._seen
        with self._lock:
            for _ in range(5):
                try:
                    self._reopen()
                except (ValueError, OSError):
                    time.sleep(0.02)  # it was swapped while it was being opened
                    continue
                self._stamp = stamp
                break
            return self._seen

    def _reopen(self) -> None:
        folder = self._files.current()
        if folder is None:
            self._index = self._seen = self._folder = None
            return
        if folder != self._folder or self._index is None:
            index = tantivy.Index.open(str(folder))
            index.config_reader("manual")
            self._index, self._folder = index, folder
        self._index.reload()
        self._seen = _Seen(self._index.searcher())

    # -- facets

    def _facets(
        self, seen: _Seen, request: SearchRequest, base: tantivy.Query, filters: dict[str, tantivy.Query]
    ) -> list[Facet]:
        """Facets without a filter of their own share one pass; each of the others ignores its own filter."""
        counted: dict[FacetName, list[tuple[str, int]]] = {}
        free = [name for name in request.facets if name not in filters]
        if free:
            whole = not request.query.strip() and not filters
            count = self._counted_once if whole else self._counted
            counted |= count(seen, self._build.every([base, *filters.values()]), free, request)
        chosen = {f.field: f.values for f in request.filters}
        for name in request.facets:
            if name not in filters:
                continue
            others = self._build.every([base, *(q for field, q in filters.items() if field != name)])
            rows = self._counted(seen, others, [name], request)[name]
            missing = set(chosen[name]) - {value for value, _ in rows}  # ticked, but not among the most frequent
            term = facet_field(name, staff=request.staff)
            rows += [(v, self._number(seen, [others, self._build.term(term, v)])) for v in sorted(missing)]
            counted[name] = rows
        members = self._members()
        return [arranged(name, counted[name], chosen.get(name, ()), members) for name in request.facets]

    def _counted(
        self, seen: _Seen, query: tantivy.Query, names: list[FacetName], request: SearchRequest
    ) -> dict[FacetName, list[tuple[str, int]]]:
        size = request.facet_size
        asked = {
            name: {"terms": {"field": facet_field(name, staff=request.staff), "size": size, "segment_size": _EXACT}}
            for name in names
        }
        answer: dict[str, Any] = seen.searcher.aggregate(query, asked)
        return {name: [(b["key"], int(b["doc_count"])) for b in answer[name]["buckets"]] for name in names}

    def _counted_once(
        self, seen: _Seen, query: tantivy.Query, names: list[FacetName], request: SearchRequest
    ) -> dict[FacetName, list[tuple[str, int]]]:
        size, staff = request.facet_size, request.staff
        fresh = [name for name in names if (name, size, staff) not in seen.whole]
        if fresh:
            counted = self._counted(seen, query, fresh, request)
            seen.whole |= {(name, size, staff): rows for name, rows in counted.items()}
        return {name: seen.whole[name, size, staff] for name in names}

    def _number(self, seen: _Seen, queries: list[tantivy.Query]) -> int:
        return _count(seen.searcher.search(self._build.every(queries), 1))


def _hit(hit: Hit, marks: tuple[str, ...]) -> Hit:
    hit.title_parts = highlight.parts(hit.title, marks)
    hit.snippet = highlight.snippet(hit.summary, marks) if hit.summary else []
    return hit


def _stored(seen: _Seen, address: tantivy.DocAddress, staff: bool) -> Hit:
    document = seen.searcher.doc(address)
    body: bytes = (document.get_first("body_staff") if staff else None) or document.get_first("body") or b"{}"
    return _decode(body)


def _count(found: tantivy.SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # missing from tantivy's type stubs

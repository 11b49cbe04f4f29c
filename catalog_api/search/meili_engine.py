"""A Meilisearch server as the search engine, for several web servers and workers on one index.

Written from Meilisearch's documentation (1.12 and later) and checked against it only: the requests it sends are tested, a server has not
answered them. It differs from the embedded engine in two known ways: several words that are no words of any document are read as pinyin
(`hong lou meng`) only when nothing has them, and an exact title comes first by Meilisearch's own rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import meilisearch
import msgspec
from meilisearch.errors import MeilisearchApiError, MeilisearchCommunicationError

from catalog_api.search import highlight
from catalog_api.search.conditions import conditions, facet_field, shown_tokens
from catalog_api.search.document import LAYOUT, IndexDocument
from catalog_api.search.facets import arranged, clamped
from catalog_api.search.meili_query import SETTINGS, bodies, stored
from catalog_api.search.port import Facet, Hit, IndexWriter, SearchRequest, SearchResult
from catalog_api.search.query import parse
from normalise.text import compact, pinyin, pinyin_key
from schemas.errors import WenlanError
from schemas.member import Member

INDEX, NEXT, STATE = "wenlan", "wenlan_next", "wenlan_state"
_decode = msgspec.json.Decoder(Hit).decode
_TASK_MILLISECONDS = 600_000
_BATCH = 2000  # documents of one request


class MeiliEngine:
    name = "meilisearch"

    def __init__(self, url: str, key: str | None, members: Callable[[], Mapping[str, Member]]) -> None:
        self._client = meilisearch.Client(url, key, timeout=30)
        self._members = members

    def search(self, request: SearchRequest) -> SearchResult:
        began = time.perf_counter()
        request = clamped(request)
        query = parse(request.query)
        wanted = conditions(query, staff=request.staff, members=self._members())
        answers = self._ask(bodies(request, wanted, INDEX))
        if not _total(answers[0]) and wanted.instead:
            answers = self._ask(bodies(request, wanted, INDEX, instead=True))
        marks = shown_tokens(query)
        hits = [_hit(row, request.staff) for row in answers[0]["hits"]]
        for hit in hits:
            hit.title_parts = highlight.parts(hit.title, marks)
            hit.snippet = highlight.snippet(hit.summary, marks) if hit.summary else []
        return SearchResult(
            hits=hits,
            total=_total(answers[0]),
            facets=self._facets(request, answers),
            query=query,
            notes=list(query.notes),
            milliseconds=(time.perf_counter() - began) * 1000,
        )

    def suggest(self, text: str, *, limit: int = 8, staff: bool = False) -> list[str]:
        key, sounds = compact(text), pinyin_key(text)
        if not key:
            return []
        body: dict[str, Any] = {
            "indexUid": INDEX,
            "q": text[:60],
            "attributesToSearchOn": ["title", "pinyin"],
            "limit": limit * 5,
        }
        if not staff:
            body["filter"] = ['public = "yes"']
        found = (_hit(row, staff).title for row in self._ask([body])[0]["hits"])
        begins = [
            t for t in found if compact(t).startswith(key) or (sounds and any(p.startswith(sounds) for p in pinyin(t)))
        ]
        return list(dict.fromkeys(begins))[:limit]

    def last_seq(self, origin: str = "") -> int:
        state = self._state()
        return state["seq"] if state["layout"] == LAYOUT and origin in ("", state["origin"]) else 0

    def count(self) -> int:
        answer = self._ask([{"indexUid": INDEX, "q": "", "facets": ["all"], "limit": 0}])
        return _total(answer[0])

    def writer(self, origin: str = "", *, rebuild: bool = False) -> IndexWriter:
        return MeiliWriter(self._client, origin, rebuild=rebuild or self._state()["layout"] != LAYOUT)

    def close(self) -> None:
        return None

    def _state(self) -> dict[str, Any]:
        try:
            found = self._client.index(STATE).get_document("state")
            return {"seq": found.seq, "origin": found.origin, "layout": found.layout}
        except MeilisearchApiError:
            return {"seq": 0, "origin": "", "layout": 0}
        except MeilisearchCommunicationError as error:
            raise _away(error) from None

    def _ask(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        try:
            return self._client.multi_search(queries)["results"]
        except MeilisearchApiError as error:
            if error.code == "index_not_found":
                return [{"hits": [], "facetDistribution": {}} for _ in queries]
            raise
        except MeilisearchCommunicationError as error:
            raise _away(error) from None

    def _facets(self, request: SearchRequest, answers: list[dict[str, Any]]) -> list[Facet]:
        """The first answer counts what is not filtered by; each further one the next facet that is."""
        chosen = {f.field: f.values for f in request.filters}
        own = iter(answers[1:])
        facets = []
        for name in request.facets:
            answer = next(own) if name in chosen else answers[0]
            counts: dict[str, int] = answer.get("facetDistribution", {}).get(facet_field(name, staff=request.staff), {})
            ticked = chosen.get(name, ())
            frequent = sorted(counts.items(), key=lambda row: (-row[1], row[0]))[: request.facet_size]
            rows = dict(frequent) | {value: counts.get(value, 0) for value in ticked}
            facets.append(arranged(name, list(rows.items()), ticked, self._members()))
        return facets


class MeiliWriter:
    """Adds to the index in use, or fills a new one that `publish` swaps in. Each request is a task of the server; a commit waits for all."""

    def __init__(self, client: meilisearch.Client, origin: str, *, rebuild: bool) -> None:
        self._client, self._origin, self._rebuild = client, origin, rebuild
        self._tasks: list[int] = []
        self._seq = 0
        self._uid = NEXT if rebuild else INDEX
        if rebuild:
            self._tasks.append(client.delete_index(NEXT).task_uid)
        self._finish(strict=False)
        for uid in (self._uid, INDEX):
            self._tasks.append(client.create_index(uid, {"primaryKey": "id"}).task_uid)
        self._finish(strict=False)  # an index that is there already is no fault
        self._tasks.append(client.index(self._uid).update_settings(dict(SETTINGS)).task_uid)

    def put(self, documents: Iterable[IndexDocument]) -> None:
        batch: list[bytes] = []
        for document in documents:
            batch.append(msgspec.json.encode(stored(document)))
            if len(batch) >= _BATCH:
                self._send(batch)
        self._send(batch)

    def _send(self, batch: list[bytes]) -> None:
        if batch:
            task = self._client.index(self._uid).add_documents_ndjson(b"\n".join(batch), "id")
            self._tasks.append(task.task_uid)
            batch.clear()

    def delete(self, ids: Iterable[int]) -> None:
        self._tasks.append(self._client.index(self._uid).delete_documents([str(each) for each in ids]).task_uid)

    def commit(self, seq: int) -> None:
        self._finish()
        self._seq = seq
        if not self._rebuild:
            self._save()

    def publish(self) -> None:
        self._finish()
        if self._rebuild:
            self._tasks.append(self._client.swap_indexes([{"indexes": [INDEX, NEXT]}]).task_uid)
            self._finish()
            self._save()
            self._tasks.append(self._client.delete_index(NEXT).task_uid)
            self._finish()

    def close(self) -> None:
        self._tasks.clear()

    def _save(self) -> None:
        """After the documents, so that the state never claims more than is there."""
        state = {"id": "state", "seq": self._seq, "origin": self._origin, "layout": LAYOUT}
        self._tasks.append(self._client.index(STATE).add_documents([state], "id").task_uid)
        self._finish()

    def _finish(self, *, strict: bool = True) -> None:
        for uid in self._tasks:
            task = self._client.wait_for_task(uid, timeout_in_ms=_TASK_MILLISECONDS, interval_in_ms=100)
            if strict and task.status != "succeeded":
                raise WenlanError(
                    "index-task",
                    "Meilisearch 的任务 {task} 没有完成：{why}",
                    "Task {task} of Meilisearch did not succeed: {why}",
                    task=uid,
                    why=task.error,
                )
        self._tasks.clear()


def _hit(row: dict[str, Any], staff: bool) -> Hit:
    return _decode(((row.get("body_staff") if staff else "") or row["body"]).encode())


def _total(answer: dict[str, Any]) -> int:
    """Every document has the facet `all`, whose count is exact where Meilisearch only estimates hits."""
    return int(sum(answer.get("facetDistribution", {}).get("all", {}).values()))


def _away(error: Exception) -> WenlanError:
    return WenlanError(
        "search-unreachable",
        "连接不上检索服务（{why}）。请检查 WENLAN_SEARCH_URL 与 Meilisearch 服务。",
        "The search server cannot be reached ({why}). Check WENLAN_SEARCH_URL and the Meilisearch server.",
        why=type(error).__name__,
    )

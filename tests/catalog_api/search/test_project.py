"""The index follows the database: changes, withdrawals, rebuilds, other databases, two projections at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from catalog_api.search import open_engine
from catalog_api.search.port import Filter, SearchEngine, SearchRequest
from catalog_api.search.project import project
from schemas.bib import BibRecord
from schemas.db import Database
from schemas.holding import Holding, Item
from schemas.member import Member
from schemas.settings import Settings

Book = Callable[..., BibRecord]


@pytest.fixture
def engine(settings: Settings, members: dict[str, Member]) -> SearchEngine:
    return open_engine(settings, members)


def found(engine: SearchEngine, query: str = "", staff: bool = False) -> list[int]:
    return sorted(hit.id for hit in engine.search(SearchRequest(query=query, staff=staff)).hits)


def test_the_index_follows_what_changes(
    catalogue: Any, make_book: Book, engine: SearchEngine, members: dict[str, Member]
) -> None:
    dream, lake, gone = (catalogue.put(make_book(t)) for t in ("红楼梦", "西湖志", "旧书"))
    run = lambda **options: project(catalogue.connection, engine, members=members, **options)  # noqa: E731
    assert run() == 3
    assert run() == 0
    assert found(engine) == [dream, lake, gone]
    catalogue.withdraw(gone)
    catalogue.retitle(lake, make_book("西湖新志"))
    steps: list[int] = []
    assert run(progress=steps.append) == 2 == sum(steps)
    assert (found(engine), found(engine, "新志"), found(engine, "旧书")) == ([dream, lake], [lake], [])
    catalogue.redirect(dream, lake)
    run()
    assert found(engine) == [lake]
    assert engine.count() == 1
    assert run(rebuild=True) == 3
    assert (found(engine), engine.count()) == ([lake], 1)


def test_a_lost_index_is_filled_again_and_one_of_another_database_is_not_continued(
    catalogue: Any, make_book: Book, settings: Settings, members: dict[str, Member]
) -> None:
    ids = [catalogue.put(make_book(t)) for t in ("红楼梦", "西湖志")]
    engine = open_engine(settings, members)
    writer = engine.writer("another database")
    writer.commit(10_000)
    writer.publish()
    writer.close()
    assert project(catalogue.connection, engine, members=members) == 2
    assert found(engine) == ids
    (settings.home / "index" / "current").unlink()
    assert found(engine) == []
    assert project(catalogue.connection, engine, members=members) == 2
    assert found(engine) == ids


def test_holdings_of_staff_are_for_staff(
    catalogue: Any, make_book: Book, engine: SearchEngine, members: dict[str, Member]
) -> None:
    shelf = [
        Holding(
            "zjsl",
            location="文学书库",
            call_number="I242.4/1",
            copies=2,
            items=[Item(status="available"), Item(status="loaned")],
        ),
        Holding("htcl", copies=1, items=[Item(status="available")], visibility="staff"),
    ]
    mine = catalogue.put(make_book("红楼梦"), shelf)
    hidden = catalogue.put(make_book("红楼梦资料"), visibility="staff")
    project(catalogue.connection, engine, members=members)
    assert (found(engine, "红楼梦"), found(engine, "红楼梦", staff=True)) == ([mine], [mine, hidden])
    hit = engine.search(SearchRequest(query="红楼梦")).hits[0]
    assert (hit.member_codes, hit.copies, hit.available) == (["zjsl"], 2, 1)
    hit = engine.search(SearchRequest(query="红楼梦 -资料", staff=True)).hits[0]
    assert (hit.member_codes, hit.copies, hit.available) == (["htcl", "zjsl"], 3, 2)
    theirs = (Filter("member", ("htcl",)),)
    assert engine.search(SearchRequest(filters=theirs)).total == 0
    assert engine.search(SearchRequest(filters=theirs, staff=True)).total == 1


def test_a_failure_half_way_keeps_what_was_there(
    catalogue: Any, make_book: Book, engine: SearchEngine, members: dict[str, Member]
) -> None:
    first = catalogue.put(make_book("红楼梦"))
    project(catalogue.connection, engine, members=members)

    def fail(_: int) -> None:
        raise RuntimeError("power cut")

    second = catalogue.put(make_book("西湖志"))
    with pytest.raises(RuntimeError):
        project(catalogue.connection, engine, members=members, progress=fail)
    assert found(engine) == [first]
    assert project(catalogue.connection, engine, members=members) == 1
    assert found(engine) == [first, second]


def test_two_projections_at_once_wait_for_each_other(
    catalogue: Any, make_book: Book, engine: SearchEngine, members: dict[str, Member], database: Database
) -> None:
    ids = [catalogue.put(make_book(f"第{n}卷")) for n in range(30)]
    counts: list[int] = []

    def run() -> None:
        with database.connect() as connection:
            counts.append(project(connection, engine, members=members))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 30]
    assert engine.search(SearchRequest()).total == len(ids)


def test_search_results_go_to_programs_as_json(
    catalogue: Any, make_book: Book, engine: SearchEngine, members: dict[str, Member]
) -> None:
    catalogue.put(make_book("红楼梦", "曹雪芹", year=1982))
    project(catalogue.connection, engine, members=members)
    plain = msgspec.json.decode(msgspec.json.encode(engine.search(SearchRequest(query="红楼梦", facets=("type",)))))
    assert plain["total"] == 1
    assert plain["hits"][0]["title"] == "红楼梦"
    assert plain["facets"][0]["values"][0]["label"] == {"zh": "图书", "en": "Book"}

"""The API on a catalogue of a few editions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from catalog_api.api import router
from catalog_api.context import Context
from catalog_api.search import open_engine
from catalog_api.search.project import project
from schemas.bib import BibRecord, Classification, Note, Subject
from schemas.db import Database
from schemas.holding import Holding, Item
from schemas.member import Member, read_members
from schemas.settings import Settings

with warnings.catch_warnings():  # the test client says that its HTTP library has a successor
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def members() -> dict[str, Member]:
    from schemas.settings import CHECKOUT

    return read_members(CHECKOUT / "config" / "members")


@pytest.fixture
def context(settings: Settings, database: Database, members: dict[str, Member]) -> Iterator[Context]:
    engine = open_engine(settings, members)
    yield Context(settings, database, engine, members)
    engine.close()


@pytest.fixture
def editions(catalogue: Any, make_book: Callable[..., BibRecord], context: Context) -> dict[str, int]:
    """Cluster ids by a short name; all of them indexed."""
    dream = make_book(
        "红楼梦", "曹雪芹", year=1982, publisher="人民文学出版社", isbn="9787020002207",
        classes=[Classification("clc", "I242.4")], subjects=[Subject(["章回小说", "中国", "清代"])], notes=[Note("宝黛故事。", "abstract")],
    )  # fmt: skip
    shelf = [
        Holding(
            "zjsl",
            location="文学书库",
            call_number="I242.4/12",
            copies=2,
            items=[Item("B1", "available"), Item("B2", "loaned")],
        ),
        Holding("htcl", call_number="I242.4/7", copies=1, items=[Item("B3", "available")]),
        Holding("qtut", location="密集书库", copies=1, items=[Item("B9", "available")], visibility="staff"),
    ]
    found = {
        "dream": catalogue.put(dream, shelf),
        "lake": catalogue.put(make_book("西湖志", "李卫", year=1735)),
        "hidden": catalogue.put(make_book("红楼梦内部资料"), visibility="staff"),
        "gone": catalogue.put(make_book("旧书")),
        "merged": catalogue.put(make_book("红楼梦 重复")),
    }
    catalogue.withdraw(found["gone"])
    catalogue.redirect(found["merged"], found["dream"])
    project(catalogue.connection, context.engine, members=context.members)
    return found


@pytest.fixture
def client(context: Context, editions: dict[str, int]) -> Iterator[TestClient]:
    app = FastAPI(openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None)
    app.state.wenlan = context
    app.include_router(router)
    with TestClient(app, follow_redirects=False) as made:
        yield made

"""A small federation of its own: six libraries, a bookshop, and books to ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
import pytest

from ill import commands
from ill.policy import Policy, read_policy
from schemas.db import Database
from schemas.holding import Holding, Item
from schemas.member import Lending, Member, Name, System
from schemas.request import Request
from schemas.settings import CHECKOUT

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)  # a Wednesday, ten in the morning in Hangzhou

Connection = psycopg.Connection[Any]


def library(code: str, zh: str, en: str, *region: str, system: System = "public", **lending: Any) -> Member:
    return Member(
        code=code,
        name=Name(zh=zh, en=en),
        system=system,
        kind="city",
        region=list(region),
        lending=Lending(**{"supplies": ["loan", "copy"], "delivery_days": 1, **lending}),
    )


@pytest.fixture
def members() -> dict[str, Member]:
    found = [
        library("lake", "湖畔图书馆", "Lakeside Library", "33", "3301"),
        library("moon", "望月图书馆", "Moonview Library", "33", "3301", answer_hours=8, renewals=1, loan_days=30),
        library("hill", "山城大学图书馆", "Hill University Library", "33", "3301", system="university", fee=5),
        library("port", "海港图书馆", "Port Library", "33", "3302", delivery_days=2),
        library("pearl", "明珠图书馆", "Pearl Library", "31", "3101", fee=10, delivery_days=3),
        library("wall", "长城图书馆", "Great Wall Library", "11", "1101", tiers=["system", "city"]),
        library("shop", "书香书店", "Fragrance Bookshop", "33", "3301", system="bookshop", borrows=False),
    ]
    return {m.code: m for m in found}


@pytest.fixture(scope="session")
def policy() -> Policy:
    return read_policy(CHECKOUT / "config")


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.connect() as opened:
        yield opened


def holding_of(member: str, *statuses: str, **more: Any) -> Holding:
    """A holding with an item a status, at 中文图书 I247.5/1."""
    shelf = {"location": "中文图书", "call_number": "I247.5/1", **more}
    items = [Item(status=s, barcode=f"{member}{n}") for n, s in enumerate(statuses, 1)]  # type: ignore[arg-type]
    return Holding(member=member, copies=len(statuses), items=items, **shelf)


class Federation:
    """The libraries at work on one database, with a clock of their own."""

    def __init__(self, connection: Connection, members: dict[str, Member], policy: Policy) -> None:
        self.connection = connection
        self.members = members
        self.policy = policy
        self.now = NOW

    def book(self, *holdings: Holding, title: str = "钱塘江潮", guji: bool = False, status: str = "live") -> int:
        """Put a cluster with holdings where the catalogue keeps them; returns its id."""
        merged = {"bib": {"titles": [{"text": title}], "guji": guji}}
        codes = sorted({h.member for h in holdings})
        cluster = self.one(
            "insert into cluster (status, merged, members) values (%s, %s, %s) returning id",
            status, json.dumps(merged), codes,
        )  # fmt: skip
        ids = [cluster * 100 + number for number in range(len(holdings))]
        for record, holding in zip(ids, holdings, strict=True):
            self.connection.execute(
                "insert into record (id, raw_seq, member, source, local_id, status, bib, cluster_id, match_due)"
                " values (%s, %s, %s, 'main', %s, 'live', %s, %s, false)",
                (record, record, holding.member, str(record), json.dumps(merged["bib"]), cluster),
            )
            self.connection.execute(
                "insert into holding (record_id, member, copies, available, body) values (%s, %s, %s, 0, %s)",
                (record, holding.member, holding.copies, msgspec.json.encode(holding).decode()),
            )
        self.connection.execute("update cluster set record_ids = %s where id = %s", (ids, cluster))
        self.connection.commit()
        return cluster

    def place(self, cluster: int, **more: Any) -> Request:
        values: dict[str, Any] = {"requester": "lake", "actor": "li", "now": self.now, **more}
        request = commands.place_request(
            self.connection, cluster_id=cluster, members=self.members, policy=self.policy, **values
        )
        self.connection.commit()
        return request

    def act(self, request: Request | int, action: str, member: str, **more: Any) -> Request:
        """An ILL officer of `member` acts, without a version unless given."""
        id = request if isinstance(request, int) else request.id
        values: dict[str, Any] = {"actor": f"{member}-officer", "role": "ill_officer", "now": self.now, **more}
        after = commands.act(
            self.connection, id, action, member=member, members=self.members, policy=self.policy, **values
        )
        self.connection.commit()
        return after

    def tick(self) -> int:
        done = commands.tick(self.connection, self.now, members=self.members, policy=self.policy)
        self.connection.commit()
        return done

    def walk(self, request: Request, *steps: str) -> Request:
        """Steps as `member.action`."""
        for step in steps:
            member, _, action = step.partition(".")
            data = {"reason": "not_on_shelf"} if action == "answer_no" else {}
            request = self.act(request, action, member, data=data)
        return request

    def one(self, sql: Any, *values: object) -> Any:
        row = self.connection.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def states(self, request: Request) -> tuple[str, str, str]:
        row = self.connection.execute(
            "select state, attempt_state, loan_state from request where id = %s", (request.id,)
        ).fetchone()
        assert row is not None
        return row


@pytest.fixture
def federation(connection: Connection, members: dict[str, Member], policy: Policy) -> Federation:
    return Federation(connection, members, policy)


@pytest.fixture
def held() -> Callable[..., Holding]:
    return holding_of

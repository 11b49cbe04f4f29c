"""The requests a demonstration begins with: placed, answered, on their way, on loan, overdue, unfilled, over several libraries."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import msgspec
from psycopg import Connection

from catalog_api.context import Context
from ill import commands
from ill.plan import dry_run
from ill.policy import Policy, read_policy
from normalise import catalogue
from schemas.db import Sql
from schemas.member import Service
from schemas.request import Request

SQL = Sql("catalog_api.demo", "requests.sql")
_SUPPLIERS = frozenset({"answer_yes", "answer_no", "answer_later", "ship", "deliver", "agree_cancel", "check_in"})
# Whose accounts do it, where the demonstration gives a library one.
_OFFICERS = {"htcl": "officer", "zjsl": "supplier"}


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of requests.toml."""

    requester: str
    supplier: str
    reader: int
    placed: float
    service: Service = "loan"
    volume: str = ""
    note: str = ""
    steps: list[list[Any]] = []
    refused: str = ""


def wishes() -> list[Wish]:
    text = resources.files("catalog_api.demo").joinpath("requests.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["request"], list[Wish])


def begin_requests(context: Context, *, now: datetime | None = None) -> int:
    """Place the requests and carry each as far as it is written down. Returns how many; none where they have been placed before."""
    now = now or datetime.now(UTC)
    with context.database.connect(autocommit=True) as connection:
        if connection.execute(SQL["begun"]).fetchone() == (True,):
            return 0
        play = _Play(context, connection, now)
        with connection.transaction():
            placed = sum(play.one(number, wish) for number, wish in enumerate(wishes(), 1))
        commands.tick(connection, now, members=context.members, policy=play.policy)  # what is overdue by now
    return placed


class _Play:
    def __init__(self, context: Context, connection: Connection[Any], now: datetime) -> None:
        self.members, self.connection, self.now = context.members, connection, now
        self.policy: Policy = read_policy(context.settings.config)
        self.readers: dict[str, list[int]] = dict(connection.execute(SQL["readers"]).fetchall())
        self.used: set[int] = set()

    def one(self, number: int, wish: Wish) -> bool:
        """Whether an edition and a reader were there for it."""
        key = f"demo:{number}"
        reader = self._reader(wish)
        cluster = self._edition(key, wish)
        if cluster is None or (wish.reader and reader is None):
            return False
        request = commands.place_request(
            self.connection,
            cluster_id=cluster,
            requester=wish.requester,
            actor=_OFFICERS.get(wish.requester, "demo"),
            members=self.members,
            policy=self.policy,
            now=self._ago(wish.placed),
            reader_id=reader,
            service=wish.service,
            volume=wish.volume,
            note=wish.note,
            key=key,
        )
        for action, ago, *data in wish.steps:
            fields = dict(data[0]) if data else {}
            if action == "ship":
                fields["barcode"] = self._barcode(cluster, request.supplier)
            request = self._act(request, action, self._ago(ago), fields)
        while wish.refused and request.state == "asked":
            request = self._act(request, "answer_no", self._ago(wish.placed - 6), {"reason": wish.refused})
        return True

    def _ago(self, hours: float) -> datetime:
        return self.now - timedelta(hours=hours)

    def _reader(self, wish: Wish) -> int | None:
        of_home = self.readers.get(wish.requester, [])
        return of_home[min(wish.reader, len(of_home)) - 1] if wish.reader and of_home else None

    def _edition(self, key: str, wish: Wish) -> int | None:
        """An edition for which the supplier is asked first, that no other request of these is about."""
        values = {"key": key, "supplier": wish.supplier, "requester": wish.requester, "least": 1 if wish.refused else 2}
        for (cluster,) in self.connection.execute(SQL["held"], values).fetchall():
            if cluster in self.used:
                continue
            rota = dry_run(
                self.connection,
                cluster_id=cluster,
                requester=self.members[wish.requester],
                members=self.members,
                policy=self.policy,
                now=self._ago(wish.placed),
                service=wish.service,
            )
            if rota.asked and rota.asked[0].member == wish.supplier:
                self.used.add(cluster)
                return int(cluster)
        return None

    def _barcode(self, cluster: int, supplier: str) -> str:
        """Of the copy that goes."""
        held = [h for h in catalogue.holdings_of(self.connection, cluster) if h.member == supplier]
        return next((i.barcode for h in held for i in h.items if i.status == "available" and i.barcode), "")

    def _act(self, request: Request, action: str, at: datetime, data: dict[str, str]) -> Request:
        member = request.supplier if action in _SUPPLIERS else request.requester
        return commands.act(
            self.connection,
            request.id,
            action,
            actor=_OFFICERS.get(member, "demo"),
            member=member,
            role="ill_officer",
            members=self.members,
            policy=self.policy,
            now=at,
            data=data,
        )

"""A request as commands and worklists hold it, the facts the machine asks about, and in which capacities somebody comes. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from ill import machine
from ill.table import Who
from schemas.member import Service
from schemas.request import Channel, Request, Side

Role = Literal["reader", "ill_officer", "librarian", "admin", "system"]


class Terms(msgspec.Struct, frozen=True):
    """What a supplier offered when the rota was made. Fee in yuan, `days` until delivery in working days."""

    answer_hours: int
    loan_days: int
    renewals: int
    fee: float
    days: float = 0


class Case(msgspec.Struct):
    """A row of `request` with what belongs to it of its present attempt and its loan."""

    id: int
    number: str
    cluster_id: int
    title: str
    requester: str
    reader_id: int | None
    service: Service
    volume: str
    channel: Channel
    pickup: str
    note: str
    state: str
    open: bool
    attention: bool
    supplier: str
    attempt_state: str
    loan_state: str
    holder: str
    needed_by: datetime | None
    due: datetime | None
    timer: str
    timer_at: datetime | None
    version: int
    events: int
    created_at: datetime
    changed_at: datetime
    attempt_id: int | None = None
    round: int = 0
    position: int = 0
    rank: int = 0  # on the rota of the present round; 0 before the first
    terms: Any = None  # JSON of Terms
    renewals: int = 0
    barcode: str = ""

    @property
    def standing(self) -> machine.State:
        return machine.State(self.state, self.attempt_state, self.loan_state)

    @property
    def agreed(self) -> Terms:
        """The terms of the present supplier; before there is one, the least."""
        return msgspec.convert(self.terms, Terms) if self.terms else Terms(16, 1, 0, 0.0)

    def request(self) -> Request:
        return Request(
            id=self.id,
            number=self.number,
            cluster_id=self.cluster_id,
            title=self.title,
            requester=self.requester,
            reader_id=self.reader_id,
            service=self.service,
            volume=self.volume,
            channel=self.channel,
            pickup=self.pickup,
            state=self.state,
            supplier=self.supplier,
            supplier_state=self.attempt_state,
            needed_by=self.needed_by,
            due=self.due,
            created_at=self.created_at,
            changed_at=self.changed_at,
            version=self.version,
        )


def facts(case: Case, member: str, *, rota_left: bool = False) -> frozenset[str]:
    """What guards may ask, from the case and the library at which the action happens."""
    holds: dict[machine.Fact, bool] = {
        "is_loan": case.service == "loan",
        "is_copy": case.service == "copy",
        "rota_left": rota_left,
        "renewals_left": case.agreed.renewals > case.renewals,
        "at_owner": bool(member) and member == case.supplier,
        "away": case.holder != case.supplier,
    }
    return frozenset(name for name, true in holds.items() if true)


def capacities(case: Case, role: Role, member: str, reader_id: int | None = None) -> frozenset[Who]:
    """Empty for somebody who has no part in the request. A librarian reads; the ILL officer of a library and the administrator act."""
    if role == "system":
        return frozenset({"system"})
    if role == "admin":
        return frozenset({"requester", "pickup", "holder", "supplier", "anyone"})
    if role == "reader":
        return frozenset({"reader"}) if reader_id is not None and reader_id == case.reader_id else frozenset()
    if role != "ill_officer" or not member:
        return frozenset()
    parts: dict[Who, bool] = {
        "anyone": True,
        "requester": member == case.requester,
        "pickup": member == case.pickup,
        "holder": member == case.holder,
        "supplier": member == case.supplier,
    }
    return frozenset(name for name, true in parts.items() if true)


def side(who: frozenset[Who], role: Role, wanted: list[Who]) -> Side:
    """On whose side an event is written down: the first capacity the action names that the actor has."""
    if role == "reader":
        return "reader"
    if role in ("system", "admin"):
        return "broker"
    first = next((w for w in wanted if w in who), "requester")
    return "supplier" if first == "supplier" or (first == "anyone" and "supplier" in who) else "requester"

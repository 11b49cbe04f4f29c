"""What pages show of requests: every name in both languages, every action with its form, taken from ill/states.toml."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from ill import machine, table
from ill.case import Case, Role, capacities, facts
from ill.table import TableName
from schemas.request import Request, RequestEvent, RouteCandidate, Side
from schemas.text import Text


class StateView(msgspec.Struct, frozen=True):
    name: str
    text: Text
    side: Side  # whose turn it is
    attention: bool
    closing: bool


class FieldView(msgspec.Struct, frozen=True):
    """An input of an action's form; with `choices` a select of key and label."""

    name: str
    text: Text
    required: bool
    kind: Literal["text", "url", "date"]
    choices: list[tuple[str, Text]]


class ActionView(msgspec.Struct, frozen=True):
    name: str
    text: Text
    primary: bool
    danger: bool
    fields: list[FieldView]


class Row(msgspec.Struct):
    """A line of a work list. `actions` are those the viewer may do now, the primary one first."""

    id: int
    number: str
    cluster_id: int
    title: str
    volume: str
    service: str
    requester: str
    pickup: str
    supplier: str
    reader: str  # masked name, "" for a request of the library itself, and always in the supplier's list
    state: StateView
    supplier_state: StateView | None
    loan_state: StateView | None
    attention: bool
    needed_by: datetime | None
    due: datetime | None
    timer: Text | None  # what runs out at timer_at
    timer_at: datetime | None
    barcode: str
    note: str  # given with the request
    created_at: datetime
    changed_at: datetime
    version: int
    actions: list[ActionView]

    @property
    def primary(self) -> ActionView | None:
        return self.actions[0] if self.actions and self.actions[0].primary else None


class StateCount(msgspec.Struct, frozen=True):
    state: StateView
    count: int


class Worklist(msgspec.Struct):
    """A page of a list. `next` is the cursor of the next page, "" at the end."""

    rows: list[Row]
    counts: list[StateCount]
    attention: int
    total: int
    next: str


class EventView(msgspec.Struct):
    """`details` are the fields given with the action, as name and value to show."""

    event: RequestEvent
    text: Text
    from_text: Text | None
    to_text: Text
    details: list[tuple[Text, Text]]


class RotaView(msgspec.Struct):
    """A library on the rota, or left out of it. `outcome` once it has been asked."""

    round: int
    candidate: RouteCandidate
    reasons: list[Text]
    fee: float  # yuan
    outcome: StateView | None
    why: Text | None  # the reason it gave for not supplying
    asked_at: datetime | None
    answered_at: datetime | None


class LoanView(msgspec.Struct):
    """The four libraries of an item (通借通还); `current` is empty in transit, with the reader, or lost."""

    owning: str
    home: str
    current: str
    pickup: str
    state: StateView
    barcode: str
    renewals: int
    due: datetime | None
    started_at: datetime
    ended_at: datetime | None


class RequestView(msgspec.Struct):
    request: Request
    row: Row
    note: str
    events: list[EventView]
    rota: list[RotaView]
    loan: LoanView | None

    def seen_by(self, *, member: str, role: Role, reader_id: int | None = None) -> bool:
        """Whether somebody has a part in it: its reader, the libraries concerned, any that was asked, the administrator."""
        if role in ("admin", "system"):
            return True
        if role == "reader":
            return reader_id is not None and reader_id == self.request.reader_id
        asked = {r.candidate.member for r in self.rota if r.outcome is not None}
        current = {self.loan.current} if self.loan else set()
        return bool(member) and member in {self.request.requester, self.request.pickup} | asked | current


def state_view(name: TableName, state: str) -> StateView:
    """A state that an earlier table had is shown by its key."""
    row = table.load().table(name).state.get(state)
    if row is None:
        return StateView(state, Text(state, state), "broker", True, False)
    return StateView(state, row.text, row.side, row.attention, row.closing)


def _maybe(name: TableName, state: str) -> StateView | None:
    """None before the first attempt, or before a loan."""
    return state_view(name, state) if state else None


def action_view(name: str, *, primary: bool = False) -> ActionView:
    action = table.load().action[name]
    return ActionView(name, action.text, primary, action.danger, [_field(f) for f in action.fields])


def _field(name: str) -> FieldView:
    field = table.load().field[name.removesuffix("!")]
    choices = [(key, choice.text) for key, choice in field.choices.items()]
    return FieldView(name.removesuffix("!"), field.text, name.endswith("!"), field.kind, choices)


def row(
    case: Case, *, reader: str, shown: str, member: str, role: Role, reader_id: int | None, side: Side = "requester"
) -> Row:
    """`shown` is the attempt's state to show: in a supplier's history that of its own attempt, not of a later one."""
    who = capacities(case, role, member, reader_id)
    possible = machine.actions(case.standing, who, facts(case, member), side) if who else []
    first = machine.primary(case.standing, possible, side)
    timer = table.load().timer.get(case.timer)
    return Row(
        id=case.id,
        number=case.number,
        cluster_id=case.cluster_id,
        title=case.title,
        volume=case.volume,
        service=case.service,
        requester=case.requester,
        pickup=case.pickup,
        supplier=case.supplier,
        reader=reader,
        state=state_view("request", case.state),
        supplier_state=_maybe("attempt", shown),
        loan_state=_maybe("loan", case.loan_state),
        attention=case.attention,
        needed_by=case.needed_by,
        due=case.due,
        timer=timer.text if timer else None,
        timer_at=case.timer_at,
        barcode=case.barcode,
        note=case.note,
        created_at=case.created_at,
        changed_at=case.changed_at,
        version=case.version,
        actions=[action_view(a, primary=a == first) for a in possible],
    )


def event_view(event: RequestEvent) -> EventView:
    tables = table.load()
    known = tables.action.get(event.action) or tables.event.get(event.action)
    before = _maybe("request", event.from_state)
    return EventView(
        event=event,
        text=known.text if known else Text(event.action, event.action),
        from_text=before.text if before else None,
        to_text=state_view("request", event.to_state).text,
        details=[(tables.field[k].text, choice_text(k, str(v))) for k, v in event.data.items() if k in tables.field],
    )


def choice_text(field: str, value: str) -> Text:
    """A field's value as people read it."""
    row = table.load().field.get(field)
    choice = row.choices.get(value) if row else None
    return choice.text if choice else Text(value, value)

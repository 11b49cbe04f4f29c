"""Carrying out what the machine decided: rows of attempts and loans, dates, timers, and what others have to be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from ill import machine, table, working_time
from ill.case import Case, Role, Terms
from ill.policy import Policy
from ill.store import SQL, one
from schemas.request import Side


class Doing(msgspec.Struct, frozen=True):
    """One action under way: who does it where, with what."""

    action: str
    actor: str
    side: Side
    role: Role
    member: str
    note: str
    data: dict[str, str]
    now: datetime
    policy: Policy
    candidate: tuple[Any, ...] | None = None  # next on the rota: round, position, rank, member, terms


def carry_out(connection: Connection[Any], case: Case, effects: list[machine.Effect], doing: Doing) -> None:
    """Do what follows from an event already written into `case` (state and number of the event)."""
    for effect in effects:
        if effect.kind == "tell":
            _tell(connection, case, effect.value, doing)
        elif effect.kind == "timer":
            case.timer = effect.value
            case.timer_at = _deadline(case, effect.value, doing)
        elif effect.value == "attempt":
            _attempt(connection, case, effect.kind, doing)
        elif effect.value == "loan":
            _loan(connection, case, effect.kind, doing)


def _attempt(connection: Connection[Any], case: Case, kind: str, doing: Doing) -> None:
    state = table.load().state("attempt", case.attempt_state)
    if kind == "start":
        if doing.candidate is None:
            raise AssertionError("asked without a candidate: the guard rota_left failed to hold")
        case.round, case.position, case.rank, case.supplier, case.terms = doing.candidate
        case.attempt_id = one(
            connection,
            "start_attempt",
            request_id=case.id,
            round=case.round,
            position=case.position,
            requester=case.requester,
            member=case.supplier,
            state=case.attempt_state,
            attention=state.attention,
            now=doing.now,
        )
        return
    ended = kind == "end"
    values = {
        "id": case.attempt_id,
        "state": case.attempt_state,
        "open": not ended,
        "attention": state.attention,
        "reason": (doing.data.get("reason") or doing.action) if state.iso_status == "Unfilled" else "",
        "answered": doing.side == "supplier",
        "supplied": state.iso_status in ("Loaned", "CopyCompleted"),
        "now": doing.now,
    }
    connection.execute(SQL["move_attempt"], values)


def _loan(connection: Connection[Any], case: Case, kind: str, doing: Doing) -> None:
    case.holder = _where(case, doing)
    _dates(case, doing)
    values = {
        "request_id": case.id,
        "state": case.loan_state,
        "open": kind != "end",
        "barcode": case.barcode,
        "supplier": case.supplier,
        "current": case.holder,
        "pickup": case.pickup,
        "renewals": case.renewals,
        "due": case.due,
        "now": doing.now,
    }
    if kind == "start":
        case.barcode = values["barcode"] = doing.data.get("barcode", "")
    connection.execute(SQL["start_loan" if kind == "start" else "move_loan"], values)


def _where(case: Case, doing: Doing) -> str:
    """The library that has the copy in hand now, "" where none has."""
    place = table.load().state("loan", case.loan_state).place
    if place == "actor":
        scanned = "anyone" in table.load().action[doing.action].who
        return (doing.member if scanned else "") or case.holder or case.pickup
    return {"pickup": case.pickup, "owner": case.supplier}.get(place, "")


def _dates(case: Case, doing: Doing) -> None:
    """Due dates are the ends of days, counted in calendar days."""
    terms: Terms = case.agreed
    if doing.action == "hand_over":
        case.due = _days_on(doing.now, terms.loan_days, doing.policy)
    elif doing.action == "renew":
        case.due = _days_on(max(case.due or doing.now, doing.now), terms.loan_days, doing.policy)
        case.renewals += 1
    elif doing.action == "recall":
        soon = _days_on(doing.now, doing.policy.routing.deadlines.recall_days, doing.policy)
        case.due = min(case.due or soon, soon)


def _days_on(start: datetime, days: int, policy: Policy) -> datetime:
    zone = policy.routing.zone
    return working_time.end_of_day(start.astimezone(zone).date() + timedelta(days=days), zone)


def _deadline(case: Case, timer: str, doing: Doing) -> datetime | None:
    """When a timer of ill/states.toml runs out; None for none."""
    policy = doing.policy
    limits = policy.routing.deadlines
    if timer == "due":
        return case.due
    if timer == "collect":
        return _days_on(doing.now, limits.collect_days, policy)
    if timer == "expect" and doing.data.get("available_on"):
        promised = working_time.end_of_day(date.fromisoformat(doing.data["available_on"]), policy.routing.zone)
        return working_hours(promised, case.agreed.answer_hours, case.supplier, policy)
    hours = {
        "answer": case.agreed.answer_hours,
        "expect": limits.expect_hours,
        "ship": limits.ship_hours,
        "cancel": limits.cancel_hours,
    }.get(timer)
    return None if hours is None else working_hours(doing.now, hours, case.supplier, policy)


def working_hours(start: datetime, hours: float, member: str, policy: Policy) -> datetime:
    """So many working hours of a library later, its closures left out."""
    return working_time.add_hours(
        start,
        hours,
        opening=policy.routing.hours,
        zone=policy.routing.zone,
        closed=lambda day: policy.closed(member, day) is not None,
    ).astimezone(UTC)


def _tell(connection: Connection[Any], case: Case, side: str, doing: Doing) -> None:
    target = {"supplier": case.supplier, "requester": case.requester, "reader": case.requester}[side]
    if not target or (side == "reader" and case.reader_id is None):
        return
    payload = {
        "number": case.number,
        "action": doing.action,
        "state": case.state,
        "supplier": case.supplier,
        "supplier_state": case.attempt_state,
        "loan_state": case.loan_state,
        "data": doing.data,
    }
    values = {
        "request_id": case.id,
        "event": case.events,
        "side": side,
        "target": target,
        "payload": Jsonb(payload),
        "now": doing.now,
    }
    connection.execute(SQL["tell"], values)

"""Work lists and the page of one request: read models. Nothing here writes.

Lists are paged by cursor; a page costs the same with a hundred requests open as with a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from ill import table
from ill.case import Case, Role
from ill.reasons import explain
from ill.store import NotFound
from ill.table import TableName
from ill.views import (
    LoanView,
    RequestView,
    RotaView,
    Row,
    StateCount,
    Worklist,
    choice_text,
    event_view,
    row,
    state_view,
)
from schemas.db import Sql
from schemas.request import RequestEvent, RouteCandidate, Side
from schemas.text import Text

SQL = Sql("ill", "worklist.sql")


def borrowing(
    connection: Connection[Any],
    member: str,
    *,
    role: Role = "ill_officer",
    state: str = "",
    closed: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> Worklist:
    """What a library has requested, has to hand out for others, or holds astray. Attention first, then the oldest.

    `state`: only that state of the request; `closed`: the finished ones, newest first. Counts are always those of all open ones.
    """
    name = "borrowing_closed" if closed else "borrowing_state" if state else "borrowing"
    return _list(connection, "request", name, member, role, state, cursor, limit)


def lending(
    connection: Connection[Any],
    member: str,
    *,
    role: Role = "ill_officer",
    state: str = "",
    closed: bool = False,
    cursor: str = "",
    limit: int = 50,
) -> Worklist:
    """What a library is asked for or has lent, by the states of its attempts. Readers are not named to it."""
    name = "lending_closed" if closed else "lending_state" if state else "lending"
    return _list(connection, "attempt", name, member, role, state, cursor, limit)


def requests_of_reader(
    connection: Connection[Any],
    reader_id: int,
    *,
    before: int = 0,
    limit: int = 50,
    open_only: bool = False,
    member: str = "",
    role: Role = "reader",
) -> list[Row]:
    """A reader's requests at all libraries, newest first. `before`: the last id of the page before.

    With what he himself may do, or, given `member` and `role`, what an officer at the desk may.
    """
    values = {"reader_id": reader_id, "before": before, "limit": _bounded(limit), "open_only": open_only}
    ids = [r[0] for r in connection.execute(SQL["of_reader"], values)]
    return _rows(connection, "rows", ids, member=member, role=role, reader_id=reader_id)


def find_by_number(connection: Connection[Any], number: str) -> int | None:
    """The id of WL-2026-000123."""
    found = connection.execute(SQL["by_number"], {"number": number.strip().upper()}).fetchone()
    return found[0] if found else None


def find_by_barcode(connection: Connection[Any], barcode: str, *, member: str, role: Role = "ill_officer") -> list[Row]:
    """Open loans of a scanned copy, with what the library that scans it may do."""
    ids = [r[0] for r in connection.execute(SQL["by_barcode"], {"barcode": barcode.strip()})]
    return _rows(connection, "rows", ids, member=member, role=role)


def request_view(
    connection: Connection[Any],
    request_id: int,
    *,
    member: str = "",
    role: Role = "ill_officer",
    reader_id: int | None = None,
) -> RequestView:
    """One request with its history, its rota with reasons and its loan. Raises ill.store.NotFound.

    Only the requesting and the pick-up library learn who its reader is; others see what happened at their own house or with it.

    Ask `seen_by` of it before showing it to somebody.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(SQL["rows"], {"ids": [request_id]}).fetchone()
        if found is None:
            raise NotFound(request_id)
        events = [RequestEvent(**e) for e in cursor.execute(SQL["events"], {"id": request_id})]
        rota = [_rota(r) for r in cursor.execute(SQL["rota"], {"id": request_id})]
        loan = cursor.execute(SQL["loan"], {"id": request_id}).fetchone()
    reader, shown = found.pop("reader"), found.pop("shown")
    case = Case(**found)
    lends = member == case.supplier and member not in (case.requester, case.pickup)
    if not _serves(case, member, role):
        events = [e for e in events if e.member in ("", member) or e.data.get("at") == member]
    return RequestView(
        request=case.request(),
        row=row(
            case,
            reader=reader if _serves(case, member, role) else "",
            shown=shown,
            member=member,
            role=role,
            reader_id=reader_id,
            side="supplier" if lends else "requester",
        ),
        note=case.note,
        events=[event_view(e) for e in events],
        rota=rota,
        loan=LoanView(**{**loan, "state": state_view("loan", loan["state"])}) if loan else None,
    )


def _list(
    connection: Connection[Any],
    of: TableName,
    name: str,
    member: str,
    role: Role,
    state: str,
    cursor: str,
    limit: int,
) -> Worklist:
    limit = _bounded(limit)
    calm, after = _cursor(cursor)
    values = {"member": member, "state": state, "calm": calm, "after": after, "limit": limit + 1}
    page = connection.execute(SQL[name], values).fetchall()
    more, page = len(page) > limit, page[:limit]
    ids = [r[0] for r in page]
    side: Side = "supplier" if of == "attempt" else "requester"
    rows = _rows(connection, "rows_by_attempt" if of == "attempt" else "rows", ids, member=member, role=role, side=side)
    counted = connection.execute(SQL[f"{name.partition('_')[0]}_counts"], {"member": member}).fetchall()
    return Worklist(
        rows=rows,
        counts=_counts(of, counted),
        attention=sum(n for _, attention, n in counted if attention),
        total=sum(n for _, _, n in counted),
        next=f"{'a' if page[-1][1] else 'c'}{page[-1][0]}" if more else "",
    )


def _rows(
    connection: Connection[Any],
    name: str,
    ids: list[int],
    *,
    member: str,
    role: Role,
    reader_id: int | None = None,
    side: Side = "requester",
) -> list[Row]:
    if not ids:
        return []
    rows = []
    with connection.cursor(row_factory=dict_row) as cursor:
        for found in cursor.execute(SQL[name], {"ids": ids}):
            reader, shown = found.pop("reader"), found.pop("shown")
            case = Case(**found)
            reader = reader if _serves(case, member, role) else ""
            rows.append(row(case, reader=reader, shown=shown, member=member, role=role, reader_id=reader_id, side=side))
    return rows


def _serves(case: Case, member: str, role: Role) -> bool:
    """Whether somebody has to do with the reader behind a request: it is himself, or it comes from or goes to this library."""
    return role in ("reader", "admin", "system") or (bool(member) and member in (case.requester, case.pickup))


def _counts(of: TableName, counted: Iterable[tuple[str, bool, int]]) -> list[StateCount]:
    """In the order of the table, those that need attention first."""
    totals: dict[str, int] = {}
    for state, _, n in counted:
        totals[state] = totals.get(state, 0) + n
    order = list(table.load().table(of).state)
    found = [StateCount(state_view(of, name), n) for name, n in totals.items()]
    return sorted(
        found,
        key=lambda c: (not c.state.attention, order.index(c.state.name) if c.state.name in order else len(order)),
    )


def _rota(found: dict[str, Any]) -> RotaView:
    candidate = RouteCandidate(
        member=found["member"],
        eligible=found["eligible"],
        rank=found["rank"],
        tier=found["tier"],
        score=found["score"],
        reasons=found["reasons"],
    )
    return RotaView(
        round=found["round"],
        candidate=candidate,
        reasons=explain(candidate.reasons),
        fee=float(found["terms"].get("fee", 0)),
        outcome=state_view("attempt", found["outcome"]) if found["outcome"] else None,
        why=_why(found["reason"]),
        asked_at=found["asked_at"],
        answered_at=found["answered_at"],
    )


def _why(reason: str) -> Text | None:
    """A reason given by the library, or the action that ended the attempt without one."""
    if not reason:
        return None
    action = table.load().action.get(reason)
    return action.text if action else choice_text("reason", reason)


def _cursor(text: str) -> tuple[bool, int]:
    """(not attention, id) after which the page begins; a cursor nobody gave out begins at the start."""
    if text[:1] in ("a", "c") and text[1:].isascii() and text[1:].isdigit() and len(text) < 20:
        return text[0] == "c", int(text[1:])
    return False, 0


def _bounded(limit: int) -> int:
    return max(1, min(limit, 500))

"""What people and timers do to requests: one transaction each. Lock the row, append the event, move the state, write the outbox.

Every command raises WenlanError with a text to show; nothing of it remains in the database then. Called inside a transaction that is
already open it becomes a part of that one (a savepoint).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from psycopg import Connection

from ill import checks, machine, routing, table
from ill.case import Case, Role, capacities, facts, side
from ill.effects import Doing, carry_out
from ill.plan import draw_up, next_candidate, on_own_shelf, same_book, standing_cluster, title_of
from ill.policy import Policy
from ill.readers.entitlements import require
from ill.store import SQL, append, claim, insert_rota, lock, one, save
from ill.table import Who
from schemas.cluster import ClusterView
from schemas.errors import WenlanError
from schemas.member import Member, Service, find_member
from schemas.request import Request, RequestEvent, Side

_log = structlog.get_logger(__name__)
Members = Mapping[str, Member]
_AT_ONCE = 200  # timers worked off in one call
_KEEP_KEYS = 30  # days in which a command sent again is recognised


def place_request(
    connection: Connection[Any],
    *,
    cluster_id: int,
    requester: str,
    actor: str,
    members: Members,
    policy: Policy,
    now: datetime,
    reader_id: int | None = None,
    service: Service = "loan",
    pickup: str = "",
    volume: str = "",
    needed_by: datetime | None = None,
    note: str = "",
    role: Role = "ill_officer",
    despite_shelf: bool = False,
    key: str = "",
) -> Request:
    """Place a request, make its rota and ask the first library.

    `requester` and `pickup` are member codes (pickup: the requester unless given); times are aware. `key` makes a repeated call
    return the first one's request. Pass `role="reader"` (or that as `actor`) when the reader himself asks.

    Refused: a withdrawn or unknown cluster; a reader who may not, or who has the same book and volume on request; and, unless
    `despite_shelf`, a book on the requester's own shelf. A request that nobody can fill is placed, and stands as `unfilled`.
    """
    checks.aware(now, needed_by)
    checks.place(members, requester, pickup, service, needed_by, now)
    if "reader" in (role, actor):
        role, actor = "reader", "reader"  # the history names no reader
        if reader_id is None:
            raise WenlanError("reader-unknown", "没有这位读者", "There is no such reader")
    wanted = {
        "cluster_id": cluster_id,
        "requester": requester,
        "reader_id": reader_id,
        "service": service,
        "pickup": pickup or requester,
        "volume": checks.text(volume, 100),
        "needed_by": needed_by,
        "note": checks.text(note, 2000),
    }
    side_of: Side = "reader" if actor == "reader" else "requester"
    doing = Doing("place", actor, side_of, role, requester, str(wanted["note"]), {}, now, policy)
    with connection.transaction():
        scope = f"place:{requester}:{actor if reader_id is None else reader_id}"
        if key:
            known = claim(connection, scope, key, wanted, now)
            if known is not None:
                return lock(connection, known).request()
        if reader_id is not None:
            require(connection, reader_id, service, policy.cards, now)
        view = standing_cluster(connection, cluster_id)
        case = _insert(connection, {**wanted, "cluster_id": view.id}, view, doing)
        if key:
            connection.execute(SQL["settle_key"], {"scope": scope, "key": key, "request_id": case.id})
        _append(connection, case, doing, before="")
        _go_on(connection, case, doing, members, despite_shelf=despite_shelf)
        save(connection, case)
    return case.request()


def act(
    connection: Connection[Any],
    request_id: int,
    action: str,
    *,
    actor: str,
    member: str,
    role: Role,
    members: Members,
    policy: Policy,
    now: datetime,
    version: int | None = None,
    note: str = "",
    data: Mapping[str, str] | None = None,
    reader_id: int | None = None,
    key: str = "",
) -> Request:
    """Do one action of ill/states.toml. `member` is the library the actor works for; a reader gives `reader_id` instead.

    `version` is that of the request as it was shown: when somebody else was faster, WenlanError "request-changed" says who did what.
    `data` holds the action's fields by name. Refused (machine.Refused) with the reason when it is not possible or not the actor's.
    """
    checks.aware(now)
    note = checks.text(note, 2000)
    data = checks.fields(action, note, data or {}, now.astimezone(policy.routing.zone).date())
    with connection.transaction():
        case = lock(connection, request_id)
        who = capacities(case, role, member, reader_id)
        if key:
            scope = f"act:{request_id}:{'reader' if role == 'reader' else actor}"
            if claim(connection, scope, key, [action, member, reader_id, note, data], now) is not None:
                return case.request()
            connection.execute(SQL["settle_key"], {"scope": scope, "key": key, "request_id": request_id})
        if version is not None and version != case.version:
            raise _changed(connection, case)
        wanted = table.load().action.get(action)
        doing = Doing(
            action=action,
            actor="reader" if role == "reader" else actor,
            side=side(who, role, wanted.who if wanted else []),
            role=role,
            member=member,
            note=note,
            data=data,
            now=now,
            policy=policy,
        )
        _apply(connection, case, doing, who)
        _go_on(connection, case, doing, members)
        save(connection, case)
    return case.request()


def tick(connection: Connection[Any], now: datetime, *, members: Members, policy: Policy) -> int:
    """Do what timers say: pass over who does not answer, mark overdue, send back what nobody collects. Returns how many were done.

    Each in a transaction of its own; call again while it returns something. Two ticks at once do everything once.
    """
    checks.aware(now)
    with connection.transaction():
        due = connection.execute(SQL["due_timers"], {"now": now, "limit": _AT_ONCE}).fetchall()
    done = 0
    for (request_id,) in due:
        try:
            with connection.transaction():
                done += _run_out(connection, request_id, now, members, policy)
        except (WenlanError, KeyError) as error:  # one that cannot go on must not keep the others waiting
            _log.error("timer-failed", request=request_id, error=type(error).__name__)
    return done


def _run_out(connection: Connection[Any], request_id: int, now: datetime, members: Members, policy: Policy) -> bool:
    case = lock(connection, request_id)
    if case.timer_at is None or case.timer_at > now:
        return False  # somebody acted in the meantime
    action = table.load().timer[case.timer].action
    doing = Doing(action, "system", "broker", "system", "", "", {}, now, policy)
    _apply(connection, case, doing, frozenset({"system"}))
    _go_on(connection, case, doing, members)
    save(connection, case)
    return True


def forget(connection: Connection[Any], now: datetime, *, policy: Policy) -> int:
    """Cut the link from closed requests to their readers once the policy's days have passed, and drop the keys of old commands.

    Returns how many readers' links were cut. For a nightly run.
    """
    with connection.transaction():
        connection.execute(SQL["drop_keys"], {"before": now - timedelta(days=_KEEP_KEYS)})
        before = now - timedelta(days=policy.cards.keep_reader_days)
        return connection.execute(SQL["unlink_readers"], {"before": before}).rowcount


# ---------------------------------------------------------------------------------------------------------------------- one transaction


def _insert(connection: Connection[Any], wanted: dict[str, Any], view: ClusterView, doing: Doing) -> Case:
    """The request's row, locked; refused when its reader has the book on request already."""
    reader_id = wanted["reader_id"]
    if reader_id is not None:
        active = connection.execute(SQL["open_of_reader"], wanted).fetchall()
        same = same_book(connection, [row[0] for row in active], view) if active else set()
        for cluster_id, number in active:
            if cluster_id in same:
                raise WenlanError(
                    "request-twice",
                    "您对这本书已有一个进行中的请求（{number}）",
                    "You already have an open request for this book ({number})",
                    number=number,
                )
    year = doing.now.astimezone(doing.policy.routing.zone).year
    values = {
        **wanted,
        "number": f"WL-{year}-{one(connection, 'next_number'):06d}",
        "title": title_of(view),
        "channel": "document" if wanted["service"] == "copy" else "interlibrary",
        "state": machine.INITIAL.request,
        "now": doing.now,
    }
    return lock(connection, one(connection, "insert_request", **values))


def _apply(connection: Connection[Any], case: Case, doing: Doing, who: frozenset[Who], rota_left: bool = False) -> None:
    """One event: the machine decides, the case moves, the event is appended, the effects are carried out."""
    before = case.standing
    event = machine.Event(doing.action, who, facts(case, doing.member, rota_left=rota_left))
    after, effects = machine.apply(before, event)
    case.state, case.attempt_state, case.loan_state = after.request, after.attempt, after.loan
    state = table.load().state("request", case.state)
    case.open, case.attention = not state.closing, state.attention
    if doing.candidate is not None:
        case.supplier = doing.candidate[3]
    _append(connection, case, doing, before.request)
    carry_out(connection, case, effects, doing)


def _append(connection: Connection[Any], case: Case, doing: Doing, before: str) -> None:
    case.events += 1
    case.version += 1
    case.changed_at = doing.now
    append(
        connection,
        RequestEvent(
            request_id=case.id,
            number=case.events,
            at=doing.now,
            actor=doing.actor,
            side=doing.side,
            action=doing.action,
            from_state=before,
            to_state=case.state,
            member=case.supplier,
            note=doing.note,
            data={**doing.data, **({"at": doing.member} if doing.member else {})},
        ),
    )


def _go_on(
    connection: Connection[Any], case: Case, doing: Doing, members: Members, *, despite_shelf: bool = True
) -> None:
    """Work through the automatic states: make the rota, ask the next library, or give up."""
    system: frozenset[Who] = frozenset({"system"})
    doing = msgspec.structs.replace(doing, actor="system", side="broker", role="system", member="", note="", data={})
    while table.load().state("request", case.state).automatic:
        candidate = next_candidate(connection, case, members, doing.policy, doing.now)
        action = machine.next_automatic(case.standing, facts(case, "", rota_left=candidate is not None))
        if action == "route":
            _route(connection, case, doing, members, despite_shelf)
        asked = candidate if action == "ask" else None
        step = msgspec.structs.replace(doing, action=action, candidate=asked)
        _apply(connection, case, step, system, rota_left=candidate is not None)


def _route(connection: Connection[Any], case: Case, doing: Doing, members: Members, despite_shelf: bool) -> None:
    """Write a round of the rota. Refused for a book on the requester's own shelf, unless `despite_shelf`."""
    view = standing_cluster(connection, case.cluster_id)
    requester = find_member(dict(members), case.requester)
    ask = routing.Ask(case.number, requester, case.service, doing.now, case.volume, needed_by=case.needed_by)
    staff = case.reader_id is None
    rota = draw_up(connection, view, ask, members, doing.policy, staff=staff, request_id=case.id)
    if rota.on_shelf and not despite_shelf:
        raise on_own_shelf(rota, requester)
    insert_rota(connection, case.id, rota.with_terms(members, doing.policy))


def _changed(connection: Connection[Any], case: Case) -> WenlanError:
    actor, action = connection.execute(SQL["last_event"], {"id": case.id}).fetchone() or ("?", "?")
    state = table.load().state("request", case.state)
    known = table.load().action.get(action)
    return WenlanError(
        "request-changed",
        "此请求刚被 {actor} 改动（{did_zh}），现为“{zh}”。请刷新后再办理。",
        "This request was changed by {actor} just now ({did_en}); it is “{en}”. Reload it and try again.",
        actor=actor,
        did_zh=known.zh if known else action,
        did_en=known.en if known else action,
        zh=state.zh,
        en=state.en,
    )

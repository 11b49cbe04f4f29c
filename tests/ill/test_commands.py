"""Commands on the database: once, by whom, in which order, and what they refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from ill import commands, machine, plan, table, worklist
from ill.readers import Consent, Desk, KeyRing, Secret
from schemas.db import Database
from schemas.errors import WenlanError


@pytest.fixture
def reader(federation: Any, tmp_path: Any) -> int:
    from schemas.settings import Settings

    desk = Desk(KeyRing.open(Settings(home=tmp_path)), federation.policy.cards)
    found = desk.enrol(
        federation.connection, home="lake", name=Secret("王小明"), kind="reader_card", number=Secret("A00001"),
        consent=Consent(), officer="li", member="lake", now=federation.now,
    )  # fmt: skip
    federation.connection.commit()
    return found.id


def test_events_are_only_ever_added(federation: Any, held: Any) -> None:
    federation.place(federation.book(held("moon", "available")))
    for sql in ("update request_event set actor = 'x'", "delete from request_event", "truncate request_event cascade"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            federation.connection.execute(sql)
        federation.connection.rollback()
    assert federation.one("select count(*) from request_event") == 3


def test_the_same_command_twice_is_done_once(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"))
    first = federation.place(book, key="form-1")
    assert federation.place(book, key="form-1") == first
    with pytest.raises(WenlanError, match="幂等键"):
        federation.place(book, key="form-1", volume="2")
    federation.connection.rollback()
    yes = federation.act(first, "answer_yes", "moon", key="k")
    assert federation.act(first, "answer_yes", "moon", key="k") == yes
    assert federation.one("select count(*) from request_event where action = 'answer_yes'") == 1
    assert federation.one("select count(*) from request") == 1


def test_a_command_that_fails_leaves_nothing_and_its_key_stays_free(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    with pytest.raises(machine.Refused):
        federation.act(request, "ship", "moon", key="k")
    federation.connection.rollback()
    assert federation.one("select count(*) from command_key") == 0
    assert federation.one("select count(*) from request_event") == 3


def test_two_answer_the_same_request(federation: Any, held: Any, database: Database) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def answer(action: str, data: dict[str, str]) -> None:
        with database.connect() as own:
            start.wait()
            try:
                commands.act(
                    own, request.id, action, actor=action, member="moon", role="ill_officer", members=federation.members,
                    policy=federation.policy, now=federation.now, version=request.version, data=data,
                )  # fmt: skip
                outcomes.append("done")
            except WenlanError as error:
                outcomes.append(error.code)

    pair = [threading.Thread(target=answer, args=a) for a in (("answer_yes", {}), ("answer_no", {"reason": "on_loan"}))]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert sorted(outcomes) == ["done", "request-changed"]
    answers = federation.one("select count(*) from request_event where action in ('answer_yes', 'answer_no')")
    assert answers == 1


def test_who_was_faster_is_named(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    federation.act(request, "answer_yes", "moon", actor="zhao")
    with pytest.raises(WenlanError) as refused:
        federation.act(request, "answer_yes", "moon", actor="qian", version=request.version)
    assert refused.value.text.zh == "此请求刚被 zhao 改动（同意提供），现为“供书馆已同意”。请刷新后再办理。"


def test_two_ticks_at_once_do_everything_once(federation: Any, held: Any, database: Database) -> None:
    book = federation.book(held("moon", "available"), held("port", "available"), held("hill", "available"))
    for _ in range(10):
        federation.place(book)
    later = federation.now + timedelta(days=3)
    done: list[int] = []

    def tick() -> None:
        with database.connect() as own:
            done.append(commands.tick(own, later, members=federation.members, policy=federation.policy))

    pair = [threading.Thread(target=tick) for _ in range(2)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert sum(done) == 10
    assert federation.one("select count(*) from request_event where action = 'pass_over'") == 10


def test_two_placements_of_one_reader_at_once(federation: Any, held: Any, database: Database, reader: int) -> None:
    book = federation.book(held("moon", "available"))
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def place() -> None:
        with database.connect() as own:
            start.wait()
            try:
                commands.place_request(
                    own, cluster_id=book, requester="lake", actor="li", reader_id=reader, members=federation.members,
                    policy=federation.policy, now=federation.now,
                )  # fmt: skip
                outcomes.append("done")
            except WenlanError as error:
                outcomes.append(error.code)

    pair = [threading.Thread(target=place) for _ in range(2)]
    for thread in pair:
        thread.start()
    for thread in pair:
        thread.join()
    assert sorted(outcomes) == ["done", "request-twice"]


def test_one_reader_asks_for_a_book_once(federation: Any, held: Any, reader: int) -> None:
    book = federation.book(held("moon", "available"))
    first = federation.place(book, reader_id=reader)
    with pytest.raises(WenlanError, match=first.number):
        federation.place(book, reader_id=reader)
    federation.connection.rollback()
    federation.act(first, "cancel", "", role="reader", reader_id=reader)
    again = federation.place(book, reader_id=reader, role="reader", actor="wang")
    assert federation.one("select actor from request_event where request_id = %s and number = 1", again.id) == "reader"


def test_a_reader_over_the_limit_or_suspended_is_told_why(federation: Any, held: Any, reader: int) -> None:
    for n in range(5):
        federation.place(federation.book(held("moon", "available"), title=f"第{n}种"), reader_id=reader)
    with pytest.raises(WenlanError, match="已达上限 5 件"):
        federation.place(federation.book(held("moon", "available")), reader_id=reader)
    federation.connection.rollback()
    federation.connection.execute("update reader set status = 'suspended'")
    with pytest.raises(WenlanError, match="已停用"):
        federation.place(federation.book(held("moon", "available")), reader_id=reader)


def test_withdrawn_redirected_and_unknown(federation: Any, held: Any) -> None:
    gone = federation.book(held("moon", "available"), status="withdrawn")
    with pytest.raises(WenlanError, match="已撤下"):
        federation.place(gone)
    federation.connection.rollback()
    with pytest.raises(WenlanError, match="没有这条书目"):
        federation.place(987654)
    federation.connection.rollback()
    old, new = federation.book(status="redirected"), federation.book(held("moon", "available"))
    federation.connection.execute("insert into cluster_redirect (old_id, new_id) values (%s, %s)", (old, new))
    assert federation.place(old).cluster_id == new


def test_a_book_merged_since_is_still_the_same_book(federation: Any, held: Any, reader: int) -> None:
    old, new = federation.book(held("moon", "available")), federation.book(held("moon", "available"))
    first = federation.place(old, reader_id=reader)
    federation.connection.execute("update cluster set status = 'redirected' where id = %s", (old,))
    federation.connection.execute("insert into cluster_redirect (old_id, new_id) values (%s, %s)", (old, new))
    with pytest.raises(WenlanError, match=first.number):
        federation.place(new, reader_id=reader)


def test_on_the_own_shelf(federation: Any, held: Any) -> None:
    book = federation.book(held("lake", "available"), held("moon", "available"))
    with pytest.raises(WenlanError, match=r"架上就有.*I247\.5/1"):
        federation.place(book)
    federation.connection.rollback()
    assert federation.place(book, despite_shelf=True).supplier == "moon"


def test_only_those_concerned_act(federation: Any, held: Any, reader: int) -> None:
    request = federation.place(federation.book(held("moon", "available")), reader_id=reader)
    for member, role, action in (
        ("hill", "ill_officer", "answer_yes"),
        ("lake", "ill_officer", "answer_yes"),
        ("moon", "librarian", "answer_yes"),
        ("moon", "ill_officer", "cancel"),
        ("moon", "ill_officer", "pass_over"),
    ):
        with pytest.raises(machine.Refused, match="不由您"):
            federation.act(request, action, member, role=role)
        federation.connection.rollback()
    with pytest.raises(machine.Refused, match="不由您"):
        federation.act(request, "cancel", "", role="reader", reader_id=reader + 1)
    federation.connection.rollback()
    assert federation.act(request, "answer_yes", "", role="admin").state == "will_supply"
    assert federation.one("select side from request_event order by number desc limit 1") == "broker"


@pytest.mark.parametrize(
    ("action", "note", "data", "code"),
    [
        ("answer_no", "", {}, "field-missing"),
        ("answer_no", "", {"reason": "tired"}, "field-wrong"),
        ("answer_yes", "", {"colour": "red"}, "field-unknown"),
        ("answer_later", "", {"available_on": "soon"}, "field-wrong"),
        ("answer_later", "", {"available_on": "9999-12-31"}, "field-wrong"),
        ("answer_later", "", {"available_on": "0001-01-01"}, "field-wrong"),
        ("note", "", {}, "field-missing"),
        ("note", "字" * 2001, {}, "text-too-long"),
        ("note", "a\x00b", {}, "text-control"),
        ("note", "读者身份证 {number}", {}, "text-holds-id"),
        ("teleport", "", {}, "action-unknown"),
    ],
)
def test_what_a_form_may_not_hold(
    federation: Any, held: Any, action: str, note: str, data: dict[str, str], code: str
) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    number = "11010119900307451"
    number += ric.calc_check_digit(number + "0")
    note = note.replace("{number}", f"{number[:6]} {number[6:14]} {number[14:]}")
    with pytest.raises(WenlanError) as refused:
        federation.act(request, action, "moon", note=note, data=data)
    assert refused.value.code == code
    assert number[:6] not in str(refused.value)


def test_a_delivered_address_is_a_web_address(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")), service="copy")
    federation.act(request, "answer_yes", "moon")
    with pytest.raises(WenlanError, match="填写有误"):
        federation.act(request, "deliver", "moon", data={"url": "javascript:alert(1)"})


def test_a_note_changes_nothing_and_is_told(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    timer = federation.one("select timer_at from request")
    after = federation.act(request, "note", "lake", note="请尽快")
    assert (after.state, federation.one("select timer_at from request")) == ("asked", timer)
    told = federation.connection.execute(
        "select side, target from outbox where event = %s order by side", (4,)
    ).fetchall()
    assert told == [("requester", "lake"), ("supplier", "moon")]


def test_a_library_that_does_not_borrow_and_wrong_dates(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"))
    with pytest.raises(WenlanError, match="不为读者申请"):
        federation.place(book, requester="shop")
    with pytest.raises(WenlanError, match="已经过去"):
        federation.place(book, needed_by=federation.now - timedelta(days=1))
    with pytest.raises(ValueError, match="aware"):
        federation.place(book, now=datetime(2026, 3, 4))
    with pytest.raises(WenlanError, match="没有名为"):
        federation.place(book, pickup="atlantis")


def test_nobody_is_asked_after_the_date_it_is_needed_by(federation: Any, held: Any) -> None:
    needed = federation.now + timedelta(days=9)
    book = federation.book(held("moon", "available"), held("port", "available"))
    request = federation.place(book, needed_by=needed)
    assert request.supplier == "moon"
    federation.now = needed + timedelta(days=1)
    federation.tick()
    assert federation.states(request)[0] == "unfilled"


def test_the_dry_run_writes_nothing_and_says_what_would_happen(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"), held("port", "available"), held("shop", "for_sale"))
    rota = plan.dry_run(
        federation.connection, cluster_id=book, requester=federation.members["lake"], members=federation.members,
        policy=federation.policy, now=federation.now,
    )  # fmt: skip
    assert [c.member for c in rota.asked] == ["moon", "port"]
    assert federation.one("select count(*) from request") == 0
    request = federation.place(book)
    view = worklist.request_view(federation.connection, request.id)
    assert [r.candidate for r in view.rota] == rota.candidates


def test_closed_requests_forget_their_readers(federation: Any, held: Any, reader: int) -> None:
    request = federation.place(federation.book(held("moon", "available")), reader_id=reader)
    federation.act(request, "cancel", "lake")
    assert commands.forget(federation.connection, federation.now + timedelta(days=30), policy=federation.policy) == 0
    later = federation.now + timedelta(days=200)
    assert commands.forget(federation.connection, later, policy=federation.policy) == 1
    assert federation.one("select reader_id from request") is None


STEP = st.tuples(
    st.sampled_from([*sorted(table.load().action), "tick"]),
    st.sampled_from(["lake", "moon", "port", "hill"]),
    st.booleans(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=5, max_size=25), luck=st.randoms(use_true_random=False))
def test_any_steps_by_anybody(
    federation: Any, held: Callable[..., Any], steps: list[tuple[str, str, bool]], luck: Any
) -> None:
    """Legal and illegal steps mixed: the database keeps to the table, and every effect stands once."""
    connection = federation.connection
    request = federation.place(federation.book(held("moon", "available"), held("port", "available")))
    for action, member, wander in steps:
        try:
            if action == "tick":
                federation.now += timedelta(days=3)
                federation.tick()
                continue
            if wander:  # a step that the lists offer, so that the walk gets somewhere
                offers = [(m, a.name) for m in ("lake", "moon", "port")
                          for a in worklist.request_view(connection, request.id, member=m).row.actions]  # fmt: skip
                member, action = luck.choice(offers) if offers else (member, action)
            data = {"reason": "other"} if action == "answer_no" else {}
            federation.act(request, action, member, note="备注" if action == "note" else "", data=data)
        except WenlanError:
            connection.rollback()
    state = machine.State(*federation.states(request))
    assert state in machine.reachable()
    row = connection.execute(
        "select open, timer, timer_at is null, events, version from request where id = %s", (request.id,)
    ).fetchone()
    assert row[0] == (not machine.is_closed(state))
    assert row[1] == machine.timer_of(state)
    numbers = [
        r[0]
        for r in connection.execute(
            "select number from request_event where request_id = %s order by number", (request.id,)
        )
    ]
    assert numbers == list(range(1, row[3] + 1))
    events = connection.execute(
        "select from_state, to_state from request_event where request_id = %s order by number", (request.id,)
    ).fetchall()
    assert all(a[1] == b[0] for a, b in pairwise(events))
    assert federation.one("select count(*) from loan where request_id = %s", request.id) <= 1
    assert federation.one(
        "select count(*) from attempt where request_id = %s and open", request.id
    ) == machine.is_asked(state)
    connection.commit()

"""Whole ways of a request, on the database: from placed to closed, with a library's no on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ill import machine, worklist
from schemas.errors import WenlanError


def test_a_no_and_then_the_whole_way(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"), held("hill", "available", "available"), held("port", "available"))
    request = federation.place(book, note="课程用书")
    assert request.number.startswith("WL-2026-")
    assert (request.state, request.supplier_state) == ("asked", "asked")
    first = request.supplier
    assert first == "moon"  # own system, same city

    request = federation.act(request, "answer_no", first, version=request.version, data={"reason": "not_on_shelf"})
    assert (request.state, request.supplier) == ("asked", "hill")
    request = federation.walk(request, "hill.answer_yes", "hill.ship", "lake.receive", "lake.hand_over")
    assert request.state == "on_loan"
    assert request.due is not None
    assert (request.due - federation.now).days == 30
    request = federation.walk(request, "lake.take_back", "lake.ship_return", "hill.check_in")
    assert (request.state, request.supplier_state) == ("closed", "completed")

    view = worklist.request_view(federation.connection, request.id, member="lake")
    assert [e.event.action for e in view.events] == [
        "place", "route", "ask", "answer_no", "ask", "answer_yes", "ship", "receive", "hand_over", "take_back", "ship_return", "check_in",
    ]  # fmt: skip
    assert [e.event.number for e in view.events] == list(range(1, 13))
    assert view.events[3].details[0][1].zh == "架上未找到"
    assert view.rota[0].outcome is not None
    assert (view.rota[0].outcome.text.zh, view.rota[0].why and view.rota[0].why.en) == ("未提供", "Not on shelf")
    assert view.loan is not None
    assert (view.loan.owning, view.loan.current, view.loan.state.name) == ("hill", "hill", "home")
    assert view.row.actions == []


def test_delivery_of_a_copy(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "reference")), service="copy")
    request = federation.act(request, "answer_yes", "moon")
    with pytest.raises(machine.Refused, match="文献传递"):
        federation.act(request, "ship", "moon")
    request = federation.act(request, "deliver", "moon", data={"url": "https://example.org/a.pdf"})
    assert (request.state, request.supplier_state) == ("delivered", "delivered")


def test_a_library_that_keeps_silent_is_passed_over(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available"), held("port", "available")))
    due = federation.one("select timer_at from request where id = %s", request.id)
    assert due == datetime(
        2026, 3, 5, 1, 30, tzinfo=UTC
    )  # seven of eight hours from ten on Wednesday, one from 8:30 on Thursday
    assert federation.tick() == 0
    federation.now = due + timedelta(minutes=1)
    assert federation.tick() == 1
    assert federation.tick() == 0
    assert federation.one("select supplier from request where id = %s", request.id) == "port"
    federation.now += timedelta(days=30)
    assert federation.tick() == 1
    assert federation.states(request) == ("unfilled", "passed_over", "")
    assert federation.one("select attention from request where id = %s", request.id)


def test_unfilled_is_tried_again_without_those_who_said_no(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available"), held("port", "available")))
    request = federation.act(request, "answer_no", "moon", data={"reason": "on_loan"})
    federation.now += timedelta(days=30)
    federation.tick()
    request = federation.act(request, "retry", "lake")
    assert (request.state, request.supplier) == ("asked", "port")  # silent before, so asked again
    view = worklist.request_view(federation.connection, request.id)
    second = {r.candidate.member: r for r in view.rota if r.round == 2}
    assert "已经询问过" in second["moon"].reasons[0].zh
    assert not second["moon"].candidate.eligible


def test_nobody_holds_it(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("shop", "for_sale"), held("wall", "available")))
    assert request.state == "unfilled"
    request = federation.act(request, "give_up", "lake")
    assert request.state == "unfilled_closed"


def test_cancelling_early_and_late(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"))
    early = federation.act(federation.place(book), "cancel", "lake")
    assert (early.state, early.supplier_state) == ("cancelled", "cancelled")
    late = federation.walk(federation.place(book), "moon.answer_yes", "lake.cancel")
    assert (late.state, late.supplier_state) == ("cancelling", "cancel_asked")
    late = federation.walk(late, "moon.refuse_cancel", "lake.cancel", "moon.agree_cancel")
    assert late.state == "cancelled"
    silent = federation.walk(federation.place(book), "moon.answer_yes", "lake.cancel")
    federation.now += timedelta(days=20)
    assert federation.tick() == 1
    assert federation.states(silent)[0] == "cancelled"


def test_renewed_once_then_overdue_then_lost_then_found(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    request = federation.walk(request, "moon.answer_yes", "moon.ship", "lake.receive", "lake.hand_over", "lake.renew")
    assert (request.due - federation.now).days == 60
    with pytest.raises(machine.Refused, match="续借次数已用完"):
        federation.act(request, "renew", "lake")
    federation.now = request.due + timedelta(seconds=1)
    assert federation.tick() == 1
    assert federation.states(request) == ("overdue", "supplied", "overdue")
    request = federation.walk(request, "lake.report_lost", "port.found")
    assert request.state == "reader_returned"
    assert federation.one("select current from loan") == "port"
    lists = worklist.borrowing(federation.connection, "port")
    assert [(r.number, r.primary and r.primary.name) for r in lists.rows] == [(request.number, "ship_return")]
    assert federation.walk(request, "port.ship_return", "moon.check_in").state == "closed"


def test_lost_and_settled(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    request = federation.walk(request, "moon.answer_yes", "moon.ship", "lake.report_lost", "moon.settle")
    assert federation.states(request) == ("settled", "not_returned", "written_off")


def test_returned_straight_to_its_owner(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    request = federation.walk(
        request, "moon.answer_yes", "moon.ship", "lake.receive", "lake.hand_over", "moon.take_back"
    )
    assert federation.states(request) == ("closed", "completed", "home")


def test_return_anywhere_and_a_book_gone_astray(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")), pickup="port")
    request = federation.walk(request, "moon.answer_yes", "moon.ship", "hill.misrouted")
    with pytest.raises(machine.Refused):
        federation.act(request, "forward", "lake")  # it is not there
    request = federation.walk(request, "hill.forward", "port.receive", "port.hand_over", "hill.take_back")
    assert federation.one("select current from loan") == "hill"
    request = federation.walk(request, "hill.ship_return", "port.misrouted", "port.ship_return", "moon.check_in")
    assert request.state == "closed"
    assert federation.one("select current from loan") == "moon"


def test_not_collected_goes_back(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    request = federation.walk(request, "moon.answer_yes", "moon.ship", "lake.receive")
    federation.now += timedelta(days=11)
    assert federation.tick() == 1
    assert federation.states(request) == ("reader_returned", "supplied", "at_return")
    assert federation.one("select holder from request") == "lake"


def test_recalled_before_it_is_due(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    request = federation.walk(request, "moon.answer_yes", "moon.ship", "lake.receive", "lake.hand_over", "moon.recall")
    assert request.state == "recalled"
    assert (request.due - federation.now).days == 7
    with pytest.raises(WenlanError):
        federation.act(request, "renew", "lake")


def test_later_with_a_date(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "loaned")))
    request = federation.act(request, "answer_later", "moon", data={"available_on": "2026-03-20"})
    timer = federation.one("select timer_at from request")
    assert timer.date().isoformat() == "2026-03-23"  # the 20th is a Friday; eight working hours of the Monday after
    assert federation.act(request, "answer_yes", "moon").state == "will_supply"

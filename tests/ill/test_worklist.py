"""Work lists: what stands in whose list, in which order, with which action, and how fast."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from ill import worklist
from schemas.text import Text


def test_each_side_sees_its_own(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"), held("port", "available"))
    first, second = federation.place(book), federation.place(book)
    federation.act(second, "answer_yes", "moon")
    mine = worklist.borrowing(federation.connection, "lake")
    assert [(r.number, r.state.name, r.primary) for r in mine.rows] == [
        (first.number, "asked", None),
        (second.number, "will_supply", None),
    ]
    theirs = worklist.lending(federation.connection, "moon")
    assert [(r.state.name, r.primary and r.primary.text) for r in theirs.rows] == [
        ("asked", Text("同意提供", "Will supply")),
        ("will_supply", Text("寄出", "Ship")),
    ]
    assert [(c.state.name, c.count) for c in theirs.counts] == [("asked", 1), ("will_supply", 1)]
    assert theirs.attention == 2
    assert worklist.borrowing(federation.connection, "moon").rows == []
    assert worklist.lending(federation.connection, "moon", role="librarian").rows[0].actions == []


def test_attention_first_then_the_oldest_page_by_page(federation: Any, held: Any) -> None:
    calm, nobody = federation.book(held("moon", "available")), federation.book()
    placed = [federation.place(nobody if n % 3 == 0 else calm) for n in range(10)]
    wanted = [r.id for r in placed if r.state == "unfilled"] + [r.id for r in placed if r.state != "unfilled"]
    seen: list[int] = []
    cursor = ""
    while True:
        page = worklist.borrowing(federation.connection, "lake", cursor=cursor, limit=3)
        seen += [r.id for r in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert seen == wanted
    assert (page.total, page.attention) == (10, 4)
    assert [r.id for r in worklist.borrowing(federation.connection, "lake", state="unfilled").rows] == wanted[:4]
    assert worklist.borrowing(federation.connection, "lake", cursor="'; drop table request").rows[0].id == wanted[0]


def test_what_is_finished_moves_to_the_closed_list(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"), held("port", "available"))
    request = federation.walk(federation.place(book), "moon.answer_no", "lake.cancel")
    assert worklist.borrowing(federation.connection, "lake").rows == []
    assert [r.id for r in worklist.borrowing(federation.connection, "lake", closed=True).rows] == [request.id]
    refused = worklist.lending(federation.connection, "moon", closed=True).rows[0]
    assert refused.supplier_state is not None
    assert refused.supplier_state.text.zh == "未提供"


def test_the_pick_up_library_finds_what_it_hands_out(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")), pickup="port")
    federation.walk(request, "moon.answer_yes", "moon.ship")
    row = worklist.borrowing(federation.connection, "port").rows[0]
    assert row.primary is not None
    assert row.primary.name == "receive"


def test_forms_come_from_the_table(federation: Any, held: Any) -> None:
    federation.place(federation.book(held("moon", "available")))
    actions = {a.name: a for a in worklist.lending(federation.connection, "moon").rows[0].actions}
    assert list(actions) == ["answer_yes", "answer_later", "answer_no", "note"]
    reason = actions["answer_no"].fields[0]
    assert (reason.name, reason.required) == ("reason", True)
    assert ("not_on_shelf", Text("架上未找到", "Not on shelf")) in reason.choices


def test_a_reader_and_the_officer_at_the_desk_see_their_own_actions(federation: Any, held: Any) -> None:
    reader = federation.one(
        "insert into reader (home, name_masked, private, category, created_at, changed_at)"
        " values ('lake', '王*', '', 'adult', now(), now()) returning id"
    )
    request = federation.place(federation.book(held("moon", "available")), reader_id=reader)
    federation.walk(request, "moon.answer_yes", "moon.ship", "lake.receive", "lake.hand_over")
    own = worklist.requests_of_reader(federation.connection, reader)[0]
    assert [a.name for a in own.actions] == ["renew", "note"]
    desk = worklist.requests_of_reader(
        federation.connection, reader, member="lake", role="ill_officer", open_only=True
    )[0]
    assert desk.primary is not None
    assert (desk.primary.name, desk.reader) == ("take_back", "王*")
    assert worklist.lending(federation.connection, "moon").rows[0].reader == ""
    assert worklist.request_view(federation.connection, request.id, member="moon").row.reader == ""


def test_scanning_a_barcode_finds_the_loan(federation: Any, held: Any) -> None:
    request = federation.place(federation.book(held("moon", "available")))
    federation.act(request, "answer_yes", "moon")
    federation.act(request, "ship", "moon", data={"barcode": "M0001"})
    found = worklist.find_by_barcode(federation.connection, " M0001 ", member="lake")
    assert [(r.id, r.primary and r.primary.name) for r in found] == [(request.id, "receive")]
    assert worklist.find_by_number(federation.connection, request.number.lower()) == request.id


def test_who_may_see_a_request(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"), held("port", "available"))
    request = federation.walk(federation.place(book), "moon.answer_no")
    view = worklist.request_view(federation.connection, request.id)
    seeing = {m for m in federation.members if view.seen_by(member=m, role="ill_officer")}
    assert seeing == {"lake", "moon", "port"}
    assert not view.seen_by(member="", role="reader", reader_id=7)
    assert view.seen_by(member="", role="admin")


def test_a_hundred_thousand_open_requests_page_fast(federation: Any, held: Any) -> None:
    """The promise of the lists is a tenth of a second; half of it is left to slower machines."""
    connection = federation.connection
    book = federation.book(held("moon", "available"))
    federation.place(book)
    for sql in (
        "insert into request (number, cluster_id, title, requester, service, pickup, state, attention, supplier, attempt_state, timer,"
        " timer_at, created_at, changed_at) select 'T-' || n, %(book)s, '书', 'lake', 'loan', 'lake',"
        " case when n %% 10 = 0 then 'unfilled' else 'asked' end, n %% 10 = 0, 'moon', 'asked', 'answer', %(later)s, %(now)s, %(now)s"
        " from generate_series(1, 100000) n",
        "insert into attempt (request_id, number, round, position, requester, member, state, attention, asked_at)"
        " select id, 1, 1, 1, 'lake', 'moon', 'asked', true, %(now)s from request where number like 'T-%%'",
    ):
        connection.execute(sql, {"book": book, "now": federation.now, "later": federation.now + timedelta(days=1)})
    connection.commit()
    with connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("vacuum analyze request, attempt")
        connection.autocommit = False
    deep = worklist.borrowing(connection, "lake", limit=50)
    for _ in range(3):
        deep = worklist.borrowing(connection, "lake", cursor=deep.next)
    times = []
    for list_of, member, cursor_text in (
        (worklist.borrowing, "lake", ""),
        (worklist.borrowing, "lake", deep.next),
        (worklist.borrowing, "lake", "c90000"),
        (worklist.lending, "moon", ""),
        (worklist.lending, "moon", "a90000"),
    ):
        begun = time.perf_counter()
        page = list_of(connection, member, cursor=cursor_text)
        times.append(time.perf_counter() - begun)
        assert len(page.rows) == 50
        assert page.total == 100001
    assert max(times) < 0.2, times
    begun = time.perf_counter()
    federation.place(book)
    assert time.perf_counter() - begun < 0.2


def test_only_those_who_serve_the_reader_learn_who_he_is(federation: Any, held: Any) -> None:
    """A library that said no, one that scans the copy, and one that takes it back have no need to know."""
    reader = federation.one(
        "insert into reader (home, name_masked, private, category, created_at, changed_at)"
        " values ('lake', '王*', '', 'adult', now(), now()) returning id"
    )
    book = federation.book(held("moon", "available"), held("port", "available"))
    request = federation.place(book, reader_id=reader)
    federation.walk(request, "moon.answer_no", "port.answer_yes")
    federation.act(request, "ship", "port", data={"barcode": "P0001"})
    federation.act(request, "note", "lake", note="读者很急", data={})
    connection = federation.connection
    for member, named in (("lake", "王*"), ("moon", ""), ("port", ""), ("wall", "")):
        assert worklist.request_view(connection, request.id, member=member).row.reader == named, member
        assert [r.reader for r in worklist.find_by_barcode(connection, "P0001", member=member)] == [named], member
    federation.walk(request, "lake.receive", "lake.hand_over", "wall.take_back")
    assert [r.reader for r in worklist.borrowing(connection, "wall").rows] == [""]
    assert worklist.request_view(connection, request.id, role="admin").row.reader == "王*"


def test_a_library_that_said_no_does_not_read_on(federation: Any, held: Any) -> None:
    book = federation.book(held("moon", "available"), held("port", "available"))
    request = federation.place(book, service="copy", note="第三章")
    federation.walk(request, "moon.answer_no", "port.answer_yes")
    federation.act(request, "deliver", "port", data={"url": "https://example.org/secret.pdf"})
    connection = federation.connection

    def told(member: str) -> list[str]:
        view = worklist.request_view(connection, request.id, member=member)
        return [e.event.action for e in view.events]

    assert told("lake") == ["place", "route", "ask", "answer_no", "ask", "answer_yes", "deliver"]
    assert told("moon") == ["place", "route", "ask", "answer_no"]
    assert told("port") == ["place", "route", "ask", "answer_yes", "deliver"]

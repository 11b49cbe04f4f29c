"""The work of ILL officers: what is asked of them and what they have asked for, one action after another; and the slips to pull books by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from catalog_api.auth import Account, Role
from catalog_api.web import lending
from catalog_api.web.pages import render
from catalog_api.web.routes.requests import find, run, show
from catalog_api.web.visit import Visit, Visitor, require
from ill import worklist
from ill.views import Row
from normalise import catalogue
from schemas.db.connect import Connection
from schemas.holding import Holding

router = APIRouter()
Officer = Annotated[Account, Depends(require(Role.ILL_OFFICER))]
Tab = Literal["borrowing", "lending"]
_TO_PULL = ("will_supply", "asked")  # states of an attempt in which somebody goes to the shelf
_MOST_SLIPS = 100


@dataclass
class Slip:
    """`places` are the holdings of the lending library: where to look."""

    row: Row
    places: list[Holding]
    note: str


@router.get("/worklist")
def work(
    visit: Visitor,
    officer: Officer,
    tab: Tab = "borrowing",
    state: str = "",
    closed: bool = False,
    cursor: str = "",
    member: str = "",
) -> Response:
    library = _library(visit, officer, member)
    list_of = worklist.borrowing if tab == "borrowing" else worklist.lending
    role = lending.lending_role(officer)
    with visit.context.database.pool.connection() as connection:
        page = list_of(connection, library, role=role, state=state, closed=closed, cursor=cursor)
        other = (worklist.lending if tab == "borrowing" else worklist.borrowing)(
            connection, library, role=role, limit=1
        )
    both = {"borrowing": page, "lending": other} if tab == "borrowing" else {"borrowing": other, "lending": page}
    return render(
        visit,
        "worklist.html",
        tab=tab,
        page=page,
        totals={name: found.total for name, found in both.items()},
        attention={name: found.attention for name, found in both.items()},
        state=state,
        closed=closed,
        library=library,
        choose=Role.ADMIN in officer.roles,
        to_pull=[row.number for row in page.rows if _pullable(row)] if tab == "lending" else [],
        done=lending.done_text(visit),
        address=partial(_address, {"tab": tab, "state": state, "closed": closed, "member": member}),
    )


@router.post("/worklist/find")
def look_for(visit: Visitor, officer: Officer, what: Annotated[str, Form(max_length=100)] = "") -> Response:
    """By a request's number or a copy's barcode. A form, not an address: somebody may scan a reader's card here by mistake."""
    with visit.context.database.pool.connection() as connection:
        if worklist.find_by_number(connection, what) is not None:
            return RedirectResponse(f"/worklist/{find(connection, officer, what, as_reader=False).request.number}", 303)
        role = lending.lending_role(officer)
        rows = worklist.find_by_barcode(connection, what, member=officer.member, role=role)
    return render(visit, "found.html", status=200 if rows else 404, cases=rows)


@router.get("/worklist/slips")
def slips(
    visit: Visitor, officer: Officer, number: Annotated[list[str] | None, Query()] = None, member: str = ""
) -> Response:
    """Pull slips of the chosen requests, or of all that wait to be fetched from the shelf."""
    library = _library(visit, officer, member)
    role = lending.lending_role(officer)
    with visit.context.database.pool.connection() as connection:
        if number:
            wanted = set(number[:_MOST_SLIPS])
            rows = [r for r in _open(connection, library, officer) if r.number in wanted]
        else:
            rows = worklist.lending(connection, library, role=role, state="will_supply", limit=_MOST_SLIPS).rows
        holdings = catalogue.holdings_of_many(connection, [row.cluster_id for row in rows])
        notes = {row.id: worklist.request_view(connection, row.id, member=library, role=role).note for row in rows}
    found = [
        Slip(row, [h for h in holdings.get(row.cluster_id, []) if h.member == library], notes[row.id]) for row in rows
    ]
    return render(visit, "slips.html", slips=found, library=library, printed=lending.now())


@router.get("/worklist/{number}")
def one(visit: Visitor, officer: Officer, number: str) -> Response:
    with visit.context.database.pool.connection() as connection:
        view = find(connection, officer, number, as_reader=False)
        return show(connection, visit, officer, view, as_reader=False)


@router.post("/worklist/{number}/act")
async def act(visit: Visitor, officer: Officer, number: str) -> Response:
    form = await visit.request.form()
    return await run_in_threadpool(run, visit, officer, number, form, as_reader=False)


def _library(visit: Visit, officer: Account, asked: str) -> str:
    """The library whose work is shown: one's own; an administrator of the federation chooses."""
    if Role.ADMIN not in officer.roles:
        return officer.member
    return asked if asked in visit.context.members else officer.member or next(iter(visit.context.members))


def _open(connection: Connection, library: str, officer: Account) -> Iterable[Row]:
    role, cursor = lending.lending_role(officer), ""
    while True:
        page = worklist.lending(connection, library, role=role, cursor=cursor, limit=500)
        yield from page.rows
        cursor = page.next
        if not cursor:
            return


def _pullable(row: Row) -> bool:
    return row.supplier_state is not None and row.supplier_state.name in _TO_PULL


def _address(now: Mapping[str, str | bool], **changes: str | bool) -> str:
    """This list with some of its choices changed; it begins at its first page."""
    pairs = {name: "1" if value is True else str(value) for name, value in {**now, **changes}.items() if value}
    return "/worklist?" + urlencode(pairs)

"""获取: placing a request, and what its reader sees of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from catalog_api.auth import Account, Role
from catalog_api.web import description, lending
from catalog_api.web.pages import render
from catalog_api.web.routes.record import Standing, moved, standing
from catalog_api.web.visit import Visit, Visitor, inside, require
from ill import commands, worklist
from ill.views import RequestView
from normalise import catalogue
from schemas.cluster import Redirect
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Service
from schemas.reader import Reader
from schemas.request import Request
from schemas.text import Text

router = APIRouter()
Asker = Annotated[Account, Depends(require(Role.READER, Role.ILL_OFFICER, Role.LIBRARIAN))]
ReaderOnly = Annotated[Account, Depends(require(Role.READER))]
_NOT_A_DAY = Text("需用日期请写成“年-月-日”。", "Give the date it is needed by as year-month-day.")
_BLOCKED = Text("此证已挂失或停用，不能申请。", "This card is blocked; nothing can be requested with it.")


@dataclass(frozen=True)
class Wish:
    """What the form holds, as it was filled in."""

    service: Service = "loan"
    pickup: str = ""
    volume: str = ""
    needed_by: str = ""
    note: str = ""
    despite_shelf: bool = False
    key: str = ""

    @property
    def deadline(self) -> datetime | None:
        try:
            return lending.end_of_day(date.fromisoformat(self.needed_by)) if self.needed_by else None
        except ValueError:
            raise WenlanError("needed-by-wrong", _NOT_A_DAY.zh, _NOT_A_DAY.en) from None


@router.get("/record/{cluster:int}/request")
def request_form(visit: Visitor, account: Asker, cluster: int, service: Literal["loan", "copy"] = "loan") -> Response:
    wish = Wish(service=service, pickup=account.member, key=secrets.token_urlsafe(16))
    with visit.context.database.pool.connection() as connection:
        found = standing(connection, visit, cluster)
        if isinstance(found, Redirect):
            return moved(visit, found)
        return _form(connection, visit, account, found, wish)


@router.post("/record/{cluster:int}/request")
def place(
    visit: Visitor,
    account: Asker,
    cluster: int,
    service: Annotated[Literal["loan", "copy"], Form()] = "loan",
    pickup: Annotated[str, Form()] = "",
    volume: Annotated[str, Form()] = "",
    needed_by: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    despite_shelf: Annotated[bool, Form()] = False,
    key: Annotated[str, Form()] = "",
) -> Response:
    wish = Wish(service, pickup, volume, needed_by.strip(), note, despite_shelf, key)
    with visit.context.database.pool.connection() as connection:
        found = standing(connection, visit, cluster)
        if isinstance(found, Redirect):
            found = standing(connection, visit, found.id)
        if isinstance(found, Redirect):
            raise HTTPException(404)
        try:
            request = _place(connection, visit, account, found, wish)
        except WenlanError as error:
            return _form(connection, visit, account, found, wish, error.text)
    where = "requests" if Role.READER in account.roles else "worklist"
    return RedirectResponse(f"/{where}/{request.number}?done=place", status_code=303)


@router.get("/requests")
def mine(visit: Visitor, account: ReaderOnly, before: int = 0) -> Response:
    with visit.context.database.pool.connection() as connection:
        rows = worklist.requests_of_reader(connection, account.reader_id or 0, before=max(0, before), limit=31)
    return render(visit, "requests.html", cases=rows[:30], more=rows[29].id if len(rows) > 30 else 0)


@router.get("/requests/{number}")
def one(visit: Visitor, account: ReaderOnly, number: str) -> Response:
    with visit.context.database.pool.connection() as connection:
        view = find(connection, account, number, as_reader=True)
        return show(connection, visit, account, view, as_reader=True)


@router.post("/requests/{number}/act")
async def act(visit: Visitor, account: ReaderOnly, number: str) -> Response:
    form = await visit.request.form()
    return await run_in_threadpool(run, visit, account, number, form, as_reader=True)


def run(visit: Visit, account: Account, number: str, form: FormData, *, as_reader: bool) -> Response:
    """Do the action a form names, and go on to the page it names; a refusal is shown on the request's own page."""
    action, version = str(form.get("action", "")), str(form.get("version", ""))
    with visit.context.database.pool.connection() as connection:
        id = worklist.find_by_number(connection, number)
        if id is None:
            raise HTTPException(404)
        try:
            commands.act(
                connection,
                id,
                action,
                actor="reader" if as_reader else account.name,
                member="" if as_reader else account.member,
                role="reader" if as_reader else lending.lending_role(account),
                members=visit.context.members,
                policy=lending.policy_of(visit),
                now=lending.now(),
                version=int(version) if version.isdecimal() and len(version) < 10 else None,
                note=str(form.get("note", "")),
                data=lending.fields_of(form),
                reader_id=account.reader_id if as_reader else None,
                key=str(form.get("key", "")),
            )
        except WenlanError as error:
            view = find(connection, account, number, as_reader=as_reader)
            status = 409 if error.code == "request-changed" else 422
            return show(connection, visit, account, view, as_reader=as_reader, problem=error.text, status=status)
    target = inside(str(form.get("next", "")) or f"/{'requests' if as_reader else 'worklist'}/{number}")
    return RedirectResponse(f"{target}{'&' if '?' in target else '?'}done={quote(action)}", status_code=303)


def find(connection: Connection, account: Account, number: str, *, as_reader: bool) -> RequestView:
    """A request this account has a part in; HTTPException 404 for any other, as for none."""
    id = worklist.find_by_number(connection, number)
    if id is not None:
        role = "reader" if as_reader else lending.lending_role(account)
        reader_id = account.reader_id if as_reader else None
        view = worklist.request_view(connection, id, member=account.member, role=role, reader_id=reader_id)
        if view.seen_by(member=account.member, role=role, reader_id=reader_id):
            return view
    raise HTTPException(
        404,
        Text(
            "没有这个请求，或者它与您的图书馆无关。", "There is no such request, or it is no business of your library."
        ),
    )


def show(
    connection: Connection,
    visit: Visit,
    account: Account,
    view: RequestView,
    *,
    as_reader: bool,
    problem: Text | None = None,
    status: int = 200,
) -> Response:
    request = view.request
    lends = not as_reader and account.member == request.supplier
    held = catalogue.holdings_of(connection, request.cluster_id, staff=True) if lends and view.loan is None else []
    asking = as_reader or account.has(Role.ADMIN) or account.member in (request.requester, request.pickup)
    return render(
        visit,
        "request.html",
        status=status,
        view=view,
        case=view.row,
        request=request,
        as_reader=as_reader,
        asking=asking,
        rounds=sorted({r.round for r in view.rota}, reverse=True) if asking else [],
        problem=problem,
        places=[h for h in held if h.member == account.member],
        document=next((e.event.data["url"] for e in reversed(view.events) if e.event.data.get("url")), ""),
        done=lending.done_text(visit),
        act_url=f"/{'requests' if as_reader else 'worklist'}/{request.number}/act",
    )


def _place(connection: Connection, visit: Visit, account: Account, found: Standing, wish: Wish) -> Request:
    refused = lending.may_request(visit, account)
    if refused is not None:
        raise WenlanError("request-not-allowed", refused.zh, refused.en)
    here = lending.at_desk(visit) if account.has(Role.ILL_OFFICER) else None
    if here and here.blocked:
        raise WenlanError("card-blocked", _BLOCKED.zh, _BLOCKED.en)
    as_reader = Role.READER in account.roles
    return commands.place_request(
        connection,
        cluster_id=found.view.id,
        requester=account.member,
        actor="reader" if as_reader else account.name,
        members=visit.context.members,
        policy=lending.policy_of(visit),
        now=lending.now(),
        reader_id=account.reader_id if as_reader else here.reader_id if here else None,
        service=wish.service,
        pickup=wish.pickup,
        volume=wish.volume,
        needed_by=wish.deadline,
        note=wish.note,
        despite_shelf=wish.despite_shelf and account.staff,
        key=wish.key,
    )


def _form(
    connection: Connection, visit: Visit, account: Account, found: Standing, wish: Wish, problem: Text | None = None
) -> Response:
    refused = lending.may_request(visit, account)
    rota = None
    if refused is None:
        try:
            rota = lending.rota(connection, visit, account, found.view.id, service=wish.service, volume=wish.volume)
        except WenlanError as error:
            problem = problem or error.text
    return render(
        visit,
        "request_form.html",
        status=422 if problem else 200,
        view=found.view,
        title=description.title_line(found.view.merged.bib.title),
        wish=wish,
        refused=refused,
        rota=rota,
        problem=problem,
        reader=_reader_at_desk(connection, visit, account),
        pickups=[m for m in visit.context.members.values() if m.lending.borrows],
        volumes=list(dict.fromkeys(i.volume for h in found.holdings for i in h.items if i.volume))[:200],
        today=lending.now().date().isoformat(),
    )


def _reader_at_desk(connection: Connection, visit: Visit, account: Account) -> Reader | None:
    here = lending.at_desk(visit) if account.has(Role.ILL_OFFICER) else None
    return lending.desk_of(visit).reader(connection, here.reader_id) if here else None

"""一卡通: whose card is this, and what may he do here. What is typed comes in a POST body, becomes a Secret at once and is never shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException
from pydantic import SecretStr
from starlette.responses import RedirectResponse, Response

from catalog_api.auth import Account, Role
from catalog_api.web import lending
from catalog_api.web.pages import render
from catalog_api.web.visit import Visit, Visitor, drop_cookie, require, set_cookie
from ill.readers import KINDS, Secret
from schemas.errors import WenlanError
from schemas.reader import CredentialKind
from schemas.text import Text

router = APIRouter()
Officer = Annotated[Account, Depends(require(Role.ILL_OFFICER))]

# Written down with the look-up in Chinese, whatever language the page was in.
PURPOSES = {
    "request": Text("办理馆际互借", "Placing an interlibrary request"),
    "hand_over": Text("取书", "Handing over a book"),
    "return": Text("还书", "Taking back a book"),
    "ask": Text("读者本人咨询", "The reader asks about his own matters"),
    "other": Text("其他", "Other"),
}
_NO_SUCH = Text("没有找到这个证件的读者。", "No reader has this credential.")


@router.get("/card")
def desk(visit: Visitor, officer: Officer) -> Response:
    return _form(visit, officer)


@router.post("/card")
def look_up(
    visit: Visitor,
    officer: Officer,
    number: Annotated[SecretStr, Form()],
    kind: Annotated[str, Form()] = "reader_card",
    purpose: Annotated[str, Form()] = "request",
    detail: Annotated[str, Form(max_length=150)] = "",
    issuer: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """The number is in the body of this one request and nowhere else: the reader's page that follows knows him by a signed cookie."""
    chosen = {"kind": kind, "purpose": purpose, "issuer": issuer}
    try:
        with visit.context.database.pool.connection() as connection:
            found = lending.desk_of(visit).look_up(
                connection,
                _kind(kind),
                Secret(number.get_secret_value()),
                purpose=_purpose(purpose, detail),
                officer=officer.name,
                member=_member(officer),
                now=lending.now(),
                issuer=issuer if issuer in visit.context.members else "",
            )
    except WenlanError as error:
        return _form(visit, officer, error.text, 429 if error.code == "look-up-limit" else 422, **chosen)
    if found is None:
        return _form(visit, officer, _NO_SUCH, 422, **chosen)
    response = RedirectResponse("/card/reader", status_code=303)
    set_cookie(visit.context, response, *lending.keep_at_desk(visit, found.reader.id, blocked=found.blocked))
    return response


@router.get("/card/reader")
def reader(visit: Visitor, officer: Officer) -> Response:
    return _reader(visit, officer)


@router.post("/card/name")
def show_name(visit: Visitor, officer: Officer, purpose: Annotated[str, Form()] = "hand_over") -> Response:
    """The name in clear, once; recorded like a look-up."""
    here = lending.at_desk(visit)
    if here is None:
        return RedirectResponse("/card", status_code=303)
    with visit.context.database.pool.connection() as connection:
        name = lending.desk_of(visit).show_name(
            connection,
            here.reader_id,
            purpose=_purpose(purpose, ""),
            officer=officer.name,
            member=_member(officer),
            now=lending.now(),
        )
    return _reader(visit, officer, name)


@router.post("/card/leave")
def leave(visit: Visitor, officer: Officer) -> Response:
    """The reader has gone: the desk is free for the next one."""
    response = RedirectResponse("/card", status_code=303)
    drop_cookie(visit.context, response, "desk")
    return response


def _reader(visit: Visit, officer: Account, name: Secret | None = None) -> Response:
    here = lending.at_desk(visit)
    if here is None:
        return RedirectResponse("/card", status_code=303)
    desk = lending.desk_of(visit)
    with visit.context.database.pool.connection() as connection:
        person = desk.reader(connection, here.reader_id)
        entitlements = desk.entitlements(connection, here.reader_id, lending.now())
        cases = lending.of_reader(connection, visit, officer, here.reader_id)
    return render(
        visit,
        "reader.html",
        reader=person,
        name=name.reveal() if name else "",
        entitlements=entitlements,
        blocked=here.blocked,
        cases=cases,
        kinds=KINDS,
    )


def _form(
    visit: Visit,
    officer: Account,
    problem: Text | None = None,
    status: int = 200,
    *,
    kind: str = "reader_card",
    purpose: str = "request",
    issuer: str = "",
) -> Response:
    with visit.context.database.pool.connection() as connection:
        mine = lending.desk_of(visit).lookups(connection, officer=officer.name, limit=8)
    return render(
        visit,
        "card.html",
        status=status,
        problem=problem,
        kinds=KINDS,
        purposes=PURPOSES,
        chosen_kind=kind,
        chosen_purpose=purpose,
        chosen_issuer=issuer,
        lookups=mine,
    )


def _kind(kind: str) -> CredentialKind:
    if kind not in KINDS:
        raise WenlanError("credential-kind", "请选择证件种类。", "Choose the kind of credential.")
    return next(k for k in KINDS if k == kind)


def _purpose(purpose: str, detail: str) -> str:
    text = PURPOSES.get(purpose, Text("", "")).zh
    return f"{text}：{detail.strip()}" if text and detail.strip() else text


def _member(officer: Account) -> str:
    if not officer.member:
        raise HTTPException(
            403, Text("一卡通查询须由一家成员馆的帐户进行。", "Cards are looked up for a member library.")
        )
    return officer.member

"""Signing in and out, and the account's own page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from catalog_api.auth import Account, LoginRefused, authenticate, sessions, set_password
from catalog_api.auth.accounts import LONGEST
from catalog_api.web.pages import render
from catalog_api.web.visit import Visitor, cookie_name, drop_cookie, inside, require, set_cookie
from schemas.errors import WenlanError
from schemas.text import Text

router = APIRouter()
Anybody = Annotated[Account, Depends(require())]
Password = Annotated[str, Form(max_length=LONGEST + 1)]


@router.get("/login")
def login_form(visit: Visitor, next: str = "/") -> Response:
    if visit.account is not None:
        return RedirectResponse(inside(next), status_code=303)
    return render(visit, "login.html", next=inside(next), name="", problem=None)


@router.post("/login")
def login(
    visit: Visitor,
    name: Annotated[str, Form(max_length=100)] = "",
    password: Password = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    address = visit.request.client.host if visit.request.client else ""
    with visit.context.database.pool.connection() as connection:
        found = authenticate(connection, name, password, address=address)
        token = "" if isinstance(found, LoginRefused) else sessions.start(connection, found, replaces=visit.session)
    if isinstance(found, LoginRefused):
        problem, status = _refusal(found)
        headers = {"retry-after": str(found.seconds)} if found.seconds else {}
        return render(
            visit, "login.html", status=status, headers=headers, next=inside(next), name=name, problem=problem
        )
    response = RedirectResponse(inside(next), status_code=303)
    set_cookie(visit.context, response, cookie_name(visit.context, "session"), token)
    drop_cookie(visit.context, response, "form")
    response.headers["cache-control"] = "no-store"
    return response


@router.post("/logout")
def logout(visit: Visitor) -> Response:
    if visit.session:
        with visit.context.database.pool.connection() as connection:
            sessions.end(connection, visit.session)
    response = RedirectResponse("/", status_code=303)
    for name in ("session", "desk"):
        drop_cookie(visit.context, response, name)
    # what the browser kept of the pages just seen goes as well: the next person at this desk shall not go back to them
    response.headers["clear-site-data"] = '"cache"'
    return response


@router.get("/account")
def account_page(visit: Visitor, account: Anybody, done: str = "") -> Response:
    return render(visit, "account.html", problem=None, done=done == "password")


@router.post("/account")
def change_password(visit: Visitor, account: Anybody, old: Password = "", new: Password = "") -> Response:
    address = visit.request.client.host if visit.request.client else ""
    problem: Text | None = None
    token = ""
    with visit.context.database.pool.connection() as connection:
        checked = authenticate(connection, account.name, old, address=address)
        if isinstance(checked, LoginRefused):
            problem, _ = _refusal(checked, Text("现在的密码不对。", "The present password is not right."))
        else:
            try:
                set_password(connection, account.name, new)
                token = sessions.start(connection, checked)
            except WenlanError as error:
                problem = error.text
    if problem is not None:
        return render(visit, "account.html", status=422, problem=problem, done=False)
    response = RedirectResponse("/account?done=password", status_code=303)
    set_cookie(visit.context, response, cookie_name(visit.context, "session"), token)
    return response


def _refusal(refused: LoginRefused, wrong: Text | None = None) -> tuple[Text, int]:
    if refused.why == "wait":
        minutes = -(-refused.seconds // 60)
        return Text(
            f"尝试次数过多，请过 {minutes} 分钟再试。", f"Too many attempts; try again in {minutes} minutes."
        ), 429
    return wrong or Text("用户名或密码不对。", "The user name or the password is not right."), 422

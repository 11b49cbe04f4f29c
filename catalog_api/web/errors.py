"""What a visitor is told when something does not work: what it is and what to do next."""

from __future__ import annotations

import secrets
import traceback
from http import HTTPStatus
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from psycopg import DataError
from psycopg import Error as DatabaseError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog_api.web.middleware import HEADERS
from catalog_api.web.pages import render
from catalog_api.web.visit import LoginNeeded, Visit, begin
from schemas.errors import WenlanError
from schemas.text import Text

_log = structlog.get_logger()

# The paths of machines: they get JSON, everybody else a page.
MACHINES = ("/api/", "/oai", "/sru", "/iso18626", "/metrics", "/healthz")

TITLES: dict[int, tuple[Text, Text]] = {
    403: (Text("没有权限", "Not allowed"), Text("您不能使用此页或此操作。", "You may not use this page or do this.")),
    404: (
        Text("没有这一页", "There is no such page"),
        Text("网址可能写错了，或者内容已经移走。", "The address may be mistyped, or the content has moved."),
    ),
    405: (
        Text("不能这样访问", "Not a way to ask for this"),
        Text("请从页面上的链接或按钮进入。", "Please use the links and buttons of the pages."),
    ),
    410: (
        Text("这条记录已经撤销", "This record has been withdrawn"),
        Text(
            "已没有任何成员馆著录此书。可以用题名再检索一次。",
            "No member library describes it any more. Try searching for its title.",
        ),
    ),
    422: (
        Text("填写的内容有误", "Something in the form is wrong"),
        Text("请返回上一页改正后再提交。", "Go back, correct it and send it again."),
    ),
    429: (Text("请稍候再试", "Please wait"), Text("尝试次数过多。", "There were too many attempts.")),
    503: (
        Text("暂时不能提供服务", "The service is not available at the moment"),
        Text("数据库没有应答。请过几分钟再试。", "The database does not answer. Please try again in a few minutes."),
    ),
    500: (
        Text("系统出错了", "Something went wrong"),
        Text(
            "错误已经记录。请过几分钟再试；若仍然出错，请把下面的编号告诉管理员。",
            "The error has been logged. Try again in a few minutes; if it stays, tell the administrator the number below.",
        ),
    ),
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(LoginNeeded, _login)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(WenlanError, _ours)
    app.add_exception_handler(DataError, _unstorable)
    app.add_exception_handler(DatabaseError, _database)
    app.add_exception_handler(Exception, _unforeseen)


async def _login(request: Request, error: Exception) -> Response:
    assert isinstance(error, LoginNeeded)
    target = "/login?" + urlencode({"next": error.where})
    if "hx-request" in request.headers:  # a fragment cannot be a login page: the whole page goes there
        return Response(status_code=204, headers={"hx-redirect": target})
    return RedirectResponse(target, status_code=303)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said: object = error.detail
    detail = said if isinstance(said, Text) else None
    if request.url.path.startswith(MACHINES):
        return await http_exception_handler(request, HTTPException(error.status_code, str(said), error.headers))
    return await page(request, error.status_code, detail, headers=dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if request.url.path.startswith(MACHINES):
        return await request_validation_exception_handler(request, error)
    # a number of a page that is no number names no page
    path_wrong = any(e["loc"][:1] == ("path",) for e in error.errors())
    return await page(request, 404 if path_wrong else 422)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, WenlanError)
    status = 404 if error.code.endswith("-unknown") else 422
    if request.url.path.startswith(MACHINES):
        return JSONResponse({"code": error.code, "zh": error.text.zh, "en": error.text.en}, status)
    return await page(request, status, error.text)


async def _unstorable(request: Request, error: Exception) -> Response:
    """Something was typed that no text in the database can hold, such as a NUL."""
    if request.url.path.startswith(MACHINES):
        zh, en = TITLES[422][1].zh, TITLES[422][1].en
        return JSONResponse({"code": "unstorable", "zh": zh, "en": en}, 422)
    return await page(request, 422)


async def _database(request: Request, error: Exception) -> Response:
    _log.error("database", path=request.url.path, kind=type(error).__name__)
    if request.url.path.startswith(MACHINES):
        zh, en = TITLES[503][1].zh, TITLES[503][1].en
        return JSONResponse({"code": "database", "zh": zh, "en": en}, 503)
    return await page(request, 503, known=False)


class Unforeseen:
    """Answers for errors nobody foresaw, and keeps them from the server, which would log their messages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            answer = await _unforeseen(Request(scope, receive), error)
            if not started:
                await answer(scope, receive, send)


async def _unforeseen(request: Request, error: Exception) -> Response:
    """Possibly outside of all middleware, so it adds the protecting headers itself.

    What is logged is where it happened: neither messages nor local variables, which may hold what somebody typed.
    """
    number = secrets.token_hex(4)
    where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-6:]]
    _log.error("unforeseen", number=number, path=request.url.path, kind=type(error).__name__, where=where)
    if request.url.path.startswith(MACHINES):
        zh, en = TITLES[500][1].zh, TITLES[500][1].en
        return JSONResponse({"code": "unforeseen", "number": number, "zh": zh, "en": en}, 500, dict(HEADERS))
    return await page(request, 500, number=number, known=False, headers=dict(HEADERS))


async def page(
    request: Request,
    status: int,
    detail: Text | None = None,
    *,
    number: str = "",
    known: bool = True,
    headers: dict[str, str] | None = None,
) -> Response:
    """An error page. `known=False`: do not ask the database who the visitor is, it may be what failed."""
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is None:
        visit = await run_in_threadpool(begin, request) if known else Visit(request, request.app.state.wenlan)
    phrase = HTTPStatus(status).phrase
    title, advice = TITLES.get(status, (Text(phrase, phrase), TITLES[422][1] if status < 500 else TITLES[500][1]))
    return await run_in_threadpool(
        lambda: render(
            visit,
            "error.html",
            status=status,
            headers=headers,
            code=status,
            title=title,
            advice=advice,
            detail=detail,
            number=number,
        )
    )

"""Errors of the API as `application/problem+json` (RFC 9457), in both languages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import structlog
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from schemas.errors import WenlanError
from schemas.text import Text

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger()


class Problem(BaseModel):
    """RFC 9457. `zh` and `en` say the same; `detail` is the one in the language asked for (Accept-Language)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="urn:wenlan:error: and the code", examples=["urn:wenlan:error:record-unknown"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="path that was asked for")
    code: str
    zh: str
    en: str


class ApiError(Exception):
    """An answer that is not a result. `extra` are further members of the problem document."""

    def __init__(self, status: int, code: str, text: Text, **extra: object) -> None:
        super().__init__(f"[{code}] {text}")
        self.status, self.code, self.text, self.extra = status, code, text, extra


_TITLES = {
    400: Text("请求有误", "Bad request"),
    404: Text("没有", "Not found"),
    405: Text("不能这样访问", "Method not allowed"),
    410: Text("已撤销", "Gone"),
    422: Text("参数有误", "Invalid parameters"),
    503: Text("暂时不能提供服务", "Service unavailable"),
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "参数有误 · invalid parameters", "content": {MEDIA_TYPE: {}}},
    503: {"model": Problem, "description": "暂时不能提供服务 · unavailable", "content": {MEDIA_TYPE: {}}},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    301: {"description": "此号已并入另一条，见 Location · this id has become another, see Location"},
    404: {"model": Problem, "description": "没有这条记录 · no such record", "content": {MEDIA_TYPE: {}}},
    410: {"model": Problem, "description": "曾有此记录，今已撤销 · withdrawn", "content": {MEDIA_TYPE: {}}},
}


def problem(request: Request, error: ApiError) -> Response:
    locale = "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh"
    title = _TITLES.get(error.status, Text("出错了", "Error"))
    body = Problem(
        type=f"urn:wenlan:error:{error.code}",
        title=title.pick(locale),
        status=error.status,
        detail=error.text.pick(locale),
        instance=request.url.path,
        code=error.code,
        zh=error.text.zh,
        en=error.text.en,
        **error.extra,
    )
    return JSONResponse(body.model_dump(), error.status, media_type=MEDIA_TYPE, headers={"vary": "Accept-Language"})


def understood(error: Exception) -> ApiError | None:
    """The API's words for an error; None for one nobody foresaw, which is the application's to log."""
    match error:
        case ApiError():
            return error
        case RequestValidationError():
            rows = [
                {
                    "parameter": ".".join(map(str, e["loc"][1:])),
                    "message": e["msg"],
                    "given": str(e.get("input", ""))[:100],
                }
                for e in error.errors()
            ]
            names = ", ".join(dict.fromkeys(row["parameter"] for row in rows))
            return ApiError(
                422, "parameters", Text(f"参数 {names} 的值不对。", f"The value of {names} is wrong."), errors=rows
            )
        case WenlanError():
            return ApiError(404 if error.code.endswith("-unknown") else 422, error.code, error.text)
        case HTTPException() | StarletteHTTPException():
            text = _TITLES.get(error.status_code, Text("出错了", "Error"))
            return ApiError(error.status_code, f"http-{error.status_code}", text)
        case psycopg.OperationalError() | TimeoutError():
            _log.error("database", kind=type(error).__name__)
            return ApiError(
                503, "database", Text("数据库没有应答，请稍后再试。", "The database does not answer; try again later.")
            )
        case _:
            return None


class ProblemRoute(APIRoute):
    """A route whose errors are problem documents, whatever the application makes of those of its pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                known = understood(error)
                if known is None:
                    raise
                return problem(request, known)

        return answer

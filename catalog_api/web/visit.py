"""One request of one visitor: who, in which language, from which library; and the dependencies the routes are built on."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from catalog_api.auth import Account, Role, sessions
from catalog_api.context import Context
from catalog_api.web import i18n
from schemas.text import Text

_YEAR = 365 * 86400
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_INSIDE = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
FORM_FIELD = "form_token"


class LoginNeeded(Exception):
    """Somebody must sign in before he sees this; `where` is the page to come back to."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@dataclass
class Visit:
    """`library` is the code of the visitor's own library: his account's, or the one he chose; empty when neither is known."""

    request: Request
    context: Context
    locale: str = i18n.DEFAULT
    account: Account | None = None
    library: str = ""
    session: str = ""  # the token in the cookie, while it is a live session
    _form_secret: str = ""
    _set: dict[str, str] = field(default_factory=dict)

    @property
    def staff(self) -> bool:
        return self.account is not None and self.account.staff

    def has(self, *roles: Role) -> bool:
        return self.account is not None and self.account.has(*roles)

    def form_token(self) -> str:
        """The token a form carries. A visitor without a session is given a cookie of random bytes for it to be derived from."""
        secret = self.session or self._form_secret
        if not secret:
            secret = self._form_secret = secrets.token_urlsafe(32)
            self._set[cookie_name(self.context, "form")] = secret
        return sessions.form_token(secret)

    def here(self, **changes: str) -> str:
        """The address of this page with some of its parameters changed; for the switch of language."""
        pairs = [(k, v) for k, v in self.request.query_params.multi_items() if k not in changes]
        query = urlencode(pairs + [(k, v) for k, v in changes.items() if v])
        path = "/" + self.request.url.path.lstrip("/")  # a link to `//somewhere` would lead to another host
        return path + (f"?{query}" if query else "")

    def finish(self, response: Response) -> Response:
        """Set the cookies this visit has come to need, and what may be kept of the answer."""
        for name, value in self._set.items():
            set_cookie(self.context, response, name, value)
        wish = i18n.locale_of(self.request.query_params.get("lang", ""))
        if wish:
            response.set_cookie(
                "wenlan_lang", wish, max_age=_YEAR, samesite="lax", httponly=True, secure=https(self.context)
            )
        private = self.account is not None or self._set
        response.headers.setdefault("cache-control", "no-store" if private else "private, no-cache")
        response.headers.setdefault("vary", "Cookie, Accept")
        return response


def https(context: Context) -> bool:
    return context.settings.public_url.startswith("https:")


def cookie_name(context: Context, name: str) -> str:
    """With HTTPS the prefix `__Host-` keeps a neighbouring host from planting the cookie (RFC 6265bis, 4.1.3)."""
    return f"__Host-wenlan_{name}" if https(context) else f"wenlan_{name}"


def set_cookie(context: Context, response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, httponly=True, samesite="lax", secure=https(context), path="/")


def drop_cookie(context: Context, response: Response, name: str) -> None:
    """A browser keeps a `__Host-` cookie unless it is taken back with the attributes it was set with."""
    response.delete_cookie(cookie_name(context, name), httponly=True, samesite="lax", secure=https(context), path="/")


def begin(request: Request) -> Visit:
    """Read the cookies; look the session up. Blocking: one query where there is a session cookie."""
    context: Context = request.app.state.wenlan
    chosen = i18n.locale_of(request.query_params.get("lang", "")) or i18n.locale_of(
        request.cookies.get("wenlan_lang", "")
    )
    visit = Visit(request, context, locale=chosen or i18n.DEFAULT)
    visit._form_secret = request.cookies.get(cookie_name(context, "form"), "")
    token = request.cookies.get(cookie_name(context, "session"), "")
    if token:
        with context.database.pool.connection() as connection:
            visit.account = sessions.resume(connection, token)
        visit.session = token if visit.account else ""
    home = visit.account.member if visit.account else ""
    library = home or request.cookies.get("wenlan_library", "")
    visit.library = library if library in context.members else ""
    request.state.visit = visit
    return visit


Visitor = Annotated[Visit, Depends(begin)]


def require(*roles: Role) -> Callable[[Visit], Account]:
    """The dependency that enforces roles: `Annotated[Account, Depends(require(Role.ILL_OFFICER))]`; none named: any account."""

    def check(visit: Visitor) -> Account:
        account = visit.account
        if account is None:
            safe = visit.request.method in _SAFE_METHODS
            raise LoginNeeded(visit.here() if safe else "/")
        if roles and not account.has(*roles):
            raise HTTPException(403, Text("您的帐户没有使用此页的权限。", "Your account may not use this page."))
        return account

    return check


async def guard_forms(request: Request, visit: Visitor) -> None:
    """Every form must carry its token and come from our own pages. A dependency of the whole router: no route can forget it."""
    if request.method in _SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    own = {origin_of(str(request.base_url)), origin_of(visit.context.settings.public_url)}
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    given = (await request.form(max_files=0)).get(FORM_FIELD, "")
    secret = visit.session or visit._form_secret
    holds = isinstance(given, str) and await run_in_threadpool(sessions.form_token_holds, secret, given)
    if foreign or (origin is not None and origin not in own) or not holds:
        raise HTTPException(
            403,
            Text(
                "表单已过期，或不是从本站页面提交的。请返回上一页，刷新后再试。",
                "The form has expired or was not sent from a page of this site. Go back, reload the page and try again.",
            ),
        )


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def inside(target: str) -> str:
    """A path of our own to go on to; anything that could lead elsewhere becomes the home page."""
    return target if _INSIDE.fullmatch(target) else "/"

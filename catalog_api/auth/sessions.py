"""Server-side sessions behind a cookie, and the tokens that prove a form was one of ours.

The cookie holds a random token; the database holds its hash. A form's token is derived from the same secret (for a visitor who
has not signed in: from a cookie of its own), so it needs no storage and dies with its session.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from catalog_api.auth.accounts import Account, to_account
from schemas.db import Sql
from schemas.db.connect import Connection

_SQL = Sql("catalog_api.auth", "auth.sql")
LIFETIME_SECONDS = 12 * 3600  # a working day with its late shift
IDLE_SECONDS = 2 * 3600


def start(connection: Connection, account: Account, *, replaces: str = "") -> str:
    """Begin a session and return its token: always a fresh one, so that a planted cookie never becomes a session."""
    if replaces:
        end(connection, replaces)
    token = secrets.token_urlsafe(32)
    connection.execute(_SQL["purge_sessions"])
    connection.execute(
        _SQL["start_session"], {"token": _hash(token), "account": account.id, "seconds": LIFETIME_SECONDS}
    )
    return token


def resume(connection: Connection, token: str) -> Account | None:
    """The account of a session that is neither expired nor idle for too long."""
    row = connection.execute(_SQL["resume_session"], {"token": _hash(token), "idle": IDLE_SECONDS}).fetchone()
    if row is None:
        return None
    if row[-1]:
        connection.execute(_SQL["touch_session"], {"token": _hash(token)})
    return to_account(row[:-1])


def end(connection: Connection, token: str) -> None:
    connection.execute(_SQL["end_session"], {"token": _hash(token)})


def form_token(secret: str) -> str:
    """The token of every form shown to the holder of the cookie `secret`."""
    return hmac.new(secret.encode(), b"wenlan form", hashlib.sha256).hexdigest()


def form_token_holds(secret: str, given: str) -> bool:
    return bool(secret) and hmac.compare_digest(form_token(secret).encode(), given.encode())


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

"""The card desk: enrol readers, link and block credentials, find out whose card this is and what he may do.

A number comes in as a `Secret` and leaves as a token; neither it nor a name in clear is returned, logged, or named in an error. Every
look-up is recorded with officer, library and purpose, the refused ones too, and counted against the officer's limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from ill.checks import aware, text
from ill.readers.entitlements import SQL, entitlements_of
from ill.readers.numbers import number_of
from ill.readers.registry import Registry
from ill.readers.secret import Secret
from schemas.errors import WenlanError
from schemas.reader import CardLookup, CredentialKind, Entitlement, Reader

_RECORDED = frozenset({"number-wrong", "issuer-needed", "look-up-limit", "reader-unknown"})
_BLOCKED = ("此证件已挂失或停用", "This card has been reported lost or blocked")


class Found(msgspec.Struct, frozen=True):
    """Whose credential it is and what he may do. With a blocked one everything but returning is refused."""

    reader: Reader
    entitlements: list[Entitlement]
    blocked: bool = False


class Desk(Registry):
    """One for the process: `Desk.open(settings, policy)`."""

    def look_up(
        self,
        connection: Connection[Any],
        kind: CredentialKind,
        number: Secret,
        *,
        purpose: str,
        officer: str,
        member: str,
        now: datetime,
        issuer: str = "",
    ) -> Found | None:
        """The reader behind a number, None where there is none; recorded either way, and where it is refused: commit afterwards.

        `issuer` is the library of a reader card, needed only where several libraries gave out the same number. Raises WenlanError:
        number-wrong, purpose-missing, look-up-limit, issuer-needed.
        """
        with self._on_record(connection, "look_up", kind, None, purpose, officer, member, now):
            self._allow(connection, purpose, officer, now)
            known = number_of(kind, number)
            tokens = self._keys.tokens(known.domain, known.value)
            rows = connection.execute(SQL["holders"], {"tokens": list(tokens)}).fetchall()
            rows = [r for r in rows if r[2] == kind and issuer in ("", r[3])]
            if len(rows) > 1:
                rows = [r for r in rows if r[3] == member]
                if not rows:
                    raise WenlanError(
                        "issuer-needed",
                        "几家图书馆都有这个证号，请选发证馆",
                        "Several libraries gave out this number; choose the library that issued the card",
                    )
            row = rows[0] if rows else None
            self._record(connection, "look_up", kind, row[1] if row else None, purpose, officer, member, now)
            if row is None:
                return None
            if row[4] != self._keys.newest:
                token = self._keys.token(known.domain, known.value)
                connection.execute(SQL["retoken"], {"id": row[0], "key_id": self._keys.newest, "token": token})
            reader = self.reader(connection, row[1])
            return self._found(connection, reader, blocked=row[5] == "blocked", now=now)

    def _found(self, connection: Connection[Any], reader: Reader, *, blocked: bool, now: datetime) -> Found:
        entitlements = entitlements_of(connection, reader.id, self._cards, now)
        if blocked:
            refused = {"allowed": False, "reason_zh": _BLOCKED[0], "reason_en": _BLOCKED[1]}
            entitlements = [e if e.action == "return_anywhere" else e.model_copy(update=refused) for e in entitlements]
        return Found(reader, entitlements, blocked)

    def show_name(
        self, connection: Connection[Any], reader_id: int, *, purpose: str, officer: str, member: str, now: datetime
    ) -> Secret:
        """The name in clear, for a pick-up slip; counted and recorded like a look-up."""
        with self._on_record(connection, "show_name", None, reader_id, purpose, officer, member, now):
            self._allow(connection, purpose, officer, now)
            private = self._private(connection, reader_id)
            self._record(connection, "show_name", None, reader_id, purpose, officer, member, now)
        return Secret(private.name)

    def lookups(
        self, connection: Connection[Any], *, officer: str = "", reader_id: int | None = None, limit: int = 100
    ) -> list[CardLookup]:
        """Who looked whom up, newest first."""
        rows = connection.execute(SQL["lookups"], {"officer": officer, "reader_id": reader_id, "limit": limit})
        names = ("officer", "member", "purpose", "kind", "reader_id", "at", "refused")
        return [CardLookup(**dict(zip(names, row, strict=True))) for row in rows]

    def _allow(self, connection: Connection[Any], purpose: str, officer: str, now: datetime) -> None:
        aware(now)
        if not text(purpose, 200):
            raise WenlanError("purpose-missing", "请写明查询目的", "State the purpose of the look-up")
        connection.execute(SQL["one_officer"], {"officer": officer})
        times = {"officer": officer, "minute": now - timedelta(minutes=1), "day": now - timedelta(days=1)}
        minute, day = connection.execute(SQL["lookups_of_officer"], times).fetchone() or (0, 0)
        limits = self._cards.lookups
        if minute >= limits.per_minute or day >= limits.per_day:
            raise WenlanError(
                "look-up-limit",
                "查询过于频繁（每分钟 {minute} 次、每日 {day} 次），请稍后再试",
                "Too many look-ups (the limits are {minute} a minute and {day} a day); try again later",
                minute=limits.per_minute,
                day=limits.per_day,
            )

    @contextmanager
    def _on_record(
        self, connection: Connection[Any], act: str, kind: str | None, reader_id: int | None, purpose: str,
        officer: str, member: str, now: datetime,
    ) -> Iterator[None]:  # fmt: skip
        """A transaction for the block. Where the block refuses, nothing of it remains but that somebody tried, and why not."""
        with connection.transaction():
            try:
                with connection.transaction():
                    yield
                return
            except WenlanError as error:
                if error.code not in _RECORDED:
                    raise
                refused = error
            self._record(connection, act, kind, reader_id, purpose, officer, member, now, refused.code)
        raise refused

    def _record(
        self, connection: Connection[Any], act: str, kind: str | None, reader_id: int | None, purpose: str,
        officer: str, member: str, now: datetime, refused: str = "",
    ) -> None:  # fmt: skip
        values = {
            "officer": officer, "member": member, "purpose": text(purpose, 200), "act": act, "kind": kind,
            "reader_id": reader_id, "now": now, "refused": refused,
        }  # fmt: skip
        connection.execute(SQL["record_lookup"], values)

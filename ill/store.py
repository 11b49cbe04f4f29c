"""Rows of lending: a case locked and saved, events appended, keys of commands sent twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from ill.case import Case
from schemas.db import Sql
from schemas.errors import WenlanError
from schemas.request import RequestEvent, RouteCandidate

SQL = Sql("ill", "lending.sql")


class NotFound(WenlanError):
    """There is no such request."""

    def __init__(self, what: object) -> None:
        super().__init__("request-unknown", "没有这个请求：{what}", "There is no such request: {what}", what=what)


def lock(connection: Connection[Any], request_id: int) -> Case:
    """The case with its row locked until the transaction ends."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(SQL["lock"], {"id": request_id}).fetchone()
        if row is None:
            raise NotFound(request_id)
        # read after the lock is held, or they would be those of the moment before another writer committed
        details = cursor.execute(SQL["details"], {"id": request_id}).fetchone() or {}
    return Case(**row, **details)


def save(connection: Connection[Any], case: Case) -> None:
    connection.execute(SQL["save"], msgspec.structs.asdict(case))


def append(connection: Connection[Any], event: RequestEvent) -> None:
    connection.execute(SQL["append_event"], {**event.model_dump(), "data": Jsonb(event.data)})


def one(connection: Connection[Any], name: str, **values: object) -> Any:
    """The first column of the first row, or None."""
    row = connection.execute(SQL[name], values).fetchone()
    return None if row is None else row[0]


def insert_rota(
    connection: Connection[Any], request_id: int, rota: Iterable[tuple[RouteCandidate, dict[str, Any]]]
) -> None:
    """A new round of the rota, each candidate with the terms it was ranked by."""
    number = one(connection, "last_round", id=request_id) + 1
    rows = [
        {**c.model_dump(), "request_id": request_id, "round": number, "position": p, "terms": Jsonb(terms)}
        for p, (c, terms) in enumerate(rota, 1)
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(SQL["insert_rota"], rows)


def claim(connection: Connection[Any], scope: str, key: str, asked: object, now: datetime) -> int | None:
    """The request a key already stands for; None when it is new and now taken by this transaction.

    Raises WenlanError "key-reused" when the key was used for something else. A command still running elsewhere is waited for.
    """
    if len(key) > 200:
        raise WenlanError("key-too-long", "幂等键超过 200 字符", "The idempotency key is longer than 200 characters")
    digest = hashlib.blake2b(msgspec.json.encode(asked, order="deterministic"), digest_size=16).digest()
    values = {"scope": scope, "key": key, "digest": digest, "request_id": 0, "now": now}
    if connection.execute(SQL["claim_key"], values).fetchone() is not None:
        return None
    row = connection.execute(SQL["known_key"], values).fetchone()
    if row is None or bytes(row[0]) != digest:
        raise WenlanError(
            "key-reused",
            "这个幂等键已用于另一次操作，请换一个",
            "This idempotency key was used for another command; take a new one",
        )
    return int(row[1])

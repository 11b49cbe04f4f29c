"""People's verdicts on pairs of records: the same edition, or not. They outrank every rule and outlive every re-harvest.

A pin is on records, never on clusters, so it holds whatever becomes of clusters; while one of its records is deleted it rests.
Pinning only marks both records for matching: `normalise.match.run.match_due` draws the conclusion, as the one writer of clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import psycopg

from schemas.db import Sql
from schemas.errors import WenlanError

SQL = Sql("normalise", "pins.sql")

Verdict = Literal["same", "different"]


class Pin(msgspec.Struct):
    """A verdict in force. `a` < `b` are record ids, `at` ISO 8601."""

    id: int
    a: int
    b: int
    verdict: Verdict
    who: str
    why: str
    at: str


def pin(connection: psycopg.Connection[Any], a: int, b: int, verdict: Verdict, who: str, why: str = "") -> int:
    """Say that two records are the same edition, or are not; an earlier verdict on the pair is revoked. Returns the pin's id."""
    pair = _pair(a, b)
    with connection.transaction():
        row = connection.execute(SQL["known"], pair).fetchone()
        if row is None or row[0] != 2:
            raise WenlanError(
                "pin-record-unknown",
                "没有编号为 {a} 或 {b} 的记录。请用记录页上的编号。",
                "There is no record {a} or {b}. Use the ids shown on the record page.",
                **pair,
            )
        connection.execute(SQL["retire"], {**pair, "who": who})
        found = connection.execute(SQL["add"], {**pair, "verdict": verdict, "who": who, "why": why}).fetchone()
        connection.execute(SQL["due"], pair)
    return int(found[0]) if found else 0


def revoke(connection: psycopg.Connection[Any], a: int, b: int, who: str) -> bool:
    """Take back the verdict on a pair; the rules decide again. False where none stood."""
    pair = _pair(a, b)
    with connection.transaction():
        retired = connection.execute(SQL["retire"], {**pair, "who": who}).rowcount
        if retired:
            connection.execute(SQL["due"], pair)
    return retired > 0


def pins_of(connection: psycopg.Connection[Any], record_ids: Sequence[int]) -> list[Pin]:
    """The verdicts in force on these records, oldest first."""
    rows = connection.execute(SQL["list"], {"ids": list(record_ids)})
    return [Pin(id, a, b, verdict, who, why, at.isoformat()) for id, a, b, verdict, who, why, at in rows]


def _pair(a: int, b: int) -> dict[str, int]:
    if a == b:
        raise WenlanError("pin-one-record", "两个编号是同一条记录（{a}）。", "Both ids are the same record ({a}).", a=a)
    return {"a": min(a, b), "b": max(a, b)}

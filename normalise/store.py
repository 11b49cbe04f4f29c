"""The rows that describing a batch of records makes, and how they get into the database: binary COPY, a few statements a batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import psycopg

from schemas.db import Sql

SQL = Sql("normalise", "records.sql")

_encode = msgspec.json.Encoder().encode
_ESCAPE = re.compile(rb"\\(u0000|.)", re.DOTALL)
_MOST = 2**31 - 1  # of a column of type integer


class Batch:
    """The rows of one transaction, split by table."""

    def __init__(self) -> None:
        self.records: list[tuple[Any, ...]] = []
        self.holdings: list[tuple[Any, ...]] = []
        self.keys: list[int] = []
        self.key_records: list[int] = []  # beside `keys`: whose key it is
        self.quarantine: list[tuple[int, str, bytes]] = []


def as_json(value: object) -> bytes:
    """JSON without NUL characters, which PostgreSQL cannot hold in a jsonb."""
    data = _encode(value)
    if b"\\u0000" in data:
        data = _ESCAPE.sub(lambda found: b"" if found[1] == b"u0000" else found[0], data)
    return data


def as_jsonb(value: object) -> bytes:
    """What a column of type jsonb receives in binary form: version 1, then the text."""
    return b"\x01" + as_json(value)


def bounded(count: int) -> int:
    """A number of copies as the database holds it; what people type into their systems has no bounds."""
    return max(-_MOST, min(_MOST, count))


# bytea stands for json and jsonb: bytes are passed on as they are
_RECORD = "id, raw_seq, member, source, local_id, status, visibility, schema, bib, feature, findings"
_RECORD_TYPES = ("int8", "int8", "text", "text", "text", "text", "text", "text", "bytea", "bytea", "bytea")
_HOLDING = "record_id, member, visibility, copies, available, body"
_HOLDING_TYPES = ("int8", "text", "text", "int4", "int4", "bytea")
_KEYS = np.dtype(
    [("fields", ">i2"), ("size1", ">i4"), ("key", ">i8"), ("size2", ">i4"), ("record", ">i8")]
)  # of match_key in COPY BINARY
_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def store(connection: psycopg.Connection[Any], batch: Batch, known: set[int]) -> None:
    """Write a batch; `known` are the ids that have a row in `record` already. A record that became unreadable keeps its last row."""
    bad = {row[0] for row in batch.quarantine}
    kept = list(bad & known)
    replaced = [row for row in batch.records if row[0] in known and row[0] not in bad]
    if kept:
        connection.execute(SQL["forget_quarantine"], {"ids": kept})
        connection.execute(SQL["keep_last_good"], {"ids": kept})
    if replaced:
        connection.execute(SQL["forget"], {"ids": [row[0] for row in replaced]})
        connection.execute(SQL["stage"])
        _copy(connection, f"incoming_record ({_RECORD})", _RECORD_TYPES, replaced)
        connection.execute(SQL["replace"])
    fresh = [row for row in batch.records if row[0] not in known] if known else batch.records
    _copy(connection, f"record ({_RECORD})", _RECORD_TYPES, fresh)
    _copy(connection, f"holding ({_HOLDING})", _HOLDING_TYPES, batch.holdings)
    _copy_keys(connection, batch)
    _copy(connection, "quarantine (record_id, code, args)", ("int8", "text", "bytea"), batch.quarantine)


def _copy(
    connection: psycopg.Connection[Any], target: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(f"copy {target} from stdin (format binary)") as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _copy_keys(connection: psycopg.Connection[Any], batch: Batch) -> None:
    """Several keys a record: the most rows by far, so they are laid out as a whole."""
    if not batch.keys:
        return
    rows = np.empty(len(batch.keys), _KEYS)
    rows["fields"], rows["size1"], rows["size2"] = 2, 8, 8
    rows["key"], rows["record"] = batch.keys, batch.key_records
    with connection.cursor() as cursor, cursor.copy(SQL["copy_keys"]) as copy:
        copy.write(_HEAD + rows.tobytes() + _TAIL)

"""Describing the same records from several processes at a time: each is there once, with its holdings and keys."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from harvesters.files import open_file
from normalise.records import Rules, normalise, waiting
from schemas.db import Database
from schemas.settings import CHECKOUT

TABLE = "id,书号,书名,著者,出版社,出版年,馆藏地\n" + "".join(
    f"{n},,第{n}种书,某甲,某社,1999,总馆\n" for n in range(300)
)


@pytest.fixture
def received(database: Database) -> list[int]:
    import io

    with database.connect(autocommit=True) as connection:
        for raw in open_file(io.BytesIO(TABLE.encode()), name="t.csv"):
            connection.execute(
                "insert into raw_record (member, source, local_id, container, bytes, hash, window_id) values ('whbk', 'main', %s, %s, %s, '', 0)",
                (raw.local_id, raw.container, raw.bytes),
            )
        return waiting(connection)


def counts(database: Database) -> tuple[Any, ...]:
    with database.connect() as connection:
        row = connection.execute(
            "select (select count(*) from record), (select count(*) from holding), (select count(*) from match_key),"
            " (select count(*) from (select distinct key, record_id from match_key) as k)"
        ).fetchone()
    assert row is not None
    return row


def test_two_at_once(database: Database, received: list[int]) -> None:
    rules = Rules.load(CHECKOUT / "config")
    failures: list[Exception] = []

    def work(ids: list[int]) -> None:
        try:
            with psycopg.connect(database.url) as connection:
                for start in range(0, len(ids), 100):
                    normalise(connection, ids[start : start + 100], rules)
                    connection.commit()
        except Exception as error:
            failures.append(error)

    for again in range(3):  # new records first, then ones that are there
        threads = [
            threading.Thread(target=work, args=(ids,)) for ids in (received, received[50:] + received[:50], received)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, again
        records, holdings, keys, distinct = counts(database)
        assert records == 300 and keys == distinct
        assert holdings in (0, 300)

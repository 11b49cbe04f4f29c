"""The tables of the job queue: procrastinate's own SQL, applied like ours, once, and again where a newer version brings more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager

_PREFIX = "procrastinate/"


def migrate_jobs(connection: psycopg.Connection[Any], done: dict[str, str]) -> list[str]:
    """Apply what is missing, within the caller's lock and transaction. `done`: names of the migrations that were applied."""
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    missing = [file for file in files if _PREFIX + file.name not in done]
    if len(missing) == len(files):
        connection.execute(SchemaManager.get_schema())  # the newest tables; the steps towards them are done with
    else:
        for file in missing:
            connection.execute(file.read_text(encoding="utf-8"))
    for file in missing:
        connection.execute("insert into migration (name, hash) values (%s, '')", (_PREFIX + file.name,))
    return [_PREFIX + file.name for file in missing]

"""One database a module, emptied before each test: quicker than a new one each time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from schemas.db import Database

_EMPTY = """
truncate raw_record, raw_version, harvest_window, harvest_file, harvest_met, procrastinate_jobs, procrastinate_workers,
    procrastinate_events, procrastinate_periodic_defers restart identity cascade
"""


@pytest.fixture(scope="module")
def module_database(server_url: str) -> Iterator[Database]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = server_url.replace("/wenlan?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template wenlan strategy file_copy")
    opened = Database(server_url.replace("/wenlan?", f"/{name}?"))
    yield opened
    opened.close()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def database(module_database: Database) -> Database:
    with module_database.connect() as connection:
        connection.execute(_EMPTY)
    return module_database

"""What many tests share: a real PostgreSQL, a fresh database a test, the shared real records, the Debian programs."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from schemas.db import Database
from schemas.db.embedded import EmbeddedServer
from schemas.db.migrate import migrate
from schemas.settings import CHECKOUT, Settings

PACKAGE_OF = {
    "yaz-client": "yaz",
    "yaz-ztest": "yaz",
    "zebrasrv": "idzebra-2.0",
    "zebraidx": "idzebra-2.0",
    "chromium": "chromium fonts-noto-cjk",
}


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL for the run, with a migrated template database `wenlan`."""
    server = EmbeddedServer(tmp_path_factory.mktemp("postgres"))
    url = server.join()
    with psycopg.connect(url) as connection:
        migrate(connection)
    yield url
    server.leave()


@pytest.fixture
def database(server_url: str) -> Iterator[Database]:
    """A fresh, migrated database of the test's own."""
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
def settings(tmp_path: Path, database: Database) -> Settings:
    """Settings with a home of the test's own, on the test's database, with the shipped configuration."""
    from pydantic import SecretStr

    return Settings(home=tmp_path / "home", database_url=SecretStr(database.url))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records that stands beside a developer's checkout; a user's clone has none."""
    folder = Path(os.environ.get("WENLAN_SHARED_DATA", CHECKOUT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no shared real records beside this checkout")
    return folder


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The path of a program from a Debian package; skips with the apt line where it is missing."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"missing package: apt-get install {PACKAGE_OF[name]}")
        return path

    return find

"""One way to a connection: a server named in the settings, or the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from schemas.db.embedded import EmbeddedServer
from schemas.db.migrate import migrate
from schemas.errors import WenlanError
from schemas.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]


class Database:
    """An open database. `url` can be handed to worker processes; it holds a password, so never log it."""

    def __init__(self, url: str, server: EmbeddedServer | None = None) -> None:
        self.url = url
        self._server = server
        self._pool: ConnectionPool[Connection] | None = None
        self._opening = Lock()

    @property
    def pool(self) -> ConnectionPool[Connection]:
        """Opened at first use; for threads of the web server. Batch work takes a connection of its own."""
        with self._opening:
            if self._pool is None:
                self._pool = ConnectionPool(self.url, min_size=1, max_size=10, open=True, name="wenlan")
            return self._pool

    @contextmanager
    def connect(self, *, autocommit: bool = False) -> Iterator[Connection]:
        """A connection of its own: committed when the block ends well, rolled back when it raises, closed either way."""
        try:
            connection = psycopg.connect(self.url, autocommit=autocommit, application_name="wenlan")
        except psycopg.OperationalError as error:
            raise WenlanError(
                "database-unreachable",
                "连接不上数据库（{why}）。请检查 WENLAN_DATABASE_URL 与数据库服务。",
                "The database cannot be reached ({why}). Check WENLAN_DATABASE_URL and the server.",
                why=type(error).__name__,
            ) from None
        with connection:
            yield connection

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None
        if self._server is not None:
            self._server.leave()
            self._server = None

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(settings: Settings) -> Database:
    """Open the database the settings name, starting the embedded server where none is named, and bring its tables up to date."""
    if settings.database_url is not None:
        database = Database(settings.database_url.get_secret_value())
    else:
        server = EmbeddedServer(settings.home / "postgres")
        database = Database(server.join(), server)
    try:
        with database.connect() as connection:
            migrate(connection)
    except BaseException:
        database.close()
        raise
    return database

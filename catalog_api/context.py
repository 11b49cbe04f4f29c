"""What the web server, the command line and the worker are built on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from catalog_api.search import open_engine
from catalog_api.search.port import SearchEngine
from schemas.db import Database, open_database
from schemas.member import Member, read_members
from schemas.settings import Settings


@dataclass
class Context:
    """`app.state.wenlan` of the web application. Whoever made it closes it."""

    settings: Settings
    database: Database
    engine: SearchEngine
    members: Mapping[str, Member]

    def close(self) -> None:
        self.engine.close()
        self.database.close()


@contextmanager
def open_context(settings: Settings) -> Iterator[Context]:
    """Read the members, open the database and the search engine; close them when the block ends."""
    members = read_members(settings.members_dir)
    engine = open_engine(settings, members)
    context = Context(settings, open_database(settings), engine, members)
    try:
        yield context
    finally:
        context.close()

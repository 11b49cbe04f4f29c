"""What a window brought, file by file."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.db import Sql
from schemas.db.connect import Connection
from schemas.raw import LoadCounts

_SQL = Sql("harvesters", "counts.sql")


def window_counts(connection: Connection, window: int) -> list[LoadCounts]:
    """Counts of each file of a window, by name."""
    rows = connection.execute(_SQL["counts"], {"window": window})
    return [LoadCounts(*row) for row in rows]


def met_ids(connection: Connection, window: int) -> Iterator[tuple[str, list[int]]]:
    """Which records the files of a source's last window held: (file, raw ids), several a file; a repeat is not met twice."""
    yield from connection.execute(_SQL["met_by_file"], {"window": window}).fetchall()


def note_quarantined(connection: Connection, window: int, counts: dict[str, int]) -> None:
    """Set how many of the records read from each file cannot be read as a record."""
    for name, count in counts.items():
        connection.execute(_SQL["note_quarantined"], {"window": window, "name": name, "count": count})

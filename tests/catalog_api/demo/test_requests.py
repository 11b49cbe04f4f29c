"""The requests a demonstration begins with, on a small catalogue of the same libraries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog_api.context import Context
from catalog_api.demo.requests import begin_requests, wishes
from catalog_api.demo.run import enrol
from catalog_api.search import open_engine
from ill import table, worklist
from schemas.db import Database
from schemas.holding import Holding, Item
from schemas.member import read_members
from schemas.settings import Settings

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture
def context(database: Database, settings: Settings, catalogue: Any, make_book: Callable[..., Any]) -> Iterator[Context]:
    """Every supplier has books that no other lender has, so that it is asked first."""
    members = read_members(settings.members_dir)
    for code in sorted({w.supplier for w in wishes()}):
        for number in range(14):
            held = Holding(code, copies=1, items=[Item(barcode=f"{code}-{number}", status="available")])
            catalogue.put(make_book(f"{code}之书{number}", f"某{number}"), [held], members=[code, "szgj"])
    found = Context(settings, database, open_engine(settings, members), members)
    enrol(found)
    yield found
    found.engine.close()


def test_every_action_written_down_exists() -> None:
    known = table.load().action
    for wish in wishes():
        assert {step[0] for step in wish.steps} <= known.keys()


def test_work_lists_have_something_of_everything_and_a_second_run_adds_nothing(context: Context) -> None:
    placed = begin_requests(context, now=NOW)
    assert placed == len(wishes())
    with context.database.connect() as connection:
        states = Counter(row[0] for row in connection.execute("select state from request").fetchall())
        borrowing = worklist.borrowing(connection, "htcl")
        lending = worklist.lending(connection, "zjsl")
        slips = worklist.lending(connection, "zjsl", state="will_supply")
        barcodes = connection.execute("select barcode from loan").fetchall()
    wanted = {"asked", "expecting", "will_supply", "cancelling", "shipped", "received", "on_loan", "overdue", "reader_returned", "unfilled", "delivered"}  # fmt: skip
    assert wanted == states.keys()
    assert borrowing.attention >= 3 and lending.attention >= 3 and slips.rows
    assert all(row[0] for row in barcodes)
    assert begin_requests(context, now=NOW) == 0


def test_where_nothing_fits_nothing_is_placed(database: Database, settings: Settings) -> None:
    members = read_members(settings.members_dir)
    context = Context(settings, database, open_engine(settings, members), members)
    assert begin_requests(context, now=NOW) == 0
    context.engine.close()

"""The state table as data: complete, consistent, and refused at load when it is not."""

from __future__ import annotations

import re
from importlib import resources

import msgspec
import pytest

from ill import machine, table

TEXT = resources.files("ill").joinpath("states.toml").read_text(encoding="utf-8")


def test_the_table_that_ships_is_without_fault() -> None:
    assert list(table.faults(table.load())) == []
    assert list(machine.contradictions()) == []


def test_every_open_state_has_a_step_or_a_timer_and_every_state_two_names() -> None:
    tables = table.load()
    for name in table.TABLES:
        for key, state in tables.table(name).state.items():
            assert re.search("[\u4e00-\u9fff]", state.zh), key
            assert state.en.isascii() or "“" in state.en, key
            assert state.closing or state.on, key


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        ('on = { route = "routed" }', 'on = { route = "nowhere" }', "request.placed goes to nowhere on route"),
        ('on = { ask = "asked", exhaust = "unfilled" }', "on = {}", "request.routed is open, but nothing leads out"),
        ('zh = "同意提供"', 'zh = ""', "action.answer_yes has no name"),
        ('give_up = "unfilled_closed", ', "", "request.unfilled_closed is never reached"),
        ('guards = ["is_loan"]', 'guards = ["is_lone"]', "guarded by is_lone, which is not defined"),
        ('timer = "collect"', 'timer = "tea"', "runs the timer tea"),
        ('fields = ["reason!"]', 'fields = ["excuse!"]', "asks for excuse"),
        ('place = "pickup"\n', "", "loan.at_pickup does not say where the copy is"),
        ("[request.state.closed]", "[request.state.shut]", "goes to closed on check_in"),
    ],
)
def test_a_broken_table_does_not_load(change: str, to: str, said: str) -> None:
    assert change in TEXT
    with pytest.raises(table.TableFault, match=re.escape(said)):
        table.parse(TEXT.replace(change, to, 1))


def test_an_unknown_word_does_not_load() -> None:
    with pytest.raises(msgspec.ValidationError):
        table.parse(TEXT.replace('side = "broker"', 'side = "butcher"', 1))


def test_halves_that_disagree_are_found() -> None:
    """The request could be received while the loan could not."""
    broken = TEXT.replace('on = { receive = "at_pickup", report_lost = "lost", misrouted = "strayed" }', 'on = { report_lost = "lost", misrouted = "strayed" }', 1)  # fmt: skip
    said = list(machine.contradictions(table.parse(broken)))
    assert any("request offers receive, but another table refuses it" in s for s in said)


def test_statuses_and_actions_are_those_of_iso_18626() -> None:
    tables = table.load()
    statuses = {s.iso_status for name in table.TABLES for s in tables.table(name).state.values()} - {""}
    assert statuses <= {
        "RequestReceived", "ExpectToSupply", "WillSupply", "Loaned", "Overdue", "Recalled", "RetryPossible", "Unfilled",
        "CopyCompleted", "LoanCompleted", "CompletedWithoutReturn", "Cancelled",
    }  # fmt: skip
    assert {a.iso_action for a in tables.action.values()} - {""} <= {
        "StatusRequest", "Received", "Cancel", "Renew", "ShippedReturn", "ShippedForward", "Notification", "HoldReturn", "Lost",
    }  # fmt: skip
    assert all(s.iso_status for s in tables.attempt.state.values())

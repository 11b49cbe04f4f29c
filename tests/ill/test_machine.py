"""The pure machine under any order of actions, by anybody, legal or not."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ill import machine, table
from ill.machine import Event, State

ACTIONS = sorted(table.load().action)
WHO = ["requester", "pickup", "holder", "supplier", "reader", "anyone", "system"]
FACTS = ["is_loan", "is_copy", "rota_left", "renewals_left", "at_owner", "away"]
REACHABLE = machine.reachable()


class AnyOrder(RuleBasedStateMachine):
    """Whatever is tried, the request stays in a state the table knows, and a refusal changes nothing."""

    @initialize()
    def begin(self) -> None:
        self.state = machine.INITIAL
        self.loans = 0

    @rule(
        action=st.sampled_from([*ACTIONS, "teleport"]),
        who=st.frozensets(st.sampled_from(WHO), max_size=4),
        facts=st.frozensets(st.sampled_from(FACTS)),
    )
    def attempt(self, action: str, who: frozenset[str], facts: frozenset[str]) -> None:
        before = self.state
        try:
            after, effects = machine.apply(before, Event(action, who, facts))  # type: ignore[arg-type]
        except machine.Refused as refused:
            assert refused.text.zh
            assert refused.text.en
            return
        again = machine.apply(before, Event(action, who, facts))  # type: ignore[arg-type]
        assert again == (after, effects)
        assert "system" in who or who & set(table.load().action[action].who)
        assert len(effects) == len(set(effects))
        starts = [e for e in effects if e.kind == "start" and e.value == "loan"]
        self.loans += len(starts)
        self.state = after

    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """A step that is legal, so that far states are met as well."""
        if REACHABLE[self.state]:
            _, after = data.draw(st.sampled_from(REACHABLE[self.state]))
            self.loans += after.loan != "" and self.state.loan == ""
            self.state = after

    @invariant()
    def is_known(self) -> None:
        assert self.state in REACHABLE

    @invariant()
    def lent_once(self) -> None:
        assert self.loans <= 1

    @invariant()
    def goes_on_or_is_closed(self) -> None:
        assert machine.is_closed(self.state) == (not REACHABLE[self.state])
        if machine.is_closed(self.state):
            assert machine.timer_of(self.state) == ""


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyOrder = AnyOrder.TestCase


def test_the_primary_action_is_offered_first_and_only_to_whom_it_belongs() -> None:
    asked = State("asked", "asked")
    supplier = machine.actions(asked, frozenset({"supplier", "anyone"}), frozenset({"is_loan"}), "supplier")
    assert supplier[0] == "answer_yes"
    requester = machine.actions(asked, frozenset({"requester", "anyone"}), frozenset({"is_loan"}))
    assert machine.primary(asked, requester) == ""
    assert "cancel" in requester
    copies = machine.actions(
        State("will_supply", "will_supply"), frozenset({"supplier"}), frozenset({"is_copy"}), "supplier"
    )
    assert copies[0] == "deliver"


def test_automatic_states_go_on_by_themselves() -> None:
    assert machine.next_automatic(State("placed"), frozenset()) == "route"
    assert machine.next_automatic(State("routed"), frozenset({"rota_left"})) == "ask"
    assert machine.next_automatic(State("routed"), frozenset()) == "exhaust"
    assert machine.next_automatic(State("asked", "asked"), frozenset()) == ""


def test_a_supplier_hears_only_of_what_concerns_it() -> None:
    _, effects = machine.apply(State("unfilled", "passed_over"), Event("cancel", frozenset({"requester"})))
    assert ("tell", "supplier") not in [(e.kind, e.value) for e in effects]
    _, effects = machine.apply(State("asked", "asked"), Event("cancel", frozenset({"requester"})))
    assert ("tell", "supplier") in [(e.kind, e.value) for e in effects]

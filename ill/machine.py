"""The pure machine of lending: what an action does to a request, its supplier attempt and its loan.

`apply(state, event) -> (state, effects)` touches no clock, network or database. The three tables move together: an action is legal only
when every table it names accepts it, so that no half of a request can run ahead of the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import combinations
from typing import Literal

import msgspec

from ill import table
from ill.table import TABLES, Action, TableName, Tables, Who
from schemas.errors import WenlanError
from schemas.request import Side
from schemas.text import Text

Fact = Literal["is_loan", "is_copy", "rota_left", "renewals_left", "at_owner", "away"]


class State(msgspec.Struct, frozen=True):
    """Where a request stands. `attempt` and `loan` are empty before the first one; a closed attempt stays until the next begins."""

    request: str
    attempt: str = ""
    loan: str = ""

    def of(self, name: TableName) -> str:
        return {"request": self.request, "attempt": self.attempt, "loan": self.loan}[name]


class Event(msgspec.Struct, frozen=True):
    """An action, in which capacities the actor comes (`who` of the table), and the facts that guards ask about."""

    action: str
    who: frozenset[Who]
    facts: frozenset[str] = frozenset()


class Effect(msgspec.Struct, frozen=True):
    """What the command carries out: `start`, `move` or `end` a table's row, `tell` a side, `timer` with its name ("" stops it)."""

    kind: Literal["start", "move", "end", "tell", "timer"]
    value: str


class Refused(WenlanError):
    """The action cannot be done: not now, not by this person, or for the reason a guard gives."""


INITIAL = State(request=table.load().request.initial)


def apply(state: State, event: Event, tables: Tables | None = None) -> tuple[State, list[Effect]]:
    """The state after the event and what has to be done about it. Raises Refused, with the reason in both languages."""
    tables = tables or table.load()
    action = tables.action.get(event.action)
    if action is None:
        raise Refused(
            "action-unknown", "没有“{action}”这个操作", "There is no action “{action}”", action=event.action[:40]
        )
    targets = _targets(tables, state, event, action)
    if isinstance(targets, Text):
        raise Refused("action-refused", targets.zh.replace("{", "{{"), targets.en.replace("{", "{{"))
    if not permitted(event.who, action):
        raise Refused(
            "action-not-yours",
            "“{zh}”不由您所在的图书馆或您的角色办理",
            "“{en}” is not for your library or your role",
            zh=action.zh,
            en=action.en,
        )
    after = State(**{name: targets.get(name, state.of(name)) for name in TABLES})
    return after, _effects(tables, state, after, action, targets)


def permitted(who: frozenset[Who], action: Action) -> bool:
    return "system" in who or bool(who & set(action.who))


def _targets(tables: Tables, state: State, event: Event, action: Action) -> dict[TableName, str] | Text:
    """The states the tables move to, or the reason why they do not."""
    if is_closed(state, tables):
        return Text("此请求已经结束，不能再办理", "This request is closed; nothing more can be done")
    targets: dict[TableName, str] = {}
    for name in (*action.moves, *action.also):
        current = state.of(name)
        ways = tables.state(name, current).transitions(event.action) if current else []
        way = next((w for w in ways if event.facts.issuperset(w.when)), None)
        if way is not None:
            targets[name] = way.to
        elif name in action.moves:
            return _reason(tables, state, action, [g for w in ways for g in w.when if g not in event.facts])
    missing = [g for g in action.guards if g not in event.facts]
    if missing:
        return _reason(tables, state, action, missing)
    for name in action.starts:
        current = state.of(name)
        if current and (name == "loan" or not tables.state(name, current).closing):
            return _reason(tables, state, action, [])
        targets[name] = tables.table(name).initial
    return targets


def _reason(tables: Tables, state: State, action: Action, guards: list[str]) -> Text:
    if guards:
        return tables.guard[guards[0]].text
    now = tables.state("request", state.request)
    return Text(f"请求现为“{now.zh}”，不能{action.zh}", f"The request is now “{now.en}”; “{action.en}” is not possible")


def _effects(
    tables: Tables, before: State, after: State, action: Action, targets: dict[TableName, str]
) -> list[Effect]:
    effects = []
    for name in targets:
        if tables.state(name, after.of(name)).closing:
            effects.append(Effect("end", name))
        else:
            effects.append(Effect("start" if name in action.starts else "move", name))
    told = [side for side in action.tell if side != "supplier" or is_asked(before, tables) or "attempt" in targets]
    effects += [Effect("tell", side) for side in told]
    if targets:
        effects.append(Effect("timer", timer_of(after, tables)))
    return effects


def is_closed(state: State, tables: Tables | None = None) -> bool:
    return (tables or table.load()).state("request", state.request).closing


def is_asked(state: State, tables: Tables | None = None) -> bool:
    """Whether a supplier is at work on it."""
    return bool(state.attempt) and not (tables or table.load()).state("attempt", state.attempt).closing


def timer_of(state: State, tables: Tables | None = None) -> str:
    """The one timer that runs in a state; "" for none. No reachable state has two (`contradictions` would say so)."""
    return next(iter(_timers(state, tables or table.load())), "")


def _timers(state: State, tables: Tables) -> list[str]:
    found = (tables.state(name, state.of(name)).timer for name in TABLES if state.of(name))
    return [timer for timer in found if timer]


def actions(
    state: State, who: frozenset[Who], facts: frozenset[str] = frozenset(), side: Side = "requester"
) -> list[str]:
    """What somebody may do now, the primary action first where there is one (`primary` tells it)."""
    tables = table.load()
    found = [
        name
        for name, action in tables.action.items()
        if permitted(who, action) and isinstance(_targets(tables, state, Event(name, who, facts), action), dict)
    ]
    first = primary(state, found, side)
    return sorted(found, key=lambda name: name != first)


def primary(state: State, possible: list[str], side: Side = "requester") -> str:
    """The action to offer first to that side, out of those possible; "" where the next step is somebody else's."""
    tables = table.load()
    order: tuple[TableName, ...] = ("attempt", "loan", "request") if side == "supplier" else ("request", "loan")
    wanted = [a for name in order if state.of(name) for a in tables.state(name, state.of(name)).primary]
    return next((a for a in wanted if a in possible), "")


def next_automatic(state: State, facts: frozenset[str]) -> str:
    """What the system does at once in an automatic state, in the order of the table; "" where people or timers go on."""
    tables = table.load()
    current = tables.state("request", state.request)
    if not current.automatic:
        return ""
    system: frozenset[Who] = frozenset({"system"})
    return next((a for a in current.on if not isinstance(_targets(tables, state, Event(a, system, facts), tables.action[a]), Text)), "")  # fmt: skip


# ------------------------------------------------------------------------------------------------------ the product of the three tables


def reachable(tables: Tables | None = None) -> dict[State, list[tuple[str, State]]]:
    """Every state the three tables can be in together, with what leads on from it, whatever the facts are."""
    tables = tables or table.load()
    system: frozenset[Who] = frozenset({"system"})
    start = State(request=tables.request.initial)
    found: dict[State, list[tuple[str, State]]] = {}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        if state in found:
            continue
        found[state] = []
        for name, action in tables.action.items():
            for facts in _all_facts(tables):
                targets = _targets(tables, state, Event(name, system, facts), action)
                if isinstance(targets, dict) and targets:
                    after = State(**{n: targets.get(n, state.of(n)) for n in TABLES})
                    if (name, after) not in found[state]:
                        found[state].append((name, after))
                        waiting.append(after)
    return found


def _all_facts(tables: Tables) -> list[frozenset[str]]:
    names = sorted(tables.guard)
    return [frozenset(c) for size in range(len(names) + 1) for c in combinations(names, size)]


def contradictions(tables: Tables | None = None) -> Iterator[str]:
    """What is wrong with the tables taken together, a sentence each. Empty for the table that ships."""
    tables = tables or table.load()
    for state, ways in reachable(tables).items():
        closed = is_closed(state, tables)
        if not closed and not ways:
            yield f"{state} is open and nothing leads out of it"
        if closed and (is_asked(state, tables) or (state.loan and not tables.state("loan", state.loan).closing)):
            yield f"{state} is closed while a supplier or a copy is still out"
        if len(_timers(state, tables)) > 1:
            yield f"{state} has more than one timer"
        legal = {name for name, _ in ways}
        for name in TABLES:
            if state.of(name):
                for action in tables.state(name, state.of(name)).on:
                    if action not in legal and name in tables.action[action].moves:
                        yield f"{state}: {name} offers {action}, but another table refuses it"

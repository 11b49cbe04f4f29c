"""The state tables of lending as data: their shape, and the faults that refuse to load.

`ill/states.toml` says which states there are, who acts in them and where each action leads. `load` reads it once; `faults` names what is
wrong with a table in sentences that its author can act on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any, Literal

import msgspec

from schemas.request import Side
from schemas.text import Text

TableName = Literal["request", "attempt", "loan"]
Who = Literal["requester", "pickup", "holder", "supplier", "reader", "anyone", "system"]
Place = Literal["", "transit", "pickup", "actor", "reader", "owner", "nowhere"]
TABLES: tuple[TableName, ...] = ("request", "attempt", "loan")


class _Row(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    zh: str
    en: str

    @property
    def text(self) -> Text:
        return Text(self.zh, self.en)


class Guard(_Row, frozen=True):
    """A fact that must hold; the text says why the action is refused where it does not."""


class Choice(_Row, frozen=True):
    iso: str = ""


class Field(_Row, frozen=True):
    """Something an action's form asks for. With `choices` only their keys are accepted."""

    choices: dict[str, Choice] = {}
    kind: Literal["text", "url", "date"] = "text"


class Named(_Row, frozen=True):
    """An entry of the history that is no action: the placing itself."""


class Timer(_Row, frozen=True):
    action: str


class Action(_Row, frozen=True):
    """What can happen. `fields` as in the file: a trailing "!" marks one that must be given."""

    who: list[Who]
    moves: list[TableName]
    also: list[TableName] = []
    starts: list[TableName] = []
    guards: list[str] = []
    fields: list[str] = []
    tell: list[Side] = []
    danger: bool = False
    iso_action: str = ""
    iso_reason: str = ""


class Transition(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    to: str
    when: list[str] = []


class State(_Row, frozen=True):
    side: Side
    attention: bool = False
    automatic: bool = False
    closing: bool = False
    primary: list[str] = []
    timer: str = ""
    place: Place = ""
    iso_status: str = ""
    on: dict[str, str | list[Transition]] = {}

    def transitions(self, action: str) -> list[Transition]:
        found = self.on.get(action, [])
        return [Transition(found)] if isinstance(found, str) else found


class StateTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    initial: str
    state: dict[str, State]


class Tables(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All of `ill/states.toml`."""

    guard: dict[str, Guard]
    field: dict[str, Field]
    event: dict[str, Named]
    timer: dict[str, Timer]
    action: dict[str, Action]
    request: StateTable
    attempt: StateTable
    loan: StateTable

    def table(self, name: TableName) -> StateTable:
        return {"request": self.request, "attempt": self.attempt, "loan": self.loan}[name]

    def state(self, table: TableName, name: str) -> State:
        return self.table(table).state[name]


class TableFault(ValueError):
    """The table cannot be used; the message lists every fault."""


def parse(text: str) -> Tables:
    """Raises TableFault when the table is not consistent, msgspec.ValidationError when a word in it is unknown."""
    raw: dict[str, Any] = tomllib.loads(text)
    tables = msgspec.convert(raw, Tables)
    found = list(faults(tables))
    if found:
        raise TableFault("\n".join(found))
    return tables


@cache
def load() -> Tables:
    return parse(resources.files("ill").joinpath("states.toml").read_text(encoding="utf-8"))


def faults(tables: Tables) -> Iterator[str]:
    """One sentence a fault: a name missing, a transition to nowhere, an action unused, a state nobody reaches or leaves."""
    yield from _nameless(tables)
    yield from _actions(tables)
    for name in TABLES:
        yield from _states(tables, name)


def _nameless(tables: Tables) -> Iterator[str]:
    groups: list[tuple[str, dict[str, Any]]] = [
        ("guard", dict(tables.guard)),
        ("field", dict(tables.field)),
        ("event", dict(tables.event)),
        ("timer", dict(tables.timer)),
        ("action", dict(tables.action)),
        *((f"{t}.state", dict(tables.table(t).state)) for t in TABLES),
    ]
    for group, rows in groups:
        for name, row in rows.items():
            if not row.zh.strip() or not row.en.strip():
                yield f"{group}.{name} has no name in one of the languages"


def _actions(tables: Tables) -> Iterator[str]:
    for name, action in tables.action.items():
        for table in (*action.moves, *action.also):
            if not any(name in s.on for s in tables.table(table).state.values()):
                yield f"action.{name} says it moves {table}, but no state of {table} has it"
        for guard in action.guards:
            if guard not in tables.guard:
                yield f"action.{name} is guarded by {guard}, which is not defined"
        for field in action.fields:
            if field.removesuffix("!") not in tables.field:
                yield f"action.{name} asks for {field}, which is not defined"
    for name, timer in tables.timer.items():
        if timer.action not in tables.action:
            yield f"timer.{name} runs {timer.action}, which is not an action"


def _states(tables: Tables, name: TableName) -> Iterator[str]:
    table = tables.table(name)
    if table.initial not in table.state:
        yield f"{name}.initial is {table.initial}, which is not a state"
        return
    for key, state in table.state.items():
        yield from _state(tables, name, key, state)
    reached = {table.initial}
    waiting = [table.initial]
    while waiting:
        leads = {t.to for a in table.state[waiting.pop()].on for t in _of(table, a) if t.to in table.state}
        waiting += leads - reached
        reached |= leads
    for key in table.state.keys() - reached:
        yield f"{name}.{key} is never reached"
    ends = {k for k, s in table.state.items() if s.closing}
    while True:
        more = {k for k, s in table.state.items() if k not in ends and any(t.to in ends for t in _targets(s))}
        if not more:
            break
        ends |= more
    for key in table.state.keys() - ends:
        yield f"from {name}.{key} no closing state can be reached"


def _of(table: StateTable, action: str) -> list[Transition]:
    return list(chain.from_iterable(s.transitions(action) for s in table.state.values()))


def _targets(state: State) -> list[Transition]:
    return list(chain.from_iterable(state.transitions(a) for a in state.on))


def _state(tables: Tables, name: TableName, key: str, state: State) -> Iterator[str]:
    table = tables.table(name)
    where = f"{name}.{key}"
    if state.closing and state.on:
        yield f"{where} closes, but has actions"
    if not state.closing and not state.on:
        yield f"{where} is open, but nothing leads out of it"
    if state.timer and state.timer not in tables.timer:
        yield f"{where} runs the timer {state.timer}, which is not defined"
    elif state.timer and tables.timer[state.timer].action not in state.on:
        yield f"{where} runs the timer {state.timer}, but has no {tables.timer[state.timer].action}"
    for action in state.on:
        if action not in tables.action:
            yield f"{where} has {action}, which is not an action"
        elif name not in (*tables.action[action].moves, *tables.action[action].also):
            yield f"{where} has {action}, which does not say it moves {name}"
        for transition in state.transitions(action):
            if transition.to not in table.state:
                yield f"{where} goes to {transition.to} on {action}, which is not a state"
            for guard in transition.when:
                if guard not in tables.guard:
                    yield f"{where} guards {action} by {guard}, which is not defined"
    if name == "loan" and not state.place:
        yield f"{where} does not say where the copy is"

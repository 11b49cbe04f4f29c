"""Statements of responsibility: read from the facts, written in a library's manner."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from catalog_api.demo.generate.shape import Agent
from catalog_api.demo.generate.words import words

# Longest first: 总主编 before 主编 before 编.
ROLES: list[str] = sorted(words()["roles"], key=len, reverse=True)
_ROLE = re.compile(rf"(?P<names>.+?)(?P<role>{'|'.join(ROLES)})$")
_NAME = re.compile(
    r"(?P<corporate>@)?(?:\((?P<country>[^)]+)\))?(?P<name>[^\[\]{}]+?)(?:\[(?P<original>[^\]]+)\])?(?:\{(?P<dates>[^}]+)\})?"
)


@lru_cache(maxsize=4096)
def parse(statement: str) -> tuple[tuple[Agent, ...], bool]:
    """`(美)特南鲍姆[Andrew S. Tanenbaum]著；严伟、潘爱民译` to agents, and whether 等 stood behind a list.

    `；` parts the roles, `、` the names, `@` marks a body, `{}` holds dates. Western statements have no role: `by` of English books.
    """
    agents: list[Agent] = []
    etal = False
    for part in filter(None, statement.split("；")):
        match = _ROLE.match(part)
        names, role = (match["names"], match["role"]) if match else (part, "")
        if names.endswith("等"):
            names, etal = names[:-1], True
        for name in names.split("、"):
            found = _NAME.fullmatch(name.strip())
            if found is None:
                raise ValueError(f"not a name: {name!r} in {statement!r}")
            agents.append(
                Agent(
                    found["name"],
                    role,
                    found["country"] or "",
                    found["original"] or "",
                    found["dates"] or "",
                    bool(found["corporate"]),
                )
            )
    return tuple(agents), etal


def invert(original: str) -> str:
    """Andrew S. Tanenbaum to Tanenbaum, Andrew S.; names without a space stay."""
    given, _, family = original.rpartition(" ")
    return f"{family}, {given}" if (given and original.isascii()) or " " in original else original


BRACKETS = ("({})", "〔{}〕", "（{}）", "[{}]", "【{}】", "({}) ", "")
LONG_COUNTRY = {"美": "美国", "英": "英国", "法": "法国", "德": "德国", "日": "日本", "俄": "俄罗斯"}


def statement(agents: Iterable[Agent], etal: bool, bracket: int, comma: str = ", ") -> tuple[str, list[str]]:
    """First statement and the following ones ($f and $g of 200): names of one role joined, the role word behind them."""
    groups: list[tuple[str, list[str]]] = []
    for agent in agents:
        name = agent.name
        if agent.country:
            name = f"{BRACKETS[bracket].format(agent.country)}{name}" if bracket != 6 else name
        if groups and groups[-1][0] == agent.role:
            groups[-1][1].append(name)
        else:
            groups.append((agent.role, [name]))
    written = [f"{comma.join(names)}{role}" for role, names in groups]
    if etal and groups:
        role, names = groups[-1]
        written[-1] = f"{comma.join(names)}等{role}" if len(names) < 3 else f"{names[0]}等{role}"
    return (written[0] if written else ""), written[1:]

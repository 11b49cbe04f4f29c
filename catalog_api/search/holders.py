"""Who holds an edition, and what filters make of it: the library, its system, its city."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from normalise.text import compact
from schemas.member import Member


class Shelf(msgspec.Struct, frozen=True):
    """What a search document says of one holding."""

    member: str
    public: bool = True
    copies: int = 0
    available: int = 0
    call_number: str = ""
    location: str = ""
    online: bool = False


class Holders(msgspec.Struct, frozen=True):
    """What filters say of a set of libraries."""

    codes: list[str]
    systems: list[str]
    cities: list[str]


_known: dict[tuple[str, ...], tuple[Mapping[str, Member], Holders]] = {}  # few sets of libraries hold most editions
_MOST_KNOWN = 100_000


def holders(codes: tuple[str, ...], members: Mapping[str, Member]) -> Holders:
    found = _known.get(codes)
    if found is not None and found[0] is members:
        return found[1]
    there = [members[c] for c in codes if c in members]
    made = Holders(
        list(codes),
        sorted({m.system for m in there}),
        sorted({city_of(m) for m in there}),
    )
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[codes] = (members, made)
    return made


def libraries(name: str, members: Mapping[str, Member]) -> tuple[str, ...]:
    """Codes of the libraries that a reader means by a code, an ISIL or a name, whole or, failing that, a part of one."""
    wanted = compact(name)
    keys = {code: _names(member) for code, member in members.items()}
    whole = tuple(code for code, known in keys.items() if wanted in known)
    part = tuple(code for code, known in keys.items() if len(wanted) > 1 and any(wanted in key for key in known))
    return whole or part or (wanted,)


def _names(member: Member) -> list[str]:
    names = [member.code, member.isil, member.name.zh, member.name.en]
    names += [member.short.zh, member.short.en] if member.short else []
    return [compact(n) for n in names if n]


def city_of(member: Member) -> str:
    """The region code of a member's prefecture; the province where none is given."""
    return member.region[1] if len(member.region) > 1 else member.region[0]


def codes_of(members: list[str], shelves: list[Shelf], public: bool) -> tuple[str, ...]:
    return tuple(sorted({*members, *(s.member for s in shelves if s.public or not public)}))

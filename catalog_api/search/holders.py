"""Who holds an edition, and what filters make of it: the library, its system, its city."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from catalog_api.search.keys import library_key
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
    keys: list[str]  # what `馆:` finds them by: codes, names, ISIL
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
        list(dict.fromkeys(key for code in codes for key in _member_keys(code, members.get(code)))),
        sorted({m.system for m in there}),
        sorted({city_of(m) for m in there}),
    )
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[codes] = (members, made)
    return made


def _member_keys(code: str, member: Member | None) -> list[str]:
    names = [code]
    if member:
        names += [member.name.zh, member.name.en, member.isil]
        names += [member.short.zh, member.short.en] if member.short else []
    return [library_key(n) for n in names if n]


def city_of(member: Member) -> str:
    """The region code of a member's prefecture; the province where none is given."""
    return member.region[1] if len(member.region) > 1 else member.region[0]


def codes_of(members: list[str], shelves: list[Shelf], public: bool) -> tuple[str, ...]:
    return tuple(sorted({*members, *(s.member for s in shelves if s.public or not public)}))

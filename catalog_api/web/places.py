"""Where something stands, in words: a library's own code is left out, codes it has named are shown by their names."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.holding import Holding, Item
from schemas.member import Member
from schemas.text import Text


def place(holding: Holding, members: Mapping[str, Member]) -> Text:
    """Branch and shelving location. Empty where neither is known."""
    member = members.get(holding.member)
    parts = [part for part in (holding.branch, holding.location) if part and not _itself(part, member)]
    named = [_named(part, member) for part in dict.fromkeys(parts)]
    return Text(" · ".join(n.zh for n in named), " · ".join(n.en for n in named))


def designation(item: Item) -> str:
    """Year and volume, the year only where the volume does not say it."""
    return item.volume if item.year in item.volume else " ".join(p for p in (item.year, item.volume) if p)


def _itself(text: str, member: Member | None) -> bool:
    """Whether this is only the library's own code (852 $a, 905 $a)."""
    return member is not None and text.casefold() in {c.casefold() for c in (member.code, *member.library_codes)}


def _named(text: str, member: Member | None) -> Text:
    name = member.places.get(text) if member else None
    return Text(name.zh, name.en) if name else Text(text, text)

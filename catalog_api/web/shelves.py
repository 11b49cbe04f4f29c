"""馆藏分布: the holdings of a manifestation by library, the visitor's own first and the others by nearness."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catalog_api.web.description import web_address
from catalog_api.web.places import designation, place
from schemas.holding import Holding, Item
from schemas.member import Member
from schemas.text import Text


@dataclass(slots=True)
class Shelf:
    """One place of a library with its items; a holding without items has none and states its copies."""

    place: Text
    call_number: str
    href: str  # of an online holding; empty where the address is none of the web
    note: str
    staff_only: bool
    copies: int
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Library:
    code: str
    mine: bool
    shelves: list[Shelf] = field(default_factory=list)
    copies: int = 0
    available: int = 0
    online: bool = False

    @property
    def why(self) -> str:
        return why_not(item for shelf in self.shelves for item in shelf.items)

    @property
    def several(self) -> bool:
        """Whether a copy's number tells it from another."""
        return sum(len(shelf.items) for shelf in self.shelves) > 1


@dataclass(slots=True)
class Stock:
    """All of them together. `why`: what every copy is that nobody can borrow, where they are all the same."""

    libraries: list[Library]
    copies: int
    available: int
    online: bool
    why: str
    volumes: bool  # whether any copy has a volume, or a due date: columns nobody fills are not shown
    due: bool


def stock(holdings: Iterable[Holding], members: Mapping[str, Member], mine: str) -> Stock:
    found = libraries(holdings, members, mine)
    items = [item for lib in found for shelf in lib.shelves for item in shelf.items]
    return Stock(
        found,
        copies=sum(lib.copies for lib in found),
        available=sum(lib.available for lib in found),
        online=any(lib.online for lib in found),
        why=why_not(items),
        volumes=any(designation(item) for item in items),
        due=any(item.due for item in items),
    )


def why_not(items: Iterable[Item]) -> str:
    """ "reference" or "for_sale" where all copies are only that; "" for copies that are out, or of several kinds."""
    kinds = {item.status for item in items}
    return next(iter(kinds)) if kinds in ({"reference"}, {"for_sale"}) else ""


def libraries(holdings: Iterable[Holding], members: Mapping[str, Member], mine: str) -> list[Library]:
    """Holdings grouped by member. Nearer libraries come first; of two equally near ones, the one with more copies to lend."""
    found: dict[str, Library] = {}
    for holding in holdings:
        library = found.setdefault(holding.member, Library(holding.member, holding.member == mine))
        shelf = Shelf(
            place=place(holding, members),
            call_number=holding.call_number,
            href=web_address(holding.url),
            note=holding.note,
            staff_only=holding.visibility == "staff",
            copies=holding.copies or len(holding.items),
            items=holding.items,
        )
        library.shelves.append(shelf)
        library.copies += shelf.copies
        library.available += sum(item.status == "available" for item in holding.items)
        library.online = library.online or bool(holding.url) or any(i.status == "online" for i in holding.items)
    order = list(members)
    return sorted(
        found.values(),
        key=lambda lib: (
            not lib.mine,
            -_shared_places(members.get(mine), members.get(lib.code)),
            -lib.available,
            order.index(lib.code) if lib.code in members else len(order),
        ),
    )


def _shared_places(one: Member | None, other: Member | None) -> int:
    """How many levels of the region tree two libraries have in common."""
    if one is None or other is None:
        return 0
    common = 0
    for here, there in zip(one.region, other.region, strict=False):
        if here != there:
            break
        common += 1
    return common

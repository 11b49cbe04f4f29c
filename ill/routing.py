"""Which libraries are asked, in which order, and why: pure, deterministic, every step with its reason.

Libraries are left out by hard rules, the others ordered by tier (nearest first), within a tier by a weighted score of expected time,
cost, availability, queue, balance and scarcity (`config/policies/routing.toml`); ties fall by a hash of the request number.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime

import msgspec

from ill import working_time
from ill.policy import Factor, Policy, Routing
from ill.reasons import reason, refuses
from schemas.holding import Holding, Item
from schemas.member import Member, Service, Tier
from schemas.request import RouteCandidate

_GONE = frozenset({"withdrawn", "lost", "for_sale"})
_OUT = frozenset({"loaned", "in_transit", "on_hold", "processing"})


class Ask(msgspec.Struct, frozen=True):
    """What is wanted. `seed` breaks ties: the request number."""

    seed: str
    requester: Member
    service: Service
    now: datetime
    volume: str = ""
    guji: bool = False
    reader_eligible: bool = True
    needed_by: datetime | None = None
    tried: frozenset[str] = frozenset()


class Loads(msgspec.Struct, frozen=True):
    """By member code: requests waiting for it, and loans minus borrowings over the policy's days."""

    queue: Mapping[str, int] = {}
    balance: Mapping[str, int] = {}


class Copies(msgspec.Struct):
    """A member's copies, by what can be done with them."""

    available: int = 0
    unknown: int = 0
    out: int = 0
    reference: int = 0
    online: int = 0
    gone: int = 0
    other_volumes: int = 0
    places: list[str] = []

    @property
    def usable(self) -> int:
        return self.available + self.unknown


def route(
    ask: Ask, holdings: list[Holding], members: Mapping[str, Member], policy: Policy, loads: Loads | None = None
) -> list[RouteCandidate]:
    """Every member that holds the book: the eligible ones by rank, then those left out, by code."""
    loads = loads or Loads()
    by_member: dict[str, list[Holding]] = {}
    for holding in holdings:
        by_member.setdefault(holding.member, []).append(holding)
    judged = [_judge(ask, members.get(code), code, held, policy, loads) for code, held in sorted(by_member.items())]
    order = policy.routing.tiers.order
    asked = sorted(
        (c for c in judged if c.eligible),
        key=lambda c: (_is_out(c), order.index(c.tier), -c.score, _tie(ask.seed, c.member)),  # type: ignore[arg-type]
    )
    ranked = [c.model_copy(update={"rank": rank}) for rank, c in enumerate(asked, 1)]
    return ranked + [c for c in judged if not c.eligible]


def on_shelf(ask: Ask, holdings: list[Holding]) -> list[Holding]:
    """The holdings of the requester itself with a copy on the shelf that the reader can simply fetch."""
    own = [h for h in holdings if h.member == ask.requester.code]
    return [h for h in own if count([h], ask.requester, ask.service, ask.volume).available]


def tier(requester: Member, supplier: Member, routing: Routing) -> Tier:
    """The nearest tier that fits, from the codes of GB/T 2260 (province, then city)."""
    same_province = requester.region[0] == supplier.region[0]
    same_city = same_province and len(requester.region) > 1 and requester.region[1:2] == supplier.region[1:2]
    reach = routing.tiers.own_system.get(requester.system)
    if requester.system == supplier.system and (same_city if reach == "city" else same_province and reach is not None):
        return "system"
    if same_city:
        return "city"
    if same_province:
        return "province"
    delta = routing.tiers.delta
    return "delta" if requester.region[0] in delta and supplier.region[0] in delta else "national"


def count(holdings: list[Holding], member: Member, service: Service, volume: str = "") -> Copies:
    """What a member has of it. For a copy service a reference or an online copy is as good as one on the shelf."""
    copies = Copies(places=[])
    for holding in holdings:
        kept = holding.location in member.lending.reference_locations
        for status in _statuses(holding, volume, copies):
            if status in _GONE:
                copies.gone += 1
            elif status == "online":
                copies.online += 1
                copies.available += service == "copy"
            elif kept or status == "reference":
                copies.reference += 1
                copies.available += service == "copy"
                copies.places += [holding.location] if holding.location not in copies.places else []
            elif status in _OUT:
                copies.out += 1
            elif status == "available":
                copies.available += 1
            else:
                copies.unknown += 1
    return copies


def _statuses(holding: Holding, volume: str, copies: Copies) -> Iterator[str]:
    if not holding.items:
        yield from ["online"] if holding.url and not holding.copies else ["unknown"] * max(1, min(holding.copies, 999))
        return
    for item in holding.items:
        if volume and not _has_volume(item, volume):
            copies.other_volumes += 1
        else:
            yield item.status


def _has_volume(item: Item, wanted: str) -> bool:
    """A copy without designation may hold anything, so it is worth asking."""
    known = [_designation(part) for part in (item.volume, item.year) if part]
    return not known or _designation(wanted) in known


def _designation(text: str) -> tuple[str, ...]:
    """Its numbers where it has any (v.2, 第2册, 2), otherwise its letters folded (上册, 上)."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    numbers = tuple(n.lstrip("0") or "0" for n in re.findall(r"\d+", folded))
    return numbers or (re.sub(r"[\s第卷册冊辑輯部期.]|vol|v", "", folded),)


def _judge(
    ask: Ask, member: Member | None, code: str, holdings: list[Holding], policy: Policy, loads: Loads
) -> RouteCandidate:
    if member is None:
        return RouteCandidate(
            member=code, eligible=False, rank=None, tier="", score=0, reasons=[reason("not_a_member")]
        )
    where = tier(ask.requester, member, policy.routing)
    copies = count(holdings, member, ask.service, ask.volume)
    days = member.lending.handling_days + member.lending.delivery_days + policy.routing.transport_days.get(where, 0)
    reasons = list(_refusals(ask, member, where, copies, holdings, days, policy))
    eligible = not any(map(refuses, reasons))
    factors = _factors(member, copies, days, policy.routing, loads)
    weights = policy.routing.weights
    total = sum(weights.values()) or 1.0
    score = round(sum(weights.get(name, 0.0) * value for name, value in factors.items()) / total, 6)
    reasons += _merits(member, where, copies, days, loads)
    return RouteCandidate(
        member=code, eligible=eligible, rank=None, tier=where, score=score if eligible else 0.0, reasons=reasons
    )


def _refusals(
    ask: Ask, member: Member, where: Tier, copies: Copies, holdings: list[Holding], days: float, policy: Policy
) -> Iterator[str]:
    """Hard rules, in the order in which people ask about them."""
    lending = member.lending
    if member.code == ask.requester.code:
        shelf = on_shelf(ask, holdings)
        yield reason("on_own_shelf", place(shelf[0])) if shelf else reason("own_library")
        return
    if member.system == "bookshop":
        yield reason("bookshop")
    if ask.service not in lending.supplies:
        yield reason("service_not_supplied", ask.service)
    if where not in lending.tiers:
        yield reason("tier_not_served", where)
    closure = policy.closed(member.code, ask.now.astimezone(policy.routing.zone).date())
    if closure:
        yield reason("closed", f"{closure.first} – {closure.last}")
    if member.code in ask.tried:
        yield reason("already_tried")
    if not ask.reader_eligible:
        yield reason("reader_not_eligible")
    if ask.guji and ask.service == "loan" and not lending.lends_guji:
        yield reason("guji")
    if lending.fee > policy.routing.max_fee:
        yield reason("fee_above_cap", f"{lending.fee:g}")
    if ask.needed_by and _arrival(ask.now, days, policy) > ask.needed_by.astimezone(policy.routing.zone).date():
        yield reason("too_late", f"{days:g}")
    yield from _no_copy(ask, copies, policy.routing.ask_when_out)


def _arrival(now: datetime, days: float, policy: Policy) -> date:
    zone = policy.routing.zone
    return working_time.add_workdays(now, days, zone=zone).astimezone(zone).date()


def _no_copy(ask: Ask, copies: Copies, ask_when_out: bool) -> Iterator[str]:
    if copies.usable:
        return
    if copies.out:
        if not ask_when_out:
            yield reason("copies_out")
    elif copies.reference:
        yield reason("reference_only", "、".join(p for p in copies.places if p) or "–")
    elif copies.online:
        yield reason("online_only")
    elif copies.other_volumes:
        yield reason("volume_not_held", ask.volume.replace("=", " "))
    else:
        yield reason("no_usable_copy")


def _merits(member: Member, where: Tier, copies: Copies, days: float, loads: Loads) -> list[str]:
    merits = [reason("tier", where), reason("days", f"{days:g}"), reason("fee", f"{member.lending.fee:g}")]
    if copies.available:
        merits.append(reason("available", copies.available))
    elif copies.unknown:
        merits.append(reason("unknown", copies.unknown))
    elif copies.out:
        merits.append(reason("all_out", copies.out))
    if copies.available == 1:
        merits.append(reason("last_copy"))
    merits.append(reason("queue", loads.queue.get(member.code, 0)))
    merits.append(reason("balance", f"{loads.balance.get(member.code, 0):+d}"))
    return merits


def _factors(member: Member, copies: Copies, days: float, routing: Routing, loads: Loads) -> dict[Factor, float]:
    """Each from 0 (worst) to 1 (best)."""
    half = routing.half
    balance = loads.balance.get(member.code, 0)
    return {
        "time": _falling(days, half.time),
        "cost": _falling(member.lending.fee, half.cost),
        "availability": 1.0 if copies.available else 0.5 if copies.unknown else 0.0,
        "queue": _falling(loads.queue.get(member.code, 0), half.queue),
        # a library that lends more than it borrows is spared: one half at balance, towards 0 as it gives, towards 1 as it takes
        "balance": 0.5 - 0.5 * balance / (abs(balance) + half.balance),
        "scarcity": 1.0 - _falling(copies.usable, 1.0) if copies.usable else 0.0,
    }


def _falling(value: float, half: float) -> float:
    return half / (half + max(0.0, value))


def _is_out(candidate: RouteCandidate) -> bool:
    return any(r.startswith("all_out=") for r in candidate.reasons)


def _tie(seed: str, member: str) -> bytes:
    return hashlib.blake2b(f"{seed}\x1f{member}".encode(), digest_size=8).digest()


def place(holding: Holding) -> str:
    """Where on the shelves, as the library writes it."""
    return " ".join(p for p in (holding.branch, holding.location, holding.call_number) if p).replace("=", " ") or "–"

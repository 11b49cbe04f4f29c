"""Holdings out of MARC fields, by the rules of a profile."""

from __future__ import annotations

import re
from collections.abc import Callable

from normalise.fields import NONE, Findings, index, note, tidy
from normalise.holdings.profile import Profile, Rule
from normalise.holdings.states import iso_date, state_of
from schemas.holding import Holding, Item, ItemStatus
from schemas.marc import MarcField, MarcRecord

Used = Callable[[str, str, str, str], None]  # tag, subfield, value, what it was taken for
Subfields = list[tuple[str, str]]

_digits = re.compile(r"[0-9]{1,4}").fullmatch
_shelf_mark = re.compile(r"[A-Za-z].*[0-9/]|[0-9].*[/.][0-9]|[^0-9\s].*/").search  # not a number of copies, not a state
_range = re.compile(r"^([0-9A-Za-z]*?)([0-9]{3,})\s*[-~—]\s*([0-9]{1,})$").match


class _Draft:
    """Holdings of one record while they are gathered: copies of one place and call number are one holding."""

    def __init__(self, member: str) -> None:
        self.member = member
        self.holdings: dict[tuple[str, str, str], Holding] = {}
        self.stated: dict[tuple[str, str, str], int] = {}
        self.call_number = ""  # of a rule without items, for holdings that have none
        self.copies = 0

    def at(self, key: tuple[str, str, str]) -> Holding:
        if key not in self.holdings:
            self.holdings[key] = Holding(self.member, *key, items=[])
        return self.holdings[key]


def holdings_of(
    record: MarcRecord, profile: Profile, member: str, findings: Findings, *, used: Used | None = None
) -> list[Holding]:
    """Every holding the profile finds; states it does not know become findings. `used` is told every subfield taken."""
    draft = _Draft(member)
    by = index([field for field in record.fields if field.tag in profile.tags])
    for rule in profile.rules:
        fields = by.get(rule.field, NONE)
        if fields and rule.conditions:
            fields = [field for field in fields if _holds(rule, field)]
        for field in fields:
            for group in _groups(rule, field):
                _gather(rule, profile, group, by, draft, findings, used)
        if fields and profile.use == "first" and rule.items:
            break
    found = list(draft.holdings.values())
    for key, holding in draft.holdings.items():
        holding.call_number = holding.call_number or draft.call_number
        holding.copies = max(draft.stated.get(key, 0), len(holding.items))
    if not found and (draft.copies or draft.call_number):
        found = [Holding(member, call_number=draft.call_number, copies=draft.copies)]
    elif len(found) == 1 and draft.copies > found[0].copies:
        found[0].copies = draft.copies
    return _without_repeats(found, findings)


def _holds(rule: Rule, field: MarcField) -> bool:
    return all(any(c == code and pattern.search(v) for c, v in field.subfields) for code, pattern in rule.conditions)


def _groups(rule: Rule, field: MarcField) -> list[Subfields]:
    if rule.each != "group":
        return [field.subfields]
    start = rule.first or (field.subfields[0][0] if field.subfields else "")
    groups: list[Subfields] = []
    for code, value in field.subfields:
        if code == start or not groups:
            groups.append([])
        groups[-1].append((code, value))
    return groups


def _gather(
    rule: Rule,
    profile: Profile,
    group: Subfields,
    by: dict[str, list[MarcField]],
    draft: _Draft,
    findings: Findings,
    used: Used | None,
) -> None:
    filled: dict[str, str] = {}
    for code, value in group:
        if code not in filled and (text := tidy(value)):
            filled[code] = text
    told: dict[str, str] = {}
    for meaning, codes in rule.plan:
        if code := codes if codes in filled else next((c for c in codes if c in filled), "") if codes[1:] else "":
            told[meaning] = filled[code]
            if used:
                used(rule.field, code, filled[code], meaning)
    call_number = _call_number(rule, filled, by, used)
    copies = _count(told["copies"]) if "copies" in told else 0
    if not rule.items:
        draft.call_number = draft.call_number or call_number
        draft.copies = max(draft.copies, copies)
        return
    key = (told.get("branch", ""), told.get("location", ""), call_number)
    barcodes = _barcodes(rule, group, used) if rule.barcode else []
    total = _count(told["total"]) if "total" in told else 0
    url = told.get("url", "")
    if not (any(key) or barcodes or copies or total or url):
        return
    holding = draft.at(key)
    holding.url, holding.note = holding.url or url, holding.note or told.get("note", "")
    draft.stated[key] = max(draft.stated.get(key, 0), copies, len(barcodes), total)
    state, due = _state(rule, profile, filled, told, findings, used)

    def item(barcode: str, status: ItemStatus) -> Item:
        return Item(
            barcode, status, told.get("copy", ""), told.get("volume", ""), told.get("year", ""), told.get("price", ""), due,
            told.get("owning", ""), "", told.get("current", ""),
        )  # fmt: skip

    if total:
        away = _count(told.get("unavailable", ""))
        holding.items += [item("", "loaned" if i < away else "available") for i in range(min(total, 200))]
    elif barcodes:
        holding.items += [item(barcode, state) for barcode in barcodes]
    elif rule.barcode and rule.each == "field" and ("copy" in told or state != profile.unstated):
        holding.items.append(item("", state))
    elif url and not holding.items:
        holding.items.append(Item("", "online"))


def _count(text: str) -> int:
    return int(text) if _digits(text) else 0


def _state(
    rule: Rule, profile: Profile, filled: dict[str, str], told: dict[str, str], findings: Findings, used: Used | None
) -> tuple[ItemStatus, str]:
    for code, state in rule.flags.items() if rule.flags else ():
        if filled.get(code, "0") not in ("0", "false", "False"):
            if used:
                used(rule.field, code, filled[code], "status")
            return state, ""
    due = iso_date(told["due"]) if "due" in told else ""
    if due:
        return "loaned", due
    if not (word := told.get("status", "")):
        return "online" if profile.online else profile.unstated, ""
    if known := profile.status.get(word):
        return known, ""
    found = state_of(word)
    if found is None and rule.lenient:
        return profile.unstated, ""
    if found is None:
        note(findings, "holding-status-unknown", f"{rule.field}${rule.status[:1]}", value=word)
        return "unknown", ""
    return found


def _call_number(rule: Rule, filled: dict[str, str], by: dict[str, list[MarcField]], used: Used | None) -> str:
    for pattern in rule.patterns:
        out = ""
        for before, name in pattern:
            value = filled.get(name, "") if len(name) == 1 else _elsewhere(name, by)
            if not value:
                if out:  # {d}/{e} with $d alone is d
                    continue
                break
            out = f"{out}{before}{value}" if out else value
            if used:
                used(name[:3] if len(name) > 1 else rule.field, name[-1], value, "call number")
        if out and (len(pattern) > 1 or _shelf_mark(out)):
            return rule.trim_at.sub("", out) if rule.trim_at else out
    return ""


def _elsewhere(name: str, by: dict[str, list[MarcField]]) -> str:
    for field in by.get(name[:3], NONE):
        for code, value in field.subfields:
            if code == name[3:] and (text := tidy(value)):
                return text
    return ""


def _barcodes(rule: Rule, group: Subfields, used: Used | None) -> list[str]:
    found: list[str] = []
    for wanted in rule.barcode:
        for code, value in group:
            if code != wanted:
                continue
            for part in rule.split_at.split(value) if rule.split_at else (value,):
                if text := tidy(part):
                    if used:
                        used(rule.field, code, text, "barcode")
                    if rule.each == "barcode":
                        found += expand(text)
                    else:
                        found.append(text)
        if found:
            return found
    return found


def expand(text: str) -> list[str]:
    """The barcodes of a span, `20501614-1617` is four; a text that is no span stands for itself."""
    match = _range(text)
    if match is None:
        return [text]
    start, tail = match[2], match[3]
    end = start[: -len(tail)] + tail if len(tail) < len(start) else tail
    count = int(end) - int(start)
    if not 0 <= count < 500:
        return [text]
    return [f"{match[1]}{int(start) + i:0{len(start)}d}" for i in range(count + 1)]


def _without_repeats(found: list[Holding], findings: Findings) -> list[Holding]:
    """The holdings with every barcode once; a holding that only repeated others' is left out."""
    barcodes = [item.barcode for holding in found for item in holding.items if item.barcode]
    if len(barcodes) < 2 or len(set(barcodes)) == len(barcodes):
        return found
    seen: set[str] = set()
    for holding in found:
        kept = []
        for item in holding.items:
            if item.barcode and item.barcode in seen:
                note(findings, "holding-barcode-twice", value=item.barcode)
                continue
            seen.add(item.barcode)
            kept.append(item)
        holding.copies -= len(holding.items) - len(kept)
        holding.items = kept
    return [holding for holding in found if holding.items or holding.copies > 0]

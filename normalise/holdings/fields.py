"""Holdings out of MARC fields, by the rules of a profile."""

from __future__ import annotations

import re
from collections.abc import Callable

from normalise.fields import Findings, note, tidy
from normalise.holdings.profile import Profile, Rule
from normalise.holdings.states import iso_date, state_of
from schemas.holding import Holding, Item, ItemStatus
from schemas.marc import MarcField, MarcRecord

Used = Callable[[str, str, str, str], None]  # tag, subfield, value, what it was taken for
Subfields = list[tuple[str, str]]

_digits = re.compile(r"[0-9]{1,4}").fullmatch
_range = re.compile(r"^([0-9A-Za-z]*?)([0-9]{3,})\s*[-~—]\s*([0-9]{1,})$").match


class _Draft:
    """Holdings of one record while they are gathered: copies of one place and call number are one holding."""

    def __init__(self, member: str) -> None:
        self.member = member
        self.holdings: dict[tuple[str, str, str], Holding] = {}
        self.stated: dict[tuple[str, str, str], int] = {}
        self.call_number = ""  # of a rule without items, for holdings that have none
        self.copies = 0

    def at(self, branch: str, location: str, call_number: str) -> Holding:
        key = (branch, location, call_number)
        if key not in self.holdings:
            self.holdings[key] = Holding(self.member, branch, location, call_number, items=[])
        return self.holdings[key]


def holdings_of(
    record: MarcRecord, profile: Profile, member: str, findings: Findings, *, used: Used | None = None
) -> list[Holding]:
    """Every holding the profile finds; states it does not know become findings. `used` is told every subfield taken."""
    draft = _Draft(member)
    by: dict[str, list[MarcField]] = {}
    for field in record.fields:
        by.setdefault(field.tag, []).append(field)
    for rule in profile.rules:
        fields = [f for f in by.get(rule.field, ()) if _holds(rule, f)]
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
    _check_barcodes(found, findings)
    return found


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
    rule: Rule, profile: Profile, group: Subfields, by: dict[str, list[MarcField]], draft: _Draft, findings: Findings, used: Used | None
) -> None:
    def take(codes: str, meaning: str) -> str:
        for wanted in codes:
            for code, value in group:
                if code == wanted and (text := tidy(value)):
                    if used:
                        used(rule.field, code, text, meaning)
                    return text
        return ""

    call_number = _call_number(rule, group, by, used)
    copies = int(text) if (text := take(rule.copies, "copies")) and _digits(text) else 0
    if not rule.items:
        draft.call_number = draft.call_number or call_number
        draft.copies = max(draft.copies, copies)
        return
    branch, location = take(rule.branch, "branch"), take(rule.location, "location")
    barcodes = _barcodes(rule, group, used)
    total = int(text) if (text := take(rule.total, "copies")) and _digits(text) else 0
    url, remark = take(rule.url, "url"), take(rule.note, "note")
    if not (branch or location or call_number or barcodes or copies or total or url):
        return
    holding = draft.at(branch, location, call_number)
    holding.url, holding.note = holding.url or url, holding.note or remark
    key = (branch, location, call_number)
    draft.stated[key] = max(draft.stated.get(key, 0), copies, len(barcodes))
    state, due = _state(rule, profile, group, take, findings)
    common = {
        "copy": take(rule.copy, "copy"), "volume": take(rule.volume, "volume"), "year": take(rule.year, "year"), "price": take(rule.price, "price"),
        "due": iso_date(take(rule.due, "due")) or due, "owning": take(rule.owning, "owning"), "current": take(rule.current, "current"),
    }  # fmt: skip
    if total:
        away = int(text) if (text := take(rule.unavailable, "unavailable")) and _digits(text) else 0
        holding.items += [Item(status="loaned" if i < away else "available", **common) for i in range(min(total, 200))]
        draft.stated[key] = max(draft.stated[key], total)
    elif barcodes:
        holding.items += [Item(barcode, state, **common) for barcode in barcodes]
    elif rule.barcode and (rule.status or rule.each != "field") and (state != profile.unstated or common["copy"]):
        holding.items.append(Item("", state, **common))
    elif url and not holding.items:
        holding.items.append(Item("", "online"))


def _state(
    rule: Rule, profile: Profile, group: Subfields, take: Callable[[str, str], str], findings: Findings
) -> tuple[ItemStatus, str]:
    for code, value in group:
        if code in rule.flags and value.strip() not in ("", "0", "false", "False"):
            take(code, "status")
            return rule.flags[code], ""
    if rule.due and (due := take(rule.due, "due")) and iso_date(due):
        return "loaned", iso_date(due)
    if not (word := take(rule.status, "status")):
        return "online" if profile.online else profile.unstated, ""
    if state := profile.status.get(word):
        return state, ""
    told = state_of(word)
    if told is None:
        note(findings, "holding-status-unknown", f"{rule.field}${rule.status[:1]}", value=word)
        return "unknown", ""
    return told


def _call_number(rule: Rule, group: Subfields, by: dict[str, list[MarcField]], used: Used | None) -> str:
    for pattern in rule.patterns:
        out = ""
        for before, name in pattern:
            value = _value(name, group, by)
            if not value:
                if out:  # {d}/{e} with $d alone is d
                    continue
                break
            out = f"{out}{before}{value}" if out else value
            if used:
                used(name[:3] if len(name) > 1 else rule.field, name[-1], value, "call number")
        if out and not (len(pattern) == 1 and _digits(out)):
            return rule.trim_at.sub("", out) if rule.trim_at else out
    return ""


def _value(name: str, group: Subfields, by: dict[str, list[MarcField]]) -> str:
    if len(name) == 1:
        return next((t for code, value in group if code == name and (t := tidy(value))), "")
    return next((t for field in by.get(name[:3], ()) for code, value in field.subfields if code == name[3:] and (t := tidy(value))), "")


def _barcodes(rule: Rule, group: Subfields, used: Used | None) -> list[str]:
    found: list[str] = []
    for wanted in rule.barcode:
        for code, value in group:
            if code != wanted:
                continue
            for text in rule.split_at.split(value) if rule.split_at else [value]:
                if text := tidy(text):
                    if used:
                        used(rule.field, code, text, "barcode")
                    found += expand(text) if rule.each == "barcode" else [text]
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


def _check_barcodes(found: list[Holding], findings: Findings) -> None:
    seen: set[str] = set()
    for holding in found:
        kept = []
        for item in holding.items:
            if item.barcode and item.barcode in seen:
                note(findings, "holding-barcode-twice", value=item.barcode)
                continue
            seen.add(item.barcode)
            kept.append(item)
        if len(kept) < len(holding.items):
            holding.copies -= len(holding.items) - len(kept)
            holding.items = kept

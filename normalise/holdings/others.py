"""Holdings that do not stand in MARC fields: OPAC records of Z39.50, Dublin Core texts, MODS locations, stock lists."""

from __future__ import annotations

import re
from typing import Any

from normalise.fields import Findings, note, tidy
from normalise.holdings.profile import Profile
from normalise.holdings.states import iso_date, state_of
from normalise.tables import columns
from schemas.holding import Holding, Item, ItemStatus

_pair = re.compile(
    r"(馆藏地?点?|馆藏|条码号?|登录号|索书号|复本数?|状态|Location|Barcode|Call number|Copies)\s*[:：]\s*([^;；]*)",
    re.IGNORECASE,
)
_shelf = re.compile(r"^\s*(?:索书号|排架号|call ?number)\s*[:：]\s*(.+)$", re.IGNORECASE).match
_count = re.compile(r"-?[0-9]+").search


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: Any, name: str) -> str:
    return next((tidy(child.text or "") for child in element if _local(child) == name), "")


def from_opac(opac: Any, profile: Profile, member: str, findings: Findings) -> list[Holding]:
    """<holdings> of an OPAC record (Z39.50 OPAC syntax in XML): one holding each, its circulations are the copies.

    Systems disagree where a state stands: availableNow, or a word in publicNote, shelvingData, temporaryLocation, restrictions.
    """
    found = []
    for element in opac.iter() if _local(opac) != "holding" else [opac]:
        if _local(element) != "holding":
            continue
        holding = Holding(
            member,
            _text(element, "localLocation"),
            _text(element, "shelvingLocation"),
            _text(element, "callNumber").rstrip(" ,"),
            items=[],
        )
        copy = _text(element, "copyNumber")
        remark = _text(element, "publicNote")
        volume = next((v for e in element.iter() if _local(e) == "volume" and (v := _text(e, "enumeration"))), "")
        for circulation in (c for c in element.iter() if _local(c) == "circulation"):
            holding.items.append(_circulation(circulation, element, profile, copy, volume))
        if not holding.items:
            state, due = _word(remark, profile, findings, "publicNote")
            holding.items.append(Item("", state, copy, volume, due=due))
            remark = ""
        holding.note = remark
        holding.copies = len(holding.items)
        found.append(holding)
    return found


def _circulation(element: Any, holding: Any, profile: Profile, copy: str, volume: str) -> Item:
    flags = {_local(c): c.get("value") for c in element if c.get("value") is not None}
    state: ItemStatus = "available" if flags.get("availableNow") == "1" else "loaned"
    due = iso_date(_text(element, "availabilityDate"))
    words = (
        _text(element, "restrictions"),
        _text(element, "temporaryLocation"),
        _text(holding, "shelvingData"),
        _text(holding, "publicNote"),
    )
    if flags.get("availableNow") == "1":
        state = "on_hold" if flags.get("onHold") == "1" else "available"
    for word in words:
        told = state_of(word) if word else None
        if told is not None and (told[0] != "available" or flags.get("availableNow") != "1"):
            state, due = told[0], due or told[1]
            break
    thru = _text(element, "availableThru").lower()
    if state == "available" and ("not for loan" in thru or "library use" in thru):
        state = "reference"
    return Item(_text(element, "itemId"), state, copy, volume or tidy(_text(element, "enumAndChron")), due=due)


def _word(text: str, profile: Profile, findings: Findings, where: str) -> tuple[ItemStatus, str]:
    if not text:
        return profile.unstated, ""
    if state := profile.status.get(text):
        return state, ""
    told = state_of(text)
    if told is None:
        note(findings, "holding-status-unknown", where, value=text)
        return "unknown", ""
    return told


def from_dublin_core(element: Any, profile: Profile, member: str, findings: Findings) -> list[Holding]:
    """Texts of dc:source and dc:identifier: `馆藏: 书库; 条码: YJ392306; 复本: 1`, `索书号: X524/1`, or a bare place."""
    holding = Holding(member, items=[])
    for child in element.iter():
        name, text = _local(child), tidy(child.text or "")
        if not text or name not in ("source", "identifier", "provenance"):
            continue
        if match := _shelf(text):
            holding.call_number = holding.call_number or match[1].strip()
            continue
        pairs = _pair.findall(text)
        for label, value in pairs:
            _take(holding, label.lower(), value.strip(), profile, findings)
        if (
            name == "source"
            and not pairs
            and not holding.location
            and len(text) < 40
            and "://" not in text
            and "ISBN" not in text.upper()
        ):
            holding.location = text
        elif text.startswith(("http://", "https://")) and name == "identifier":
            holding.url = holding.url or text
    holding.copies = max(holding.copies, len(holding.items))
    if holding.url and not holding.items:
        holding.items.append(Item("", "online"))
    return [holding] if holding.location or holding.call_number or holding.items else []


def _take(holding: Holding, label: str, value: str, profile: Profile, findings: Findings) -> None:
    if label.startswith(("馆藏", "location")):
        holding.location = holding.location or value
    elif label.startswith(("条码", "登录", "barcode")):
        holding.items += [Item(code, profile.unstated) for code in re.split(r"[,，、\s]+", value) if code]
    elif label.startswith(("索书", "call")):
        holding.call_number = holding.call_number or value
    elif label.startswith(("复本", "copies")):
        match = _count(value)
        holding.copies = max(0, int(match.group())) if match else 0
    elif label == "状态":
        state, due = _word(value, profile, findings, "dc:source")
        for item in holding.items:
            item.status, item.due = state, due


def from_mods(element: Any, profile: Profile, member: str, findings: Findings) -> list[Holding]:
    """<location>: physicalLocation, shelfLocator, holdingSimple with its copies, url."""
    found = []
    for place in (child for child in element if _local(child) == "location"):
        url = _text(place, "url")
        holding = Holding(member, "", _text(place, "physicalLocation"), _text(place, "shelfLocator"), url=url, items=[])
        for copy in (c for c in place.iter() if _local(c) == "copyInformation"):
            locator, under = _text(copy, "shelfLocator"), _text(copy, "subLocation")
            holding.call_number = holding.call_number or locator
            holding.branch = holding.branch or under
            barcode = _text(copy, "itemIdentifier") or next(
                (t for n in copy if _local(n) == "note" and re.fullmatch(r"[0-9A-Z]{4,20}", t := tidy(n.text or ""))),
                "",
            )
            state: ItemStatus = "online" if _text(copy, "form") == "electronic" else profile.unstated
            holding.items.append(Item(barcode, state, volume=_text(copy, "enumerationAndChronology")))
        if url and not holding.items:
            holding.items.append(Item("", "online"))
        holding.copies = len(holding.items)
        if holding.location or holding.call_number or url:
            found.append(holding)
    return found


def from_row(
    row: dict[str, str], told: dict[str, str], profile: Profile, member: str, findings: Findings
) -> list[Holding]:
    """Stock of a bookshop (copies for sale), or the item columns of a library's list."""
    cells = columns(row, told)
    barcodes = [code for code in re.split(r"[;；,，\s]+", cells.get("barcode", "")) if code]
    match = _count(cells.get("stock", ""))
    stock = max(0, min(int(match.group()), 1_000_000)) if match else 0
    holding = Holding(member, "", cells.get("location", ""), cells.get("call_number", ""), stock, items=[])
    if barcodes:
        state, due = _word(cells.get("status", ""), profile, findings, "status")
        holding.items = [Item(code, state, due=due, price=cells.get("price", "")) for code in barcodes]
        holding.copies = max(stock, len(barcodes))
    elif match:
        status: ItemStatus = "for_sale" if stock else "unknown"
        holding.items = [Item("", status, price=cells.get("price", ""))]
    if cells.get("url"):
        holding.url = cells["url"]
    return [holding] if holding.items or holding.call_number or holding.location or holding.url else []

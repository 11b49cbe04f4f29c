"""Standard numbers and control numbers of MARC records."""

from __future__ import annotations

import re

from normalise import identifiers as numbers
from normalise.fields import NONE, ByTag, Findings, clean, note
from schemas.bib import Identifier, IdentifierKind
from schemas.marc import MarcField

_doi = re.compile(r"10\.[0-9]{4,9}/\S+").search
_oclc = re.compile(r"\(OCoLC\)\s*(?:ocm|ocn|on)?0*([0-9]+)", re.IGNORECASE).match
_isrc = re.compile(r"^[A-Z]{2}-?[A-Z0-9]{3}-?[0-9]{2}-?[0-9]{5}$").match
_chinese_isrc = re.compile(r"^(?:ISRC\s*)?CN-?[A-Z][0-9]{2}-?[0-9]{2}-?[0-9]{3,5}-?[0-9]{0,2}", re.IGNORECASE).match
_lccn = re.compile(r"[a-z ]{0,3}\s*([0-9]{8,10})").search


def unimarc(by: ByTag, findings: Findings) -> list[Identifier]:
    """010 to 099 of CNMARC and UNIMARC, in the order of trust."""
    found: list[Identifier] = []
    for field in by.get("010", NONE):
        _isbn_field(field, "b", "d", "010", found, findings)
    for field in by.get("011", NONE):
        for code, value in field.subfields:
            if code in "ayz" and value:
                _append(found, numbers.issn(value, cancelled=code != "a"), "011$" + code, value, findings)
    for field in by.get("013", NONE):
        _append(found, numbers.ismn(field.get("a")), "013$a", field.get("a"), findings)
    for field in by.get("091", NONE):
        _unified_field(field, found)
    for field in by.get("092", NONE):
        if order := clean(field.get("b")):
            serial = numbers.cn_serial(order) if "/" in order else []
            found += serial or [Identifier("cn_order", order)]
    for tag, kind in (("016", "isrc"), ("040", "standard"), ("094", "standard"), ("071", "publisher_no")):
        for field in by.get(tag, NONE):
            value = clean(field.get("a") or field.get("b"))
            if tag == "071" and field.get("b"):
                value = f"{clean(field.get('b'))} {clean(field.get('a'))}".strip()
            if value:
                found.append(Identifier(kind, value))  # type: ignore[arg-type]
    for field in by.get("073", NONE):
        found += numbers.isbn(field.get("a"))
    for field in by.get("017", NONE):
        if match := _doi(field.get("a")):
            found.append(Identifier("doi", match.group().lower()))
    for field in by.get("099", NONE):
        if (value := clean(field.get("a"))).upper().startswith("CAL"):
            found.append(Identifier("calis", value))
    if "099" not in by and by.get("001", NONE) and by["001"][0].value.startswith("CAL "):
        found.append(Identifier("calis", by["001"][0].value.strip()))
    _system_numbers(by, found)
    return _unique(found)


def _unified_field(field: MarcField, found: list[Identifier]) -> None:
    # 091 holds 统一书号 of books, and 国内统一刊号 of serials: $aCN$b10019·1976 and $aCN$b51-1360/N
    for code, value in field.subfields:
        if code not in "abz" or not value:
            continue
        if (made := numbers.unified_number(value)) or (made := numbers.cn_serial(value)):
            found += made


def marc21(by: ByTag, findings: Findings) -> list[Identifier]:
    """010 to 037 of MARC 21."""
    found: list[Identifier] = []
    for field in by.get("020", NONE):
        _isbn_field(field, "q", "c", "020", found, findings)
    for field in by.get("022", NONE):
        for code, value in field.subfields:
            if code in "ayzl" and value:
                _append(found, numbers.issn(value, cancelled=code in "yz"), "022$" + code, value, findings)
    for field in by.get("024", NONE):
        found += _other_number(field)
    for field in by.get("010", NONE):
        if match := _lccn(field.get("a")):
            found.append(Identifier("lccn", match[1]))
    for field in by.get("028", NONE):
        if value := clean(f"{field.get('b')} {field.get('a')}"):
            found.append(Identifier("publisher_no", value))
    for field in by.get("091", NONE):
        _unified_field(field, found)
    _system_numbers(by, found)
    return _unique(found)


def _other_number(field: MarcField) -> list[Identifier]:
    value = clean(field.get("a"))
    kind = field.indicators[:1]
    if not value:
        return []
    if kind == "0":
        return [Identifier("isrc", value.upper())]
    if kind == "2":
        return numbers.ismn(value)
    if kind == "3" or kind == "1":
        return numbers.isbn(value) if value.startswith(("978", "979")) else [Identifier("standard", value)]
    if field.get("2") == "doi" or _doi(value):
        match = _doi(value)
        return [Identifier("doi", match.group().lower())] if match else []
    return numbers.unified_number(value) or [Identifier("standard", value)]


def _system_numbers(by: ByTag, found: list[Identifier]) -> None:
    for field in by.get("035", NONE):
        for code, value in field.subfields:
            if code not in "az" or not value:
                continue
            if match := _oclc(value):
                found.append(Identifier("oclc", match[1], code == "a"))
            elif value.startswith("(A100000NLC)"):
                found.append(Identifier("nlc", value[12:].strip(), code == "a"))
            elif "CAL " in value[:6]:
                found.append(Identifier("calis", clean(value), code == "a"))


def _isbn_field(
    field: MarcField, qualifier: str, price: str, tag: str, found: list[Identifier], findings: Findings
) -> None:
    # one field may hold several numbers, and numbers in $a may hold qualifier and price; $z is wrong or cancelled
    made: list[Identifier] = []
    words = cost = ""
    for code, value in field.subfields:
        if not value:
            continue
        if code == "a" or code == "z":
            read = numbers.isbn(value, cancelled=code == "z")
            _append(made, read, f"{tag}${code}", value, findings)
        elif code == qualifier or (code == "b" and tag == "010"):
            words = f"{words} {clean(value).strip('()（）')}".strip()
        elif code == price:
            cost = clean(value)
    for one in made:
        if words:
            one.qualifier = f"{one.qualifier} {words}".strip() if words not in one.qualifier else one.qualifier
        if cost and not one.price:
            one.price = cost
        if not one.scope:
            one.scope = numbers.scope_of(words) or numbers.scope_of(cost)
    found += made


def _append(found: list[Identifier], made: list[Identifier], where: str, value: str, findings: Findings) -> None:
    if not made:
        if any(c.isdigit() for c in value) and "isbn" not in where:
            note(findings, "number-unreadable", where, value=value)
        return
    for one in made:
        if one.kind == "isbn" and not one.valid and where[-1] != "z":
            note(
                findings,
                "isbn-check" if len(one.value) in (10, 13) else "isbn-length",
                where,
                value=one.original or one.value,
            )
        elif one.kind == "issn" and not one.valid and where[-1] in "al":
            note(findings, "issn-check", where, value=one.value)
        elif one.kind == "cn_unified" and where.startswith(("010", "020")):
            note(findings, "unified-number-in-isbn", where, value=one.value)
        elif (one.qualifier or one.price) and where == "010$a":
            note(findings, "isbn-with-text", where, value=value)
    found += made


def _unique(found: list[Identifier]) -> list[Identifier]:
    """Each number once; a valid one outdoes the same number given as wrong."""
    if len(found) < 2:
        return found
    best: dict[tuple[IdentifierKind, str], Identifier] = {}
    for one in found:
        key = (one.kind, one.value)
        if key not in best or (one.valid and not best[key].valid):
            best[key] = one
    return list(best.values())

"""MARC-in-JSON (the serialisation of pymarc, ruby-marc and others): {"leader": ..., "fields": [{"001": ...}, {"245": {...}}]}."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import msgspec

from normalise.read import encoding
from normalise.read.fields import clean
from normalise.read.reading import Reading, Unreadable
from normalise.read.schema import schema_of
from schemas.marc import MarcField, MarcRecord
from schemas.quality import Finding

# Escapes of JSON in order, so that none is taken for the end of another; group 1: half a surrogate pair by itself.
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def read_json(data: bytes, *, schema_hint: str = "", encoding_hint: str = "") -> Reading:
    """Raises Unreadable for what is no JSON object with a list of fields."""
    findings: list[Finding] = []
    text, codec = _text(data, encoding_hint, findings)
    record = _parsed(text, findings)
    listed = record.get("fields") if isinstance(record, dict) else None
    if not isinstance(listed, list):
        raise Unreadable(Finding("json-malformed", byte=0, args={"why": "no list of fields"}))
    fields: list[MarcField] = []
    for entry in listed:
        if isinstance(entry, dict):
            fields.extend(_field(str(tag), value, findings) for tag, value in entry.items())
    leader = str(record.get("leader") or "")
    if len(leader) != 24:
        findings.append(Finding("leader-damaged", field="LDR", byte=0))
        leader = leader[:24].ljust(24)
    deleted = leader[5] == "d"
    if not fields and not deleted:
        raise Unreadable(Finding("no-content", byte=0))
    marc = MarcRecord(leader, fields, schema_of(fields, leader, hint=schema_hint), codec)
    return Reading("marc", marc, local_id=marc.value("001").strip(), deleted=deleted, findings=findings, encoding=codec)


def _text(data: bytes, hint: str, findings: list[Finding]) -> tuple[str, str]:
    try:
        text, codec = data.decode(), "utf-8"
    except UnicodeDecodeError as error:
        choice = encoding.choose(data, hint=encoding.canonical(hint), marc8=False)
        codec = choice.codec
        text = data.decode(codec, "replace")
        if bad := text.count(encoding.UNREADABLE):
            findings.append(Finding("characters-replaced", byte=error.start, args={"count": str(bad)}))
    return text, codec


def _parsed(text: str, findings: list[Finding]) -> Any:
    """The value of a JSON text. Escapes of half a character (a lone surrogate, RFC 8259, 8.2) are replaced, and reported."""
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise Unreadable(Finding("json-malformed", byte=0, args={"why": "nested too deep"})) from None
    except msgspec.DecodeError as error:
        halves = [found for found in _ESCAPE.finditer(text) if found[1]]
        if not halves and "truncated" in str(error):
            raise Unreadable(Finding("cut-off", byte=len(text.encode()))) from None
        if not halves:
            raise Unreadable(Finding("json-malformed", byte=0, args={"why": str(error)})) from None
        byte = len(text[: halves[0].start()].encode())
        findings.append(Finding("characters-replaced", byte=byte, args={"count": str(len(halves))}))
        return _parsed(_ESCAPE.sub(lambda found: r"\ufffd" if found[1] else found[0], text), findings)


def _field(tag: str, value: Any, findings: list[Finding]) -> MarcField:
    if not isinstance(value, dict):
        return MarcField(tag, _value(value, tag, findings))
    listed = value.get("subfields")
    pairs = [
        (str(code), _value(text, tag, findings))
        for part in (listed if isinstance(listed, list) else [])
        if isinstance(part, dict)
        for code, text in part.items()
    ]
    return MarcField(tag, "", f"{value.get('ind1') or ' '!s:.1}{value.get('ind2') or ' '!s:.1}", pairs)


def _value(value: Any, tag: str, findings: list[Finding]) -> str:
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if not text.isprintable():
        text = clean(text, tag, lambda: -1, findings)
    return text if text.isascii() else unicodedata.normalize("NFC", text)

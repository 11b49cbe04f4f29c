"""A slice of XML to an lxml element, with the repairs that keep its structure: stray characters, wrong bytes, missing prefixes.

The slice is parsed by itself, inside an element that declares the prefixes that were in scope around it. No document type is ever
read, so there are no entities but the five of XML (and HTML's names, as characters), and nothing is fetched.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import name2codepoint
from typing import Any
from xml.sax.saxutils import quoteattr

import msgspec
from lxml import etree

from normalise.read import encoding
from normalise.read.reading import Unreadable
from schemas.quality import Finding
from schemas.raw import RawRecord

_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)")
# Characters XML 1.0 does not allow (2.2 Char), as themselves and as references.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]+)|([0-9]+));")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);|#)([A-Za-z][\w.-]*);")
_PREFIXED = re.compile(r"[<\s]([A-Za-z_][\w.-]*):[A-Za-z_]")
# Prefixes that senders forget to declare, by the names everybody uses for them.
_CUSTOMARY = {
    "marc": "http://www.loc.gov/MARC21/slim", "mods": "http://www.loc.gov/mods/v3", "dc": "http://purl.org/dc/elements/1.1/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/", "dcterms": "http://purl.org/dc/terms/",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance", "xlink": "http://www.w3.org/1999/xlink",
}  # fmt: skip
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)


def text_of(data: bytes, hint: str, findings: list[Finding]) -> tuple[str, str]:
    """The slice as text. UTF-8 first; else by evidence, with a place for what has to be replaced."""
    declared = encoding.canonical(hint) or "utf-8"  # XML 1.0, 4.3.3: what declares nothing is UTF-8
    try:
        text, codec = data.decode(), "utf-8"
    except UnicodeDecodeError:
        choice = encoding.choose(data, hint=declared, marc8=False)
        codec = choice.codec
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            text = data.decode(codec, "replace")
            args = {"count": str(text.count(encoding.UNREADABLE))}
            findings.append(
                Finding("characters-replaced", field=_field_at(data, error.start), byte=error.start, args=args)
            )
    if declared and declared != codec and not data.isascii():
        findings.append(Finding("encoding-declared-wrong", args={"declared": declared.upper(), "value": codec.upper()}))
    return (text if text.isascii() else unicodedata.normalize("NFC", text)), codec


def _field_at(data: bytes, at: int) -> str:
    """The tag of the MARCXML field that a byte stands in, if it is in one."""
    tags: list[bytes] = re.findall(rb"\btag\s*=\s*[\"']([0-9A-Za-z]{3})[\"']", data[:at])
    return tags[-1].decode("ascii") if tags else ""


def parse(text: str, raw: RawRecord, findings: list[Finding]) -> Any:
    """The root of the slice; raises Unreadable where it is not well-formed beyond what can be repaired."""
    if _DOCTYPE.search(text):
        raise Unreadable(Finding("xml-doctype", byte=0))
    scope: dict[str, str] = msgspec.json.decode(raw.context) if raw.context else {}
    try:
        return _element(text, scope)
    except etree.XMLSyntaxError:
        pass
    if (entity := _ENTITY.search(text)) is not None:
        name = entity[1]
        if name in name2codepoint:  # HTML's names, which catalogues copy from web pages
            text = _ENTITY.sub(lambda found: _html_entity(found[0]), text)
        else:
            raise Unreadable(Finding("xml-entity", byte=len(text[: entity.start()].encode()), args={"value": name}))
    text = _without_illegal(text, findings)
    missing = set(_PREFIXED.findall(text)) & (_CUSTOMARY.keys() - scope.keys())
    scope = {**{prefix: _CUSTOMARY[prefix] for prefix in missing}, **scope}
    try:
        return _element(text, scope)
    except etree.XMLSyntaxError as error:
        if raw.problem == "truncated":
            raise Unreadable(Finding("cut-off", byte=len(raw.bytes))) from None
        place = _place(text, error, len(_around(scope)))
        raise Unreadable(Finding("xml-malformed", byte=place, args={"why": _reason(error)})) from None


def _element(text: str, scope: dict[str, str]) -> Any:
    around = etree.fromstring(f"{_around(scope)}{text}</w>".encode(), _PARSER)
    if len(around) == 0:
        raise Unreadable(Finding("not-a-record", byte=0))
    return around[0]


def _around(scope: dict[str, str]) -> str:
    """The start tag of the element around a slice; on the slice's first line, so that places of errors can be turned into offsets."""
    declared = "".join(
        f" xmlns{':' if prefix else ''}{prefix}={quoteattr(uri)}" for prefix, uri in scope.items() if prefix != "xml"
    )
    return f"<w{declared}>"


def _html_entity(reference: str) -> str:
    text = html.unescape(reference)
    return text if text != reference else ""


def _without_illegal(text: str, findings: list[Finding]) -> str:
    """Without the characters XML 1.0 forbids, which old systems leave in notes; where they stood is a finding."""
    places = [found.start() for found in _ILLEGAL.finditer(text)]

    def drop(found: re.Match[str]) -> str:
        number = int(found[1], 16) if found[1] else int(found[2])
        legal = (
            number in (9, 10, 13)
            or 0x20 <= number <= 0xD7FF
            or 0xE000 <= number <= 0xFFFD
            or 0x10000 <= number <= 0x10FFFF
        )
        if legal:
            return found[0]
        places.append(found.start())
        return ""

    cleaned = _ILLEGAL.sub("", _REFERENCE.sub(drop, text))
    if places:
        before = text[: min(places)].encode()
        args = {"count": str(len(places))}
        findings.append(
            Finding("control-characters", field=_field_at(before, len(before)), byte=len(before), args=args)
        )
    return cleaned


def _place(text: str, error: etree.XMLSyntaxError, around: int) -> int:
    """The byte of an error in the slice. The parser counts lines and characters, the first line with what stands `around` the slice."""
    line, column = error.position
    rows = text.split("\n")
    before, row = rows[: line - 1], rows[min(line, len(rows)) - 1]
    within = row[: max(0, column - 1 - (around if line <= 1 else 0))]
    return sum(len(each.encode()) + 1 for each in before) + len(within.encode())


def _reason(error: etree.XMLSyntaxError) -> str:
    return re.sub(r", (?:line \d+, column \d+|use XML_PARSE_HUGE).*", "", str(error.msg))[:200]

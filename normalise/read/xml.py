"""XML records to readings: MARCXML and its relatives, OPAC records, OAI-PMH records, MODS, Dublin Core."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Any

import msgspec

from normalise.read.fields import mended
from normalise.read.parse import parse, text_of
from normalise.read.plain import read_plain
from normalise.read.reading import Reading, Unreadable
from normalise.read.schema import schema_of
from schemas.marc import MarcField, MarcRecord
from schemas.quality import Finding
from schemas.raw import RawRecord


def read_xml(raw: RawRecord, *, schema_hint: str = "", encoding_hint: str = "") -> Reading:
    """Raises Unreadable for XML that is not well-formed beyond stray characters, and for records without a known description."""
    findings: list[Finding] = []
    text, codec = text_of(raw.bytes, encoding_hint, findings)
    if "&lt;" in text[:200] and text.lstrip().startswith("&lt;"):  # SRU with recordPacking=string
        text = html.unescape(text)
    if raw.container == "marcxml" and (plain := read_plain(text, _default_namespace(raw.context), findings)):
        reading = _record(*plain, schema_hint, findings)
    else:
        reading = _read_root(parse(text, raw, findings), schema_hint, findings)
    reading.findings, reading.encoding = findings, codec
    if reading.marc is not None:
        reading.marc.encoding = codec
    return reading


@lru_cache(maxsize=64)
def _default_namespace(context: str) -> str:
    """The namespace of elements without prefix, of the prefixes in scope around a slice."""
    scope: dict[str, str] = msgspec.json.decode(context) if context else {}
    return scope.get("", "")


# -- what the element is


def _local(element: Any) -> tuple[str, str]:
    """(namespace, local name)"""
    space, _, local = element.tag.rpartition("}")
    return space[1:], local


def _read_root(root: Any, schema_hint: str, findings: list[Finding]) -> Reading:
    space, local = _local(root)
    if local == "opacRecord":
        return _opac(root, schema_hint, findings)
    if local == "record" and _child(root, "header") is not None:
        return _oai(root, schema_hint, findings)
    if local in ("record", "r"):
        return _marc(root, schema_hint, findings)
    if local == "mods":
        return Reading("mods", element=root)
    if local == "dc" or space == "http://purl.org/dc/elements/1.1/":
        return Reading("dc", element=root)
    raise Unreadable(Finding("unknown-payload", byte=0, args={"value": f"{{{space}}}{local}" if space else local}))


def _child(element: Any, *names: str) -> Any:
    for child in element:
        if isinstance(child.tag, str) and _local(child)[1] in names:
            return child
    return None


def _oai(root: Any, schema_hint: str, findings: list[Finding]) -> Reading:
    """OAI-PMH 2.0, 2.5: header with identifier, datestamp and status; metadata with one description; none where it is deleted."""
    header, metadata = _child(root, "header"), _child(root, "metadata")
    identifier = _header_text(header, "identifier")
    datestamp = _header_text(header, "datestamp")
    deleted = header.get("status") == "deleted"
    payload = next((child for child in metadata if isinstance(child.tag, str)), None) if metadata is not None else None
    if payload is None:
        if not deleted:
            raise Unreadable(Finding("no-content", byte=0))
        return Reading("marc", local_id=identifier, deleted=True, datestamp=datestamp)
    reading = _read_root(payload, schema_hint, findings)
    reading.local_id = reading.local_id or identifier
    reading.deleted = reading.deleted or deleted
    reading.datestamp = datestamp
    return reading


def _header_text(header: Any, name: str) -> str:
    for child in header:
        if isinstance(child.tag, str) and _local(child)[1] == name and child.text and child.text.strip():
            return str(child.text).strip()
    return ""


def _opac(root: Any, schema_hint: str, findings: list[Finding]) -> Reading:
    """YAZ's XML of the OPAC record of Z39.50: a bibliographic part and holdings. Some targets leave the first without a field."""
    part, holdings = _child(root, "bibliographicRecord"), _child(root, "holdings")
    record = next((child for child in part if isinstance(child.tag, str)), None) if part is not None else None
    if record is None or not any(_local(child)[1] not in ("leader", "l") for child in record):
        if holdings is None or len(holdings) == 0:
            raise Unreadable(Finding("no-content", byte=0))
        findings.append(Finding("no-bibliographic-part"))
        leader = _leader("".join(record.itertext()).strip() if record is not None else "", [])
        return Reading("marc", MarcRecord(leader, [], schema_of([], leader, hint=schema_hint)), opac=holdings)
    reading = _marc(record, schema_hint, findings)
    reading.opac = holdings
    return reading


# -- MARC


def _marc(root: Any, schema_hint: str, findings: list[Finding]) -> Reading:
    space, local = _local(root)
    leader, fields = _turbo(root, findings) if local == "r" else _slim(root, findings)
    return _record(leader, fields, space, schema_hint, findings)


def _record(leader: str, fields: list[MarcField], space: str, schema_hint: str, findings: list[Finding]) -> Reading:
    deleted = leader[5:6] == "d"
    if not fields and not deleted:
        raise Unreadable(Finding("no-content", byte=0))
    leader = _leader(leader, findings)
    marc = MarcRecord(leader, fields, schema_of(fields, leader, hint=schema_hint, namespace=space))
    return Reading("marc", marc, local_id=marc.value("001").strip(), deleted=deleted)


def _leader(leader: str, findings: list[Finding]) -> str:
    if len(leader) != 24:
        findings.append(Finding("leader-damaged", field="LDR", byte=0))
    if not (leader.isascii() and leader.isprintable()):
        leader = "".join(c if " " <= c <= "~" else " " for c in leader)
    return leader[:24].ljust(24)


def _slim(root: Any, findings: list[Finding]) -> tuple[str, list[MarcField]]:
    """MARCXML, and the schemas with the same elements: the NLC's cnmarcxml, marcxchange (ISO 25577)."""
    leader, fields = "", list[MarcField]()
    space = root.tag[: -len("record")]
    data_field, control_field, leader_name, subfield = (
        space + "datafield", space + "controlfield", space + "leader", space + "subfield",
    )  # fmt: skip
    for child in root:
        name = child.tag
        if name == data_field:
            tag = child.get("tag", "")
            subfields = [(part.get("code", ""), part) for part in child if part.tag == subfield]
            pairs = [(code, _value(part, tag, findings)) for code, part in subfields]
            fields.append(_data_field(tag, child.get("ind1", " "), child.get("ind2", " "), pairs, findings))
        elif name == control_field:
            tag = child.get("tag", "")
            fields.append(MarcField(tag, _value(child, tag, findings)))
        elif name == leader_name:
            leader = child.text or ""
    return leader, fields


def _turbo(root: Any, findings: list[Finding]) -> tuple[str, list[MarcField]]:
    """TurboMARC (Index Data): <l>, <c001>, <d245 i1= i2=><sa>; a code that is no letter or digit is in the attribute `code`."""
    leader, fields = "", list[MarcField]()
    for child in root:
        name = child.tag.rpartition("}")[2]
        if name == "l":
            leader = child.text or ""
        elif name[:1] == "c":
            fields.append(MarcField(name[1:], _value(child, name[1:], findings)))
        elif name[:1] == "d":
            subfields = [
                (part.get("code") or part.tag.rpartition("}")[2][1:], _value(part, name[1:], findings))
                for part in child
            ]
            fields.append(_data_field(name[1:], child.get("i1", " "), child.get("i2", " "), subfields, findings))
    return leader, fields


def _data_field(tag: str, ind1: str, ind2: str, subfields: list[tuple[str, str]], findings: list[Finding]) -> MarcField:
    for code, _ in subfields:
        if len(code) != 1 or not "!" <= code <= "~":
            findings.append(Finding("bad-subfield-code", field=tag, args={"value": code}))
    indicators = ind1 + ind2
    if len(indicators) != 2:
        findings.append(Finding("bad-indicators", field=tag, args={"value": indicators}))
        indicators = (ind1[:1] or " ") + (ind2[:1] or " ")
    return MarcField(tag, "", indicators, subfields)


def _value(element: Any, tag: str, findings: list[Finding]) -> str:
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return mended(text, tag, findings)

"""Raw records to readings: `read` takes any container; what cannot be read raises `Unreadable` with the finding that says why."""

from __future__ import annotations

import msgspec

from normalise.read.iso2709 import read_iso2709
from normalise.read.json import read_json
from normalise.read.reading import Reading, Unreadable
from normalise.read.xml import read_xml
from schemas.quality import Finding, codes
from schemas.raw import RawRecord

__all__ = ["Reading", "Unreadable", "read"]


def read(raw: RawRecord, *, schema_hint: str = "", encoding_hint: str = "") -> Reading:
    """A record as its source sent it, taken apart.

    `schema_hint` (cnmarc, unimarc, marc21) breaks ties, `encoding_hint` is what source or operator declare; both yield to evidence.
    """
    hint = encoding_hint or raw.encoding
    match raw.container:
        case "iso2709":
            reading = read_iso2709(raw.bytes, schema_hint=schema_hint, encoding_hint=hint)
        case "marcjson":
            reading = read_json(raw.bytes, schema_hint=schema_hint, encoding_hint=hint)
        case "csv":
            reading = Reading(
                "csv", row=msgspec.json.decode(raw.bytes, type=dict[str, str]), encoding=raw.encoding or "utf-8"
            )
        case "unknown":
            raise Unreadable(_rejected(raw))
        case _:
            reading = read_xml(raw, schema_hint=schema_hint, encoding_hint=hint)
    _complete(raw, reading)
    return reading


def _rejected(raw: RawRecord) -> Finding:
    code = raw.problem if raw.problem in codes() and codes()[raw.problem].severity == "fatal" else "not-a-record"
    value = raw.bytes[:80].decode("utf-8", "replace").strip()
    if code == "truncated":
        return Finding("cut-off", byte=len(raw.bytes))
    args = {"value": value, "why": value, "limit": str(len(raw.bytes)), "entries": "?", "fields": "?"}
    return Finding(code, byte=0, args=args)


def _complete(raw: RawRecord, reading: Reading) -> None:
    """What only the framing knows: id, deletion, datestamp, damage around the record."""
    reading.deleted = reading.deleted or raw.deleted
    reading.datestamp = raw.datestamp or reading.datestamp
    if raw.local_id:
        reading.local_id = raw.local_id
    if _adds(raw.problem, reading):
        base, _, occurrence = raw.local_id.rpartition("#")
        args = {"value": base or raw.local_id, "occurrence": occurrence or "?", "count": "?"}
        reading.findings = [*reading.findings, Finding(raw.problem, args=args)]
    if raw.local_id.startswith("h:") and reading.kind != "csv":
        reading.findings = [*reading.findings, Finding("no-id")]


# Damage that reading sees by itself, and names more exactly.
_SEEN_AGAIN = ("length-wrong", "no-terminator", "stray-terminator", "leader-damaged")


def _adds(problem: str, reading: Reading) -> bool:
    """Whether the framing's finding is one that reading did not make, and no reason to refuse a record that was read after all."""
    if not problem or problem in _SEEN_AGAIN or any(finding.code == problem for finding in reading.findings):
        return False
    return problem in codes() and codes()[problem].severity != "fatal"

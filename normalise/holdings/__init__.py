"""Who has it and where: holdings out of any record, by profiles that people write (`config/holdings/*.toml`)."""

from __future__ import annotations

import msgspec

from normalise.fields import Findings
from normalise.holdings.fields import holdings_of
from normalise.holdings.others import from_dublin_core, from_mods, from_opac, from_row
from normalise.holdings.profile import Profile, Rule, choose, load_profiles
from normalise.read import Reading
from schemas.holding import Holding
from schemas.marc import MarcRecord
from schemas.quality import Finding

__all__ = ["Preview", "Profile", "Rule", "Taken", "choose", "load_profiles", "preview", "read_holdings", "suppressed"]


class Taken(msgspec.Struct, frozen=True):
    """One subfield that a profile took, and for what (branch, location, call number, barcode, copies, status ...)."""

    tag: str
    code: str
    value: str
    meaning: str


class Preview(msgspec.Struct):
    """What a profile makes of one record: to see before a profile is put to use."""

    holdings: list[Holding]
    taken: list[Taken]
    findings: list[Finding]


def read_holdings(
    reading: Reading, profile: Profile, member: str, findings: Findings, *, columns: dict[str, str] | None = None
) -> list[Holding]:
    """The holdings of a reading. An OPAC record's own holdings outdo fields of its bibliographic part."""
    if reading.opac is not None and (found := from_opac(reading.opac, profile, member, findings)):
        return found
    if reading.marc is not None:
        return holdings_of(reading.marc, profile, member, findings)
    if reading.element is not None:
        read = from_mods if reading.kind == "mods" else from_dublin_core
        return read(reading.element, profile, member, findings)
    if reading.row is not None:
        return from_row(reading.row, columns or {}, profile, member, findings)
    return []


def suppressed(record: MarcRecord, profile: Profile) -> bool:
    """Whether the record is one that its library keeps out of the public catalogue."""
    return bool(profile.hidden) and any(
        field.tag == tag and pattern.search(field.get(code) if code else field.value)
        for tag, code, pattern in profile.hidden
        for field in record.fields
    )


def preview(profile: Profile, marc: MarcRecord) -> Preview:
    """The holdings a profile finds in a record, and which subfields it took for what."""
    taken: list[Taken] = []
    findings: list[Finding] = []
    found = holdings_of(marc, profile, "preview", findings, used=lambda *told: taken.append(Taken(*told)))
    return Preview(found, list(dict.fromkeys(taken)), findings)

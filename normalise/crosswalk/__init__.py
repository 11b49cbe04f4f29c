"""From a reading to the common shape: one description, its holdings and what is wrong with it. Pure: no clock, network, database."""

from __future__ import annotations

import msgspec

from normalise.crosswalk import dublin_core, marc21, mods, rows, unimarc
from normalise.crosswalk.titles import title_display
from normalise.holdings import Profile, choose, read_holdings, suppressed
from normalise.read import Reading
from schemas.bib import BibRecord
from schemas.holding import Holding, Visibility
from schemas.member import Member, Source
from schemas.quality import Finding

__all__ = ["Description", "crosswalk", "describe", "title_display"]


_LONGEST = 4000  # characters of a subfield that is no note


class Description(msgspec.Struct):
    """What a record describes, who holds it, what is wrong with it (the findings of reading first), and who may see it."""

    bib: BibRecord
    holdings: list[Holding]
    findings: list[Finding]
    visibility: Visibility = "public"


def crosswalk(reading: Reading, *, member: Member, source: Source, profiles: dict[str, Profile]) -> Description:
    """The description of one record of a member's source. Odd data never raises; a profile that does not exist does (WenlanError)."""
    reading = _bounded(reading)
    findings = list(reading.findings)
    schema = reading.marc.schema if reading.marc is not None else reading.kind
    profile = choose(profiles, source.holdings, schema)
    bib = describe(reading, findings, columns=source.columns)
    try:
        holdings = read_holdings(reading, profile, member.code, findings, columns=source.columns)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError) as error:
        findings.append(Finding("crosswalk-failed", args={"why": type(error).__name__}))
        holdings = []
    if not bib.links and any(h.url for h in holdings) and bib.carrier == "" and bib.content == "text":
        bib.carrier = "online"
    hidden = member.visibility == "staff" or (reading.marc is not None and suppressed(reading.marc, profile))
    return Description(bib, holdings, findings, "staff" if hidden else "public")


def _bounded(reading: Reading) -> Reading:
    """The record with what is far too long for a title, a name or a shelf mark cut: patterns that look into a text for ends of things
    take time that grows with the square of its length, and one record of megabytes would hold up all the others. Notes stay whole.
    """
    record = reading.marc
    if record is None:
        return reading
    if max([len(value) for field in record.fields for _, value in field.subfields], default=0) <= _LONGEST:
        return reading
    notes = "5" if record.schema == "marc21" else "3"
    fields = [
        field
        if field.tag.startswith(notes)
        else msgspec.structs.replace(field, subfields=[(code, value[:_LONGEST]) for code, value in field.subfields])
        for field in record.fields
    ]
    return msgspec.structs.replace(reading, marc=msgspec.structs.replace(record, fields=fields))


def describe(reading: Reading, findings: list[Finding], *, columns: dict[str, str] | None = None) -> BibRecord:
    """The bibliographic part alone. A tombstone without content gives an empty record.

    Records of hundreds of systems come through here; one that an author of this package did not foresee must not stop a load of
    millions, so whatever a crosswalk trips over becomes a finding and an otherwise empty description.
    """
    try:
        if reading.marc is not None:
            if reading.marc.schema == "marc21":
                return marc21.describe(reading.marc, findings)
            return unimarc.describe(reading.marc, findings)
        if reading.element is not None:
            if reading.kind == "mods":
                return mods.describe(reading.element, findings)
            return dublin_core.describe(reading.element, findings)
        if reading.row is not None:
            return rows.describe(reading.row, columns or {}, findings)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError) as error:
        findings.append(Finding("crosswalk-failed", args={"why": f"{type(error).__name__}: {error}"[:120]}))
    return BibRecord(source_format=reading.marc.schema if reading.marc is not None else reading.kind)

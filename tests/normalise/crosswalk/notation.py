"""The notation of the golden cases: a record as a cataloguer writes it down, and a description as one reads it.

A case file holds cases parted by lines `=== name`; each has the record, a line `---` and the expected description.
MARC: `format cnmarc`, `leader ...`, then `010 ## $a978-7...$dCNY20.00` (`#` a blank indicator, `001 text` a control field).
Dublin Core, MODS: the XML; tables: `column: cell` lines.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from normalise.crosswalk import Description, title_display
from normalise.read import Reading
from schemas.bib import BibRecord
from schemas.marc import MarcField, MarcRecord

LEADERS = {
    "cnmarc": "00000nam0 2200000   450 ",
    "unimarc": "00000nam0 2200000   450 ",
    "marc21": "00000nam a2200000 a 4500",
}


class Case(NamedTuple):
    name: str
    profile: str
    reading: Reading
    expected: str


def cases(file: Path) -> list[Case]:
    found = []
    for block in re.split(r"^=== ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, rest = block.partition("\n")
        record, _, expected = rest.partition("\n---\n")
        profile, reading = parse(record)
        found.append(Case(name.strip(), profile, reading, expected.strip()))
    return found


def parse(text: str) -> tuple[str, Reading]:
    profile, kind, lines = "", "", []
    for line in text.strip().splitlines():
        if line.startswith("format "):
            kind = line[7:].strip()
        elif line.startswith("profile "):
            profile = line[8:].strip()
        else:
            lines.append(line)
    if kind in LEADERS:
        return profile, Reading("marc", marc=marc(kind, lines))
    if kind == "csv":
        return profile, Reading(
            "csv", row=dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "") for line in lines)
        )
    return profile, Reading("mods" if kind == "mods" else "dc", element=etree.fromstring("\n".join(lines)))


def marc(schema: str, lines: list[str]) -> MarcRecord:
    leader, fields = LEADERS[schema], []
    for line in lines:
        if line.startswith("leader "):
            leader = line[7:]
        elif line[4:5] and (line[4] in "#0123456789 " and line[6:8] == " $"):
            subfields = [(piece[0], piece[1:]) for piece in re.split(r"(?<!\\)\$", line[7:])[1:] if piece]
            subfields = [(code, value.replace("\\$", "$")) for code, value in subfields]
            fields.append(MarcField(line[:3], "", line[4:6].replace("#", " "), subfields))
        elif line.strip():
            fields.append(MarcField(line[:3], line[4:]))
    return MarcRecord(leader.ljust(24), fields, schema)  # type: ignore[arg-type]


def render(described: Description) -> str:
    return "\n".join([*_bib(described.bib), *_holdings(described), *_findings(described)])


def _bib(bib: BibRecord) -> list[str]:
    out = []
    for title in bib.titles:
        label = "title" if title.kind == "main" else f"{title.kind} title"
        extra = f"  [{title.language}]" if title.language else ""
        out.append(f"{label}: {title_display(title)}{extra}")
        out += [f"  part number: {title.part_number}"] if title.part_number else []
        out += [f"  part name: {title.part_name}"] if title.part_name else []
        out += [f"  romanised: {title.romanised}"] if title.romanised else []
    for agent in bib.agents:
        words = [agent.kind if agent.kind != "person" else "", agent.role, agent.role_text, f"({agent.country})" if agent.country else "",
                 agent.dates, f"= {agent.original_name}" if agent.original_name else "", f"/{agent.romanised}/" if agent.romanised else ""]  # fmt: skip
        out.append(" ".join([f"{'main ' if agent.primary else ''}agent: {agent.name}", *filter(None, words)]))
    for one in bib.identifiers:
        words = ["" if one.valid else "not valid", one.qualifier, f"of the {one.scope}" if one.scope else "", one.price]
        out.append("; ".join([f"{one.kind}: {one.value}", *filter(None, words)]))
    if bib.edition:
        out.append(f"edition: {bib.edition.text}" + (f" = {bib.edition.number}" if bib.edition.number else ""))
    for made in bib.publication:
        years = [f"year {made.year}" if made.year else "", f"to {made.year_end}" if made.year_end else "",
                 f"printed {made.printing_year}" if made.printing_year else ""]  # fmt: skip
        out.append(f"published: {made.place} : {made.publisher}, {made.date_text} [{' '.join(filter(None, years))}]")
    if bib.extent:
        told = [f"{bib.extent.pages} pages" if bib.extent.pages else "", f"{bib.extent.volumes} volumes" if bib.extent.volumes else "",
                bib.extent.illustrations, bib.extent.size, bib.extent.accompanying]  # fmt: skip
        out.append("; ".join([f"extent: {bib.extent.text}", *filter(None, told)]))
    out += [f"series: {' ; '.join(filter(None, (s.title, s.number, s.issn)))}" for s in bib.series]
    out += [f"subject: {' -- '.join(s.parts)} ({' '.join(filter(None, (s.kind, s.scheme)))})" for s in bib.subjects]
    out += [f"class: {c.scheme} {c.value}" for c in bib.classes]
    out += [f"{n.kind} note: {n.text}" for n in bib.notes]
    out += [f"link: {link.url}" for link in bib.links]
    for relation in bib.relations:
        told = [
            relation.title,
            relation.number,
            *(f"{i.kind} {i.value}" for i in relation.identifiers),
            relation.local_id,
        ]
        out.append(f"{relation.kind} of: {' ; '.join(filter(None, told))}")
    flags = [
        bib.level,
        bib.content or "?",
        bib.carrier or "?",
        bib.script,
        bib.country,
        "guji" if bib.guji else "",
        "thesis" if bib.thesis else "",
    ]
    out.append(f"is: {' '.join(filter(None, flags))}")
    out.append(
        f"language: {' '.join(bib.languages) or '-'}"
        + (f" from {' '.join(bib.original_languages)}" if bib.original_languages else "")
    )
    out += [f"agencies: {' > '.join(bib.agencies)}"] if bib.agencies else []
    return out


def _holdings(described: Description) -> list[str]:
    out = []
    for holding in described.holdings:
        place = " / ".join(filter(None, (holding.branch, holding.location, holding.call_number)))
        extra = [f"({holding.note})" if holding.note else "", holding.url]
        out.append(" ".join([f"holding: {place} x {holding.copies}", *filter(None, extra)]))
        for item in holding.items:
            words = [item.barcode or "-", item.status, f"copy {item.copy}" if item.copy else "", f"vol. {item.volume}" if item.volume else "",
                     item.year, item.price, f"due {item.due}" if item.due else ""]  # fmt: skip
            out.append(f"  {' '.join(filter(None, words))}")
    return out


def _findings(described: Description) -> list[str]:
    out = []
    for finding in described.findings:
        assert finding.text().zh and finding.text().en  # both languages, every argument there
        assert "?" not in finding.text().zh.replace("？", "")
        out.append(" ".join(filter(None, (f"finding: {finding.code}", finding.field))))
    return out

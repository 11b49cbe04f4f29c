"""CNMARC and UNIMARC: one crosswalk, for CNMARC is UNIMARC with Chinese fields (091, 092, 099, 690, 692) and habits."""

from __future__ import annotations

from normalise.crosswalk import coded, extent, notes, publication, relations, standard_numbers, subjects, titles
from normalise.crosswalk.agents import complete, country_code, parse_name, role_code
from normalise.crosswalk.editions import edition
from normalise.crosswalk.finish import finish
from normalise.fields import NONE, ByTag, Findings, blocks, clean, first, fixed_field, index, note
from schemas.bib import Agent, AgentKind, BibRecord
from schemas.marc import MarcField, MarcRecord

_AGENTS: dict[str, tuple[AgentKind, bool]] = {
    "700": ("person", True), "701": ("person", True), "702": ("person", False), "710": ("corporate", True), "711": ("corporate", True),
    "712": ("corporate", False), "720": ("person", True), "721": ("person", True), "722": ("person", False), "716": ("corporate", False),
}  # fmt: skip

_GUJI = frozenset(("140", "141", "193"))  # coded data and notes of 古籍


def describe(record: MarcRecord, findings: Findings) -> BibRecord:
    """The description in a CNMARC or UNIMARC record. Never raises on content: what is odd becomes a finding."""
    by = index(record.fields)
    block = blocks(record.fields)
    leader = record.leader
    bib = BibRecord(source_format=record.schema)
    component = leader[7:8] in ("a", "b")
    bib.titles = titles.unimarc(by, block.get("5", NONE), findings)
    bib.identifiers = standard_numbers.unimarc(by, findings)
    bib.edition = edition(first(by, "205", "a"))
    bib.publication = publication.unimarc(by, findings)
    bib.extent = extent.unimarc(by, findings)
    bib.series, bib.relations = relations.unimarc(by, block.get("4", NONE), component)
    bib.subjects, bib.classes = subjects.unimarc(block.get("6", NONE))
    bib.notes = notes.unimarc(block.get("3", NONE))
    bib.links = notes.links(by)
    publication.printing_from_notes(bib.publication, [n.text for n in bib.notes if n.kind == "general"])
    coded.unimarc_languages(by, bib, findings)
    bib.country = first(by, "102", "a")[:2].upper()
    bib.agencies = _agencies(by)
    title = bib.title
    bib.agents = complete(
        _agents(block.get("7", NONE), findings), title.responsibility if title and title.kind == "main" else ""
    )
    bib.content, bib.carrier = coded.unimarc_kind(leader, by, bib)
    designations = [value for field in by.get("200", NONE)[:1] for value in field.all("b") if value]
    bib.thesis = (
        "328" in by
        or ("m" in fixed_field(by, "105")[4:8] and not bib.identifiers)
        or any(map(coded.says_thesis, designations))
    )
    flags = any(map(coded.guji_designation, designations)) or not _GUJI.isdisjoint(by)
    finish(bib, leader, leader[8:9], findings, guji_flags=flags)
    return bib


def _agents(fields: list[MarcField], findings: Findings) -> list[Agent]:
    found = []
    for field in fields:
        told = _AGENTS.get(field.tag)
        if told is None:
            continue
        agent = _agent(field, *told)
        if agent is not None:
            found.append(agent)
        elif any(value.strip() for _, value in field.subfields):
            note(findings, "agent-empty", field.tag)
    return found


def _agent(field: MarcField, kind: AgentKind, primary: bool) -> Agent | None:
    # $b is the rest of a personal name (forename), but a subdivision of a body; $c holds country or dynasty in China.
    name = rest = qualifier = dates = original = role = romanised = ""
    for code, raw in field.subfields:
        if not raw:
            continue
        if code == "a":
            name = name or raw
        elif code == "b":
            rest = clean(raw)
        elif code == "c":
            qualifier = qualifier or raw
        elif code == "f":
            dates = clean(raw.strip("() （）"))
        elif code == "g":
            original = clean(raw.strip().strip("()（）"))
        elif code == "4":
            role = role or raw.strip()
        elif code == "9" or code == "A":
            romanised = romanised or clean(raw)
    parsed = parse_name(name)
    if not parsed.name:
        return None
    full = parsed.name
    if rest:
        full = f"{full}, {rest}" if kind == "person" else f"{full}. {rest}"
    if kind == "corporate" and field.indicators[:1] == "1":
        kind = "meeting"
    bare = role.removeprefix("等") or role
    return Agent(
        full, kind, role_code(bare), "" if bare.isdigit() else bare, dates or parsed.dates, parsed.country or (country_code(qualifier) if qualifier else ""),
        original or parsed.original, romanised, primary,
    )  # fmt: skip


def _agencies(by: ByTag) -> list[str]:
    """801 in the order of its second indicator: original, transcribing, modifying, issuing."""
    fields = by.get("801", NONE)
    if len(fields) > 1:
        fields = sorted(fields, key=lambda f: f.indicators[1:2] or "9")
    return list(dict.fromkeys(value for field in fields if (value := clean(field.get("b")))))

"""MARC 21, with linked (880 $6) and unlinked other scripts, romanised or not."""

from __future__ import annotations

import re

from normalise.crosswalk import coded, extent, notes, publication, relations, standard_numbers, subjects, titles
from normalise.crosswalk.agents import complete, country_code, parse_name, role_code
from normalise.crosswalk.editions import edition
from normalise.crosswalk.finish import finish
from normalise.fields import NONE, ByTag, Findings, blocks, clean, index, note
from normalise.text import has_cjk
from schemas.bib import Agent, AgentKind, BibRecord, Title
from schemas.marc import MarcField, MarcRecord

_AGENTS: dict[str, tuple[AgentKind, bool]] = {
    "100": ("person", True), "110": ("corporate", True), "111": ("meeting", True),
    "700": ("person", False), "710": ("corporate", False), "711": ("meeting", False), "720": ("person", False),
}  # fmt: skip
_link = re.compile(r"^([0-9]{3})-([0-9]{2})").match


class Pair:
    """A field in the script to show, and the same field romanised (or None)."""

    __slots__ = ("field", "romanised")

    def __init__(self, field: MarcField, romanised: MarcField | None) -> None:
        self.field, self.romanised = field, romanised


def paired(record: MarcRecord, findings: Findings) -> dict[str, list[Pair]]:
    """Fields by tag with their linked 880 beside them; the one in Chinese characters leads. Unlinked 880 stand under their tag."""
    linked: dict[str, MarcField] = {}
    unlinked: list[MarcField] = []
    for field in record.fields:
        if field.tag == "880" and (match := _link(field.get("6"))):
            tag, occurrence = match[1], match[2]
            shown = MarcField(tag, "", field.indicators, field.subfields)
            if occurrence == "00" or f"{tag}-{occurrence}" in linked:
                unlinked.append(shown)
            else:
                linked[f"{tag}-{occurrence}"] = shown
    found: dict[str, list[Pair]] = {}
    for field in record.fields:
        if field.tag == "880" or field.value:
            continue
        other = None
        if field.tag not in found:
            found[field.tag] = []
        if (linked or unlinked) and (six := field.get("6")) and (match := _link(six)) and match[1] == "880":
            other = linked.pop(f"{field.tag}-{match[2]}", None)
            if other is None and match[2] != "00":
                note(findings, "linked-field-missing", field.tag, value=six)
        found[field.tag].append(Pair(field, None) if other is None else _choose(field, other))
    for field in [*linked.values(), *unlinked]:
        pairs = found.setdefault(field.tag, [])
        free = (
            next((p for p in pairs if p.romanised is None and not _chinese(p.field)), None)
            if field.tag in _SINGLE
            else None
        )
        if free is not None and _chinese(field):
            free.field, free.romanised = field, free.field
        elif field.tag not in _SINGLE or not pairs:
            pairs.append(Pair(field, None))
    return found


_SINGLE = {
    "100",
    "110",
    "111",
    "130",
    "240",
    "245",
    "250",
    "260",
    "264",
    "300",
}  # an unlinked 880 of these is the other script of the one


def _chinese(field: MarcField) -> bool:
    return any(has_cjk(value) for code, value in field.subfields if code != "6")


def _choose(field: MarcField, other: MarcField) -> Pair:
    if _chinese(field) or not any(not value.isascii() for code, value in other.subfields if code != "6"):
        return Pair(field, other)
    return Pair(other, field)


def describe(record: MarcRecord, findings: Findings) -> BibRecord:
    """The description in a MARC 21 record. Never raises on content: what is odd becomes a finding."""
    by = index(record.fields)
    pairs = paired(record, findings)
    leader = record.leader
    bib = BibRecord(source_format="marc21")
    bib.titles = _titles(pairs, findings)
    bib.identifiers = standard_numbers.marc21(by, findings)
    if "250" in pairs:
        lead = pairs["250"][0]
        bib.edition = edition(lead.field.get("a"))
        if bib.edition and bib.edition.number is None and lead.romanised is not None:
            other = edition(lead.romanised.get("a"))
            bib.edition.number = other.number if other else None
    shown = {tag: [p.field for p in some] for tag, some in pairs.items()}
    block = blocks([p.field for some in pairs.values() for p in some])
    bib.publication = publication.marc21(by, _in_order(shown, ("264", "260")), findings)
    bib.extent = extent.marc21(shown, findings)
    bib.series, bib.relations = relations.marc21(by, [f for b in "478" for f in block.get(b, NONE)])
    bib.subjects, bib.classes = subjects.marc21(by, block.get("6", NONE))
    bib.notes = notes.marc21([f for b in "53" for f in block.get(b, NONE)])
    bib.links = notes.links(by)
    publication.printing_from_notes(bib.publication, [n.text for n in bib.notes if n.kind == "general"])
    coded.marc21_languages(by, bib, findings)
    fixed = by["008"][0].value if "008" in by else ""
    bib.country = coded.country_21(fixed[15:18])
    bib.agencies = _agencies(by)
    title = bib.title
    bib.agents = complete(_agents(pairs, findings), title.responsibility if title and title.kind == "main" else "")
    bib.content, bib.carrier = coded.marc21_kind(leader, by, bib)
    bib.thesis = "502" in by or (fixed[24:28].count("m") > 0 and leader[6:8] in ("am", "tm") and "502" in by)
    if (
        title
        and not title.romanised
        and "chi" in bib.languages
        and title.text.isascii()
        and bib.country in ("CN", "TW", "HK", "")
    ):
        title.romanised = title.text
        note(findings, "romanised-only", "245")
    finish(bib, leader, "2" if leader[19:20] in ("b", "c") else leader[19:20], findings)
    return bib


def _in_order(shown: ByTag, tags: tuple[str, ...]) -> list[MarcField]:
    return [field for tag in tags for field in shown.get(tag, NONE)]


def _titles(pairs: dict[str, list[Pair]], findings: Findings) -> list[Title]:
    found: list[Title] = []
    for pair in pairs.get("245", [])[:1]:
        main = titles.marc21_title(pair.field)
        if main and main.text:
            if pair.romanised is not None:
                other = titles.marc21_title(pair.romanised)
                main.romanised = other.text if other else ""
            found.append(main)
            if parallel := titles.marc21_parallel(pair.field):
                found.append(parallel)
    if not found:
        note(findings, "title-missing", "245$a")
    for tag in titles.MARC21_VARIANTS:
        for pair in pairs.get(tag, []):
            title = titles.marc21_title(pair.field, titles.marc21_kind(pair.field))
            if title and title.text:
                if pair.romanised is not None:
                    title.romanised = clean(pair.romanised.get("a"))
                found.append(title)
    return found


def _agents(pairs: dict[str, list[Pair]], findings: Findings) -> list[Agent]:
    found = []
    for tag, (kind, primary) in _AGENTS.items():
        for pair in pairs.get(tag, []):
            if tag != "720" and pair.field.get("t"):
                continue  # a name-title entry is a related work, not an agent of this one
            agent = _agent(pair, kind, primary)
            if agent is None:
                note(findings, "agent-empty", tag)
            else:
                found.append(agent)
    return found


def _agent(pair: Pair, kind: AgentKind, primary: bool) -> Agent | None:
    field = pair.field
    parsed = parse_name(clean(field.get("a")))
    if not parsed.name:
        return None
    name = parsed.name
    below = list(map(clean, field.all("b"))) if kind != "person" else []
    if below:
        name = ". ".join([name, *below])
    qualifier = clean(field.get("c"))
    roles = list(map(clean, field.all("e" if kind != "meeting" else "j")))
    codes = [v.strip().rsplit("/", 1)[-1] for v in field.all("4")]
    if pair.romanised is not None and not roles:
        roles = [clean(v) for v in pair.romanised.all("e")]
        codes = codes or [v.strip().rsplit("/", 1)[-1] for v in pair.romanised.all("4")]
    role = next(filter(None, map(role_code, (*codes, *roles))), "")
    return Agent(
        name,
        kind,
        role,
        roles[0] if roles else next((code for code in codes if has_cjk(code)), ""),
        clean(field.get("d")).strip("()（）") or parsed.dates,
        parsed.country or (country_code(qualifier) if has_cjk(qualifier) else ""),
        parsed.original or clean(field.get("q")).strip("()"),
        clean(pair.romanised.get("a")) if pair.romanised is not None else "",
        primary,
    )


def _agencies(by: ByTag) -> list[str]:
    values = [value for field in by.get("040", NONE)[:1] for code in "acd" for value in field.all(code)]
    return list(dict.fromkeys(filter(None, map(clean, values))))

"""MODS 3.x."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from normalise import identifiers as numbers
from normalise.crosswalk import extent, publication
from normalise.crosswalk.agents import complete, country_code, kind_of, parse_name, role_code
from normalise.crosswalk.carriers import Kind, from_words, settle
from normalise.crosswalk.coded import guji_designation, language_codes, says_thesis
from normalise.crosswalk.editions import edition
from normalise.crosswalk.finish import finish
from normalise.crosswalk.rows import language
from normalise.fields import Findings, clean, note, tidy
from normalise.text import has_cjk
from schemas.bib import (
    Agent,
    AgentKind,
    BibRecord,
    Classification,
    Identifier,
    IdentifierKind,
    Link,
    Note,
    Relation,
    RelationKind,
    Series,
    Subject,
    Title,
    TitleKind,
)  # fmt: skip

_TYPES: dict[str, Kind] = {
    "text": ("text", ""), "cartographic": ("map", ""), "notated music": ("music", ""), "sound recording": ("sound", ""),
    "sound recording-musical": ("sound", ""), "sound recording-nonmusical": ("sound", ""), "still image": ("image", ""), "moving image": ("video", ""),
    "three dimensional object": ("object", "object"), "software, multimedia": ("software", ""), "mixed material": ("mixed", ""),
}  # fmt: skip
_RELATED: dict[str, RelationKind] = {
    "host": "host", "preceding": "preceding", "succeeding": "succeeding", "original": "other_edition", "otherVersion": "other_edition",
    "otherFormat": "other_edition", "constituent": "component", "references": "other", "isReferencedBy": "other", "reviewOf": "other",
}  # fmt: skip
_IDENTIFIERS: dict[str, IdentifierKind] = {"lccn": "lccn", "oclc": "oclc", "doi": "doi", "isrc": "isrc", "local": "local",
                                           "music publisher": "publisher_no", "issue number": "publisher_no"}  # fmt: skip
_SUBJECTS: dict[str, Literal["topic", "place", "time", "title", "form"]] = {
    "topic": "topic", "geographic": "place", "temporal": "time", "titleInfo": "title", "genre": "form", "hierarchicalGeographic": "place",
}  # fmt: skip


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _each(element: Any, *names: str) -> Iterator[Any]:
    for child in element:
        if _name(child) in names:
            yield child


def _text(element: Any, name: str) -> str:
    return next((tidy("".join(child.itertext())) for child in _each(element, name)), "")


def describe(element: Any, findings: Findings) -> BibRecord:
    """The description in a <mods> element."""
    bib = BibRecord(source_format="mods")
    _titles(element, bib, findings)
    bib.agents = [agent for child in _each(element, "name") if (agent := _agent(child))]
    _origin(element, bib, findings)
    _identifiers(element, bib, findings)
    kinds, flags = _kinds(element, bib)
    for child in _each(element, "language"):
        for term in _each(child, "languageTerm"):
            text = tidy(term.text or "")
            if term.get("type") == "code":
                bib.languages += [c for c in language_codes([text], findings, "languageTerm") if c not in bib.languages]
            elif not bib.languages and (code := language(text)):
                bib.languages.append(code)
    _notes(element, bib)
    _subjects(element, bib)
    _related(element, bib)
    bib.links = [
        Link(url)
        for place in _each(element, "location")
        for child in _each(place, "url")
        if (url := (child.text or "").strip())
    ]
    bib.content, bib.carrier = settle(kinds, bool(bib.extent and bib.extent.pages), bib)
    statement = bib.titles[0].responsibility if bib.titles else ""
    bib.agents = complete(bib.agents, statement)
    bib.agencies = [t for info in _each(element, "recordInfo") if (t := _text(info, "recordContentSource"))]
    publication.printing_from_notes(bib.publication, [n.text for n in bib.notes])
    issuance = next((_text(o, "issuance") for o in _each(element, "originInfo") if _text(o, "issuance")), "")
    serial = issuance in ("serial", "continuing", "integrating resource")
    finish(bib, "       s" if serial else "", "", findings, guji_flags=flags)
    if issuance == "multipart monograph" and bib.level == "monograph":
        bib.level = "set"
    return bib


def _titles(element: Any, bib: BibRecord, findings: Findings) -> None:
    romanised = ""
    for info in _each(element, "titleInfo"):
        before = _text(info, "nonSort")
        text = clean(
            f"{before} {_text(info, 'title')}".strip()
            if before and not before.endswith("'")
            else before + _text(info, "title")
        )
        if not text:
            continue
        if info.get("transliteration") or (
            info.get("type") == "alternative" and not has_cjk(text) and info.get("script") == "Latn"
        ):
            romanised = romanised or text
            continue
        kinds: dict[str | None, TitleKind] = {
            None: "main",
            "translated": "parallel",
            "uniform": "uniform",
            "alternative": "variant",
            "abbreviated": "variant",
        }
        kind = kinds.get(info.get("type"), "variant")
        title = Title(
            text, kind, clean(_text(info, "subTitle")), " ".join(clean("".join(p.itertext())) for p in _each(info, "partNumber")),
            " ".join(clean("".join(p.itertext())) for p in _each(info, "partName")),
        )  # fmt: skip
        if kind == "main" and bib.titles and bib.titles[0].kind == "main":
            title.kind = "variant"
            bib.titles.append(title)
        elif kind == "main":
            bib.titles.insert(0, title)
        else:
            bib.titles.append(title)
    if bib.titles and bib.titles[0].kind == "main":
        bib.titles[0].romanised = romanised
        for child in _each(element, "note"):
            if child.get("type") == "statement of responsibility":
                bib.titles[0].responsibility = tidy("".join(child.itertext()))
    else:
        note(findings, "title-missing", "titleInfo")


def _agent(element: Any) -> Agent | None:
    given = family = whole = dates = country = ""
    for part in _each(element, "namePart"):
        text = tidy("".join(part.itertext()))
        match part.get("type"):
            case "given":
                given = text
            case "family":
                family = text
            case "date":
                dates = text
            case "termsOfAddress":
                country = country_code(text) if has_cjk(text) else ""
            case _:
                whole = f"{whole}. {text}" if whole else text
    name = whole or (f"{family}{given}" if has_cjk(family) else ", ".join(p for p in (family, given) if p))
    parsed = parse_name(name or _text(element, "displayForm"))
    if not parsed.name:
        return None
    codes: list[str] = []
    words: list[str] = []
    for role in _each(element, "role"):
        for term in _each(role, "roleTerm"):
            (codes if term.get("type") == "code" else words).append(tidy(term.text or ""))
    from_word = next((c for w in words if (c := role_code(w))), "")
    from_code = next((c for c in codes if c and c != "ctb"), "")  # ctb is what systems write when they do not know
    kinds: dict[str | None, AgentKind] = {
        "personal": "person",
        "corporate": "corporate",
        "conference": "meeting",
        "family": "person",
    }
    kind = kinds.get(element.get("type")) or kind_of(parsed.name)
    return Agent(
        parsed.name, kind, from_code or from_word or (codes[0] if codes else ""), words[0] if words else "", dates or parsed.dates,
        parsed.country or country, parsed.original, primary=element.get("usage") == "primary",
    )  # fmt: skip


def _origin(element: Any, bib: BibRecord, findings: Findings) -> None:
    for origin in _each(element, "originInfo"):
        places = [
            tidy(t.text or "") for p in _each(origin, "place") for t in _each(p, "placeTerm") if t.get("type") != "code"
        ]
        dates = [
            (d.get("keyDate") == "yes", d.get("point"), tidy(d.text or ""))
            for d in _each(origin, "dateIssued", "dateCreated", "copyrightDate")
        ]
        shown = next((t for _, point, t in dates if point != "end" and t), "")
        made = publication.make(places[0] if places else "", _text(origin, "publisher"), shown)
        if made.year is None:
            made.year = next((y for _, _, t in dates if (y := publication.years(t)[0])), None)
        made.year_end = made.year_end or next(
            (publication.years(t)[0] for _, point, t in dates if point == "end"), None
        )
        if shown and made.year is None:
            note(findings, "year-unreadable", "dateIssued", value=shown)
        if made.place or made.publisher or made.date_text:
            bib.publication.append(made)
        bib.edition = bib.edition or edition(_text(origin, "edition"))


def _identifiers(element: Any, bib: BibRecord, findings: Findings) -> None:
    for child in _each(element, "identifier"):
        text, kind = tidy(child.text or ""), (child.get("type") or "").lower()
        cancelled = child.get("invalid") == "yes"
        label = tidy(child.get("displayLabel") or "")
        if kind == "isbn":
            made = numbers.isbn(text, cancelled=cancelled)
            for one in made:
                one.qualifier = one.qualifier or label
                one.scope = one.scope or numbers.scope_of(label)
                if not one.valid and not cancelled and one.kind == "isbn":
                    note(
                        findings,
                        "isbn-check" if len(one.value) in (10, 13) else "isbn-length",
                        "identifier",
                        value=text,
                    )
            bib.identifiers += made
        elif kind == "issn":
            bib.identifiers += numbers.issn(text, cancelled=cancelled)
        elif kind == "ismn":
            bib.identifiers += numbers.ismn(text, cancelled=cancelled)
        elif kind == "统一书号":
            bib.identifiers += numbers.unified_number(text)
        elif kind == "uri" and text.startswith("http"):
            bib.links.append(Link(text))
        elif made := numbers.unified_number(text) if kind in ("local", "") else []:
            bib.identifiers += made
        elif text:
            bib.identifiers.append(
                Identifier(_IDENTIFIERS.get(kind, "standard" if kind else "local"), text, not cancelled)
            )


def _kinds(element: Any, bib: BibRecord) -> tuple[list[Kind], bool]:
    kinds: list[Kind] = []
    flags = False
    for child in _each(element, "typeOfResource"):
        text = tidy(child.text or "").lower()
        content, carrier = _TYPES.get(text) or from_words(text)
        if child.get("manuscript") == "yes":
            carrier = "manuscript"
        kinds.append((content, carrier))
    for physical in _each(element, "physicalDescription"):
        for child in physical:
            text, name = tidy("".join(child.itertext())), _name(child)
            if name == "extent":
                made = extent.split(text)
                bib.extent = bib.extent or made
                kinds.append(from_words(text))
            elif name in ("form", "internetMediaType"):
                kinds.append(from_words(text))
                flags = flags or guji_designation(text)
            elif name == "digitalOrigin" and text == "born digital":
                kinds.append(("", "online"))
    for child in _each(element, "genre"):
        text = tidy(child.text or "")
        kinds.append(from_words(text))
        bib.thesis = bib.thesis or says_thesis(text)
        flags = flags or guji_designation(text)
    return kinds, flags


def _notes(element: Any, bib: BibRecord) -> None:
    for child in _each(element, "abstract"):
        if text := tidy("".join(child.itertext())):
            bib.notes.append(Note(text, "abstract"))
    for child in _each(element, "tableOfContents"):
        if text := tidy("".join(child.itertext())):
            bib.notes.append(Note(text, "contents"))
    for child in _each(element, "note"):
        text, kind = tidy("".join(child.itertext())), (child.get("type") or "").lower()
        if not text or kind == "statement of responsibility":
            continue
        if kind == "thesis" or (says_thesis(text) and len(text) < 60):
            bib.thesis = True
            bib.notes.append(Note(text, "dissertation"))
        else:
            bib.notes.append(Note(text, "copy" if kind in ("ownership", "provenance", "condition") else "general"))


def _subjects(element: Any, bib: BibRecord) -> None:
    for child in _each(element, "subject"):
        parts = [
            (n, t)
            for part in child
            if (n := _name(part)) and (t := clean(" ".join(x.strip() for x in part.itertext() if x.strip())))
        ]
        if parts:
            first = parts[0][0]
            kind = _SUBJECTS.get(first, "topic")
            bib.subjects.append(
                Subject([t for _, t in parts], "person" if first == "name" else kind, child.get("authority") or "")
            )
    for child in _each(element, "classification"):
        if text := clean(child.text or ""):
            bib.classes.append(Classification(child.get("authority") or "local", text, child.get("edition") or ""))


def _related(element: Any, bib: BibRecord) -> None:
    for child in _each(element, "relatedItem"):
        info = next(_each(child, "titleInfo"), None)
        title = clean(_text(info, "title")) if info is not None else ""
        number = clean(_text(info, "partNumber")) if info is not None else ""
        kind = child.get("type") or ""
        if kind == "series":
            if title:
                bib.series.append(Series(title, number))
            continue
        found = [
            i
            for x in _each(child, "identifier")
            for i in (numbers.isbn(x.text or "") if x.get("type") == "isbn" else numbers.issn(x.text or ""))
        ]
        if title or found:
            bib.relations.append(Relation(_RELATED.get(kind, "other"), title, number, found))

"""Dublin Core, simple or qualified: what repositories put into fifteen elements."""

from __future__ import annotations

import re
from typing import Any

from normalise import identifiers as numbers
from normalise.crosswalk import extent, publication
from normalise.crosswalk.agents import from_statement
from normalise.crosswalk.carriers import from_words, settle
from normalise.crosswalk.coded import says_thesis
from normalise.crosswalk.editions import edition, is_edition
from normalise.crosswalk.finish import finish
from normalise.crosswalk.rows import language
from normalise.crosswalk.subjects import class_of
from normalise.fields import Findings, clean, note, tidy
from normalise.text import has_cjk
from schemas.bib import Agent, BibRecord, Identifier, Link, Note, Publication, Relation, Series, Subject, Title

_label = re.compile(
    r"^\s*(?:urn:)?(isbn|issn|doi|统一书号|国际标准书号|isbn号|oclc|handle|索书号|条码号?|馆藏号|登录号)\s*[:：]?\s*",
    re.IGNORECASE,
).match
_edition_note = re.compile(r"^(?:版本|版次)\s*[:：]?\s*(.+)$").match
_printing = re.compile(r"[0-9]{4}年?第?[0-9一二三四五六七八九十]{0,6}次?印刷").search
_extent_word = re.compile(
    r"页|頁|面|册|冊|卷|cm|公分|\bp\b|\bpp\b|pages|v\.|张|盘|幅|件|[0-9]+开", re.IGNORECASE
).search
_series_label = re.compile(r"^(?:丛书|叢書|系列|is part of|series)\s*[:：]?\s*(.+)$", re.IGNORECASE).match
_name_place = re.compile(r"^(.{2,}?)\s*[(（]([^()（）]{2,20})[)）]$").match
_chain = re.compile(r"\s*(?:--|—|－－)\s*").split


_LONG = frozenset({"description", "abstract", "tableOfContents"})
_LONGEST = 4000  # characters of what is no description; see `normalise.crosswalk._bounded`


def values(element: Any) -> dict[str, list[str]]:
    """Texts by local element name, qualified terms (dcterms) included, empty ones left out."""
    found: dict[str, list[str]] = {}
    for child in element.iter():
        if child is element or not isinstance(child.tag, str):
            continue
        name = child.tag.rpartition("}")[2]
        text = tidy(child.text or "")
        if text:
            found.setdefault(name, []).append(text if name in _LONG else text[:_LONGEST])
    return found


def describe(element: Any, findings: Findings) -> BibRecord:
    """The description in an oai_dc or dcterms element."""
    told = values(element)
    bib = BibRecord(source_format="dc")
    for text in told.get("title", []):
        head = clean(text)
        if head:
            bib.titles.append(Title(head, "main" if not bib.titles else "variant" if has_cjk(head) else "parallel"))
    bib.titles += [Title(clean(text), "variant") for text in told.get("alternative", []) if clean(text)]
    if not bib.titles:
        note(findings, "title-missing", "dc:title")
    bib.agents = _agents(told)
    _identifiers(told, bib, findings)
    _publication(told, bib, findings)
    for text in told.get("format", []) + told.get("extent", []):
        if bib.extent is None and _extent_word(text):
            bib.extent = extent.split(text)
    _descriptions(told, bib)
    _subjects(told, bib)
    for text in told.get("relation", []) + told.get("isPartOf", []):
        if match := _series_label(text):
            bib.series.append(Series(clean(match[1])))
        elif not text.startswith("http"):
            bib.relations.append(Relation("other", clean(text), identifiers=numbers.isbn(text)))
    bib.languages = list(dict.fromkeys(code for text in told.get("language", []) if (code := language(text))))
    types = told.get("type", [])
    bib.thesis = bib.thesis or any(says_thesis(text) for text in types)
    if any(re.search(r"期刊|连续出版物|journal|serial|periodical", text, re.IGNORECASE) for text in types):
        bib.level = "serial"
    elif any(
        re.search(r"^(?:期刊论文|论文|article|bookpart|章节|book chapter)$", text, re.IGNORECASE) for text in types
    ):
        bib.level = "component"
    kinds = [from_words(text) for text in [*types, *(t for t in told.get("format", []) if t), *told.get("medium", [])]]
    bib.content, bib.carrier = settle(kinds, bool(bib.extent and bib.extent.pages), bib)
    level = bib.level
    finish(bib, {"serial": "       s", "component": "       a"}.get(level, ""), "", findings, loose=True)
    return bib


def _agents(told: dict[str, list[str]]) -> list[Agent]:
    found: list[Agent] = []
    seen = set()
    for name, primary in (("creator", True), ("contributor", False)):
        for text in told.get(name, []):
            for agent in from_statement(text):
                if (agent.name, agent.role) not in seen:
                    seen.add((agent.name, agent.role))
                    agent.primary = primary and agent.role not in ("trl", "ths")
                    found.append(agent)
    return found


def _identifiers(told: dict[str, list[str]], bib: BibRecord, findings: Findings) -> None:
    for text in told.get("identifier", []) + [t for t in told.get("source", []) if "isbn" in t.lower()]:
        match = _label(text)
        label = match[1].lower() if match else ""
        rest = text[match.end() :] if match else text
        if label in ("索书号", "条码", "条码号", "馆藏号", "登录号"):
            continue
        if label == "doi" or re.search(r"\b10\.[0-9]{4,9}/", text):
            found = re.search(r"10\.[0-9]{4,9}/\S+", text)
            if found:
                bib.identifiers.append(Identifier("doi", found.group().lower()))
        elif text.startswith(("http://", "https://")):
            bib.links.append(Link(text))
        elif label == "issn" or (not label and re.fullmatch(r"[0-9]{4}-[0-9]{3}[0-9Xx]", rest)):
            bib.identifiers += numbers.issn(rest)
        else:
            made = numbers.isbn(rest)
            bib.identifiers += made
            for one in made:
                if one.kind == "isbn" and not one.valid:
                    note(
                        findings,
                        "isbn-check" if len(one.value) in (10, 13) else "isbn-length",
                        "dc:identifier",
                        value=rest,
                    )


def _publication(told: dict[str, list[str]], bib: BibRecord, findings: Findings) -> None:
    dates = told.get("issued", []) + told.get("date", []) + told.get("created", [])
    publishers = told.get("publisher", [])
    places = told.get("spatial", []) if not publishers else []
    date = next((d for d in dates if publication.years(d)[0]), dates[0] if dates else "")
    place, name = _place_and_name(publishers[0]) if publishers else ("", "")
    made: Publication = publication.make(place or (places[0] if places else ""), name, date)
    if date and made.year is None:
        note(findings, "year-unreadable", "dc:date", value=date)
    if made.publisher or made.date_text or made.place:
        bib.publication = [made]


def _place_and_name(text: str) -> tuple[str, str]:
    """`中华书局(北京)`, `Upper Saddle River: Pearson` and `北京：商务印书馆` to place and name; a bare name stays."""
    place, colon, name = text.partition(": ") if ": " in text else text.partition("：")
    if not (colon and 1 < len(place) < 25):
        place, name = "", text
    if match := _name_place(name):
        return place or match[2], match[1]
    return place, name


def _descriptions(told: dict[str, list[str]], bib: BibRecord) -> None:
    for text in told.get("description", []) + told.get("abstract", []):
        plain = clean(text)
        match = _edition_note(plain)
        statement = match[1] if match else plain
        if bib.edition is None and (is_edition(statement) or match):
            bib.edition = edition(statement)
        elif match := _series_label(plain):
            bib.series.append(Series(clean(match[1])))
        elif says_thesis(plain) and len(plain) < 80:
            bib.thesis = True
            bib.notes.append(Note(text, "dissertation"))
        elif bib.edition is None and len(plain) < 30 and re.search(r"[刻抄稿印活写]本$", plain):
            bib.edition = edition(plain)
        else:
            bib.notes.append(Note(text, "abstract" if len(plain) > 30 and not _printing(plain) else "general"))
    publication.printing_from_notes(bib.publication, [n.text for n in bib.notes if n.kind == "general"])


def _subjects(told: dict[str, list[str]], bib: BibRecord) -> None:
    for text in told.get("subject", []):
        if made := class_of(text):
            bib.classes.append(made)
        else:
            parts = [part for piece in _chain(text) if (part := clean(piece))]
            if parts:
                bib.subjects.append(Subject(parts, "topic" if len(parts) > 1 else "free"))

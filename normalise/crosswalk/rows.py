"""Tables: bookshop feeds (馆店融合) and lists that libraries export from spreadsheets. Columns by configuration or by their names."""

from __future__ import annotations

import re

from normalise import identifiers as numbers
from normalise.crosswalk import extent, publication
from normalise.crosswalk.agents import from_statement
from normalise.crosswalk.carriers import Kind, from_words, settle
from normalise.crosswalk.editions import edition
from normalise.crosswalk.finish import finish
from normalise.crosswalk.subjects import class_of
from normalise.fields import Findings, clean, note
from normalise.tables import columns
from normalise.text import fold
from schemas.bib import BibRecord, Classification, Identifier, Link, Note, Series, Subject, Title

_AD = (
    r"(?:新华书店)?(?:正版|正品)(?:书籍|图书|现货|包邮)*|(?:全新)?塑封|全新(?:正版|塑封|书籍)?|新华书店\S*|包邮|现货(?:速发)?|附?赠[\u3400-\u9fff]{0,6}|(?:附|送)[\u3400-\u9fff]{1,4}|畅销\S{0,4}|名家名译|名师推荐|"
    r"(?:新课标|小学生?|中学生?|教育部)?\S{0,2}(?:必读|推荐)(?:书目|丛书)?|特价|促销|官方\S{0,4}|限时\S{0,3}|热[卖销]|经典(?:名著|畅销)|无删减|书籍"
)
_advert = re.compile(
    rf"\s*(?:【[^】]*】|[（(\[［]\s*(?:{_AD})\s*[)）\]］]|\s(?:正版书籍|正版图书|正版|包邮|现货|书籍)(?=\s|$))\s*"
).search
_binding = re.compile(r"\s*[（(\[［]?\s*((?:软|硬|布面)?精装|平装|简装|线装|盒装|函套装?|套装)\s*[)）\]］]?\s*$").search
_yuan = re.compile(r"^[0-9]+(?:\.[0-9]+)?$").match
_LANGUAGES = {"中文": "chi", "汉语": "chi", "简体中文": "chi", "zh": "chi", "zho": "chi", "chi": "chi", "英文": "eng", "英语": "eng", "en": "eng", "eng": "eng", "日文": "jpn", "日语": "jpn",
              "ja": "jpn", "法文": "fre", "fr": "fre", "德文": "ger", "de": "ger", "俄文": "rus", "ru": "rus", "韩文": "kor", "ko": "kor"}  # fmt: skip


def language(text: str) -> str:
    """The code of ISO 639-2/B for a language as people write it (中文, zh-CN, English, chi), or an empty string."""
    key = fold(text).split(" ")[0] if text else ""
    if key in _LANGUAGES:
        return _LANGUAGES[key]
    if fold(text).startswith(("english", "chinese", "japanese")):
        return {"e": "eng", "c": "chi", "j": "jpn"}[fold(text)[0]]
    return key if len(key) == 3 and key.isascii() and key.isalpha() else ""


def without_advertising(title: str, findings: Findings) -> tuple[str, str]:
    """(title, binding) without the words that sell it: 【新华书店正版】, （全新塑封）, 正版书籍."""
    for _ in range(5):
        match = _advert(title)
        if match is None:
            break
        note(findings, "advertising-in-title", value=match.group().strip())
        title = f"{title[: match.start()]} {title[match.end() :]}".strip()
    binding = ""
    if match := _binding(title):
        binding = match[1]
        title = title[: match.start()]
    return clean(title), binding


def describe(row: dict[str, str], told: dict[str, str], findings: Findings) -> BibRecord:
    """The description in a row. The columns that a bookshop has are few: no year, no place, the title with everything in it."""
    cells = columns(row, told)
    bib = BibRecord(source_format="csv")
    if "title" not in cells:
        note(findings, "column-missing", value="书名")
    text, binding = without_advertising(cells.get("title", ""), findings)
    binding = binding or cells.get("binding", "")
    if text:
        bib.titles = [Title(text, subtitle=clean(cells.get("subtitle", "")), part_number=clean(cells.get("part", "")))]
    else:
        note(findings, "title-missing", "title")
    _numbers(bib, cells, binding, findings)
    bib.edition = edition(cells.get("edition", ""))
    made = publication.make(cells.get("place", ""), cells.get("publisher", ""), cells.get("date", ""))
    if made.publisher or made.place or made.date_text:
        bib.publication = [made]
    pages = cells.get("pages", "")
    bib.extent = extent.make(f"{pages}页" if pages.isdigit() else pages, size=cells.get("size", ""))
    bib.agents = from_statement(cells.get("author", ""))
    for agent in from_statement(cells.get("translator", "")):
        agent.role, agent.role_text = agent.role or "trl", agent.role_text or "译"
        bib.agents.append(agent)
    for agent in bib.agents[:1]:
        agent.primary = True
    if bib.titles:
        bib.titles[0].responsibility = cells.get("author", "")
    if series := clean(cells.get("series", "")):
        bib.series = [Series(series)]
    if value := cells.get("class"):
        bib.classes = [class_of(value) or Classification("local", clean(value))]
    bib.subjects = [
        Subject([word], "free") for part in re.split(r"[;；,，]", cells.get("subject", "")) if (word := clean(part))
    ]
    if code := language(cells.get("language", "")):
        bib.languages = [code]
    if cells.get("abstract"):
        bib.notes = [Note(cells["abstract"], "abstract")]
    if cells.get("url"):
        bib.links = [Link(cells["url"])]
    finish(bib, "", "", findings, loose=True)
    bib.content, bib.carrier = _kind(bib, cells, text)
    return bib


def _numbers(bib: BibRecord, cells: dict[str, str], binding: str, findings: Findings) -> None:
    value = cells.get("isbn", "")
    bib.identifiers = numbers.isbn(value)
    price = cells.get("price", "")
    for one in bib.identifiers:
        if one.kind == "isbn" and not one.valid:
            note(
                findings,
                "isbn-check" if len(one.value) in (10, 13) else "isbn-length",
                "isbn",
                value=one.original or one.value,
            )
        one.price = one.price or (f"CNY{price}" if _yuan(price) else price)
        one.qualifier = one.qualifier or binding
        one.scope = one.scope or numbers.scope_of(one.qualifier)
    if value and not bib.identifiers:
        note(findings, "number-unreadable", "isbn", value=value)
        bib.identifiers = [Identifier("standard", clean(value), False)] if clean(value) else []


def _kind(bib: BibRecord, cells: dict[str, str], title: str) -> Kind:
    told = [from_words(cells["type"])] if cells.get("type") else []
    said = re.findall(r"有声书|有声读物|电子书|DVD|CD-ROM|VCD|MP3", title)
    if said:
        told.append(from_words(" ".join(said)))
    return settle(told, bool(bib.extent and bib.extent.pages), bib)

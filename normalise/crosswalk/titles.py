"""Titles: MARC 200 and 245, the variant title fields, and titles that swallowed their part, edition, subtitle or series."""

from __future__ import annotations

import re

from normalise.crosswalk.editions import edition as parse_edition
from normalise.crosswalk.editions import is_edition, split_edition
from normalise.crosswalk.parts import is_collective, is_part, split_part
from normalise.fields import NONE, ByTag, Findings, clean, note, tidy
from normalise.text import has_cjk
from schemas.bib import Edition, Series, Title, TitleKind
from schemas.marc import MarcField

UNIMARC_VARIANTS: dict[str, TitleKind] = {
    "500": "uniform", "501": "uniform", "503": "uniform", "510": "parallel", "512": "cover", "513": "variant", "514": "variant",
    "515": "variant", "516": "spine", "517": "variant", "518": "variant", "520": "former", "530": "variant", "532": "variant",
    "540": "variant", "541": "variant", "545": "variant",
}  # fmt: skip
MARC21_VARIANTS: dict[str, TitleKind] = {"130": "uniform", "240": "uniform", "243": "uniform", "222": "variant", "242": "parallel",
                                         "246": "variant", "247": "former", "210": "variant", "730": "uniform"}  # fmt: skip
_246: dict[str, TitleKind] = {"1": "parallel", "4": "cover", "8": "spine"}

_series_word = r"(?:丛书|叢書|文库|文庫|书系|書系|系列|译丛|譯叢|论丛|論叢|丛编|作品集|全集|书库|教材)"
_series_before = re.compile(rf"^《([^《》]*{_series_word}[^《》]*)》\s*(.+)$").match
_series_behind = re.compile(rf"^(.+?)\s*[/／]\s*([^/／]*{_series_word})$").match
_colon = re.compile(r"\s*(?:[:：]|——|--)\s*").search
_parens = re.compile(r"^(.{2,}?)\s*[（(［\[]([^（）()［］\[\]]{2,})[)）\]］]$").match
_dash = re.compile(r"^(.*[\u3400-\u9fff])\s*[-－—]\s*([\u3400-\u9fff].*)$").match


def title_display(title: Title) -> str:
    """`甲 = Parallel` is not made here; one title as ISBD shows it: title ; others. part number, part name : subtitle."""
    text = title.text
    if title.others:
        text = " ; ".join([text, *title.others])
    part = ", ".join(p for p in (title.part_number, title.part_name) if p)
    if part:
        text = f"{text}. {part}" if text else part
    return f"{text} : {title.subtitle}" if title.subtitle else text


def unimarc(by: ByTag, block: list[MarcField], findings: Findings) -> list[Title]:
    """Titles of 200 and `block`, the fields 5XX; the first is the title proper. Without a usable 200$a the list may be empty."""
    found: list[Title] = []
    for field in by.get("200", NONE)[:1]:
        main, parallels = _title_200(field)
        if main.text:
            found.append(main)
            found += parallels
    for field in block:
        if (kind := UNIMARC_VARIANTS.get(field.tag)) and (title := unimarc_variant(field, kind)):
            found.append(title)
    if not found or found[0].kind != "main":
        note(findings, "title-missing", "200$a")
    return found


def _title_200(field: MarcField) -> tuple[Title, list[Title]]:
    # 200 is read in its order: $a甲$a乙 are two works without a collective title, $e belongs to what stands before it.
    main = Title("")
    parallels: list[Title] = []
    subtitles: list[str] = []
    numbers: list[str] = []
    names: list[str] = []
    statement: list[str] = []
    romanised = ""
    for code, raw in field.subfields:
        value = clean(raw) if code != "f" and code != "g" else tidy(raw)
        if not value:
            continue
        if code == "a":
            if main.text:
                main.others = [*main.others, value]
            else:
                main.text = value
        elif code == "e":
            if parallels and not has_cjk(value) and has_cjk(main.text):
                parallels[-1].subtitle = value
            else:
                subtitles.append(value)
        elif code == "f" or code == "g":
            statement.append(value)
        elif code == "h":
            numbers.append(_unbracketed(value))
        elif code == "i":
            names.append(value)
        elif code == "v":
            if not numbers:
                numbers.append(_unbracketed(value))
        elif code == "d":
            parallels.append(Title(value.removeprefix("= "), "parallel"))
        elif code == "c":
            main.others = [*main.others, value]
        elif code == "z" and parallels:
            parallels[-1].language = value
        elif code == "9" or code == "A":
            romanised = f"{romanised} {value}" if romanised else value
    main.subtitle = " : ".join(subtitles)
    main.part_number = " ".join(numbers)
    main.part_name = " ".join(names)
    main.responsibility = " ; ".join(statement)
    main.romanised = romanised
    return main, parallels


def _unbracketed(value: str) -> str:
    if len(value) > 2 and value[0] in "(（[［" and value[-1] in ")）]］":
        return clean(value[1:-1])
    return value


def unimarc_variant(field: MarcField, kind: TitleKind) -> Title | None:
    """A title of block 5XX, or of a 200 inside a linking entry."""
    text = clean(field.get("a"))
    if not text:
        return None
    title = Title(text, kind)
    for code, raw in field.subfields:
        if code == "e" and not title.subtitle:
            title.subtitle = clean(raw)
        elif code == "h":
            title.part_number = _unbracketed(clean(raw))
        elif code == "i":
            title.part_name = clean(raw)
        elif code == "z" or code == "m":
            title.language = clean(raw)
        elif code == "9" or code == "A":
            title.romanised = clean(raw)
    return title


def marc21_title(field: MarcField, kind: TitleKind = "main") -> Title | None:
    """245 and the other MARC 21 title fields; $n and $p repeat, and the first of each pair stands before the second."""
    text = ""
    subtitles: list[str] = []
    numbers: list[str] = []
    names: list[str] = []
    responsibility = ""
    for code, raw in field.subfields:
        if code == "a" or code == "t":
            text = text or clean(raw)
        elif code == "b":
            subtitles.append(clean(raw))
        elif code == "n":
            numbers.append(_unbracketed(clean(raw)))
        elif code == "p":
            names.append(clean(raw))
        elif code == "c":
            responsibility = tidy(raw).rstrip(" .") if not raw.rstrip().endswith("..") else tidy(raw)
    if not text and kind != "main":
        return None
    title = Title(text or (names[0] if names else ""), kind)
    joined = " ".join(s for s in subtitles if s)
    if " = " in f" {joined}" or field.get("a").rstrip().endswith("="):
        joined = joined.split(" = ", 1)[0] if not field.get("a").rstrip().endswith("=") else ""
    title.subtitle = joined.split(" ; ", 1)[0] if joined else ""
    title.part_number = " ".join(n for n in numbers if n)
    title.part_name = " ".join(n for n in names if n) if text else ""
    title.responsibility = responsibility
    return title


def marc21_parallel(field: MarcField) -> Title | None:
    """The parallel title inside 245 $b (`$a甲 =$bParallel :$bsubtitle`)."""
    a, b = field.get("a").rstrip(), field.get("b")
    text = b if a.endswith("=") else b.split(" = ", 1)[1] if " = " in b else ""
    text = clean(re.split(r"\s[:/]\s?", text, maxsplit=1)[0])
    return Title(text, "parallel") if text else None


def marc21_kind(field: MarcField) -> TitleKind:
    """The kind of a 246 by its second indicator."""
    return (
        _246.get(field.indicators[1:2], "variant") if field.tag == "246" else MARC21_VARIANTS.get(field.tag, "variant")
    )


def refine(title: Title, series: list[Series], *, loose: bool = False) -> tuple[Edition | None, Series | None]:
    """Take out of a main title what belongs elsewhere: series, edition, part, subtitle. Changes `title` and returns what came out.

    With `loose` (Dublin Core, bookshops) also a hyphen between Chinese characters parts title and subtitle. Where the record tells
    a part in a subfield of its own, the title keeps its digits.
    """
    from_series = _take_series(title, series)
    head, statement, rest = split_edition(title.text)
    if statement:
        title.text = head
        if rest and not is_edition(rest):
            title.subtitle = f"{rest} : {title.subtitle}" if title.subtitle else rest
        again, _, _ = split_edition(title.text)
        title.text = again
    if not title.part_number and not title.part_name:
        title.text, title.part_number, name = split_part(title.text)
        name, _, rest = name.partition(":") if ":" in name else name.partition("：")
        title.part_name = clean(name)
        if rest and not title.subtitle:
            title.subtitle = clean(rest)
    elif not title.part_number:
        head, designation, _ = split_part(title.text)
        if designation:
            title.text, title.part_number = head, designation
    if not title.subtitle:
        take_subtitle(title, loose=loose)
    edition = _edition_in_subtitle(title)
    if not title.part_number and title.subtitle and is_part(title.subtitle) and not is_collective(title.subtitle):
        title.part_number, title.subtitle = title.subtitle, ""
    return (parse_edition(statement) if statement else None) or edition, from_series


def _take_series(title: Title, series: list[Series]) -> Series | None:
    text = title.text
    if text[:1] == "《" and (match := _series_before(text)):
        title.text = clean(match[2])
        return Series(clean(match[1]))
    if ("/" in text or "／" in text) and (match := _series_behind(text)):
        title.text = clean(match[1])
        return Series(clean(match[2]))
    for known in series:
        name = known.title
        if len(name) > 3 and name in text and len(text) > len(name) + 1:
            before, _, behind = text.partition(name)
            if not before.strip(" 《") and behind[:1] in " :：.·》（(-—/":
                title.text = clean(behind.lstrip(" :：.·》-—/"))
                return None
            if not behind.strip(" ()（）》") and before[-1:] in " :：/(（-—":
                title.text = clean(before.rstrip(" :：/(（-—"))
                return None
    return None


def take_subtitle(title: Title, *, loose: bool) -> None:
    """Part title and subtitle at a colon, a dash or the brackets at the end. Changes `title`."""
    text = title.text
    if found := _colon(text):
        head, rest = clean(text[: found.start()]), clean(text[found.end() :])
    elif (text[-1:] in ")）]］" and (match := _parens(text))) or (loose and (match := _dash(text))):
        head, rest = clean(match[1]), clean(match[2])
    else:
        return
    if head and rest and not is_collective(rest) and (has_cjk(head) or not head[-1:].isdigit()):
        title.text, title.subtitle = head, rest


def _edition_in_subtitle(title: Title) -> Edition | None:
    if not title.subtitle:
        return None
    kept = [piece for piece in title.subtitle.split(" : ") if piece]
    for piece in kept:
        if is_edition(piece):
            kept.remove(piece)
            title.subtitle = " : ".join(kept)
            return parse_edition(piece)
    return None

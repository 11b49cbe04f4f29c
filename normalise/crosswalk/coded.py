"""Coded data: level, content and carrier, languages, country; and the two judgements that need several fields, 古籍 and thesis."""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.crosswalk.carriers import (
    FORM_008,
    FORM_106,
    MARC21_TYPES,
    RDA_CARRIERS,
    RDA_CONTENTS,
    UNIMARC_TYPES,
    Kind,
    from_words,
    settle,
)  # fmt: skip
from normalise.crosswalk.parts import is_annual
from normalise.fields import NONE, ByTag, Findings, fixed_field, note
from schemas.bib import BibRecord, Carrier, Content, Level

_code = re.compile(r"[a-z]{3}").fullmatch
_guji_edition = re.compile(
    r"刻本|刊本|抄本|鈔本|钞本|稿本|寫本|写本|活字|石印|鉛印本|铅印本|套印|木刻|雕版|雕印|影鈔|影抄|拓本|鈐印|钤印|坊刻|官刻|内府"
).search  # fmt: skip
_reprint = re.compile(r"影印|复制|複製|排印本|点校本|整理本|重印|再造").search
_dynasty = re.compile(
    r"[宋元明清金辽遼唐][代初末]?|民国|民國|"
    "嘉靖|萬曆|万历|崇祯|崇禎|順治|顺治|康熙|雍正|乾隆|嘉慶|嘉庆|道光|咸豐|咸丰|同治|光緒|光绪|宣統|宣统"
).search
_year_edition = re.compile(r"(?:19|20)[0-9]{2}\s*年?(?:最?新)?版").fullmatch
_GUJI_WORDS = ("古籍", "线装", "線裝", "善本")
_folios = re.compile(r"半[叶葉页]|[黑白]口|鱼尾|魚尾|版框|行[款字]|[四左][周右][雙双单單]").search
_thesis = re.compile(
    r"学位论文|學位論文|硕士论文|碩士論文|博士论文|博士論文|博士后|dissertation|\bthes[ei]s\b|master'?s|\bPh\.?\s?D",
    re.IGNORECASE,
).search

# Country codes of MARC 21 (008/15-17) to ISO 3166; places within the United States, Britain, Canada, Australia end in u, k, c, a.
_COUNTRIES = {
    "cc": "CN", "ch": "TW", "hk": "HK", "mh": "MO", "ja": "JP", "ko": "KR", "kn": "KP", "si": "SG", "my": "MY", "vm": "VN", "th": "TH", "ii": "IN",
    "fr": "FR", "gw": "DE", "gx": "DE", "ge": "DE", "it": "IT", "sp": "ES", "po": "PT", "ne": "NL", "be": "BE", "sz": "CH", "au": "AT", "dk": "DK",
    "sw": "SE", "no": "NO", "fi": "FI", "ru": "RU", "pl": "PL", "xr": "CZ", "hu": "HU", "gr": "GR", "ie": "IE", "nz": "NZ", "mx": "MX", "bl": "BR",
    "ag": "AR", "is": "IL", "ua": "EG", "ur": "SU", "un": "UA", "rm": "RO", "yu": "YU", "tu": "TR", "io": "ID", "ph": "PH", "mp": "MN", "cl": "CL",
}  # fmt: skip
_SUFFIXES = {"u": "US", "k": "GB", "c": "CA", "a": "AU"}


def language_codes(texts: list[str], findings: Findings, where: str) -> list[str]:
    """Codes of ISO 639-2/B, each once; run-together ones (chieng) are parted. What is no code is a finding."""
    found: list[str] = []
    for text in texts:
        for piece in _pieces(text):
            if not _code(piece):
                note(findings, "language-unknown", where, value=piece)
            elif piece not in found and piece not in ("und", "zxx", "mul"):
                found.append(piece)
    return found


@lru_cache(maxsize=1024)
def _pieces(text: str) -> list[str]:
    """What stands for one language each. The list is cached: do not change it."""
    plain = text.strip().lower()
    if len(plain) > 3 and len(plain) % 3 == 0 and plain.isascii() and plain.isalpha():
        return [plain[i : i + 3] for i in range(0, len(plain), 3)]
    return [plain] if plain else []


def unimarc_languages(by: ByTag, bib: BibRecord, findings: Findings) -> None:
    """101: $a text, $b intermediate text, $c original. The original's language counts only for translations or where it differs."""
    for field in by.get("101", NONE)[:1]:
        bib.languages = language_codes(field.all("a"), findings, "101$a")
        original = language_codes(field.all("c"), findings, "101$c")
        bib.original_languages = [c for c in original if field.indicators[:1] in ("1", "2") or c not in bib.languages]


def marc21_languages(by: ByTag, bib: BibRecord, findings: Findings) -> None:
    """041 $a and $h, 008/35-37."""
    fixed = by["008"][0].value[35:38] if "008" in by else ""
    for field in by.get("041", NONE)[:1]:
        bib.languages = language_codes(field.all("ad"), findings, "041$a")
        bib.original_languages = [
            c for c in language_codes(field.all("h"), findings, "041$h") if c not in bib.languages
        ]
    if _code(fixed) and fixed not in bib.languages and fixed not in ("und", "zxx", "mul"):
        bib.languages = [fixed, *bib.languages]


def country_21(code: str) -> str:
    """ISO 3166 of a MARC 21 country code, or an empty string."""
    code = code.strip(" |#^").lower()
    if code in _COUNTRIES:
        return _COUNTRIES[code]
    return _SUFFIXES.get(code[2:], "") if len(code) == 3 else ""


def unimarc_kind(leader: str, by: ByTag, bib: BibRecord) -> tuple[Content, Carrier]:
    """Content and carrier of a CNMARC or UNIMARC record: leader/06, 106, 115, 126, 130, 135, 200$b, 215."""
    kinds: list[Kind] = []
    extent = bib.extent
    told: Kind = from_words(extent.text) if extent and extent.text else ("", "")
    designations = [v for field in by.get("200", NONE)[:1] for v in field.all("b")]
    named: Kind = from_words(" ".join(designations)) if designations else ("", "")
    kind = UNIMARC_TYPES.get(leader[6:7], ("", ""))
    if kind[1] == "online" or "135" in by:  # l: electronic, local or remote; the extent and 135/1 tell which
        medium = fixed_field(by, "135")[1:2]
        carrier: Carrier = "disc_rom" if medium == "o" or told[1] == "disc_rom" else "online"
        kinds.append((told[0] if told[0] in ("text", "map", "video") else "", carrier))
        if kind[0] in ("sound", "video"):
            kinds.insert(0, (kind[0], ""))
    elif kind[0]:
        kinds.append((kind[0] if kind[0] != "text" or not named[0] else "", kind[1]))
    if "130" in by:
        kinds.append(("", "microform"))
    if (form := FORM_106.get(fixed_field(by, "106")[:1])) and form != "print":
        kinds.append(("", form))
    kinds += [told if not extent or not extent.pages or told[1] != "cd" else (told[0], ""), named]
    if "126" in by and kind[0] in ("", "sound", "text"):
        kinds.append(("sound", ""))
    if "115" in by and fixed_field(by, "115")[:1] in ("a", "c"):
        kinds.append(("video", ""))
    return settle(kinds, bool(extent and extent.pages), bib)


def marc21_kind(leader: str, by: ByTag, bib: BibRecord) -> tuple[Content, Carrier]:
    """Content and carrier of a MARC 21 record: 007, leader/06, 008/23, 336-338, 245$h, 300, 347."""
    kinds: list[Kind] = []
    type_ = MARC21_TYPES.get(leader[6:7], ("", ""))
    extent = bib.extent
    told: Kind = from_words(extent.text) if extent and extent.text else ("", "")
    if type_ != ("text", ""):
        kinds.append(type_)
    for field in by.get("007", NONE):
        # a printed book that is also digitised has a 007 c of the copy on the net; its pages tell that it is the book
        if field.value[:1] != "c" or not (extent and extent.pages):
            kinds.append(_physical(field.value))
    fixed = by["008"][0].value if "008" in by else ""
    place = 29 if leader[6:7] in "efgkor" and leader[6:7] else 23
    if (form := FORM_008.get(fixed[place : place + 1])) and form != "print":
        kinds.append(("", form))
    for field in by.get("336", NONE):
        kinds.append((RDA_CONTENTS.get(field.get("b"), "") or from_words(field.get("a"))[0], ""))
    for field in by.get("338", NONE):
        kinds.append(RDA_CARRIERS.get(field.get("b")) or from_words(field.get("a")))
    designation = next((field.get("h") for field in by.get("245", NONE)), "")
    if designation:
        kinds.append(from_words(designation))
    kinds.append(told if not extent or not extent.pages or told[1] != "cd" else (told[0], ""))
    kinds.append(type_)
    return settle(kinds, bool(extent and extent.pages), bib)


def _physical(text: str) -> Kind:
    """007: category of material and specific designation."""
    first, second = text[:1], text[1:2]
    if first == "c":
        return ("", "online" if second == "r" else "disc_rom" if second == "o" else "")
    if first == "s":
        rpm = text[3:4]
        return (
            "sound",
            "cassette" if second == "s" else "lp" if rpm in ("b", "c", "a") else "cd" if second == "d" else "",
        )
    if first == "v":
        return (
            "video",
            "bluray" if text[4:5] == "s" else "dvd" if text[4:5] == "v" else "vhs" if text[4:5] == "b" else "",
        )
    if first == "h":
        return ("", "microform")
    if first == "t":
        return ("", "large_print" if second == "b" else "braille" if second == "c" else "print")
    return {"a": ("map", ""), "q": ("music", ""), "m": ("video", ""), "k": ("image", "")}.get(first, ("", ""))  # type: ignore[return-value]


def level(leader: str, bib: BibRecord, hierarchy: str = "", collective: bool = False) -> Level:
    """The bibliographic level: leader/07, then part designation and extent. `hierarchy` is leader/08 of CNMARC or 19 of MARC 21.

    A record is of a set where its extent counts volumes, or its number is the set's, and it names no part; of a volume where it names
    one. A link to a set (461) alone makes no volume: novels of a trilogy have titles of their own.
    """
    kind = leader[7:8]
    if kind in ("a", "b"):
        return "component"
    if kind in ("s", "i"):
        return "serial"
    if kind == "c":
        return "collection"
    title = bib.title
    if title is not None:
        if is_annual(title.text, title.part_number) and not _several(bib):
            return "annual"
        if title.part_number or title.part_name:
            return "volume"
    if bib.edition is not None and _year_edition(bib.edition.text):
        return "annual"
    if _several(bib) or collective or hierarchy in ("1", "a"):
        return "set"
    if hierarchy == "2":
        return "volume"
    books = [i for i in bib.identifiers if i.kind == "isbn"]
    if books and all(i.scope == "set" for i in books):
        return "set"
    return "monograph"


def _several(bib: BibRecord) -> bool:
    return bib.extent is not None and bib.extent.volumes is not None and bib.extent.volumes > 1


def is_guji(bib: BibRecord, flags: bool = False) -> bool:
    """Whether a record describes an early printed or manuscript Chinese book (古籍: made before 1912, and its like after).

    `flags` are designations and fields kept for them (200$b 古籍, 140, 141, 193). Modern reprints have a number or say 影印.
    """
    if bib.content not in ("text", "map", "image", "") or bib.carrier in ("online", "cd", "dvd", "disc_rom"):
        return False
    for identifier in bib.identifiers:
        if identifier.kind in ("isbn", "issn", "cn_unified"):
            return False
    if bib.languages and not {"chi", "lzh", "zho", "mnc", "tib"}.intersection(bib.languages):
        return False
    if flags:
        return True
    head = bib.publication[0] if bib.publication else None
    year = head.year if head else None
    edition = bib.edition.text if bib.edition else ""
    told = f"{edition} {head.date_text if head else ''}"
    if _guji_edition(edition) and not _reprint(edition):
        return year is None or year < 1912 or _dynasty(told) is not None
    if year is not None and year < 1912:
        return bool(bib.languages) or bib.script in ("hans", "hant")
    texts = " ".join(n.text for n in bib.notes)
    return bool(guji_designation(texts) and not _reprint(texts) and _folios(texts) and (year is None or year < 1950))


def guji_designation(text: str) -> bool:
    """Whether a designation or type word says 古籍, 善本 or 线装."""
    return any(word in text for word in _GUJI_WORDS)


def says_thesis(text: str) -> bool:
    """Whether a text says that the work is a dissertation."""
    return _thesis(text) is not None

"""RIS and BibTeX, as reference managers import them, and citations by GB/T 7714-2015."""

from __future__ import annotations

import re

from catalog_api.export.entry import (
    Entry,
    abstract,
    creators,
    editors,
    isbns,
    issns,
    place,
    publisher,
    translators,
    whole_title,
    year,
)
from catalog_api.search.documents import type_of
from schemas.bib import Agent, BibRecord

_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
_LINES = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")  # also what a terminal would obey

# -- RIS

_RIS_TYPES = {
    "book": "BOOK", "ebook": "EBOOK", "guji": "ANCIENT", "serial": "JFULL", "article": "JOUR", "thesis": "THES", "map": "MAP", "music": "MUSIC",
    "sound": "SOUND", "audiobook": "SOUND", "video": "VIDEO", "image": "ART", "software": "COMP",
}  # fmt: skip


def ris(entry: Entry) -> str:
    """One reference, lines ended by CR LF, as the format has it; a name or keyword a line."""
    bib = entry.bib
    extent = bib.extent
    lines: list[tuple[str, str]] = [("TY", _RIS_TYPES.get(type_of(bib), "GEN"))]
    lines += [("AU", a.name) for a in creators(bib)]
    lines += [("A2" if type_of(bib) != "article" else "ED", a.name) for a in editors(bib)]
    lines += [("A4", a.name) for a in translators(bib)]
    lines += [("TI", whole_title(bib))]
    lines += [("TT", t.text) for t in bib.titles[1:] if t.kind == "parallel"]
    lines += [("T2", s.title) for s in bib.series[:1]] + [("VL", s.number) for s in bib.series[:1]]
    lines += [
        ("CY", place(bib)),
        ("PB", publisher(bib)),
        ("PY", year(bib)[:4]),
        ("ET", bib.edition.text if bib.edition else ""),
    ]
    lines += [("SP", str(extent.pages) if extent and extent.pages else "")]
    lines += [("SN", number) for number in (*isbns(bib), *issns(bib))]
    lines += [("CN", c.value) for c in bib.classes[:1]]
    lines += [("LA", code) for code in bib.languages[:1]]
    lines += [("KW", "--".join(s.parts)) for s in bib.subjects]
    lines += [("AB", abstract(bib)), ("DB", "文澜 Wenlan"), ("ID", f"wenlan{entry.id}"), ("UR", entry.url)]
    lines += [("UR", link.url) for link in bib.links]
    body = "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in lines if _line(value))
    return f"{body}ER  - \r\n"


def _line(value: str) -> str:
    return _LINES.sub(" ", value).strip()


# -- BibTeX

_BIBTEX_TYPES = {
    "book": "book",
    "ebook": "book",
    "guji": "book",
    "thesis": "phdthesis",
    "article": "article",
    "serial": "periodical",
}
_BIBTEX_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "$": r"\$", "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)  # fmt: skip


def bibtex(entry: Entry) -> str:
    """One entry, UTF-8. Titles stand in double braces, so that no style changes their capitals."""
    bib = entry.bib
    kind = _BIBTEX_TYPES.get(type_of(bib), "misc")
    extent = bib.extent
    school = kind == "phdthesis"
    rows: list[tuple[str, str]] = [
        ("author", _names(creators(bib))),
        ("editor", _names(editors(bib))),
        ("translator", _names(translators(bib))),
        ("title", f"{{{_tex(whole_title(bib))}}}" if bib.titles else ""),
        ("edition", _tex(bib.edition.text) if bib.edition else ""),
        ("series", _tex(bib.series[0].title) if bib.series else ""),
        ("number", _tex(bib.series[0].number) if bib.series else ""),
        ("school" if school else "publisher", _tex(publisher(bib))),
        ("address", _tex(place(bib))),
        ("year", year(bib)[:4]),
        ("pagetotal", str(extent.pages) if extent and extent.pages else ""),
        ("isbn", _tex(", ".join(isbns(bib)))),
        ("issn", _tex(", ".join(issns(bib)))),
        ("language", _tex(" and ".join(bib.languages))),
        ("keywords", _tex("; ".join("--".join(s.parts) for s in bib.subjects))),
        ("abstract", _tex(abstract(bib))),
        ("url", entry.url.replace("{", "%7B").replace("}", "%7D")),
    ]
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in rows if value)
    return f"@{kind}{{wenlan{entry.id},\n{body}\n}}\n"


def _names(agents: list[Agent]) -> str:
    """Names between `and`; what is no personal name in inverted order is braced, so that it is not taken apart."""
    return " and ".join(_tex(a.name) if "," in a.name and a.kind == "person" else f"{{{_tex(a.name)}}}" for a in agents)


def _tex(text: str) -> str:
    return _line(text).translate(_BIBTEX_ESCAPES)


# -- GB/T 7714-2015

# 表 B.1 文献类型标识
_MARKS = {
    "book": "M", "ebook": "M", "guji": "M", "serial": "J", "article": "A", "thesis": "D", "map": "CM", "music": "M", "sound": "Z", "audiobook": "Z",
    "video": "Z", "image": "Z", "software": "CP", "mixed": "Z", "object": "Z", "collection": "G",
}  # fmt: skip
# 表 B.2 电子资源载体标识
_CARRIERS = {"online": "OL", "cd": "CD", "dvd": "CD", "bluray": "CD", "disc_rom": "CD", "cassette": "MT", "vhs": "MT"}


def gbt7714(entry: Entry, *, accessed: str = "") -> str:
    """The citation by GB/T 7714-2015, 4.1 (专著) and 4.3 (连续出版物), in the order of the sequential system, without a number.

    `accessed` (ISO date) is the date of consultation that 4.1.1 wants for what is online.
    """
    bib = entry.bib
    chinese = _is_chinese(bib)
    carrier = _CARRIERS.get(bib.carrier, "")
    mark = "M" if bib.level == "annual" else _MARKS.get(type_of(bib), "Z")
    mark += f"/{carrier}" if carrier else ""
    title = f"{whole_title(bib, between=': ', before_part=': ')}[{mark}]"
    parts = [_people(creators(bib), chinese), title]
    if others := _people(translators(bib), chinese):
        parts.append(f"{others}, 译" if chinese else f"{others}, trans.")
    parts.append(_edition(bib, chinese))
    parts.append(_imprint(bib, chinese, online=carrier == "OL", accessed=accessed))
    if carrier == "OL":
        parts.append(next((link.url for link in bib.links), entry.url))
    return ". ".join(_line(p).rstrip(".") for p in parts if _line(p)) + "."


def _is_chinese(bib: BibRecord) -> bool:
    return bool(_HAN.search(bib.title.text if bib.title else ""))


def _people(agents: list[Agent], chinese: bool) -> str:
    """5.2.2: up to three names are all given, of more the first three and 等 (et al.)."""
    names = [_name(a) for a in agents]
    if not names:
        return ""
    return ", ".join([*names[:3], *(["等" if chinese else "et al."] if len(names) > 3 else [])])


def _name(agent: Agent) -> str:
    """5.2.1: surname first, in capitals, forenames as initials without full stops; Chinese names and bodies as they are."""
    if agent.kind != "person" or _HAN.search(agent.name) or "," not in agent.name:
        return agent.name
    surname, _, forenames = agent.name.partition(",")
    initials = " ".join(
        part[0].upper() for part in re.split(r"[\s.\-]+", forenames.strip()) if part and part[0].isalpha()
    )
    return f"{surname.strip().upper()} {initials}".strip()


def _edition(bib: BibRecord, chinese: bool) -> str:
    """8.3: the first edition is not stated; 2版, 2nd ed."""
    if bib.edition is None or bib.edition.number == 1:
        return ""
    number = bib.edition.number
    if number is None:
        return bib.edition.text
    if chinese:
        return f"{number}版"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} ed."


def _imprint(bib: BibRecord, chinese: bool, *, online: bool, accessed: str) -> str:
    """8.4: 出版地: 出版者, 出版年. What is not known is said to be unknown; what is online may lack place and publisher."""
    where, who, when = place(bib), publisher(bib), year(bib)
    if bib.level == "serial" and when:
        when = when if "-" in when else f"{when}-"
    if not (online or bib.guji):
        where = where or ("[出版地不详]" if chinese else "[S.l.]")
        who = who or ("[出版者不详]" if chinese else "[s.n.]")
    text = ": ".join(p for p in (where, who) if p)
    text = ", ".join(p for p in (text, when) if p)
    return f"{text}[{accessed}]" if online and accessed else text

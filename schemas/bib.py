"""The common shape of a bibliographic description, whatever format it came in.

Texts are kept as catalogued (NFC, trimmed, ISBD punctuation at the end removed); folding for search and matching happens later, in
`normalise.text`. Lists keep the order of the source record. Hot loops build millions of these, so they are msgspec structs.
"""

from __future__ import annotations

from typing import Literal

import msgspec

IdentifierKind = Literal[
    "isbn",
    "issn",
    "ismn",
    "isrc",
    "cn_unified",  # 统一书号, before 1987 (CNMARC 091)
    "cn_serial",  # 国内统一刊号 CN (CNMARC 092 $a country, $b number is the postal order number: cn_order)
    "cn_order",  # 邮发代号, 订购号
    "lccn",
    "oclc",
    "nlc",  # control number of the National Library of China
    "calis",  # CAL 0120... (099 $a of CALIS)
    "doi",
    "publisher_no",  # of music and recordings (MARC21 028, UNIMARC 071)
    "standard",  # another standard number
    "local",
]
Level = Literal["monograph", "set", "volume", "serial", "annual", "component", "collection"]
Content = Literal["text", "music", "sound", "map", "video", "image", "software", "object", "mixed", ""]
Carrier = Literal[
    "print", "online", "cd", "lp", "cassette", "dvd", "bluray", "vhs", "microform", "braille", "large_print", "audiobook",
    "disc_rom", "manuscript", "sheet", "object", "",
]  # fmt: skip
TitleKind = Literal["main", "parallel", "variant", "uniform", "cover", "former", "spine"]
AgentKind = Literal["person", "corporate", "meeting"]
# Roles by MARC relator code; Chinese role words (著, 译, 主编 ...) are mapped to them, the word itself stays in `role_text`.
RelationKind = Literal[
    "set",
    "volume",
    "host",
    "component",
    "series",
    "preceding",
    "succeeding",
    "other_edition",
    "translation_of",
    "other",
]


class Identifier(msgspec.Struct, omit_defaults=True):
    """`value` is normalised (ISBN as 13 digits, ISSN as NNNN-NNNX, 统一书号 without spaces); `original` only where it differed."""

    kind: IdentifierKind
    value: str
    valid: bool = True  # False: wrong check digit, or recorded as invalid or cancelled ($z)
    qualifier: str = ""  # 精装, 平装, v. 1 ...
    scope: Literal["", "set", "volume"] = ""  # what the qualifier or the price says the number stands for
    price: str = ""
    original: str = ""


class Title(msgspec.Struct, omit_defaults=True, gc=False):
    """`text` is the title proper without part designation; `others` further titles without a collective one (`$a甲$a乙`)."""

    text: str
    kind: TitleKind = "main"
    subtitle: str = ""
    part_number: str = ""
    part_name: str = ""
    others: list[str] = []
    responsibility: str = ""  # statement of responsibility as transcribed
    romanised: str = ""  # pinyin or another romanisation as the cataloguer wrote it
    original_script: str = ""  # of a romanised main title without linked field: empty
    language: str = ""


class Agent(msgspec.Struct, omit_defaults=True):
    name: str  # without country, dynasty, dates and role
    kind: AgentKind = "person"
    role: str = ""  # MARC relator code: aut, trl, edt, cmp ...
    role_text: str = ""  # 著, 译, 主编 as written
    dates: str = ""
    country: str = ""  # 美, 英, 唐, 清: country or dynasty
    original_name: str = ""  # Hughes, John M.
    romanised: str = ""
    primary: bool = False  # main responsibility (CNMARC 701/711, MARC21 1XX)


class Edition(msgspec.Struct, omit_defaults=True):
    text: str
    number: int | None = None  # 2 for 第2版, 2nd ed.; None where no number can be read


class Publication(msgspec.Struct, omit_defaults=True):
    place: str = ""
    publisher: str = ""
    date_text: str = ""
    year: int | None = None  # of publication; Chinese republic and era years converted
    year_end: int | None = None  # serials and multi-volume works
    printing_year: int | None = None  # where the record tells it apart


class Extent(msgspec.Struct, omit_defaults=True):
    text: str = ""
    pages: int | None = None  # main sequence of paging
    volumes: int | None = None  # 3 for 3册
    illustrations: str = ""
    size: str = ""
    accompanying: str = ""


class Series(msgspec.Struct, omit_defaults=True):
    title: str
    number: str = ""
    issn: str = ""


class Subject(msgspec.Struct, omit_defaults=True, gc=False):
    parts: list[str]  # heading and subdivisions in order
    kind: Literal["topic", "place", "person", "corporate", "title", "time", "form", "free"] = "topic"
    scheme: str = ""  # cct, lcsh, mesh ...


class Classification(msgspec.Struct, omit_defaults=True):
    scheme: str  # clc (中图法), las (科图法), ddc, lcc, udc, ncsclt, sibu (四部) ...
    value: str
    edition: str = ""


class Note(msgspec.Struct, omit_defaults=True):
    text: str
    kind: Literal["general", "abstract", "contents", "edition", "dissertation", "frequency", "copy", "audience"] = (
        "general"
    )


class Link(msgspec.Struct, omit_defaults=True):
    url: str
    label: str = ""


class Relation(msgspec.Struct, omit_defaults=True, gc=False):
    """A link to another description: the set of a volume, the host of a component, the series, the continued periodical."""

    kind: RelationKind
    title: str = ""
    number: str = ""  # designation of this part within the related resource
    identifiers: list[Identifier] = []
    local_id: str = ""  # control number of the related record in the same library


class BibRecord(msgspec.Struct, omit_defaults=True):
    """One description. `titles[0]` is the main title; a record without any title is a finding, and `titles` is empty."""

    titles: list[Title] = []
    agents: list[Agent] = []
    identifiers: list[Identifier] = []
    edition: Edition | None = None
    publication: list[Publication] = []
    extent: Extent | None = None
    series: list[Series] = []
    subjects: list[Subject] = []
    classes: list[Classification] = []
    notes: list[Note] = []
    links: list[Link] = []
    relations: list[Relation] = []
    languages: list[str] = []  # ISO 639-2/B
    original_languages: list[str] = []
    level: Level = "monograph"
    content: Content = ""
    carrier: Carrier = ""
    guji: bool = False  # early printed or manuscript Chinese book: never merged automatically
    thesis: bool = False
    country: str = ""
    script: Literal["", "hans", "hant", "latn", "other"] = ""
    agencies: list[str] = []  # cataloguing agency chain, original first
    source_format: str = ""  # cnmarc, unimarc, marc21, mods, dc, csv

    @property
    def title(self) -> Title | None:
        return self.titles[0] if self.titles else None

"""What the generator knows about a publication, and what one library writes about it."""

from __future__ import annotations

from typing import Literal

import msgspec

FIRST_ISBN_YEAR = 1987  # before it mainland books carried a 统一书号
Kind = Literal["book", "set", "volume", "annual", "serial", "guji", "thesis"]
# The carriers of the demonstration; `print` covers everything with pages.
Carrier = Literal["print", "ebook", "audiobook", "cd", "dvd", "score", "map"]


class Publisher(msgspec.Struct, frozen=True):
    name: str
    short: str
    place: str
    region: str  # GB/T 2260 for China, a country code otherwise
    prefixes: tuple[tuple[int, str], ...] = ()  # (used from year, "7-5005"), latest first
    unified: str = ""  # the publisher's number within a 统一书号


class Agent(msgspec.Struct, frozen=True):
    name: str
    role: str = ""  # 著, 译, 主编 ...
    country: str = ""  # 美, 清
    original: str = ""  # in direct order: Andrew S. Tanenbaum
    dates: str = ""
    corporate: bool = False


class Isbn(msgspec.Struct, frozen=True):
    """`core` is the hyphenated number without 978 and check digit: 7-02-000220."""

    core: str
    check10: str
    check13: str
    synthetic: bool = True

    def thirteen(self, hyphens: bool = False) -> str:
        return (
            f"978-{self.core}-{self.check13}"
            if hyphens and "-" in self.core
            else f"978{self.core.replace('-', '')}{self.check13}"
        )

    def ten(self, hyphens: bool = False) -> str:
        return (
            f"{self.core}-{self.check10}"
            if hyphens and "-" in self.core
            else f"{self.core.replace('-', '')}{self.check10}"
        )


class Manifestation(msgspec.Struct):
    """One edition in one carrier: what the truth calls the same. Texts are clean; slips are made later."""

    id: str
    work: str
    title: str
    publisher: Publisher
    year: int
    kind: Kind = "book"
    field: str = ""  # file of the facts, for counts: classics, local ...
    carrier: Carrier = "print"
    subtitle: str = ""
    part_number: str = ""
    part_name: str = ""
    parallel: str = ""
    agents: tuple[Agent, ...] = ()
    etal: bool = False
    edition: str = ""
    place: str = ""
    pages: int = 0
    volumes: int = 0
    extent: str = ""  # stated as it is, where it is not paging: 2张光盘
    size: str = ""
    price: str = ""
    isbn: Isbn | None = None
    binding: Isbn | None = None  # of the cloth binding of the same edition
    shared_isbn: bool = False  # the number also stands for another manifestation
    part_isbns: tuple[Isbn, ...] = ()  # of a set: the volumes' own numbers
    set_id: str = ""
    set_isbn: Isbn | None = None
    unified: str = ""
    issn: str = ""
    cn: str = ""
    order: str = ""
    frequency: str = ""
    former: str = ""
    later: str = ""
    year_end: int | None = None
    series: str = ""
    series_number: str = ""
    subjects: tuple[tuple[str, ...], ...] = ()
    clc: str = ""
    language: str = "chi"
    original_language: str = ""
    original_title: str = ""
    script: Literal["hans", "hant", "latn"] = "hans"
    printings: tuple[int, ...] = ()
    note: str = ""
    url: str = ""
    guji_same: bool = False  # copies identified as one edition by comparison
    romanised: str = ""  # pinyin of the title, joined by spaces; filled on first use


class Item(msgspec.Struct):
    """A copy in a library's own words."""

    barcode: str
    location: str
    copy: int
    status: str  # available, loaned, reference, processing, withdrawn, lost
    acquired: str = ""
    due: str = ""


class View(msgspec.Struct):
    """What one library writes about a manifestation, with the slips it made."""

    m: Manifestation
    title: str
    subtitle: str
    part_number: str
    part_name: str
    agents: list[Agent]
    etal: bool
    edition: str
    place: str
    publisher: str
    date: str
    printing: str  # year of a later printing, told apart; empty otherwise
    extent: str
    size: str
    price: str
    numbers: list[tuple[str, str, str]]  # ISBN text, qualifier, price
    unified: str
    series: str
    series_number: str
    romanised: str
    abstract: str
    call_class: str
    call_item: str
    created: str  # yyyymmdd
    items: list[Item]
    flags: list[str]
    local_id: str = ""
    bracket: int = 0  # how this record writes a country: 0 (美) 1 〔美〕 2 （美） 3 [美] 4 (美国)… see people.py
    set_as_series: bool = False
    deleted: bool = False
    charset: str = "50  "
    damage: str = ""

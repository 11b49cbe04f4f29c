"""The ten libraries as writers of records: custom, rates of slips, shares of holdings."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from random import Random

import msgspec

from catalog_api.demo.generate.chance import chance
from catalog_api.demo.generate.shape import Manifestation

MEMBERS = ("zjsl", "htcl", "lxcl", "qtut", "zwun", "dhss", "szgj", "hspl", "jspl", "whbk")
GROUPS = (
    "book",
    "literature",
    "children",
    "technology",
    "humanities",
    "local",
    "annual",
    "serial",
    "guji",
    "thesis",
    "western",
    "media",
    "map",
    "hant",
)
BOOKSHOP_SINCE = 2005  # the bookshop stocks what is in print
ORDERS = 512


class Slips(msgspec.Struct, frozen=True):
    """Chances (0 to 1) of each slip where it can happen at all: `subtitle_dropped` only with a subtitle."""

    isbn_missing: float
    isbn_wrong: float
    isbn_other_book: float
    isbn_ten_for_thirteen: float
    isbn_no_hyphen: float
    isbn_qual_in_a: float
    isbn_price_in_a: float
    isbn_of_set_too: float
    isbn_volumes_on_set: float
    binding_variant: float
    title_typo: float
    title_variant: float
    title_extra: float
    trad_leftover: float
    subtitle_dropped: float
    subtitle_merged: float
    series_missing: float
    series_in_title: float
    volume_in_title: float
    volume_as_title: float
    volume_lost: float
    edition_missing: float
    edition_first: float
    edition_in_title: float
    year_of_printing: float
    year_wrong: float
    year_missing: float
    date_month: float
    pages_off: float
    extent_missing: float
    role_missing: float
    role_wrong: float
    translator_dropped: float
    author_short: float
    etal: float
    no_author: float
    name_typo: float
    publisher_variant: float
    place_missing: float
    pinyin_variant: float
    enc_flag: float
    price_of_printing: float
    dup_in_lib: float
    deleted: float
    abstract_missing: float


class House(msgspec.Struct, frozen=True):
    code: str
    slips: Slips
    file: str
    encoding: str
    pinyin: str
    brackets: tuple[int, ...]
    charset: tuple[str, ...]
    stations: tuple[str, ...]
    special: dict[str, str]
    reference: tuple[str, ...]
    barcode: str
    local_id: str


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("catalog_api.demo.generate") / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def houses() -> dict[str, House]:
    slips = _rows("slips")
    table = tomllib.loads((files("catalog_api.demo.generate") / "houses.toml").read_text(encoding="utf-8"))
    return {
        code: msgspec.convert(
            {"code": code, "slips": {row["slip"]: float(row[code]) / 100 for row in slips}, **table[code]}, House
        )
        for code in MEMBERS
    }


# How many members describe a manifestation, in per mille: about three in ten only one, the most popular ten.
COPIES = (0, 270, 160, 170, 155, 105, 75, 35, 18, 9, 3)


@cache
def copy_counts() -> tuple[int, ...]:
    return tuple(count for count, share in enumerate(COPIES) for _ in range(share))


def group_of(m: Manifestation) -> str:
    """The row of shares.csv that tells who is likely to hold it."""
    if m.kind in ("annual", "serial", "guji", "thesis"):
        return m.kind
    if m.carrier == "map":
        return "map"
    if m.carrier != "print":
        return "media"
    if m.script == "hant":
        return "hant"
    if m.script == "latn":
        return "western"
    if m.field in ("children", "local"):
        return m.field
    letter = m.clc[:1]
    if letter == "I":
        return "children" if m.clc.startswith("I287") else "literature"
    return "technology" if letter in "NOPQRSTUVX" else "humanities" if letter in "ABCDK" else "book"


@cache
def _orders(seed: int) -> dict[str, tuple[tuple[str, ...], ...]]:
    """For each group many weighted orders of the members, drawn once: the first n of one are the holders of a book."""
    rng = chance(seed, 7)
    found = {}
    for row in _rows("shares"):
        weights = [(code, float(row[code])) for code in MEMBERS if float(row[code]) > 0]
        found[row["holds"]] = tuple(
            tuple(code for _, code in sorted((rng.expovariate(1.0) / weight, code) for code, weight in weights))
            for _ in range(ORDERS)
        )
    return found


def holders(m: Manifestation, count: int, rng: Random, seed: int) -> list[str]:
    """The members that hold it: `count` of them where so many may, the bookshop only for books in print."""
    order = _orders(seed)[group_of(m)][int(rng.random() * ORDERS)]
    if m.year < BOOKSHOP_SINCE or m.carrier == "ebook" or not m.isbn:
        return [code for code in order if code != "whbk"][:count]
    return list(order[:count])

"""The facts files read into manifestations. Their columns are described in `catalog_api/demo/facts/README.md`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

from catalog_api.demo.generate.isbn import invent_isbn, invent_issn, known_isbn, number_of
from catalog_api.demo.generate.people import parse
from catalog_api.demo.generate.shape import FIRST_ISBN_YEAR, Carrier, Isbn, Kind, Manifestation, Publisher

FIELDS = (
    "classics", "literature", "children", "foreign", "textbooks", "science", "society", "history", "local",
    "annuals", "serials", "guji", "western", "media", "theses",
)  # fmt: skip
# 人大法 classes at the head of a 统一书号, by the letter of 中图法.
UNIFIED_CLASS = {
    "A": 1,
    "B": 2,
    "C": 3,
    "D": 3,
    "E": 5,
    "F": 4,
    "G": 7,
    "H": 9,
    "I": 10,
    "J": 8,
    "K": 11,
    "N": 13,
    "O": 13,
    "P": 13,
    "Q": 13,
    "R": 14,
    "S": 16,
    "T": 15,
    "U": 15,
    "X": 13,
    "Z": 17,
}
CARRIERS: dict[str, Carrier] = {
    "ebook": "ebook",
    "audio": "audiobook",
    "cd": "cd",
    "dvd": "dvd",
    "score": "score",
    "map": "map",
}


def _table(name: str) -> Iterator[dict[str, str]]:
    text = (files("catalog_api.demo.facts") / f"{name}.csv").read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


@cache
def publishers() -> dict[str, Publisher]:
    """By full name."""
    found = {}
    for row in _table("publishers"):
        prefixes = []
        for word in row["prefixes"].split():
            prefix, _, since = word.partition("@")
            prefixes.append((int(since or 0), prefix.removeprefix("978-")))
        found[row["name"]] = Publisher(
            row["name"],
            row["short"],
            row["place"],
            row["region"],
            tuple(sorted(prefixes, reverse=True)),
            row["unified"],
        )
    return found


def publisher(name: str, place: str = "") -> Publisher:
    known = publishers().get(name)
    if known:
        return known
    return Publisher(name, name.removesuffix("出版社") or name, place, "110000")


def _options(text: str) -> dict[str, str]:
    """`ed=第2版;oneisbn` to a mapping; a bare word maps to itself."""
    found = {}
    for part in filter(None, text.split(";")):
        key, sign, value = part.partition("=")
        found[key.strip()] = value if sign else key
    return found


def _parts(text: str) -> list[tuple[str, str]]:
    """`上/下`, `1-10`, `1:呐喊/2:彷徨` to (number, name) of each volume."""
    span = re.fullmatch(r"(\d+)-(\d+)", text)
    if span:
        return [(f"第{number}册", "") for number in range(int(span[1]), int(span[2]) + 1)]
    found = []
    for part in text.split("/"):
        number, sign, name = part.partition(":")
        if sign:
            found.append((f"第{number}卷", name))
        elif len(part) == 1:
            found.append((f"{part}册", ""))
        elif re.fullmatch(r"第.{1,3}[卷册编辑]", part):
            found.append((part, ""))
        else:
            found.append(("", part))
    return found


def _price(text: str, year: int) -> str:
    if not text or not text[0].isdigit():
        return text
    return f"CNY{text}"


def _size(year: int, options: dict[str, str], carrier: Carrier) -> str:
    if "size" in options or carrier not in ("print", "score"):
        return options.get("size", "12cm" if carrier in ("cd", "dvd", "audiobook") else "")
    return "19cm" if year < 1980 else "20cm" if year < 1995 else "21cm" if year < 2006 else "24cm"


class _Row:
    """A row with what it inherits from the work's first row."""

    def __init__(self, field: str, work: dict[str, str], row: dict[str, str]) -> None:
        self.field = field
        self.options = _options(row["more"])
        title, _, subtitle = self.options.get("t", work["title"]).partition("：")
        self.title, self.subtitle = title, self.options.get("sub", subtitle)
        self.by = self.options.get("by", work["by"])
        self.year = int(row["year"])
        self.publisher = publisher(row["publisher"], self.options.get("place", ""))
        main, _, _ = work["title"].partition("：")
        leading = parse(work["by"])[0]
        self.work = f"w{number_of(f'{main}|{leading[0].name if leading else field}') % 16**8:08x}"
        self.subjects = tuple(tuple(s.split("--")) for s in work["subjects"].split("|") if s)
        self.clc = self.options.get("class", work["class"])
        self.row = row

    def key(self, *more: object) -> int:
        return number_of(
            "|".join(map(str, (self.work, self.publisher.name, self.year, self.row["more"], self.row["extent"], *more)))
        )

    def id(self, *more: object) -> str:
        return f"m{self.key(*more):016x}"[:11]

    def isbn(self, year: int, *more: object) -> Isbn | None:
        if self.publisher.region.isdigit() and year < FIRST_ISBN_YEAR:
            return None
        return invent_isbn(self.publisher, year, self.key("isbn", *more))

    def unified(self) -> str:
        if self.publisher.region in ("710000", "810000") or self.year >= FIRST_ISBN_YEAR or self.year < 1952:
            return ""
        if "un" in self.options:
            return self.options["un"]
        if not self.publisher.unified or not self.clc:
            return ""
        head = UNIFIED_CLASS.get(self.clc[0], 17)
        return f"{head}{self.publisher.unified}·{100 + self.key('un') % 3900}"

    def manifestation(self, kind: Kind, **more: object) -> Manifestation:
        options, row = self.options, self.row
        agents, etal = parse(self.by)
        carrier = CARRIERS.get(options.get("carrier", ""), "print")
        extent = row["extent"]
        series, _, series_number = options.get("s", "").partition(":")
        if series_number and not re.match(r"[\d第]", series_number):
            series, series_number = f"{series}：{series_number}", ""
        script: Literal["hans", "hant", "latn"] = (
            "hant" if "hant" in options else "latn" if self.field == "western" else "hans"
        )
        fields: dict[str, object] = {
            "id": self.id(kind, more.get("part_number"), more.get("part_name")),
            "work": self.work, "title": self.title, "subtitle": self.subtitle, "publisher": self.publisher, "year": self.year,
            "kind": kind, "field": self.field, "carrier": carrier, "agents": agents, "etal": etal, "edition": options.get("ed", ""),
            "place": options.get("place") or self.publisher.place,
            "pages": int(extent) if extent.isdigit() else 0, "extent": "" if extent.isdigit() else extent,
            "size": _size(self.year, options, carrier), "price": _price(row["price"], self.year),
            "series": series, "series_number": series_number, "subjects": self.subjects, "clc": self.clc,
            "language": options.get("tl", "eng" if self.field == "western" else "chi"),
            "original_language": options.get("lang", ""), "original_title": options.get("orig", ""), "script": script,
            "printings": tuple(int(y) for y in options.get("print", "").split("/") if y),
            "note": options.get("note", ""), "parallel": options.get("par", ""), "unified": self.unified(), "url": options.get("url", ""),
        }  # fmt: skip
        return Manifestation(**{**fields, **more})  # type: ignore[arg-type]


def _book(row: _Row, kind: Kind = "book") -> list[Manifestation]:
    options = row.options
    isbn = known_isbn(options["isbn"], row.publisher) if "isbn" in options else row.isbn(row.year)
    if "noisbn" in options:
        isbn = None
    cloth = row.isbn(row.year, "cloth") if "isbn2" in options else None
    shared = bool(isbn) and "shared" in options
    if "vols" not in options:
        return [row.manifestation(kind, isbn=isbn, binding=cloth, shared_isbn=shared)]
    parts = _parts(options["vols"])
    one = "oneisbn" in options or isbn is None
    numbers = [isbn if one else row.isbn(row.year, number, name) for number, name in parts]
    whole = row.manifestation(
        "set",
        volumes=len(parts),
        isbn=isbn,
        shared_isbn=one and isbn is not None,
        part_isbns=() if one else tuple(filter(None, numbers)),
    )
    volumes = [
        row.manifestation(
            "volume",
            part_number=number,
            part_name=name,
            pages=max(40, whole.pages // len(parts) + row.key("pages", number, name) % 37 - 18),
            price="" if one else f"CNY{_amount(whole.price) / len(parts):.2f}" if whole.price.startswith("CNY") else "",
            isbn=own,
            shared_isbn=one and own is not None,
            set_id=whole.id,
            set_isbn=isbn,
            volumes=0,
        )
        for (number, name), own in zip(parts, numbers, strict=True)
    ]
    return [whole, *volumes]


def _amount(price: str) -> float:
    return float(price.removeprefix("CNY"))


def _annual(row: _Row) -> list[Manifestation]:
    """`years=1995-2005` makes a manifestation each year; `serial` the record of the whole run as well."""
    first, _, last = row.options["years"].partition("-")
    years = range(int(first), int(last or first) + 1)
    found = [
        row.manifestation(
            "annual",
            part_number=str(year),
            year=year,
            isbn=row.isbn(year, year),
            unified="",
            pages=row.manifestation("annual").pages + row.key(year) % 60,
            size="29cm" if year > 1995 else "26cm",
        )
        for year in years
    ]
    if "serial" in row.options:
        found.append(
            row.manifestation(
                "serial",
                year=years[0],
                frequency="年刊",
                isbn=None,
                unified="",
                pages=0,
                price="",
                issn=row.options.get("issn", ""),
            )
        )
    return found


def _serial(row: _Row) -> list[Manifestation]:
    options = row.options
    return [
        row.manifestation(
            "serial",
            issn=options.get("issn") or invent_issn(row.key("issn")),
            cn=options.get("cn", ""),
            order=options.get("order", ""),
            frequency=options.get("freq", "月刊"),
            former=options.get("former", ""),
            later=options.get("later", ""),
            year_end=int(options["end"]) if "end" in options else None,
            unified="",
            pages=0,
            size="26cm",
        )
    ]


def _guji(row: _Row) -> list[Manifestation]:
    """Early books are described by copy: `copies=2` makes two manifestations; `same` marks them as identified by comparison."""
    count = 1 if "same" in row.options else int(row.options.get("copies", "1"))
    return [
        row.manifestation("guji", id=row.id("guji", number), isbn=None, unified="", guji_same="same" in row.options)
        for number in range(count)
    ]


def groups() -> Iterator[list[Manifestation]]:
    """The facts, a row at a time: a set comes with its volumes, an annual with its years."""
    for field in FIELDS:
        work: dict[str, str] = {}
        for row in _table(field):
            if row["title"]:
                work = row
            entry = _Row(field, work, row)
            if "years" in entry.options:
                yield _annual(entry)
            elif field == "serials":
                yield _serial(entry)
            elif field == "guji":
                yield _guji(entry)
            else:
                yield _book(entry, "thesis" if field == "theses" else "book")

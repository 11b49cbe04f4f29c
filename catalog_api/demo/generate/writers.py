"""One writer a member: takes views, writes the files of that library, byte for byte as its system would."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from random import Random
from typing import Protocol

from catalog_api.demo.generate import alma, cnmarc, holdings, iso2709, marc21, xml
from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.shape import View

Field = tuple[str, str]
PAGE = 100  # records on an OAI-PMH page
NLC_BEFORE = 2000  # Jinling keeps older records in the National Library's XML
COLUMNS = ("商品编号", "书号", "品名", "著译者", "出版者", "售价", "可售库存", "货架")
XML_DAMAGE = ("invalid_xml_char", "bare_ampersand", "unclosed_element")


class Writer(Protocol):
    files: list[Path]

    def add(self, view: View, rng: Random) -> None: ...
    def close(self) -> None: ...


def marc(view: View, house: House, rng: Random) -> tuple[tuple[str, str], list[Field]]:
    """Leader parts and fields, holdings included, in the library's dialect."""
    code = house.code
    if code == "zwun":
        draw = rng.random()
        mode = "only" if draw < 0.028 else "swapped" if draw < 0.09 else ""
        if view.m.script != "latn" and mode:
            view.flags.append("pinyin_only" if mode == "only" else "pinyin_in_880")
        return marc21.leader(view, "i"), alma.fields(view, house, mode) + holdings.alma(view, house)
    if code == "hspl":
        return marc21.leader(view, "a"), marc21.plain(view, house) + holdings.koha(view, house)
    if code == "qtut" and view.m.script == "latn":
        return marc21.leader(view, "a"), marc21.plain(view, house) + holdings.libsys(view, house)
    copies = {
        "zjsl": holdings.national, "htcl": holdings.interlib, "lxcl": holdings.county, "qtut": holdings.libsys, "jspl": holdings.jinling,
    }[code]  # fmt: skip
    return cnmarc.leader(view, " " if code == "zjsl" else "3"), cnmarc.fields(view, house) + copies(view, house)


class Iso:
    """An ISO 2709 file in the library's encoding."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.files = [folder / house.file]
        self.stream = self.files[0].open("wb", buffering=1 << 20)
        self.unterminated = False

    def add(self, view: View, rng: Random) -> None:
        house = self.house
        head, fields = marc(view, house, rng)
        if self.unterminated:
            view.flags.append("follows_no_terminator")
            self.unterminated = False
        try:
            data = iso2709.record(head, fields, house.encoding)
        except UnicodeEncodeError:
            fields = [(tag, value.encode(house.encoding, "replace").decode(house.encoding)) for tag, value in fields]
            view.flags.append("char_lost")
            data = iso2709.record(head, fields, house.encoding)
        if view.damage:
            broken = iso2709.damaged(view.damage, head, fields, house.encoding, rng)
            if broken != data:
                view.flags.append(f"damaged:{view.damage}")
                self.unterminated = view.damage == "no_terminator"
                data = broken
        self.stream.write(data)

    def close(self) -> None:
        self.stream.close()


def _leader(head: tuple[str, str]) -> str:
    return f"00000{head[0]}00000{head[1]}"


def _broken(text: str, view: View) -> str:
    """A record of an XML file with what a careless exporter lets through."""
    view.flags.append(f"damaged:{view.damage}")
    place = max(text.find("</dc:title>"), text.find("</title>"), text.find("</subfield>"))
    if view.damage == "invalid_xml_char":
        return f"{text[:place]}\x0b{text[place:]}"
    if view.damage == "bare_ampersand":
        return f"{text[:place]} & 其他{text[place:]}"
    return text[:place] + text[text.index(">", place) + 1 :]


class Collection:
    """A MARCXML file (Alma)."""

    def __init__(
        self, house: House, folder: Path, name: str = "", namespace: str = "http://www.loc.gov/MARC21/slim"
    ) -> None:
        self.house = house
        self.files = [folder / (name or house.file)]
        self.stream = self.files[0].open("w", encoding="utf-8", newline="\n", buffering=1 << 20)
        self.stream.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{namespace}">\n')

    def add(self, view: View, rng: Random) -> None:
        head, fields = marc(view, self.house, rng)
        text = xml.marcxml(_leader(head), fields)
        self.stream.write(_broken(text, view) if view.damage else text)

    def close(self) -> None:
        self.stream.write("</collection>\n")
        self.stream.close()


class Jinling:
    """Newer records as MARC-in-JSON lines, gzipped; older ones in the National Library's cnmarcxml."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.older = Collection(house, folder, "older.xml", "http://www.nlc.cn/")
        path = folder / house.file
        self.files = [path, *self.older.files]
        self.raw = path.open("wb")
        # No name and no time in the header: the same records are the same bytes.
        self.stream = io.BufferedWriter(
            gzip.GzipFile(filename="", mode="wb", compresslevel=5, fileobj=self.raw, mtime=0), 1 << 18
        )

    def add(self, view: View, rng: Random) -> None:
        if view.m.year < NLC_BEFORE:
            view.damage = ""
            self.older.add(view, rng)
            return
        head, fields = marc(view, self.house, rng)
        line = xml.marcjson(_leader(head), fields)
        if view.damage:
            view.flags.append(f"damaged:{view.damage}")
            line = line[: len(line) * 3 // 5].decode("utf-8", "ignore").encode() + b"\n"
        self.stream.write(line)

    def close(self) -> None:
        self.older.close()
        self.stream.close()
        self.raw.close()


class Pages:
    """Saved pages of an OAI-PMH ListRecords answer."""

    def __init__(self, house: House, folder: Path, day: str) -> None:
        self.house, self.folder, self.day = house, folder, day
        self.files: list[Path] = []
        self.page: list[str] = []
        self.prefix = "oai_dc" if house.code == "dhss" else "mods"
        self.base = f"https://{'ir.dhss' if house.code == 'dhss' else 'dl.szgj'}.example/oai"

    def add(self, view: View, rng: Random) -> None:
        if len(self.page) == PAGE:
            self._flush(f"{self.prefix}|{(len(self.files) + 1) * PAGE}")
        payload = "" if view.deleted else (xml.dublin_core if self.prefix == "oai_dc" else xml.mods)(view, self.house)
        created = view.created
        datestamp = f"{created[:4]}-{created[4:6]}-{created[6:]}" + ("" if self.prefix == "oai_dc" else "T08:00:00Z")
        text = xml.oai_record(view.local_id, datestamp, payload, view.deleted)
        self.page.append(_broken(text, view) if view.damage and not view.deleted else text)

    def _flush(self, token: str) -> None:
        path = self.folder / self.house.file.format(len(self.files) + 1)
        path.write_text(
            xml.oai_head(self.base, self.prefix, self.day) + "".join(self.page) + xml.oai_tail(token),
            encoding="utf-8",
            newline="\n",
        )
        self.files.append(path)
        self.page.clear()

    def close(self) -> None:
        self._flush("")


class Stock:
    """The bookshop's stock list: no year, no place, titles with everything in them."""

    ADVERTS = ("【正版现货】", " 新华书店正版", "（全新塑封）", "【官方旗舰店】", " 畅销书", "（赠书签）", "")

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.files = [folder / house.file]
        self.stream = self.files[0].open("w", encoding=house.encoding, newline="", buffering=1 << 20)
        self.rows = csv.writer(self.stream, lineterminator="\r\n")
        self.rows.writerow(COLUMNS)

    def add(self, view: View, rng: Random) -> None:
        title = view.title
        for part in (view.part_number, view.part_name, view.subtitle, view.edition):
            title += f" {part}" if part else ""
        advert = self.ADVERTS[int(rng.random() * 7)] if rng.random() < 0.35 else ""
        title = title + advert if advert[:1] in (" ", "（", "") else advert + title
        number = view.numbers[0][0] if view.numbers else ""
        price = view.price.removeprefix("CNY")
        shelf = self.house.stations[("IBGT".find(view.m.clc[:1]) % 4)]
        row = [
            view.local_id,
            number,
            title,
            xml.credit(view),
            view.publisher,
            price,
            str(int(rng.random() * rng.random() * 24)),
            shelf,
        ]
        if view.damage:
            view.flags.append(f"damaged:{view.damage}")
            row.insert(3, "待核")
        self.rows.writerow(row)

    def close(self) -> None:
        self.stream.close()


def open_writer(house: House, folder: Path, day: str) -> Writer:
    folder.mkdir(parents=True, exist_ok=True)
    if house.code in ("dhss", "szgj"):
        return Pages(house, folder, day)
    if house.code == "zwun":
        return Collection(house, folder)
    if house.code == "jspl":
        return Jinling(house, folder)
    return Stock(house, folder) if house.code == "whbk" else Iso(house, folder)

"""Titles and designations of volumes as this library wrote them, with its typing errors."""

from __future__ import annotations

from random import Random

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.numbers import NUMERALS
from catalog_api.demo.generate.romanise import pinyin, traditional
from catalog_api.demo.generate.shape import Manifestation, View

ALIKE = dict(zip(
    "己未析著的编论史学大人土日西东王士末已字太入曰酉车玉着折篇吏伦地间问清请晴情抄钞账帐唯惟象像做作分份撰选记纪",
    "已末折着地篇伦吏字太入士曰酉车玉土未己学大人日西东王著析编史论的问间请清情晴钞抄帐账惟唯像象作做份分选撰纪记", strict=True,
))  # fmt: skip


def slip(text: str, rng: Random) -> str:
    """A typing error: a look-alike character, else one lost or doubled."""
    places = [place for place, character in enumerate(text) if character in ALIKE]
    if places:
        place = places[int(rng.random() * len(places))]
        return text[:place] + ALIKE[text[place]] + text[place + 1 :]
    if len(text) < 3:
        return text + text[-1:]
    place = 1 + int(rng.random() * (len(text) - 1))
    return text[:place] + text[place + 1 :] if rng.random() < 0.5 else text[:place] + text[place - 1] + text[place:]


def _variant(text: str, rng: Random) -> str:
    """The same title in another dress: blanks, title marks, full-width letters, another punctuation."""
    draw = rng.random()
    if not text.isascii() and any("!" <= character <= "~" for character in text) and draw < 0.5:
        return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)
    if "·" in text and draw < 0.7:
        return text.replace("·", "．" if draw < 0.35 else "・")
    if draw < 0.4 and len(text) > 3:
        place = 2 + int(rng.random() * (len(text) - 3))
        return f"{text[:place]} {text[place:]}"
    return f"《{text}》" if draw < 0.7 else f"{text}."


def _leftover(text: str, rng: Random) -> str:
    """One traditional character left among simplified ones."""
    full = traditional(text)
    if len(full) != len(text):
        return text
    places = [place for place, character in enumerate(text) if full[place] != character]
    if not places:
        return text
    place = places[int(rng.random() * len(places))]
    return text[:place] + full[place] + text[place + 1 :]


def title_pinyin(m: Manifestation) -> str:
    if not m.romanised:
        m.romanised = m.title if m.script == "latn" else pinyin(m.title)
    return m.romanised


def part(m: Manifestation, house: House, rng: Random) -> str:
    """How this record writes the designation: 上册, 上, (上), 第一册, 1."""
    number = m.part_number
    draw = rng.random()
    if not number or draw < (0.9 if house.code in ("zjsl", "zwun", "jspl") else 0.5):
        return number
    if m.kind == "annual":
        return f"{number}年" if draw < 0.9 else number
    if number[0] in "上中下":
        return number[0] if draw < 0.75 else f"({number[0]})" if draw < 0.9 else f"{number[0]}卷"
    digits = number.strip("第册卷辑")
    if not digits.isdigit():
        return number
    value = int(digits)
    if value <= 10 and draw < 0.75:
        return f"第{NUMERALS[value]}{number[-1]}"
    return digits if draw < 0.9 else f"({digits})"


def titles(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    designation = f"{view.part_number} {view.part_name}".strip()
    if m.kind == "volume":
        flags.append("volume")
        if m.part_name and draw() < slips.volume_as_title:
            view.title, view.part_number, view.part_name, view.set_as_series = m.part_name, "", "", True
            view.series, view.series_number = m.title, m.part_number
            view.romanised = pinyin(m.part_name) if m.script != "latn" else m.part_name
            flags.append("volume_as_title")
        elif draw() < slips.volume_in_title:
            view.title = f"{m.title}({designation.strip('()')})" if draw() < 0.4 else f"{m.title} {designation}"
            view.part_number = view.part_name = ""
            flags.append("volume_in_title")
        elif draw() < slips.volume_lost:
            view.part_number = view.part_name = ""
            flags.append("volume_lost")
    elif designation and draw() < slips.volume_in_title:
        view.title = f"{designation}{m.title}" if m.kind == "annual" and draw() < 0.4 else f"{m.title} {designation}"
        view.part_number = view.part_name = ""
        flags.append("volume_in_title")
    if view.subtitle:
        if draw() < slips.subtitle_dropped:
            view.subtitle = ""
            flags.append("subtitle_dropped")
        elif draw() < slips.subtitle_merged:
            view.title, view.subtitle = f"{view.title}{'：' if draw() < 0.5 else ' '}{view.subtitle}", ""
            flags.append("subtitle_merged")
    elif m.kind == "book" and m.script != "latn" and draw() < slips.title_extra:
        view.subtitle = EXTRAS[int(draw() * len(EXTRAS))]
        flags.append("title_extra")
    if draw() < slips.title_typo:
        view.title = slip(view.title, rng)
        flags.append("title_typo")
    elif draw() < slips.title_variant:
        view.title = _variant(view.title, rng)
        flags.append("title_variant")
    elif m.script == "hans" and draw() < slips.trad_leftover:
        changed = _leftover(view.title, rng)
        if changed != view.title:
            view.title = changed
            flags.append("trad_leftover")


EXTRAS = (
    "名家名作",
    "附学习光盘",
    "经典阅读",
    "教育部推荐读物",
    "一部写给大众的书",
    "百万读者的选择",
    "附彩色图片",
    "影响时代的书",
)

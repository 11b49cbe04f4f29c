"""Designations of parts, editions and years, brought to a form that two cataloguers share: 第二册 = 第2册 = v. 2 = Ⅱ.

All functions take folded text (`normalise.text.fold`): simplified, lower case, single spaces for punctuation; Ⅱ has become "ii".
A canonical part is its levels joined by "." ("2", "3.1"); 上 中 下 are "s", "z", "x", because 下 may be the second or the third.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_STEMS = {c: i + 1 for i, c in enumerate("甲乙丙丁戊己庚辛壬癸")}
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_POSITION = {"上": "s", "中": "z", "下": "x"}

_N = "[0-9]{1,3}|[一二三四五六七八九十百零〇两]{1,5}"
_UNIT = "分册|分卷|分编|分辑|卷|册|辑|部|编|集|篇|本|函|期|号|季|级|单元"
_LATIN_UNIT = "volumes?|vols?|v|parts?|pts?|books?|bks?|no|number|tome|tom|t|band|bd|teil|section|sect|ser|series"
# A designation as a whole; several may follow one another (第2卷 上册).
_LEVEL = re.compile(
    rf"(?:第 ?)?(?P<n>{_N}) ?(?:{_UNIT})"
    rf"|第 ?(?P<m>{_N})"
    rf"|(?P<u>卷|册|辑|部|集) ?之? ?(?P<k>{_N})"
    rf"|(?P<p>[上中下])(?: ?(?:{_UNIT}))?"
    rf"|(?P<s>[甲乙丙丁戊己庚辛壬癸])(?: ?(?:{_UNIT}))?"
    rf"|(?:{_LATIN_UNIT}) ?(?P<l>[0-9]{{1,3}}|[ivxl]+|[a-z])(?![a-z0-9])"
    r"|(?P<b>[0-9]{1,3})(?:st|nd|rd|th)?(?: (?:vol|volume|part|book|bk|ser|series))?(?![a-z0-9])"
    r"|(?P<r>[ivxl]+)(?![a-z0-9])"
    r"|(?P<c>[一二三四五六七八九十百]{1,4})(?![^ ])"
)
# A designation at the end of a title: after a space, or with its unit written.
_TAIL = re.compile(
    rf"(?: (?:(?:第 ?)?(?:{_N}) ?(?:{_UNIT})|[上中下](?:{_UNIT})?|[甲乙丙丁](?:{_UNIT})?|第 ?(?:{_N})|(?:卷|册|辑) ?(?:{_N})|[0-9]{{1,2}}|[一二三四五六七八九十]{{1,3}}|[ivx]{{1,5}}|(?:volume|vol|v|part|pt|bk) ?(?:[0-9]{{1,3}}|[ivxl]+)))+$"
    rf"|(?<=[^ ])(?:第(?:{_N})(?:{_UNIT})|[上中下](?:册|卷|编|集|部|篇|分册))$"
)
_SET = re.compile(
    r" ?(?:(?:全|共|套装|套装共|全套|全套共) ?(?P<n>[0-9]{1,3}|[一二三四五六七八九十百两]{1,4}) ?(?:册|卷|本|部|集|辑|种)(?:套装|装)?|(?P<p>上 ?中 ?下|上 ?下) ?(?:全)?(?:册|卷|编|集|部|篇)?(?:全)?)$"
)
_EDITION = re.compile(
    rf" ?(?:第 ?)(?P<n>{_N}) ?版$| (?P<m>{_N}) ?版$| ?(?P<r>最新修订|修订|增订|增补|修正|重订|重修|新)(?:版|本)$| (?P<o>[0-9]{{1,2}})(?:st|nd|rd|th)? ed(?:ition)?$"
)
_YEAR = re.compile(r"(?<![0-9])(?P<y>(?:1[89]|20)[0-9]{2})(?![0-9])(?: ?年?度?版?)?")
_SHORT_YEAR = re.compile(r"(?:(?<= )|(?<=[^0-9 a-z]))(?P<y>[0-9]{2})(?: ?年?度?版?)?$")
_DECIMAL = re.compile(r"\d")
_ANNUAL = re.compile("年鉴|年报|年刊|年度|统计|白皮书|蓝皮书|概览|yearbook|annual|almanac|jahrbuch|annuaire")


def number(text: str) -> int:
    """The value of an Arabic, Chinese or Roman numeral, 0 where it is none. 二十一 is 21, 一九八 is 198."""
    if text.isdecimal() and text.isascii():
        return int(text)
    if all(c in _ROMAN for c in text):
        values = [_ROMAN[c] for c in text]
        return sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    if not any(c in "十百" for c in text):
        return int("".join(str(_DIGITS[c]) for c in text)) if text and all(c in _DIGITS for c in text) else 0
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS.get(char, 0)
    return total + digit


@lru_cache(maxsize=8192)
def part(text: str) -> str:
    """The canonical part of a text that is nothing but a designation; empty where it is something else (a part's name)."""
    levels = []
    at = 0
    while at < len(text):
        if text[at] in " ·":
            at += 1
            continue
        match = _LEVEL.match(text, at)
        if match is None:
            return ""
        levels.append(_level(match))
        at = match.end()
    return ".".join(levels)


def _level(match: re.Match[str]) -> str:
    if place := match["p"]:
        return _POSITION[place]
    if stem := match["s"]:
        return str(_STEMS[stem])
    text = match["n"] or match["m"] or match["k"] or match["l"] or match["b"] or match["r"] or match["c"]
    value = number(text)
    return str(value) if value else text


class Stripped(NamedTuple):
    """A title without its designations, and what they said."""

    title: str
    part: str = ""
    volumes: int = 0  # 全三册, 上下册: the number a set says it has
    edition: int = 0
    revised: bool = False


ends_like_one = re.compile(
    r"[册卷辑部编集篇版本装种上中下0-9一二三四五六七八九十ivx级季]$|ed$|edition$|[甲乙丙丁]$"
).search


@lru_cache(maxsize=8192)
def strip(title: str) -> Stripped:
    """Take 全三册, 第2版 and 上册 off the end of a folded title, in whatever order they stand."""
    found, volumes, edition, revised = "", 0, 0, False
    while ends_like_one(title):
        match = _SET.search(title)
        if match and match.start() > 1:
            volumes = number(match["n"]) if match["n"] else 3 if "中" in match["p"] else 2
        elif (match := _EDITION.search(title)) and match.start() > 1:
            text = match["n"] or match["m"] or match["o"]
            edition, revised = (number(text), revised) if text else (edition, True)
        elif (match := _TAIL.search(title)) and match.start() > 0 and not found:
            found = part(match[0].strip())
            if not found:
                break
        else:
            break
        title = title[: match.start()]
    return Stripped(title, found, volumes, edition, revised)


def annual_year(text: str) -> int:
    """The year a folded title is of (中国统计年鉴 1994, 年鉴 94), 0 where none stands in it. Of a span the last year counts."""
    found = 0
    if _DECIMAL.search(text):
        for match in _YEAR.finditer(text):
            found = int(match["y"])
        if not found and _ANNUAL.search(text) and (short := _SHORT_YEAR.search(text)):
            value = int(short["y"])
            found = 1900 + value if value > 30 else 2000 + value
    return found


def without_year(title: str) -> str:
    """A folded title without a year at its end or beginning; unchanged where nothing else would be left."""
    match = next(reversed(list(_YEAR.finditer(title))), None)
    if match is None:
        match = _SHORT_YEAR.search(title) if _ANNUAL.search(title) else None
    if match is None or (match.start() > 0 and match.end() < len(title)):
        return title
    rest = (title[: match.start()] + title[match.end() :]).strip(" 年度版")
    return rest if len(rest) > 1 else title

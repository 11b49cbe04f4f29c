"""Numbers as cataloguers write them: Arabic, Chinese, Roman; and the comparable form of a part designation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["NUMBER", "ROMAN", "number", "part_key"]

ROMAN = r"(?:[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]+|(?<![A-Za-z])(?:X{1,3}(?:IX|IV|V?I{0,3})|IX|IV|V?I{1,3}|V)(?![A-Za-z]))"
NUMBER = rf"(?:[0-9０-９]{{1,4}}|[一二三四五六七八九十百千〇零廿卅两]{{1,6}}|{ROMAN})"  # a pattern to build others with

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2, "壹": 1, "贰": 2, "叁": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ROMANS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_roman = re.compile(r"m{0,3}(?:c[md]|d?c{0,3})(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})").fullmatch
_chinese = re.compile(r"[一二三四五六七八九十百千〇零廿卅两兩壹贰叁]+").fullmatch
_designation = re.compile(
    r"(?:第|卷|v(?:ol(?:ume)?s?)?\.?|p(?:ar)?t\.?|bk\.?|book|bd\.?|t\.?|no\.?|n[°º]|ч\.?|т\.?|вып\.?)?\s*"
    r"([0-9]+|[一二三四五六七八九十百千〇零廿卅两兩]+|[ivxlc]+)\s*"
    r"(?:分?[册卷辑集本篇编函期回季]|部分?|分册|年版?|年度|st|nd|rd|th)?"
).fullmatch
_side = re.compile(r"([上中下续])(?:[册卷部编集篇辑本]|分册)?").fullmatch
_pieces = re.compile(r"[\s.,;:，、：；/()（）\[\]]+").split


@lru_cache(maxsize=4096)
def number(text: str) -> int | None:
    """The value of a whole text that is a number: 12, １２, 十二, 二〇一二, Ⅻ, xii; else None."""
    text = unicodedata.normalize("NFKC", text).strip().lower()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) < 10 else None
    if _chinese(text):
        return _from_chinese(text)
    if text and _roman(text):
        values = [_ROMANS[c] for c in text]
        return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
    return None


def _from_chinese(text: str) -> int:
    text = text.replace("廿", "二十").replace("卅", "三十")
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))  # 二〇一二
    total, digit = 0, 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


@lru_cache(maxsize=8192)
def part_key(text: str) -> str:
    """The comparable form of a part designation: 第三册, (3), Ⅲ, v. 3 and 卷三 are all `3`; 上册 is `上`; 上册 第一分册 is `上.1`.

    A designation that is no number stays as folded text (微观经济学分册). An empty text gives an empty key.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("冊", "册").replace("輯", "辑").replace("編", "编")
    whole = _one(folded.strip(" .,;:()[]（）"))
    if whole is not None:
        return whole
    keys = [_one(piece) or piece for piece in _pieces(folded) if piece]
    return ".".join(keys)


def _one(text: str) -> str | None:
    if side := _side(text):
        return side[1]
    if named := _designation(text):
        value = number(named[1])
        return None if value is None else str(value)
    return None

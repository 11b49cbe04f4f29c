"""Numbers as cataloguers write them: Arabic, Chinese, Roman."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["NUMBER", "ROMAN", "number"]

ROMAN = r"(?:[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ]+|(?<![A-Za-z])(?:X{1,3}(?:IX|IV|V?I{0,3})|IX|IV|V?I{1,3}|V)(?![A-Za-z]))"
NUMBER = rf"(?:[0-9０-９]{{1,4}}|[一二三四五六七八九十百千〇零廿卅两]{{1,6}}|{ROMAN})"  # a pattern to build others with

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2, "壹": 1, "贰": 2, "叁": 3}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ROMANS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_roman = re.compile(r"m{0,3}(?:c[md]|d?c{0,3})(?:x[cl]|l?x{0,3})(?:i[xv]|v?i{0,3})").fullmatch
_chinese = re.compile(r"[一二三四五六七八九十百千〇零廿卅两兩壹贰叁]+").fullmatch


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

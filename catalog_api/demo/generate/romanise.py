"""Pinyin as cataloguers write it: a syllable a character, lower case, blanks between; words of other scripts stay."""

from __future__ import annotations

from functools import lru_cache

import opencc
from pypinyin import Style, lazy_pinyin

_TO_TRADITIONAL = opencc.OpenCC("s2t")


@lru_cache(maxsize=50_000)
def pinyin(text: str) -> str:
    """`西湖游览志` to `xi hu you lan zhi`; punctuation becomes a blank."""
    syllables = lazy_pinyin(text, style=Style.NORMAL, v_to_u=True, errors=_words)
    return " ".join(" ".join(syllables).split())


def _words(run: str) -> str:
    return "".join(character if character.isalnum() else " " for character in run)


@lru_cache(maxsize=50_000)
def name_pinyin(name: str) -> str:
    """`周晓燕` to `zhou xiao yan`; a transliterated name with a middle dot stays one run a part."""
    return pinyin(name)


@lru_cache(maxsize=50_000)
def traditional(text: str) -> str:
    return str(_TO_TRADITIONAL.convert(text))

"""Folding of text, the same for indexing, querying and matching.

`fold` gives the form that two cataloguers' spellings of one text share; `compact`, `words`, `pinyin` build on it. Texts are kept as
catalogued in `BibRecord`; these functions are applied where texts are compared or searched, never to what is displayed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Literal

import opencc
import rjieba

from normalise.readings import reading, surname

__all__ = ["compact", "fold", "has_cjk", "latin", "pinyin", "pinyin_key", "script", "words"]

CJK = "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Variant characters (异体字) that OpenCC's t2s leaves alone, to the form of 通用规范汉字表; names keep theirs in the record.
_VARIANTS = (
    "锺钟 淸清 譔撰 攷考 邨村 甦苏 靑青 衞卫 栢柏 寕宁 寜宁 甯宁 歴历 暦历 德德 徳德 呉吴 吴吴 稾稿 槀稿 牠它 妳你 彔录 刋刊 彫雕 "
    "匃丐 藉借 戸户 黒黑 毎每 巻卷 図图 対对 訳译 訳译 閙闹 鎻锁 鬪斗 鬬斗 閗斗 冩写 畧略 羣群 峯峰 畵画 牀床 覈核 菴庵 裏里 祘算 "
    "恉旨 爕燮 燄焰 堦阶 坿附 欵款 緐繁 囘回 囬回 迴回 廻回 徧遍 讅审 凴凭 仝同 沠派 鳬凫 橅模 僊仙 逰游 葢盖 侭尽 尅克 "
    "迯逃 箇个 搨拓 搢缙 剙创 荅答 咊和 龢和 曡叠 疉叠 喦岩 嵒岩 巖岩 墖塔 桒桑 竒奇 亝齐 旾春 萅春 龝秋 秌秋 偁称 缐线 䥽铧 髙高 濶阔 "
    "臯皋 皐皋 冡冢 慙惭 鴈雁 礮炮 砲炮 愼慎 顚颠 卽即 旣既 鄕乡 値值 産产 戶户 內内 録录 靜静 飜翻 繙翻 "
    "劄札 箚札 栞刊 釆采 採采 跡迹 蹟迹 勛勋 勳勋 濬浚 琱雕 皃貌 兎兔 菓果 杯杯 盃杯 汙污 汚污 洩泄 燻熏 蘤花 蘂蕊 讌宴 驩欢 懽欢"
)
_QUOTES = "'\"`´‘’‚‛“”„‟′″‵‹›«»《》〈〉「」『』﹁﹂﹃﹄〝〞〟＇＂ʹʺʻʼʽˈʾʿ"
_DOTS = (
    "·•‧・･∙⋅●.﹒᛫⸱"  # the middle dot of foreign names, in the forms that libraries send; the full stop is one of them
)
_ZERO = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\ufffd\u0098\u009c"
_EXPLICIT = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŀ": "l",
}


def _marks() -> dict[int, str | None]:
    """Latin letters with diacritics to the letter; combining marks to nothing (kana keep their voicing marks)."""
    table: dict[int, str | None] = {ord(k): v for k, v in _EXPLICIT.items()}
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(point)).casefold()
        plain = "".join(c for c in base if not unicodedata.combining(c))
        if plain.isascii() and plain != chr(point):
            table.setdefault(point, plain)
    table.update(dict.fromkeys((*range(0x300, 0x370), *range(0xFE20, 0xFE30)), None))
    return table


def _folding() -> dict[int, str | None]:
    """One table for `str.translate` after NFKC and casefold: marks, quotes, dots, punctuation, variant characters."""
    table = _marks()
    for point in (*range(0x3400), *range(0xFE00, 0x10000), *range(0x1F000, 0x1FB00)):
        if unicodedata.category(chr(point))[0] in "PSZC":
            table.setdefault(
                point, " "
            )  # private use is not here: unencoded characters of old systems tell titles apart
    table.update({ord(c): None for c in _QUOTES + _ZERO})
    table.update({ord(c): "·" for c in _DOTS})
    table.update({ord(c): c for c in "+#"})  # C++, C#
    table.update({ord(pair[0]): pair[1] for pair in _VARIANTS.split()})
    return table


_MARKS = _marks()
_FOLDING = _folding()
_ASCII = {
    i: (chr(i).lower() if chr(i).isalnum() or chr(i) in "+#" else None if chr(i) in "'\"`" else " ") for i in range(128)
}
_to_simplified = opencc.OpenCC("t2s").convert
_has_cjk = re.compile(f"[{CJK}]").search
_dot = re.compile(f"(?<=[{CJK}]) ?· ?(?=[{CJK}])").sub
_sign = re.compile(r"(?<![a-z0-9+#])[+#]+").sub
# 著 and 着 were one character: 活著, 编着. The words of writing keep 著, all others get 着.
_zhu = re.compile(
    r"(?:(?<=[编名原译专巨论土合显拙卓所等述撰校主新旧遗全选昭]) ?[着著](?!力|实|手|眼|重|急|想|火|迷|陆|装|色)|^[着著]$|[着著](?=[作名者述录书称]))|[着著]"
).sub


@cache
def _traditional() -> frozenset[str]:
    """The characters that OpenCC changes; a text without any need not be converted, which is three quarters of the time."""
    points = (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x30000))
    return frozenset(_changed(_to_simplified, map(chr, points)))


def _changed(convert: Callable[[str], str], characters: Iterable[str]) -> list[str]:
    """The characters that a conversion changes, each by itself: a line each, for a call costs more than a character."""
    text = "\n".join(characters)
    return [
        before for before, after in zip(text.split("\n"), convert(text).split("\n"), strict=True) if before != after
    ]


def _choose(match: re.Match[str]) -> str:
    start, end, text = match.start(), match.end(), match.string
    before = text[start - 1 : start]
    if (before in "编名原译专巨论土合显拙卓所等述撰校主新旧遗全选昭" and before) or (start == 0 and end == len(text)):
        return match.group().replace("着", "著")
    return "著" if text[end : end + 1] in ("作", "名", "者", "述", "录", "书", "称") else "着"


def has_cjk(text: str) -> bool:
    """Whether a Chinese character, kana or hangul stands in the text."""
    return not text.isascii() and _has_cjk(text) is not None


@lru_cache(maxsize=32768)
def fold(text: str) -> str:
    """The comparable form: NFKC, lower case, without diacritics, simplified characters, no variants, single spaces for punctuation.

    Quotation and book-title marks vanish; the middle dot vanishes between Chinese characters (约翰·赫斯特), else it is a space.
    `+` and `#` stay where they follow a letter (C++, C#).
    """
    if text.isascii():
        text = text.translate(_ASCII)
    else:
        text = unicodedata.normalize("NFKC", text).casefold()
        if not _traditional().isdisjoint(text):
            text = _to_simplified(text)
        text = text.translate(_FOLDING)
        if "·" in text:
            text = _dot("", text).replace("·", " ")
    if "+" in text or "#" in text:
        text = _sign(" ", text)
    text = " ".join(text.split())
    return _zhu(_choose, text) if "着" in text or "著" in text else text


@lru_cache(maxsize=32768)
def compact(text: str) -> str:
    """`fold` without spaces."""
    return fold(text).replace(" ", "")


_runs = re.compile(f"[{CJK}]+|[^{CJK} ]+").findall
_is_cjk = re.compile(f"[{CJK}]").match


@lru_cache(maxsize=16384)
def _words(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for piece in fold(text).split():
        runs = _runs(piece)
        for run in runs:
            if not _is_cjk(run):
                found[run] = None
            elif len(run) == 1:
                if len(runs) == 1:
                    found[run] = None
            else:
                for start in range(len(run) - 1):
                    found[run[start : start + 2]] = None
                if len(run) > 2:
                    found.update((word, None) for word in rjieba.cut_all(run) if len(word) > 2)
    return tuple(found)


def words(text: str) -> list[str]:
    """Search tokens of a document or a query: Latin words and numbers, CJK bigrams, and every dictionary word of three or more characters.

    Dictionary words are those of the full segmentation, which does not depend on the context. So the tokens of any piece of a text
    (cut between characters of Chinese, or between words) are tokens of the text, and a query that demands all of its tokens finds it.
    A single character is a token where it stands by itself (家), not beside a number or Latin letters (2012年).
    """
    return list(_words(text))


@lru_cache(maxsize=16384)
def latin(text: str) -> str:
    """The text with Latin letters stripped of diacritics; case, punctuation and other scripts as they were."""
    if text.isascii():
        return text
    out = []
    for char in unicodedata.normalize("NFC", text):
        plain = _MARKS.get(ord(char.lower()) if len(char.lower()) == 1 else ord(char), "")
        if plain is not None:
            out.append(char if not plain else plain.upper() if char.isupper() else plain)
    return "".join(out)


_not_letter = re.compile(r"[^a-z0-9]+").sub
_v = re.compile(r"(?<=[ln])v|(?<=[ln])u:").sub


def pinyin_key(romanised: str) -> str:
    """The key of a romanisation as anybody writes it: `Lü Yuan`, `lv yuan`, `luyuan` are all `luyuan`."""
    return _not_letter("", _v("u", latin(romanised).lower()))


@lru_cache(maxsize=32768)
def pinyin(text: str, name: bool = False) -> tuple[str, str]:
    """(joined lower-case pinyin, initials) of a text; Latin letters and digits stay. With `name` the first character is a surname.

    The form is that of `pinyin_key`: no tones, ü as u.
    """
    if text.isascii():
        folded = fold(text)
        return folded.replace(" ", ""), "".join(word[0] for word in folded.split())
    joined: list[str] = []
    first: list[str] = []
    for run in _runs(fold(text)):
        if not _is_cjk(run):
            joined.append(run)
            first.append(run[0])
            continue
        if name:
            syllables, rest = surname(run)
            syllables += [s for char in rest for s in reading(char)]
            name = False
        else:
            syllables = [s for word in rjieba.cut(run) for s in reading(word)]
        joined += syllables
        first += [s[0] for s in syllables]
    return "".join(joined), "".join(first)


_letter = re.compile("[a-zA-Z\u00c0-\u024f]").search


@cache
def _one_script() -> tuple[frozenset[str], frozenset[str]]:
    """(characters of traditional writing only, of simplified only): what conversion changes and the other side's charset lacks."""
    to_traditional = opencc.OpenCC("s2t").convert
    han = [chr(point) for point in range(0x4E00, 0xA000)]
    hant = {c for c in _changed(_to_simplified, han) if not c.encode("gb2312", "ignore")}
    hans = {c for c in _changed(to_traditional, han) if not c.encode("big5", "ignore")}
    return frozenset(hant), frozenset(hans)


def script(text: str) -> Literal["", "hans", "hant", "latn", "other"]:
    """The script by the characters that tell it, the majority where both occur; Chinese that reads the same in both is ""."""
    if text.isascii():
        return "latn" if _letter(text) else ""
    if _has_cjk(text):
        hant, hans = _one_script()
        if hant.isdisjoint(text):
            return "" if hans.isdisjoint(text) else "hans"
        return "hant" if sum(c in hant for c in text) >= sum(c in hans for c in text) else "hans"
    return "latn" if _letter(text) else "other" if any(c.isalpha() for c in text) else ""

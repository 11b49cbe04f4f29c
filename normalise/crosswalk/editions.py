"""Edition statements: their number, and finding them inside titles and subtitles."""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.fields import clean
from normalise.numerals import NUMBER, number
from schemas.bib import Edition

_REVISED = "修订|增订|增补|修定|校订|重订|增修|补订|修正|订正|改订|改版|增补修订|增订修订|修訂|增訂|增補|校訂|重訂|補訂"
_KIND = f"(?:{_REVISED}|典藏|珍藏|纪念|紀念|收藏|重排|重印|增订纪念|增訂紀念|十年典藏|新订|新訂|插图|插圖)"
# What stands in a title and is an edition, not a subtitle: numbered, revised, collector's and yearly editions (版本说明, GB/T 3792).
STATEMENT = (
    rf"(?:(?:19|20)[0-9]{{2}}年?(?:最?新)?(?:{_REVISED})?版|第?\s*{NUMBER}\s*(?:次修订)?版(?:[·・\s]?(?:修订|增订|新)[版本]?)?"
    rf"|(?:全新|最新|新|重)?{_KIND}\s*(?:第?\s*{NUMBER}\s*)?[版本]?|初版|再版|新[一1]?版|最新版|全新版"
    r"|[0-9]+(?:st|nd|rd|th)\s+ed(?:ition|\.)?|(?:first|second|third|fourth|fifth|sixth|rev(?:ised|\.)?|new)\s+ed(?:ition|\.)?)"
)
_whole = re.compile(STATEMENT, re.IGNORECASE).fullmatch
_bracketed = re.compile(rf"^(.+?)\s*[（(［\[]\s*({STATEMENT})\s*[)）\]］]\s*(.*)$", re.IGNORECASE).match
_trailing = re.compile(rf"^(.+?)[\s:：·.,，—-]+({STATEMENT})(?:$|[\s:：·.]+(.*)$)", re.IGNORECASE).match
_attached = re.compile(
    r"^(.{2,}?)(第[0-9一二三四五六七八九十]{1,3}版|修订[版本]|修訂[版本]|增订[版本]|增訂[版本])$"
).match
_numbered = re.compile(rf"第?\s*({NUMBER})\s*版").search
_western = re.compile(r"\b([0-9]{1,3})\s*(?:st|nd|rd|th|\.|e|è?me|a|ª|º)?\s*(?:rev\.?|revised|enl\.?|и[сз]пр\.?)?,?\s*(?:ed\b|edition|édition|edición|edizione|aufl|auflage|изд)", re.IGNORECASE).search  # fmt: skip
_ordinal = re.compile(r"\b(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)\b(?:\s+\w+\.?)?\s+ed", re.IGNORECASE).search  # fmt: skip
_pinyin = re.compile(r"\b(?:di|ding)\s*([0-9]+|yi|er|san|si|wu|liu|qi|ba|jiu|shi)\s*ban\b", re.IGNORECASE).search
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
_PINYIN = ("yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu", "shi")
_hint = re.compile(r"[版本订訂]|\bed", re.IGNORECASE).search


@lru_cache(maxsize=8192)
def edition_number(text: str) -> int | None:
    """2 for 第2版, 二版, 修订第2版, 2nd rev. ed., Di 2 ban; 1 for 初版; None where no number is told (修订本, 2015年版, 10th anniversary ed.)."""
    if text in ("初版", "1版", "First edition"):
        return 1
    if found := _numbered(text):
        value = number(found[1])
        return value if value is not None and 0 < value < 200 else None
    if found := _western(text):
        return int(found[1]) or None
    if found := _ordinal(text):
        return _ORDINALS.index(found[1].lower()) + 1
    if found := _pinyin(text):
        return int(found[1]) if found[1].isdigit() else _PINYIN.index(found[1].lower()) + 1
    return 1 if text.startswith("初版") else None


def edition(text: str) -> Edition | None:
    """An edition statement as catalogued, with its number; None for an empty text."""
    text = clean(text)
    return Edition(text, edition_number(text)) if text else None


def is_edition(text: str) -> bool:
    """Whether the whole text is an edition statement, as in a subtitle that says 第2版."""
    return _hint(text) is not None and _whole(text.strip(" []［］()（）")) is not None


@lru_cache(maxsize=16384)
def split_edition(title: str) -> tuple[str, str, str]:
    """(title without edition, edition, text behind it) of a title such as 计算机网络 (第5版) 自顶向下方法; edition "" where none is inside."""
    if _hint(title) is None:
        return title, "", ""
    match = _bracketed(title) or _trailing(title) or _attached(title)
    if match is None:
        return title, "", ""
    rest = match[3] if match.re.groups > 2 else ""
    return clean(match[1]), clean(match[2]), clean(rest or "")

"""Part designations inside titles: 古代汉语 上册 第一分册, 三体Ⅱ 黑暗森林, 浙江统计年鉴 2011.

What is told in subfields ($h $i, $n $p) never comes here; these rules are for titles that swallowed the part.
"""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.fields import clean
from normalise.numerals import NUMBER, ROMAN

_CJK = "\u3400-\u4dbf\u4e00-\u9fff"
_UNIT = "(?:分?[册冊]|[卷部编編辑輯集篇函本]|部分|分[册冊卷编編])"
_SIDE = "[上中下续續]"
_YEAR = "(?:19[5-9][0-9]|20[0-9]{2})"
_STRONG = (
    rf"第\s*{NUMBER}(?:\s*[-—~～至、]\s*{NUMBER})?\s*{_UNIT}(?:\s*{_SIDE}[册冊]?)?|{_SIDE}(?:[册冊卷部编編集篇]|分[册冊])|{NUMBER}\s*(?:分?[册冊]|[辑輯])"
    rf"|[Vv]ol(?:ume)?\.?\s*[0-9IVXivx]+|[Vv]\.\s*[0-9]+|卷\s*{NUMBER}|[甲乙丙丁戊][编編集种種部]|[{_CJK}]{{2,10}}分[册冊]"
)
_bracketed = re.compile(rf"^(.+?)\s*[（(［\[]\s*({_STRONG}|{_SIDE}|{NUMBER}|{_YEAR}年?)\s*[)）\]］]\s*(.*)$").match
_named_in = re.compile(rf"^(.+?)\s*[（(［\[]\s*({_STRONG})[\s.．:：,，、]+([^()（）\[\]［］]+)[)）\]］]$").match
_named_volume = re.compile(rf"^(.*[{_CJK}）)])[\s.．:：·,，—-]+([{_CJK}]{{1,8}}卷)$").match
_leading_year = re.compile(rf"^({_YEAR})\s*年?\s*([{_CJK}]{{2,}}(?:年鉴|年鑑|年鑒|年报|年報))$").match
_strong = re.compile(
    rf"^(.+?)[\s.．:：·,，、—-]+((?:{_STRONG})(?:[\s.．,，、]+(?:{_STRONG}))*)(?:$|[\s.．:：·,，、—-]+(.*)$|([（(［\[].*)$)"
).match
# A bare number counts only behind a Chinese character, and with text behind it only one or two digits: not Office 2003 教程, not C++ 6.0.
_weak_end = re.compile(rf"^(.*[{_CJK})）》”])[\s.．:：·,，、—-]+({NUMBER}|{_SIDE}|{_YEAR}(?:年版?)?)$").match
_weak_rest = re.compile(rf"^(.*[{_CJK})）》”])[\s.．:：·,，、—]+([0-9]{{1,2}}|{ROMAN})[\s:：·—-]+([^0-9\s].*)$").match
_ATTACHED = re.compile(rf"^(.*[{_CJK}])({ROMAN})(?:$|[\s:：.·]+(.*)$|\s*([（(［\[].*)$)")
_attached = _ATTACHED.match
_tail = re.compile(rf"^(.{{2,}}?)(第{NUMBER}{_UNIT}|[上中下][册冊])$").match
_collected = re.compile(r"^[（(［\[]?[全共].{0,4}[册冊卷本][)）\]］]?$").match
_hint = re.compile(r"[0-9０-９Ⅰ-ⅫIVXv（(［\[]|[上中下第卷续續册冊一二三四五六七八九十甲乙丙丁]").search
_year_inside = re.compile(rf"(?<![0-9])['’‘`]?({_YEAR})\s*年?|['’‘`]([0-9]{{2}})(?![0-9])").search
_digits = re.compile("[0-9]{2}").search
_annual_word = re.compile(r"年鉴|年鑑|年鑒|年报|年報|年刊|年度|年编|年選|年选|统计|統計|蓝皮书|藍皮書|绿皮书|白皮书|报告|報告|分析与预测|概况|排行榜|yearbook|annual|almanac", re.IGNORECASE).search  # fmt: skip
year_only = re.compile(
    rf"[（(]?{_YEAR}\s*(?:[-—~～至/]\s*(?:{_YEAR}|[0-9]{{2}}))?\s*(?:年版?|年度|卷)?[)）]?"
).fullmatch


@lru_cache(maxsize=16384)
def split_part(title: str) -> tuple[str, str, str]:
    """(title proper, part number, part name) of a title that holds its part; the last two are "" where it holds none.

    What follows a number that is attached to the title (三体Ⅱ 黑暗森林) comes with a colon before it: it is a subtitle.
    """
    if _hint(title) is None:
        return title, "", ""
    if match := _leading_year(title):
        return match[2], match[1], ""
    if (match := _named_volume(title)) and not re.fullmatch(f"第?{NUMBER}卷", match[2]):
        return clean(match[1]), "", match[2]
    for match in (
        _bracketed(title),
        _named_in(title),
        _strong(title),
        _weak_end(title),
        _weak_rest(title),
        _attached(title),
        _tail(title),
    ):
        if match is None:
            continue
        head, designation = clean(match[1]), clean(match[2])
        if not head or (len(head) < 2 and not match.re.pattern.startswith("^(.+?)")):
            continue
        rest = next((g for g in match.groups()[2:] if g), "")
        return head, designation, f": {_bare(rest)}" if rest and match.re is _ATTACHED else _bare(rest)
    return title, "", ""


def _bare(rest: str) -> str:
    rest = clean(rest)
    if len(rest) > 2 and rest[0] in "（(［[" and rest[-1] in "）)］]" and not any(c in "（(［[" for c in rest[1:]):
        return clean(rest[1:-1])
    return clean(rest.lstrip("-—"))


def is_collective(text: str) -> bool:
    """Whether a designation names the whole: 全三册, (共10册)."""
    return _collected(text) is not None


def is_part(text: str) -> bool:
    """Whether a whole text is a designation: 第一册, 上, 2011, Ⅲ."""
    return split_part("题名 " + text) == ("题名", clean(text), "") if text else False


def issue_year(title: str, part: str) -> int | None:
    """The year that an issue of an annual stands for: 浙江年鉴 2018, 2015年浙江发展报告, '95中国发展报告; None for other titles."""
    if part and year_only(part):
        return int(re.sub(r"\D", "", part)[:4])
    found = _year_inside(title) if _digits(title) else None
    if found is None or not (_annual_word(title) or (found[2] and found.start() == 0)):
        return None
    if found[1]:
        return int(found[1])
    short = int(found[2])
    return 1900 + short if short > 30 else 2000 + short


def is_annual(title: str, part: str) -> bool:
    """Whether title and part are those of one issue of an annual (年鉴, 年度报告)."""
    return issue_year(title, part) is not None

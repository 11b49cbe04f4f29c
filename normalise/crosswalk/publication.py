"""Place, publisher, dates. Years come in a dozen spellings; the republic's and the emperors' years are converted."""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.fields import NONE, ByTag, Findings, clean, note, tidy
from normalise.numerals import number
from schemas.bib import Publication
from schemas.marc import MarcField

# First year of reign (年号) of the emperors under whom nearly all dated Chinese prints were made.
_REIGNS = {
    "建隆": 960, "淳化": 990, "咸平": 998, "景德": 1004, "大中祥符": 1008, "天圣": 1023, "庆历": 1041, "嘉祐": 1056, "熙宁": 1068, "元丰": 1078, "元祐": 1086, "绍圣": 1094,
    "崇宁": 1102, "政和": 1111, "宣和": 1119, "建炎": 1127, "绍兴": 1131, "隆兴": 1163, "乾道": 1165, "淳熙": 1174, "绍熙": 1190, "庆元": 1195, "嘉泰": 1201, "嘉定": 1208,
    "宝庆": 1225, "绍定": 1228, "淳祐": 1241, "宝祐": 1253, "咸淳": 1265, "至元": 1264, "元贞": 1295, "大德": 1297, "至大": 1308, "延祐": 1314, "至治": 1321, "泰定": 1324,
    "天历": 1328, "至顺": 1330, "至正": 1341, "洪武": 1368, "建文": 1399, "永乐": 1403, "洪熙": 1425, "宣德": 1426, "正统": 1436, "景泰": 1450, "天顺": 1457, "成化": 1465,
    "弘治": 1488, "正德": 1506, "嘉靖": 1522, "隆庆": 1567, "万历": 1573, "泰昌": 1620, "天启": 1621, "崇祯": 1628, "顺治": 1644, "康熙": 1662, "雍正": 1723, "乾隆": 1736,
    "嘉庆": 1796, "道光": 1821, "咸丰": 1851, "同治": 1862, "光绪": 1875, "宣统": 1909, "民国": 1912, "民": 1912, "昭和": 1926, "大正": 1912, "明治": 1868, "平成": 1989,
}  # fmt: skip
_TO_SIMPLE = str.maketrans("國曆緒統慶萬啓啟禎順聖紹寧豐興寶貞歷樂", "国历绪统庆万启启祯顺圣绍宁丰兴宝贞历乐")
_reign = re.compile(
    f"({'|'.join(sorted(_REIGNS, key=len, reverse=True))})\\s*(元|[0-9]{{1,3}}|[一二三四五六七八九十廿卅]{{1,4}})\\s*年?"
).search
_bracket_range = re.compile(
    r"[\[［(（]\s*(?:i\.e\.\s*)?(?:约|ca\.?\s*)?([0-9]{4})\s*(?:[-—–~～]\s*([0-9]{4}))?\s*\??\s*[\]］)）]"
).search
_range = re.compile(
    r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?:[.年][0-9]{1,2}月?)?\s*[-—–~～至/]\s*(1[0-9]{3}|20[0-9]{2})(?![0-9])"
).search
_short_range = re.compile(r"(?<![0-9])(1[0-9]|20)([0-9]{2})\s*[-—–/]\s*([0-9]{2})(?![0-9.月])").search
_year = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])").search
_year_loose = re.compile(r"(?<![0-9])(1[4-9][0-9]{2}|20[0-9]{2})(?=0[1-9]|1[0-2])").search  # 201205, 20120501
_printing = re.compile(
    r"[(（\[,，;；:\s]\s*(?:c)?([0-9]{4})\s*(?:[.年][0-9]{1,2}月?)?\s*年?\s*(?:第?\s*[0-9一二三四五六七八九十]*\s*次)?(?:重?印|印刷|printing|printed)"
).search
_printing_note = re.compile(
    r"(1[89][0-9]{2}|20[0-9]{2})\s*年?(?:[0-9.]{0,3}月?)?\s*(?:第\s*([0-9一二三四五六七八九十百]+)\s*次\s*)?(?:印刷|重印|印|printing)"
).search
_decade = re.compile(r"(?<![0-9])(1[0-9]|20)([0-9])(?:[-?_uxX]|0年代)[-?_uxX]?(?![0-9])").search
_chinese_year = re.compile(r"([一二][〇○零一二三四五六七八九]{3})\s*年?").search
_undated = re.compile(
    r"^\W*(?:n\.?\s?d|s\.?\s?a|不[详詳明]|年(?:代|份)?不[详詳明]|无年|出版(?:年|時間|时间)?不[详詳明]|[0-9]{2}(?:--|\?\?|uu)[?]?|between .*--.*)\W*$",
    re.IGNORECASE,
).match
_two_digits = re.compile(r"['’‘`]([0-9]{2})(?![0-9])").search
_placed = re.compile(r"^([\u3400-\u9fff]{2,6})\s*[:：]\s*([^:：]{2,})$").match
_unknown_place = re.compile(
    r"^[\[(（［]?\s*(?:出版地不[详詳明]|s\.?\s*l\.?|place of publication not identified|地点不详|S\.l)\.?\s*[\])）］]?$",
    re.IGNORECASE,
).match
_unknown_publisher = re.compile(
    r"^[\[(（［]?\s*(?:出版(?:者|社|單位|单位)不[详詳明]|s\.?\s*n\.?|publisher not identified)\.?\s*[\])）］]?$",
    re.IGNORECASE,
).match


@lru_cache(maxsize=16384)
def years(text: str) -> tuple[int | None, int | None, int | None]:
    """(year, end year, printing year) of a date as transcribed: 2012.05, [2012], c2012, 民國101[2012], 清道光26年[1846], 2012(2015重印), 1991-."""
    text = tidy(text).translate(_TO_SIMPLE)
    printing = None
    if match := _printing(text):
        printing = int(match[1])
        rest = text[: match.start()]
        if _year(rest):
            text = rest
    if match := _bracket_range(text):
        return int(match[1]), int(match[2]) if match[2] else None, printing
    if match := _reign(text):
        western = _year(text)
        year = int(western[1]) if western else _of_reign(match[1], match[2])
        return year, None, printing
    if match := _range(text):
        return int(match[1]), int(match[2]), printing
    if match := _year(text) or _year_loose(text):
        year = int(match[1])
        if short := _short_range(text):
            end = int(short[1] + short[3])
            return year, end if end > year and len(text) > 7 and end - year > 12 else None, printing
        return year, None, printing
    if match := _chinese_year(text):
        return number(match[1].replace("○", "〇")), None, printing
    if match := _decade(text):
        return int(match[1] + match[2] + "0"), int(match[1] + match[2] + "9"), printing
    if match := _two_digits(text):
        return 1900 + int(match[1]), None, printing
    return None, None, printing


def _of_reign(reign: str, ordinal: str) -> int | None:
    nth = 1 if ordinal == "元" else number(ordinal)
    return None if nth is None else _REIGNS[reign] + nth - 1


def printing_note(text: str) -> tuple[int, int] | None:
    """(year, printing) of a note such as 2007年第26次印刷; the printing is 0 where not told."""
    if match := _printing_note(text):
        return int(match[1]), (number(match[2]) or 0) if match[2] else 0
    return None


@lru_cache(maxsize=4096)
def place_of(text: str) -> str:
    """A place without brackets, empty where the cataloguer says it is unknown."""
    text = clean(text)
    return "" if not text or _unknown_place(text) else clean(text.strip("[]［］"))


@lru_cache(maxsize=8192)
def publisher_of(text: str) -> tuple[str, str]:
    """(publisher, place before a colon) of 北京：光明日报出版社; empty where the cataloguer says it is unknown."""
    text = clean(text)
    if not text or _unknown_publisher(text):
        return "", ""
    if match := _placed(text):
        return clean(match[2]), match[1]
    return clean(text.strip("[]［］")), ""


def make(place: str, publisher: str, date: str) -> Publication:
    """A publication of raw texts; the date's years read."""
    name, before = publisher_of(publisher) if publisher else ("", "")
    made = Publication(place_of(place) if place else "", name, clean(date) if date else "")
    made.place = made.place or before
    if made.date_text:
        made.year, made.year_end, made.printing_year = years(made.date_text)
    return made


def unimarc(by: ByTag, findings: Findings) -> list[Publication]:
    """Field 210 (and 214 of newer UNIMARC); the year of 100 where 210$d gives none. $h is the year of manufacture, here the printing's."""
    found = []
    for tag in ("210", "214"):
        for field in by.get(tag, NONE):
            made = make(field.get("a"), field.get("c"), field.get("d"))
            if manufacture := field.get("h"):
                made.printing_year = years(manufacture)[0] or made.printing_year
            if made.place or made.publisher or made.date_text:
                found.append(made)
    return _with_coded(found, _coded_100(by), findings, "210$d")


def _coded_100(by: ByTag) -> tuple[str, int | None, int | None]:
    text = ""
    for field in by.get("100", NONE)[:1]:
        text = field.get("a") or field.value
    return text[8:9], _four(text[9:13]), _four(text[13:17])


def _four(text: str) -> int | None:
    return int(text) if len(text) == 4 and text.isascii() and text.isdigit() and 600 <= int(text) <= 2100 else None


def _with_coded(
    found: list[Publication], coded: tuple[str, int | None, int | None], findings: Findings, where: str
) -> list[Publication]:
    """Years of the coded data where the transcribed date gives none; a disagreement of the two is a finding."""
    kind, start, end = coded
    if not found:
        return [Publication(year=start, year_end=end if kind in "acdmu" and end != start else None)] if start else []
    head = found[0]
    if head.date_text and head.year is None and not start and not _undated(head.date_text):
        note(findings, "year-unreadable", where, value=head.date_text)
    if head.year is None:
        head.year = start
        if head.year_end is None and kind in ("b", "d", "g", "m") and end and start and end > start:
            head.year_end = end
    elif start and abs(head.year - start) > 1 and head.printing_year is None and head.year_end is None:
        note(findings, "year-differs", where, value=str(head.year), coded=str(start))
    if kind == "h" and end and start and end > start and head.year == start and head.printing_year is None:
        head.printing_year = end
    if head.year is not None and not 600 <= head.year <= 2100:
        head.year = None
    return found


def marc21(by: ByTag, fields: list[MarcField], findings: Findings) -> list[Publication]:
    """`fields` are 260 and 264 with their linked scripts chosen; 264 with second indicator 1 comes first, copyright years fill a gap."""
    found: list[Publication] = []
    copyright_year: int | None = None
    for field in fields:
        if field.tag == "264" and field.indicators[1:2] == "4":
            copyright_year = copyright_year or years(field.get("c"))[0]
            continue
        made = make(field.get("a"), field.get("b"), field.get("c"))
        if field.tag == "264" and field.indicators[1:2] == "3":
            if found and made.year:
                found[0].printing_year = made.year
            continue
        if made.place or made.publisher or made.date_text:
            found.append(made)
    text = by["008"][0].value if "008" in by else ""
    dates = (text[6:7], _four(text[7:11]), _four(text[11:15]))
    if found and found[0].year is None and copyright_year:
        found[0].year = copyright_year
    if dates[0] in "r":  # reprint: the first date is of this edition, the second of the original
        dates = ("s", dates[1], None)
    kind = {"c": "a", "d": "b", "m": "g", "u": "a", "p": "s", "t": "s"}.get(dates[0], dates[0])
    return _with_coded(found, (kind, dates[1], dates[2]), findings, "260$c")


def printing_from_notes(found: list[Publication], notes: list[str]) -> None:
    """A note of printing (1985年第6次印刷) gives the printing year; where the year given is that of a later printing, it says so."""
    if not found or found[0].printing_year is not None:
        return
    for text in notes:
        if told := printing_note(text):
            found[0].printing_year = told[0]
            return

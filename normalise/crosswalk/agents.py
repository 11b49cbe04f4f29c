"""Persons and bodies: one name as libraries write it, a statement of responsibility, and the two together."""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources

from normalise.fields import tidy
from normalise.text import compact, fold, has_cjk, pinyin, pinyin_key
from schemas.bib import Agent, AgentKind

_OPEN, _CLOSE = "(（\\[［〔【〈<", ")）\\]］〕】〉>"
_country = re.compile(rf"^[{_OPEN}]\s*([^{_CLOSE}{_OPEN}]{{1,8}}?)\s*[{_CLOSE}]\s*(?=\S)").match
_paren = re.compile(r"\s*[(（]\s*([^()（）]*)\s*[)）]\s*").search
_etal = re.compile(r"\s*(?:\.\.\.|…+)?\s*[\[［(（]?\s*(?:等|et al\.?)\s*[\]］)）]?\s*([\u3400-\u9fff/·]{0,6})$").search
_role_in_parens = re.compile(r"^(.+?)\s*[(（\[［]([\u3400-\u9fff]{1,5})[)）\]］]$").match
_separator = re.compile(
    r"\s+[;；]\s*|\s*[;；]\s+"
).split  # ISBD's, with spaces; without them it is a list like one of commas
_comma = re.compile(
    r"\s*(?:[,，、/／;；]|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff]|[(（\[［〔【][\u3400-\u9fff]{1,3}[)）\]］〕】]))\s*"
).split
_in_brackets = re.compile(r"[(（][^()（）]*[)）]").sub
_latin_comma = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+|\s+&\s+|、|，)\s*").split
_added_words, _square = re.compile(r"[\[［](?:[编著译等等]|et al)").search, re.compile(r"[\[\]［］]").sub
_by = re.compile(r"^(?:\[?(?:written |compiled |edited |translated |illustrated |by )+(?:and (?:edited|translated|illustrated) )?by\s+|by\s+)", re.IGNORECASE).match  # fmt: skip
_western_role = re.compile(r"^((?:edited|compiled|translated|illustrated|introduction|foreword|preface|photographs?|music|words)\b[^,]*?\bby)\s+", re.IGNORECASE).match  # fmt: skip
_dates = re.compile(
    r"[,，\s]*((?:约|ca\.?\s*|b\.\s*)?(?:前)?[0-9]{3,4}\??\s*[-—–~]\s*(?:约|前|ca\.?\s*)?(?:[0-9]{3,4}\??)?)\.?$"
).search
_digit = re.compile("[0-9]").search
_body = re.compile(r"(?:队|隊|社|局|馆|館|院|校|会|會|部|所|组|組|厅|委|公司|中心|大学|大學|学院|集团|出版社|编辑部|电视台|电台|协会|政府|联合会|教育|银行|办公室|基金会|研究室)$").search  # fmt: skip
_WESTERN_ROLES = {"edited": "edt", "compiled": "com", "translated": "trl", "illustrated": "ill", "introduction": "win", "foreword": "win",
                  "preface": "win", "photograph": "pht", "photographs": "pht", "music": "cmp", "words": "lyr"}  # fmt: skip
# Countries as they stand in full, to the character that cataloguing rules abbreviate them to (GB/T 3792).
_COUNTRY_PAIRS = (
    "美国:美 美國:美 英国:英 英國:英 法国:法 法國:法 德国:德 德國:德 日本:日 俄国:俄 俄罗斯:俄 俄羅斯:俄 苏联:苏 蘇聯:苏 意大利:意 "
    "义大利:意 加拿大:加 澳大利亚:澳 西班牙:西 葡萄牙:葡 荷兰:荷 荷蘭:荷 比利时:比 丹麦:丹 丹麥:丹 挪威:挪 奥地利:奥 奧地利:奥 印度:印 "
    "韩国:韩 韓國:韩 以色列:以 墨西哥:墨 波兰:波 希腊:希 希臘:希 匈牙利:匈 爱尔兰:爱 清朝:清 明朝:明 唐朝:唐 宋朝:宋 元朝:元 清代:清 "
    "明代:明 唐代:唐 宋代:宋 元代:元 漢:汉 蘇:苏 韓:韩 義:意 蘭:兰 奧:奥 民國:民国 戰國:战国 東漢:东汉 西漢:西汉 東晉:东晋 西晉:西晋 晉:晋 遼:辽 三國:三国 南朝齊:南朝齐"
)
_COUNTRIES: dict[str, str] = dict(pair.split(":") for pair in _COUNTRY_PAIRS.split())
_NOT_COUNTRY = {"等", "女", "译", "著", "编", "主编", "校", "注", "改编", "原著", "合编", "著译", "男", "释", "笔名"}
# UNIMARC's relator codes (appendix C) to MARC's, for records from abroad.
_UNIMARC_ROLES = {
    "010": "adp", "020": "ann", "030": "arr", "040": "art", "070": "aut", "072": "aqt", "075": "aft", "080": "win", "090": "aut", "100": "ant",
    "110": "bnd", "160": "bsl", "180": "ctg", "190": "cns", "205": "ctb", "210": "cwt", "212": "cwt", "220": "com", "230": "cmp", "240": "cmt",
    "250": "cnd", "255": "csl", "273": "cur", "275": "dnc", "280": "dte", "295": "dgg", "300": "drt", "310": "dst", "340": "edt", "350": "egr",
    "390": "fmo", "410": "grt", "420": "hnr", "440": "ill", "460": "ive", "470": "ivr", "480": "lbt", "520": "lyr", "530": "mte", "545": "mus",
    "550": "nrt", "557": "orm", "570": "oth", "590": "prf", "600": "pht", "610": "prt", "620": "ppm", "630": "pro", "650": "pbl", "651": "pbd",
    "660": "rcp", "673": "rth", "690": "sce", "695": "sad", "700": "scr", "710": "sec", "721": "sng", "723": "spn", "727": "ths", "730": "trl",
    "740": "tyd", "750": "typ", "755": "voc", "770": "wam",
}  # fmt: skip


@cache
def _roles() -> dict[str, str]:
    """Role word, folded without spaces, to MARC relator code."""
    data = tomllib.loads(resources.files("normalise.crosswalk").joinpath("roles.toml").read_text(encoding="utf-8"))
    return {compact(word): code for code, words in data.items() for word in words}


@cache
def _role_edges() -> tuple[frozenset[str], frozenset[str]]:
    """First and last characters of role words: most ends of names are told apart from roles by one of them, without folding."""
    either = ("", "着", "著")  # what folding takes away, and what it decides by the neighbours
    return frozenset((*(word[0] for word in _roles()), *either)), frozenset((*(word[-1] for word in _roles()), *either))


@lru_cache(maxsize=4096)
def role_code(text: str) -> str:
    """The MARC relator code of a role as written (著, 主编, translator, aut, 070), or an empty string for none or an unknown one."""
    word = text.strip(" .,;:[]()（）［］。，")
    if word in _UNIMARC_ROLES:
        return _UNIMARC_ROLES[word]
    if len(word) == 3 and word.isascii() and word.islower() and word not in ("eds",):
        return word
    key = compact(word).replace("着", "著")
    roles = _roles()
    if key in roles:
        return roles[key]
    key = key.removesuffix("等").removeprefix("等")
    if key in roles:
        return roles[key]
    while len(key) > 1 and has_cjk(key):  # 著并摄影, 编著摄影: the first word that is known
        key = key[:-1]
        if key in roles:
            return roles[key]
    return ""


# Role words of one character that are also last characters of names: they need a longer name before them, or a dynasty.
_DOUBTFUL = set("文图画书词曲集释解选修藏传作述讲写补续评摄刻刊审序疏笺批钞")


@lru_cache(maxsize=16384)
def _split_role(text: str, last: bool = True) -> tuple[str, str]:
    """(name, role word) of 傅林祥校点; a name that merely ends in a character of a role (徐宝文, 王著) keeps it."""
    plain = text.rstrip(" .。")
    if plain[-1:] in ")）]］" and (match := _role_in_parens(plain)) and compact(match[2]) in _roles():
        return match[1], match[2]
    firsts, lasts = _role_edges()
    if not has_cjk(plain) or compact(plain[-1]) not in lasts:
        return plain, ""
    for length in range(min(6, len(plain) - 1), 0, -1):
        word = plain[-length:]
        if not has_cjk(word[0]) or compact(word[0]) not in firsts or compact(word) not in _roles():
            continue
        name = plain[:-length]
        bare = name.rstrip()
        if len(bare) == len(name):
            if len(bare) < 2:
                continue
            if word == "组编" and bare.endswith(("编写", "编辑", "课题", "专家", "研究", "翻译")):
                return plain[:-1], "编"
            if length == 1 and compact(word) in _DOUBTFUL and (not last or len(bare) < 3) and bare[0] not in "(（[［〔":
                return plain, ""
        return bare, word
    return plain, ""


class Name:
    """A name taken apart. Mutable on purpose: built once, copied into `Agent`."""

    __slots__ = ("country", "dates", "name", "original")

    def __init__(self, name: str, country: str = "", original: str = "", dates: str = "") -> None:
        self.name, self.country, self.original, self.dates = name, country, original, dates


@lru_cache(maxsize=32768)
def parse_name(text: str) -> Name:
    """`(美) 休斯 (Hughes, John M.)` to name, country or dynasty, original name, dates. Cached: do not change the result."""
    name = tidy(text).strip(" ,;，；、/")
    country = original = dates = ""
    while match := _country(name):
        word = match[1].strip(" .")
        if not has_cjk(word) or word in _NOT_COUNTRY or word[0].isdigit():
            break
        country = country or country_code(word)
        name = name[match.end() :].lstrip(" .·")
    if _digit(name) and (match := _dates(name)):
        dates, name = match[1].strip(), name[: match.start()].rstrip(" ,，")
    if ("(" in name or "（" in name) and (match := _paren(name)):
        inner = match[1].strip()
        rest = (name[: match.start()] + " " + name[match.end() :]).strip()
        if (
            rest
            and inner
            and (
                not has_cjk(inner) or (not country and len(inner) > 3) or (has_cjk(rest) and inner not in _NOT_COUNTRY)
            )
        ):
            if has_cjk(rest) and has_cjk(inner) and len(inner) <= 3 and not country:
                country = country_code(inner)
            else:
                original = inner
            name = rest
    name = name.strip(" ,;，；、/")
    if name.endswith(".") and not (len(name) > 1 and name[-2].isupper()):
        name = name[:-1]
    return Name(name, country, original, dates)


@lru_cache(maxsize=4096)
def country_code(word: str) -> str:
    """美国 and 美 are 美; a dynasty or a country without a short form stays (simplified)."""
    word = word.strip("()（）[]［］〔〕【】 .,，")
    return _COUNTRIES.get(word) or _COUNTRIES.get(fold(word)) or fold(word) if has_cjk(word) else ""


def kind_of(name: str) -> AgentKind:
    """Person or body, by the last characters of a Chinese name; for formats that do not tell."""
    return "corporate" if len(name) > 3 and _body(name) else "person"


@lru_cache(maxsize=16384)
def _statement(text: str) -> tuple[tuple[str, str, str, str], ...]:
    """(name, country, original name, role word) of each person in a statement; the role behind the last name holds for those before it."""
    found: list[tuple[str, str, str, str]] = []
    for chunk in _separator(tidy(text).strip(" ;；.")):
        if not chunk:
            continue
        if ("[" in chunk or "［" in chunk) and _added_words(chunk):
            chunk = _square("", chunk)
        found += _chinese_chunk(chunk) if has_cjk(chunk) else _latin_chunk(chunk)
    return tuple(found)


def _chinese_chunk(chunk: str) -> list[tuple[str, str, str, str]]:
    role = ""
    if ("等" in chunk or "et al" in chunk) and (match := _etal(chunk)):
        chunk, role = chunk[: match.start()].rstrip(" ,，、."), match[1]
        if role and not role_code(role):
            role = ""
    masked = _in_brackets(lambda m: m[0].replace(",", "\0").replace("，", "\0").replace(" ", "\1"), chunk)
    people: list[tuple[str, str, str, str]] = []
    pending: list[tuple[str, str, str]] = []
    pieces = _comma(masked)
    for number, piece in enumerate(pieces, 1):
        piece = piece.replace("\0", ",").replace("\1", " ").strip()
        if not piece:
            continue
        if not people and not pending and compact(piece) in _roles():
            continue
        if pending and compact(piece) in _roles():
            word, name = piece, ""
        else:
            name, word = _split_role(piece, number == len(pieces))
        if name := name.removesuffix("等") if len(name) > 2 else name:
            parsed = parse_name(name)
            if parsed.name:
                pending.append((parsed.name, parsed.country, parsed.original))
        if word:
            people += [(*who, word) for who in pending]
            pending = []
    return people + [(*who, role) for who in pending]


def _latin_chunk(chunk: str) -> list[tuple[str, str, str, str]]:
    role = ""
    if match := _western_role(chunk):
        role, chunk = match[1].split()[0].lower(), chunk[match.end() :]
    elif match := _by(chunk):
        chunk = chunk[match.end() :]
    chunk = re.sub(r"\s*(?:\.\.\.|…)?\s*\[?\s*et al\.?\s*\]?", "", chunk)
    names = [n if n[-2:-1].isupper() else n.rstrip(".") for n in (n.strip(" []") for n in _latin_comma(chunk))]
    if len(names) == 2 and " and " not in chunk and " " not in names[0] and names[1].count(" ") < 3:
        names = [f"{names[0]}, {names[1]}"]  # Hughes, John M.
    return [(n, "", "", role) for n in names if 3 < len(n) < 60 and n[:1].isupper()]


def from_statement(text: str) -> list[Agent]:
    """Agents of a statement of responsibility: `(美) 克尼汉, (美) 里奇著 ; 徐宝文, 李志译`."""
    return [
        Agent(
            name,
            kind_of(name),
            _WESTERN_ROLES.get(word) or role_code(word),
            word,
            country=country,
            original_name=original,
        )
        for name, country, original, word in _statement(text)
    ]


def complete(agents: list[Agent], statement: str) -> list[Agent]:
    """Access points completed from the statement: roles, countries and original names that they lack, and people they leave out.

    Without access points the statement alone gives the agents; its first chunk is then of main responsibility.
    """
    told = _statement(statement) if statement else ()
    if not told:
        return agents
    if not agents:
        agents = from_statement(statement)
        lead = agents[0].role_text if agents else ""
        for agent in agents:
            if agent.role_text != lead:
                break
            agent.primary = True
        return agents
    keys = [(compact(agent.name), agent) for agent in agents]
    unmatched: list[Agent] = []
    met: set[int] = set()
    for name, country, original, word in told:
        key = compact(name)
        for known, agent in keys:
            if known == key or (key and (known in key or key in known)):
                match = agent
                break
        else:
            if has_cjk(name):
                unmatched.append(
                    Agent(name, kind_of(name), role_code(word), word, country=country, original_name=original)
                )
            continue
        met.add(id(match))
        if word and not match.role_text:
            match.role_text, match.role = word, match.role or role_code(word)
        match.country = match.country or country
        match.original_name = match.original_name or original
    if unmatched:
        foreign = [agent for agent in agents if id(agent) not in met and not has_cjk(agent.name)]
        agents += _married(foreign, unmatched)
    return agents


def _married(foreign: list[Agent], told: list[Agent]) -> list[Agent]:
    """Access points in Latin letters get the Chinese names of the statement where both are as many; the names left over are returned.

    A name that reads like the romanised one (Li, Jihong and 李继宏) is the same person; others (Thoreau and 梭罗) pair off in their order.
    """
    rest = []
    for one in told:
        sound = pinyin(one.name, name=True)[0]
        match = next((a for a in foreign if pinyin_key(a.name) == sound), None)
        if match is None:
            rest.append(one)
            continue
        foreign.remove(match)
        match.romanised = match.romanised or match.name
        match.name, match.country = one.name, match.country or one.country
        match.role, match.role_text = match.role or one.role, match.role_text or one.role_text
    if len(foreign) != len(rest):
        return rest
    for agent, one in zip(foreign, rest, strict=True):
        agent.original_name = agent.original_name or agent.name
        agent.name, agent.country = one.name, agent.country or one.country
        agent.role, agent.role_text = agent.role or one.role, agent.role_text or one.role_text
    return []

"""What encoding the bytes of one record are in, by evidence: what they declare is wrong too often to be believed.

Strict UTF-8 decides by itself, for text in another encoding hardly ever passes. The others are compared by what their readings look
like: GB18030 and Big5 by the share of hanzi that are common in titles, MARC-8 by its escape sequences and by combining marks that
stand before a letter. A code page such as Windows-1251 accepts anything, so it is used only where it is declared.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

# The hanzi that are commonest in Chinese bibliographic records, simplified and traditional, and CJK punctuation.
_COMMON = frozenset(
    "的一国中人学大出版社年和史文本书新在教上著编主经第研究方化生会理民小说教材分论地体法家成社科技术用行工作等实为有不发现代语"
    "政长天日子明高三二四五六七八九十册页译图北京海江浙杭州省市县民族战争古今名全集选丛系列普通校业专程设计原数电计算机网络管理"
    "經濟經济财会务金融市场企业战略投资贸易历史地理艺术音乐美术建筑医药卫生农林水利环境交通运输军事法律哲学宗教心理教育体育语言文字"
    "外英汉日俄德法词典辞典手册指南概论导论基础应用案例分析与及其是之以于对个自我们你他这那来到时过可能得着下里后前间开动就"
    "都没还从无如何什么说话故事童话小孩女男老爱情生活世界红楼梦西游记水浒传三国演义诗词曲歌戏剧散文随笔杂志期刊报纸年鉴统计资料"
    "國學會書編著論語體經濟與與業歷史傳說話譯圖東華臺灣圖書館發現實為時來過個們這讀術藝樂醫藥農環境交運輸軍書報誌紀錄選叢"
    "王李张張刘劉陈陳杨楊黄黃赵趙周吴吳徐孙孫马馬朱胡郭林何高梁郑鄭罗羅宋谢謝唐韩韓曹许許邓鄧冯馮清华華人民复旦商务印中财政机械"
    "，。、；：？！（）《》“”·〔〕【】—…～"
)
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_THREE_BYTES = re.compile(rb"[\xe0-\xf4]")
_HIGH = re.compile(rb"[\x80-\xff]")
# MARC-8 (MARC 21 Specifications, part 3): designations; ANSEL combining marks E0-FE before their letter, spacing characters A1-CF.
_ESCAPE = re.compile(rb"\x1b(?:\$[,()\-]?[13Q]|[(,)\-][!]?[1-4BENQS]|[gbps])")
_ANSEL = re.compile(rb"[\xe0-\xfe]+[A-Za-z ]|(?<![\x80-\xff])[\xa1-\xcf](?![\x80-\xff])")
_CYRILLIC = re.compile(rb"[\xc0-\xff\xa8\xb8]+")
_PLAIN = re.compile(r"[\x00-\x7f]+")
_BIG5_LEVEL_1 = frozenset(range(0xA4, 0xC7))
LIKELY = 0.4  # scores are about 1 for the right encoding
SURE = 0.75
SAMPLE = 600  # bytes that are enough to be sure of GB18030
UNREADABLE = "\ufffd"

_ALIASES = {
    "utf8": "utf-8", "utf-8-sig": "utf-8", "unicode": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
    "gb-18030": "gb18030", "euc-cn": "gb18030", "marc8": "marc-8", "big5": "big5hkscs", "cp950": "big5hkscs", "big5-hkscs": "big5hkscs",
    "windows-1251": "cp1251", "win1251": "cp1251",
}  # fmt: skip


class Choice(msgspec.Struct):
    """`codec` is a Python codec or "marc-8"; `certain` False where hardly anything spoke for it."""

    codec: str
    certain: bool = True


@lru_cache(maxsize=64)
def canonical(name: str) -> str:
    """The codec of an encoding as people write it: GBK, GB2312, cp936 are all read as GB18030. Empty for unknown names."""
    plain = name.strip().lower().replace("_", "-")
    plain = _ALIASES.get(plain, plain)
    if not plain or plain == "marc-8":
        return plain
    try:
        return codecs.lookup(plain).name
    except LookupError:
        return ""


def has_escapes(body: bytes) -> bool:
    """Whether the bytes designate MARC-8 character sets, as seven-bit Chinese (EACC) in MARC-8 does."""
    return b"\x1b" in body and _ESCAPE.search(body) is not None and (body.isascii() or not _is_utf8(body))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def doubtful_utf8(body: bytes, hint: str) -> bool:
    """Valid UTF-8 that may be a few GB18030 hanzi: two-byte sequences only, in a source that declares GB18030."""
    return hint == "gb18030" and not body.isascii() and _THREE_BYTES.search(body) is None


def choose(body: bytes, *, hint: str = "", cyrillic: Callable[[], bool] = lambda: False, marc8: bool = True) -> Choice:
    """The likeliest encoding of bytes that are not plain valid UTF-8.

    `hint` is what the source or the operator declares (canonical), `cyrillic` whether the record names a language written in it,
    `marc8` whether the record can be in MARC-8 at all.
    """
    first = _HIGH.search(body)
    if first and hint in ("", "gb18030") and _han(body[first.start() : first.start() + SAMPLE], "gb18030") >= SURE:
        return Choice("gb18030")
    scores = {"utf-8": _utf8(body), "gb18030": _han(body, "gb18030"), "big5hkscs": _han(body, "big5hkscs")}
    if marc8:
        scores["marc-8"] = _marc8(body)
    if hint == "cp1251" or cyrillic():
        scores["cp1251"] = _cyrillic(body)
    if hint not in ("", "utf-8") and _reads(body, hint):
        scores["utf-8"] *= 0.5  # the other is possible throughout, this is not
    if hint:
        scores[hint] = scores.get(hint, 0.0 if hint == "marc-8" else _other(body, hint)) + 0.15
    codec = max(scores, key=lambda name: scores[name])
    if scores[codec] >= LIKELY:
        return Choice(codec)
    return Choice(hint or ("marc-8" if marc8 and scores["marc-8"] > 0 else "gb18030"), certain=_reads(body, hint))


def _reads(body: bytes, codec: str) -> bool:
    """Whether the bytes are at least possible in the encoding that is declared."""
    try:
        return bool(codec) and codec != "marc-8" and bool(body.decode(codec))
    except (UnicodeDecodeError, LookupError):
        return False


def looks_right(text: str) -> bool:
    """Whether a reading as Chinese has the common hanzi that a right one would have."""
    foreign = _PLAIN.sub("", text)
    return bool(foreign) and sum(map(_COMMON.__contains__, foreign)) >= 0.2 * len(foreign)


def _utf8(body: bytes) -> float:
    """How much of the bytes beyond ASCII are whole UTF-8 sequences; worth nothing below three fifths, for GB18030 has some too."""
    high = len(_HIGH.findall(body))
    whole = sum(len(sequence) for sequence in _MULTIBYTE.findall(body))
    share = whole / high if high else 0.0
    return share if share >= 0.6 else 0.0


def _han(body: bytes, codec: str) -> float:
    """What share of the characters beyond ASCII are everyday hanzi, and common in titles, less the bytes that cannot be read.

    About 1 for Chinese text in its own encoding, below 0.4 for other bytes, however "valid" they are. A handful of characters proves
    nothing for Big5, which hardly any library here still sends.
    """
    foreign = _PLAIN.sub("", body.decode(codec, "replace"))
    if not foreign or (codec == "big5hkscs" and len(foreign) < 8):
        return 0.0
    errors = foreign.count(UNREADABLE)
    common = sum(map(_COMMON.__contains__, foreign))
    if codec == "big5hkscs":  # level 1, rows A4 to C6
        everyday = sum(map(_BIG5_LEVEL_1.__contains__, foreign.encode("big5", "ignore")[::2]))
    else:  # the set of GB 2312
        everyday = len(foreign.encode("gb2312", "ignore")) // 2
    return (0.55 * everyday + 0.9 * common - 2.0 * errors) / len(foreign)


def _marc8(body: bytes) -> float:
    if has_escapes(body):
        return 1.0
    high = len(_HIGH.findall(body))
    explained = sum(len(mark.rstrip(b" ")) - mark[-1:].isalpha() for mark in _ANSEL.findall(body))
    return 0.9 * explained / high if high else 0.0


def _cyrillic(body: bytes) -> float:
    """Words of Windows-1251 are runs of bytes from C0 on."""
    high = len(_HIGH.findall(body))
    return sum(len(run) for run in _CYRILLIC.findall(body) if len(run) > 1) / high if high else 0.0


def _other(body: bytes, codec: str) -> float:
    """A declared encoding that is none of the usual: right unless bytes are impossible in it."""
    text = body.decode(codec, "replace")
    return 0.6 - 2.0 * text.count(UNREADABLE) / max(1, len(text))

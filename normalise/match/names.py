"""Comparable forms of persons, corporate bodies, publishers and carriers."""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.text import compact, fold, has_cjk, pinyin

_PUBLISHER_TAIL = re.compile(
    "(?:出版发行|出版社|出版部|出版公司|出版中心|出版集团|出版|发行|图书|文化|传媒|传播|音像|电子|事业|实业|股份|有限|责任|公司|集团|总社|印行|刊行|刊本|印书馆|印刷厂)+$"
)
_PUBLISHER_WORDS = frozenset(
    [
        "the",
        "and",
        "co",
        "company",
        "press",
        "pub",
        "publ",
        "publishing",
        "publishers",
        "publisher",
        "publications",
        "publication",
        "ltd",
        "limited",
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "sons",
        "son",
        "bros",
        "brothers",
        "verlag",
        "editions",
        "edition",
        "editorial",
        "ed",
        "of",
        "for",
        "by",
        "s",
        "n",
        "l",
        "printed",
        "printing",
        "printer",
        "printers",
        "print",
        "off",
        "office",
        "house",
        "books",
        "book",
        "&",
        "et",
        "cie",
        "compagnie",
    ]
)
_BRACKETS = re.compile(r"[\[(（〔【].*?[\])）〕】]")
_CORPORATE_TAIL = re.compile("(?:编委会|编辑委员会|编写组|编写委员会|教研室|编辑部|课题组)$")
_LAST_HAN = re.compile("[\u3400-\u9fff]+$")


@lru_cache(maxsize=16384)
def publisher_key(name: str, place: str = "") -> str:
    """What is left of a publisher's name without its legal form: 人民文学, macmillan. Empty for s.n. and the like."""
    folded = fold(name)
    if has_cjk(folded):
        text = folded.replace(" ", "")
        short = _PUBLISHER_TAIL.sub("", text)
        return short if len(short) > 1 else text
    return " ".join(w for w in folded.split() if w not in _PUBLISHER_WORDS)


@lru_cache(maxsize=32768)
def person(name: str) -> tuple[str, str]:
    """(comparable form, surname key) of a name without role, dates and country.

    Chinese: 余华 -> (余华, 余华), 加西亚·马尔克斯 -> (加西亚马尔克斯, 马尔克斯). Latin: Hughes, John M. -> (hughes john m, hughes).
    """
    text = _BRACKETS.sub("", name).strip() or name
    if has_cjk(text):
        form = compact(text)
        for mark in ("·", ".", "•", "・", "‧", "．", "･", " "):
            if mark in text:
                found = _LAST_HAN.search(compact(text.rsplit(mark, 1)[1]))
                if found and len(found[0]) > 1 and (mark != " " or len(form) > 4):
                    return form, found[0]
        run = _LAST_HAN.search(form)
        return form, run[0] if run and len(run[0]) > 1 else form
    form = fold(text)
    if not form:
        return "", ""
    surname = fold(text.split(",", 1)[0]) if "," in text else form.rsplit(" ", 1)[-1]
    return form, surname.replace(" ", "")


@lru_cache(maxsize=16384)
def corporate(name: str) -> str:
    form = compact(name) if has_cjk(name) else fold(name)
    short = _CORPORATE_TAIL.sub("", form)
    return short if len(short) > 3 else form


def romanised(name: str) -> str:
    """Letters only, in the order as written: `Yu, Hua` and the pinyin of 余华 are both `yuhua`."""
    return pinyin(name, True)[0] if has_cjk(name) else compact(name)

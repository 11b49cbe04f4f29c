"""Standard numbers out of the texts that cataloguers put them in; check digits by python-stdnum.

Every function takes the text of one subfield or cell and returns identifiers in their order; text around a number becomes its
qualifier, its scope (set or volume) and its price. Nothing raises: a number with a wrong check digit or length is not `valid`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from stdnum import ean
from stdnum import issn as _issn
from stdnum.isbn import is_valid as _isbn_is_valid

from schemas.bib import Identifier, IdentifierKind

__all__ = ["cn_serial", "isbn", "isbn13", "ismn", "issn", "price_of", "scope_of", "unified_number"]

Scope = Literal["", "set", "volume"]

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣ー一", "-"))
_WIDE = str.maketrans("０１２３４５６７８９ＸｘＩＳＢＮ：；，（）．［］", "0123456789XxISBN:;,().[]")
_LONGEST = 1000  # characters of a field that are searched for numbers
# A number of 9 to 13 digits with hyphens or single spaces between them; longer ones are searched for shorter ones nowhere.
_number = re.compile(
    r"(?<![0-9.])97[89][- ]?(?:[0-9][- ]?){9}[0-9Xx](?![0-9])|(?<![0-9.])(?:[0-9][- ]?){8,12}[0-9Xx](?![0-9Xx])"
)
_unified = re.compile(
    r"(?<![0-9A-Za-z])([A-Z]?[0-9]{4,6})\s*[·.・‧•∙⋅．﹒‐\-－—]\s*([0-9]{1,5}(?:-[0-9]{1,6})?)(?![0-9\-])"
)
_issn_text = re.compile(r"(?<![0-9])([0-9]{4})[-‐–—－ ]?([0-9]{3}[0-9Xx])(?![0-9])")
_ismn_text = re.compile(r"(?:979[- ]?0|M)[- ]?(?:[0-9][- ]?){8}[0-9](?![0-9])", re.IGNORECASE)
_cn = re.compile(r"(?:CN)?\s*([0-9]{2})\s*[-－–—]\s*([0-9]{4})\s*(?:/\s*([A-Z][A-Z0-9]{0,4}))?", re.IGNORECASE)
_MONEY = r"CNY|RMB|CN¥|NT\$|NTD|TWD|HK\$|HKD|MOP|USD|US\$|EUR|GBP|JPY|SGD|人民[币幣]|新[台臺][币幣]|港[币幣]|[￥¥$€£]|定[价價]"
_price = re.compile(
    rf"(?:(?:{_MONEY})\s*[0-9]+(?:\.[0-9]+)?\s*元?|[0-9]+(?:\.[0-9]+)?\s*[元圆圓])(?:\s*[（(][^（）()]*[）)])?"
)
_set = re.compile(
    r"全套|全[一二三四五六七八九十百两廿0-9]+[册冊卷本辑輯套部函]|全[册冊书書集]|套[装裝书書]|整套|[（(]套[）)]|^套$|成套|"
    r"\bset\b|complete|全[上中下]+[册冊]|共[一二三四五六七八九十百0-9]+[册冊卷本]|[上中下]{2,3}[册冊]|^[上中下]{2,3}$|[（(][上中下]{2,3}[）)]",
    re.IGNORECASE,
)  # fmt: skip
_volume = re.compile(
    r"第?[一二三四五六七八九十百廿0-9]+[册冊卷辑輯部集分]|[上中下][册冊卷部编編集]|^[上中下]$|[（(][上中下][）)]|[单單][册冊]|分[册冊]|"
    r"\bv(?:ol)?s?\.?\s*[0-9ivx]+|\bpt\.?\s*[0-9]+|\bbk\.?\s*[0-9]+|\bBd\.?\s*[0-9]+|卷[一二三四五六七八九十百0-9]+",
    re.IGNORECASE,
)
_edges = " \t:;,/.()（）[]［］【】：；，、-=\u3000"


def scope_of(text: str) -> Scope:
    """What a qualifier or the words beside a price say the number stands for: 全三册, set; 第2册, v. 2."""
    if not text:
        return ""
    text = text[:_LONGEST]
    if _set.search(text):
        return "set"
    return "volume" if _volume.search(text) else ""


def price_of(text: str) -> str:
    """The price in a text as it is written there, or an empty string."""
    found = _price.search(text[:_LONGEST])
    return found.group().strip() if found else ""


def isbn13(digits: str) -> str:
    """The 13 digits of a valid ISBN of 9 (SBN), 10 or 13 bare characters; an empty string for anything else."""
    if len(digits) == 13 and digits.isascii() and digits.isdigit():
        return digits if digits.startswith(("978", "979")) and _adds_up(digits) else ""
    return _from_isbn10(digits)


def _adds_up(digits: str) -> bool:
    """The check of ISBN-13 (ISO 2108, annex A) on 13 digits, in place of stdnum's: done for every number, in a tenth of the time."""
    codes = digits.encode()  # each is 48 more than its digit, and 48 * (7 + 3 * 6) is a multiple of ten
    return (sum(codes[::2]) + 3 * sum(codes[1::2])) % 10 == 0


@lru_cache(maxsize=8192)
def _from_isbn10(digits: str) -> str:
    if len(digits) == 9:
        digits = "0" + digits
    if len(digits) != 10 or not digits.isascii() or not digits[:-1].isdigit() or not _isbn_is_valid(digits):
        return ""
    body = "978" + digits[:-1]
    return body + ean.calc_check_digit(body)


def isbn(text: str, *, cancelled: bool = False) -> list[Identifier]:
    """ISBNs in a text such as `7-5354-0988-1 (平装) : CNY20.00`; with `cancelled` ($z) none of them counts as valid.

    The words and the price behind a number belong to it, up to the next number. A 统一书号 in the text is of kind cn_unified.
    A 13-digit number outside the Bookland prefixes, or one of 9 to 12 digits that is no ISBN, is returned not valid.
    """
    bare = text.replace("-", "")
    if len(bare) in (10, 13) and (value := isbn13(bare)):  # nothing but a good number, which is what most records have
        return [Identifier("isbn", value, not cancelled, original="" if value == text else text)]
    text = text[:_LONGEST]
    plain = text if text.isascii() else text.translate(_WIDE).translate(_DASHES)
    found = list(_number.finditer(plain))
    if not found:
        return unified_number(text)
    out: list[Identifier] = []
    for index, match in enumerate(found):
        digits = match.group().replace("-", "").replace(" ", "").upper()
        end = found[index + 1].start() if index + 1 < len(found) else len(plain)
        rest = plain[match.end() : end]
        value = isbn13(digits)
        if not value and len(digits) == 9 and not digits.startswith("0") and "-" not in match.group():
            continue  # nine bare digits that do not check: a barcode or a price, not an SBN
        out.append(_identifier("isbn", value or digits, bool(value) and not cancelled, rest, match.group()))
    return out


def _identifier(kind: IdentifierKind, value: str, valid: bool, rest: str, original: str) -> Identifier:
    made = Identifier(kind, value, valid)
    if original != value:
        made.original = original
    if rest.strip(_edges):
        made.price = price_of(rest)
        made.scope = scope_of(rest)
        made.qualifier = _qualifier(rest.replace(made.price, " ") if made.price else rest)
    return made


def _qualifier(text: str) -> str:
    text = re.sub(r"ISBN(?:-1[03])?[:\s]*$", "", text, flags=re.IGNORECASE)
    return " ".join(re.sub(r"[()（）\[\]【】:;]+", " ", text).split()).strip(_edges)


def unified_number(text: str) -> list[Identifier]:
    """统一书号 (全国统一书号, 1956-1986): `10019·1976`, `10069.312`, `统一书号: 7100·012`."""
    out = []
    for match in _unified.finditer(text[:_LONGEST].translate(_WIDE)):
        value = f"{match[1]}·{match[2]}"
        out.append(Identifier("cn_unified", value, original="" if match.group() == value else match.group()))
    return out


def issn(text: str, *, cancelled: bool = False) -> list[Identifier]:
    """ISSNs as NNNN-NNNX."""
    out = []
    for match in _issn_text.finditer(text[:_LONGEST].translate(_WIDE)):
        digits = (match[1] + match[2]).upper()
        value = f"{digits[:4]}-{digits[4:]}"
        valid = not cancelled and bool(_issn.is_valid(digits))
        out.append(Identifier("issn", value, valid, original="" if match.group() == value else match.group()))
    return out


def ismn(text: str, *, cancelled: bool = False) -> list[Identifier]:
    """ISMNs as 13 digits (9790...); the former M- form is converted (ISO 10957:2009)."""
    out = []
    for match in _ismn_text.finditer(text[:_LONGEST]):
        digits = match.group().replace("-", "").replace(" ", "").upper()
        value = "9790" + digits[1:] if digits[0] == "M" else digits
        valid = not cancelled and ean.is_valid(value)
        out.append(Identifier("ismn", value, valid, original="" if match.group() == value else match.group()))
    return out


def cn_serial(text: str) -> list[Identifier]:
    """国内统一刊号 (GB/T 9999): `CN 33-1234/G2`."""
    out = []
    for match in _cn.finditer(text[:_LONGEST].translate(_WIDE)):
        value = f"CN {match[1]}-{match[2]}" + (f"/{match[3].upper()}" if match[3] else "")
        out.append(Identifier("cn_serial", value, original="" if match.group() == value else match.group()))
    return out

"""Numbers of cards and people: made uniform by kind, checked, masked. Nothing here keeps or shows one."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from ill.readers.secret import Secret
from schemas.errors import WenlanError
from schemas.reader import CredentialKind
from schemas.text import Text

KINDS: dict[CredentialKind, Text] = {
    "reader_card": Text("读者证", "Reader card"),
    "social_security": Text("社会保障卡", "Social-security card"),
    "resident_id": Text("居民身份证", "Resident identity card"),
    "citizen_card": Text("市民卡", "Citizen card"),
}
_CARD = re.compile(r"[0-9A-Z]{4,32}")
_FOREIGN = re.compile(
    r"[A-Z]{3}[0-9A-Z]{12,15}"
)  # 社会保障号码 of a foreigner: country code, then the document's number


class Number:
    """A number made uniform. `domain` says which numbers may be compared: an ID and a 社会保障号码 are the same person's number."""

    def __init__(self, kind: CredentialKind, domain: str, value: Secret, masked: str, born: date | None) -> None:
        self.kind = kind
        self.domain = domain
        self.value = value
        self.masked = masked
        self.born = born

    def __repr__(self) -> str:
        return f"Number({self.kind}, {self.masked})"


def number_of(kind: CredentialKind, typed: Secret) -> Number:
    """Raises WenlanError "number-wrong", which says what is expected and never repeats what was typed."""
    text = re.sub(r"[\s\-‐–—·]", "", unicodedata.normalize("NFKC", typed.reveal())).upper()
    if kind in ("resident_id", "social_security"):
        return _person(kind, text)
    if not _CARD.fullmatch(text):
        raise _wrong(kind, "应为 4 至 32 位数字或字母", "expected are 4 to 32 digits or letters")
    return Number(kind, kind, Secret(text), _mask(text), None)


def _person(kind: CredentialKind, text: str) -> Number:
    """The 公民身份号码 (GB 11643), which is also the 社会保障号码; the social-security card's own number changes on reissue."""
    if kind == "social_security" and _FOREIGN.fullmatch(text):
        return Number(kind, "person", Secret(text), _mask(text), None)
    if re.fullmatch(r"[0-9]{15}", text):  # the first generation: year of two digits, no check digit
        text = text[:6] + "19" + text[6:]
        text += ric.calc_check_digit(text + "0")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        if kind == "social_security":
            raise _wrong(
                kind,
                "请输入卡面上的 18 位社会保障号码，不是卡号",
                "enter the 18-digit social-security number printed on it, not the number of the card",
            )
        raise _wrong(kind, "应为 18 位公民身份号码", "expected is the 18-digit citizen's number")
    # The place is not looked up: the library's table lacks abolished districts, and fails on codes it does not know.
    if text[-1] != ric.calc_check_digit(text):
        raise _wrong(kind, "校验位不符，请核对", "the check digit does not fit; please compare")
    try:
        born = ric.get_birth_date(text)
    except InvalidComponent:
        raise _wrong(kind, "出生日期不存在", "there is no such date of birth") from None
    return Number(kind, "person", Secret(text), _mask(text), born)


def _wrong(kind: CredentialKind, zh: str, en: str) -> WenlanError:
    name = KINDS[kind]
    return WenlanError(
        "number-wrong", "{kind_zh}号码有误：{zh}", "{kind_en}: the number is wrong: {en}",
        kind_zh=name.zh, kind_en=name.en, zh=zh, en=en,
    )  # fmt: skip


def _mask(text: str) -> str:
    """The last four of a long number, the last two of a short one."""
    shown = 4 if len(text) >= 10 else 2
    return "*" * (len(text) - shown) + text[-shown:]


def mask_name(name: str) -> str:
    """王小明 to 王**; a name of Latin words keeps its first letter."""
    name = name.strip()
    return name[:1] + "*" * max(1, min(len(name) - 1, 3))

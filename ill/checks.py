"""What commands refuse before they touch the database: times without zone, texts too long, numbers of cards in notes, unknown fields."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from urllib.parse import urlsplit

from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from ill import table
from schemas.errors import WenlanError
from schemas.member import Member, Service, find_member

_EIGHTEEN = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
_LONGEST = 500  # characters of a field
_FARTHEST = 2 * 366  # days


def aware(*times: datetime | None) -> None:
    if any(t is not None and t.tzinfo is None for t in times):
        raise ValueError("times must be aware")


def place(
    members: Mapping[str, Member],
    requester: str,
    pickup: str,
    service: Service,
    needed_by: datetime | None,
    now: datetime,
) -> None:
    library = find_member(dict(members), requester)
    if not library.lending.borrows:
        raise WenlanError(
            "member-borrows-not",
            "{zh}不为读者申请馆际互借",
            "{en} does not borrow for its readers",
            zh=library.label("zh"),
            en=library.label("en"),
        )
    if pickup:
        find_member(dict(members), pickup)
    if service not in ("loan", "copy"):
        raise WenlanError("service-unknown", "没有这种服务", "There is no such service")
    if needed_by is not None and needed_by <= now:
        raise WenlanError("needed-by-past", "需用日期已经过去", "The date it is needed by has passed")


def text(value: str, longest: int) -> str:
    """The text trimmed, in NFC; refused when too long, with control characters, or with somebody's resident number in it."""
    value = unicodedata.normalize("NFC", value).strip().replace("\r\n", "\n")
    if len(value) > longest:
        raise WenlanError("text-too-long", "文字超过 {n} 字", "The text is longer than {n} characters", n=longest)
    if any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in value):
        raise WenlanError("text-control", "文字含控制字符", "The text holds control characters")
    if holds_resident_id(value):
        raise WenlanError(
            "text-holds-id",
            "请不要在备注里写身份证号或社会保障号码",
            "Do not write a resident ID or social-security number here",
        )
    return value


def fields(action: str, note: str, data: Mapping[str, str], today: date) -> dict[str, str]:
    """The fields of an action's form, empty ones left out. Unknown or missing ones are refused by name.

    A date lies between yesterday (a clock elsewhere may be behind) and two years on: a promise for the year 9999 would hold a request
    for ever.
    """
    tables = table.load()
    known = tables.action.get(action)
    if known is None:
        return {}  # the machine refuses the action itself
    wanted = {f.removesuffix("!"): f.endswith("!") for f in known.fields}
    unknown = sorted(set(data) - set(wanted) - {"note"})
    if unknown:
        raise WenlanError("field-unknown", "没有这一项：{name}", "There is no field {name}", name=unknown[0][:40])
    given = {name: text(str(value), _LONGEST) for name, value in data.items() if name != "note"}
    given = {name: _valid(name, value, today) for name, value in given.items() if value}
    for name, must in wanted.items():
        if must and not (note if name == "note" else given.get(name)):
            row = tables.field[name]
            raise WenlanError("field-missing", "请填写“{zh}”", "Please give “{en}”", zh=row.zh, en=row.en)
    return given


def _valid(name: str, value: str, today: date) -> str:
    field = table.load().field[name]
    right = True
    if field.choices:
        right = value in field.choices
    elif field.kind == "url":
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and bool(parts.hostname)
    elif field.kind == "date":
        try:
            right = -1 <= (date.fromisoformat(value) - today).days <= _FARTHEST
        except ValueError:
            right = False
    if not right:
        raise WenlanError("field-wrong", "“{zh}”填写有误", "“{en}” is not valid", zh=field.zh, en=field.en)
    return value


def holds_resident_id(text: str) -> bool:
    """Whether free text holds a citizen's number with a fitting check digit and date of birth."""
    plain = re.sub(r"(?<=[0-9])[ \-]+(?=[0-9Xx])", "", unicodedata.normalize("NFKC", text))
    return any(_plausible(m.group().upper()) for m in _EIGHTEEN.finditer(plain))


def _plausible(number: str) -> bool:
    try:
        born = ric.get_birth_date(number)
    except InvalidComponent:
        return False
    return number[-1] == ric.calc_check_digit(number) and 1880 < born.year < 2100

"""The two languages of the pages, and how each writes dates and numbers.

Messages are written in the templates in Chinese; `config/locale/*/LC_MESSAGES/wenlan.po` holds both languages. The catalogues are
read from `.po` at start, so that a translation is a file anybody can edit and nothing has to be compiled.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations

from schemas.errors import WenlanError
from schemas.settings import CHECKOUT

LOCALES = ("zh_CN", "en")
DEFAULT = "zh_CN"
ZONE = ZoneInfo("Asia/Shanghai")
_SHIPPED = CHECKOUT / "config" / "locale"


def locale_of(text: str) -> str:
    """The locale a `lang` parameter or cookie asks for; anything unknown is no wish at all (empty)."""
    lowered = text.lower()
    if lowered.startswith("en"):
        return "en"
    return "zh_CN" if lowered.startswith("zh") else ""


@cache
def translations(folder: Path, locale: str) -> Translations:
    """The messages of a locale; a configuration directory without `locale/` of its own uses the shipped ones."""
    file = next(
        (
            path
            for root in (folder / "locale", _SHIPPED)
            if (path := root / locale / "LC_MESSAGES" / "wenlan.po").is_file()
        ),
        None,
    )
    if file is None:
        raise WenlanError(
            "locale-missing",
            "找不到 {locale} 的译文文件 wenlan.po，请检查 WENLAN_CONFIG 下的 locale 目录。",
            "The messages wenlan.po of {locale} are missing; check the directory locale under WENLAN_CONFIG.",
            locale=locale,
        )
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=locale))
    compiled.seek(0)
    return Translations(compiled)


def day(moment: datetime | date | str | None, locale: str = DEFAULT) -> str:
    """2026年3月2日 or 2 Mar 2026, by the calendar of Shanghai; empty for nothing."""
    if not moment:
        return ""
    when = _local(moment)
    return format_date(when, "y年M月d日" if locale == "zh_CN" else "d MMM y", locale=locale)


def minute(moment: datetime | str | None, locale: str = DEFAULT) -> str:
    """A day and the time of day, as clocks in Shanghai show it."""
    if not moment:
        return ""
    when = _local(moment)
    pattern = "y年M月d日 HH:mm" if locale == "zh_CN" else "d MMM y, HH:mm"
    return format_datetime(when, pattern, locale=locale) if isinstance(when, datetime) else day(when, locale)


def machine(moment: datetime | date | str | None) -> str:
    """The same moment for the attribute `datetime` of <time>, with its offset."""
    if not moment:
        return ""
    when = _local(moment)
    return when.isoformat(timespec="minutes") if isinstance(when, datetime) else when.isoformat()


def days_left(moment: datetime | date | str, today: date | None = None) -> int:
    """Whole days from today to that day in Shanghai; negative when it has passed."""
    when = _local(moment)
    end = when.date() if isinstance(when, datetime) else when
    return (end - (today or datetime.now(ZONE).date())) // timedelta(days=1)


def number(value: float, locale: str = DEFAULT) -> str:
    return format_decimal(value, locale=locale)


def _local(moment: datetime | date | str) -> datetime | date:
    if isinstance(moment, str):
        moment = date.fromisoformat(moment) if len(moment) == 10 else datetime.fromisoformat(moment)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))).astimezone(ZONE)
    return moment

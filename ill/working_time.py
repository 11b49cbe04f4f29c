"""Deadlines in working hours and days by the national calendar, make-up workdays (调休) included. Times go in and come out as aware UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

from ill.policy import Hours

_LONGEST = 3 * 366  # days looked ahead before a library that never opens is given up on


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """By the State Council's notice of the year; beyond the last notice published, Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def never(_: date) -> bool:
    return False


def add_hours(
    start: datetime, hours: float, *, opening: Hours, zone: ZoneInfo, closed: Callable[[date], bool] = never
) -> datetime:
    """The moment when so many working hours have passed since `start`. `closed` names a library's own closures."""
    left = timedelta(hours=hours)
    local = start.astimezone(zone)
    for offset in range(_LONGEST):
        day = local.date() + timedelta(days=offset)
        if not is_workday(day) or closed(day):
            continue
        opens = max(_at(day, opening.opens, zone), start)
        closes = _at(day, opening.closes, zone)
        if opens >= closes:
            continue
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    return start + timedelta(days=_LONGEST)


def add_workdays(start: datetime, days: float, *, zone: ZoneInfo) -> datetime:
    """The end of the working day that lies so many working days after the day of `start`; a part of a day counts as a day."""
    day = start.astimezone(zone).date()
    left = -int(-days // 1)
    while left > 0:
        day += timedelta(days=1)
        left -= is_workday(day)
    return end_of_day(day, zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day: what a date on a due slip means."""
    return _at(day, time(23, 59, 59), zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)

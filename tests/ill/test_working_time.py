"""Working hours and days by the Chinese calendar of 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ill.policy import Hours
from ill.working_time import add_hours, add_workdays, end_of_day, is_workday

ZONE = ZoneInfo("Asia/Shanghai")
HOURS = Hours(opens=time(8, 30), closes=time(17, 0))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-04 10:00", 2, "2026-03-04 12:00"),
        ("2026-03-04 06:00", 1, "2026-03-04 09:30"),  # before opening
        ("2026-03-04 16:30", 1, "2026-03-05 09:00"),  # over night
        ("2026-03-06 17:00", 1, "2026-03-09 09:30"),  # over the week-end
        ("2026-09-30 16:00", 2, "2026-10-08 09:30"),  # over the National Day week
        ("2026-02-13 16:00", 2, "2026-02-14 09:30"),  # a Saturday that is worked before the Spring Festival
    ],
)
def test_hours(start: str, hours: float, end: str) -> None:
    assert add_hours(local(start), hours, opening=HOURS, zone=ZONE) == local(end)


def test_a_librarys_own_closure_is_left_out() -> None:
    closed = {date(2026, 3, 5), date(2026, 3, 6)}
    end = add_hours(local("2026-03-04 16:30"), 1, opening=HOURS, zone=ZONE, closed=closed.__contains__)
    assert end == local("2026-03-09 09:00")


def test_a_library_that_never_opens_still_has_a_deadline() -> None:
    assert add_hours(local("2026-03-04 16:30"), 1, opening=HOURS, zone=ZONE, closed=lambda _: True) > local(
        "2028-01-01 00:00"
    )


def test_days() -> None:
    assert add_workdays(local("2026-03-06 10:00"), 2.5, zone=ZONE) == end_of_day(date(2026, 3, 11), ZONE)
    assert add_workdays(local("2026-03-06 10:00"), 0, zone=ZONE) == end_of_day(date(2026, 3, 6), ZONE)


def test_beyond_the_published_calendar() -> None:
    assert is_workday(date(2049, 3, 5))
    assert not is_workday(date(2049, 3, 6))


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    start=st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC)),
    first=st.floats(0, 60),
    second=st.floats(0, 60),
)
def test_hours_add_up(start: datetime, first: float, second: float) -> None:
    once = add_hours(start, first + second, opening=HOURS, zone=ZONE)
    twice = add_hours(add_hours(start, first, opening=HOURS, zone=ZONE), second, opening=HOURS, zone=ZONE)
    assert abs((once - twice).total_seconds()) < 0.01 or {
        once.astimezone(ZONE).time().hour,
        twice.astimezone(ZONE).time().hour,
    } == {8, 17}
    assert once >= start

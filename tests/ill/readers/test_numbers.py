"""Numbers of people: the check digit decides, not whether a table knows the place."""

from __future__ import annotations

from datetime import date

import pytest
from stdnum.cn import ric

from ill.readers import Secret
from ill.readers.numbers import number_of
from schemas.errors import WenlanError


def _with_check(seventeen: str) -> str:
    return seventeen + ric.calc_check_digit(seventeen + "0")


@pytest.mark.parametrize("place", ["339999", "000000", "110105"])
def test_a_place_nobody_knows_is_no_fault(place: str) -> None:
    number = number_of("resident_id", Secret(_with_check(place + "19850101001")))
    assert number.born == date(1985, 1, 1)


def test_a_wrong_check_digit_is_told_without_the_number() -> None:
    good = _with_check("33999919850101001")
    bad = good[:-1] + ("0" if good[-1] != "0" else "1")
    with pytest.raises(WenlanError) as caught:
        number_of("resident_id", Secret(bad))
    assert caught.value.code == "number-wrong"
    assert bad not in str(caught.value)


def test_a_date_that_never_was() -> None:
    with pytest.raises(WenlanError):
        number_of("resident_id", Secret(_with_check("33999919850231001")))

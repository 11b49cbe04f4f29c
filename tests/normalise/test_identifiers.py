from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from normalise import identifiers as numbers


@pytest.mark.parametrize(
    ("text", "value", "valid", "qualifier", "scope", "price"),
    [
        ("7-5354-0988-1 (平装)", "9787535409881", True, "平装", "", ""),
        ("9787506365437(精装)CNY35.00(全三册)", "9787506365437", True, "精装", "set", "CNY35.00(全三册)"),
        ("ISBN 7-02-004016-9 : CNY17.00", "7020040169", False, "", "", "CNY17.00"),
        ("7-01-604999-X", "9787016049995", True, "", "", ""),
        ("978 7 5063 6543 7", "9787506365437", True, "", "", ""),
        ("９７８-7-5063-6543-7", "9787506365437", True, "", "", ""),
        ("0553380168 (pbk. : v. 1)", "9780553380163", True, "pbk. v. 1", "volume", ""),
        ("7-5325-6619-8（第2册）", "7532566198", False, "第2册", "volume", ""),
        ("978750636543", "978750636543", False, "", "", ""),
        ("7-5633-7827-8CNY16.00", "9787563378272", True, "", "", "CNY16.00"),
    ],
)
def test_isbn(text: str, value: str, valid: bool, qualifier: str, scope: str, price: str) -> None:
    (one,) = numbers.isbn(text)
    assert (one.value, one.valid, one.qualifier, one.scope, one.price) == (value, valid, qualifier, scope, price)


def test_several_numbers_in_one_text() -> None:
    found = numbers.isbn("978-7-5447-1085-5,978-7-5447-1086-2 (上下)")
    assert [(i.value, i.scope) for i in found] == [("9787544710855", ""), ("9787544710862", "set")]


def test_cancelled_and_absent() -> None:
    assert not numbers.isbn("7-5354-0988-1", cancelled=True)[0].valid
    assert numbers.isbn("") == numbers.isbn("无书号") == numbers.isbn("精装 12.50") == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10019·1976", "10019·1976"),
        ("10069.312", "10069·312"),
        ("统一书号: 9018‧24", "9018·24"),
        ("R10056·390", "R10056·390"),
        ("15169·1-2148", "15169·1-2148"),
    ],
)
def test_unified_number(text: str, value: str) -> None:
    assert [i.value for i in numbers.unified_number(text)] == [value]
    assert [(i.kind, i.value) for i in numbers.isbn(text)] == [("cn_unified", value)]


def test_other_numbers() -> None:
    assert [(i.value, i.valid) for i in numbers.issn("ISSN 1000-0089; 1006240X")] == [
        ("1000-0089", True),
        ("1006-240X", False),
    ]
    assert numbers.issn("0028-0836")[0].valid
    assert [(i.value, i.valid) for i in numbers.ismn("M-2306-7118-7")] == [("9790230671187", True)]
    assert [i.value for i in numbers.cn_serial("CN33-1234/g2")] == ["CN 33-1234/G2"]
    assert [numbers.scope_of(t) for t in ("全12册", "套装", "第三册", "上册", "v. 2", "精装", "上下册", "set")] == [
        "set", "set", "volume", "volume", "volume", "", "set", "set",
    ]  # fmt: skip


@given(st.integers(0, 999_999_999), st.sampled_from(["", "-", " "]))
def test_both_lengths_meet(body: int, separator: str) -> None:
    """An ISBN-10 and its ISBN-13 are one number, however they are parted."""
    nine = f"{body:09d}"
    check = sum((i + 1) * int(c) for i, c in enumerate(nine)) % 11
    ten = nine + ("X" if check == 10 else str(check))
    thirteen = f"978{nine}"
    thirteen += ean.calc_check_digit(thirteen)
    parted = separator.join((ten[0], ten[1:5], ten[5:9], ten[9]))
    assert [i.value for i in numbers.isbn(parted)] == [thirteen]
    assert [i.value for i in numbers.isbn(thirteen)] == [thirteen]


@given(st.text(max_size=40))
def test_nothing_raises(text: str) -> None:
    for read in (numbers.isbn, numbers.issn, numbers.ismn, numbers.unified_number, numbers.cn_serial):
        read(text)

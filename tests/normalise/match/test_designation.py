"""Designations as libraries write them, and the one form they get."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.match import designation
from normalise.text import fold


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("第2册", "2"), ("第二册", "2"), ("2", "2"), ("二", "2"), ("v. 2", "2"), ("Vol. II", "2"), ("Ⅱ", "2"), ("卷二", "2"), ("Part 2", "2"),
        ("第十二卷", "12"), ("第二十一册", "21"), ("上", "s"), ("上册", "s"), ("(下)", "x"), ("中卷", "z"), ("甲编", "1"), ("第3卷 下册", "3.x"),
        ("第二卷上册", "2.s"), ("人物卷", ""), ("2nd ser.", "2"), ("", ""),
    ],
)  # fmt: skip
def test_parts(written: str, canonical: str) -> None:
    assert designation.part(fold(written)) == canonical


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("红楼梦（上）", ("红楼梦", "s", 0, 0)),
        ("高等数学下册", ("高等数学", "x", 0, 0)),
        ("平凡的世界. 第一部", ("平凡的世界", "1", 0, 0)),
        ("古代汉语 第二册", ("古代汉语", "2", 0, 0)),
        ("史记（全十册）", ("史记", "", 10, 0)),
        ("水浒传：上、中、下", ("水浒传", "", 3, 0)),
        ("线性代数(第3版)(下册)", ("线性代数", "x", 0, 3)),
        ("C程序设计（第二版）", ("c程序设计", "", 0, 2)),
        ("天上", ("天上", "", 0, 0)),
        ("1984", ("1984", "", 0, 0)),
        ("上海", ("上海", "", 0, 0)),
    ],
)
def test_titles_lose_what_is_not_the_title(title: str, expected: tuple[str, str, int, int]) -> None:
    found = designation.strip(fold(title))
    assert (found.title, found.part, found.volumes, found.edition) == expected


@pytest.mark.parametrize(
    ("title", "year", "rest"),
    [
        ("中国统计年鉴 1994", 1994, "中国统计年鉴"),
        ("中国统计年鉴 '94", 1994, "中国统计年鉴"),
        ("浙江年鉴．2005年", 2005, "浙江年鉴"),
        ("2011中国经济蓝皮书", 2011, "中国经济蓝皮书"),
        ("一九八四", 0, "一九八四"),
        ("1984", 1984, "1984"),
        ("杭州 2050 未来", 2050, "杭州 2050 未来"),
    ],
)
def test_years_in_titles(title: str, year: int, rest: str) -> None:
    folded = fold(title)
    assert designation.annual_year(folded) == year
    assert designation.without_year(folded) == rest


@given(st.integers(1, 99))
def test_chinese_numerals(value: int) -> None:
    digits = "零一二三四五六七八九"
    tens, ones = divmod(value, 10)
    text = (digits[tens] if tens > 1 else "") + ("十" if tens else "") + (digits[ones] if ones else "")
    assert designation.number(text) == value


@given(st.text(alphabet="第上中下册卷辑部一二三十0123 vil全共版修订本ed", max_size=14))
def test_no_text_breaks_it_and_something_stays(text: str) -> None:
    folded = fold(text)
    found = designation.strip(folded)
    assert folded.startswith(found.title)
    assert bool(found.title) == bool(folded)
    designation.part(folded)

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_api.search.query import MAX_TERMS, Term, compose, parse, years

PIECES = [
    "红楼梦", "OR", "或", "-", '"', "“", "”", "《", "》", "题名:", "title：", "year:", "年:", "2001-2005", "isbn:", "9787020002207",
    "978-7-02-000220-7", " ", "  ", "AND", "+", "|", ":", "a", "-b", "作者: ", "http://x", "1000-0135", "分类:", "I207.4/", "馆:",
    "－", "～", "拼音:hlm", "\u3000", "\x00", "‏", "é", "𠮷",
]  # fmt: skip
typed = st.one_of(
    st.text(), st.lists(st.sampled_from(PIECES)).map("".join), st.lists(st.sampled_from(PIECES)).map(" ".join)
)


@settings(max_examples=1500, deadline=None)
@given(typed)
def test_any_text_is_understood_and_its_canonical_form_is_stable(text: str) -> None:
    query = parse(text)
    again = parse(str(query))
    assert (again.must, again.must_not) == (query.must, query.must_not)
    assert str(again) == str(query)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("红楼梦 曹雪芹", "红楼梦 曹雪芹"),
        ("题名:红楼梦 作者：曹雪芹", "title:红楼梦 author:曹雪芹"),
        ("題名: 紅樓夢", "title:紅樓夢"),
        ("TITLE:dream", "title:dream"),
        ("《红楼梦》", '"红楼梦"'),
        ("“红楼 梦”", '"红楼 梦"'),
        ('title:"harry potter" -movie', 'title:"harry potter" -movie'),
        ("红楼梦 OR 石头记 曹雪芹", "红楼梦 OR 石头记 曹雪芹"),
        ("红楼梦 或 石头记", "红楼梦 OR 石头记"),
        ("或者", "或者"),
        ("－高鹗", "-高鹗"),
        ("C-sharp - basics", "C-sharp basics"),
        ("978-7-02-000220-7", "isbn:9787020002207"),
        ("7-02-000220-X", "isbn:9787020002207"),
        ("ISBN 978-7-02-000220-7", "isbn:9787020002207"),
        ("978 7 02 000220 7", "isbn:9787020002207"),
        ("9787020002208", "9787020002208"),
        ("1000-0135", "issn:1000-0135"),
        ("1999-2003", "1999-2003"),
        ("年:2001～2005", "year:2001-2005"),
        ("year:2001年", "year:2001"),
        ("year:-1949", "year:-1949"),
        ("分类:I207.4 索书号:I207.4/12", "class:I207.4 call:I207.4/12"),
        ("馆:省图 语种:英语", "member:省图 lang:英语"),
        ("拼音:hlm", "pinyin:hlm"),
        ("http://example.org/a", "http://example.org/a"),
        ("a AND b + c", "a b c"),
        ("", ""),
        ("!!! ？？", ""),
    ],
)
def test_what_is_typed_and_how_it_is_understood(text: str, canonical: str) -> None:
    query = parse(text)
    assert str(query) == canonical
    assert not query.notes


@pytest.mark.parametrize(
    ("text", "canonical", "note"),
    [
        ('"红楼梦', "红楼梦", "引号"),
        ("OR 红楼梦", "红楼梦", "或"),
        ("红楼梦 OR", "红楼梦", "或"),
        ("年:去年", '"去年"', "去年"),
        ("isbn:123", "isbn:123", "校验位"),
        ("红" * 1100, "红" * 1000, "过长"),
    ],
)
def test_what_cannot_be_understood_is_searched_as_words_with_a_note(text: str, canonical: str, note: str) -> None:
    query = parse(text)
    assert str(query) == canonical
    assert len(query.notes) == 1
    assert note in query.notes[0].zh
    assert query.notes[0].en


def test_too_many_terms_are_cut_with_a_note() -> None:
    query = parse(" ".join(f"w{i}" for i in range(100)))
    assert len(query.must) == MAX_TERMS
    assert query.notes


@pytest.mark.parametrize(
    ("text", "range_"),
    [
        ("2001", (2001, 2001)), ("2001-2005", (2001, 2005)), ("2005—2001", (2001, 2005)), ("2001-", (2001, None)),
        ("-1949", (None, 1949)), ("２００１年", (2001, 2001)), ("2001年-2005年", (2001, 2005)), ("去年", None), ("", None), ("-", None),
        ("20011", None),
    ],
)  # fmt: skip
def test_years(text: str, range_: tuple[int | None, int | None] | None) -> None:
    assert years(text) == range_


def test_the_advanced_form_writes_a_query_of_the_same_language() -> None:
    text = compose(
        [("title", "红楼 研究"), ("author", "俞平伯"), ("", "上海"), ("isbn", "")], without=[("title", "续书")]
    )
    assert text == "title:红楼 title:研究 author:俞平伯 上海 -title:续书"
    assert str(parse(text)) == text
    assert parse(compose([("title", '"a b"'), ("year", "2001-2005")])).must == (
        (Term("a b", "title", True),),
        (Term("2001-2005", "year"),),
    )

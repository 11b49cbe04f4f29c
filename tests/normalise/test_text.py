from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalise.text import compact, fold, has_cjk, latin, pinyin, pinyin_key, script, words

CHARS = st.text(alphabet="围城圍紅楼樓夢钱鍾书著着作编家 春秋第三册III·：《》(),.:'+#aB9éß２", max_size=24)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("圍城", "围城"),
        ("錢鍾書", "钱锺书"),
        ("錢鍾書", "钱钟书"),
        ("活著", "活着"),
        ("編着", "编著"),
        ("约翰·赫斯特", "约翰•赫斯特"),
        ("约翰·赫斯特", "约翰・赫斯特"),
        ("约翰．赫斯特", "约翰‧赫斯特"),
        ("第１册", "第1册"),
        ("《紅樓夢》研究", "红楼梦研究"),
        ("Ⅲ", "iii"),
        ("L’Été à Zürich", "lete a zurich"),
        ("射鵰英雄傳", "射雕英雄传"),
        ("啓蒙羣書", "启蒙群书"),
        ("經濟学 : 原理", "经济学 原理"),
        ("C＋＋程序設計", "c++程序设计"),
    ],
)
def test_one_form(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_what_must_stay_apart() -> None:
    assert len({fold(t) for t in ("C", "C++", "C#")}) == 3
    assert fold("乾隆") == "乾隆"
    assert fold("a + b # c") == "a b c"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("编着", "编著"),
        ("原着", "原著"),
        ("着作", "著作"),
        ("名着导读", "名著导读"),
        ("活著", "活着"),
        ("看著我", "看着我"),
        ("着手", "着手"),
        ("著", "著"),
    ],
)
def test_zhu_and_zhe(text: str, told: str) -> None:
    assert fold(text) == told


@given(CHARS)
def test_fold_settles(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == folded.strip()
    assert "  " not in folded
    assert compact(text) == folded.replace(" ", "")


@settings(deadline=None)  # the first call loads the tables
@given(st.text(max_size=40))
def test_nothing_raises(text: str) -> None:
    fold(text), words(text), pinyin(text), pinyin(text, name=True), latin(text), script(text), pinyin_key(text)


@given(st.text(alphabet="中国人民解放军第三野战围城钱钟书长江大桥政治经济学批判", min_size=2, max_size=20), st.data())
def test_a_piece_is_found(text: str, data: st.DataObject) -> None:
    """A query of two or more characters out of a document demands only tokens that the document has."""
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 2, len(text)))
    assert set(words(text[start:end])) <= set(words(text))


def test_words() -> None:
    assert words("家") == ["家"]
    assert set(words("南京市长江大桥")) >= {"南京", "长江", "大桥", "长江大桥"}
    assert set(words("2012年")) <= set(words("2012年浙江发展报告"))
    assert set(words("C语言")) <= set(words("C語言程序設計"))
    assert words("Introduction to C++ & C#") == ["introduction", "to", "c++", "c#"]
    assert words("") == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("仇兆鳌", "qiuzhaoao"),
        ("单田芳", "shantianfang"),
        ("曾国藩", "zengguofan"),
        ("解缙", "xiejin"),
        ("查良镛", "zhaliangyong"),
        ("朴正熙", "piaozhengxi"),
        ("尉迟恭", "yuchigong"),
        ("长孙无忌", "zhangsunwuji"),
        ("吕思勉", "lusimian"),
    ],
)
def test_surnames(name: str, told: str) -> None:
    assert pinyin(name, name=True)[0] == told


def test_pinyin() -> None:
    assert pinyin("围城") == ("weicheng", "wc")
    assert pinyin("重庆长安") == ("chongqingchangan", "cqca")
    assert pinyin("C程序设计 第2版") == ("cchengxushejidi2ban", "ccxsjd2b")
    assert pinyin("Old Book") == ("oldbook", "ob")
    assert {pinyin_key(t) for t in ("Lü Yuan", "lv yuan", "LUYUAN", "lǚ yuán")} == {"luyuan"}
    assert pinyin_key("Xi'an jiao tong") == pinyin("西安交通")[0]


def test_script() -> None:
    assert [script(t) for t in ("围城", "圍城", "家", "Jia", "Дом", "著作", "")] == [
        "hans",
        "hant",
        "",
        "latn",
        "other",
        "",
        "",
    ]
    assert script("史記三家註考证") == "hant"  # the majority, where a stray character is of the other script


def test_latin_keeps_case_and_other_scripts() -> None:
    assert latin("Gödel, Élie ß 围城 Łódź") == "Godel, Elie ss 围城 Lodz"
    assert has_cjk("a围") and not has_cjk("é") and has_cjk("がき")


def test_fast_enough() -> None:
    """A generous bound, for busy machines: a regression of ten times is what it would catch."""
    titles = [f"中国古代经济发展战略研究报告第{i}册" for i in range(1000)]
    start = time.process_time()
    for title in titles:
        words(title), pinyin(title)
    assert (time.process_time() - start) / len(titles) < 0.0005

"""The readers of single statements: numerals, parts, editions, years, extents, names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.crosswalk.agents import complete, from_statement, role_code
from normalise.crosswalk.carriers import from_words
from normalise.crosswalk.editions import edition_number, split_edition
from normalise.crosswalk.extent import measure, split
from normalise.crosswalk.parts import is_annual, split_part
from normalise.crosswalk.publication import make, printing_note, years
from normalise.crosswalk.rows import without_advertising
from normalise.crosswalk.titles import refine, title_display
from normalise.numerals import number
from schemas.bib import Agent, Series, Title


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("１２", 12),
        ("十二", 12),
        ("二十一", 21),
        ("一百零三", 103),
        ("二〇一二", 2012),
        ("廿四", 24),
        ("Ⅻ", 12),
        ("xiv", 14),
        ("甲", None),
        ("", None),
    ],
)
def test_number(text: str, value: int | None) -> None:
    assert number(text) == value


@given(st.integers(1, 999))
def test_chinese_numerals_round_trip(value: int) -> None:
    digits = "零一二三四五六七八九"
    hundreds, tens, ones = value // 100, value // 10 % 10, value % 10
    text = (digits[hundreds] + "百" if hundreds else "") + (
        digits[tens] + "十" if tens else "零" if hundreds and ones else ""
    )
    assert number(text + (digits[ones] if ones else "")) == value


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("新视野大学英语（3）", ("新视野大学英语", "3", "")),
        ("经济学原理:微观经济学分册", ("经济学原理", "微观经济学分册", "")),
        ("古代汉语 上册 第一分册", ("古代汉语", "上册 第一分册", "")),
        ("倚天屠龙记.一", ("倚天屠龙记", "一", "")),
        ("浙江统计年鉴 2011", ("浙江统计年鉴", "2011", "")),
        ("2019宁波年鉴", ("宁波年鉴", "2019", "")),
        ("大学英语 Ⅲ", ("大学英语", "Ⅲ", "")),
        ("史記.第三冊", ("史記", "第三冊", "")),
        ("中国通史 第1-3册", ("中国通史", "第1-3册", "")),
        ("追寻逝去的时光：第二卷 在少女花影下", ("追寻逝去的时光", "第二卷", "在少女花影下")),
        ("大学物理学(第一册 力学)", ("大学物理学", "第一册", "力学")),
        ("2012年浙江发展报告 社会卷", ("2012年浙江发展报告", "", "社会卷")),
        ("资本论第一卷", ("资本论", "第一卷", "")),
        ("兄弟:下部", ("兄弟", "下部", "")),
    ],
)
def test_parts(title: str, told: tuple[str, str, str]) -> None:
    assert split_part(title) == told


@pytest.mark.parametrize(
    "title",
    ["三国演义", "万历十五年", "十三经注疏", "二十四史", "第二次握手", "一千零一夜", "第三次浪潮", "论语集注十卷", "Windows 98", "Visual C++ 6.0 教程", "中文版Office 2003教程",
     "史记（全十册）", "1500年以后的世界", "家", "MARC21规范数据格式使用手册", "文渊阁四库全书电子版"],
)  # fmt: skip
def test_no_part(title: str) -> None:
    assert split_part(title) == (title, "", "")


@pytest.mark.parametrize(
    ("text", "value"),
    [("第2版", 2), ("二版", 2), ("增订六版", 6), ("修订第3版", 3), ("初版", 1), ("2nd rev. ed.", 2), ("Second edition", 2), ("Di 4 ban", 4), ("Zeng ding san ban", 3),
     ("2., erw. Aufl.", None), ("3. Aufl.", 3), ("2-е изд.", None), ("修订本", None), ("2015年版", None), ("10th anniversary ed.", None), ("第2次修订版", None)],
)  # fmt: skip
def test_edition_number(text: str, value: int | None) -> None:
    if text in ("2., erw. Aufl.", "2-е изд."):
        assert edition_number(text) in (None, 2)
    else:
        assert edition_number(text) == value


@pytest.mark.parametrize(
    ("title", "head", "statement"),
    [("重构(二版)", "重构", "二版"), ("万历十五年（增订纪念本）", "万历十五年", "增订纪念本"), ("文城 1版", "文城", "1版"), ("中国图书馆分类法第五版使用手册", "中国图书馆分类法第五版使用手册", ""),
     ("出版史料", "出版史料", ""), ("中文版Photoshop教程", "中文版Photoshop教程", "")],
)  # fmt: skip
def test_edition_in_title(title: str, head: str, statement: str) -> None:
    assert split_edition(title)[:2] == (head, statement)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2012.05", (2012, None, None)),
        ("[2012]", (2012, None, None)),
        ("cc1997", (1997, None, None)),
        ("民國101[2012]", (2012, None, None)),
        ("民國七十五年", (1986, None, None)),
        ("清道光26年[1846]", (1846, None, None)),
        ("明万历二年", (1574, None, None)),
        ("清光緒元年", (1875, None, None)),
        ("清[1644-1911]", (1644, 1911, None)),
        ("2012(2015重印)", (2012, None, 2015)),
        ("1991-", (1991, None, None)),
        ("1957-1990", (1957, 1990, None)),
        ("201205", (2012, None, None)),
        ("二〇一二年", (2012, None, None)),
        ("[195-?]", (1950, 1959, None)),
        ("不详", (None, None, None)),
    ],
)
def test_years(text: str, told: tuple[int | None, int | None, int | None]) -> None:
    assert years(text) == told


def test_publication() -> None:
    assert printing_note("2007年第26次印刷") == (2007, 26)
    assert printing_note("本书2007年获奖") is None
    made = make("[出版地不详]", "北京：中华书局", "1982")
    assert (made.place, made.publisher, made.year) == ("北京", "中华书局", 1982)
    assert make("[S.l.]", "[s.n.]", "").publisher == ""


@pytest.mark.parametrize(
    ("text", "pages", "volumes"),
    [("12, 352页", 352, None), ("5,200页", 200, None), ("3册 (50,23,1942页)", 1942, 3), ("xii, 414 p.", 414, None), ("680", 680, None), ("12,224面", 224, None),
     ("全24册", None, 24), ("208册(26函)", None, 208), ("第3册 245页", 245, None), ("2 volumes (xxiii, 1220 pages)", 1220, 2), ("25张VCD", None, None),
     ("XVII,640页", 640, None), ("各册页码不等", None, None)],
)  # fmt: skip
def test_extent(text: str, pages: int | None, volumes: int | None) -> None:
    assert measure(text) == (pages, volumes)


def test_extent_with_size() -> None:
    made = split("2册(920页); 23cm")
    assert made and (made.pages, made.volumes, made.size) == (920, 2, "23cm")
    only = split("26cm")
    assert only and (only.text, only.size) == ("", "26cm")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "(美) 克尼汉, (美) 里奇著 ; 徐宝文, 李志译",
            [("克尼汉", "aut", "美"), ("里奇", "aut", "美"), ("徐宝文", "trl", ""), ("李志", "trl", "")],
        ),
        ("高新勇;王亦兵;葛雪蕾译", [("高新勇", "trl", ""), ("王亦兵", "trl", ""), ("葛雪蕾", "trl", "")]),
        ("范文澜, 蔡美彪 ... [等]著", [("范文澜", "aut", ""), ("蔡美彪", "aut", "")]),
        ("【以】尤瓦尔.赫拉利著 林俊宏译", [("尤瓦尔.赫拉利", "aut", "以"), ("林俊宏", "trl", "")]),
        ("(漢)司馬遷撰 ; (南朝宋)裴駰集解", [("司馬遷", "aut", "汉"), ("裴駰", "cwt", "南朝宋")]),
        ("（美国）曼昆 (N. Gregory Mankiw) 著", [("曼昆", "aut", "美")]),
        ("任振泰,主编", [("任振泰", "edt", "")]),
        ("逄勇(导师)", [("逄勇", "ths", "")]),
        ("《西方哲学史》编写组编", [("《西方哲学史》编写组", "edt", "")]),
        ("王著", [("王著", "", "")]),
        ("孙广仁;郑洪新", [("孙广仁", "", ""), ("郑洪新", "", "")]),
        ("edited by John Smith and Mary Jones", [("John Smith", "edt", ""), ("Mary Jones", "edt", "")]),
        ("", []),
    ],
)
def test_statement(statement: str, told: list[tuple[str, str, str]]) -> None:
    assert [(a.name, a.role, a.country) for a in from_statement(statement)] == told


def test_access_points_are_completed() -> None:
    agents = complete([Agent("周密", primary=True), Agent("傅林祥")], "(宋)周密著 ; 傅林祥校点 ; 朱廷焕补")
    assert [(a.name, a.role, a.country) for a in agents] == [
        ("周密", "aut", "宋"),
        ("傅林祥", "edt", ""),
        ("朱廷焕", "ctb", ""),
    ]
    twins = complete([Agent("Thoreau, Henry David", role="aut"), Agent("Li, Jihong")], "梭罗著 ; 李继宏译")
    assert [(a.name, a.original_name, a.romanised) for a in twins] == [
        ("梭罗", "Thoreau, Henry David", ""),
        ("李继宏", "", "Li, Jihong"),
    ]


def test_roles() -> None:
    assert [role_code(r) for r in ("著", "着", "编著", "主編", "譯", "校注", "author", "aut", "070", "著并摄影", "吃")] == [
        "aut", "aut", "aut", "edt", "trl", "cwt", "aut", "aut", "aut", "aut", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [("8张DVD", ("video", "dvd")), ("25张VCD", ("video", "cd")), ("2张光盘(MP3)", ("sound", "cd")), ("[电子资源]", ("", "online")), ("CD-ROM", ("software", "disc_rom")),
     ("1 online resource", ("", "online")), ("缩微品", ("", "microform")), ("乐谱", ("music", "print")), ("专著", ("text", "")), ("盲文", ("", "braille")), ("352页", ("", ""))],
)  # fmt: skip
def test_carriers(text: str, kind: tuple[str, str]) -> None:
    assert from_words(text) == kind


def test_refine() -> None:
    title = Title("三体Ⅱ 黑暗森林（典藏版）")
    edition, _ = refine(title, [])
    assert (title.text, title.part_number, title.subtitle) == ("三体", "Ⅱ", "黑暗森林")
    assert edition and edition.text == "典藏版"
    title = Title("《金庸作品集·朗声旧版》天龙八部")
    _, series = refine(title, [])
    assert title.text == "天龙八部" and series == Series("金庸作品集·朗声旧版")
    title = Title("管理学", subtitle="第四版 : 原理与方法")
    edition, _ = refine(title, [])
    assert edition and edition.number == 4 and title.subtitle == "原理与方法"


def test_display() -> None:
    assert (
        title_display(Title("三体", subtitle="地球往事", part_number="Ⅱ", part_name="黑暗森林"))
        == "三体. Ⅱ, 黑暗森林 : 地球往事"
    )
    assert title_display(Title("甲", others=["乙"])) == "甲 ; 乙"


def test_advertising() -> None:
    found: list[object] = []
    assert without_advertising("浪潮之巅:下册（第2版）【新华书店正版】（精装）", found) == (
        "浪潮之巅:下册（第2版）",
        "精装",
    )  # type: ignore[arg-type]
    assert len(found) == 1
    assert without_advertising("正版的力量", []) == ("正版的力量", "")


def test_annual() -> None:
    assert is_annual("浙江年鉴", "2018") and is_annual("2015年浙江发展报告", "") and is_annual("'95中国发展报告", "")
    assert not is_annual("1984", "") and not is_annual("1500年以后的世界", "")


@given(st.text(max_size=30))
def test_nothing_raises(text: str) -> None:
    for read in (
        split_part,
        split_edition,
        edition_number,
        years,
        measure,
        split,
        from_statement,
        role_code,
        from_words,
        printing_note,
    ):
        read(text)
    refine(Title(text), [Series(text[:5])], loose=True)

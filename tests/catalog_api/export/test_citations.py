"""RIS, BibTeX and GB/T 7714 as a cataloguer would check them: goldens of Chinese and Western records."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_api.export.citations import bibtex, gbt7714, ris
from catalog_api.export.entry import Entry
from schemas.bib import Agent, BibRecord, Edition, Extent, Identifier, Link, Note, Publication, Series, Subject, Title

URL = "https://catalogue.example/record/17"


def entry(bib: BibRecord) -> Entry:
    return Entry(id=17, url=URL, bib=bib, datestamp="2026-01-02T03:04:05Z", members=["zjsl"])


TRANSLATED = BibRecord(
    titles=[Title("经济数学与金融数学", subtitle="理论与应用")],
    agents=[
        Agent("哈里森", role="aut", country="美", primary=True),
        Agent("沃尔德伦", role="aut", country="美"),
        Agent("谢远涛", role="trl"),
    ],
    identifiers=[Identifier("isbn", "9787300155753"), Identifier("isbn", "9787300000000", valid=False)],
    edition=Edition("第2版", 2),
    publication=[Publication("北京", "中国人民大学出版社", "2012.6", 2012)],
    extent=Extent("451页", 451),
    series=[Series("经济科学译丛", "12")],
    subjects=[Subject(["经济数学"]), Subject(["金融", "经济数学"])],
    notes=[Note("讲述经济学中的\n数学方法。", "abstract")],
    languages=["chi"],
    content="text",
    carrier="print",
)
WESTERN = BibRecord(
    titles=[Title("Data & structures: 100% of C#_basics")],
    agents=[
        Agent(n, role="aut") for n in ("Knuth, Donald E.", "Aho, Alfred V.", "Hopcroft, J.", "Ullman, Jeffrey-David")
    ],
    edition=Edition("3rd ed.", 3),
    publication=[Publication("", "", "c1997", 1997)],
    languages=["eng"],
)
ONLINE = BibRecord(
    titles=[Title("数字图书馆", part_number="第1卷", part_name="理论")],
    agents=[Agent("浙江图书馆", "corporate", role="edt")],
    publication=[Publication("", "", "2020", 2020)],
    links=[Link("https://example.org/book")],
    languages=["chi"],
    carrier="online",
)
SERIAL = BibRecord(
    titles=[Title("中国图书馆学报")],
    agents=[Agent("中国图书馆学会", "corporate", role="edt")],
    identifiers=[Identifier("issn", "1001-8867")],
    publication=[Publication("北京", "国家图书馆", "1957-", 1957)],
    level="serial",
    languages=["chi"],
)
THESIS = BibRecord(
    titles=[Title("古籍数字化研究")],
    agents=[Agent("王小明", role="aut", primary=True)],
    publication=[Publication("杭州", "钱塘理工大学", "2018", 2018)],
    thesis=True,
    languages=["chi"],
)


def test_ris_of_a_translated_book() -> None:
    golden = """\
        TY  - BOOK
        AU  - 哈里森
        AU  - 沃尔德伦
        A4  - 谢远涛
        TI  - 经济数学与金融数学 : 理论与应用
        T2  - 经济科学译丛
        VL  - 12
        CY  - 北京
        PB  - 中国人民大学出版社
        PY  - 2012
        ET  - 第2版
        SP  - 451
        SN  - 9787300155753
        LA  - chi
        KW  - 经济数学
        KW  - 金融--经济数学
        AB  - 讲述经济学中的 数学方法。
        DB  - 文澜 Wenlan
        ID  - wenlan17
        UR  - https://catalogue.example/record/17
        ER  - 
        """  # noqa: W291
    assert ris(entry(TRANSLATED)).replace("\r\n", "\n") == dedent(golden)


def test_ris_of_a_serial_and_of_a_thesis() -> None:
    lines = ris(entry(SERIAL)).split("\r\n")
    assert lines[0] == "TY  - JFULL"
    assert "SN  - 1001-8867" in lines
    assert ris(entry(THESIS)).startswith("TY  - THES\r\nAU  - 王小明\r\nTI  - 古籍数字化研究\r\n")


def test_bibtex_of_a_translated_book() -> None:
    golden = """\
        @book{wenlan17,
          author = {{哈里森} and {沃尔德伦}},
          translator = {{谢远涛}},
          title = {{经济数学与金融数学 : 理论与应用}},
          edition = {第2版},
          series = {经济科学译丛},
          number = {12},
          publisher = {中国人民大学出版社},
          address = {北京},
          year = {2012},
          pagetotal = {451},
          isbn = {9787300155753},
          language = {chi},
          keywords = {经济数学; 金融--经济数学},
          abstract = {讲述经济学中的 数学方法。},
          url = {https://catalogue.example/record/17}
        }
        """
    assert bibtex(entry(TRANSLATED)) == dedent(golden)


def test_bibtex_of_western_names_and_special_characters() -> None:
    text = bibtex(entry(WESTERN))
    assert r"title = {{Data \& structures: 100\% of C\#\_basics}}" in text
    assert "author = {Knuth, Donald E. and Aho, Alfred V. and Hopcroft, J. and Ullman, Jeffrey-David}" in text
    assert bibtex(entry(THESIS)).startswith("@phdthesis{wenlan17,")
    assert "school = {钱塘理工大学}" in bibtex(entry(THESIS))


@pytest.mark.parametrize(
    ("bib", "citation"),
    [
        (
            TRANSLATED,
            "哈里森, 沃尔德伦. 经济数学与金融数学: 理论与应用[M]. 谢远涛, 译. 2版. 北京: 中国人民大学出版社, 2012.",
        ),
        (
            WESTERN,
            "KNUTH D E, AHO A V, HOPCROFT J, et al. Data & structures: 100% of C#_basics[M]. 3rd ed. [S.l.]: [s.n.], 1997.",
        ),
        (ONLINE, "浙江图书馆. 数字图书馆: 第1卷 理论[M/OL]. 2020[2026-03-01]. https://example.org/book."),
        (SERIAL, "中国图书馆学会. 中国图书馆学报[J]. 北京: 国家图书馆, 1957-."),
        (THESIS, "王小明. 古籍数字化研究[D]. 杭州: 钱塘理工大学, 2018."),
        (
            BibRecord(
                titles=[Title("浙江年鉴")],
                publication=[Publication("杭州", "浙江人民出版社", "2015", 2015)],
                level="annual",
            ),
            "浙江年鉴[M]. 杭州: 浙江人民出版社, 2015.",
        ),
        (BibRecord(titles=[Title("无名书")]), "无名书[M]. [出版地不详]: [出版者不详]."),
    ],
)
def test_gbt7714(bib: BibRecord, citation: str) -> None:
    assert gbt7714(entry(bib), accessed="2026-03-01") == citation


def test_the_first_edition_is_not_stated() -> None:
    assert "版" not in gbt7714(
        entry(
            BibRecord(
                titles=[Title("书")],
                edition=Edition("第1版", 1),
                publication=[Publication("杭州", "浙江书局", "1900", 1900)],
            )
        )
    )


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_breaks_out_of_its_line_or_brace(a: str, b: str) -> None:
    bib = BibRecord(
        titles=[Title(a, subtitle=b)],
        agents=[Agent(b, role="aut")],
        publication=[Publication(a, b)],
        notes=[Note(a, "abstract")],
    )
    lines = ris(entry(bib)).split("\r\n")
    assert all(line[2:6] == "  - " for line in lines[:-1])
    assert [line[:2] for line in lines].count("ER") == 1
    body = (
        bibtex(entry(bib))
        .replace(r"\{", "")
        .replace(r"\}", "")
        .replace(r"\textbackslash{}", "")
        .replace(r"\textasciitilde{}", "")
    )
    assert body.count("{") == body.count("}")
    assert "\n" not in gbt7714(entry(bib))

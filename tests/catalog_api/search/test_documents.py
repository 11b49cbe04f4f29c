"""From an edition to its search document: types, collections, keys, what is for staff."""

from __future__ import annotations

import msgspec
import pytest

from catalog_api.search.collections import collections, collections_of
from catalog_api.search.documents import Described, document, type_of
from catalog_api.search.holders import Shelf, libraries
from catalog_api.search.keys import class_prefixes, word_pairs
from catalog_api.search.labels import language_code, value_label
from catalog_api.search.port import Hit
from schemas.bib import Agent, BibRecord, Classification, Identifier, Note, Publication, Subject, Title
from schemas.member import Member


@pytest.mark.parametrize(
    ("bib", "type"),
    [
        (BibRecord(content="text", carrier="print"), "book"),
        (BibRecord(), "book"),
        (BibRecord(carrier="online"), "ebook"),
        (BibRecord(level="serial", carrier="online"), "serial"),
        (BibRecord(level="component"), "article"),
        (BibRecord(guji=True, carrier="manuscript"), "guji"),
        (BibRecord(thesis=True), "thesis"),
        (BibRecord(content="sound", carrier="cd"), "sound"),
        (BibRecord(content="sound", carrier="audiobook"), "audiobook"),
        (BibRecord(content="map"), "map"),
    ],
)
def test_types(bib: BibRecord, type: str) -> None:
    assert type_of(bib) == type
    assert value_label("type", type, {}).zh != type


def test_class_numbers_are_found_by_every_beginning() -> None:
    assert class_prefixes("I207.411") == ("I", "I2", "I20", "I207", "I207.4", "I207.41", "I207.411")
    assert class_prefixes("tp312 C") == ("T", "TP", "TP3", "TP31", "TP312", "TP312C")
    assert class_prefixes("") == ()


@pytest.mark.parametrize(
    ("bib", "locations", "codes"),
    [
        (BibRecord(guji=True), [], ["guji"]),
        (BibRecord(classes=[Classification("clc", "K295.5")]), [], ["local"]),
        (BibRecord(classes=[Classification("ddc", "K295.5")]), [], []),
        (BibRecord(), ["三楼地方文献阅览室"], ["local"]),
        (BibRecord(subjects=[Subject(["家谱", "绍兴"])]), [], ["local"]),
        (BibRecord(subjects=[Subject(["海洋生物"])], thesis=True), [], ["thesis", "ocean"]),
    ],
)
def test_collections(bib: BibRecord, locations: list[str], codes: list[str]) -> None:
    assert collections_of(bib, locations) == codes
    assert collections_of(bib, locations, lendable=True) == [*codes, "circulating"]
    assert {c.code for c in collections()} >= set(codes)


def test_latin_words_side_by_side() -> None:
    assert word_pairs("Harry Potter, and the C++ stone") == [
        "harry_potter",
        "potter_and",
        "and_the",
        "the_c++",
        "c++_stone",
    ]
    assert word_pairs("红楼梦 a") == []


def test_a_document_says_what_both_engines_search(members: dict[str, Member]) -> None:
    bib = BibRecord(
        titles=[Title("紅樓夢", part_number="上册", others=["石头记"]), Title("Dream of the Red Chamber", "parallel")],
        agents=[Agent("曹雪芹", role="aut")],
        identifiers=[
            Identifier("isbn", "9787020002207", original="7-02-000220-X"),
            Identifier("cn_unified", "10019·2202"),
        ],
        publication=[Publication("北京", "人民文学出版社", "1982", 1982)],
        classes=[Classification("clc", "I242.4")],
        languages=["chi"],
    )
    shelves = [Shelf("zjsl", True, 2, 1, "I242.4 / 12"), Shelf("hspl", False, 1, 1, "X9")]
    made = document(Described(5, bib, ["hspl", "zjsl"], ["zjsl"], shelves, True, 7), members)
    assert {"红楼", "楼梦", "红楼梦", "梦", "dream", "red_chamber"} <= set(made.title.split())
    assert {"红楼梦", "红楼梦上册", "石头记", "dreamoftheredchamber"} <= set(made.title_key)
    assert {"hongloumeng", "hlm", "shitouji", "stj", "caoxueqin", "cxq"} <= set(made.pinyin)
    assert {"isbn:9787020002207", "9787020002207", "702000220x", "100192202"} <= set(made.number)
    assert made.call == ["I242.4", "I242.4/12"]
    assert (made.member, made.member_staff, made.held) == (["zjsl"], ["hspl", "zjsl"], 1)
    assert (made.city, made.city_staff) == (["3301"], ["3101", "3301"])
    assert set(made.title.split()) | set(made.author.split()) <= set(made.text.split())
    assert msgspec.json.decode(made.body, type=Hit).copies == 2
    assert msgspec.json.decode(made.body_staff, type=Hit).copies == 3


def test_an_edition_about_which_nothing_is_known_can_be_indexed(members: dict[str, Member]) -> None:
    made = document(Described(1, BibRecord(), [], [], []), members)
    assert (made.title, made.title_key, made.year, made.decade, made.body_staff) == ("", [], None, "", b"")


def test_long_notes_are_not_indexed_whole(members: dict[str, Member]) -> None:
    bib = BibRecord(notes=[Note("目录" * 5000, "contents"), Note("末尾")])
    made = document(Described(1, bib, [], [], []), members)
    assert "目录" in made.text.split()
    assert "末尾" not in made.text.split()


def test_libraries_have_many_names(members: dict[str, Member]) -> None:
    for name in ("zjsl", "之江省图书馆", "省图", "Zhijiang Provincial Library", "CN-330000ZJSL"):
        assert libraries(name, members) == ("zjsl",)
    assert libraries("大学", members) == ("qtut", "zwun")
    assert libraries("Nowhere", members) == ("nowhere",)


def test_languages_have_many_names() -> None:
    assert {language_code(n) for n in ("英语", "English", "EN", "eng", "英文")} == {"eng"}
    assert language_code("Klingon") == "klingon"

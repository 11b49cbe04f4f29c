"""What is found, in what order, by everything a reader may type. Ids are those of the corpus in conftest."""

from __future__ import annotations

import pytest

from catalog_api.search.port import Filter, Part, SearchRequest
from catalog_api.search.tantivy_engine import TantivyEngine


def ids(engine: TantivyEngine, query: str, *filters: Filter, staff: bool = False) -> list[int]:
    return [hit.id for hit in engine.search(SearchRequest(query=query, filters=filters, staff=staff)).hits]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("红楼梦", {1, 2, 3}),
        ("紅樓夢", {1, 2, 3}),
        ("红楼梦 研究", {2}),
        ("红楼梦研究", {2}),
        ("楼梦", {1, 2, 3}),
        ("梦", {1, 2, 3}),
        ("家", {7}),
        ("红楼梦 OR 西湖", {1, 2, 3, 8}),
        ("红楼梦 -研究", {1, 3}),
        ("-红楼梦 -红楼", {4, 5, 6, 7, 8}),
        ("HARRY potter", {4}),
        ('"harry potter"', {4}),
        ('"potter harry"', set()),
        ("potter harry", {4}),
        ("harr", set()),
        ("philosophers", {4}),
        ("hlm", {1}),
        ("hongloumeng", {1}),
        ("hong lou meng", {1, 5}),
        ("hlmyj", {2}),
        ("hlmty", {5}),
        ("caoxueqin", {1}),
        ("hongloumeng caoxueqin", {1}),
        ("拼音:HONGLOUMENG", {1}),
        ("题名:hlm", {1}),
        ("9787020002207", {1}),
        ("978-7-02-000220-7", {1}),
        ("7-02-000220-X", {1}),
        ("ISBN:9787020002207", {1}),
        ("10019·2202", {1}),
        ("统一书号:10019.2202", {1}),
        ("1000-0135", {6}),
        ("作者:曹雪芹", {1}),
        ("author:周汝昌", {3}),
        ("主题:清代", {1}),
        ("出版社:人民文学", {1}),
        ("series:potter", {4}),
        ("分类:I207", {2, 3}),
        ("class:i2", {1, 2, 3}),
        ("索书号:I242.4/12", {1}),
        ("索书号:I242.4", {1}),
        ("I242.4/12", {1}),
        ("索书号:保存本/9", set()),
        ("year:1952", {2}),
        ("年:1980-1990", {1, 5, 6}),
        ("year:-1949", {7}),
        ("year:2000-", {3}),
        ("馆:htcl", {1}),
        ("馆:杭塘市图书馆", {1}),
        ("馆:省图", {1, 6}),
        ("语种:英语", {4}),
        ("lang:eng", {4}),
        ("-lang:chi", {4}),
        ("林黛玉", {1}),
        ("内部资料", set()),
        ("清代 OR 西湖 -曹雪芹", {8}),
        ("馆:杭塘", {1}),
        ("馆:没有这个馆", set()),
        ("ʻ", set()),
    ],
)
def test_what_is_found(engine: TantivyEngine, query: str, found: set[int]) -> None:
    assert set(ids(engine, query)) == found


@pytest.mark.parametrize(
    ("query", "first"),
    [("红楼梦", 1), ("紅樓夢研究", 2), ("红楼梦新证", 3), ("hong lou meng tan yuan", 5), ("浙江图书馆", 6)],
)
def test_an_exact_title_comes_first(engine: TantivyEngine, query: str, first: int) -> None:
    assert ids(engine, query)[0] == first


@pytest.mark.parametrize(
    "query",
    ['"', "((", "title:", "a:b:c", "-", "OR", "《", "*", "~", "\\", "field:[1 TO 2]", "+ -", "year:x", "家" * 3000],
)
def test_nothing_that_can_be_typed_is_an_error(engine: TantivyEngine, query: str) -> None:
    engine.search(SearchRequest(query=query, facets=("type",)))


def test_staff_see_what_the_public_does_not(engine: TantivyEngine) -> None:
    assert ids(engine, "内部资料", staff=True) == [9]
    assert ids(engine, "红楼梦研究", Filter("member", ("zjsl",))) == []
    assert ids(engine, "红楼梦研究", Filter("member", ("zjsl",)), staff=True) == [2]
    public = engine.search(SearchRequest(query="红楼梦研究")).hits[0]
    staff = engine.search(SearchRequest(query="红楼梦研究", staff=True)).hits[0]
    assert (public.members, public.copies, public.available) == (1, 1, 1)
    assert (staff.members, staff.copies, staff.available) == (2, 2, 2)


@pytest.mark.parametrize(
    ("sort", "order"),
    [("newest", [3, 1, 2]), ("oldest", [2, 1, 3]), ("title", [1, 3, 2]), ("held", [1]), ("updated", [3, 2, 1])],
)
def test_orders(engine: TantivyEngine, sort: str, order: list[int]) -> None:
    found = [h.id for h in engine.search(SearchRequest(query="红楼梦", sort=sort)).hits]  # type: ignore[arg-type]
    assert found[: len(order)] == order


def test_pages_are_parts_of_one_list(engine: TantivyEngine) -> None:
    whole = engine.search(SearchRequest(limit=100))
    pages = [engine.search(SearchRequest(offset=at, limit=3)) for at in range(0, 12, 3)]
    assert [h.id for page in pages for h in page.hits] == [h.id for h in whole.hits]
    assert {page.total for page in pages} == {8} == {whole.total}


def test_a_hit_says_what_a_result_line_shows(engine: TantivyEngine) -> None:
    hit = engine.search(SearchRequest(query="红楼 林黛玉")).hits[0]
    assert (hit.title, hit.responsibility, hit.publisher, hit.year) == (
        "红楼梦",
        "曹雪芹，高鹗著",
        "人民文学出版社",
        1982,
    )
    assert (hit.type, hit.isbn, hit.member_codes, hit.copies, hit.available) == (
        "book",
        "9787020002207",
        ["htcl", "zjsl"],
        4,
        1,
    )
    assert hit.title_parts == [Part("红楼", True), Part("梦")]
    assert Part("林黛玉", True) in hit.snippet


def test_suggestions_begin_with_what_was_typed(engine: TantivyEngine) -> None:
    assert set(engine.suggest("红楼")) == {"红楼梦", "红楼梦研究", "紅樓夢新證"}
    assert engine.suggest("hongl") == engine.suggest("HongL")
    assert "红楼梦" in engine.suggest("hlm")
    assert engine.suggest("红楼梦内部") == []
    assert engine.suggest("红楼梦内部", staff=True) == ["红楼梦内部资料"]
    assert engine.suggest("") == engine.suggest(".*") == []


def test_marks_in_traditional_characters_and_whole_latin_words() -> None:
    from catalog_api.search.highlight import parts, snippet

    assert parts("紅樓夢新證", ("红楼",)) == [Part("紅樓", True), Part("夢新證")]
    assert parts("party art ART", ("art",)) == [Part("party "), Part("art", True), Part(" "), Part("ART", True)]
    text = "前" * 200 + "西湖" + "后" * 200
    found = snippet(text, ("西湖",))
    assert found[0] == found[-1] == Part("…")
    assert Part("西湖", True) in found
    assert snippet(text, ("东海",)) == []

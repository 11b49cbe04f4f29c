"""Facets are counted as a person would count them: over what the query and the other filters leave."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_api.search.document import IndexDocument
from catalog_api.search.port import FACETS, FacetName, Filter, SearchRequest
from catalog_api.search.query import years
from catalog_api.search.tantivy_engine import TantivyEngine
from schemas.member import Member

VALUES: dict[str, list[str]] = {
    "type": ["book", "serial", "map"],
    "member": ["zjsl", "htcl", "qtut", "hspl"],
    "class": ["I", "K", "T"],
    "decade": ["1980", "1990", "2000"],
    "language": ["chi", "eng"],
    "subject": ["小说", "地方志", "Physics"],
    "available": ["yes"],
    "year": ["1985-1995", "2001", "-1990", "2000-"],
}
WORDS = ["红楼", "西湖", "history"]


@pytest.fixture(scope="module")
def many() -> list[IndexDocument]:
    rnd = random.Random(7)
    found = []
    for id in range(1, 401):
        year = rnd.choice([None, *range(1980, 2010)])
        word = rnd.choice(WORDS)
        members = sorted(rnd.sample(VALUES["member"], rnd.randint(0, 3)))
        found.append(
            IndexDocument(
                id=id, public=rnd.random() < 0.9, title=word, text=word, year=year, decade=str(year // 10 * 10) if year else "",
                type=rnd.choice(VALUES["type"]), member=members, member_staff=sorted({*members, "zwun"}), held=len(members),
                clc=rnd.sample(VALUES["class"], rnd.randint(0, 2)), language=[rnd.choice(VALUES["language"])],
                subjects=rnd.sample(VALUES["subject"], rnd.randint(0, 3)), available=rnd.random() < 0.5,
                available_staff=rnd.random() < 0.7, body=msgspec.json.encode({"id": id}),
            )
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def crowd(
    tmp_path_factory: pytest.TempPathFactory, many: list[IndexDocument], members: dict[str, Member]
) -> TantivyEngine:
    engine = TantivyEngine(Path(tmp_path_factory.mktemp("crowd")), lambda: members)
    writer = engine.writer("test", rebuild=True)
    for start in range(0, 400, 90):  # several segments: counts are put together from them
        writer.put(many[start : start + 90])
        writer.commit(start)
    writer.publish()
    writer.close()
    return engine


def values_of(document: IndexDocument, field: str, staff: bool) -> Iterable[str]:
    match field:
        case "type" | "decade":
            return [v for v in [getattr(document, field)] if v]
        case "member":
            return document.member_staff if staff else document.member
        case "class":
            return document.clc
        case "subject":
            return document.subjects
        case "available":
            return ["yes"] if (document.available_staff if staff else document.available) else []
        case _:
            return list(getattr(document, field))


def passes(document: IndexDocument, given: Filter, staff: bool) -> bool:
    if given.field != "year":
        return bool(set(given.values) & set(values_of(document, given.field, staff)))
    for value in given.values:
        first, last = years(value) or (None, None)
        if document.year is not None and (first or 0) <= document.year <= (last or 9999):
            return True
    return False


filters = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda field: st.lists(st.sampled_from(VALUES[field]), min_size=1, max_size=3).map(
            lambda v: Filter(field, tuple(dict.fromkeys(v)))
        )
    ),
    max_size=4,
    unique_by=lambda f: f.field,
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(query=st.sampled_from(["", *WORDS, "红楼 OR history", "-西湖"]), filters=filters, staff=st.booleans())
def test_counts_are_those_of_counting_by_hand(
    crowd: TantivyEngine, many: list[IndexDocument], query: str, filters: tuple[Filter, ...], staff: bool
) -> None:
    names: tuple[FacetName, ...] = ("type", "member", "class", "decade", "language", "subject", "available")
    result = crowd.search(SearchRequest(query=query, filters=filters, facets=names, staff=staff, limit=100))
    wanted = {"": set(WORDS), "-西湖": {"红楼", "history"}, "红楼 OR history": {"红楼", "history"}}.get(query, {query})
    asked = [d for d in many if d.title in wanted and (staff or d.public)]
    assert result.total == sum(all(passes(d, f, staff) for f in filters) for d in asked)
    for facet in result.facets:
        others = [f for f in filters if f.field != facet.name]
        left = [d for d in asked if all(passes(d, f, staff) for f in others)]
        by_hand = Counter(v for d in left for v in values_of(d, facet.name, staff))
        ticked = {v for f in filters if f.field == facet.name for v in f.values}
        assert {v.value: v.count for v in facet.values if v.count} == dict(by_hand)
        assert {v.value for v in facet.values if v.selected} == ticked


def test_a_ticked_value_is_shown_even_when_it_is_rare(crowd: TantivyEngine) -> None:
    request = SearchRequest(filters=(Filter("member", ("hspl", "nobody")),), facets=("member",), facet_size=1)
    shown = {v.value: v for v in crowd.search(request).facets[0].values}
    assert shown["hspl"].selected
    assert shown["hspl"].count > 0
    assert (shown["nobody"].count, shown["nobody"].selected) == (0, True)


def test_values_have_names_in_both_languages(engine: TantivyEngine) -> None:
    result = engine.search(SearchRequest(facets=FACETS))
    names = {(f.name, v.value): (v.label.zh, v.label.en) for f in result.facets for v in f.values}
    assert names["class", "I"] == ("I 文学", "I Literature")
    assert names["decade", "1980"] == ("1980年代", "1980s")
    assert names["language", "chi"] == ("中文", "Chinese")
    assert names["city", "3301"] == ("杭州市", "Hangzhou")
    assert names["system", "university"] == ("高校图书馆", "University libraries")
    assert names["member", "zjsl"] == ("省图", "Provincial")
    assert names["type", "guji"] == ("古籍", "Early Chinese book")
    assert names["collection", "local"] == ("地方文献", "Local history")
    assert [f.label.zh for f in result.facets][:4] == ["文献类型", "载体", "馆系统", "地市"]


def test_every_main_class_has_a_name() -> None:
    from catalog_api.search.labels import class_name

    assert all(class_name(letter).zh != letter for letter in "ABCDEFGHIJKNOPQRSTUVXZ")


def test_requests_are_kept_within_bounds(engine: TantivyEngine) -> None:
    odd = SearchRequest(
        limit=10**9,
        offset=-5,
        facet_size=10**9,
        facets=("type", "type", "nonsense"),
        filters=(Filter("nonsense", ("x",)), Filter("type", ())),  # type: ignore[arg-type]
    )
    result = engine.search(odd)
    assert (result.total, [f.name for f in result.facets]) == (8, ["type"])

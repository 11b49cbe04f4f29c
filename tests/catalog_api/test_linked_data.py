"""Permalinks as linked data: what a cataloguer would look for in the graph, and graphs of anything that a library may send."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.compare import isomorphic

from catalog_api.linked_data import BF, MEDIA_TYPES, RELATORS, SDO, accepted, document, graph
from schemas.bib import (
    Agent,
    BibRecord,
    Classification,
    Extent,
    Identifier,
    Link,
    Note,
    Publication,
    Series,
    Subject,
    Title,
)
from schemas.cluster import ClusterView, MergedRecord
from schemas.holding import Holding, Item
from schemas.member import Member, read_members
from schemas.settings import CHECKOUT

BASE = "https://catalogue.example/"
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib warns of itself
PAGE = "https://catalogue.example/record/17"
INSTANCE, WORK = URIRef(PAGE + "#instance"), URIRef(PAGE + "#work")


def view(bib: BibRecord) -> ClusterView:
    return ClusterView(17, MergedRecord(bib), [1], ["zjsl"], "2026-01-02T03:04:05Z")


@pytest.fixture(scope="module")
def members() -> dict[str, Member]:
    return read_members(Path(CHECKOUT / "config" / "members"))


@pytest.fixture(scope="module")
def dream(members: dict[str, Member]) -> Graph:
    bib = BibRecord(
        titles=[Title("红楼梦", responsibility="曹雪芹著"), Title("石头记", "variant")],
        agents=[Agent("曹雪芹", role="aut", primary=True), Agent("霍克思", role="trl", original_name="Hawkes, David")],
        identifiers=[Identifier("isbn", "9787020002207"), Identifier("isbn", "9787020002208", valid=False)],
        publication=[Publication("北京", "人民文学出版社", "1982", 1982)],
        extent=Extent("3册", volumes=3),
        classes=[Classification("clc", "I242.4", "5")],
        subjects=[Subject(["章回小说", "中国", "清代"], scheme="cct"), Subject(["北京"], "place")],
        notes=[Note("宝黛故事。", "abstract")],
        languages=["chi"],
        content="text",
        carrier="print",
    )
    shelf = Holding("zjsl", location="文学书库", call_number="I242.4/12", items=[Item("B1", "available")])
    return graph(view(bib), [shelf], members, BASE)


def test_the_manifestation_is_an_instance_and_a_book(dream: Graph) -> None:
    assert set(dream.objects(INSTANCE, RDF.type)) == {BF.Instance, BF.Print, SDO.Book}
    assert dream.value(INSTANCE, BF.instanceOf) == WORK
    assert dream.value(INSTANCE, SDO.name) == Literal("红楼梦")
    assert dream.value(INSTANCE, SDO.alternateName) == Literal("石头记")
    assert list(dream.objects(INSTANCE, SDO.isbn)) == [Literal("9787020002207")]
    assert dream.value(INSTANCE, SDO.datePublished) == Literal("1982")
    assert len(list(dream.objects(INSTANCE, BF.identifiedBy))) == 2
    assert dream.value(URIRef(PAGE + "#identifier-2"), BF.status) is not None


def test_who_did_what(dream: Graph) -> None:
    roles = {
        dream.value(c, BF.role): dream.value(dream.value(c, BF.agent), RDFS.label)
        for c in dream.objects(WORK, BF.contribution)
    }
    assert roles == {RELATORS.aut: Literal("曹雪芹"), RELATORS.trl: Literal("霍克思")}
    assert dream.value(dream.value(INSTANCE, SDO.translator), SDO.alternateName) == Literal("Hawkes, David")


def test_what_it_is_about_and_where_it_is_classed(dream: Graph) -> None:
    assert {dream.value(s, RDFS.label) for s in dream.objects(WORK, BF.subject)} == {
        Literal("章回小说--中国--清代"),
        Literal("北京"),
    }
    classed = dream.value(WORK, BF.classification)
    assert dream.value(classed, BF.classificationPortion) == Literal("I242.4")
    assert dream.value(dream.value(classed, BF.source), RDFS.label) == Literal("clc")


def test_who_has_it(dream: Graph) -> None:
    item = dream.value(INSTANCE, BF.hasItem)
    library = dream.value(item, BF.heldBy)
    assert library == URIRef("https://catalogue.example/api/v1/members/zjsl")
    assert Literal("之江省图书馆", lang="zh") in set(dream.objects(library, RDFS.label))
    assert dream.value(dream.value(item, BF.shelfMark), RDFS.label) == Literal("I242.4/12")
    assert dream.value(dream.value(INSTANCE, SDO.offers), SDO.availability) == SDO.InStock


@pytest.mark.parametrize("media_type", list(MEDIA_TYPES.values()))
def test_every_serialisation_says_the_same(dream: Graph, members: dict[str, Member], media_type: str) -> None:
    bib = BibRecord(titles=[Title("西湖志 <&\"'>")], agents=[Agent("李卫", country="清")], languages=["chi"])
    made = graph(view(bib), [], members, BASE)
    text = document(view(bib), [], members, BASE, media_type)
    assert isomorphic(Graph().parse(data=text, format=media_type), made)
    assert document(view(bib), [], members, BASE, media_type) == text


texts = st.text(max_size=12)


@settings(max_examples=60, deadline=None)
@given(texts, texts, texts, st.sampled_from(list(MEDIA_TYPES.values())))
def test_whatever_stands_in_a_record_the_graph_can_be_written_and_read(a: str, b: str, c: str, media_type: str) -> None:
    bib = BibRecord(
        titles=[Title(a, subtitle=b, romanised=c)],
        agents=[Agent(b, role=c)],
        identifiers=[Identifier("local", a)],
        publication=[Publication(a, b, c)],
        series=[Series(a, b)],
        subjects=[Subject([a, b], scheme=c)],
        classes=[Classification(a, b)],
        notes=[Note(a), Note(c, "abstract")],
        links=[Link("http://" + a)],
        languages=[b],
    )
    holdings = [Holding(a or "x", call_number=b, location=c, url="https://" + c)]
    text = document(view(bib), holdings, {}, BASE, media_type)
    assert len(Graph().parse(data=text, format=media_type)) == len(graph(view(bib), holdings, {}, BASE))


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("", ""),
        ("*/*", ""),
        ("text/html,application/xhtml+xml,*/*;q=0.8", ""),
        ("application/ld+json", "application/ld+json"),
        ("text/turtle;q=0.9, application/rdf+xml;q=0.5", "text/turtle"),
        ("text/html;q=0.5, text/turtle", "text/turtle"),
        ("text/turtle, text/html", "text/turtle"),
        ("text/html, text/turtle", ""),
        ("*/*, text/turtle", "text/turtle"),
        ("text/turtle;q=0", ""),
        ("text/turtle;q=lots", ""),
        ("application/pdf", ""),
        (";;,,q=", ""),
    ],
)
def test_negotiation(accept: str, answer: str) -> None:
    assert accepted(accept) == answer

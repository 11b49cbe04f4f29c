"""What a cataloguer expects of the merged description, and that the order of records is nothing to it."""

from __future__ import annotations

import itertools

from normalise.merge import Source, completeness, merge
from schemas.bib import Agent, BibRecord, Classification, Edition, Extent, Identifier, Note, Publication, Subject, Title
from schemas.cluster import Provenance

NLC = BibRecord(
    titles=[Title("活着", responsibility="余华著")],
    agents=[Agent("余华", role="aut", role_text="著", primary=True)],
    identifiers=[Identifier("isbn", "9787506341271"), Identifier("local", "001")],
    publication=[Publication("北京", "作家出版社", "2008", 2008)],
    subjects=[Subject(["长篇小说", "中国", "当代"], scheme="cct")],
    classes=[Classification("clc", "I247.57", "5")],
    languages=["chi"], agencies=["NLC"], source_format="cnmarc",
)  # fmt: skip
COUNTY = BibRecord(
    titles=[Title("活着", subtitle="长篇小说", romanised="huo zhe"), Title("活著", kind="cover"), Title("To live", kind="parallel")],
    agents=[Agent("余华", role="aut", dates="1960-")],
    identifiers=[Identifier("isbn", "9787506341271", qualifier="精装"), Identifier("isbn", "9787506341272", valid=False)],
    edition=Edition("第1版", 1),
    publication=[Publication("北京", "作家出版社", "2008", 2008)],
    extent=Extent("191页", pages=191, size="21cm"),
    subjects=[Subject(["长篇小说", "中国", "当代"]), Subject(["福贵"], kind="free")],
    notes=[Note("书脊破损", "copy"), Note("讲述福贵的一生", "abstract")],
    languages=["chi"], source_format="cnmarc",
)  # fmt: skip
SHOP = BibRecord(
    titles=[Title("活着（畅销百万册）")], publication=[Publication(publisher="作家", year=2012)], identifiers=[Identifier("isbn", "9787506341271")],
    notes=[Note("讲述福贵的一生，震撼人心，不可不读", "abstract")], source_format="csv",
)  # fmt: skip


def sources() -> list[Source]:
    made = [(1, "zjsl", NLC), (2, "lxcl", COUNTY), (3, "whbk", SHOP)]
    return [Source(id, member, (member, "main", str(id)), bib) for id, member, bib in made]


def test_field_by_field_with_provenance() -> None:
    merged = merge(sources())
    bib = merged.bib
    title = bib.titles[0]
    assert (title.text, title.responsibility, title.romanised, title.subtitle) == (
        "活着",
        "余华著",
        "huo zhe",
        "长篇小说",
    )
    assert [t.text for t in bib.titles[1:]] == ["To live", "活着（畅销百万册）"]
    assert bib.agents == [Agent("余华", role="aut", role_text="著", primary=True, dates="1960-")]
    assert [(i.value, i.qualifier, i.valid) for i in bib.identifiers] == [
        ("9787506341271", "精装", True),
        ("9787506341272", "", False),
    ]
    assert bib.publication[0].year == 2008
    assert bib.extent is not None and bib.extent.pages == 191
    assert [s.parts[0] for s in bib.subjects] == ["长篇小说", "福贵"]
    assert [n.text for n in bib.notes] == ["讲述福贵的一生，震撼人心，不可不读"]
    assert merged.sources["titles"][0] == Provenance("zjsl", 1)
    assert merged.sources["extent"] == [Provenance("lxcl", 2)]
    assert merged.sources["notes"] == [Provenance("whbk", 3)]
    assert set(merged.sources) <= set(BibRecord.__struct_fields__)


def test_the_order_of_the_records_is_nothing() -> None:
    expected = merge(sources())
    for order in itertools.permutations(sources()):
        assert merge(order) == expected


def test_one_record_is_itself() -> None:
    merged = merge(sources()[:1])
    assert merged.bib is NLC
    assert merged.sources["titles"] == [Provenance("zjsl", 1)]
    assert "notes" not in merged.sources
    assert completeness(NLC) > completeness(SHOP)

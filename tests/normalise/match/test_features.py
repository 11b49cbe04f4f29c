"""A CNMARC and a MARC21 description of one book get rows and keys that meet."""

from __future__ import annotations

import msgspec

from normalise.match.features import FeatureRow, feature_row
from normalise.match.judge import explain
from normalise.match.keys import keys, readable_keys
from normalise.match.names import person, publisher_key
from normalise.match.offline import cluster, pairs
from schemas.bib import Agent, BibRecord, Extent, Identifier, Publication, Title

CNMARC = BibRecord(
    titles=[Title("百年孤独", subtitle="长篇小说")],
    agents=[Agent("加西亚·马尔克斯", role="aut", country="哥伦", primary=True), Agent("范晔", role="trl")],
    identifiers=[Identifier("isbn", "9787544253994", price="CNY39.50")],
    publication=[Publication(place="海口", publisher="南海出版公司", year=2011)],
    extent=Extent("360页", pages=360, size="21cm"),
    languages=["chi"], content="text", carrier="print", source_format="cnmarc",
)  # fmt: skip
MARC21 = BibRecord(
    titles=[Title("百年孤獨", romanised="Bai nian gu du")],
    agents=[Agent("马尔克斯", role="aut", original_name="García Márquez, Gabriel", primary=True), Agent("范曄", role="trl")],
    identifiers=[Identifier("isbn", "9787544253994")],
    publication=[Publication(place="Haikou", publisher="南海出版", year=2011)],
    extent=Extent("4, 360 p. ; 22 cm", pages=4, size="22 cm"),
    languages=["chi"], content="text", carrier="print", source_format="marc21",
)  # fmt: skip


def test_two_formats_of_one_book() -> None:
    one, two = (feature_row(bib, record_id=i, member="zjsl") for i, bib in enumerate((CNMARC, MARC21)))
    assert (one.title, one.pages, one.publisher, one.surnames) == ("百年孤独", 360, "南海", ["马尔克斯"])
    assert (two.title, two.pages, two.publisher, two.translators) == ("百年孤独", 360, "南海", ["范晔"])
    assert "typ|百年孤独||2011|南海" in set(readable_keys(one)) & set(readable_keys(two))
    assert explain(one, two).decision == "match"


def test_digest_is_of_content_alone() -> None:
    one, two = feature_row(CNMARC, record_id=1, member="zjsl"), feature_row(CNMARC, record_id=2, member="htcl")
    assert one.digest == two.digest != feature_row(MARC21, record_id=1, member="zjsl").digest
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=FeatureRow) == one


def test_keys_are_signed_64_bit_each_once_and_none_for_guji() -> None:
    row = feature_row(CNMARC, record_id=1, member="zjsl")
    found = keys(row)
    assert len(found) == len(set(found)) > 5
    assert all(-(2**63) <= key < 2**63 for key in found)
    row.guji = True
    assert keys(row) == []
    assert keys(feature_row(BibRecord(), record_id=1, member="zjsl")) == []


def test_names() -> None:
    assert person("Hughes, John M.") == ("hughes john m", "hughes")
    assert person("(美)约翰·M. 休斯")[1] == "休斯"
    assert person("余华") == ("余华", "余华")
    assert publisher_key("人民文学出版社") == "人民文学"
    assert publisher_key("The Macmillan Company") == publisher_key("Macmillan & Co.") == "macmillan"


def test_offline_needs_no_database() -> None:
    other = BibRecord(
        titles=[Title("围城")],
        agents=[Agent("钱锺书", role="aut")],
        publication=[Publication(publisher="人民文学出版社", year=1980)],
    )
    records = [("zjsl", "a", CNMARC), ("htcl", "b", MARC21), ("htcl", "c", other)]
    found = list(pairs(records, [("a", "b"), ("a", "c"), ("a", "z")]))
    assert [row.decision for row in found] == ["match", "no", "unknown"]
    assert "isbn-shared" in found[0].reasons.split()
    numbers = [number for _, _, number in cluster(records)]
    assert numbers == [1, 1, 2]

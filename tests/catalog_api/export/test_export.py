"""Exports that other systems read back: MARC both ways, tables, whole catalogues."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pymarc import MARCReader

from catalog_api.export import FORMATS, Entry, export, write
from catalog_api.export.cnmarc import cnmarc
from catalog_api.export.fields import iso2709, marcxml
from catalog_api.export.marc21 import marc21
from catalog_api.export.tables import COLUMNS, guarded
from normalise.crosswalk import describe
from normalise.read import read
from schemas.bib import (
    Agent,
    BibRecord,
    Classification,
    Edition,
    Extent,
    Identifier,
    Link,
    Note,
    Publication,
    Relation,
    Series,
    Subject,
    Title,
)
from schemas.errors import WenlanError
from schemas.holding import Holding, Item
from schemas.raw import RawRecord

BOOK = BibRecord(
    titles=[
        Title(
            "红楼梦",
            subtitle="校注本",
            part_number="第1册",
            part_name="宝玉",
            responsibility="(清)曹雪芹著",
            romanised="Hong lou meng",
        ),
        Title("石头记", "variant"),
        Title("The dream of the red chamber", "parallel"),
    ],
    agents=[
        Agent("曹雪芹", role="aut", role_text="著", country="清", primary=True),
        Agent("人民文学出版社编辑部", "corporate", "edt", "编"),
    ],
    identifiers=[
        Identifier("isbn", "9787020002207", qualifier="精装", price="CNY59.70"),
        Identifier("cn_unified", "10019·2202"),
        Identifier("nlc", "000123456"),
    ],
    edition=Edition("第2版", 2),
    publication=[Publication("北京", "人民文学出版社", "1982", 1982)],
    extent=Extent("3册", None, 3, "插图", "21cm"),
    series=[Series("中国古典文学读本丛书", "5")],
    subjects=[Subject(["章回小说", "中国", "清代"]), Subject(["宝玉"], "free")],
    classes=[Classification("clc", "I242.4", "5")],
    notes=[Note("宝黛故事。", "abstract"), Note("有图。")],
    links=[Link("https://example.org/hlm")],
    languages=["chi"],
    level="volume",
    content="text",
    carrier="print",
    country="CN",
)
SERIAL = BibRecord(
    titles=[Title("中国图书馆学报")],
    agents=[Agent("中国图书馆学会", "corporate", "isb", "主办", primary=True)],
    identifiers=[
        Identifier("issn", "1001-8867"),
        Identifier("cn_serial", "CN 11-2746/G2"),
        Identifier("cn_order", "2-408"),
    ],
    publication=[Publication("北京", "国家图书馆", "1957-", 1957)],
    relations=[Relation("preceding", "图书馆学通讯")],
    level="serial",
    languages=["chi"],
    content="text",
    carrier="print",
    country="CN",
)
SHELF = [Holding("zjsl", "总馆", "文学书库", "I242.4/12", 2, [Item("B1", "available"), Item("B2", "loaned")])]


def entry(bib: BibRecord) -> Entry:
    return Entry(
        id=17,
        url="https://c.example/record/17",
        bib=bib,
        datestamp="2026-01-02T03:04:05Z",
        members=["zjsl"],
        holdings=SHELF,
    )


def read_back(data: bytes, container: str, schema: str) -> BibRecord:
    raw = RawRecord(local_id="17", container=container, bytes=data)  # type: ignore[arg-type]
    return describe(read(raw, schema_hint=schema), [])


@pytest.mark.parametrize("schema", ["marc21", "cnmarc"])
@pytest.mark.parametrize("container", ["iso2709", "marcxml"])
@pytest.mark.parametrize("bib", [BOOK, SERIAL], ids=["book", "serial"])
def test_an_exported_record_is_read_back_as_it_was(bib: BibRecord, container: str, schema: str) -> None:
    record = (marc21 if schema == "marc21" else cnmarc)(entry(bib))
    found = read_back(iso2709(record) if container == "iso2709" else marcxml(record), container, schema)
    assert found.source_format == schema
    main, expected = found.titles[0], bib.titles[0]
    assert (main.text, main.subtitle, main.part_number, main.part_name) == (
        expected.text, expected.subtitle, expected.part_number, expected.part_name,
    )  # fmt: skip
    assert {t.text for t in bib.titles} <= {t.text for t in found.titles}
    assert [(a.name, a.role, a.kind, a.primary) for a in found.agents] == [
        (a.name, a.role, a.kind, a.primary) for a in bib.agents
    ]
    wanted = {(i.kind, i.value) for i in bib.identifiers}
    assert {(i.kind, i.value) for i in found.identifiers} >= (
        wanted if schema == "cnmarc" else {w for w in wanted if w[0] in ("isbn", "issn", "nlc", "cn_unified")}
    )
    assert (found.publication[0].place, found.publication[0].publisher, found.publication[0].year) == (
        bib.publication[0].place, bib.publication[0].publisher, bib.publication[0].year,
    )  # fmt: skip
    assert [s.title for s in found.series] == [s.title for s in bib.series]
    assert [(c.scheme, c.value) for c in found.classes] == [(c.scheme, c.value) for c in bib.classes]
    assert [s.parts for s in found.subjects] == [s.parts for s in bib.subjects]
    assert [n.text for n in found.notes if n.kind == "abstract"] == [n.text for n in bib.notes if n.kind == "abstract"]
    assert (found.languages, found.level, found.content, found.carrier) == (
        bib.languages,
        bib.level,
        bib.content,
        bib.carrier,
    )
    assert [r.kind for r in found.relations if r.kind != "series"] == [r.kind for r in bib.relations]


def test_other_programs_read_the_marc21(tmp_path: Any) -> None:
    records = list(
        MARCReader(
            io.BytesIO(
                b"".join(write([entry(BOOK), entry(SERIAL)], "iso2709", members={}, base_url="https://c.example"))
            )
        )
    )
    assert [r.title for r in records if r] == ["红楼梦 校注本", "中国图书馆学报"]
    assert records[0] is not None
    assert records[0].isbn == "9787020002207"
    assert len(records[0]["008"].data) == 40
    assert [f["h"] for f in records[0].get_fields("852")] == ["I242.4/12"]


def test_a_cnmarc_leader_and_coded_field_are_as_the_format_has_them() -> None:
    record = cnmarc(entry(BOOK))
    data = iso2709(record)
    assert int(data[:5]) == len(data)
    assert data[5:12] == b"nam0 22"
    assert data[17:24] == b"   450 "
    assert len(record["100"]["a"]) == 36
    assert record["100"]["a"].startswith("20260102d1982    em y0chiy50")
    assert record["905"]["s"] == "I242.4/12"


def test_what_is_too_long_for_iso2709_is_cut_not_broken() -> None:
    long = msgspec.structs.replace(
        BOOK,
        notes=[Note("长" * 40_000, "abstract"), *(Note("注" * 900) for _ in range(60))],
        titles=[Title("书" * 8000)],
    )
    for made in (marc21(entry(long)), cnmarc(entry(long))):
        data = iso2709(made)
        assert len(data) <= 99_999
        assert int(data[:5]) == len(data)
        found = read_back(data, "iso2709", "marc21" if data[9:10] == b"a" else "cnmarc")
        assert found.titles[0].text.startswith("书书书")


def test_a_record_with_everything_too_long_does_not_take_the_next_one_with_it() -> None:
    """Many long subfields in a field of five, many long fields that no list of spare ones names, a long local id."""
    long = "长" * 3000
    vast = BibRecord(
        titles=[Title(long, subtitle=long, part_number=long, responsibility=long, others=[long] * 5)],
        publication=[Publication(long, long, long, 2001)] * 20,
        identifiers=[Identifier("isbn", long, qualifier=long, price=long)],
        subjects=[Subject([long] * 10, "free")] * 4,
    )
    shelf = Holding("zjsl", call_number=long, items=[Item(barcode=long)] * 100)
    vast_entry = Entry(id=1, url="u", bib=vast, holdings=[shelf], member="zjsl", local_id=long * 9)
    for format in ("iso2709", "iso2709-cnmarc"):
        data = b"".join(write([vast_entry, entry(BOOK)], format, members={}, base_url="https://c.example"))
        first, second = MARCReader(io.BytesIO(data), to_unicode=True, force_utf8=True)
        assert first is not None and second is not None, format
        assert max(len(f.as_marc("utf-8")) for f in first.fields) < 10_000
        assert "红楼梦" in str(second)


@pytest.mark.parametrize("format", ["ris", "bibtex", "gbt7714", "csv"])
def test_what_data_holds_does_not_steer_a_terminal_or_begin_a_reference(format: str) -> None:
    evil = "a\x00\x1b]0;x\x07\r\nER  - \r\nTY  - BOOK\x9b31m\n}\n@book{x,"
    bib = BibRecord(
        titles=[Title(evil, subtitle=evil)], agents=[Agent(evil, role="aut")], languages=[evil], publication=[Publication(evil, evil)],
        identifiers=[Identifier("isbn", evil)], series=[Series(evil, evil)], links=[Link(evil)],
    )  # fmt: skip
    text = b"".join(write([entry(bib)], format, members={}, base_url="https://c.example")).decode()
    assert not [c for c in text if c not in "\r\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
    assert sum(line.startswith(("TY  -", "@book", "@misc")) for line in text.splitlines()) <= 1
    assert sum(line.startswith("ER  -") for line in text.splitlines()) <= 1


any_text = st.text(max_size=20)


@settings(max_examples=80, deadline=None)
@given(any_text, any_text, any_text)
def test_any_text_can_be_written_as_marc(a: str, b: str, c: str) -> None:
    bib = BibRecord(
        titles=[Title(a, subtitle=b, responsibility=c)], agents=[Agent(b, role=c)], identifiers=[Identifier("isbn", a, qualifier=b)],
        notes=[Note(c)], subjects=[Subject([a, b])], classes=[Classification("clc", c)], languages=[a[:3]],
    )  # fmt: skip
    for record in (marc21(entry(bib)), cnmarc(entry(bib))):
        data = iso2709(record)
        assert int(data[:5]) == len(data)
        assert data.count(b"\x1d") == 1
        etree.fromstring(marcxml(record))


def test_marcxml_is_one_document() -> None:
    text = b"".join(write([entry(BOOK), entry(SERIAL)], "marcxml", members={}, base_url="https://c.example"))
    root = etree.fromstring(text)
    assert etree.QName(root).localname == "collection"
    assert [etree.QName(child).localname for child in root] == ["record", "record"]


def test_a_table_cannot_run_formulas() -> None:
    bib = BibRecord(
        titles=[Title('=HYPERLINK("http://evil","click")')],
        agents=[Agent("@SUM(A1)", role="aut")],
        publication=[Publication("+1", "-1", "1999", 1999)],
    )
    text = b"".join(write([entry(bib)], "csv", members={}, base_url="https://c.example")).decode("utf-8-sig")
    head, row = list(csv.reader(io.StringIO(text)))
    assert tuple(head) == COLUMNS
    cells = dict(zip(head, row, strict=True))
    assert cells["title"] == '\'=HYPERLINK("http://evil","click")'
    assert (cells["authors"], cells["place"], cells["publisher"], cells["year"]) == ("'@SUM(A1)", "'+1", "'-1", "1999")
    assert (cells["copies"], cells["available"], cells["call_numbers"]) == ("2", "1", "zjsl I242.4/12")
    assert guarded("\t=1") == "'\t=1"


@pytest.mark.parametrize("format", list(FORMATS))
def test_every_format_writes_something_and_nothing_for_nothing(format: str) -> None:
    whole = b"".join(write([entry(BOOK), entry(SERIAL)], format, members={}, base_url="https://c.example"))
    assert "红楼梦".encode() in whole
    assert "中国图书馆学报".encode() in whole
    assert "红楼梦".encode() not in b"".join(write([], format, members={}, base_url="https://c.example"))


def test_the_whole_catalogue_as_a_stream(catalogue: Any, make_book: Callable[..., BibRecord]) -> None:
    shelf = [Holding("zjsl", call_number="I242.4/12"), Holding("qtut", call_number="X/1", visibility="staff")]
    first = catalogue.put(make_book("红楼梦", "曹雪芹"), shelf)
    second = catalogue.put(make_book("西湖志"), members=["htcl", "lxcl"])
    catalogue.put(make_book("内部资料"), visibility="staff")
    catalogue.withdraw(catalogue.put(make_book("旧书")))

    def lines(what: str, **options: Any) -> list[dict[str, Any]]:
        stream = export(catalogue.connection, what, "jsonl", members={}, base_url="https://c.example", **options)
        return [msgspec.json.decode(line) for line in stream]

    assert [(line["id"], line["bib"]["titles"][0]["text"]) for line in lines("clusters")] == [
        (first, "红楼梦"),
        (second, "西湖志"),
    ]
    assert [h["member"] for h in lines("clusters")[0]["holdings"]] == ["zjsl"]
    assert len(lines("clusters", staff=True)) == 3
    assert {(line["id"], line["member"]) for line in lines("records")} == {
        (first, "qtut"), (first, "zjsl"), (second, "htcl"), (second, "lxcl"),
    }  # fmt: skip
    seen: list[int] = []
    lines("clusters", progress=seen.append)
    assert sum(seen) == 4


def test_what_cannot_be_exported_is_said(catalogue: Any) -> None:
    for what, format, code in (("shelves", "csv", "export-what"), ("clusters", "docx", "export-format")):
        with pytest.raises(WenlanError, match=code):
            list(export(catalogue.connection, what, format, members={}, base_url=""))


@pytest.mark.shared
@pytest.mark.parametrize("schema", ["marc21", "cnmarc"])
def test_real_records_are_read_back_with_their_titles_and_numbers(shared: Path, schema: str) -> None:
    """A university's records, Chinese and Western, in CNMARC and MARC 21."""
    from harvesters.files import open_file

    file = shared / "zh_dev" / "qthw.iso"
    bibs = [describe(found, []) for raw in open_file(file, name=file.name) if not (found := read(raw)).deleted]
    made = [Entry(id=n, url="", bib=bib, datestamp="2026-01-02T03:04:05Z") for n, bib in enumerate(bibs, 1)]
    data = b"".join(write(made, "iso2709" if schema == "marc21" else "iso2709-cnmarc", members={}, base_url=""))
    again = [describe(read(raw, schema_hint=schema), []) for raw in open_file(io.BytesIO(data), name="export")]
    assert len(again) == len(bibs) > 400
    for bib, found in zip(bibs, again, strict=True):
        assert [t.text for t in bib.titles[:1]] == [t.text for t in found.titles[:1]]
        assert {i.value for i in bib.identifiers if i.kind == "isbn" and i.valid} <= {
            i.value for i in found.identifiers
        }

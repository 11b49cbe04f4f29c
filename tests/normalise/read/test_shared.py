"""Every bibliographic file of the real records: what comes out is what their README counts, and nothing is lost on the way."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from harvesters.files import open_file
from normalise.read import Reading, Unreadable, read
from normalise.read.marc8 import decode
from schemas.errors import WenlanError
from schemas.raw import RawRecord

pytestmark = pytest.mark.shared

# file: (records, of which cannot be read, encodings of the readable ones)
COUNTS: dict[str, tuple[int, int, set[str]]] = {
    "cnmarc/sample_cnmarcxml.xml": (10, 0, {"utf-8"}),
    "cnmarc/sample_isohold.xml": (10, 10, set()),  # holdings only
    "cnmarc/sample_marcxml.xml": (10, 0, {"utf-8"}),
    "marc21/uva_001_2000.mrc": (2000, 0, {"utf-8", "marc-8"}),
    "marc21/pennstate-bad-rec-20221216.xml": (300, 0, {"utf-8"}),
    "marc21/lc_books_frag_01.xml": (1812, 0, {"utf-8"}),
    "marc21/charset/marc8.dat": (1, 0, {"marc-8"}),
    "marc21/charset/diacritic.dat": (1, 0, {"utf-8"}),
    "marc21/charset/1251.dat": (6, 0, {"cp1251"}),
    "marc21/charset/bad_eacc_encoding.dat": (1, 0, {"marc-8"}),
    "marc21/charset/bad_marc8_escape.dat": (1, 0, {"marc-8"}),
    "marc21/charset/utf8_with_leader_flag.dat": (1, 0, {"utf-8"}),
    "marc21/charset/utf8_without_leader_flag.dat": (1, 0, {"utf-8"}),
    "marc21/broken/utf8_invalid.mrc": (1, 0, {"utf-8"}),
    "marc21/broken/bad_indicator.dat": (1, 0, {"utf-8"}),  # what follows the first record is blanks
    "marc21/broken/bad_subfield_code.dat": (1, 0, {"utf-8"}),
    "marc21/broken/bad_records.mrc": (8, 1, {"utf-8"}),  # one has no fields
    "marc21/broken/alphatag.dat": (1, 0, {"utf-8"}),
    "marc21/broken/regression45.dat": (12, 0, {"utf-8"}),
    "unimarc/rusmarc_12.xml": (12, 0, {"utf-8"}),
    "unimarc/rusmarc_1.iso": (1, 0, {"cp1251"}),
    "unimarc/rusmarc_2.iso": (1, 0, {"cp1251"}),
    "unimarc/iccu_1.mrc": (1, 0, {"utf-8"}),
    "oai/examples/oai-response-1.xml": (4, 0, {"utf-8"}),
    "oai/examples/oai-response-2.xml": (0, 0, set()),
    "oai/examples/oai-response-3.xml": (1, 0, {"utf-8"}),
    "oai/examples/oai-response-5.xml": (3, 1, {"utf-8"}),  # a header whose record never opened
    "matching/goldfinch_val/records.jsonl.gz": (13727, 0, {"utf-8"}),
    "zh_dev/nlcs.iso": (540, 0, {"utf-8"}),
    "zh_dev/cals.iso": (423, 0, {"utf-8"}),
    "zh_dev/hzil.iso": (446, 0, {"gb18030"}),
    "zh_dev/lxil.iso": (371, 0, {"gb18030", "utf-8"}),
    "zh_dev/yhla.iso": (382, 0, {"gb18030", "utf-8"}),
    "zh_dev/qthw.iso": (465, 0, {"utf-8"}),
    "zh_dev/zdal.xml": (428, 0, {"utf-8"}),
    "zh_dev/twnc.mrc": (186, 0, {"utf-8"}),
    "zh_dev/shgx.mrc": (414, 0, {"utf-8"}),
    "zh_dev/xhbk.csv": (170, 0, {"utf-8"}),
    **{f"marc21/marc2bibframe2/{name}.xml": (99, 0, {"utf-8"})
       for name in ("british_library", "dnb", "gwu", "loc_general", "nlm", "oclc", "princeton")},
}  # fmt: skip


def load(file: Path) -> list[RawRecord]:
    return list(open_file(file, name=file.name))


def try_read(raw: RawRecord) -> Reading | None:
    try:
        return read(raw)
    except Unreadable:
        return None


@pytest.mark.parametrize("name", COUNTS)
def test_every_file_reads_as_its_readme_counts(shared: Path, name: str) -> None:
    total, refused, encodings = COUNTS[name]
    records = load(shared / name)
    readings = [try_read(raw) for raw in records]
    readable = [one for one in readings if one is not None]
    assert (len(records), len(records) - len(readable)) == (total, refused)
    assert {one.encoding for one in readable} == encodings
    assert [raw.position for raw in records] == list(range(1, total + 1))
    for one in readable:
        assert one.deleted or one.marc or one.element is not None or one.row
        assert one.marc is None or (len(one.marc.leader) == 24 and all(len(f.indicators) == 2 for f in one.marc.fields))


def test_gateway_answers_hold_16_opac_records_and_12_plain_ones(shared: Path) -> None:
    records = [raw for file in sorted((shared / "z3950" / "responses").iterdir()) for raw in load(file)]
    assert Counter(raw.container for raw in records) == {"opacxml": 16, "marcxml": 12}
    readings = [read(raw) for raw in records]
    assert sum(one.opac is not None for one in readings) == 16
    assert sum(one.opac is not None and len(one.opac) > 0 for one in readings) == 15  # an e-book has none
    assert [one.findings[0].code for one in readings if one.marc is not None and not one.marc.fields] == [
        "no-bibliographic-part"
    ]


def test_ids_are_those_of_the_truth(shared: Path) -> None:
    folder = shared / "zh_dev"
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        truth = {(row["library"], row["local_id"]): row["flags"].split(";") for row in csv.DictReader(file)}
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".iso", ".mrc", ".xml") or file.name == "xhbk.csv":
            library = file.stem if file.parent == folder else file.parent.name
            found.update({(library, raw.local_id): read(raw) for raw in load(file)})
    assert found.keys() == truth.keys()
    assert {key for key, one in found.items() if one.deleted} == {
        key for key, flags in truth.items() if "deleted" in flags
    }
    reported = {
        "bad_leader_length": "length-wrong", "char_lengths": "length-in-characters", "half_char": "characters-replaced",
        "invalid_xml_char": "control-characters", "no_terminator": "no-terminator", "stray_terminator": "stray-terminator",
        "mixed_encoding": "charset-code-wrong", "enc_flag": "charset-code-wrong",
    }  # fmt: skip
    damage = set(reported.values()) - {"charset-code-wrong"}
    for key, flags in truth.items():
        codes = {finding.code for finding in found[key].findings}
        expected = {
            reported[flag.removeprefix("damaged:")] for flag in flags if flag.removeprefix("damaged:") in reported
        }
        assert expected - {"charset-code-wrong"} == codes & damage, key
        both_wrong = {"enc_flag", "damaged:mixed_encoding"} <= set(flags)  # two wrongs, and the code is right
        if "charset-code-wrong" in expected and found[key].marc is not None and not both_wrong:
            assert "charset-code-wrong" in codes, key
    texts = [v for one in found.values() if one.marc for f in one.marc.fields for _, v in f.subfields]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    assert sum("\ufffd" in text for text in texts) == sum("damaged:half_char" in flags for flags in truth.values())


def test_marc8_strings(shared: Path) -> None:
    folder = shared / "marc21" / "charset"
    lines = (folder / "test_marc8.txt").read_bytes().split(b"\n")
    expected = (folder / "test_utf8.txt").read_bytes().decode().split("\n")
    assert [decode(line) for line in lines] == [(line, 0) for line in expected]


def test_files_that_hold_no_records_are_refused(shared: Path) -> None:
    for name in ("cnmarc/cnmarc_marcdef.xml", "oai/OAI-PMH.xsd", "licences/BSD-2-Clause-marcrecord.txt", "README.md"):
        with pytest.raises(WenlanError, match="file-not-records"):
            load(shared / name)
    with pytest.raises(WenlanError, match="file-oai-identifiers"):
        load(shared / "oai" / "examples" / "oai-response-4.xml")

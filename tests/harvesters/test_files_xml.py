"""Records cut out of XML: kinds, namespaces, and ill-formed records that cost no neighbour."""

from __future__ import annotations

import contextlib
import io
import json
import time

import pytest

from harvesters.files import open_file
from schemas.errors import WenlanError
from schemas.raw import RawRecord


def read(text: str | bytes) -> list[RawRecord]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(open_file(io.BytesIO(data), name="t.xml"))


def marc(number: str, inside: str = "") -> str:
    return (
        f'<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">{number}</controlfield>{inside}'
        '<datafield tag="245" ind1="0" ind2="0"><subfield code="a">家 &amp; 春</subfield></datafield></record>'
    )


SLIM = "http://www.loc.gov/MARC21/slim"
OAI = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024</responseDate><ListRecords>{}</ListRecords></OAI-PMH>'


def collection(*records: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{SLIM}">\n'
        + "\n".join(records)
        + "\n</collection>"
    )


def oai(number: int, payload: str = "<dc:dc xmlns:dc='x'/>", status: str = "") -> str:
    header = f"<header{status}><identifier>oai:x:{number}</identifier><datestamp>2024-01-0{number}</datestamp></header>"
    return f"<record>{header}" + (f"<metadata>{payload}</metadata>" if payload else "") + "</record>"


def test_marcxml_slices_are_verbatim_and_know_their_namespaces() -> None:
    text = collection(marc("1"), "<!-- <record>not this</record> -->", marc("2", "<!-- </record> -->"), marc("3"))
    found = read(text)
    assert [one.local_id for one in found] == ["1", "2", "3"]
    assert all(text.encode()[one.offset :].startswith(one.bytes) for one in found)
    assert found[0].bytes.decode() == marc("1")
    assert json.loads(found[0].context) == {"": SLIM}
    assert found[0].encoding == "utf-8"


def test_prefixes_and_deleted_leaders() -> None:
    text = (
        f'<m:collection xmlns:m="{SLIM}"><m:record type="a>b"><m:leader>00000dam a2200000 a 4500</m:leader>'
        "<m:controlfield tag='001'> 7 </m:controlfield></m:record><m:record/></m:collection>"
    )
    found = read(text)
    assert [(one.local_id[:2], one.deleted) for one in found] == [("7", True), ("h:", False)]


@pytest.mark.parametrize(
    "broken",
    [
        marc("2").replace("</record>", ""),
        marc("2").replace("<record>", ""),
        marc("2").replace("</record>", "</recXrd>"),
        marc("2").replace("<record>", "<recXrd>"),
        marc("2", "<!-- never closed "),
        marc("2").replace("<subfield", "<subfield <"),
        marc("2", "<record>"),
        marc("2", "</record>"),
    ],
)
def test_an_ill_formed_record_costs_no_neighbour(broken: str) -> None:
    found = read(collection(marc("1"), broken, marc("3"), marc("4")))
    good = [one.bytes.decode() for one in found if not one.problem]
    assert good[0] == marc("1")
    assert good[-2:] == [marc("3"), marc("4")]
    assert len(found) >= 4


def test_oai_records_take_001_before_the_identifier_and_tell_tombstones() -> None:
    inner = marc("m5").replace("<record>", f'<record xmlns="{SLIM}">')
    found = read(
        OAI.format(oai(1) + oai(2, inner) + oai(3, "", ' status="deleted"') + "<resumptionToken>t</resumptionToken>")
    )
    assert [(one.local_id, one.deleted, one.datestamp) for one in found] == [
        ("oai:x:1", False, "2024-01-01"),
        ("m5", False, "2024-01-02"),
        ("oai:x:3", True, "2024-01-03"),
    ]
    assert {one.container for one in found} == {"oai"}


@pytest.mark.parametrize(
    "broken",
    [
        oai(2).replace("</record>", ""),
        oai(2).replace("<record>", "", 1),
        oai(2, marc("m").replace("</record>", "")),
        oai(2, marc("m").replace("<record>", "<record >", 1).replace("</record>", "</rec>")),
    ],
)
def test_an_ill_formed_oai_record_costs_no_neighbour(broken: str) -> None:
    found = read(OAI.format(oai(1) + broken + oai(3)))
    assert [one.bytes.decode() for one in found if not one.problem] == [oai(1), oai(3)]
    assert [one.problem for one in found if one.problem] == ["xml-malformed"]


def test_a_piece_of_a_record_outside_of_any_is_kept_whole() -> None:
    header = "<header><identifier>x</identifier></header></record>"
    found = read(OAI.format(oai(1) + header + oai(3)))
    assert found[1].container == "unknown"
    assert found[1].bytes.decode() == header


def test_sru_answers_hold_marcxml_opac_records_and_what_is_none() -> None:
    wrap = "<zs:record><zs:recordSchema/><zs:recordData>{}</zs:recordData></zs:record>"
    bare = marc("1").replace("<record>", f'<record xmlns="{SLIM}">')
    opac = f"<opacRecord><bibliographicRecord>{bare}</bibliographicRecord><holdings/></opacRecord>"
    packed = marc("9").replace("<", "&lt;").replace(">", "&gt;")
    holdings = '<holdings xmlns="http://www.loc.gov/standards/iso20775/"><holding/></holdings>'
    inside = "".join(wrap.format(part) for part in (bare, opac, packed, holdings, ""))
    space = "http://docs.oasis-open.org/ns/search-ws/sruResponse"
    found = read(
        f'<zs:searchRetrieveResponse xmlns:zs="{space}"><zs:records>{inside}</zs:records></zs:searchRetrieveResponse>'
    )
    assert [(one.container, one.problem) for one in found] == [
        ("marcxml", ""),
        ("opacxml", ""),
        ("marcxml", ""),
        ("unknown", "holdings-only"),
        ("unknown", "unknown-payload"),
    ]
    assert [one.local_id for one in found[:3]] == ["1", "1", "9"]
    assert found[1].bytes.decode() == opac


def test_a_doctype_is_reported_and_never_interpreted() -> None:
    doctype = '<!DOCTYPE collection [<!ENTITY a "<record>aaaa</record>"><!ENTITY b "&a;&a;&a;">]>'
    found = read(
        doctype + f'<collection xmlns="{SLIM}">' + marc("1").replace("家", "&b;") + marc("2") + "</collection>"
    )
    assert [(one.container, one.problem) for one in found] == [
        ("unknown", "xml-doctype"),
        ("marcxml", ""),
        ("marcxml", ""),
    ]
    assert found[0].bytes.decode() == doctype


def test_utf16_and_gbk_xml() -> None:
    text = f'<collection xmlns="{SLIM}">{marc("1")}{marc("2")}</collection>'
    assert [one.local_id for one in read(text.encode("utf-16"))] == ["1", "2"]
    declared = '<?xml version="1.0" encoding="GBK"?>' + text
    assert [(one.local_id, one.encoding) for one in read(declared.encode("gbk"))] == [("1", "gbk"), ("2", "gbk")]


def until_the_cut(text: str, code: str) -> list[RawRecord]:
    found = []
    with pytest.raises(WenlanError, match=code):
        for one in open_file(io.BytesIO(text.encode()), name="t.xml"):
            found.append(one)
    return found


def test_a_cut_file_keeps_its_tail_and_says_so() -> None:
    text = collection(marc("1"), marc("2"))
    found = until_the_cut(text[: text.rindex("</datafield>")], "file-truncated")
    assert [one.problem for one in found] == ["", "truncated"]
    assert found[1].local_id == "2"


def test_a_file_that_is_cut_between_two_records_says_so_at_the_end() -> None:
    text = collection(marc("1"), marc("2"))
    found = until_the_cut(text[: text.rindex("</collection>")], "file-truncated-xml")
    assert [one.local_id for one in found] == ["1", "2"]
    halfway = until_the_cut(text[: text.rindex("</collection>") + 5], "file-truncated")
    assert [(one.local_id[:2], one.problem) for one in halfway] == [("1", ""), ("2", ""), ("h:", "truncated")]


def test_hostile_markup_takes_no_longer_than_other_markup() -> None:
    for text in ("<record a='" + "x " * 500_000, "<!DOCTYPE a [ " + "] " * 300_000, "<record" + " a=" * 300_000):
        started = time.process_time()
        with contextlib.suppress(WenlanError):
            read("<collection>" + text)
        assert time.process_time() - started < 2

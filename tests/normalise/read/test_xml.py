"""XML, JSON and CSV to readings."""

from __future__ import annotations

import json

import pytest

from normalise.read import Unreadable, read
from schemas.marc import MarcField
from schemas.raw import Container, RawRecord

SLIM = "http://www.loc.gov/MARC21/slim"
MARC = (
    "<record><leader>00000nam a2200000 a 4500</leader><controlfield tag=\"001\"> 7 </controlfield>"
    '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">家 &amp; 春\n  秋</subfield><subfield code="b"/></datafield></record>'
)  # fmt: skip
SCOPE = json.dumps({"": SLIM})


def raw(text: str | bytes, container: Container = "marcxml", **more: str) -> RawRecord:
    data = text if isinstance(text, bytes) else text.encode()
    return RawRecord("x", container, data, **more)  # type: ignore[arg-type]


def test_marcxml_with_its_context() -> None:
    result = read(raw(MARC, context=SCOPE))
    assert result.marc is not None
    assert result.marc.leader == "00000nam a2200000 a 4500"
    assert result.marc.fields == [
        MarcField("001", " 7 "),
        MarcField("245", "", "10", [("a", "家 & 春 秋".replace("春 秋", "春   秋")), ("b", "")]),
    ]
    assert result.findings == []


def test_the_nlc_namespace_and_turbomarc() -> None:
    nlc = read(raw(MARC.replace("<record>", '<record xmlns="http://www.nlc.cn/">')))
    assert nlc.marc is not None
    assert nlc.marc.schema == "cnmarc"
    turbo = read(
        raw(
            '<r xmlns="http://www.indexdata.com/turbomarc"><l>00000nam a2200000 a 4500</l><c001>7</c001><d245 i1="1" i2="0"><sa>家</sa></d245></r>'
        )
    )
    assert turbo.marc is not None
    assert turbo.marc.fields == [MarcField("001", "7"), MarcField("245", "", "10", [("a", "家")])]


def test_stray_characters_are_taken_out_with_their_place() -> None:
    for bad in ("\x0b", "&#31;", "&#x1F;"):
        result = read(raw(MARC.replace("秋", "秋" + bad), context=SCOPE))
        assert result.marc is not None
        assert "秋" in result.marc.fields[1].get("a")
        (finding,) = result.findings
        assert (finding.code, finding.field, finding.args["count"]) == ("control-characters", "245", "1")
        assert finding.byte == MARC.encode().index("秋".encode()) + 3


def test_half_characters_are_replaced_with_their_place() -> None:
    data = MARC.encode().replace("春".encode(), "春".encode()[:2])
    result = read(raw(data, context=SCOPE))
    (finding,) = result.findings
    assert (finding.code, finding.field) == ("characters-replaced", "245")
    assert finding.byte == MARC.encode().index("春".encode())


def test_html_entities_and_forgotten_prefixes() -> None:
    result = read(raw(MARC.replace("&amp;", "&eacute;"), context=SCOPE))
    assert result.marc is not None
    assert result.marc.fields[1].get("a").startswith("家 é")
    marc = MARC.replace("<", "<marc:").replace("<marc:/", "</marc:")
    result = read(raw(marc))
    assert result.marc is not None
    assert len(result.marc.fields) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<!DOCTYPE r [<!ENTITY a 'b'>]>" + MARC, "xml-doctype"),
        (MARC.replace("&amp;", "&lol9;"), "xml-entity"),
        (MARC.replace("</datafield>", ""), "xml-malformed"),
        ("<record><leader>00000nam a2200000 a 4500</leader></record>", "no-content"),
        ("<record/>", "no-content"),
        ("<rdf xmlns='x'/>", "unknown-payload"),
    ],
)
def test_what_cannot_be_read(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(raw(text, context=SCOPE))
    assert refused.value.finding.code == code


def test_the_place_of_an_xml_error_is_a_byte_of_the_record() -> None:
    text = "<record>\n<leader>家</leader>\n<controlfield tag='001'>1</datafield></record>"
    with pytest.raises(Unreadable) as refused:
        read(raw(text))
    at = refused.value.finding.byte
    assert text.encode()[:at].decode().count("\n") == 2


def oai(payload: str, status: str = "") -> RawRecord:
    head = f"<header{status}><identifier> oai:x:1 </identifier><datestamp>2024-01-01</datestamp></header>"
    return RawRecord(
        "", "oai", f"<record>{head}{payload}</record>".encode(), context='{"":"http://www.openarchives.org/OAI/2.0/"}'
    )


def test_oai_payloads() -> None:
    dc = read(oai('<metadata><dc:dc xmlns:dc="http://www.openarchives.org/OAI/2.0/oai_dc/"/></metadata>'))
    assert (dc.kind, dc.local_id, dc.datestamp, dc.element.tag.rpartition("}")[2]) == (
        "dc",
        "oai:x:1",
        "2024-01-01",
        "dc",
    )
    mods = read(oai('<metadata><mods xmlns="http://www.loc.gov/mods/v3"/></metadata>'))
    assert (mods.kind, mods.element.tag) == ("mods", "{http://www.loc.gov/mods/v3}mods")
    marc = read(oai("<metadata>" + MARC.replace("<record>", f'<record xmlns="{SLIM}">') + "</metadata>"))
    assert (marc.kind, marc.local_id) == ("marc", "7")
    gone = read(oai("", ' status="deleted"'))
    assert (gone.deleted, gone.local_id, gone.marc, gone.element) == (True, "oai:x:1", None, None)
    for payload, code in (("", "no-content"), ("<metadata><x/></metadata>", "unknown-payload")):
        with pytest.raises(Unreadable) as refused:
            read(oai(payload))
        assert refused.value.finding.code == code


def test_opac_records_have_two_parts() -> None:
    bare = MARC.replace("<record>", f'<record xmlns="{SLIM}">')
    holdings = "<holdings><holding><callNumber>I247/1</callNumber></holding></holdings>"
    both = read(raw(f"<opacRecord><bibliographicRecord>{bare}</bibliographicRecord>{holdings}</opacRecord>", "opacxml"))
    assert both.marc is not None
    assert both.opac.findtext("holding/callNumber") == "I247/1"
    empty = f"<opacRecord><bibliographicRecord/>{holdings}</opacRecord>"
    alone = read(raw(empty, "opacxml"))
    assert alone.marc is not None
    assert [one.code for one in alone.findings] == ["no-bibliographic-part", "leader-damaged"][:1]
    with pytest.raises(Unreadable):
        read(raw("<opacRecord><bibliographicRecord/><holdings/></opacRecord>", "opacxml"))


def test_records_packed_as_strings() -> None:
    packed = MARC.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    result = read(raw(packed, context=SCOPE))
    assert result.marc is not None
    assert result.marc.fields[1].get("a").startswith("家 & 春")


def test_gbk_xml() -> None:
    result = read(raw(MARC.encode("gbk"), context=SCOPE, encoding="gbk"))
    assert result.marc is not None
    assert (result.encoding, result.marc.encoding) == ("gb18030", "gb18030")
    assert result.marc.fields[1].get("a").startswith("家")
    assert result.findings == []


def test_marc_in_json() -> None:
    record = {
        "leader": "00000cam a2200000 a 4500",
        "fields": [
            {"001": "j1"},
            {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "Socie\u0301te\u0301"}, {"b": None}]}},
        ],
    }
    result = read(raw(json.dumps(record), "marcjson"))
    assert result.marc is not None
    assert result.marc.fields == [MarcField("001", "j1"), MarcField("245", "", "10", [("a", "Société"), ("b", "")])]
    for bad, code in (
        ("{", "cut-off"),
        ("{]", "json-malformed"),
        ("[]", "json-malformed"),
        ('{"leader":"","fields":[]}', "no-content"),
    ):
        with pytest.raises(Unreadable) as refused:
            read(raw(bad, "marcjson"))
        assert refused.value.finding.code == code


def test_csv_rows() -> None:
    result = read(raw('{"书名":"家","ISBN":"978"}', "csv", problem="csv-columns"))
    assert result.row == {"书名": "家", "ISBN": "978"}
    assert [one.code for one in result.findings] == ["csv-columns"]


def test_json_nested_too_deep_and_halves_of_characters() -> None:
    with pytest.raises(Unreadable) as refused:
        read(raw('{"leader": "", "fields": ' + "[" * 100_000 + "]" * 100_000 + "}", "marcjson"))
    assert refused.value.finding.code == "json-malformed"
    fields = '[{"001": "1"}, {"245": {"subfields": [{"a": "x\\ud83d y\\\\ud83d \\ud83d\\ude00"}]}}]'
    result = read(raw(f'{{"leader": "00000cam a2200000 a 4500", "fields": {fields}}}', "marcjson"))
    assert result.marc is not None
    assert result.marc.fields[1].subfields == [("a", "x\ufffd y\\ud83d 😀")]
    assert [(one.code, one.args) for one in result.findings] == [("characters-replaced", {"count": "1"})]


@pytest.mark.parametrize("before", ["", "\n", "汉字\n\n汉字"])
def test_the_place_of_an_error_in_bytes(before: str) -> None:
    text = f"<record><leader>{before}汉</leader><b></record>"
    with pytest.raises(Unreadable) as refused:
        read(raw(text, context=SCOPE))
    assert refused.value.finding.code == "xml-malformed"
    assert abs(refused.value.finding.byte - len(text.encode())) <= 1

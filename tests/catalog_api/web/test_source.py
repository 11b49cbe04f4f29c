"""What of a library's own record is for its staff alone."""

from __future__ import annotations

import pytest

from catalog_api.web.source import lines
from normalise.read import Reading
from schemas.marc import MarcField, MarcRecord, MarcSchema


def field(tag: str, *subfields: tuple[str, str], indicators: str = "  ") -> MarcField:
    return MarcField(tag, indicators=indicators, subfields=list(subfields))


def shown(schema: MarcSchema, *fields: MarcField, staff: bool = False) -> list[tuple[str, list[tuple[str, str]]]]:
    record = MarcRecord("00000nam0 2200000   450 ", list(fields), schema)
    return [(line.tag, line.parts) for line in lines(Reading("marc", marc=record), staff=staff)[1:]]


TITLE = field("200", ("a", "内刊"))
PRIVATE: dict[MarcSchema, list[MarcField]] = {
    "cnmarc": [field("905", ("a", "总馆"), ("b", "0001"), ("z", "密")), field("998", ("a", "编目员甲"))],
    "unimarc": [field("995", ("f", "0001")), field("999", ("z", "密"))],
    "marc21": [
        field("852", ("b", "MAIN"), ("x", "missing since audit")),
        field("876", ("x", "damaged by reader")),
        field("952", ("p", "0001"), ("x", "密")),
        field("541", ("a", "bought of"), ("h", "¥9000"), indicators="0 "),
        field("561", ("a", "private provenance"), indicators="0 "),
    ],
}


@pytest.mark.parametrize("schema", PRIVATE)
def test_copies_and_private_notes_are_for_staff(schema: MarcSchema) -> None:
    fields = [TITLE, *PRIVATE[schema]]
    assert shown(schema, *fields) == [("200", [("a", "内刊")])]
    assert [tag for tag, _ in shown(schema, *fields, staff=True)] == [f.tag for f in fields]


def test_a_note_that_is_not_public_is_left_out_of_its_field() -> None:
    link = field("856", ("u", "https://example.org"), ("x", "password: tiger"), indicators="40")
    assert shown("marc21", link) == [("856", [("u", "https://example.org")])]
    assert ("x", "password: tiger") in shown("marc21", link, staff=True)[0][1]
    assert shown("marc21", field("561", ("a", "owned by"), indicators="1 ")) == [("561", [("a", "owned by")])]

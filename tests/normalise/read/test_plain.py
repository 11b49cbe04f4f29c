"""MARCXML read by its shape is what the parser makes of it, or nothing."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from normalise.read.plain import read_plain
from normalise.read.xml import _slim
from schemas.quality import Finding

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cn"]), max_size=12) | st.sampled_from(
    ["浙江", "a b", "]]>", "x\x85y"]
)
_SUBFIELD = st.tuples(st.characters(min_codepoint=32, max_codepoint=126), _TEXT)
_FIELD = st.tuples(
    st.from_regex(r"\A[0-9]{3}\Z"), st.sampled_from(["1", " ", "", "12"]), st.lists(_SUBFIELD, max_size=3)
)


def _record(leader: str, fields: list[tuple[str, str, list[tuple[str, str]]]], space: str) -> str:
    parts = [f"<record><leader>{leader}</leader>"]
    for tag, indicator, subfields in fields:
        inner = space.join(f'<subfield code="{escape(c, {chr(34): "&quot;"})}">{v}</subfield>' for c, v in subfields)
        parts.append(f'<datafield tag="{tag}" ind1="{indicator}" ind2=" ">{inner}</datafield>')
        parts.append(f'<controlfield tag="{tag}">{tag}</controlfield>')
    return f"{space.join(parts)}</record>"


@given(st.text("0 na", max_size=24), st.lists(_FIELD, max_size=3), st.sampled_from(["", "\n  "]))
@example("", [("200", "1", [("a", "甲\ufffe")])], "")
@example("", [("200", "1", [("a", "甲\r\n")])], "\n")
def test_the_same_as_the_tree(leader: str, fields: list[tuple[str, str, list[tuple[str, str]]]], space: str) -> None:
    text = _record(leader, fields, space)
    findings: list[Finding] = []
    plain = read_plain(text, "ns", findings)
    if plain is None:
        assert findings == []
        return
    expected: list[Finding] = []
    tree = etree.fromstring(text.encode())  # what is read by its shape is well-formed
    assert plain == (*_slim(tree, expected), "ns")
    assert findings == expected


def test_reads_an_ordinary_record() -> None:
    text = '<record xmlns="u"><leader>L</leader><datafield tag="200" ind1="1" ind2=" "><subfield code="a">甲</subfield></datafield></record>'
    plain = read_plain(text, "", [])
    assert plain is not None
    assert (plain[0], plain[1][0].subfields, plain[2]) == ("L", [("a", "甲")], "u")


@pytest.mark.parametrize(
    "text",
    [
        "<marc:record><marc:leader>L</marc:leader></marc:record>",
        "<record><leader>A &amp; B</leader></record>",
        "<record><!-- --><leader>L</leader></record>",
        "<record><leader>L</leader>",
        "<record><leader>L</leader></record><record></record>",
        '<record><datafield tag="200" ind1="1"><subfield code="a">x</subfield></datafield></record>',
    ],
)
def test_leaves_the_rest_to_the_parser(text: str) -> None:
    assert read_plain(text, "", []) is None

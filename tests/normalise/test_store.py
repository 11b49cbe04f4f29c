"""What goes into the database in binary form."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from normalise.store import as_json, as_jsonb, bounded


@given(st.lists(st.text(st.sampled_from('\0\\u0"a家\n'), max_size=12)))
def test_json_loses_nul_characters_and_nothing_else(values: list[str]) -> None:
    assert json.loads(as_json(values)) == [value.replace("\0", "") for value in values]
    assert as_jsonb(values) == b"\x01" + as_json(values)


def test_numbers_have_bounds() -> None:
    assert [bounded(n) for n in (0, 7, 10**30, -(10**30))] == [0, 7, 2**31 - 1, 1 - 2**31]

"""Everything the generator writes is read by the harvesters' framing and the reader, and what is damaged is reported."""

from __future__ import annotations

import pytest

from catalog_api.demo.generate import Federation
from catalog_api.demo.generate.houses import MEMBERS
from harvesters.files import open_file
from normalise.crosswalk import crosswalk
from normalise.holdings import load_profiles
from normalise.read import Unreadable, read
from schemas.member import read_members
from schemas.settings import CHECKOUT

# What cannot be read as a record at all; it must be reported, under its own id wherever the id can still be seen.
BEYOND_READING = ("truncated", "json_cut", "bare_ampersand", "unclosed_element")


@pytest.mark.parametrize("code", MEMBERS)
def test_all_of_a_member_is_read(federation: Federation, truth: list[dict[str, str]], code: str) -> None:
    member = read_members(CHECKOUT / "config" / "members")[code]
    source, profiles = member.sources[0], load_profiles(CHECKOUT / "config" / "holdings")
    expected = {row["local_id"]: row["flags"].split(";") for row in truth if row["member"] == code}
    found: dict[str, bool] = {}
    reported: set[str] = set()
    for path in federation.members[code].files:
        for raw in open_file(path, name=path.name, encoding=source.encoding, columns=source.columns):
            if raw.problem:
                reported.add(raw.local_id)
            try:
                reading = read(raw, schema_hint=source.record_schema, encoding_hint=source.encoding)
            except Unreadable:
                reported.add(raw.local_id)
                continue
            if reading.findings:
                reported.add(reading.local_id)
            found[reading.local_id] = reading.deleted
            if not reading.deleted:
                description = crosswalk(reading, member=member, source=source, profiles=profiles)
                assert description.bib.titles, (raw.local_id, expected.get(raw.local_id))
                assert description.holdings or code == "whbk" or _without_copies(expected[reading.local_id]), (
                    raw.local_id
                )
    beyond = {key for key, flags in expected.items() if any(f"damaged:{kind}" in flags for kind in BEYOND_READING)}
    assert set(expected) - set(found) <= beyond
    assert set(found) <= set(expected)
    for key, flags in expected.items():
        if key in found:
            assert found[key] == ("deleted" in flags)
        if (
            any(flag.startswith("damaged:") and flag != "damaged:junk_before" for flag in flags)
            and "deleted" not in flags
        ):
            assert key in reported, (key, flags)


def _without_copies(flags: list[str]) -> bool:
    return "carrier:ebook" in flags or any(flag.startswith("damaged:") for flag in flags)

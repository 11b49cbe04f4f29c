"""The federation as files: exact bytes, complete truth, duplicates and noise as promised."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from catalog_api.demo.generate import Federation, changes, generate
from catalog_api.demo.generate.houses import MEMBERS
from schemas.errors import WenlanError
from schemas.member import read_members
from schemas.settings import CHECKOUT

ENCODINGS = {"zjsl": "utf-8", "htcl": "gbk", "lxcl": "gb18030", "qtut": "utf-8", "hspl": "utf-8"}
SCRIPT = "import sys, pathlib; from catalog_api.demo.generate import generate; generate(pathlib.Path(sys.argv[1]), records=500, seed=9)"


def digest(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_the_same_seed_is_the_same_federation(tmp_path: Path) -> None:
    """Byte for byte, in another process with another hash seed; another seed is another federation."""
    generate(tmp_path / "here", records=500, seed=9)
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(CHECKOUT)}
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path / "there")], check=True, env=environment)
    generate(tmp_path / "other", records=500, seed=10)
    assert digest(tmp_path / "here") == digest(tmp_path / "there")
    assert digest(tmp_path / "here") != digest(tmp_path / "other")


@pytest.mark.parametrize("number", [1, 137, 6000])
def test_exactly_so_many_records(tmp_path: Path, number: int) -> None:
    seen: list[tuple[int, int | None]] = []
    made = generate(tmp_path, records=number, progress=lambda done, total: seen.append((done, total)))
    assert made.records == number == sum(member.records for member in made.members.values())
    with made.truth.open(encoding="utf-8") as stream:
        assert sum(1 for _ in stream) == number + 1
    assert seen[-1] == (number, number)


def test_size_of_the_demonstration(federation: Federation, truth: list[dict[str, str]]) -> None:
    assert 2_500 <= federation.records <= 5_000
    assert federation.records == len(truth)
    assert set(federation.members) == set(MEMBERS) == set(read_members(CHECKOUT / "config" / "members"))
    assert federation.manifestations == len({row["manifestation_id"] for row in truth} - {""}) or any(
        row["manifestation_id"] == "" for row in truth
    )
    for member in federation.members.values():
        assert member.records == sum(row["member"] == member.code for row in truth)
        assert member.deleted == sum(row["member"] == member.code and "deleted" in row["flags"] for row in truth)


def test_truth_is_complete_and_unambiguous(truth: list[dict[str, str]]) -> None:
    keys = Counter((row["member"], row["local_id"]) for row in truth)
    assert max(keys.values()) == 1
    works: dict[str, set[str]] = defaultdict(set)
    for row in truth:
        gone = "deleted" in row["flags"].split(";")
        assert gone == (row["manifestation_id"] == "") == (row["work_id"] == "")
        works[row["manifestation_id"]].add(row["work_id"])
    assert all(len(found) == 1 for key, found in works.items() if key)


def test_duplicates_are_spread_as_in_real_federations(truth: list[dict[str, str]]) -> None:
    """Three editions in ten are held once, the most popular by eight and more; early books are each their own."""
    counts = Counter(Counter(row["manifestation_id"] for row in truth if row["manifestation_id"]).values())
    total = sum(counts.values())
    assert 0.22 < counts[1] / total < 0.38
    assert 0.10 < counts[2] / total < 0.26
    assert sum(share for number, share in counts.items() if number >= 8) >= 5
    early = Counter(
        row["manifestation_id"]
        for row in truth
        if "guji" in row["flags"].split(";") and "guji_same_edition" not in row["flags"]
    )
    early.pop("", None)
    assert set(early.values()) == {1}


@pytest.mark.parametrize(("flag", "member", "low", "high"), [
    ("isbn_missing", "zjsl", 0, 0.03), ("isbn_missing", "lxcl", 0.03, 0.16), ("isbn_wrong", "lxcl", 0.004, 0.06),
    ("enc_flag", "htcl", 0.24, 0.38), ("date_month", "htcl", 0.35, 0.6), ("date_month", "zjsl", 0.005, 0.08),
    ("publisher_variant", "lxcl", 0.13, 0.3), ("publisher_variant", "zjsl", 0, 0.025), ("place_missing", "whbk", 0.99, 1),
    ("role_missing", "dhss", 0.25, 0.5), ("dup_in_lib", "lxcl", 0.03, 0.1), ("volume_in_title", "lxcl", 0.01, 0.08),
    ("title_typo", "whbk", 0.0, 0.08), ("extent_missing", "dhss", 0.2, 0.5), ("pinyin_in_880", "zwun", 0.03, 0.1),
    ("year_of_printing", "lxcl", 0.04, 0.18), ("deleted", "lxcl", 0.005, 0.05),
])  # fmt: skip
def test_noise_is_the_librarys_own(
    truth: list[dict[str, str]], flag: str, member: str, low: float, high: float
) -> None:
    rows = [row["flags"].split(";") for row in truth if row["member"] == member]
    share = sum(flag in flags for flags in rows) / len(rows)
    assert low <= share <= high, share


def test_damage_happens_and_stays_rare(tmp_path: Path) -> None:
    made = generate(tmp_path, records=12_000, seed=3)
    kinds = {flag for flag in made.flags if flag.startswith("damaged:")}
    assert {f"damaged:{kind}" for kind in (
        "bad_leader_length", "char_lengths", "half_char", "mixed_encoding", "stray_terminator", "stray_field_terminator",
        "no_terminator", "truncated", "junk_before", "invalid_xml_char", "bare_ampersand", "unclosed_element", "json_cut",
    )} <= kinds  # fmt: skip
    assert 0.001 < sum(made.flags[kind] for kind in kinds) / made.records < 0.02
    assert made.members["lxcl"].damaged > made.members["zjsl"].damaged


def exact_records(data: bytes) -> dict[str, bytes]:
    """Records of a file by 001, cut at 0x1D, whose leader, directory and terminators agree to the byte."""
    found = {}
    for record in data.split(b"\x1d"):
        record += b"\x1d"
        if len(record) < 30 or not record[:5].isdigit() or int(record[:5]) != len(record):
            continue
        base = int(record[12:17])
        directory = record[24 : base - 1]
        ends = [
            int(directory[at + 7 : at + 12]) + int(directory[at + 3 : at + 7]) for at in range(0, len(directory), 12)
        ]
        if (
            record[base - 1] == 0x1E
            and all(record[base + end - 1] == 0x1E for end in ends)
            and ends[-1] == len(record) - base - 1
        ):
            length = int(directory[3:7])
            found[record[base : base + length - 1].decode("ascii")] = record
    return found


@pytest.mark.parametrize("member", sorted(ENCODINGS))
def test_iso_2709_is_exact_where_it_is_not_flagged(
    federation: Federation, truth: list[dict[str, str]], member: str
) -> None:
    """Lengths count bytes of the library's own encoding, and the bytes decode in it."""
    exact = exact_records(federation.members[member].files[0].read_bytes())
    rows = {row["local_id"]: row["flags"] for row in truth if row["member"] == member}
    sound = {key for key, flags in rows.items() if "damaged" not in flags and "follows_no_terminator" not in flags}
    assert sound <= set(exact)
    assert len(sound) > 0.95 * len(rows)
    for key in sound:
        assert "\ufffd" not in exact[key].decode(ENCODINGS[member])


def test_gbk_is_not_utf_8(federation: Federation) -> None:
    data = federation.members["htcl"].files[0].read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")


def test_one_file_mixes_cnmarc_and_marc21(federation: Federation) -> None:
    records = exact_records(federation.members["qtut"].files[0].read_bytes()).values()
    tags = [{record[24 + at : 27 + at] for at in range(0, int(record[12:17]) - 25, 12)} for record in records]
    assert sum(b"245" in found for found in tags) > 30
    assert sum(b"200" in found for found in tags) > 200
    assert all(
        b"905" in found or record[5:6] == b"d" or b"856" in found for found, record in zip(tags, records, strict=True)
    )


def test_jinling_sends_two_forms(federation: Federation, truth: list[dict[str, str]]) -> None:
    packed, older = federation.members["jspl"].files
    lines = gzip.decompress(packed.read_bytes()).splitlines()
    sound = 0
    for line in lines:
        try:
            sound += len(json.loads(line)["leader"]) == 24
        except ValueError:
            assert line.startswith(b'{"leader"')
    assert b"http://www.nlc.cn/" in older.read_bytes()[:200]
    assert len(lines) + older.read_bytes().count(b"<record>") == federation.members["jspl"].records
    assert sound >= len(lines) - federation.members["jspl"].damaged


def test_oai_pages_hold_a_hundred(federation: Federation) -> None:
    for code in ("dhss", "szgj"):
        *full, last = federation.members[code].files
        assert all(page.read_bytes().count(b"<record>") == 100 for page in full)
        assert all(b"<resumptionToken>" in page.read_bytes() for page in full)
        assert b"<resumptionToken></resumptionToken>" in last.read_bytes()


def test_stock_list_is_a_spreadsheets_csv(federation: Federation) -> None:
    path = federation.members["whbk"].files[0]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == federation.members["whbk"].records
    columns = read_members(CHECKOUT / "config" / "members")["whbk"].sources[0].columns
    assert set(columns.values()) <= set(rows[0])


def test_a_night_of_changes(tmp_path: Path) -> None:
    generate(tmp_path, records=4_000, seed=5)
    before = {(row["member"], row["local_id"]): row for row in rows_of(tmp_path / "truth.csv")}
    first = changes(tmp_path, 1)
    night = {(row["member"], row["local_id"]): row for row in rows_of(first.truth)}
    assert 0.01 * 4_000 < len(night) < 0.04 * 4_000
    new = {key for key, row in night.items() if "new" in row["flags"].split(";")}
    assert new and not new & set(before)
    assert set(night) - new <= set(before)
    gone = {key for key, row in night.items() if row["manifestation_id"] == ""}
    assert gone and all(before[key]["manifestation_id"] for key in gone)
    again = {key for key in night if key not in new | gone}
    assert all(
        night[key]["manifestation_id"] == before[key]["manifestation_id"] or before[key]["manifestation_id"] == ""
        for key in again
    )
    known = {row["manifestation_id"] for row in before.values()}
    assert {night[key]["manifestation_id"] for key in new} & known
    assert digest(first.folder) == digest(changes(tmp_path, 1).folder)
    second = {(row["member"], row["local_id"]) for row in rows_of(changes(tmp_path, 2).truth)}
    assert not second & set(night)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_night_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(WenlanError, match="demo-day"):
        changes(tmp_path, 50)

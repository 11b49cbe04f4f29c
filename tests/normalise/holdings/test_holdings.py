from __future__ import annotations

from pathlib import Path

import pytest

from harvesters.files import open_file
from normalise.crosswalk import crosswalk
from normalise.holdings import Profile, load_profiles, preview
from normalise.holdings.fields import expand
from normalise.holdings.profile import Rule, choose
from normalise.holdings.states import iso_date, state_of
from normalise.read import read
from schemas.errors import WenlanError
from schemas.marc import MarcField, MarcRecord
from schemas.member import Member, Name, Source
from schemas.settings import CHECKOUT

MEMBER = Member(code="zjsl", name=Name(zh="馆", en="Library"), system="public", kind="province", region=["33"])


@pytest.fixture(scope="module")
def profiles() -> dict[str, Profile]:
    return load_profiles(CHECKOUT / "config" / "holdings")


def record(*fields: tuple[str, str]) -> MarcRecord:
    made = [MarcField(tag, "", "  ", [(p[0], p[1:]) for p in text.split("$")[1:]]) for tag, text in fields]
    return MarcRecord(" " * 24, made, "cnmarc")


def test_every_shipped_profile_is_bilingual(profiles: dict[str, Profile]) -> None:
    assert {
        "cnmarc",
        "marc21",
        "unimarc",
        "dc",
        "mods",
        "csv",
        "nlc",
        "calis",
        "interlib",
        "ilas",
        "libsys",
        "koha",
    } <= set(profiles)
    assert all(p.zh and p.en and p.code == code for code, p in profiles.items())
    for schema in ("cnmarc", "unimarc", "marc21", "dc", "mods", "csv"):
        assert sum(schema in p.schemas for p in profiles.values()) == 1


@pytest.mark.parametrize(
    ("field", "holding", "barcodes"),
    [
        ("$aST$fI/469", ("ST", "", "I/469", 0), []),
        ("$aBNU$cbk$dF124$e26$sF124/26$zbcp", ("BNU", "bk", "F124/26", 0), []),
        ("$a233010$bP001;P002$dTP312$e100$f2", ("233010", "", "TP312/100", 2), ["P001", "P002"]),
        (
            "$b20501614-1617$dI247.57$e2395$f4",
            ("", "", "I247.57/2395", 4),
            ["20501614", "20501615", "20501616", "20501617"],
        ),
        (
            "$aQTLG$fTP316/2314$bA0351421$c流通书库一$dTP316$e2314$s在馆",
            ("QTLG", "流通书库一", "TP316/2314", 1),
            ["A0351421"],
        ),
    ],
)
def test_unknown_libraries_905(
    profiles: dict[str, Profile], field: str, holding: tuple[str, str, str, int], barcodes: list[str]
) -> None:
    (found,) = preview(profiles["cnmarc"], record(("905", field))).holdings
    assert (found.branch, found.location, found.call_number, found.copies) == holding
    assert [i.barcode for i in found.items] == barcodes


def test_preview_names_what_it_took(profiles: dict[str, Profile]) -> None:
    seen = preview(profiles["interlib"], record(("905", "$aZJTS$bZJ01$cCW$dI242.4$e1925$f1$p25.00$s3$xignored")))
    assert seen.holdings[0].items[0].status == "loaned"
    assert {(t.code, t.meaning) for t in seen.taken} == {
        ("a", "branch"), ("b", "barcode"), ("c", "location"), ("d", "call number"), ("e", "call number"), ("f", "copy"), ("p", "price"), ("s", "status"),
    }  # fmt: skip


def test_ilas_without_985_reads_the_span(profiles: dict[str, Profile]) -> None:
    seen = preview(profiles["ilas"], record(("905", "$aYH$b100-102$dI2$e3$f3")))
    assert [i.barcode for h in seen.holdings for i in h.items] == ["100", "101", "102"]


def test_repeated_and_unknown(profiles: dict[str, Profile]) -> None:
    seen = preview(profiles["libsys"], record(("905", "$aX$fI1/2$bA1$s火星"), ("905", "$aX$fI1/2$bA1$s在馆")))
    assert [f.code for f in seen.findings] == ["holding-status-unknown", "holding-barcode-twice"]
    assert seen.holdings[0].copies == 1 and seen.holdings[0].items[0].status == "unknown"


@pytest.mark.parametrize(
    ("word", "state"),
    [("在馆", "available"), ("借出", "loaned"), ("编目中", "processing"), ("剔除", "withdrawn"), ("Checked out", "loaned"), ("In transit", "in_transit"), ("Held", "on_hold"),
     ("CHECK SHELVES", "available"), ("仅限馆内", "reference"), ("丢失", "lost")],
)  # fmt: skip
def test_states(word: str, state: str) -> None:
    told = state_of(word)
    assert told and told[0] == state


def test_dates_and_spans() -> None:
    assert state_of("DUE 01-11-23") == ("loaned", "2023-01-11")
    assert [iso_date(t) for t in ("2023-12-05", "20231205", "Dec 15 2023", "", "soon")] == [
        "2023-12-05",
        "2023-12-05",
        "2023-12-15",
        "",
        "",
    ]
    assert expand("A0099-0102") == ["A0099", "A0100", "A0101", "A0102"]
    assert expand("978-7-101") == ["978-7-101"] and expand("100-50000") == ["100-50000"]


def test_a_wrong_profile_says_so(tmp_path: Path, profiles: dict[str, Profile]) -> None:
    (tmp_path / "bad.toml").write_text(
        'zh = "坏"\nen = "bad"\n[[rules]]\nfield = "905"\nbarcodes = "b"\n', encoding="utf-8"
    )
    with pytest.raises(WenlanError, match="holdings-profile"):
        load_profiles(tmp_path)
    with pytest.raises(WenlanError, match="holdings-profile-unknown"):
        choose(profiles, "nobody", "cnmarc")
    assert choose({}, "", "cnmarc").rules == []
    assert Rule(field="905", call_number=["{d}/{e}"]).patterns == [[("", "d"), ("/", "e")]]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "states", "place"),
    [
        ("alma-princeton", ["available"], "Firestone Library"),
        ("alma-dickinson-multiple", ["available"], "Waidner-Spahr Library"),
        ("evergreen-east-central-with-checked-out-item-status", ["loaned"], "EC-RC"),
        ("evergreen-east-central-with-in-transit-item-status", ["in_transit"], "EC-PR"),
        ("evergreen-lake-agassiz-with-available-item-status", ["available"], "HAWLEY"),
        ("folio-not-requestable", ["available", "loaned"], "Olin Library"),
        ("horizon-hennepin", ["available"], "Minneapolis Central (1st floor General)"),
        ("horizon-jhu", ["available"], "Eisenhower"),
        ("horizon-southeastern", ["available", "available", "available"], "Dodge Center Public Library"),
        ("koha-chatham", ["available"], "CHATHAM"),
        ("koha-chatham_checked_out", ["loaned"], "CHATHAM"),
        ("polaris-with-held-item-status", ["on_hold"], "Main Library"),
        ("polaris-with-in-item-status", ["available"], "Main Library"),
        ("polaris-with-out-item-status", ["loaned"], "Main Library"),
        ("sierra-laroche", ["available"], "Circulation"),
        ("sierra-laroche-unavail", ["loaned"], "Circulation"),
        ("sierra-widener-check-shelves", ["available"], "M CIRCULATING"),
        ("tlc-eastern", ["available"], "Warner Library"),
        ("voyager-temp", ["available"], "BASS, Lower Level"),
        ("voyager-yale", ["available"], "Library Shelving Facility (LSF)"),
        ("wms-lfmm", ["available"], "LFMM"),
    ],
)
def test_systems_abroad(shared: Path, profiles: dict[str, Profile], file: str, states: list[str], place: str) -> None:
    path = shared / "z3950" / "responses" / f"{file}.xml"
    raw = next(iter(open_file(path, name=path.name)))
    described = crosswalk(read(raw), member=MEMBER, source=Source(), profiles=profiles)
    assert [i.status for h in described.holdings for i in h.items] == states
    assert described.holdings[0].branch == place
    assert described.holdings[0].call_number or "evergreen" in file

"""Real records of many libraries, with the faults that live systems send: all are loaded, and none is lost without a word."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from catalog_api.context import Context, open_context
from catalog_api.pipeline import LoadReport, load_files
from catalog_api.quarantine import quarantined
from schemas.db import Database
from schemas.settings import CHECKOUT, Settings

# file -> records its documentation counts; None: counted by the test as "at least one"
BOOKS: dict[str, int | None] = {
    "marc21/uva_001_2000.mrc": 2000,
    "marc21/marc2bibframe2/british_library.xml": 99,
    "marc21/marc2bibframe2/dnb.xml": 99,
    "marc21/marc2bibframe2/gwu.xml": 99,
    "marc21/marc2bibframe2/loc_general.xml": 99,
    "marc21/marc2bibframe2/nlm.xml": 99,
    "marc21/marc2bibframe2/oclc.xml": 99,
    "marc21/marc2bibframe2/princeton.xml": 99,
    "marc21/pennstate-bad-rec-20221216.xml": 300,
    "marc21/lc_books_frag_01.xml": 1812,
    "marc21/charset/marc8.dat": 1,
    "marc21/charset/diacritic.dat": 1,
    "marc21/charset/1251.dat": 6,
    "marc21/charset/bad_eacc_encoding.dat": 1,
    "marc21/charset/bad_marc8_escape.dat": 1,
    "marc21/charset/utf8_with_leader_flag.dat": 1,
    "marc21/charset/utf8_without_leader_flag.dat": 1,
    "marc21/broken/utf8_invalid.mrc": 1,
    "marc21/broken/bad_indicator.dat": 1,  # what follows the first record is only blanks
    "marc21/broken/bad_subfield_code.dat": 1,
    "marc21/broken/bad_records.mrc": 8,
    "marc21/broken/alphatag.dat": 1,
    "marc21/broken/regression45.dat": 12,
    "cnmarc/sample_cnmarcxml.xml": 10,
    "cnmarc/sample_marcxml.xml": 10,
    "unimarc/rusmarc_12.xml": 12,
    "unimarc/rusmarc_1.iso": 1,
    "unimarc/rusmarc_2.iso": 1,
    "unimarc/iccu_1.mrc": 1,
    "zh_dev/nlcs.iso": 540,
    "zh_dev/cals.iso": 423,
    "zh_dev/hzil.iso": 446,
    "zh_dev/lxil.iso": 371,
    "zh_dev/yhla.iso": 382,
    "zh_dev/qthw.iso": 465,
    "zh_dev/zdal.xml": 428,
    "zh_dev/twnc.mrc": 186,
    "zh_dev/shgx.mrc": 414,
    "zh_dev/xhbk.csv": 170,
    "zh_dev/yjdc": 220,
    "zh_dev/szmd": 82,
    "matching/goldfinch_val/records.jsonl.gz": 13_727,
}
ENCODING = {"marc21/charset/1251.dat": "cp1251", "unimarc/rusmarc_1.iso": "cp1251", "unimarc/rusmarc_2.iso": "cp1251"}
# Records whose structure or text is beyond reading; everything else must be readable.
QUARANTINED = {
    "marc21/broken/bad_records.mrc": 6,
}

pytestmark = pytest.mark.shared


@pytest.fixture
def context(tmp_path: Path, database: Database) -> Iterator[Context]:
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "members" / "real.toml").write_text(
        'code = "real"\nname = { zh = "真实记录", en = "Real records" }\nsystem = "public"\nkind = "province"\nregion = ["33"]\n',
        encoding="utf-8",
    )
    settings = Settings(home=tmp_path / "home", config=config, database_url=SecretStr(database.url))
    with open_context(settings) as opened:
        yield opened


def _files(shared: Path, name: str) -> list[Path]:
    path = shared / name
    return sorted(path.glob("*.xml")) if path.is_dir() else [path]


def _load(context: Context, shared: Path, name: str) -> LoadReport:
    return load_files(context, _files(shared, name), "real", source=name, encoding=ENCODING.get(name, ""))


def test_every_file_is_loaded_and_a_second_time_writes_nothing(context: Context, shared: Path) -> None:
    names = [name for name in BOOKS if "goldfinch" not in name]
    for name in names:
        report = _load(context, shared, name)
        read = sum(file.read for file in report.files)
        assert read == BOOKS[name], name
        bad = sum(file.quarantined for file in report.files)
        assert bad <= max(QUARANTINED.get(name, 0), read // 50), (name, bad, report.reasons)
        assert sum(reason.count for reason in report.reasons) == bad
        assert not report.errors, name
    _assert_counts(context)
    before = _fingerprint(context)
    for name in names:
        report = _load(context, shared, name)
        assert report.wrote_nothing, (name, report)
        assert sum(file.read for file in report.files) == BOOKS[name]
    assert _fingerprint(context) == before


def _assert_counts(context: Context) -> None:
    """Each raw record is a record, live, deleted or quarantined, and each quarantined one has its reason in both languages."""
    with context.database.connect() as connection:
        counts = connection.execute(
            "select (select count(*) from raw_record), (select count(*) from record), (select count(*) from quarantine),"
            " (select count(*) from record where status = 'quarantined'), (select count(*) from record where match_due)"
        ).fetchone()
    assert counts is not None
    raw, records, reasons, bad, due = counts
    assert raw == records and reasons == bad and due == 0
    for row in quarantined(context):
        assert (any("一" <= character <= "鿿" for character in row.zh) and row.en.isascii()) or row.local_id
        assert "?" not in row.zh.replace("？", ""), row


def _fingerprint(context: Context) -> list[tuple[object, ...]]:
    with context.database.connect() as connection:
        return connection.execute(
            "select 'raw', max(seq), count(*) from raw_record union all select 'version', count(*), 0 from raw_version"
            " union all select 'record', extract(epoch from max(changed_at)), count(*) from record"
            " union all select 'cluster', max(seq), count(*) from cluster"
        ).fetchall()


def test_a_changed_file_updates_what_changed_and_full_withdraws(context: Context, shared: Path, tmp_path: Path) -> None:
    original = (shared / "zh_dev/nlcs.iso").read_bytes()
    parts = original.split(b"\x1d")[:-1]
    file = tmp_path / "nlcs.iso"
    file.write_bytes(original)
    load_files(context, [file], "real")
    changed = parts[9].replace("著".encode(), "着".encode())
    assert changed != parts[9]
    file.write_bytes(b"\x1d".join([*parts[:9], changed, *parts[10:]]) + b"\x1d")
    report = load_files(context, [file], "real")
    assert (report.files[0].changed, report.files[0].new, report.matched) == (1, 0, 1)
    file.write_bytes(b"\x1d".join([*parts[:9], changed, *parts[10:-5]]) + b"\x1d")
    assert load_files(context, [file], "real").wrote_nothing, "without --full nothing is ever withdrawn"
    report = load_files(context, [file], "real", full=True)
    assert report.files[0].withdrawn == 5
    with context.database.connect() as connection:
        left = connection.execute(
            "select count(*) from record r join cluster c on r.id = any(c.record_ids) where r.status = 'deleted' and c.status = 'live'"
        ).fetchone()
        gone = connection.execute(
            "select c.status, count(*) from record r left join cluster c on c.id = r.cluster_id"
            " where r.status = 'deleted' and r.match_due = false group by 1"
        ).fetchall()
    assert left == (0,), gone


def test_records_of_goldfinch(context: Context, shared: Path) -> None:
    report = _load(context, shared, "matching/goldfinch_val/records.jsonl.gz")
    assert report.files[0].read == 13_727 and report.files[0].quarantined == 0


def test_answers_of_eleven_systems(context: Context, shared: Path) -> None:
    """Gateways' answers: OPAC records with holdings, and MARCXML with local holdings fields; one finds nothing."""
    read = bad = empty = 0
    for file in sorted((shared / "z3950/responses").glob("*.xml")):
        report = load_files(context, [file], "real", source=file.stem)
        read += report.files[0].read
        empty += report.files[0].read == 0
        bad += report.files[0].quarantined
    assert empty == 1 and read == 28 and bad == 0
    with context.database.connect() as connection:
        row = connection.execute("select count(distinct record_id), count(*) from holding").fetchone()
    assert row is not None and row[0] >= 20

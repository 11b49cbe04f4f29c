"""Loading from the command line: what is kept when something is wrong, what a second time writes, what --full takes out."""

from __future__ import annotations

import gzip
import os
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harvesters.store import RawWriter
from schemas.db import Database


def rows(outcome: Any) -> dict[str, dict[str, int]]:
    """The counts of each file; on every row, what was read is what was stored and what was quarantined, and each came somehow."""
    files = outcome.json["files"]
    for row in files:
        assert row["read"] == row["new"] + row["changed"] + row["unchanged"] + row["deleted"] + row["repeated"]
        assert 0 <= row["quarantined"] <= row["read"]
    return {row["name"]: row for row in files}


def shown(outcome: Any) -> list[list[str]]:
    """The rows of the table as printed: file, read, stored, quarantined and so on."""
    lines = outcome.out[outcome.out.rindex("─") + 1 :].splitlines()
    return [line.split() for line in lines if line.strip()]


@pytest.fixture
def many(book: Any) -> list[bytes]:
    return [book(f"M{n:03}", f"长河第{n}卷") for n in range(40)]


def test_files_around_a_bad_one_are_kept(house: Any, wenlan: Any, files: Any, many: list[bytes]) -> None:
    first, last = files("first.iso", b"".join(many[:20])), files("last.iso", b"".join(many[20:]))
    bad, page = files("cut.iso", many[0] + many[1][:-30]), files("page.html", b"<html><title>Login</title></html>")
    house.member("around")
    outcome = wenlan("load", first, page, bad, last, "--member", "around")
    assert outcome.code == 1 and outcome.says("file-html") and outcome.says("file-truncated")
    assert "读到的 42 条都已保存" in outcome.err and "all 42 records read are kept" in outcome.err
    table = {row[0]: [int(cell) for cell in row[1:4]] for row in shown(outcome)}
    assert table == {"first.iso": [20, 20, 0], "cut.iso": [2, 1, 1], "last.iso": [20, 20, 0], "page.html": [0, 0, 0]}
    assert house.ask("select count(*) from raw_record where member = 'around'") == [(41,)]


@pytest.mark.parametrize("kind", ["iso", "gz", "xml", "json"])
def test_a_file_that_is_cut_off(house: Any, wenlan: Any, files: Any, many: list[bytes], kind: str) -> None:
    house.member(f"cut{kind}")
    marc = '<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">{}</controlfield><datafield tag="245" ind1="0" ind2="0"><subfield code="a">Title {}</subfield></datafield></record>'
    xml = '<collection xmlns="http://www.loc.gov/MARC21/slim">' + "".join(marc.format(n, n) for n in range(20))
    line = '{{"leader": "00000nam a2200000 a 4500", "fields": [{{"001": "{}"}}, {{"245": {{"subfields": [{{"a": "T"}}]}}}}]}}\n'
    content, code, good = {
        "iso": (b"".join(many)[:-100], "file-truncated", 39),
        "gz": (gzip.compress(b"".join(many))[:-50], "file-truncated-gzip", 10),
        "xml": (xml[:-40].encode(), "file-truncated", 19),
        "json": ("".join(map(line.format, range(20)))[:-20].encode(), "file-truncated", 19),
    }[kind]
    outcome = wenlan("load", files(f"cut.{kind}", content), "--member", f"cut{kind}", "--json")
    assert outcome.code == 1 and outcome.says(code) and f"cut.{kind}" in outcome.err
    row = rows(outcome)[f"cut.{kind}"]
    assert row["read"] - row["quarantined"] >= good and row["quarantined"] <= 1
    if code == "file-truncated":
        assert (
            f"第 {row['read']} 条" in outcome.err and f"record {row['read']}" in outcome.err and "字节" in outcome.err
        )
    if row["quarantined"]:
        assert outcome.json["reasons"][0]["code"] in ("truncated", "cut-off")
        assert "?" not in str(outcome.json["reasons"])


def test_standard_input_a_pipe_and_names_of_all_kinds(
    house: Any, wenlan: Any, files: Any, many: list[bytes], tmp_path: Path
) -> None:
    house.member("ways")
    data = b"".join(many[:3])
    assert rows(wenlan("load", "-", "--member", "ways", "--json", stdin=data))["stdin"]["new"] == 3
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(b"".join(many[3:6]),))
    writer.start()
    assert rows(wenlan("load", fifo, "--member", "ways", "--json"))["fifo"]["new"] == 3
    writer.join()
    same = [files("a/books.iso", many[6]), files("b/books.iso", many[7]), files("a/books.iso", many[6])]
    found = rows(wenlan("load", *same, "--member", "ways", "--json"))
    assert sorted(found) == sorted(map(str, same[:2])) and all(row["new"] == 1 for row in found.values())
    gbk = tmp_path / os.fsdecode("书目\x1b[31m.iso".encode("gbk"))
    gbk.write_bytes(many[8])
    assert sorted(rows(wenlan("load", gbk, "--member", "ways", "--json"))) == ["书目\x1b[31m.iso"]
    printed = wenlan("load", gbk, "--member", "ways")
    assert "书目\ufffd[31m.iso" in printed.out and "\x1b" not in printed.out + printed.err


def test_a_second_load_writes_nothing_and_says_so(house: Any, wenlan: Any, files: Any, book: Any) -> None:
    house.member("again")
    many = [book(f"A{n:03}", f"青松第{n}卷") for n in range(40)]
    file = files("again.iso", b"".join(many))
    assert wenlan("load", file, "--member", "again").code == 0
    before = house.state()
    outcome = wenlan("load", file, "--member", "again")
    assert outcome.code == 0 and "没有新内容，什么也没写" in outcome.err and "nothing was written" in outcome.err
    assert house.state() == before
    file.write_bytes(b"".join([many[0].replace("青松".encode(), "青柏".encode()), *many[1:]]))
    report = wenlan("load", file, "--member", "again", "--json")
    assert (rows(report)["again.iso"]["changed"], report.json["matched"]) == (1, 1)
    assert wenlan("search", "青柏", "--json").json["total"] == 1


def test_full_withdraws_and_is_refused_where_that_is_rash(
    house: Any, wenlan: Any, files: Any, many: list[bytes]
) -> None:
    house.member("full")
    file = files("full.iso", b"".join(many))
    wenlan("load", file, "--member", "full")

    file.write_bytes(b"".join(many[:-3])[:-20])
    damaged = wenlan("load", file, "--member", "full", "--full")
    assert damaged.code == 1 and damaged.says("full-damaged") and "full.iso" in damaged.err
    file.write_bytes(b"".join(many[:-3]) + b"-- a line that is no record --")
    assert wenlan("load", file, "--member", "full", "--full").says("full-damaged")

    file.write_bytes(b"".join(many[:20]))
    shrunk = wenlan("load", file, "--member", "full", "--full")
    assert shrunk.code == 1 and shrunk.says("full-shrunk") and "--yes" in shrunk.err and "40 条中有 20 条" in shrunk.err
    assert house.ask("select count(*) from record where member = 'full' and status = 'deleted'") == [(0,)]
    assert "撤出" not in wenlan("load", file, "--member", "full").out, "without --full nothing is ever withdrawn"

    file.write_bytes(b"".join(many[:-2]))
    few = wenlan("load", file, "--member", "full", "--full")
    assert few.code == 0 and "撤出" in few.out
    file.write_bytes(b"".join(many[:20]))
    assert rows(wenlan("load", file, "--member", "full", "--full", "--yes", "--json"))["full.iso"]["withdrawn"] == 18
    assert house.ask("select count(*) from record where member = 'full' and status = 'live'") == [(20,)]
    found = wenlan("search", "长河第39卷", "--json").json["hits"]
    assert all("full" not in hit["member_codes"] for hit in found)


def test_every_reason_is_told_with_its_place_in_both_languages(
    house: Any, wenlan: Any, files: Any, many: list[bytes]
) -> None:
    house.member("reasons")
    noise = b"<<< page 2 >>>\n"
    data = many[0] + noise + many[1] + many[2][:60] + many[3] + many[4]
    outcome = wenlan("load", files("mixed.iso", data), "--member", "reasons")
    assert outcome.code == 0
    place = len(many[0])
    assert f"mixed.iso 第 2 条（文件第 {place} 字节起，记录内第 0 字节）" in outcome.err
    assert f"mixed.iso record 2 (from byte {place} of the file, byte 0 of the record)" in outcome.err
    assert "wenlan quarantine --member reasons" in outcome.err
    listed = wenlan("quarantine", "--member", "reasons", "--json").json
    assert (listed[0]["file"], listed[0]["position"], listed[0]["offset"]) == ("mixed.iso", 2, place)
    assert all(row["zh"] and row["en"].isascii() and row["code"] and row["size"] for row in listed)
    table = wenlan("quarantine", "--member", "reasons").out
    assert "mixed.iso" in table and listed[0]["zh"] in table and listed[0]["en"] in table
    assert wenlan("quarantine", "--member", "nobody").says("member-unknown")


def test_the_quarantine_is_read_again_after_the_encoding_was_corrected(house: Any, wenlan: Any, files: Any) -> None:
    source = '[[sources]]\ncode = "main"\nencoding = "{}"\n'
    house.member("legacy", source.format("cp1251"))
    # a hanzi of GBK whose second byte is a backslash; taken for single bytes, it makes an escape that JSON does not know
    line = '{{"leader": "00000nam0 2200000   450 ", "fields": [{{"001": "{}"}}, {{"200": {{"subfields": [{{"a": "{}"}}]}}}}]}}\n'
    data = (line.format("L1", "淺zhou") + line.format("L2", "Plain")).encode("gbk")
    loaded = wenlan("load", files("old.json", data), "--member", "legacy", "--json")
    assert (rows(loaded)["old.json"]["quarantined"], loaded.json["reasons"][0]["code"]) == (1, "json-malformed")
    still = wenlan("quarantine", "--member", "legacy", "--retry")
    assert "读成 0 条，仍隔离 1 条" in still.err
    house.member("legacy", source.format("gbk"))
    mended = wenlan("quarantine", "--member", "legacy", "--retry")
    assert mended.code == 0 and "读成 1 条，仍隔离 0 条" in mended.err and "1 could be read now" in mended.err
    assert wenlan("quarantine", "--member", "legacy", "--json").json == []
    assert wenlan("search", "淺zhou", "--json").json["total"] == 1
    assert "匹配 2 条" in wenlan("rebuild", "records", "--member", "legacy").err


def test_records_in_another_encoding_than_declared_are_counted(house: Any, wenlan: Any, files: Any, book: Any) -> None:
    house.member("wrong")
    data = b"".join(book(f"W{n}", "中国文学史教程与研究方法", encoding="gb18030") for n in range(3))
    outcome = wenlan("load", files("gbk.iso", data), "--member", "wrong", "--encoding", "big5")
    assert outcome.code == 0 and "3 条的编码与所声明的不同" in outcome.err and "--encoding" in outcome.err
    assert (
        wenlan("load", files("gbk.iso", data), "--member", "wrong", "--encoding", "gbk", "--json").json["misdeclared"]
        == 0
    )


def test_a_source_that_is_at_work_is_not_loaded_twice(
    house: Any, wenlan: Any, files: Any, book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.member("busy")
    house.member("free")
    monkeypatch.setattr("catalog_api.pipeline.RawWriter", partial(RawWriter, patience=0.1))
    file = files("b.iso", book("B1", "家"))
    with Database(house.url).connect(autocommit=True) as connection, RawWriter(connection, "busy", "main") as run:
        outcome = wenlan("load", file, "--member", "busy")
        assert outcome.code == 1 and outcome.says("harvest-busy") and "busy" in outcome.err
        assert wenlan("load", file, "--member", "free").code == 0
        run.finish()
    assert wenlan("load", file, "--member", "busy").code == 0

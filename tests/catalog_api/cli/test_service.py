"""Harvesting by command, what is due, and what the doctor finds."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from harvesters.oai_pmh import OaiPmh
from harvesters.store import RawWriter
from schemas.db import Database
from schemas.raw import RawRecord

OAI = '[[sources]]\ncode = "oai"\nprotocol = "oai-pmh"\nurl = "{}"\n'
FILES = '[[sources]]\ncode = "{}"\nurl = "{}"\n{}\n'


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OaiPmh.__init__.__kwdefaults__, "sleep", lambda _: None)  # type: ignore[index]


@pytest.mark.parametrize(
    ("url", "private", "zh", "en"),
    [
        ("http://127.0.0.1:9/oai", "true", "连接不上", "no connection"),
        ("http://127.0.0.1:9/oai", "false", "内网或本机", "private network"),
        ("http://no-such-host.invalid/oai", "false", "找不到这个主机名", "no such host"),
        ("ftp://example.org/oai", "false", "不是 http", "no address of http"),
    ],
)
def test_a_source_that_is_down(house: Any, wenlan: Any, url: str, private: str, zh: str, en: str) -> None:
    house.member("down", OAI.format(url))
    before = house.state()
    outcome = wenlan("harvest", "down", WENLAN_ALLOW_PRIVATE_ADDRESSES=private)
    assert outcome.code == 1 and outcome.says("harvest-failed") and "down/oai" in outcome.err
    assert zh in outcome.err and en in outcome.err
    reports = wenlan("harvest", "down", "--json", WENLAN_ALLOW_PRIVATE_ADDRESSES=private).json
    assert reports[0]["error"]["zh"] and reports[0]["error"]["en"]
    assert house.state() == before
    (house.config / "members" / "down.toml").unlink()


def test_a_source_at_fault_does_not_stop_the_others(house: Any, wenlan: Any, files: Any, book: Any) -> None:
    folder = files("box/a.iso", b"".join(book(f"S{n}", f"第{n}辑") for n in range(9))).parent
    files("bad/b.html", b"<html><title>Login</title></html>")
    files("bad/c.iso", book("S90", "完好") + book("S91", "残缺")[:-30])
    sources = [
        ("none", folder / "nowhere", ""),
        ("coded", folder, 'encoding = "gbkk"'),
        ("bad", folder.parent / "bad", ""),
        ("good", folder, ""),
    ]
    house.member("several", "".join(FILES.format(*source) for source in sources))
    outcome = wenlan("harvest", "several", "--json")
    assert outcome.code == 1
    reports = {report["source"]: report for report in outcome.json}
    assert "files-missing" not in str(reports["good"]) and reports["good"]["files"][0]["new"] == 9
    assert "没有文件" in reports["none"]["error"]["zh"] and "gbkk" in reports["coded"]["error"]["en"]
    assert "b.html" in reports["bad"]["error"]["zh"] and "c.iso" in reports["bad"]["error"]["zh"]
    assert sum(row["read"] for row in reports["bad"]["files"]) == 2, "what could be read is kept"
    printed = wenlan("harvest", "several")
    assert printed.code == 1 and "several/none：" in printed.err and "several/good" in printed.out
    for arguments in (["harvest", "nobody"], ["harvest", "zjsl"], ["harvest", "several", "--source", "typo"]):
        assert wenlan(*arguments).code == 1


def test_sync_runs_what_is_due_once(house: Any, wenlan: Any, files: Any, book: Any) -> None:
    folder = files("due/a.iso", book("U1", "到期")).parent
    house.member("punctual", FILES.format("main", folder, 'schedule = "0 3 * * *"'))
    first = wenlan("sync", "--json")
    assert first.code == 0 and [(r["member"], r["files"][0]["new"]) for r in first.json] == [("punctual", 1)]
    second = wenlan("sync")
    assert second.code == 0 and "没有到期的来源" in second.err and "No source is due" in second.err
    assert wenlan("sync", "--json").json == []


def test_export(wenlan: Any, tmp_path: Any) -> None:
    file = tmp_path / "out.csv"
    outcome = wenlan("export", "clusters", "--output", file)
    assert outcome.code == 0 and not outcome.out and file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert wenlan("export", "clusters", "--format", "nope").says("export-format")
    assert wenlan("export", "nope").says("export-what")
    assert wenlan("export", "clusters", "-o", "/proc/nowhere/x.csv").says("file-system")
    assert wenlan("rebuild", "nope").says("rebuild-what")


# -- the doctor


def checks(outcome: Any) -> dict[str, dict[str, Any]]:
    return {check["name"]["zh"]: check for check in outcome.json}


def test_the_doctor_finds_all_in_order(house: Any, wenlan: Any, files: Any, book: Any) -> None:
    for name in ("several", "punctual"):
        (house.config / "members" / f"{name}.toml").unlink(missing_ok=True)
    assert wenlan("load", files("x.iso", book("1", "家")), "--member", "zjsl").code == 0
    with Database(house.url).connect() as connection:
        connection.execute("delete from harvest_window")
    outcome = wenlan("doctor", "--json")
    assert outcome.code == 0 and all(check["ok"] for check in outcome.json)
    printed = wenlan("doctor")
    assert printed.code == 0 and "✓" in printed.out and "✗" not in printed.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (FILES.format("main", "/x", 'schedule = "every night"'), "schedule"),
        (FILES.format("main", "", 'schedule = "0 3 * * *"'), "url"),
        (FILES.format("main", "/x", 'encoding = "gbkk"'), "gbkk"),
        (FILES.format("main", "/x", 'holdings = "nowhere"'), "nowhere"),
        ("not toml", "odd.toml"),
        ("colour = 1", "odd.toml"),
    ],
)
def test_the_doctor_finds_members_that_are_set_wrong(house: Any, wenlan: Any, more: str, said: str) -> None:
    house.member("odd", more)
    outcome = wenlan("doctor", "--json")
    (house.config / "members" / "odd.toml").unlink()
    check = checks(outcome)["配置"]
    assert outcome.code == 1 and not check["ok"]
    assert said in check["advice"]["zh"] and said in check["advice"]["en"]


def test_the_doctor_finds_unfinished_work_failed_harvests_and_an_old_index(
    house: Any, wenlan: Any, files: Any, book: Any
) -> None:
    with Database(house.url).connect(autocommit=True) as connection, RawWriter(connection, "zjsl", "main") as run:
        run.write([RawRecord("w1", "iso2709", book("w1", "未读解"), file="w.iso")])
    shutil.rmtree(house.folder / "home" / "index", ignore_errors=True)
    outcome = wenlan("doctor", "--json")
    found = checks(outcome)
    assert outcome.code == 1
    assert [name for name, check in found.items() if not check["ok"]] == ["未完的工作", "收割", "检索索引"]
    assert "zjsl/main" in found["收割"]["advice"]["zh"] and "rebuild index" in found["检索索引"]["advice"]["en"]
    assert wenlan("load", files("x.iso", book("1", "家")), "--member", "zjsl").code == 0, (
        "and the next load mends all of it"
    )
    assert wenlan("doctor", "--json").code == 0


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"WENLAN_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "数据库"),
        ({"WENLAN_HOME": "/proc/nowhere"}, "数据目录"),
        ({"WENLAN_CONFIG": "/nowhere"}, "配置"),
    ],
)
def test_the_doctor_finds_a_house_that_is_not_in_order(wenlan: Any, environment: dict[str, str], name: str) -> None:
    outcome = wenlan("doctor", "--json", **environment)
    assert outcome.code == 1 and not checks(outcome)[name]["ok"] and checks(outcome)[name]["advice"]["zh"]
    assert "✗" in wenlan("doctor", **environment).out

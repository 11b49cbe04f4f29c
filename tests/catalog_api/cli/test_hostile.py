"""Content that was made to break something, or looks like it: loaded or quarantined with a reason, found again, inert on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import psycopg
import pytest

from catalog_api.cli import show
from normalise import records as normalising
from schemas.text import Text

SLIM = "http://www.loc.gov/MARC21/slim"
DOCTYPE = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;"><!ENTITY lol2 "&lol1;&lol1;&lol1;">]>'
XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def xml(number: int, title: str) -> str:
    return (
        f'<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">X{number}</controlfield>'
        f'<datafield tag="245" ind1="0" ind2="0"><subfield code="a">{title}</subfield></datafield></record>'
    )


def line(number: int, title: str) -> str:
    fields = [{"001": f"J{number}"}, {"101": {"subfields": [{"a": "chi"}]}}, {"200": {"subfields": [{"a": title}]}}]
    return json.dumps({"leader": "00000nam0 2200000   450 ", "fields": fields})


@pytest.fixture
def load(house: Any, wenlan: Any, files: Any, request: pytest.FixtureRequest) -> Any:
    """Load bytes as a member of the test's own; the report."""
    code = "m" + "".join(c for c in request.node.name if c.isalnum()).lower()[-25:]
    house.member(code)

    def run(name: str, content: str | bytes, *options: str) -> Any:
        data = content if isinstance(content, bytes) else content.encode()
        outcome = wenlan("load", files(name, data), "--member", code, "--json", *options)
        assert outcome.code == 0, outcome.err
        report = outcome.json
        row = report["files"][0]
        assert row["quarantined"] == sum(reason["count"] for reason in report["reasons"])
        return report

    return run


def safe(text: str) -> bool:
    """Whether a terminal is not steered by it; lines may end."""
    return not any(unicodedata.category(c) == "Cc" or c in "\u202e\u2066\u2069" for c in text.replace("\n", ""))


def test_controls_escapes_and_markup_in_titles(wenlan: Any, load: Any, book: Any) -> None:
    titles = [
        "控制\x01字\x07符\x1b[31m红色试品", "空字\0节试品", "<script>alert(1)</script>注入试品", "\x1b]0;pwned\x07\x1b[2J转义试品\u009b31m",
        "[bold red]方括号[/bold red] :smile: 试品", "右到左\u202eabc试品\u2066", "零宽\u200b字符\ufeff试品", "𠮷野家😀试品",
    ]  # fmt: skip
    report = load("titles.iso", b"".join(book(f"T{n}", title) for n, title in enumerate(titles)))
    assert report["files"][0]["new"] == len(titles) and not report["reasons"]
    outcome = wenlan("search", "试品", "--limit", "50")
    assert safe(outcome.out) and safe(outcome.err)
    for word in ("红色", "空字节", "注入", "转义", "方括号", "右到左", "字符", "😀"):
        assert word in outcome.out
    assert wenlan("search", "试品", "--json").json["total"] == len(titles)
    assert safe(wenlan("search", "\x1b[31m试品\u202e").out)


def test_what_looks_like_markup_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    odd = "[bold red]x[/bold red] :smile: [link=http://x]y[/link] \\[z] {a}"
    show.table(Text(odd, odd), [Text("题名", "title")], [[odd], ["\x1b[31m\r\x9b"], [None], [1234567], ["长" * 1000]])
    show.say(odd, "\x1b]0;x\x07")
    show.complain(odd, odd, odd)
    out, err = capsys.readouterr()
    assert out.count(odd) == 3 and err.count(odd) == 4
    assert safe(out) and safe(err) and "1,234,567" in out and "长…" in out


def test_fields_and_records_of_great_size(wenlan: Any, load: Any, book: Any) -> None:
    subjects = [
        ("606", b"0 \x1fa" + f"主题{n}".encode()) for n in range(8_000)
    ]  # about as many as a base address can hold
    data = book("1", "一兆长物", ("330", b"  \x1fa" + "内容".encode() * 180_000)) + book("2", "八千长物", *subjects)
    report = load("long.iso", data + book("3", "题" * 3_000 + "长物"))
    assert report["files"][0]["new"] == 3 and not report["reasons"]
    many = "".join(
        f'<datafield tag="650" ind1=" " ind2="0"><subfield code="a">S{n}</subfield></datafield>' for n in range(9_999)
    )
    record = xml(4, "九千长物").replace("</record>", many + "</record>")
    assert load("wide.xml", f'<collection xmlns="{SLIM}">{record}</collection>')["files"][0]["new"] == 1
    outcome = wenlan("search", "长物")
    assert max(map(len, outcome.out.splitlines())) < 1_000, "a title is cut on the terminal, not the table broken"
    assert wenlan("search", "长物", "--json").json["total"] == 4


def test_more_than_a_record_may_be(load: Any, book: Any) -> None:
    report = load(
        "huge.iso", book("1", "巨物") + book("2", "巨", ("330", b"  \x1fa" + b"x" * 5_000_000)) + book("3", "巨物三")
    )
    assert report["files"][0]["read"] - report["files"][0]["quarantined"] == 2
    assert "record-too-long" in {reason["code"] for reason in report["reasons"]}


def test_json_with_halves_of_characters_and_depths(wenlan: Any, load: Any) -> None:
    deep = '{"leader": "x", "fields": [{"001": "J3"}, {"200": ' + "[" * 100_000 + "]" * 100_000 + "}]}"
    odd = '{"leader": 5, "fields": [{"001": ["J4"]}, {"200": {"subfields": {"a": 1}}}, "x", null, {"245": {"subfields": [7]}}]}'
    parts = [
        line(1, "半个\ud800字符异物"),
        line(2, "零\0字节\x1b异物"),
        deep,
        odd,
        '{"leader": null, "fields": {}}',
        "[1, 2]",
        line(9, "末异物"),
    ]
    report = load("odd.json", "\n".join(parts))
    assert {reason["code"] for reason in report["reasons"]} == {"json-malformed", "not-a-record"}
    assert report["files"][0]["quarantined"] == 3
    found = wenlan("search", "异物", "--json").json
    assert found["total"] == 3 and all(safe(hit["title"]) for hit in found["hits"])


def test_xml_with_entities_depths_and_bombs(wenlan: Any, load: Any) -> None:
    titles = [
        "&bogus; relic",
        "&nbsp;&eacute; relic one",
        "<b>" * 3_000 + "relic" + "</b>" * 3_000,
        "&#27;[31m &#0; relic two",
        "open <b> relic",
    ]
    body = "".join(xml(n, title) for n, title in enumerate([*titles, "<![CDATA[<script>]]> relic three"]))
    report = load("odd.xml", f'<?xml version="1.0"?><collection xmlns="{SLIM}">{body}</collection>')
    assert {reason["code"]: reason["count"] for reason in report["reasons"]} == {"xml-entity": 1, "xml-malformed": 2}
    for doctype, entity in ((DOCTYPE, "&lol2;"), (XXE, "&x;")):
        text = f'<?xml version="1.0"?>{doctype}<collection xmlns="{SLIM}">{xml(11, entity)}{xml(12, "relic four")}</collection>'
        codes = {reason["code"] for reason in load("bomb.xml", text)["reasons"]}
        assert codes == {"xml-doctype", "xml-entity"}
    outcome = wenlan("search", "relic")
    assert "lollol" not in outcome.out and "root:" not in outcome.out and safe(outcome.out)
    assert wenlan("search", "relic", "--json").json["total"] == 4


def test_tables_with_formulas_and_impossible_numbers(wenlan: Any, load: Any) -> None:
    table = (
        'id,书号,书名,作者,定价,库存\n1,,=cmd|\'/c calc\'!A0 怪物,@SUM(1),+1,2\n2,,"=HYPERLINK(""http://x"",""怪物"")",张,1e400,99999999999999999999\n'
        '3,,反斜线\\u0000怪物\\\\u0000,张,-5,-99999999999\n4,,"没有闭合的怪物,张\n5,,好怪物,张,1,1\n'
    )
    report = load("table.csv", table)
    assert [(reason["code"], reason["count"]) for reason in report["reasons"]] == [("csv-row", 1)]
    found = wenlan("search", "怪物", "--json").json
    assert found["total"] == 4 and any("\\u0000" in hit["title"] for hit in found["hits"])
    exported = wenlan("export", "records", "--format", "csv").out
    assert not any(
        cell.startswith(("=", "+", "@")) for row in exported.splitlines() for cell in row.replace('"', "").split(",")
    )


def test_a_value_the_database_refuses_costs_one_record(
    house: Any, load: Any, book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = normalising._rows

    def refused(head: tuple[Any, ...], *rest: Any) -> Any:
        record, holdings = real(head, *rest)
        return ((*record[:8], b"{no json", *record[9:]) if head[4] == "V7" else record), holdings

    monkeypatch.setattr(normalising, "_rows", refused)
    report = load("values.iso", b"".join(book(f"V{n}", f"第{n}种") for n in range(20)))
    assert report["files"][0] | {"read": 20, "quarantined": 1} == report["files"][0]
    assert report["reasons"][0]["code"] == "unreadable" and "V7" in str(report["reasons"][0]["examples"])
    with psycopg.connect(house.url) as connection:
        live = connection.execute("select count(*) from record where local_id like 'V%' and status = 'live'").fetchone()
    assert live == (19,)


def test_bars_on_a_terminal_only_and_columns_in_line(house: Any, files: Any, book: Any, tmp_path: Path) -> None:
    file = files("条目.iso", b"".join(book(f"P{n}", f"第{n}册") for n in range(30)))
    house.member("bars")
    environment = {**os.environ, **house.environment, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    program = [sys.executable, "-c", "from catalog_api.cli import main; main()", "load", str(file), "--member", "bars"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=theirs, cwd=Path.cwd())
    os.close(theirs)
    table = process.communicate(timeout=60)[0].decode()
    bars = b""
    while True:
        try:
            bars += os.read(ours, 65536)
        except OSError:
            break
    os.close(ours)
    assert process.returncode == 0
    assert "30/" in bars.decode() and b"\x1b[" in bars, "a bar on the terminal"
    assert "\x1b" not in table, "and none in what goes into a file"
    widths = [
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in row)
        for row in table.splitlines()
        if row.strip()
    ]
    assert len(set(widths)) == 1, "every row of the table is as wide as the others"

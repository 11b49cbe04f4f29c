"""What is no load: files that hold no records, wrong arguments, a database that is away. A clear word, and nothing disturbed."""

from __future__ import annotations

import gzip
import io
import os
import random
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\xc8\0\0\0\xc8\x08\x02\0\0\0" + random.Random(1).randbytes(50_000)
PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
PROSE = "从前有座山，山里有座庙，庙里有个老和尚在讲故事。\n".encode() * 100


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("books.iso", content)
    return out.getvalue()


@pytest.fixture(scope="module")
def filled(house: Any) -> dict[str, Any]:
    """What is in the catalogue before anything goes wrong; filled by the first test that asks."""
    return {}


@pytest.fixture
def before(house: Any, wenlan: Any, files: Any, book: Any, filled: dict[str, Any]) -> Any:
    if "state" not in filled:
        good = files("good.iso", b"".join(book(f"G{n}", f"家春秋第{n}部") for n in range(5)))
        assert wenlan("load", good, "--member", "zjsl").code == 0
        filled["state"] = house.state()
    return filled["state"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("picture.png", PNG, "file-not-records"),
        ("error.html", PAGE, "file-html"),
        ("prose.txt", PROSE, "file-not-records"),
        ("books.zip", zipped(PROSE), "file-archive"),
        ("random.bin", random.Random(2).randbytes(300_000), "file-not-records"),
        ("empty.iso", b"", "file-empty"),
        ("blank.iso", b"\r\n \0\n", "file-empty"),
        ("empty.gz", gzip.compress(b""), "file-empty"),
        ("cut.gz", gzip.compress(PROSE)[:12], "file-truncated-gzip"),
        ("rss.xml", b"<rss><channel><title>x</title></channel></rss>", "file-not-records"),
        ("deep.xml", b"<a>" * 200_000, "file-not-records"),
    ],
)
def test_a_file_that_holds_no_records(
    house: Any, wenlan: Any, files: Any, before: Any, name: str, content: bytes, code: str
) -> None:
    outcome = wenlan("load", files(name, content), "--member", "zjsl", "--json")
    assert outcome.code == 1 and outcome.says(code) and name in outcome.err
    assert "什么也没有装入" in outcome.err and "Nothing was loaded" in outcome.err
    report = outcome.json
    assert [(error["file"], error["code"]) for error in report["errors"]] == [(name, code)]
    assert report["files"][0]["read"] == 0
    assert house.state() == before


def path_of(tmp_path: Path, kind: str) -> str:
    return {"missing": str(tmp_path / "nothere.iso"), "directory": str(tmp_path), "device": os.devnull}[kind]


@pytest.mark.parametrize(
    ("kind", "options", "code", "hint"),
    [
        ("missing", ["--member", "zjsl"], "file-missing", "nothere.iso"),
        ("directory", ["--member", "zjsl"], "file-directory", "*.iso"),
        ("device", ["--member", "zjsl"], "file-missing", "null"),
        ("good", ["--member", "nobody"], "member-unknown", "zjsl"),
        ("good", ["--member", "zjsl", "--source", "typo"], "source-unknown", "main"),
        ("good", ["--member", "zjsl", "--encoding", "gbkk"], "encoding-unknown", "gb18030"),
    ],
)
def test_wrong_arguments_stop_before_anything_is_read(
    house: Any,
    wenlan: Any,
    files: Any,
    book: Any,
    before: Any,
    tmp_path: Path,
    kind: str,
    options: list[str],
    code: str,
    hint: str,
) -> None:
    good = files("other.iso", book("N1", "不该装入"))
    given = [good, good if kind == "good" else path_of(tmp_path, kind)]
    outcome = wenlan("load", *given, *options)
    assert outcome.code == 1 and outcome.says(code) and hint in outcome.err
    assert not outcome.out
    assert house.state() == before


@pytest.mark.parametrize("given", ["marcxml", "csv", "marcjson", "oai", "dc"])
def test_a_wrong_format_names_the_right_one(
    house: Any, wenlan: Any, files: Any, book: Any, before: Any, given: str
) -> None:
    outcome = wenlan("load", files("good.iso", book("G1", "家") * 3), "--member", "zjsl", "--format", given)
    assert outcome.code == 1 and outcome.says("file-format-other") and "--format iso2709" in outcome.err
    assert house.state() == before


def test_a_format_nobody_knows(wenlan: Any, files: Any, book: Any) -> None:
    outcome = wenlan("load", files("good.iso", book("G1", "家")), "--member", "zjsl", "--format", "pdf")
    assert outcome.code == 1 and outcome.says("file-format-unknown") and "marcjson" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "zh"),
    [
        (["load", "x.iso"], "缺少 --member"),
        (["load"], "缺少"),
        (["load", "x", "--member", "zjsl", "--nonsense"], "没有选项 --nonsense"),
        (["search", "x", "--limit", "0"], "的值不对"),
        (["frob"], "frob"),
    ],
)
def test_wrong_usage_exits_with_2(wenlan: Any, arguments: list[str], zh: str) -> None:
    outcome = wenlan(*arguments)
    assert outcome.code == 2 and outcome.says("usage") and zh in outcome.err and "--help" in outcome.err
    assert not outcome.out


def test_help_is_in_both_languages(wenlan: Any) -> None:
    for arguments in ([], ["--help"], ["load", "--help"]):
        outcome = wenlan(*arguments)
        text = outcome.out + outcome.err
        assert "Usage" in text and ("装入" in text) and outcome.code == (0 if arguments else 2)


# -- trouble that nobody foresaw


def test_an_unexpected_error_is_a_sentence_and_a_line_in_the_log(
    house: Any, wenlan: Any, files: Any, book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("catalog_api.pipeline.load_files", fail)
    file = files("good.iso", book("G1", "家"))
    outcome = wenlan("load", file, "--member", "zjsl")
    log = house.folder / "home" / "log" / "errors.log"
    assert outcome.code == 1 and outcome.says("unexpected") and str(log) in outcome.err.replace("\n", "")
    assert "ZeroDivisionError: boom" in log.read_text() and "test_load_refusals" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    shown = wenlan("--debug", "load", file, "--member", "zjsl")
    assert shown.code == 1 and "ZeroDivisionError: boom" in shown.err


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"WENLAN_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x"}, "database-unreachable"),
        ({"WENLAN_DATABASE_URL": "nonsense:secret"}, "database-url"),
        ({"WENLAN_WORKERS": "many"}, "settings-wrong"),
        ({"WENLAN_CONFIG": "/nowhere"}, "config-missing"),
        ({"WENLAN_HOME": "/proc/nowhere", "WENLAN_DATABASE_URL": None}, "file-system"),
    ],
)
def test_a_house_that_is_not_in_order(wenlan: Any, environment: dict[str, str | None], code: str) -> None:
    outcome = wenlan("search", "家", **environment)
    assert outcome.code == 1 and outcome.says(code) and "secret" not in outcome.err
    assert not outcome.out


def test_what_a_database_says_of_values_stays_out_of_the_log(
    house: Any, wenlan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    def fail(*_: object, **__: object) -> None:
        with psycopg.connect(house.url) as connection:
            connection.execute("select '13800001111'::date")

    monkeypatch.setattr("catalog_api.pipeline.rebuild_index", fail)
    outcome = wenlan("--debug", "rebuild", "index")
    assert outcome.code == 1 and "13800001111" not in outcome.err
    assert "13800001111" not in (house.folder / "home" / "log" / "errors.log").read_text()

"""Files in a folder as a source: read when one of them changed, together or not at all."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from harvesters import harvest
from schemas.db import Database
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.raw import LoadCounts
from schemas.settings import Settings

MEMBER = Member.model_validate(
    {"code": "mm", "name": {"zh": "馆", "en": "Library"}, "system": "public", "kind": "city", "region": ["33"]}
)


def lines(*records: tuple[str, str]) -> bytes:
    made: list[dict[str, Any]] = [
        {
            "leader": "00000nam a2200000   4500",
            "fields": [{"001": id_}, {"200": {"ind1": "1", "ind2": " ", "subfields": [{"a": title}]}}],
        }
        for id_, title in records
    ]
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in made)


@pytest.fixture
def folder(settings: Settings) -> Path:
    folder = settings.home / "inbox"
    folder.mkdir(parents=True)
    (folder / "a.json").write_bytes(lines(("1", "甲"), ("2", "乙")))
    (folder / "b.json.gz").write_bytes(gzip.compress(lines(("3", "丙"))))
    (folder / ".partial").write_bytes(b"rubbish")
    return folder


def run(database: Database, settings: Settings, **more: Any) -> tuple[int, list[LoadCounts]]:
    source = Source(url=more.pop("url", "inbox"), max_shrink=0.5)
    batches = list(harvest(database.connect, settings, MEMBER, source, **more))
    return sum(len(batch.ids) for batch in batches), batches[-1].counts


def test_only_when_something_changed(database: Database, settings: Settings, folder: Path) -> None:
    changed, counts = run(database, settings)
    assert changed == 3 and [(c.name, c.read, c.new) for c in counts] == [("a.json", 2, 2), ("b.json.gz", 1, 1)]
    assert run(database, settings) == (0, [])
    assert run(database, settings) == (0, [])
    (folder / "c.json").write_bytes(lines(("4", "丁")))
    changed, counts = run(database, settings)
    assert changed == 1 and sum(c.unchanged for c in counts) == 3
    assert run(database, settings, url=str(folder / "*.json"))[0] == 0


def test_full_withdraws(database: Database, settings: Settings, folder: Path) -> None:
    run(database, settings)
    (folder / "b.json.gz").unlink()
    changed, counts = run(database, settings, full=True)
    assert changed == 1 and counts[-1].withdrawn == 1


def test_a_bad_file_does_not_stop_the_others_and_is_reported(
    database: Database, settings: Settings, folder: Path
) -> None:
    (folder / "a.html").write_bytes(b"<html><head><title>Login</title></head></html>")
    for _ in range(2):
        with pytest.raises(WenlanError, match="file-html"):
            run(database, settings)
    with database.connect() as connection:
        assert connection.execute("select count(*) from raw_record").fetchone() == (3,)
        assert (
            connection.execute("select state, error->>'code' from harvest_window").fetchall()
            == [("failed", "file-html")] * 2
        )


def test_a_cut_file_keeps_what_was_read(database: Database, settings: Settings, folder: Path) -> None:
    whole = gzip.compress(lines(*((str(n), f"题名 {n}") for n in range(100, 2000))), 1)
    (folder / "z.json.gz").write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(WenlanError, match="file-truncated-gzip"):
        run(database, settings, full=True)
    with database.connect() as connection:
        count = connection.execute("select count(*), count(*) filter (where deleted) from raw_record").fetchone()
    assert count is not None and count[0] > 1000 and count[1] == 0


def test_no_files(database: Database, settings: Settings) -> None:
    with pytest.raises(WenlanError, match="files-missing"):
        run(database, settings, url="nowhere")

"""A load that is killed at random moments and run again ends where a load that was left alone ends."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from catalog_api.demo.generate import generate
from schemas.db import Database

RECORDS = 12_000


def _environment(home: Path, url: str) -> dict[str, str]:
    return {**os.environ, "WENLAN_HOME": str(home), "WENLAN_DATABASE_URL": url}


def _load(home: Path, url: str, files: list[Path], member: str) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-c", "from catalog_api.cli import main; main()"]
    return subprocess.Popen(
        [*program, "load", *map(str, files), "--member", member, "--json"],
        env=_environment(home, url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _finish(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err.decode()
    report: dict[str, Any] = json.loads(out)
    return report


def state(url: str) -> dict[str, Any]:
    """Everything a user could tell apart, without ids that only tell history."""
    with psycopg.connect(url) as connection:
        run = connection.execute
        records = run(
            "select member, source, local_id, status, schema, bib, findings from record order by 1, 2, 3"
        ).fetchall()
        raw = run(
            "select member, source, local_id, container, hash, deleted, problem from raw_record order by 1, 2, 3"
        ).fetchall()
        holdings = run(
            "select r.member, r.local_id, h.copies, h.available, h.body from holding h join record r on r.id = h.record_id"
        ).fetchall()
        quarantine = run(
            "select r.member, r.local_id, q.code from quarantine q join record r on r.id = q.record_id"
        ).fetchall()
        members = run(
            "select c.id, r.member, r.source, r.local_id from cluster c join record r on r.id = any(c.record_ids) where c.status = 'live'"
        ).fetchall()
        merged = run("select id, merged->'bib' from cluster where status = 'live'").fetchall()
        due = run("select count(*) from record where match_due").fetchone()
    partition: dict[int, list[tuple[str, ...]]] = {}
    for cluster, *who in members:
        partition.setdefault(cluster, []).append(tuple(who))
    descriptions = dict(merged)
    assert descriptions.keys() == partition.keys()
    return {
        "records": records,
        "raw": raw,
        "holdings": sorted(map(repr, holdings)),
        "quarantine": sorted(quarantine),
        "editions": sorted((sorted(who), repr(descriptions[cluster])) for cluster, who in partition.items()),
        "due": due,
    }


def _found(home: Path, url: str) -> list[Any]:
    """The editions a search finds, by what is shown of them: cluster ids may tell history."""
    program = [sys.executable, "-c", "from catalog_api.cli import main; main()"]
    done = subprocess.run(
        [*program, "search", "史 OR 中国 OR history", "--limit", "100", "--json"],
        env=_environment(home, url),
        capture_output=True,
        check=True,
    )
    result = json.loads(done.stdout)
    return [
        result["total"],
        sorted((h["title"], h.get("responsibility", ""), h.get("year") or 0) for h in result["hits"])[:20],
    ]


@pytest.fixture
def second_database(server_url: str, database: Database) -> Any:
    """Another fresh database beside the first."""
    admin = server_url.replace("/wenlan?", "/postgres?")
    name = "t_second_" + os.urandom(4).hex()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template wenlan")
    yield server_url.replace("/wenlan?", f"/{name}?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


# How far a run has come when it is killed: rows of a table, then a random moment later. Progress, not time: machines differ.
STAGES = ("raw_record", "raw_record", "record", "record", "cluster", "cluster")


def _kill_at(process: subprocess.Popen[bytes], url: str, table: str, rows: int, later: float) -> bool:
    """Wait until the table holds so many rows, then kill. False where the process ended by itself before."""
    with psycopg.connect(url, autocommit=True) as connection:
        while process.poll() is None:
            row = connection.execute(f"select count(*) from {table}").fetchone()  # type: ignore[arg-type]
            if row is not None and row[0] >= rows:
                time.sleep(later)
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.01)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def test_killed_and_run_again(tmp_path: Path, database: Database, second_database: str) -> None:
    federation = generate(tmp_path / "files", records=RECORDS, seed=7)
    largest = max(federation.members.values(), key=lambda m: m.records)
    member, files = largest.code, largest.files
    _finish(_load(tmp_path / "a", database.url, files, member))

    chance = random.Random()
    killed = 0
    for table in STAGES:
        rows = chance.randint(0, largest.records // 2)
        process = _load(tmp_path / "b", second_database, files, member)
        killed += _kill_at(process, second_database, table, rows, chance.uniform(0, 0.3))
    assert killed >= 3, "too few were killed to prove anything"
    _finish(_load(tmp_path / "b", second_database, files, member))

    assert state(second_database) == state(database.url)
    assert _found(tmp_path / "b", second_database) == _found(tmp_path / "a", database.url)

    again = _finish(_load(tmp_path / "b", second_database, files, member))
    assert all(file["new"] == file["changed"] == file["deleted"] == 0 for file in again["files"])
    assert again["matched"] == again["indexed"] == 0

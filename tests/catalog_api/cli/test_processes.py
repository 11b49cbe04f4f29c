"""Interrupted, killed, run side by side: nothing is left running, and the next command goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

PROGRAM = [sys.executable, "-c", "from catalog_api.cli import main; main()"]
COUNT = 12_000


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough records for two workers to be busy for some seconds."""
    file = tmp_path_factory.mktemp("books") / "many.iso"
    parts = []
    for n in range(COUNT):
        title = f"1 \x1fa第{n}号卷宗\x1ff某甲{n % 97}著".encode()
        number = b"%06d" % n
        directory = b"001%04d00000200%04d%05d" % (len(number) + 1, len(title) + 1, len(number) + 1)
        body = number + b"\x1e" + title + b"\x1e\x1d"
        base = 24 + len(directory) + 1
        parts.append(b"%05dnam0 22%05d   450 " % (base + len(body), base) + directory + b"\x1e" + body)
    file.write_bytes(b"".join(parts))
    return file


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an embedded server of its own."""
    return tmp_path_factory.mktemp("embedded")


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start `wenlan` as a session of its own; the sessions left at the end are killed."""
    begun: list[subprocess.Popen[bytes]] = []

    def run(*arguments: object, **environment: str) -> subprocess.Popen[bytes]:
        values = {k: v for k, v in os.environ.items() if not k.startswith("WENLAN_")}
        values |= {"WENLAN_HOME": str(home), "WENLAN_WORKERS": "2", **environment}
        process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            env=values,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        begun.append(process)
        return process

    yield run
    for process in begun:
        for left in session(process.pid):
            left.kill()
        process.communicate()


def session(number: int) -> list[psutil.Process]:
    """The processes of a session, workers included."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == number and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, ProcessLookupError):
            continue
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (met := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return met


def finish(process: subprocess.Popen[bytes], code: int = 0) -> tuple[str, str]:
    out, err = (text.decode() for text in process.communicate(timeout=120))
    assert process.returncode == code, err
    assert "Traceback" not in err
    return out, err


def running(home: Path) -> bool:
    return (home / "postgres" / "data" / "postmaster.pid").exists()


def under_way(process: subprocess.Popen[bytes]) -> bool:
    """Whether its workers are there: a load is then in the middle of describing."""
    return len(session(process.pid)) >= 4


def test_two_loads_at_once_start_one_server_and_stop_it(start: Start, home: Path, books: Path, tmp_path: Path) -> None:
    few = tmp_path / "few.iso"
    few.write_bytes(books.read_bytes()[:20_000].rpartition(b"\x1d")[0] + b"\x1d")
    both = [start("load", few, "--member", member, "--json") for member in ("zjsl", "htcl")]
    reports = [json.loads(finish(process)[0]) for process in both]
    assert all(report["files"][0]["new"] > 100 and not report["errors"] for report in reports)
    assert sum(report["matched"] for report in reports) == sum(report["files"][0]["new"] for report in reports)
    assert not running(home)


@pytest.mark.parametrize(("number", "code", "all_of_them"), [(signal.SIGINT, 130, True), (signal.SIGTERM, 143, False)])
def test_an_interrupted_load_leaves_nothing_running(
    start: Start, home: Path, books: Path, number: signal.Signals, code: int, all_of_them: bool
) -> None:
    member = {signal.SIGINT: "szgj", signal.SIGTERM: "whbk"}[number]  # records that no test before has stored
    process = start("load", books, "--member", member, "--source", "main", "--format", "iso2709")
    wait_for(lambda: under_way(process))
    os.killpg(process.pid, number) if all_of_them else process.send_signal(number)
    began = time.monotonic()
    _, err = finish(process, code)
    assert time.monotonic() - began < 20
    assert "已中断" in err and "Interrupted" in err and "run it again" in err
    wait_for(lambda: not session(process.pid), 10)
    assert not running(home)


def test_a_killed_load_leaves_no_workers_and_the_next_goes_on(start: Start, home: Path, books: Path) -> None:
    process = start("load", books, "--member", "lxcl")
    wait_for(lambda: under_way(process))
    process.kill()
    process.communicate()
    wait_for(lambda: not session(process.pid), 10)
    assert running(home), "the server has no parent to die with; the next command finds it"
    report = json.loads(finish(start("load", books, "--member", "lxcl", "--json"))[0])
    row = report["files"][0]
    assert row["read"] == COUNT == row["new"] + row["unchanged"] and not report["errors"]
    assert not running(home), "and the last one to leave stops it"
    again = json.loads(finish(start("load", books, "--member", "lxcl", "--json"))[0])
    assert again["files"][0]["unchanged"] == COUNT and again["matched"] == again["indexed"] == 0
    found = json.loads(finish(start("search", "卷宗", "--json"))[0])
    assert found["total"] == COUNT


def test_a_worker_runs_what_is_due_and_stops_when_told(house: Any, start: Start, files: Any, book: Any) -> None:
    inbox = files("inbox/a.iso", b"".join(book(f"D{n}", f"日报第{n}期") for n in range(30))).parent
    house.member("timed", f'[[sources]]\ncode = "main"\nurl = "{inbox}"\nschedule = "0 3 * * *"\n')
    process = start("worker", **house.environment)
    wait_for(lambda: house.ask("select state from harvest_window where member = 'timed'") == [("success",)])
    wait_for(lambda: house.ask("select count(*) from record where member = 'timed' and not match_due") == [(30,)])
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    _, err = finish(process)
    assert time.monotonic() - began < 10
    assert "timed/main：读到 30 条" in err and "timed/main: 30 read" in err and "The worker has stopped" in err
    assert not session(process.pid)


def test_a_worker_breaks_a_long_harvest_off(house: Any, start: Start, books: Path) -> None:
    house.member("long", f'[[sources]]\ncode = "main"\nurl = "{books}"\nschedule = "0 3 * * *"\n')
    process = start("worker", **house.environment)

    def begun() -> bool:
        with psycopg.connect(house.url) as connection:
            row = connection.execute("select count(*) from raw_record where member = 'long'").fetchone()
        return row is not None and row[0] > 2_000

    wait_for(begun)
    process.send_signal(signal.SIGTERM)
    finish(process)
    [(state, code)] = house.ask("select state, error->>'code' from harvest_window where member = 'long'")
    assert (state, code) in (("failed", "harvest-interrupted"), ("failed", "failed"), ("success", None))
    assert house.ask("select count(*) from procrastinate_jobs where status = 'doing'") == [(0,)]

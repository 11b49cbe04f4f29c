"""From files to searchable, stage by stage: `python -m benchmarks.pipeline --records 10000`; prints one JSON object.

The files come from the generator of the demonstration federation. `whole` is what `wenlan load` of all ten members does, receiving and
describing side by side in worker processes; `read`, `describe` and `store` are the same work measured alone in one process.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks.memory import PeakMemory
from catalog_api.context import open_context
from catalog_api.demo.generate import Federation, generate
from catalog_api.pipeline import LoadReport, finish_loads, load_files, settle
from harvesters.files import open_file
from harvesters.store import RawWriter, batches
from normalise.crosswalk import crosswalk
from normalise.match.features import feature_row
from normalise.match.keys import keys
from normalise.read import Unreadable, read
from normalise.records import Normaliser, Rules
from schemas.db import open_database
from schemas.settings import Settings


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Count, seconds and rate of a piece of work that returns how many records it did."""
    started = time.perf_counter()
    count = work()
    seconds = time.perf_counter() - started
    return {"records": count, "seconds": round(seconds, 2), "rate": round(count / seconds)}


def slice_only(federation: Federation) -> int:
    return sum(1 for m in federation.members.values() for f in m.files for _ in open_file(f, name=f.name))


def read_and_describe(federation: Federation, config: Path) -> int:
    """Read, crosswalk, features and keys in this process, without a database."""
    rules = Rules.load(config)
    count = 0
    for code, given in federation.members.items():
        member = rules.members[code]
        source = member.source("main")
        for file in given.files:
            for raw in open_file(file, name=file.name):
                count += 1
                try:
                    reading = read(raw, schema_hint=source.record_schema, encoding_hint=source.encoding)
                except Unreadable:
                    continue
                if not reading.deleted:
                    made = crosswalk(reading, member=member, source=source, profiles=rules.profiles)
                    keys(feature_row(made.bib, record_id=1, member=code))
    return count


def store_only(federation: Federation, home: Path) -> int:
    count = 0
    with open_database(Settings(home=home)) as database:
        for code, given in federation.members.items():
            with database.connect(autocommit=True) as connection, RawWriter(connection, code, "main") as writer:
                for file in given.files:
                    for batch in batches(open_file(file, name=file.name)):
                        writer.write(batch)
                        count += len(batch)
                writer.finish()
    return count


def whole(federation: Federation, home: Path) -> dict[str, Any]:
    """The whole from files to searchable, then the same again to see what an unchanged night costs."""
    settings = Settings(home=home)
    with open_context(settings) as context:
        server = psutil.Process(_postmaster(home))
        with PeakMemory(server) as memory:
            started, spent = time.perf_counter(), cpu_seconds(server)
            report, count = _load(context, federation)
            seconds = time.perf_counter() - started
            spent = [round(now - before, 2) for now, before in zip(cpu_seconds(server), spent, strict=True)]
        started = time.perf_counter()
        again, _ = _load(context, federation)
        unchanged = time.perf_counter() - started
        indexed = context.engine.count()
    return {
        "records": count,
        "seconds": round(seconds, 2),
        "rate": round(count / seconds),
        "cpu_seconds": {"python": spent[0], "postgres": spent[1]},
        "describe": round(report.timings["describe"], 2),
        "match": round(report.timings["match"], 2),
        "index": round(report.timings["index"], 2),
        "match_rate": round(report.matched / report.timings["match"]),
        "index_rate": round(report.indexed / report.timings["index"]),
        "editions": indexed,
        "peak_mb": round(memory.peak / 1e6),
        "again_seconds": round(unchanged, 2),
        "again_matched": again.matched,
    }


def cpu_seconds(server: psutil.Process) -> list[float]:
    """CPU used so far by this process and its workers, and by PostgreSQL; ended workers and backends included."""
    return [_cpu(psutil.Process()), _cpu(server)]


def _cpu(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        own = times.user + times.system + times.children_user + times.children_system
        return own + sum(_cpu(child) for child in process.children())
    return 0.0


def _load(context: Any, federation: Federation) -> tuple[LoadReport, int]:
    reports: list[LoadReport] = []
    started = time.perf_counter()
    with Normaliser(context.database.url, context.settings) as normaliser:
        for code, given in federation.members.items():
            reports.append(load_files(context, given.files, code, normaliser=normaliser))
        finish_loads(context, normaliser, reports)
    count = sum(file.read for report in reports for file in report.files)
    described = time.perf_counter() - started
    settled = settle(context)
    settled.timings["describe"] = described
    return settled, count


def _postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--only", choices=["whole"], help="leave out the stages measured alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wenlan-bench-") as folder:
        home = Path(folder)
        started = time.perf_counter()
        federation = generate(home / "files", records=options.records, seed=1)
        result: dict[str, Any] = {"generate_rate": round(options.records / (time.perf_counter() - started))}
        if options.only is None:
            result["slice"] = timed(lambda: slice_only(federation))
            result["describe"] = timed(lambda: read_and_describe(federation, Settings().config))
            result["store"] = timed(lambda: store_only(federation, home / "store"))
        result["whole"] = whole(federation, home / "whole")
    print(json.dumps(result))


if __name__ == "__main__":
    main()

"""`make bench`: every measurement of this folder, as tables. `--sizes 10000 100000 1000000` for other sizes.

Rates are records a second on the machine it runs on; compare sizes and stages of one run, not runs of different machines.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

out = Console(highlight=False)


def pipeline(sizes: list[int]) -> None:
    results: list[dict[str, Any]] = []
    for size in sizes:
        out.print(f"[dim]pipeline, {size:,} records …[/dim]")
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.pipeline", "--records", str(size)],
            capture_output=True,
            text=True,
            check=True,
        )
        results.append(json.loads(done.stdout))
    table = Table(title="From files to searchable", title_justify="left")
    table.add_column("stage")
    for size in sizes:
        table.add_column(f"{size:,} records", justify="right")
    for name in ("slice", "describe", "store"):
        table.add_row(f"{name} alone, one process (records/s)", *(f"{r[name]['rate']:,}" for r in results))
    for name, unit in (("match_rate", "records/s"), ("index_rate", "editions/s"), ("rate", "records/s")):
        label = {"match_rate": "match", "index_rate": "index", "rate": "whole, files to searchable"}[name]
        table.add_row(f"{label} ({unit})", *(f"{r['whole'][name]:,}" for r in results))
    table.add_row("whole (seconds)", *(f"{r['whole']['seconds']:,}" for r in results))
    table.add_row("the same files again (seconds)", *(f"{r['whole']['again_seconds']:,}" for r in results))
    table.add_row("peak memory, PostgreSQL included (MB)", *(f"{r['whole']['peak_mb']:,}" for r in results))
    base = results[0]["whole"]["rate"]
    table.add_row("whole, relative to the smallest size", *(f"{r['whole']['rate'] / base:.2f}" for r in results))
    out.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--only", choices=["pipeline", "accuracy"])
    options = parser.parse_args()
    if options.only != "accuracy":
        pipeline(options.sizes)
    if options.only != "pipeline":
        subprocess.run([sys.executable, "-m", "benchmarks.accuracy"], check=True)


if __name__ == "__main__":
    main()

"""The way from a partner's bytes to a searchable edition: receive, describe, match, index.

Every step commits in batches and finds what waits for it by itself (docs/decisions/0003), so any of these functions can be killed and
run again. `progress` is called with the name of a step, how many more are done, and the total where it is known.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import psycopg

from contextlib import ExitStack

from catalog_api.context import Context
from catalog_api.search.project import project
from harvesters.files import open_file
from harvesters.store import Kind, RawWriter, batches, met_ids, note_quarantined
from normalise.match.run import match_due, rebuild
from normalise.records import Normaliser, waiting
from schemas.db import Sql
from schemas.errors import WenlanError
from schemas.member import Source, find_member
from schemas.quality import Finding
from schemas.raw import LoadCounts, RawRecord
from schemas.text import Text

SQL = Sql("catalog_api", "pipeline.sql")
Progress = Callable[[str, int, int | None], None]
_TRUNCATED = frozenset({"truncated", "not-a-record", "xml-malformed"})


class Reason(msgspec.Struct):
    """Why records of a run are quarantined: one line a kind of fault."""

    code: str
    count: int
    zh: str
    en: str


class LoadReport(msgspec.Struct):
    """What a load did. `files`: read == stored + quarantined on every line."""

    member: str
    source: str
    files: list[LoadCounts] = []
    reasons: list[Reason] = []
    matched: int = 0
    clusters: int = 0
    indexed: int = 0
    seconds: float = 0.0
    timings: dict[str, float] = {}  # seconds of receive+describe, match, index
    error: Text | None = None

    @property
    def wrote_nothing(self) -> bool:
        return (
            not self.matched
            and not self.indexed
            and not any(f.new + f.changed + f.deleted + f.withdrawn for f in self.files)
        )


def silent(step: str, count: int, total: int | None = None) -> None:
    """Progress nobody watches."""


def load_files(
    context: Context,
    files: Sequence[Path],
    member: str,
    source: str = "main",
    *,
    container: str = "",
    encoding: str = "",
    full: bool = False,
    force: bool = False,
    normaliser: Normaliser | None = None,
    progress: Progress = silent,
) -> LoadReport:
    """Load local files of a member up to searchable.

    With a `normaliser` of the caller's (several loads share its processes) the caller calls `settle` at the end.
    Raises WenlanError for a member that is not configured, a file that is no record file, and a refused `full`.
    """
    found = find_member(context.members, member)
    about = found.source(source)
    started = time.monotonic()
    report = LoadReport(member, source)
    for file in files:
        _check_readable(file)
    refused: WenlanError | None = None
    with ExitStack() as stack:
        connection = stack.enter_context(context.database.connect(autocommit=True))
        pool = normaliser or stack.enter_context(Normaliser(context.database.url, context.settings))
        try:
            _receive(
                connection,
                pool,
                _source_records(files, about, container, encoding),
                report,
                about,
                full,
                force,
                progress,
            )
        except WenlanError as error:
            refused = error
    met = {file.name for file in report.files}
    report.files += [LoadCounts(name) for name in map(_name, files) if name not in met]  # an answer that holds no record
    report.timings["describe"] = time.monotonic() - started
    if normaliser is None:
        settle(context, report, progress)
    if refused is not None:
        raise refused
    report.seconds = time.monotonic() - started
    return report


def _check_readable(file: Path) -> None:
    if str(file) == "-" or file.is_fifo():
        return
    if not file.is_file():
        raise WenlanError(
            "file-missing",
            "没有文件 {file}，或它是目录。",
            "There is no file {file}, or it is a directory.",
            file=file.name,
        )


def _receive(
    connection: psycopg.Connection[Any],
    normaliser: Normaliser,
    records: Iterator[RawRecord],
    report: LoadReport,
    source: Source,
    full: bool,
    force: bool,
    progress: Progress,
) -> None:
    """Store the bytes and describe them side by side: while a batch is read and written, workers describe the ones before."""
    kind: Kind = "full" if full else "file"
    with RawWriter(connection, report.member, source.code, kind, max_shrink=source.max_shrink) as writer:
        normaliser.submit(waiting(connection, report.member, source.code))
        try:
            for batch in batches(records):
                normaliser.submit(writer.write(batch))
                progress("读入 read", len(batch), None)
            writer.finish(full=full, max_shrink=1.0 if force else None)
        finally:
            # what was received before an error is described all the same: nothing waits for a run that may never come
            normaliser.submit(writer.withdrawn_ids)
            normaliser.finish()
            report.files = writer.counts
            note_quarantined_of(connection, writer.window_id, report)


def _source_records(files: Sequence[Path], source: Source, container: str, encoding: str) -> Iterator[RawRecord]:
    for file in files:
        yield from _records(file, source, container, encoding)


def _name(file: Path) -> str:
    return "stdin" if str(file) == "-" else file.name


def _records(file: Path, source: Source, container: str, encoding: str) -> Iterator[RawRecord]:
    stream: Path | BinaryIO = sys.stdin.buffer if str(file) == "-" else file
    yield from open_file(stream, name=_name(file), container=container, encoding=encoding or source.encoding, columns=source.columns)


def note_quarantined_of(connection: psycopg.Connection[Any], window: int, report: LoadReport) -> None:
    """Count, in the window and in the report, what cannot be read of each file, and say why."""
    counts: dict[str, int] = {}
    reasons: dict[str, list[dict[str, str]]] = {}
    for name, ids in met_ids(connection, window):
        rows = connection.execute(SQL["quarantined_of"], {"ids": ids}).fetchall()
        counts[name] = counts.get(name, 0) + len(rows)
        for _, code, args in rows:
            reasons.setdefault(code, []).append(args)
    note_quarantined(connection, window, counts)
    for file in report.files:
        file.quarantined = counts.get(file.name, 0)
    for code, arguments in sorted(reasons.items(), key=lambda item: -len(item[1])):
        text = reason_text(code, arguments[0])
        report.reasons.append(Reason(code, len(arguments), text.zh, text.en))


def reason_text(code: str, args: dict[str, str]) -> Text:
    finding = Finding(code, field=args.get("field", ""), byte=int(args.get("byte") or -1), args=args)
    text = finding.text()
    where_zh, where_en = (
        f"{args.get('file', '')} 第 {args.get('record', '?')} 条",
        f"{args.get('file', '')} record {args.get('record', '?')}",
    )
    return Text(f"{where_zh}：{text.zh}", f"{where_en}: {text.en}")


def settle(context: Context, report: LoadReport | None = None, progress: Progress = silent) -> LoadReport:
    """Match what waits for matching and index what changed."""
    report = report or LoadReport("", "")
    with context.database.connect(autocommit=True) as connection:
        started = time.monotonic()
        matched = match_due(connection, progress=_steps("匹配 match", progress))
        report.matched += matched.records
        report.clusters += matched.created + matched.changed + matched.redirected + matched.withdrawn
        report.timings["match"] = time.monotonic() - started
        report.indexed += index(context, connection, report, progress)
    return report


def index(
    context: Context,
    connection: psycopg.Connection[Any],
    report: LoadReport,
    progress: Progress,
    *,
    rebuild: bool = False,
) -> int:
    """Bring the search index up to date, or make it anew; the number of clusters written."""
    started = time.monotonic()
    count = project(
        connection,
        context.engine,
        members=context.members,
        rebuild=rebuild,
        progress=lambda more: progress("索引 index", more, None),
    )
    report.timings["index"] = time.monotonic() - started
    return count


def rebuild_match(context: Context, engine: str, progress: Progress = silent) -> LoadReport:
    """Take new corpus statistics, match everything again and index what came out differently."""
    report = LoadReport("", "")
    with context.database.connect(autocommit=True) as connection:
        matched = rebuild(connection, engine, progress=_steps("匹配 match", progress))
        report.matched = matched.records
        report.clusters = matched.created + matched.changed + matched.redirected + matched.withdrawn
        report.indexed = index(context, connection, report, progress)
    return report


def rebuild_index(context: Context, progress: Progress = silent) -> LoadReport:
    """Fill a new index from the store; it takes the old one's place when it is complete."""
    report = LoadReport("", "")
    with context.database.connect(autocommit=True) as connection:
        report.indexed = index(context, connection, report, progress, rebuild=True)
    return report


def _steps(name: str, progress: Progress) -> Callable[[int, int], None]:
    """A callback for jobs that tell how many are done so far."""
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        progress(name, done - told, total)
        told = done

    return tell

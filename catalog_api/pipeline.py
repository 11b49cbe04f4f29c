"""The way from a partner's bytes to a searchable edition: receive, describe, match, index.

Every step commits in batches and finds what waits for it by itself (docs/decisions/0003), so any of these functions can be killed and
run again. `progress` is called with the name of a step, how many more are done, and the total where it is known.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import psycopg

from catalog_api.context import Context
from catalog_api.report import SQL, LoadReport, Reason, Refusal, note_quarantined_of
from catalog_api.search.project import project
from harvesters.files import open_file
from harvesters.store import Kind, RawWriter, batches
from normalise.match.run import match_due, rebuild
from normalise.read.encoding import canonical
from normalise.records import Normaliser, waiting
from schemas.errors import WenlanError
from schemas.member import Member, Source, find_member
from schemas.raw import LoadCounts, RawRecord

__all__ = [
    "SQL",
    "LoadReport",
    "Progress",
    "Reason",
    "Refusal",
    "Stopped",
    "load_files",
    "rebuild_index",
    "rebuild_match",
    "rebuild_records",
    "settle",
    "silent",
]

Progress = Callable[[str, int, int | None], None]
_CHUNK = 10_000  # records submitted at a time


class Stopped(Exception):
    """For a `progress` callback to raise where the work is to break off; it goes on when it is run again."""


def silent(step: str, count: int, total: int | None = None) -> None:
    """Progress nobody watches."""


def load_files(
    context: Context,
    files: Sequence[Path],
    member: str,
    source: str = "",
    *,
    container: str = "",
    encoding: str = "",
    full: bool = False,
    force: bool = False,
    normaliser: Normaliser | None = None,
    progress: Progress = silent,
) -> LoadReport:
    """Load local files of a member up to searchable; `source` may be empty where the member has one source only.

    A file that cannot be read, or not to its end, stands in the report's `errors`, as does a refused `full`: all that could be read of
    this and the other files is stored. Raises WenlanError, before anything is read, for a member, source or encoding that is not known
    and for a path that is no file. With a `normaliser` of the caller's several loads share its processes: nothing waits for them until
    the caller calls `finish_loads` and `settle`.
    """
    about = choose_source(find_member(context.members, member), source)
    check_encoding(encoding)
    check_encoding(about.encoding)
    named = _named(files)
    started = time.monotonic()
    report = LoadReport(member, about.code)
    with ExitStack() as stack:
        connection = stack.enter_context(context.database.connect(autocommit=True))
        pool = normaliser or stack.enter_context(Normaliser(context.database.url, context.settings))
        records = _records(named, about, container, encoding, report)
        _receive(connection, pool, records, report, about, full, force, progress)
        if normaliser is None:
            _finish(connection, pool, [report])
    met = {file.name for file in report.files}
    report.files += [LoadCounts(name) for name, _ in named if name not in met]  # an answer that holds no record
    report.timings["describe"] = time.monotonic() - started
    if normaliser is None:
        settle(context, report, progress)
    report.seconds = time.monotonic() - started
    return report


def choose_source(member: Member, code: str) -> Source:
    """The source of that code; without a code the one called main, or the only one. A member without sources may use any code."""
    codes = [source.code for source in member.sources]
    code = code or (codes[0] if len(codes) == 1 else "main")
    if codes and code not in codes:
        raise WenlanError(
            "source-unknown",
            "成员 {member} 没有来源 {source}。已配置：{known}。请用 --source 指明，或在 config/members/{member}.toml 加一个 [[sources]]。",
            "Member {member} has no source {source}. Configured: {known}. Name one with --source, or add [[sources]] to "
            "config/members/{member}.toml.",
            member=member.code,
            source=code,
            known=", ".join(codes),
        )
    return member.source(code)


def check_encoding(name: str) -> None:
    """Raise WenlanError `encoding-unknown` for a name that stands for no encoding."""
    if name and not canonical(name):
        raise WenlanError(
            "encoding-unknown",
            "不认识编码“{name}”。常用：utf-8、gb18030（含 gbk、gb2312）、big5、marc-8、cp1251；不写则逐条识别。",
            "There is no encoding {name}. Usual ones: utf-8, gb18030 (also gbk, gb2312), big5, marc-8, cp1251. Without one it is found "
            "out record by record.",
            name=name,
        )


def _named(files: Sequence[Path]) -> list[tuple[str, Path]]:
    """Each file once, with the name it has in counts and messages: its base name, or more of its path where that stands twice."""
    given = list(dict.fromkeys(files))
    for file in given:
        _check_readable(file)
    bases = [file.name for file in given]
    return [
        ("stdin" if str(file) == "-" else _readable(file.name if bases.count(file.name) == 1 else str(file)), file)
        for file in given
    ]


def _readable(name: str) -> str:
    """A file's name as text; names that are not UTF-8 come from systems that write GBK."""
    raw = os.fsencode(name)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "backslashreplace")


def _check_readable(file: Path) -> None:
    if str(file) == "-" or file.is_fifo() or file.is_file():
        return
    if file.is_dir():
        raise WenlanError(
            "file-directory",
            "{file} 是目录。请写出其中的文件，例如 {file}/*.iso。什么也没有装入。",
            "{file} is a directory. Name the files in it, for example {file}/*.iso. Nothing was loaded.",
            file=_readable(str(file)),
        )
    raise WenlanError(
        "file-missing",
        "没有文件 {file}，或它不是可读的文件。请检查路径。什么也没有装入。",
        "There is no file {file}, or it is none that can be read. Check the path. Nothing was loaded.",
        file=_readable(str(file)),
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
        for batch in batches(records):
            normaliser.submit(writer.write(batch))
            progress("读入 read", len(batch), None)
        damaged = ", ".join(f"{error.file}: {error.code}" for error in report.errors)
        try:
            writer.finish(full=full, damaged=damaged, max_shrink=1.0 if force else None)
        except WenlanError as error:
            report.errors.append(Refusal.of(error))
        normaliser.submit(writer.withdrawn_ids)
        report.files, report.window = writer.counts, writer.window_id


def finish_loads(context: Context, normaliser: Normaliser, reports: Sequence[LoadReport]) -> None:
    """Wait for the processes that loads shared, and count in each report what cannot be read."""
    with context.database.connect(autocommit=True) as connection:
        _finish(connection, normaliser, reports)


def _finish(connection: psycopg.Connection[Any], normaliser: Normaliser, reports: Sequence[LoadReport]) -> None:
    misdeclared = normaliser.finish().misdeclared
    for report in reports:
        if len(reports) == 1:
            report.misdeclared = misdeclared
        note_quarantined_of(connection, report.window, report)


def _records(
    named: Sequence[tuple[str, Path]], source: Source, container: str, encoding: str, report: LoadReport
) -> Iterator[RawRecord]:
    """The records of all files; a file's error goes into the report, and the next file follows."""
    for name, file in named:
        stream: Path | BinaryIO = sys.stdin.buffer if str(file) == "-" else file
        try:
            yield from open_file(
                stream, name=name, container=container, encoding=encoding or source.encoding, columns=source.columns
            )
        except WenlanError as error:
            report.errors.append(Refusal.of(error, name))


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


def rebuild_records(context: Context, member: str = "", progress: Progress = silent) -> LoadReport:
    """Describe all records again, or those of one member, from the bytes that were received and by what `config/` says now."""
    if member:
        find_member(context.members, member)
    report = LoadReport(member, "")
    with context.database.connect(autocommit=True) as connection:
        ids = [row[0] for row in connection.execute(SQL["received"], {"member": member or None})]
    with Normaliser(context.database.url, context.settings, configured=True) as normaliser:
        for start in range(0, len(ids), _CHUNK):
            normaliser.submit(ids[start : start + _CHUNK])
            progress("读解 describe", min(_CHUNK, len(ids) - start), len(ids))
        normaliser.finish()
    return settle(context, report, progress)


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

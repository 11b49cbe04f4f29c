"""Pulling members' records: one member now, or every source that is due."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures.process import BrokenProcessPool

import psycopg

from catalog_api.context import Context
from catalog_api.failures import explain
from catalog_api.pipeline import Progress, Stopped, check_encoding, settle, silent
from catalog_api.report import LoadReport, note_quarantined_of
from harvesters import harvest
from harvesters.windows import due
from normalise.records import Normaliser, waiting
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Member, Source, find_member


def harvest_member(
    context: Context, code: str, *, source: str = "", full: bool = False, progress: Progress = silent
) -> list[LoadReport]:
    """Harvest the sources of a member, or one of them. A source that fails is reported in its `error`; the others go on.

    Raises WenlanError for a member or a source that is not configured.
    """
    member = find_member(context.members, code)
    chosen = [s for s in member.sources if source in ("", s.code) and s.url]
    if not chosen:
        raise WenlanError(
            "source-unknown",
            "成员 {member} 没有可收割的来源{source}。来源写在 config/members/{member}.toml 的 [[sources]]，须有 url。",
            "Member {member} has no source{source} to harvest. Sources stand in config/members/{member}.toml under [[sources]], with a url.",
            member=code,
            source=f" {source}" if source else "",
        )
    return _run(context, [(member, s) for s in chosen], full, progress)


def sync_due(context: Context, progress: Progress = silent) -> list[LoadReport]:
    """Harvest every source whose schedule says it is due."""
    with context.database.connect(autocommit=True) as connection:
        sources = due(connection, context.members)
    return _run(context, sources, False, progress)


def _run(
    context: Context, sources: Iterable[tuple[Member, Source]], full: bool, progress: Progress
) -> list[LoadReport]:
    reports: list[LoadReport] = []
    with Normaliser(context.database.url, context.settings) as normaliser:
        for member, source in sources:
            started = time.monotonic()
            report = LoadReport(member.code, source.code)
            progress(f"{member.code}/{source.code}", 0, None)
            try:
                check_encoding(source.encoding)
                _receive(context, normaliser, member, source, report, full, progress)
            except (psycopg.OperationalError, BrokenProcessPool, Stopped):
                raise  # no source could do better
            except Exception as error:  # one source's trouble, also of a kind nobody foresaw, is not the others'
                report.error = explain(error, context.settings).text
            report.seconds = time.monotonic() - started
            reports.append(report)
    if reports:
        settle(context, reports[-1], progress)
    return reports


def _receive(
    context: Context,
    normaliser: Normaliser,
    member: Member,
    source: Source,
    report: LoadReport,
    full: bool,
    progress: Progress,
) -> None:
    window = 0
    misdeclared = normaliser.counts.misdeclared
    with context.database.connect(autocommit=True) as connection:
        normaliser.submit(waiting(connection, member.code, source.code))
        try:
            for batch in harvest(
                lambda: context.database.connect(autocommit=True), context.settings, member, source, full=full
            ):
                normaliser.submit(batch.ids)
                report.files, window = batch.counts, batch.window_id
                progress(f"{member.code}/{source.code}", len(batch.ids), None)
        except WenlanError:
            _describe(connection, normaliser, window, report)  # what was received before the error
            raise
        _describe(connection, normaliser, window, report)
    report.misdeclared = normaliser.counts.misdeclared - misdeclared


def _describe(connection: Connection, normaliser: Normaliser, window: int, report: LoadReport) -> None:
    normaliser.finish()
    if window:
        note_quarantined_of(connection, window, report)

"""Matching from files without a database, and the explanation of a decision of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from catalog_api.context import Context
from harvesters.files import open_file
from normalise import catalogue
from normalise.crosswalk import crosswalk
from normalise.match import offline
from normalise.match.reasons import text as sentence
from normalise.read import Unreadable, read
from normalise.records import Rules, unlisted
from schemas.bib import BibRecord
from schemas.db import Sql
from schemas.errors import WenlanError
from schemas.settings import Settings

SQL = Sql("catalog_api", "pipeline.sql")


def described(
    file: Path, member: str, *, container: str = "", encoding: str = "", deleted: bool = False
) -> Iterator[tuple[str, str, BibRecord]]:
    """(member, local id, description) of every readable record of a file, with `deleted` also of those marked so.

    The member need not be configured.
    """
    rules = Rules.load(Settings().config)
    about = rules.members.get(member) or unlisted(member or "unlisted")
    source = about.source("main")
    for raw in open_file(file, name=file.name, container=container, encoding=encoding):
        try:
            reading = read(raw, schema_hint=source.record_schema, encoding_hint=raw.encoding or source.encoding)
        except Unreadable:
            continue
        if not reading.deleted or deleted:
            yield member, reading.local_id, crosswalk(reading, member=about, source=source, profiles=rules.profiles).bib


def judge_pairs(records: Path, pairs: Path, *, container: str = "", encoding: str = "") -> Iterator[tuple[Any, ...]]:
    """Rows id1, id2, score, decision, reasons of `wenlan match pairs`."""
    wanted = offline.read_pairs(pairs)
    for row in offline.pairs(described(records, "", container=container, encoding=encoding, deleted=True), wanted):
        yield row.id1, row.id2, f"{row.score:.6f}", row.decision, row.reasons


def cluster_files(files: Sequence[tuple[Path, str]]) -> Iterator[tuple[str, str, int]]:
    """Rows member, local_id, cluster_id of `wenlan match cluster`."""
    return offline.cluster(row for file, code in files for row in described(file, code))


def explain_pair(context: Context, left: str, right: str) -> Iterator[tuple[str, str]]:
    """Sentences, in both languages, on why two records are together or not. WenlanError record-unknown."""
    with context.database.connect() as connection:
        ids = [_record_id(connection, given) for given in (left, right)]
        found = catalogue.judgement_of(connection, *ids)
    if found is None:
        raise WenlanError(
            "record-unmatched",
            "其中一条已撤出或读不了，没有可比的内容。",
            "One of them is withdrawn or cannot be read: there is nothing to compare.",
        )
    yield (
        f"得分 {found.score:.3f}，判为 {found.decision}（规则 {found.version}）",
        f"score {found.score:.3f}, decision {found.decision} (rules {found.version})",
    )
    for code in [*found.vetoes, *found.reasons]:
        text = sentence(code)
        yield text.zh, text.en


def _record_id(connection: Any, given: str) -> int:
    member, sign, local_id = given.partition(":")
    row = None
    if sign:
        row = connection.execute(SQL["record_named"], {"member": member, "local_id": local_id}).fetchone()
    elif given.isdecimal():
        row = connection.execute(SQL["record_numbered"], {"id": int(given)}).fetchone()
    if row is None:
        raise WenlanError(
            "record-unknown",
            "没有记录 {given}。请写 成员:控制号 或记录号。",
            "There is no record {given}. Write member:local-id, or the record's number.",
            given=given,
        )
    return int(row[0])

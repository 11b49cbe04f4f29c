"""What a load or a harvest did, in the shape that commands print and programs read."""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg

from harvesters.store import note_quarantined
from schemas.db import Sql
from schemas.errors import WenlanError
from schemas.quality import Finding
from schemas.raw import LoadCounts
from schemas.text import Text

SQL = Sql("catalog_api", "pipeline.sql")
EXAMPLES = 5  # records named for each reason


class Reason(msgspec.Struct):
    """Why records of a run are quarantined: one kind of fault, with the first records that have it."""

    code: str
    count: int
    examples: list[Text] = []  # a sentence a record: file, number, id, byte, field, and what is wrong


class Refusal(msgspec.Struct):
    """Why a file, or what was asked for, could not be done in full. `file` is empty where it is none of one file."""

    file: str
    code: str
    zh: str
    en: str

    @classmethod
    def of(cls, error: WenlanError, file: str = "") -> Refusal:
        return cls(file, error.code, error.text.zh, error.text.en)


class LoadReport(msgspec.Struct):
    """What a load or a harvest did. `files`: read == stored + quarantined on every line."""

    member: str
    source: str
    files: list[LoadCounts] = []
    reasons: list[Reason] = []
    errors: list[Refusal] = []  # of files that cannot be read, or not to their end; the others were stored
    window: int = 0  # the window its records were received in
    misdeclared: int = 0  # records described that are in another encoding than was declared
    matched: int = 0
    clusters: int = 0
    indexed: int = 0
    seconds: float = 0.0
    timings: dict[str, float] = {}  # seconds of receive+describe, match, index
    error: Text | None = None  # of a harvest that failed

    @property
    def wrote_nothing(self) -> bool:
        return (
            not self.matched
            and not self.indexed
            and not any(f.new + f.changed + f.deleted + f.withdrawn for f in self.files)
        )


def note_quarantined_of(connection: psycopg.Connection[Any], window: int, report: LoadReport) -> None:
    """Count, in the window and in the report, what cannot be read of each file, and say why."""
    counts: dict[str, int] = {}
    by_code: dict[str, int] = {}
    for name, code, count in connection.execute(SQL["quarantined_counts"], {"window": window}):
        counts[name] = counts.get(name, 0) + count
        by_code[code] = by_code.get(code, 0) + count
    note_quarantined(connection, window, {file.name: counts.get(file.name, 0) for file in report.files})
    for file in report.files:
        file.quarantined = counts.get(file.name, 0)
    report.reasons = [Reason(code, by_code[code]) for code in sorted(by_code, key=lambda code: -by_code[code])]
    if by_code:
        examples: dict[str, list[Text]] = {}
        for code, args, local_id, offset in connection.execute(
            SQL["quarantined_examples"], {"window": window, "count": EXAMPLES}
        ):
            examples.setdefault(code, []).append(sentence(code, args, local_id, offset))
        for reason in report.reasons:
            reason.examples = examples.get(reason.code, [])


def reason_text(code: str, args: dict[str, str]) -> Text:
    """What is wrong with a quarantined record."""
    byte = int(args.get("byte") or -1)
    return Finding(code, field=args.get("field", ""), byte=byte, args=args).text()


def sentence(code: str, args: dict[str, str], local_id: str, offset: int) -> Text:
    """The same with its place: file, number and id of the record, byte of the file, field, byte of the record."""
    text = reason_text(code, args)
    zh, en = [f"文件第 {offset:,} 字节起"], [f"from byte {offset:,} of the file"]
    if not local_id.startswith("h:"):
        zh.insert(0, f"控制号 {local_id}")
        en.insert(0, f"id {local_id}")
    if args.get("field"):
        zh.append(f"字段 {args['field']}")
        en.append(f"field {args['field']}")
    if int(args.get("byte") or -1) >= 0:
        zh.append(f"记录内第 {args['byte']} 字节")
        en.append(f"byte {args['byte']} of the record")
    file, record = args.get("file", ""), args.get("record", "?")
    return Text(
        f"{file} 第 {record} 条（{'，'.join(zh)}）：{text.zh}", f"{file} record {record} ({', '.join(en)}): {text.en}"
    )

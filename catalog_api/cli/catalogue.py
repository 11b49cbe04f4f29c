"""Commands that fill, keep and read the catalogue: load, harvest, sync, rebuild, search, export, quarantine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog_api.cli import show
from schemas.errors import WenlanError
from schemas.raw import LoadCounts
from schemas.text import Text

if TYPE_CHECKING:
    from catalog_api.report import LoadReport

Json = Annotated[bool, typer.Option("--json", help="供程序读取 · for programs")]


def register(app: typer.Typer) -> None:
    for command in (load, harvest, sync, rebuild, search, export, quarantine):
        app.command()(command)


def load(
    files: Annotated[list[Path], typer.Argument(help="文件，- 为标准输入 · files; - is standard input")],
    member: Annotated[str, typer.Option(help="成员代码 · code of the member")],
    source: Annotated[
        str, typer.Option(help="来源代码，只有一个时可省 · code of the source; may be left out where there is one")
    ] = "",
    format: Annotated[
        str, typer.Option(help="iso2709, marcxml, oai, marcjson, csv …；缺省自动识别 · default: detected")
    ] = "",
    encoding: Annotated[str, typer.Option(help="缺省逐条识别 · default: found out record by record")] = "",
    full: Annotated[
        bool, typer.Option("--full", help="文件里已没有的记录撤出 · withdraw what the files no longer hold")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="撤出超过限额也照做 · withdraw even above the source's limit")
    ] = False,
    json: Json = False,
) -> None:
    """装入本地文件，直到可检索。 Load local files, up to searchable."""
    from catalog_api.cli.opening import open_context
    from catalog_api.pipeline import load_files

    with open_context() as context, show.Steps() as steps:
        report = load_files(
            context,
            files,
            member,
            source,
            container=format,
            encoding=encoding,
            full=full,
            force=yes,
            progress=steps.advance,
        )
    if json:
        show.json(report)
    else:
        _load_report(report)
    for error in report.errors:
        show.complain(error.code, error.zh, error.en)
    if report.errors:
        if kept := sum(file.read for file in report.files):
            show.say(f"除此之外，读到的 {kept:,} 条都已保存。", f"Apart from that, all {kept:,} records read are kept.")
        else:
            show.say("什么也没有装入，原有的数据没有变。", "Nothing was loaded; what was there is unchanged.")
        raise typer.Exit(1)


def _load_report(report: LoadReport, name: str = "") -> None:
    file_table(report.files, name)
    _reasons(report)
    if report.errors and not any(file.read for file in report.files):
        return
    if report.wrote_nothing:
        show.say("没有新内容，什么也没写。", "Nothing new: nothing was written.")
    else:
        show.say(
            f"已匹配 {report.matched:,} 条，影响 {report.clusters:,} 个版本，索引 {report.indexed:,} 个；{report.seconds:.1f} 秒。",
            f"{report.matched:,} records matched, {report.clusters:,} clusters touched, {report.indexed:,} indexed.",
        )


def _reasons(report: LoadReport) -> None:
    """Why records are quarantined, and what else is odd about the records of a run."""
    for reason in report.reasons:
        show.say(f"隔离 {reason.count:,} 条 [{reason.code}]：", f"{reason.count:,} quarantined:")
        for example in reason.examples:
            show.detail(example)
        if (more := reason.count - len(reason.examples)) > 0:
            show.detail(Text(f"…… 另有 {more:,} 条", f"... and {more:,} more"))
    if report.reasons:
        command = f"wenlan quarantine --member {report.member}"
        show.say(
            f"全部隔离的记录见 {command}；更正后加 --retry 再读。",
            "All of them; after a correction, --retry reads them again.",
        )
    if report.misdeclared:
        show.say(
            f"注意：{report.misdeclared:,} 条的编码与所声明的不同，已按实际编码读取；若整批如此，请更正 --encoding 或成员文件里的 encoding。",
            f"Note: {report.misdeclared:,} records are in another encoding than declared and were read in their own; if all are, correct "
            "--encoding or the member's file.",
        )


_COUNTS = {
    "new": Text("新", "new"),
    "changed": Text("变", "changed"),
    "unchanged": Text("未变", "unchanged"),
    "deleted": Text("删除", "deleted"),
    "repeated": Text("重复", "repeated"),
    "withdrawn": Text("撤出", "withdrawn"),
}


def file_table(files: list[LoadCounts], name: str = "") -> None:
    """One row a file; read = stored + quarantined on every row. The rarer counts have a column where any file has some."""
    usual = ("new", "changed", "unchanged")
    counts = [name for name in _COUNTS if name in usual or any(getattr(file, name) for file in files)]
    columns = [Text("文件", "file"), Text("读到", "read"), Text("入库", "stored"), Text("隔离", "quarantined")]
    rows = [
        (
            file.name,
            file.read,
            file.read - file.quarantined,
            file.quarantined,
            *(getattr(file, name) for name in counts),
        )
        for file in files
    ]
    columns += [_COUNTS[name] for name in counts]
    show.table(Text(name or "装入", "" if name else "Load"), columns, rows, numbers=range(1, len(columns)))


def harvest(
    code: Annotated[str, typer.Argument(help="成员代码 · code of the member")],
    source: Annotated[str, typer.Option(help="缺省全部来源 · default: every source")] = "",
    full: Annotated[bool, typer.Option("--full", help="从头收割 · from the beginning")] = False,
    json: Json = False,
) -> None:
    """现在收割一个成员。 Harvest one member now."""
    from catalog_api.cli.opening import open_context
    from catalog_api.syncing import harvest_member

    with open_context() as context, show.Steps() as steps:
        reports = harvest_member(context, code, source=source, full=full, progress=steps.advance)
    _harvest_reports(reports, json)


def sync(json: Json = False) -> None:
    """收割所有到期的来源。 Harvest every source that is due."""
    from catalog_api.cli.opening import open_context
    from catalog_api.syncing import sync_due

    with open_context() as context, show.Steps() as steps:
        reports = sync_due(context, progress=steps.advance)
    _harvest_reports(reports, json)


def _harvest_reports(reports: list[LoadReport], json: bool) -> None:
    if json:
        show.json(reports)
    elif not reports:
        show.say("没有到期的来源。", "No source is due.")
    for report in reports:
        name = f"{report.member}/{report.source}"
        if not json and (report.files or report.error is None):
            _load_report(report, name)
        if report.error is not None:
            show.complain("harvest-failed", f"{name}：{report.error.zh}", f"{name}: {report.error.en}")
    if any(report.error is not None for report in reports):
        raise typer.Exit(1)


def rebuild(
    what: Annotated[str, typer.Argument(help="match | index | records")],
    engine: Annotated[str, typer.Option(help="match：duckdb | spark")] = "duckdb",
    member: Annotated[str, typer.Option(help="records：只重读一个成员 · one member only")] = "",
) -> None:
    """重建匹配、索引，或按现在的配置重新读解记录。 Rebuild the matching, the index, or the descriptions by what config/ says now."""
    from catalog_api import pipeline
    from catalog_api.cli.opening import open_context

    if what not in ("match", "index", "records"):
        raise WenlanError(
            "rebuild-what",
            "能重建的是 match、index 或 records，不是 {what}。",
            "What can be rebuilt is match, index or records, not {what}.",
            what=what,
        )
    with open_context() as context, show.Steps() as steps:
        if what == "index":
            report = pipeline.rebuild_index(context, progress=steps.advance)
        elif what == "match":
            report = pipeline.rebuild_match(context, engine, progress=steps.advance)
        else:
            report = pipeline.rebuild_records(context, member, progress=steps.advance)
    show.say(
        f"完成：匹配 {report.matched:,} 条，版本变动 {report.clusters:,}，索引 {report.indexed:,}。",
        f"done: {report.matched:,} records matched, {report.clusters:,} clusters changed, {report.indexed:,} indexed.",
    )


def search(
    query: Annotated[str, typer.Argument(help="检索式，与网页相同 · the query language of the web page")],
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    json: Json = False,
) -> None:
    """检索联合目录。 Search the union catalogue."""
    from catalog_api.cli.opening import open_context
    from catalog_api.search.port import SearchRequest

    with open_context() as context:
        result = context.engine.search(SearchRequest(query=query, limit=limit))
    if json:
        show.json(result)
        return
    columns = [Text("号", "id"), Text("题名", "title"), Text("责任者", "responsibility"), Text("出版", "published"), Text("馆", "libraries"), Text("可借", "available")]  # fmt: skip
    rows = [
        (str(hit.id), hit.title, hit.responsibility, f"{hit.publisher} {hit.year_text}", hit.members, hit.available)
        for hit in result.hits
    ]
    for note in result.notes:
        show.say(note.zh, note.en)
    show.table(Text(f"{query}：{result.total:,} 个版本", f"{result.total:,} editions"), columns, rows, numbers=(4, 5))


def export(
    what: Annotated[str, typer.Argument(help="clusters | records")],
    format: Annotated[str, typer.Option(help="csv | jsonl | iso2709 | marcxml | jsonld | ris | bibtex …")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="缺省标准输出 · default: standard output")
    ] = None,
) -> None:
    """导出。 Export clusters or records as a stream."""
    from catalog_api.cli.opening import open_context
    from catalog_api.export.stream import write_export

    with open_context() as context, show.Steps() as steps:
        count = write_export(context, what, format, output, steps.advance)
    show.say(f"已导出 {count:,} 条。", f"{count:,} exported.")


def quarantine(
    member: Annotated[str, typer.Option(help="只看一个成员 · one member only")] = "",
    retry: Annotated[bool, typer.Option("--retry", help="再读一次 · read them again")] = False,
    json: Json = False,
) -> None:
    """读不了的记录：原因、原字节，可重试。 Records that cannot be read: why, and reading them again."""
    from catalog_api.cli.opening import open_context
    from catalog_api.quarantine import quarantined
    from catalog_api.quarantine import retry as retry_quarantined

    with open_context() as context:
        if retry:
            with show.Steps() as steps:
                mended, left = retry_quarantined(context, member, progress=steps.advance)
            show.say(
                f"读成 {mended:,} 条，仍隔离 {left:,} 条。", f"{mended:,} could be read now, {left:,} still cannot."
            )
            return
        rows = quarantined(context, member)
    if json:
        show.json(rows)
        return
    columns = [
        Text("成员", "member"), Text("文件", "file"), Text("第几条", "record"), Text("起于字节", "from byte"), Text("控制号", "id"),
        Text("字段", "field"), Text("记录内字节", "byte"), Text("原因", "reason"),
    ]  # fmt: skip
    lines = [
        (r.member, r.file, r.position, r.offset, r.local_id, r.field, r.byte if r.byte >= 0 else "", f"{r.zh}\n{r.en}")
        for r in rows
    ]
    show.table(Text("隔离的记录", "Quarantined records"), columns, lines, numbers=(2, 3, 6))

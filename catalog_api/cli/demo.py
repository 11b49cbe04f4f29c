"""`wenlan demo`: the whole house at work, on ten invented libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from catalog_api.cli import show
from schemas.text import Text

if TYPE_CHECKING:
    from catalog_api.demo.run import Report


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="做完就退出，不启动网页 · do it all and exit, serve nothing")
    ] = False,
    records: Annotated[
        int | None,
        typer.Option(min=1_000, help="生成多少条 · how many records to make; default: the standard federation"),
    ] = None,
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    json: Annotated[bool, typer.Option("--json", help="供程序读取 · for programs")] = False,
) -> None:
    """演示联盟：装入、归并、检索、走完一次互借，然后启动网页。 The demonstration federation, then its pages."""
    from catalog_api.cli.opening import open_context
    from catalog_api.demo.run import accounts, passwords_file, run

    with open_context() as context:
        with show.Steps() as steps:
            report = run(context, records=records, progress=steps.advance)
        if json:
            import msgspec

            show.out.print(msgspec.json.encode(report).decode(), markup=False)
        else:
            tables(report)
        if once:
            return
        from catalog_api.serving import run_server

        passwords = accounts(context)
        file = passwords_file(context, passwords)
        rows = [(name, password) for name, password in passwords.items()]
        show.table(
            Text("演示帐户", "Demonstration accounts"), [Text("用户名", "user name"), Text("密码", "password")], rows
        )
        if "public_url" not in context.settings.model_fields_set:  # permalinks lead to where it is served
            context.settings = context.settings.model_copy(update={"public_url": f"http://{host}:{port}"})
        show.say(f"密码也在 {file} 。", "The passwords are also in that file.")
        show.say(f"请打开 http://{host}:{port}/ ，按 Ctrl-C 停止。", "Open this address; Ctrl-C stops it.")
        run_server(context, host, port)


def tables(report: Report) -> None:
    """Members, clusters, and the timeline of one request."""
    columns = [
        Text("代码", "code"),
        Text("成员", "member"),
        Text("读到", "read"),
        Text("入库", "stored"),
        Text("隔离", "quarantined"),
    ]
    rows: list[tuple[object, ...]] = [(m.code, m.name, m.read, m.stored, m.quarantined) for m in report.members]
    total = [sum(getattr(m, name) for m in report.members) for name in ("read", "stored", "quarantined")]
    show.table(Text("成员", "Members"), columns, [*rows, ("", "合计 total", *total)], numbers=(2, 3, 4))
    facts = [
        ("归并成的版本 clusters", report.clusters),
        ("多馆共有的份额 held by more than one library", f"{report.shared:.1%}"),
        ("已索引 indexed", report.indexed),
        (f"检索 search “{report.query}”", report.found),
        ("留在工作台的请求 requests left in the work lists", report.begun),
        ("秒 seconds", f"{report.seconds:.1f}"),
    ]
    show.table(Text("目录", "Catalogue"), [Text("", ""), Text("", "")], facts, numbers=(1,))
    if report.walk is not None:
        show.table(
            Text(f"请求 {report.walk.number}：{report.walk.title}", f"One request: {report.walk.state}"),
            [Text("时间", "time"), Text("经过", "what happened"), Text("", ""), Text("馆", "library")],
            report.walk.events,
        )

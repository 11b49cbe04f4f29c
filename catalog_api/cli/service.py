"""Commands that keep the house running: serve, worker, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from catalog_api.cli import show
from schemas.text import Text


def register(app: typer.Typer) -> None:
    for command in (serve, worker, doctor):
        app.command()(command)


def serve(
    host: Annotated[str, typer.Option(help="监听地址 · address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """启动网页与接口。 Serve the pages and the API."""
    from catalog_api.cli.opening import open_context
    from catalog_api.serving import run_server

    with open_context() as context:
        show.say(f"文澜在 http://{host}:{port}/ ，按 Ctrl-C 停止。", "Ctrl-C stops it.")
        run_server(context, host, port)


def worker() -> None:
    """执行排队的任务与到期的收割。 Run queued jobs and what is due."""
    from catalog_api.cli.opening import open_context
    from catalog_api.serving import run_worker

    with open_context() as context:
        show.say("工作进程已启动，按 Ctrl-C 停止。", "The worker runs; Ctrl-C stops it.")
        run_worker(context, show.say)
        show.say("工作进程已停止。", "The worker has stopped.")


def doctor(json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """检查安装、数据库、索引与配置。 Check installation, database, index and configuration."""
    from catalog_api.doctor import examine

    checks = examine()
    if json:
        show.json(checks)
    else:
        rows = [
            ("✓" if c.ok else "✗", f"{c.name.zh} {c.name.en}", c.found, "" if c.ok else f"{c.advice.zh}\n{c.advice.en}")
            for c in checks
        ]
        show.table(
            Text("检查", "Checks"),
            [Text("", ""), Text("项目", "item"), Text("结果", "found"), Text("怎么办", "what to do")],
            rows,
        )
    if not all(c.ok for c in checks):
        raise typer.Exit(1)

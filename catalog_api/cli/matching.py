"""`wenlan match`: judge pairs and cluster files without a database, and explain a decision of the catalogue."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated

import typer

from catalog_api.cli import show
from schemas.errors import WenlanError

match = typer.Typer(help="匹配 · matching", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(match, name="match")


@match.command()
def pairs(
    records: Annotated[Path, typer.Argument(help="记录文件，load 能读的格式都行 · any format that load reads")],
    pairs: Annotated[Path, typer.Argument(help="CSV，列 id1,id2 · CSV with columns id1,id2")],
    format: Annotated[str, typer.Option(help="缺省自动识别 · default: detected")] = "",
    encoding: Annotated[str, typer.Option(help="缺省逐条识别 · default: found out record by record")] = "",
) -> None:
    """逐对评分，CSV 到标准输出。 Score pairs: CSV id1,id2,score,decision,reasons on standard output."""
    from catalog_api.matching import judge_pairs

    writer = csv.writer(sys.stdout)
    writer.writerow(["id1", "id2", "score", "decision", "reasons"])
    for row in judge_pairs(records, pairs, container=format, encoding=encoding):
        writer.writerow(row)


@match.command()
def cluster(
    files: Annotated[list[str], typer.Argument(metavar="FILE=CODE...", help="文件=馆代码 · file=code of its library")],
) -> None:
    """归并文件，CSV 到标准输出。 Cluster files: CSV member,local_id,cluster_id on standard output."""
    from catalog_api.matching import cluster_files

    given: list[tuple[Path, str]] = []
    for argument in files:
        path, sign, code = argument.rpartition("=")
        if not sign or not code:
            raise WenlanError(
                "match-file", "要写成 文件=代码，不是 {given}。", "Write FILE=CODE, not {given}.", given=argument
            )
        given.append((Path(path), code))
    writer = csv.writer(sys.stdout)
    writer.writerow(["member", "local_id", "cluster_id"])
    for row in cluster_files(given):
        writer.writerow(row)


@match.command()
def explain(
    left: Annotated[str, typer.Argument(help="成员:控制号 或 记录号 · member:local id, or a record's number")],
    right: Annotated[str, typer.Argument(help="同上 · the same")],
) -> None:
    """为什么归在一起，为什么没有。 Why two records are together, or why not."""
    from catalog_api.cli.opening import open_context
    from catalog_api.matching import explain_pair

    with open_context() as context:
        for zh, en in explain_pair(context, left, right):
            show.out.print(f"{show.plain(zh)}\n    {show.plain(en)}")

"""What commands print: tables, progress bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from schemas.text import Text

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def say(zh: str, en: str) -> None:
    """A line for people, on standard error, so that standard output stays what a program reads."""
    err.print(f"{zh} [dim]{en}[/dim]", markup=True)


def table(
    title: Text, columns: Sequence[Text], rows: Sequence[Sequence[object]], *, numbers: Sequence[int] = ()
) -> None:
    """A table on standard output; `numbers` are the columns aligned to the right."""
    shown = Table(title=f"{title.zh} · {title.en}", box=box.SIMPLE, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        shown.add_column(
            f"{column.zh}\n[dim]{column.en}[/dim]", justify="right" if index in numbers else "left", overflow="fold"
        )
    for row in rows:
        shown.add_row(*("" if value is None else _plain(value) for value in row))
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(shown)


def _plain(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return text.replace("[", "\\[")


class Steps:
    """Progress of a job with several steps. On a terminal a bar each; elsewhere a line when a step ends, and one every 10 s."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        if sys.stderr.isatty():
            self._bars = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=err,
            )
        self._tasks: dict[str, object] = {}
        self._counts: dict[str, int] = {}
        self._said = time.monotonic()

    def advance(self, step: str, count: int, total: int | None = None) -> None:
        """`count` more of `step` are done; `total` where it is known. The signature of every `progress` callback."""
        self._counts[step] = self._counts.get(step, 0) + count
        if self._bars is not None:
            if step not in self._tasks:
                self._tasks[step] = self._bars.add_task(step, total=total)
            self._bars.update(self._tasks[step], completed=self._counts[step], total=total)  # type: ignore[arg-type]
        elif time.monotonic() - self._said > 10:
            self._said = time.monotonic()
            err.print(f"  {step}: {self._counts[step]:,}" + (f" / {total:,}" if total else ""))

    def __enter__(self) -> Steps:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

"""What commands print: tables, progress bars on a terminal, plain lines elsewhere. Nothing printed can steer the terminal."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from types import TracebackType

import msgspec
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as Styled

from schemas.errors import WenlanError
from schemas.text import Text

out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)

LONGEST = 300  # characters of a cell
_WIDE = 2_000  # columns where there is no terminal: a row is a line
# Control characters (C0, DEL, C1, with ESC and CSI among them), and what turns the direction of text round (UAX 9).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Text that cannot steer a terminal: every character that could is shown as a substitute."""
    return _UNSAFE.sub("\ufffd", text)


def say(zh: str, en: str) -> None:
    """A line for people, on standard error, so that standard output stays what a program reads."""
    err.print(Styled.assemble(plain(zh), " ", (plain(en), "dim")))


def complain(code: str, zh: str, en: str) -> None:
    """An error for people, on standard error, in both languages and with its code."""
    err.print(Styled.assemble(("错误 ", "bold red"), plain(zh)))
    err.print(Styled.assemble(("error: ", "bold red"), plain(en)))
    err.print(f"[{plain(code)}]")


def complain_of(error: WenlanError) -> None:
    complain(error.code, error.text.zh, error.text.en)


def detail(text: Text) -> None:
    """An indented line for people, on standard error, with its English below."""
    err.print(Styled.assemble("    ", plain(text.zh)))
    err.print(Styled.assemble("    ", (plain(text.en), "dim")))


def json(value: object) -> None:
    """A value for programs: one line of JSON in UTF-8 on standard output, whatever the encoding of the terminal."""
    sys.stdout.flush()
    data = msgspec.json.encode(value) + b"\n"
    if (stream := getattr(sys.stdout, "buffer", None)) is not None:
        stream.write(data)
    else:
        sys.stdout.write(data.decode())
    sys.stdout.flush()


def table(
    title: Text, columns: Sequence[Text], rows: Sequence[Sequence[object]], *, numbers: Sequence[int] = ()
) -> None:
    """A table on standard output; `numbers` are the columns aligned to the right. Without a terminal nothing is folded."""
    heading = " · ".join(filter(None, (plain(title.zh), plain(title.en))))
    shown = Table(title=Styled(heading), box=box.SIMPLE, title_justify="left", pad_edge=False)
    for index, column in enumerate(columns):
        header = Styled.assemble(column.zh, "\n", (column.en, "dim"))
        number = index in numbers
        shown.add_column(header, justify="right" if number else "left", overflow="fold", no_wrap=number)
    for row in rows:
        shown.add_row(*(Styled(_cell(value)) for value in row))
    width = None if sys.stdout.isatty() else _WIDE
    Console(width=width, highlight=False, markup=False, emoji=False).print(shown)


def _cell(value: object) -> str:
    text = "" if value is None else f"{value:,}" if isinstance(value, int) else plain(str(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


class Steps:
    """Progress of a job with several steps. On a terminal a bar each; elsewhere a line every ten seconds."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        if sys.stderr.isatty():
            self._bars = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
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

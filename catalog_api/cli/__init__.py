"""The command `wenlan`. Each command imports its room when it runs, so that `wenlan --help` answers at once."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import Annotated, Any, cast

import typer

from schemas.errors import WenlanError

app = typer.Typer(
    name="wenlan",
    help="文澜：联合目录与馆际互借联盟 · Wenlan: a union catalogue and interlibrary-loan federation",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
UsageError = cast(
    type[Exception], typer.BadParameter.__mro__[1]
)  # wrong arguments; typer names only this one kind of them

_INTERRUPTED = 130
_debug = False


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示详情 · show the details of errors")] = False,
) -> None:
    global _debug
    _debug = debug


def main() -> None:
    """Run a command and exit: 0 done, 1 an error that was told in both languages, 2 wrong arguments, 130 and 143 interrupted."""
    from catalog_api.cli import accounts, catalogue, demo, matching, service

    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal in GBK lacks characters
    signal.signal(signal.SIGTERM, _terminated)
    if len(app.registered_commands) == 0:
        for room in (catalogue, matching, accounts, service, demo):
            room.register(app)
    try:
        code = app(standalone_mode=False, prog_name="wenlan")
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except typer.Abort:
        code = _INTERRUPTED
    except UsageError as error:
        code = _misused(error)
    except Exception as error:
        code = _ended_by_signal(error) or _failed(error)
    if code == _INTERRUPTED:
        _say_interrupted()
    sys.exit(code if isinstance(code, int) else 0)


def _ended_by_signal(error: BaseException) -> int:
    """The exit code where this is but what tidying up ran into after Ctrl-C or SIGTERM; otherwise 0."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, KeyboardInterrupt):
            return _INTERRUPTED
        if isinstance(seen, SystemExit) and isinstance(seen.code, int):
            return seen.code
        seen = seen.__context__
    return 0


def _terminated(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a command like Ctrl-C: workers are stopped, the embedded database is let go of."""
    _say_interrupted()
    raise SystemExit(128 + number)


def _say_interrupted() -> None:
    from catalog_api.cli import show

    show.say(
        "已中断。已做完的都保留，再运行一次会接着做。", "Interrupted. What was done is kept; run it again to go on."
    )


def _misused(error: Any) -> int:
    """Wrong arguments, in the words of the command line's library, with where to look them up."""
    from catalog_api.cli import show

    context = error.ctx
    if type(error).__name__ == "NoArgsIsHelpError":
        show.err.print(error.format_message())
        return 2
    command = context.command_path if context is not None else "wenlan"
    message = error.format_message()
    show.complain("usage", f"{_in_chinese(error, message)}。用法见 {command} --help", f"{message} See {command} --help")
    return 2


def _in_chinese(error: Any, message: str) -> str:
    """The commonest mistakes; the library has its messages in English only."""
    param = getattr(error, "param", None)
    hint = " / ".join(param.opts) if param is not None else ""
    match type(error).__name__:
        case "MissingParameter":
            return f"缺少 {hint}"
        case "NoSuchOption":
            return f"没有选项 {error.option_name}"
        case "BadParameter" if hint:
            return f"{hint} 的值不对（{error.message}）"
    return f"命令写得不对（{message}）"


def _failed(error: Exception) -> int:
    from pydantic import ValidationError

    from catalog_api.cli import show
    from catalog_api.failures import explain, trace
    from schemas.settings import Settings

    if _debug and not isinstance(error, WenlanError):
        show.err.print(show.plain(trace(error)))
    try:
        settings = Settings()
    except ValidationError as wrong:
        names = ", ".join("WENLAN_" + "_".join(map(str, each["loc"])).upper() for each in wrong.errors())
        show.complain(
            "settings-wrong", f"环境变量 {names} 的值不对。", f"The value of the environment variable {names} is wrong."
        )
        return 1
    show.complain_of(explain(error, settings))
    return 1

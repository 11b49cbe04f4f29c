"""The command `wenlan`. Each command imports its room when it runs, so that `wenlan --help` answers at once."""

from __future__ import annotations

import sys

import typer

from schemas.errors import WenlanError

app = typer.Typer(
    name="wenlan",
    help="文澜：联合目录与馆际互借联盟 · Wenlan: a union catalogue and interlibrary-loan federation",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run a command: an error meant for people is printed as it stands, in both languages, with exit code 1."""
    from catalog_api.cli import accounts, catalogue, demo, matching, service

    for room in (catalogue, matching, accounts, service, demo):
        room.register(app)
    try:
        app()
    except WenlanError as error:
        print(f"错误 {error.text.zh}\nerror: {error.text.en}\n[{error.code}]", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        print("\n已中断，再运行一次即可接着做。 / interrupted; run it again to go on.", file=sys.stderr)  # noqa: T201
        sys.exit(130)

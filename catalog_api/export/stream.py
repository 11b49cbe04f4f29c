"""`wenlan export`: the whole catalogue into a file or on standard output, never in memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from catalog_api.context import Context
from catalog_api.export import export
from catalog_api.pipeline import Progress, silent
from schemas.errors import WenlanError


def write_export(context: Context, what: str, format: str, output: Path | None, progress: Progress = silent) -> int:
    """Write and return how many entries were. A file appears under its name only when it is complete."""
    if what not in ("clusters", "records"):
        raise WenlanError(
            "export-what",
            "能导出的是 clusters 或 records，不是 {what}。",
            "What can be exported is clusters or records, not {what}.",
            what=what,
        )
    count = 0

    def counted(more: int) -> None:
        nonlocal count
        count += more
        progress("导出 export", more, None)

    with context.database.connect() as connection:
        pieces = export(
            connection, what, format, members=context.members, base_url=context.settings.public_url, progress=counted
        )
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return count
        partial = output.with_name(output.name + ".part")
        with partial.open("wb") as stream:
            stream.writelines(pieces)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(output)
    return count

"""SQL lives in `.sql` files beside the code that runs it: one statement under each `-- name: words` line."""

from __future__ import annotations

import re
from importlib import resources
from typing import LiteralString, cast

_NAME = re.compile(r"^--\s*name:\s*([a-z0-9_]+)\s*$", re.MULTILINE)


class Sql:
    """The named statements of one file: `SQL = Sql("normalise", "records.sql")`, then `conn.execute(SQL["upsert"], {...})`."""

    def __init__(self, package: str, file: str) -> None:
        self._where = f"{package}/{file}"
        text = resources.files(package).joinpath(file).read_text(encoding="utf-8")
        parts = _NAME.split(text)
        names = parts[1::2]
        if len(set(names)) != len(names):
            raise ValueError(f"{self._where}: a name stands twice")
        self._statements = {name: body.strip().rstrip(";") for name, body in zip(names, parts[2::2], strict=True)}

    def __getitem__(self, name: str) -> LiteralString:
        """The statement; psycopg wants literals, and these come from files of the distribution, never from input."""
        try:
            return cast(LiteralString, self._statements[name])
        except KeyError:
            raise KeyError(f"{self._where} has no statement named {name!r}") from None

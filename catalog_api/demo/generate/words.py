"""The word lists of `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def words() -> dict[str, Any]:
    """The word lists, entries with `|` split into tuples."""
    text = (files("catalog_api.demo.generate") / "words.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {
        key: [tuple(entry.split("|")) if "|" in entry else entry for entry in value]
        if isinstance(value, list)
        else value
        for key, value in table.items()
    }

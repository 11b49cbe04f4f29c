"""Names of fields, statuses and the like in both languages, from `labels.toml` and `marc_tags.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from schemas.text import Text


@cache
def _section(file: str, section: str) -> dict[str, Text]:
    table = tomllib.loads(resources.files("catalog_api.web").joinpath(file).read_text(encoding="utf-8"))
    return {name: Text(row["zh"], row["en"]) for name, row in table[section].items()}


def label(section: str, name: str) -> Text:
    """A name of `labels.toml`; what stands there without one is its own name."""
    return _section("labels.toml", section).get(name, Text(name, name))


def tag_label(schema: str, tag: str) -> Text | None:
    """The name of a MARC field; None for a local or rare one."""
    family = "marc21" if schema == "marc21" else "cnmarc"
    return _section("marc_tags.toml", family).get(tag)

"""Findings: what is wrong with a record, where, and how bad. The codes and their texts are data, in `schemas/findings/*.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from schemas.text import Text

Severity = Literal["info", "warning", "error", "fatal"]  # fatal: the record cannot be read and is quarantined


class Code(msgspec.Struct, frozen=True):
    """A kind of finding. The texts may name {record}, {field}, {byte}, {value} and whatever `Finding.args` holds."""

    code: str
    severity: Severity
    text: Text


class Finding(msgspec.Struct, omit_defaults=True):
    """One fault in one record. `field` is a tag, or tag$subfield; `byte` an offset within the record, from 0; -1 unknown."""

    code: str
    field: str = ""
    byte: int = -1
    args: dict[str, str] = {}

    @property
    def severity(self) -> Severity:
        return codes()[self.code].severity

    def text(self) -> Text:
        """The sentence in both languages, with its place filled in."""
        place = {"field": self.field or "-", "byte": "-" if self.byte < 0 else str(self.byte)}
        text, args = codes()[self.code].text, _Blank({**place, **self.args})
        return Text(text.zh.format_map(args), text.en.format_map(args))


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


@cache
def codes() -> dict[str, Code]:
    """Every code by name. A code that stands in two files is an error."""
    found: dict[str, Code] = {}
    for file in sorted(resources.files("schemas").joinpath("findings").iterdir(), key=lambda f: f.name):
        for code, row in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in found:
                raise ValueError(f"finding code {code} stands twice")
            found[code] = Code(code, row["severity"], Text(row["zh"], row["en"]))
    return found

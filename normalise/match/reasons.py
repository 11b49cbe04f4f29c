"""The sentences of vetoes and reasons, by code, in both languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from schemas.text import Text


@cache
def texts() -> dict[str, Text]:
    """Every code of `Judgement.vetoes` and `Judgement.reasons` with its sentence."""
    data = tomllib.loads(resources.files("normalise.match").joinpath("reasons.toml").read_text(encoding="utf-8"))
    return {code: Text(row["zh"], row["en"]) for code, row in data.items()}


def text(code: str) -> Text:
    """The sentence of one code; of a code that an older version of the rules stored, the code itself."""
    return texts().get(code) or Text(code, code)

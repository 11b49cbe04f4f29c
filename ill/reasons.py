"""Reasons of routing, from `code=value` to sentences in both languages; the texts are data, in `ill/reasons.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

import msgspec

from schemas.text import Text


class _Reason(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    zh: str
    en: str
    refuses: bool = False


class _Reasons(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    reason: dict[str, _Reason]
    value: dict[str, dict[str, Text]] = {}


@cache
def _table() -> _Reasons:
    text = resources.files("ill").joinpath("reasons.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Reasons)


def reason(code: str, value: object = None) -> str:
    """`code=value` as it is kept; a code that the table lacks raises KeyError, so that no reason goes without words."""
    _table().reason[code]
    return code if value is None else f"{code}={value}"


def refuses(kept: str) -> bool:
    return _table().reason[kept.partition("=")[0]].refuses


def explain(kept: list[str]) -> list[Text]:
    """One sentence a reason. A code of a later version is shown as it stands."""
    return [_sentence(r) for r in kept]


def _sentence(kept: str) -> Text:
    code, _, value = kept.partition("=")
    row = _table().reason.get(code)
    if row is None:
        return Text(kept, kept)
    words = _table().value.get(code, {}).get(value, Text(value, value))
    return Text(row.zh.replace("{value}", words.zh), row.en.replace("{value}", words.en))

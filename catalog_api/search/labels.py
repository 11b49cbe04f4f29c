"""Names of filters and their values in both languages, from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from schemas.member import Member
from schemas.text import Text


@cache
def table(file: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("catalog_api.search").joinpath(file).read_text(encoding="utf-8"))


@cache
def _texts(section: str) -> dict[str, Text]:
    rows = table("labels.toml")[section] if section not in ("languages", "regions") else table(f"{section}.toml")
    return {value: Text(row["zh"], row["en"]) for value, row in rows.items()}


def facet_label(name: str) -> Text:
    return _texts("facet")[name]


def sort_label(name: str) -> Text:
    return _texts("sort")[name]


def field_label(name: str) -> Text:
    """The name of a field of the query language; "" is any word."""
    return _texts("field")[name]


def class_name(letter: str) -> Text:
    """One of the 22 main classes of 中图法; the letter itself for anything else."""
    return _texts("class").get(letter, Text(letter, letter))


def type_label(value: str) -> Text:
    return _texts("type").get(value, Text(value, value))


def region_label(code: str) -> Text:
    return _texts("regions").get(code, Text(code, code))


def language_label(code: str) -> Text:
    return _texts("languages").get(code, Text(code, code))


def member_label(code: str, members: Mapping[str, Member]) -> Text:
    member = members.get(code)
    return Text(member.label("zh"), member.label("en")) if member else Text(code, code)


def value_label(facet: str, value: str, members: Mapping[str, Member]) -> Text:
    """The name of a facet's value; headings (subject, author, series) and what is not known are their own name."""
    match facet:
        case "member":
            return member_label(value, members)
        case "city":
            return region_label(value)
        case "language":
            return language_label(value)
        case "class":
            name = class_name(value)
            return name if name.zh == value else Text(f"{value} {name.zh}", f"{value} {name.en}")
        case "decade":
            return Text(f"{value}年代", f"{value}s") if value.isdigit() else Text(value, value)
        case "collection":
            row = table("collections.toml").get(value)
            return Text(row["name"]["zh"], row["name"]["en"]) if row else Text(value, value)
        case "type" | "carrier" | "system" | "available":
            return _texts(facet).get(value, Text(value, value))
        case _:
            return Text(value, value)


@cache
def _language_codes() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, row in table("languages.toml").items():
        for name in (code, row["zh"], row["en"], *row["also"]):
            names.setdefault(name.casefold(), code)
    return names


def language_code(name: str) -> str:
    """The ISO 639-2/B code of a language's code or name in either language; what is not known comes back in lower case."""
    return _language_codes().get(name.strip().casefold(), name.strip().casefold())

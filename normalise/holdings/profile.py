"""Holdings profiles: how one library (or one system) writes branch, location, call number, copies and states. Data, not code."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from normalise.text import compact
from schemas.errors import WenlanError
from schemas.holding import ItemStatus


class Rule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, dict=True):
    """How the holdings in the fields of one tag are read. Values name subfields; several letters mean the first that is filled.

    `each` says what is one copy: the field, every group of subfields in it (groups start at `first`, by default at the code the field
    starts with), or every value of the barcode's subfield. `call_number` are patterns tried in turn: {d}/{e}, {f}, {096a} (another tag).
    """

    field: str
    each: Literal["field", "group", "barcode"] = "field"
    first: str = ""
    when: dict[str, str] = {}  # subfield -> regular expression it must match
    branch: str = ""
    location: str = ""
    call_number: list[str] = []
    trim: str = ""  # regular expression cut off the call number
    barcode: str = ""
    split: str = ""  # regular expression between barcodes in one subfield
    copies: str = ""  # number of copies of the whole holding
    copy: str = ""  # number of this copy
    status: str = ""
    lenient: bool = False  # words that are no known state are passed over; for profiles that do not know the library
    flags: dict[str, ItemStatus] = {}  # subfield -> the state it means when filled and not 0
    price: str = ""
    volume: str = ""
    year: str = ""
    due: str = ""
    note: str = ""
    url: str = ""
    owning: str = ""
    current: str = ""
    items: bool = True  # False: only call number and number of copies are taken (the items stand in another field)
    total: str = ""  # AVA: number of items, and
    unavailable: str = ""  # of those not available

    @cached_property
    def split_at(self) -> re.Pattern[str] | None:
        return re.compile(self.split) if self.split else None

    @cached_property
    def trim_at(self) -> re.Pattern[str] | None:
        return re.compile(self.trim) if self.trim else None

    @cached_property
    def conditions(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(code, re.compile(pattern)) for code, pattern in self.when.items()]

    @cached_property
    def plan(self) -> list[tuple[str, str]]:
        """(what it means, subfields) of everything that is the text of one subfield."""
        names = (
            "branch",
            "location",
            "copies",
            "copy",
            "status",
            "price",
            "volume",
            "year",
            "due",
            "note",
            "url",
            "owning",
            "current",
            "total",
            "unavailable",
        )
        return [(name, codes) for name in names if (codes := getattr(self, name))]

    @cached_property
    def patterns(self) -> list[list[tuple[str, str]]]:
        """Call number patterns as (text before, subfield or tag+subfield) pairs."""
        return [re.findall(r"([^{}]*)\{([^{}]+)\}", pattern) for pattern in self.call_number]


class Profile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, dict=True):
    """A holdings profile as people write it in `config/holdings/*.toml`; `code` is the file's name."""

    zh: str
    en: str
    code: str = ""
    schemas: list[str] = []  # the default for these, where a source names no profile
    use: Literal["all", "first"] = "all"  # first: the first rule whose field is there, the others not
    rules: list[Rule] = []
    status: dict[str, ItemStatus] = {}
    unstated: ItemStatus = "available"  # what a copy without a state is
    suppressed: dict[str, str] = {}  # tag + subfield -> regular expression: such a record is for staff only
    online: bool = False  # everything this source holds is online

    @cached_property
    def tags(self) -> frozenset[str]:
        """Every tag that the rules look at."""
        names = (name for rule in self.rules for pattern in rule.patterns for _, name in pattern)
        return frozenset([rule.field for rule in self.rules] + [name[:3] for name in names if len(name) > 1])

    @cached_property
    def states(self) -> dict[str, ItemStatus]:
        return {compact(word): state for word, state in self.status.items()}

    @cached_property
    def hidden(self) -> list[tuple[str, str, re.Pattern[str]]]:
        return [(key[:3], key[3:], re.compile(pattern)) for key, pattern in self.suppressed.items()]


def load_profiles(folder: Path) -> dict[str, Profile]:
    """Every profile by its code (the file's name). A file that is wrong is an error that says what and where."""
    found: dict[str, Profile] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            profile = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Profile)
            profile.code = file.stem
            for rule in profile.rules:
                _ = rule.split_at, rule.trim_at, rule.conditions, rule.patterns
            _ = profile.states, profile.hidden
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError, re.error) as error:
            raise WenlanError(
                "holdings-profile",
                "馆藏配置 {file} 有误：{why}",
                "The holdings profile {file} is wrong: {why}",
                file=file.name,
                why=error,
            ) from None
        found[profile.code] = profile
    return found


def choose(profiles: dict[str, Profile], name: str, schema: str) -> Profile:
    """The profile a source names, else the default of its schema, else one without rules."""
    if name and name in profiles:
        return profiles[name]
    if name:
        raise WenlanError(
            "holdings-profile-unknown",
            "没有名为 {name} 的馆藏配置；config/holdings/ 里有：{known}",
            "There is no holdings profile {name}; config/holdings/ has: {known}",
            name=name,
            known=", ".join(profiles) or "-",
        )
    for profile in profiles.values():
        if schema in profile.schemas:
            return profile
    return _NONE


_NONE = Profile(zh="无", en="none")

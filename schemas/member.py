"""Members of the federation, their sources and their lending policy, as people write them in `config/members/*.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import WenlanError

System = Literal["public", "university", "research", "bookshop"]  # 公共 / 高校 / 科研 / 书店
Tier = Literal["system", "city", "province", "delta", "national", "abroad"]
Service = Literal["loan", "copy"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Name(_Shape):
    zh: str
    en: str

    def pick(self, locale: str) -> str:
        return self.en if locale.startswith("en") else self.zh


class Source(_Shape):
    """One place a member's records come from. Credentials are named here (`login`) and kept in the secrets file."""

    code: str = "main"
    protocol: Literal["oai-pmh", "files", "sru", "z39.50"] = "files"
    url: str = Field(default="", description="base URL; for files a directory")
    prefix: str = Field(default="oai_dc", description="metadataPrefix of OAI-PMH")
    set: str = ""
    schedule: str = Field(default="", description="cron line; empty: only by hand")
    record_schema: Literal["", "cnmarc", "unimarc", "marc21", "mods", "dc", "csv"] = Field(default="", alias="schema")
    encoding: str = Field(default="", description="empty: found out record by record")
    holdings: str = Field(default="", description="name of a profile in config/holdings; empty: by schema")
    columns: dict[str, str] = Field(default_factory=dict, description="CSV: our field name -> their column")
    max_shrink: float = Field(
        default=0.1, ge=0, le=1, description="a full run that would withdraw a larger share stops and asks"
    )
    login: str = ""
    hosts: list[str] = Field(default_factory=list, description="other hosts that a redirect of the url may lead to")


class Lending(_Shape):
    """What a member lends, to whom, how fast and at what price. Amounts in yuan, times in working days."""

    supplies: list[Service] = ["loan"]
    borrows: bool = True
    tiers: list[Tier] = ["system", "city", "province", "delta"]
    loan_days: int = Field(default=30, ge=1)
    renewals: int = Field(default=1, ge=0)
    fee: float = Field(default=0, ge=0)
    handling_days: float = Field(default=1, ge=0)
    delivery_days: float = Field(default=2, ge=0)
    answer_hours: int = Field(default=16, ge=1, description="working hours to answer a request before it passes on")
    reference_locations: list[str] = Field(
        default_factory=list, description="shelving locations that never leave the house"
    )
    lends_guji: bool = False


class Member(_Shape):
    code: str = Field(pattern=r"^[a-z][a-z0-9_-]{1,31}$")
    name: Name
    short: Name | None = None
    system: System
    kind: str = Field(description="province, city, county, district, university, research, bookshop ...")
    region: list[str] = Field(
        min_length=1, description="codes of GB/T 2260 from province down, for example 33, 3301, 330106"
    )
    isil: str = ""
    address: Name | None = None
    library_codes: list[str] = Field(
        default_factory=list, description="codes this library writes in 049, 801, 852 $a, 905 $a"
    )
    places: dict[str, Name] = Field(
        default_factory=dict, description="names of the branch and location codes this library writes, for its readers"
    )
    visibility: Literal["public", "staff"] = "public"
    sources: list[Source] = Field(default_factory=list)
    lending: Lending = Lending()

    def label(self, locale: str = "zh") -> str:
        return (self.short or self.name).pick(locale)

    def source(self, code: str) -> Source:
        for source in self.sources:
            if source.code == code:
                return source
        return Source(code=code)


def read_member(file: Path) -> Member:
    try:
        return Member.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WenlanError(
            "member-file",
            "成员文件 {file} 不是正确的 TOML：{why}",
            "The member file {file} is not valid TOML: {why}",
            file=file.name,
            why=error,
        ) from None
    except ValidationError as error:
        why = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise WenlanError(
            "member-file",
            "成员文件 {file} 有误：{why}",
            "The member file {file} is wrong: {why}",
            file=file.name,
            why=why,
        ) from None


def read_members(folder: Path) -> dict[str, Member]:
    """All members by code, in the order of their codes. Two files with one code are an error."""
    members: dict[str, Member] = {}
    for file in sorted(folder.glob("*.toml")):
        member = read_member(file)
        if member.code in members:
            raise WenlanError(
                "member-twice",
                "两个成员文件用了同一代码 {code}",
                "Two member files use the code {code}",
                code=member.code,
            )
        members[member.code] = member
    return dict(sorted(members.items()))


def find_member(members: Mapping[str, Member], code: str) -> Member:
    if code not in members:
        raise WenlanError(
            "member-unknown",
            "没有名为 {code} 的成员。已配置：{known}。新成员请在 config/members/ 加一个 TOML 文件。",
            "There is no member {code}. Configured: {known}. For a new one, add a TOML file to config/members/.",
            code=code,
            known=", ".join(members) or "-",
        )
    return members[code]

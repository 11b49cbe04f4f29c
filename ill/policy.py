"""The policies of lending, as people write them in `config/policies/*.toml`. Amounts in yuan."""

from __future__ import annotations

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from schemas.errors import WenlanError
from schemas.member import System, Tier
from schemas.reader import ReaderCategory

_T = TypeVar("_T", bound=BaseModel)
Factor = Literal["time", "cost", "availability", "queue", "balance", "scarcity"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tiers(_Shape):
    order: list[Tier]
    delta: list[str]
    own_system: dict[System, Literal["city", "province"]]


class Half(_Shape):
    time: float = Field(gt=0)
    cost: float = Field(gt=0)
    queue: float = Field(gt=0)
    balance: float = Field(gt=0)


class Hours(_Shape):
    opens: time
    closes: time


class Deadlines(_Shape):
    expect_hours: int = Field(ge=1)
    ship_hours: int = Field(ge=1)
    cancel_hours: int = Field(ge=1)
    collect_days: int = Field(ge=1)
    recall_days: int = Field(ge=1)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("no such time zone") from None
    return name


class Routing(_Shape):
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    max_fee: float = Field(ge=0)
    ask_when_out: bool
    balance_days: int = Field(ge=1)
    tiers: Tiers
    transport_days: dict[Tier, float]
    weights: dict[Factor, Annotated[float, Field(ge=0)]]
    half: Half
    hours: Hours
    deadlines: Deadlines

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Closure(_Shape):
    """From the first to the last day, both included, by the calendar of the policy's time zone."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid", frozen=True)
    member: str
    first: date = Field(alias="from")
    last: date = Field(alias="until")
    zh: str
    en: str


class Limits(_Shape):
    borrow: int = Field(ge=0)
    interlibrary_loan: int = Field(ge=0)
    document_delivery: int = Field(ge=0)


class LookupLimits(_Shape):
    per_minute: int = Field(ge=1)
    per_day: int = Field(ge=1)


class Cards(_Shape):
    consent_wording: str
    guardian_below: int
    keep_reader_days: int = Field(ge=1)
    lookups: LookupLimits
    limits: dict[ReaderCategory, Limits]


class Policy(_Shape):
    routing: Routing
    cards: Cards
    closures: list[Closure] = []

    def closed(self, member: str, day: date) -> Closure | None:
        """The closure that keeps a member from answering on a day."""
        return next((c for c in self.closures if c.member == member and c.first <= day <= c.last), None)


def read_policy(config: Path) -> Policy:
    """The policies under `config` (Settings.config). Raises WenlanError "policy-file" naming file and field."""
    folder = config / "policies"
    return Policy.model_validate(
        {
            "routing": _read(folder / "routing.toml", Routing),
            "cards": _read(folder / "cards.toml", Cards),
            "closures": _read(folder / "closures.toml", _Closures).closure,
        }
    )


class _Closures(_Shape):
    closure: list[Closure]


def _read(file: Path, shape: type[_T]) -> _T:
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        return shape.model_validate(raw)
    except ValidationError as error:
        why = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = error.strerror or "?" if isinstance(error, OSError) else str(error)
    raise WenlanError(
        "policy-file", "政策文件 {file} 有误：{why}", "The policy file {file} is wrong: {why}", file=file.name, why=why
    )

"""A request for a book or a copy, from placed to closed. States and actions are data: `ill/states.toml`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from schemas.member import Service

Side = Literal["requester", "supplier", "broker", "reader"]
Channel = Literal[
    "on_shelf", "machine", "courier", "interlibrary", "document", "bookshop"
]  # 到馆 自助 快递 互借 传递 书店


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class RequestEvent(_Shape):
    """One thing that happened. Events are only ever added; the state is what they lead to."""

    request_id: int
    number: int  # within the request, from 1
    at: datetime
    actor: str  # account name, "system", or a member code
    side: Side
    action: str
    from_state: str
    to_state: str
    member: str = ""  # the supplier concerned
    note: str = ""
    data: dict[str, Any] = {}


class RouteCandidate(_Shape):
    """One library on the rota, or one that was left out, with the reasons."""

    member: str
    eligible: bool
    rank: int | None  # from 1; None when not eligible
    tier: str
    score: float
    reasons: list[str]  # codes with values, as `code=value`, of `ill/reasons.toml`


class Request(_Shape):
    id: int
    number: str  # shown to people, for example WL-2026-000123
    cluster_id: int
    title: str
    requester: str  # member code
    reader_id: int | None
    service: Service
    volume: str = ""
    channel: Channel = "interlibrary"
    pickup: str = ""  # member code
    state: str
    supplier: str = ""  # member code of the present attempt
    supplier_state: str = ""
    needed_by: datetime | None = None
    due: datetime | None = None
    created_at: datetime
    changed_at: datetime
    version: int  # for optimistic forms: an action names the version it was shown for

"""Protocols by name. A protocol's module is imported when a source first needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import NamedTuple, Protocol, cast

from harvesters.windows import Window
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.raw import RawRecord
from schemas.settings import Settings


class Received(NamedTuple):
    """What is stored in one transaction: records, and how far the run has come with them."""

    records: list[RawRecord]
    position: str | None = None  # where an interrupted run goes on; "": nowhere
    until_time: datetime | None = None  # the server's clock when the run began
    stamp: tuple[str, str] | None = None  # a file that ends with these records, and its size and time


class Harvester(Protocol):
    """One run of one protocol over one source. `damaged` says afterwards why it may not have seen everything."""

    damaged: str

    def plan(self, connection: Connection, *, full: bool) -> Window:
        """What the run is to cover; looks into the database only."""

    def receive(self, window: Window) -> Iterator[Received]:
        """Everything of the window, piece by piece. Raises WenlanError when the window cannot be completed."""

    def close(self) -> None: ...


class Opener(Protocol):
    def __call__(self, settings: Settings, member: Member, source: Source) -> Harvester: ...


_PROTOCOLS = {"oai-pmh": "harvesters.oai_pmh:OaiPmh", "files": "harvesters.folder:Folder"}


def open_harvester(settings: Settings, member: Member, source: Source) -> Harvester:
    """Raises WenlanError `protocol-missing` for a protocol that cannot be harvested."""
    place = _PROTOCOLS.get(source.protocol)
    if place is None:
        raise WenlanError(
            "protocol-missing",
            "来源 {source} 的协议 {protocol} 不能收割。可用：{known}。",
            "The protocol {protocol} of source {source} cannot be harvested. There are: {known}.",
            source=source.code,
            protocol=source.protocol,
            known=", ".join(_PROTOCOLS),
        )
    module, name = place.split(":")
    return cast(Opener, getattr(import_module(module), name))(settings, member, source)

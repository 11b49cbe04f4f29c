"""Which records are the same edition, why, and the description they make together."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.bib import BibRecord

Decision = Literal["match", "review", "no"]


class Judgement(msgspec.Struct, omit_defaults=True):
    """What the matcher says of one pair. `vetoes` and `reasons` are codes of `normalise.match.reasons`."""

    score: float  # 0 to 1
    decision: Decision
    vetoes: list[str] = []
    reasons: list[str] = []
    version: str = ""


class Provenance(msgspec.Struct, array_like=True):
    """The member and the record a field of the merged description was taken from."""

    member: str
    record_id: int


class MergedRecord(msgspec.Struct, omit_defaults=True):
    """`sources` maps a field name of BibRecord to the records its value was taken from, best first."""

    bib: BibRecord
    sources: dict[str, list[Provenance]] = {}


class ClusterView(msgspec.Struct):
    """A cluster as pages, protocols and lending read it."""

    id: int
    merged: MergedRecord
    record_ids: list[int]
    members: list[str]
    datestamp: str  # ISO 8601, UTC
    work_key: str = ""
    public: bool = True
    public_members: list[str] = []  # of `members`, those with a record the public may see


class Redirect(msgspec.Struct):
    """The cluster that asked-for id now stands for."""

    id: int


class Withdrawn(msgspec.Struct):
    """The id was valid once; no record stands behind it today."""

    id: int
    datestamp: str

"""What reading a raw record gives, and the refusal of what is none."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from schemas.marc import MarcRecord
from schemas.quality import Finding


class Reading(msgspec.Struct):
    """A record taken apart, in Unicode (NFC). Exactly one of `marc`, `element` and `row` is set, none for a bare tombstone.

    `element` is the lxml root of a MODS or Dublin Core description, `opac` the <holdings> of an OPAC record.
    """

    kind: Literal["marc", "mods", "dc", "csv"]
    marc: MarcRecord | None = None
    element: Any = None
    row: dict[str, str] | None = None
    opac: Any = None
    local_id: str = ""
    deleted: bool = False
    datestamp: str = ""
    findings: list[Finding] = []
    encoding: str = "utf-8"


class Unreadable(Exception):
    """The record cannot be read and belongs into quarantine; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding

"""What a harvester hands on: bytes as they came, and how they came."""

from __future__ import annotations

from typing import Literal

import msgspec

Container = Literal[
    "iso2709",  # one ISO 2709 record, terminator included where the sender sent one
    "marcxml",  # one <record> (or TurboMARC <r>) element in MARCXML or the NLC's cnmarcxml namespace
    "opacxml",  # one OPAC record: a bibliographic part and holdings
    "marcjson",  # one MARC-in-JSON object
    "oai",  # one OAI-PMH <record> element with its header; the payload is named by its own namespace
    "mods",
    "dc",  # a bare Dublin Core element
    "csv",  # one row, rendered as a JSON object of column name to cell text; `bytes` is that JSON in UTF-8
    "unknown",  # bytes between records, or a record nobody can frame
]


class RawRecord(msgspec.Struct, omit_defaults=True):
    """One record as a source sent it.

    `bytes` is a verbatim slice of what was received. `context` is a JSON object of the XML namespace prefixes that were in scope
    around the slice ("" is the default namespace), so that the slice can be parsed by itself; empty where not needed.
    `problem` is a code of `schemas.quality.CODES` when the framing itself found damage.
    """

    local_id: str
    container: Container
    bytes: bytes
    encoding: str = ""  # as declared by the source or the operator; empty: to be found out
    datestamp: str = ""  # ISO 8601, UTC, as the source gave it
    deleted: bool = False
    position: int = 0  # record number within its file or window, from 1
    offset: int = 0  # byte offset of the slice in its file, from 0 (after decompression)
    context: str = ""
    problem: str = ""
    file: str = ""  # base name of the file or the address of the page it came from


class LoadCounts(msgspec.Struct):
    """Counts of one file, or of one window. read == new + changed + unchanged + deleted + repeated."""

    name: str
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0  # tombstones that withdrew a record
    repeated: int = 0  # the same bytes under the same id again within the run
    quarantined: int = 0  # filled after normalising: of those read, how many cannot be read as a record
    withdrawn: int = 0  # by --full: records the source no longer holds

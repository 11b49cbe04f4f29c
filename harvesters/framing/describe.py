"""What an XML record says of itself without being parsed: its id, its datestamp, whether it is deleted."""

from __future__ import annotations

import html
import re

from harvesters.framing.slices import Slice, clean_id

_CONTROL_NUMBER = re.compile(
    rb"<(?:[\w.-]+:)?(?:controlfield\b[^>]*\btag\s*=\s*[\"']001[\"'][^>]*|c001[^>]*)>\s*(?:<!\[CDATA\[)?([^<\]]*)"
)
_LEADER = re.compile(rb"<(?:[\w.-]+:)?(?:leader|l)(?:\s[^>]*)?>([^<]{6})")
_HEADER = re.compile(rb"<(?:[\w.-]+:)?header\b([^>]*)>(.*?)(?:</(?:[\w.-]+:)?header\s*>|\Z)", re.DOTALL)
_IDENTIFIER = re.compile(rb"<(?:[\w.-]+:)?identifier\b[^>]*>\s*([^<\s][^<]*)<")
_DATESTAMP = re.compile(rb"<(?:[\w.-]+:)?datestamp\b[^>]*>\s*([^<\s][^<]*)<")
_DELETED = re.compile(rb"\bstatus\s*=\s*[\"']deleted[\"']")
_RECORD_IDENTIFIER = re.compile(rb"<(?:[\w.-]+:)?recordIdentifier\b[^>]*>([^<]+)<")


def describe(made: Slice) -> None:
    """Fill in the id, the datestamp and whether the record is deleted."""
    data = made.bytes
    if made.container == "oai":
        header = _HEADER.search(data)
        if header is not None:
            made.deleted = _DELETED.search(header[1]) is not None
            made.local_id = _id(_IDENTIFIER.search(header[2]))
            made.datestamp = _id(_DATESTAMP.search(header[2]))
    number = _id(_CONTROL_NUMBER.search(data)) if made.container not in ("mods", "dc") else ""
    if number:
        made.local_id = number
    elif made.container == "mods":
        made.local_id = _id(_RECORD_IDENTIFIER.search(data))
    if not made.deleted and (leader := _LEADER.search(data)) is not None:
        made.deleted = leader[1][5:] == b"d"


def _id(found: re.Match[bytes] | None) -> str:
    if found is None:
        return ""
    text = clean_id(found[1])
    return html.unescape(text).strip() if "&" in text else text


def id_of_packed(data: bytes) -> str:
    """The control number of a record whose markup is escaped."""
    return _id(_CONTROL_NUMBER.search(html.unescape(data.decode("utf-8", "replace")).encode()))

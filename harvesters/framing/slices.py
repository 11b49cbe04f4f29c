"""What every framing yields, and the ids records get when they bring none."""

from __future__ import annotations

import hashlib
import re

import msgspec

from schemas.raw import Container

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
LONGEST_ID = 255  # characters; longer ones are no control numbers, and too long for an index


class Slice(msgspec.Struct):
    """A byte range that is a record, or should have been one."""

    container: Container
    bytes: bytes
    offset: int
    local_id: str = ""
    problem: str = ""
    context: str = ""
    datestamp: str = ""
    deleted: bool = False
    encoding: str = ""


def content_id(data: bytes) -> str:
    return "h:" + hashlib.sha256(data).hexdigest()[:16]


def clean_id(raw: bytes, encoding: str = "") -> str:
    """An id as text: UTF-8, else the given encoding, else GB18030; without control characters; empty where it cannot be one.

    Bytes that are no characters are written out as escapes, so that different ids stay different.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        try:
            text = raw.decode(encoding or "gb18030", "backslashreplace")
        except LookupError:  # MARC-8, and names that are no codec
            text = raw.decode("gb18030", "backslashreplace")
    if not text.isprintable():
        text = _CONTROL.sub("", text)
    text = text.strip()
    return text if len(text) <= LONGEST_ID else ""

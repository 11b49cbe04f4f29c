"""MARC-in-JSON: one object a line, objects behind each other, or an array of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from harvesters.framing.slices import Slice, clean_id
from harvesters.framing.stream import Window

LIMIT = 2 << 20  # bytes of one record
DEEPEST = 100  # levels of nesting; a record has six
ONE_LINE = 1 << 17  # longer lines hold many records: an array without line breaks
_BETWEEN = re.compile(rb"[\s,\[\]\x00\x1a]*")
_TOKEN = re.compile(rb"\"(?:[^\"\\]|\\.)*\"|[{}\[\]]", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # RFC 8259, 7: nowhere in JSON
_NEXT = re.compile(rb"\{(?<=[\s,\[}]\{)\s*\"(?:leader|fields)\"\s*:")
_CONTROL_NUMBER = re.compile(rb"\"001\"\s*:\s*(\"(?:[^\"\\]|\\.)*\")")
_LEADER = re.compile(rb"\"leader\"\s*:\s*\"[^\"\\]{5}(.)")
BOM = b"\xef\xbb\xbf"


def frame(window: Window) -> Iterator[Slice]:
    """The objects of a stream. One that does not close, or that nobody can parse, costs itself and no other."""
    window.ahead = max(window.ahead, 2 * LIMIT)
    at = window.reserve(0)
    if window.data.startswith(BOM, at):
        at += len(BOM)
    while True:
        at = window.reserve(at)
        between = _BETWEEN.match(window.data, at, at + LIMIT)
        at = between.end() if between else at
        if at == len(window.data) and window.ended:
            return
        if len(window.data) - at < window.ahead and not window.ended:
            continue
        end, problem = _end(window.data, at)
        data = window.data[at:end]
        yield _slice(data.rstrip(b" \t\r\n,"), window.offset + at, problem)
        at = end


def _end(data: bytes, at: int) -> tuple[int, str]:
    """The end of the object at `at`: by its line where that is a whole object, else by counting brackets."""
    if data[at : at + 1] != b"{":
        return _resynchronise(data, at), "not-a-record"
    line = data.find(b"\n", at, at + LIMIT)
    last = (line if line >= 0 else min(len(data), at + LIMIT)) - 1
    while last > at and data[last] in b" \t\r,]":
        last -= 1
    if last - at < ONE_LINE and data[last] == 0x7D and _parses(data[at : last + 1]):
        return last + 1, ""
    limit = min(len(data), at + LIMIT)
    other = _NEXT.search(data, at + 1, limit)  # records do not nest
    limit = other.start() if other else limit
    control = _CONTROL.search(data, at, limit)
    limit = control.start() if control else limit
    depth, position, good = 0, at, False
    while depth <= DEEPEST and (token := _TOKEN.search(data, position, limit)) is not None:
        position = token.end()
        first = data[token.start()]
        if first in b"{[":
            depth += 1
        elif first in b"}]":
            depth -= 1
            if depth == 0:
                good = _parses(data[at:position])
                break
    if good:
        return position, ""
    return _resynchronise(data, at + 1), "json-malformed"


def _parses(data: bytes) -> bool:
    """Whether this is one JSON value. Checked without building it; the standard library is asked about escapes of half a character."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except RecursionError:  # nested too deep to be a record
        return False
    except (msgspec.DecodeError, UnicodeDecodeError):
        return b"\\u" in data and _parses_halves(data)
    return True


def _parses_halves(data: bytes) -> bool:
    try:
        json.loads(data.decode())
    except (ValueError, RecursionError):
        return False
    return True


def _resynchronise(data: bytes, at: int) -> int:
    """Where the next record begins behind a damaged one: at the next leader; else the next line that opens an object."""
    limit = min(len(data), at + LIMIT)
    found = _NEXT.search(data, at, limit)
    if found is not None:
        return found.start()
    line = data.find(b"\n{", at, limit)
    return line + 1 if line >= 0 else limit


def _slice(data: bytes, offset: int, problem: str) -> Slice:
    if not problem and b'"fields"' not in data and b'"leader"' not in data:
        problem = "not-a-record"
    if problem == "not-a-record":
        return Slice("unknown", data, offset, problem=problem)
    made = Slice("marcjson", data, offset, problem=problem)
    number = _CONTROL_NUMBER.search(data)
    if number is not None:
        try:
            made.local_id = clean_id(msgspec.json.decode(number[1], type=str).encode())
        except (msgspec.DecodeError, UnicodeError):
            made.local_id = clean_id(number[1][1:-1])
    leader = _LEADER.search(data)
    made.deleted = leader is not None and leader[1] == b"d"
    return made

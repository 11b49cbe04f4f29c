"""Where one ISO 2709 record ends and the next begins.

The length of the leader is believed when a record terminator stands there and the number of field terminators is what the directory
says. Otherwise the terminator decides, after a look for another record before it (a missing terminator) and behind it (a stray one).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from harvesters.framing.slices import Slice, clean_id
from harvesters.framing.stream import Window
from schemas.iso2709 import FILLER, control_number, declared_length, find_record, starts_record

LIMIT = 2 << 20  # bytes of one record; ISO 2709 allows 99,999, writers with many items ignore that
_FILLER = re.compile(rb"[ \t\r\n\v\f\x00\x1a\x1d\x1e]*")  # a terminator by itself between records carries nothing
BOM = b"\xef\xbb\xbf"


def frame(window: Window, encoding: str = "") -> Iterator[Slice]:
    """The records of a stream, damage and all: every byte that is not padding is in exactly one slice. `encoding` is for ids."""
    window.ahead = max(window.ahead, 2 * LIMIT)
    at = window.reserve(0)
    if window.data.startswith(BOM, at):
        at += len(BOM)
    while True:
        at = window.reserve(at)
        data = window.data
        length = declared_length(data, at)
        if length > 24 and _agrees(data, at, length):
            end, problem = at + length, ""
        else:
            start = _FILLER.match(data, at).end()  # type: ignore[union-attr]  # matches the empty string too
            if start != at:
                at = start
                if at == len(data) and window.ended:
                    return
                continue
            if at == len(data):
                return
            end, problem = _end(data, at, window.ended)
        yield _slice(data[at:end], window.offset + at, problem, encoding)
        at = end


def _agrees(data: bytes, at: int, length: int) -> bool:
    """Whether exactly one record, as its leader describes it, fills `length` bytes from `at`."""
    last = at + length - 1
    if data.find(b"\x1d", at, last + 1) != last:
        return False
    base = data[at + 12 : at + 17]
    return base.isdigit() and data.count(b"\x1e", at, last) == (int(base) - 25) // 12 + 1


def _slice(data: bytes, offset: int, problem: str, encoding: str) -> Slice:
    if problem in ("not-a-record", "record-too-long"):
        return Slice("unknown", data, offset, problem=problem)
    number = clean_id(control_number(data), encoding)
    return Slice("iso2709", data, offset, local_id=number, problem=problem, deleted=data[5:6] == b"d")


def _end(data: bytes, at: int, ended: bool) -> tuple[int, str]:
    """The end of the damaged record (or of the rubbish) at `at`, and the finding code of the damage."""
    limit = min(len(data), at + LIMIT)
    first = data.find(b"\x1d", at, limit)
    begins = starts_record(data, at)
    other = find_record(data, at + (24 if begins else 1), first + 1 if first >= 0 else limit)
    if other >= 0:
        return other, "no-terminator" if begins else _kind(data[at:other])
    if first < 0:
        if limit == at + LIMIT and (limit < len(data) or not ended):
            return limit, "record-too-long"
        if begins and declared_length(data, at) > limit - at + 2:
            return limit, "truncated"  # by more than its terminators
        return limit, "no-terminator" if begins else "not-a-record"
    if not begins:
        return first + 1, _kind(data[at : first + 1])
    length = declared_length(data, at)
    if length == first + 1 - at or _record_follows(data, first + 1):
        return first + 1, "" if length == first + 1 - at else "length-wrong"
    return _behind_stray(data, at, first, length)


def _kind(piece: bytes) -> str:
    """What a piece is that does not begin like a record: one with a damaged leader, or no record at all."""
    return "leader-damaged" if len(piece.rstrip(FILLER)) > 36 and b"\x1e" in piece else "not-a-record"


def _record_follows(data: bytes, at: int) -> bool:
    behind = _FILLER.match(data, at).end()  # type: ignore[union-attr]
    return behind >= len(data) or starts_record(data, behind)


def _behind_stray(data: bytes, at: int, first: int, length: int) -> tuple[int, str]:
    """A terminator behind which no record begins: inside the record, if a later one stands where leader or directory say."""
    for size in (length, _extent(data, at)):
        end = at + size
        if first + 1 < end <= at + LIMIT and data[end - 1 : end] == b"\x1d" and _record_follows(data, end):
            if find_record(data, first + 1, end) >= 0:
                break
            return end, "stray-terminator"
    return first + 1, "length-wrong"


def _extent(data: bytes, at: int) -> int:
    """How long the record is by the last entry of its directory, 0 where that cannot be told."""
    directory_end = data.find(b"\x1e", at, at + LIMIT)
    entries = data[at + 24 : directory_end]
    if directory_end < 0 or len(entries) % 12 or not entries:
        return 0
    ends = [
        int(entries[i + 3 : i + 7]) + int(entries[i + 7 : i + 12])
        for i in range(0, len(entries), 12)
        if entries[i + 3 : i + 12].isdigit()
    ]
    return directory_end + 1 - at + max(ends, default=0) + 1

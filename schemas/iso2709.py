"""Bytes of ISO 2709 (GB/T 2901): leader, directory, terminators, and what can be saved when they do not agree.

A record is a leader of 24 bytes, a directory of 12-byte entries (tag 3, length 4, start 5) closed by a field terminator, then the
fields, each closed by a field terminator, then the record terminator (ISO 2709:2008, 4.3 to 4.6). Senders break every part of this,
so the directory is believed where it agrees with the terminators, and re-derived from them where it does not. The three separators
never occur inside a character of UTF-8, GB18030 or Big5, so bytes can be cut before anything is decoded.
"""

from __future__ import annotations

import re
from itertools import accumulate

import msgspec

from schemas.quality import Finding

RECORD_TERMINATOR = b"\x1d"
FIELD_TERMINATOR = b"\x1e"
SUBFIELD_DELIMITER = b"\x1f"
LEADER_LENGTH = 24
ENTRY_LENGTH = 12
FILLER = (
    b" \t\r\n\v\f\x00\x1a"  # what writers leave between records: line feeds, NUL padding, the end-of-file mark of DOS
)

# Leader/05 and /06 are letters or a blank (a substitute for it), never digits: this tells a leader from a piece of a directory.
_LEADER = rb"\d{5}[^\d\x00-\x1f]{2}[\x20-\xff]{5}\d{5}[\x20-\xff]{7}"
_RECORD = re.compile(_LEADER + rb"(?:[0-9A-Za-z ]{3}\d{9})+\x1e")
_LIKE_LEADER = re.compile(_LEADER + rb"[0-9A-Za-z]{3}\d")
_TAG = re.compile(r"[0-9A-Za-z]{3}")
_ORDINARY = re.compile(r"[0-9A-Za-z]*")
_AFTER_SEPARATOR = re.compile(rb"[\x1d\x1e][ \t\r\n\v\f\x00\x1a]*\Z")


def starts_record(data: bytes, at: int) -> bool:
    """Whether a leader and the beginning of a directory stand at `at`."""
    return _LIKE_LEADER.match(data, at) is not None


def find_record(data: bytes, start: int, end: int) -> int:
    """The offset in data[start:end] where another record certainly begins, or -1.

    Certain is: leader and directory are well formed, and the base address is the length of both, or a separator stands before them.
    """
    found = _RECORD.search(data, start, end)
    while found is not None:
        at = found.start()
        if int(data[at + 12 : at + 17]) == found.end() - at or _AFTER_SEPARATOR.search(
            data[max(start - 1, at - 16) : at]
        ):
            return at
        found = _RECORD.search(data, at + 1, end)
    return -1


def declared_length(data: bytes, at: int = 0) -> int:
    """Leader/00-04, or -1 where those are not digits."""
    digits = data[at : at + 5]
    return int(digits) if len(digits) == 5 and digits.isdigit() else -1


def control_number(data: bytes) -> bytes:
    """The bytes of field 001, empty where there is none."""
    try:
        if data[24:27] == b"001":
            start = int(data[12:17]) + int(data[31:36])
            end = start + int(data[27:31]) - 1
            if start > 36 and data[start - 1] == 0x1E and data.find(b"\x1e", start) == end:
                return data[start:end]
    except (ValueError, IndexError):
        pass
    try:
        parts = layout(data)
    except Damaged:
        return b""
    return next((value for tag, value in zip(parts.tags, parts.values, strict=True) if tag == "001"), b"")


class Damaged(Exception):
    """The bytes cannot be taken apart; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class Layout(msgspec.Struct):
    """A record taken apart: `values[i]` is the content of the field `tags[i]`, without its terminator.

    `aligned` means that the values joined by field terminators are exactly `body`, so that it can be decoded in one go.
    """

    leader: bytes
    tags: list[str]
    values: list[bytes]
    base: int
    body: bytes
    aligned: bool = True
    findings: list[Finding] = []
    offsets: list[int] = []  # of the values within the record; empty where aligned: see `offset`

    def offset(self, index: int) -> int:
        """Where in the record the value `index` begins."""
        if self.offsets:
            return self.offsets[index]
        return self.base + sum(len(value) + 1 for value in self.values[:index])


def layout(data: bytes) -> Layout:
    """Take a record apart, repairing what can be repaired; raises `Damaged` for what cannot."""
    directory_end = data.find(b"\x1e")
    if directory_end < 0:
        raise Damaged(_no_record(data))
    base = directory_end + 1
    size, odd = divmod(directory_end - LEADER_LENGTH, ENTRY_LENGTH)
    if not odd and size > 0 and data[-2:] == b"\x1e\x1d" and data[12:17] == b"%05d" % base:
        body = data[base:-2]
        values = body.split(b"\x1e")
        if len(values) == size:
            directory = data[24:directory_end].decode("latin-1")
            tags = [directory[at : at + 3] for at in range(0, 12 * size, 12)]
            if directory == _directory(tags, values):
                findings = [] if data[:5] == b"%05d" % len(data) else [_length_wrong(data, len(data))]
                parts = Layout(data[:24], tags, values, base, body, findings=findings)
                if not _ORDINARY.fullmatch("".join(tags)):
                    _check_tags(parts)
                return parts
    return _repaired(data, directory_end)


def _directory(tags: list[str], values: list[bytes]) -> str:
    """The directory that fields in this order must have."""
    lengths = [len(value) + 1 for value in values]
    entries: list[str | int] = [0] * (3 * len(tags))
    entries[0::3] = tags
    entries[1::3] = lengths
    entries[2::3] = accumulate(lengths[:-1], initial=0)
    return "%s%04d%05d" * len(tags) % tuple(entries)  # in one go, for this is done for every record


def _check_tags(parts: Layout) -> None:
    for index, tag in enumerate(parts.tags):
        if not _TAG.fullmatch(tag):
            parts.findings.append(
                Finding("bad-tag", field=tag, byte=parts.offset(index), args={"value": ascii(tag)[1:-1]})
            )


# -- repair


def _no_record(data: bytes) -> Finding:
    declared = declared_length(data)
    if starts_record(data, 0) and declared > len(data):
        return Finding("truncated", byte=len(data), args={"length": str(declared), "have": str(len(data))})
    return Finding("not-a-record", byte=0)


def _length_wrong(data: bytes, have: int) -> Finding:
    declared = data[:5].decode("latin-1")
    return Finding("length-wrong", field="LDR", byte=0, args={"length": declared, "have": str(have)})


def _repaired(data: bytes, directory_end: int) -> Layout:
    findings: list[Finding] = []
    body, ended = _body(data, directory_end + 1)
    if not ended:
        findings.append(Finding("no-terminator", byte=len(data.rstrip(FILLER))))
    if declared_length(data) != len(data) + (not ended):
        findings.append(_length_wrong(data, len(data)))
    values = body.split(b"\x1e") if body else []
    leader_end, entries = _entries(data, directory_end, len(values), findings)
    if leader_end != LEADER_LENGTH or not data[:17].isascii() or declared_length(data) < 0:
        findings.append(Finding("leader-damaged", field="LDR", byte=0))
    elif data[12:17] != b"%05d" % (directory_end + 1):
        args = {"length": data[12:17].decode("latin-1"), "have": str(directory_end + 1)}
        findings.append(Finding("base-address-wrong", field="LDR", byte=12, args=args))
    if not entries or not values:
        args = {"entries": str(len(entries)), "fields": str(len(values))}
        raise Damaged(Finding("directory-unusable" if values else "no-content", byte=directory_end, args=args))
    if not ended and _is_cut(data, entries, body, len(values)):
        length = str(max(declared_length(data), 0)) if declared_length(data) > len(data) else "?"
        raise Damaged(Finding("truncated", byte=len(data), args={"length": length, "have": str(len(data))}))
    parts = Layout(data[:leader_end], [], values, directory_end + 1, body, True, findings)
    _assign(parts, entries)
    return parts


def _body(data: bytes, base: int) -> tuple[bytes, bool]:
    """The fields without the last terminators, and whether a record terminator was there."""
    bare = data.rstrip(FILLER)
    ended = bare.endswith(b"\x1d")
    body = bare[base:].rstrip(b"\x1d") if ended else bare[base:]
    return body[:-1] if body.endswith(b"\x1e") else body, ended


Entry = tuple[str, int, int]  # tag, length, start; -1 where not a number


def _entries(data: bytes, directory_end: int, fields: int, findings: list[Finding]) -> tuple[int, list[Entry]]:
    """Where the leader ends, and the entries of the directory.

    A directory that is no multiple of twelve has lost or gained bytes. Its entries are then found by what they must say: the length
    and start of each field are known from the terminators.
    """
    directory = data[LEADER_LENGTH:directory_end]
    size, odd = divmod(len(directory), ENTRY_LENGTH)
    if not odd:
        return LEADER_LENGTH, [_entry(directory[at : at + 12]) for at in range(0, len(directory), 12)]
    findings.append(Finding("directory-wrong", byte=LEADER_LENGTH, args={"length": str(len(directory))}))
    if starts_record(data, 0):
        entries = _expected(directory, _body(data, directory_end + 1)[0].split(b"\x1e"))
        if entries:
            return LEADER_LENGTH, entries
    from_end = (
        directory_end - fields * ENTRY_LENGTH
    )  # a leader that lost or gained bytes: entries count back from their end
    if abs(from_end - LEADER_LENGTH) < ENTRY_LENGTH:
        counted = [_entry(data[at : at + 12]) for at in range(from_end, directory_end, 12)]
        if all(length > 0 and begin >= 0 for _, length, begin in counted):
            return from_end, counted
    return LEADER_LENGTH, [_entry(directory[at : at + 12]) for at in range(0, size * 12, 12)]


def _expected(directory: bytes, values: list[bytes]) -> list[Entry]:
    """An entry for every value, found by its length and start; empty where two in a row are not there as they should be."""
    entries, start, at, missed = list[Entry](), 0, 0, False
    for value in values:
        length = len(value) + 1
        found = directory.find(b"%04d%05d" % (length, start), at)
        if found < 3 and missed:
            return []
        missed = found < 3
        tag = directory[at : at + 3] if missed else directory[found - 3 : found]
        entries.append((tag.decode("latin-1"), length, start))
        at = at if missed else found + 9
        start += length
    return entries


def _entry(raw: bytes) -> Entry:
    length, start = raw[3:7], raw[7:12]
    return (
        raw[:3].decode("latin-1"),
        int(length) if length.isdigit() else -1,
        int(start) if start.isdigit() and len(start) == 5 else -1,
    )


def _is_cut(data: bytes, entries: list[Entry], body: bytes, fields: int) -> bool:
    """Whether fields are missing at the end, and not only the terminators."""
    if fields < len(entries):
        return True
    last = max(entries, key=lambda entry: entry[2])
    known = last[1] > 0 and last[2] >= 0
    return known and fields == len(entries) and last[2] + last[1] > len(body) + 1 and declared_length(data) > len(data)


def _assign(parts: Layout, entries: list[Entry]) -> None:
    """Give every field its tag: by the directory where it covers the body without gap, else in order of the terminators."""
    ordered = sorted(entries, key=lambda entry: entry[2]) if all(entry[2] >= 0 for entry in entries) else entries
    if _covers(ordered, len(parts.body)):
        _by_offset(parts, entries)
    elif len(parts.values) == len(entries):
        parts.tags = [entry[0] for entry in ordered]
        parts.findings.append(Finding("directory-wrong", byte=LEADER_LENGTH, args={"length": str(12 * len(entries))}))
    else:
        _by_shape(parts, [entry[0] for entry in ordered])
    _check_tags(parts)


def _covers(ordered: list[Entry], size: int) -> bool:
    """Whether the entries, in order of their starts, cover a body of `size` bytes (and its terminator) without gap or overlap."""
    at = 0
    for _, length, start in ordered:
        if start != at or length <= 0:
            return False
        at += length
    return at == size + 1


def _by_offset(parts: Layout, entries: list[Entry]) -> None:
    parts.tags = [entry[0] for entry in entries]
    parts.offsets = [parts.base + entry[2] for entry in entries]
    values = [parts.body[start : start + length] for _, length, start in entries]
    size = len(parts.body)
    for index, (tag, length, start) in enumerate(entries):
        value, at = values[index], parts.offsets[index]
        if value.endswith(b"\x1e"):
            value = value[:-1]
        elif start + length <= size:
            parts.findings.append(Finding("field-terminator-missing", field=tag, byte=at + length - 1))
        if b"\x1e" in value:
            parts.findings.append(Finding("stray-terminator", field=tag, byte=at + value.index(b"\x1e")))
            value = value.replace(b"\x1e", b"")
        values[index] = value
    parts.aligned = False
    parts.values = values


def _by_shape(parts: Layout, tags: list[str]) -> None:
    """More pieces than entries: a piece that does not begin like a data field belongs to the field before it."""
    values, offsets, at = list[bytes](), list[int](), parts.base
    surplus = len(parts.values) - len(tags)
    for piece in parts.values:
        control = len(values) < len(tags) and tags[len(values)].startswith("00")
        if surplus > 0 and values and not control and piece[2:3] != b"\x1f":
            parts.findings.append(Finding("stray-terminator", field=tags[min(len(values), len(tags)) - 1], byte=at - 1))
            values[-1] += piece
            surplus -= 1
        else:
            values.append(piece)
            offsets.append(at)
        at += len(piece) + 1
    if len(values) != len(tags):
        args = {"entries": str(len(tags)), "fields": str(len(parts.values))}
        raise Damaged(Finding("directory-unusable", byte=LEADER_LENGTH, args=args))
    parts.tags, parts.values, parts.offsets, parts.aligned = tags, values, offsets, False

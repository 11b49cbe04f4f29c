"""ISO 2709 (GB/T 2901) written byte by byte, in any encoding; and the ways it arrives broken."""

from __future__ import annotations

from random import Random

Field = tuple[str, str]
# What a record's bytes may suffer, and which libraries' systems do it (see federation.DAMAGE).
KINDS = (
    "bad_leader_length",
    "char_lengths",
    "half_char",
    "mixed_encoding",
    "stray_field_terminator",
    "stray_terminator",
    "no_terminator",
    "truncated",
    "junk_before",
)
PAD = [f"{number:04d}" for number in range(10_000)]  # a look-up is half the price of formatting


def _assemble(head: tuple[str, str], fields: list[Field], data: bytes, lengths: list[int]) -> bytes:
    """Leader and directory for field data with the given lengths (terminator included)."""
    position = 0
    directory = []
    for (tag, _), length in zip(fields, lengths, strict=True):
        directory.append(
            f"{tag}{PAD[length]}0{PAD[position]}" if position < 10_000 else f"{tag}{length:04d}{position:05d}"
        )
        position += length
    base = 25 + 12 * len(fields)
    total = base + position + 1
    return f"{total:05d}{head[0]}{base:05d}{head[1]}{''.join(directory)}\x1e".encode("ascii") + data


def record(head: tuple[str, str], fields: list[Field], encoding: str) -> bytes:
    """One exact record. `head` is leader/05-11 and /17-23. Raises UnicodeEncodeError where the encoding lacks a character."""
    data = ("\x1e".join([value for _, value in fields]) + "\x1e\x1d").encode(encoding)
    # 0x1E is no part of a character in UTF-8, GBK and GB18030, so the encoded text can be split where the fields end.
    return _assemble(head, fields, data, [len(part) + 1 for part in data.split(b"\x1e")[:-1]])


def fit(fields: list[Field], encoding: str, room: int = 90_000) -> list[Field]:
    """Without the last copies, where a record would outgrow the five digits of its length."""
    size = 0
    for number, (_, value) in enumerate(fields):
        size += len(value.encode(encoding, "replace")) + 13
        if size > room:
            return fields[:number]
    return fields


def damaged(kind: str, head: tuple[str, str], fields: list[Field], encoding: str, rng: Random) -> bytes:
    """The record as a careless system writes it. The kinds are those of `KINDS`."""
    exact = record(head, fields, encoding)
    if kind == "bad_leader_length":
        wrong = (len(exact) + (1 + int(rng.random() * 60)) * (1 if rng.random() < 0.5 else -1)) % 100_000
        return f"{wrong:05d}".encode() + exact[5:]
    if kind == "char_lengths":
        data = ("\x1e".join(value for _, value in fields) + "\x1e\x1d").encode(encoding)
        return _assemble(head, fields, data, [len(value) + 1 for _, value in fields])
    if kind == "half_char":
        return _half_character(head, fields, encoding, exact)
    if kind == "mixed_encoding":
        return record(head, fields, "utf-8" if encoding != "utf-8" else "gb18030")
    if kind in ("stray_field_terminator", "stray_terminator"):
        mark = "\x1e" if kind == "stray_field_terminator" else "\x1d"
        number, (_, value) = max(enumerate(fields), key=lambda entry: len(entry[1][1]))
        texts = [text for _, text in fields]
        texts[number] = f"{value[:-3]}{mark}{value[-3:]}"
        data = ("\x1e".join(texts) + "\x1e\x1d").encode(encoding)
        return _assemble(head, fields, data, [len(text.encode(encoding)) + 1 for text in texts])
    if kind == "no_terminator":
        return exact[:-1]
    if kind == "truncated":
        return exact[: int(len(exact) * (0.6 + 0.3 * rng.random()))] + b"\x1d"
    if kind == "junk_before":
        return b"\r\nEXPORT PART 2\r\n" + exact
    raise ValueError(kind)


def _half_character(head: tuple[str, str], fields: list[Field], encoding: str, exact: bytes) -> bytes:
    """A long text cut by bytes in the middle of a Chinese character; every length is right."""
    number, (_, value) = max(enumerate(fields), key=lambda entry: len(entry[1][1]))
    parts = [v.encode(encoding) for _, v in fields]
    for cut in range(len(value) - 2, 4, -1):
        if value[cut] > "\u2e80":
            parts[number] = value[: cut + 1].encode(encoding)[:-1]
            data = b"\x1e".join(parts) + b"\x1e\x1d"
            return _assemble(head, fields, data, [len(part) + 1 for part in parts])
    return exact

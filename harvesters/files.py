"""Records out of files and streams: format and compression are found out from the content, memory stays bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from harvesters.framing import csv, errors, iso2709, json, xml
from harvesters.framing.slices import Slice, content_id
from harvesters.framing.stream import CHUNK, GZIP_MAGIC, FromUtf16, Gunzip, Prefixed, Readable, Window
from schemas.errors import WenlanError
from schemas.iso2709 import FILLER, find_record, starts_record
from schemas.quality import codes
from schemas.raw import Container, RawRecord

Format = Container | Literal["json-array", "html", "archive", ""]
HEAD = 1 << 20  # bytes of a file that are looked at to tell its format
HELD = 16 << 20  # bytes of rubbish before the first record that are kept
RUBBISH = 64 << 20  # bytes without a record after which a stream is given up,
PIECES = 100_000  # or so many pieces of it: a disk full of quarantined noise helps nobody
_BOM = b"\xef\xbb\xbf"
# Each comment is tried in one way only: forty of them could be taken together in a million million.
_HTML = re.compile(rb"\s*+(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
# Of a record: a leader and directory that end before a field does.
_BEGINNING = re.compile(rb"\d{5}[^\d\x00-\x1f]{2}[^\x00-\x1f]{0,50}|\d{1,5}")
_ARCHIVES = (
    b"PK\x03\x04",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
    b"%PDF",
    b"\xd0\xcf\x11\xe0",
)
_XML_KINDS: tuple[tuple[bytes, Container], ...] = (
    (b'openarchives.org/OAI/2.0/"', "oai"),
    (b"<ListRecords", "oai"),
    (b"opacRecord", "opacxml"),
    (b"loc.gov/mods/v3", "mods"),
    (b":dc ", "dc"),
    (b"<dc", "dc"),
)
_XML: tuple[Format, ...] = ("marcxml", "opacxml", "oai", "mods", "dc")


def open_file(
    path: Path | BinaryIO,
    *,
    name: str,
    container: str = "",
    encoding: str = "",
    columns: Mapping[str, str] | None = None,
) -> Iterator[RawRecord]:
    """Every record of a file or stream, in order; gzip is unpacked on the way.

    `container` overrides what is found out from the content, `encoding` is the operator's word for all records, `columns` is a
    source's mapping of our field names to the columns of a CSV ("id" names the column with the ids). A byte range that should have
    been a record and is not is yielded too, with `problem` set. A stream that is passed in is left open.

    Raises WenlanError with a code beginning with "file-" when the whole is nothing to be read, at the first step; and after all that
    could be read, for a compressed file that is cut off (file-truncated-gzip) or damaged (file-bad-gzip), for a file that ends within
    a record (file-truncated) or before its root element does (file-truncated-xml), for a stream that turned into rubbish
    (file-rubbish), and where reading fails (file-unread).
    """
    with ExitStack() as stack:
        raw: Readable
        if isinstance(path, Path):
            try:
                raw = stack.enter_context(path.open("rb"))
            except OSError as error:
                raise errors.unopened(name, error) from None
        else:
            raw = path
        stream = _unpacked(raw, name)
        ending = _Ending(name)
        try:
            for count, piece in enumerate(_Framing(stream, name, container, encoding, columns), 1):
                ending.see(piece, count)
                yield _record(piece, count, name, encoding)
        except WenlanError:
            if isinstance(stream, Gunzip) and stream.damage is not None:
                raise stream.damage from None  # the cause, of which the other is the effect
            raise
        except OSError as error:
            raise errors.unread(name, error) from None
        if isinstance(stream, Gunzip) and stream.damage is not None:
            raise stream.damage
        ending.check()


class _Ending:
    """Watches the slices of a file: whether they turn into rubbish for good, and whether the last one was cut off."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._last: Slice | None = None
        self._bytes = self._pieces = self._since = 0  # of rubbish since the last record, and where it began

    def see(self, piece: Slice, count: int) -> None:
        self._last, self._count = piece, count
        if not piece.problem or piece.local_id:
            self._bytes = self._pieces = 0
        elif piece.container == "unknown" or codes()[piece.problem].severity == "fatal":
            if self._pieces == 0:
                self._since = piece.offset
            self._bytes += len(piece.bytes)
            self._pieces += 1
            if self._bytes > RUBBISH or self._pieces > PIECES:
                raise errors.rubbish(self._name, self._since)

    def check(self) -> None:
        if self._last is not None and _is_cut(self._last):
            raise errors.cut_within(self._name, self._count, self._last.offset)


def _is_cut(last: Slice) -> bool:
    """Whether the last slice of a file lacks its end."""
    data = last.bytes
    if last.problem == "json-malformed":
        return not data.endswith((b"}", b"]"))
    if last.problem == "not-a-record":
        return _BEGINNING.fullmatch(data) is not None
    return last.problem == "truncated"


def detect(head: bytes) -> Format:
    """What the first bytes of an unpacked file are; "" for nothing known. For XML the container of its likeliest records."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) & ~1].decode("utf-16", "ignore").encode()
    bare = head.removeprefix(_BOM).lstrip(FILLER)
    if bare.startswith(_ARCHIVES):
        return "archive"
    if bare.startswith(b"<"):
        if _HTML.match(bare):
            return "html"
        return next((kind for mark, kind in _XML_KINDS if mark in bare[:65536]), "marcxml")
    if bare[:1] == b"[" and bare[1:].lstrip()[:1] == b"{":
        return "json-array"
    if bare[:1] == b"{" and b'"' in bare[:4096]:
        return "marcjson"
    if starts_record(bare, 0) or find_record(bare, 0, len(bare)) >= 0 or _like_iso2709(bare):
        return "iso2709"
    if csv.looks_like_table(bare):
        return "csv"
    marked = re.search(rb"<(?:[\w.-]+:)?(?:collection|record|OAI-PMH|searchRetrieveResponse)[\s>]", bare)
    return "marcxml" if (marked and b"controlfield" in bare) or b"<OAI-PMH" in bare else ""


def _like_iso2709(head: bytes) -> bool:
    """Separators in a text that has hardly any other control characters: damaged records, not a binary file."""
    if head.count(b"\x1e") < 2 or b"\x1f" not in head:
        return False
    others = len(head) - len(head.translate(None, bytes(c for c in range(32) if c not in b"\t\n\r\x1b\x1d\x1e\x1f")))
    return others <= len(head) // 200


class _Framing:
    """Finds out the format, then iterates over the slices."""

    def __init__(
        self, stream: Readable, name: str, container: str, encoding: str, columns: Mapping[str, str] | None
    ) -> None:
        self._stream = stream
        self._name = name
        self._container = container
        self._encoding = encoding
        self._columns = columns

    def __iter__(self) -> Iterator[Slice]:
        window = Window(self._stream, HEAD)
        if window.data.startswith((b"\xff\xfe", b"\xfe\xff")):
            window = Window(FromUtf16(Prefixed(window.data, self._stream)), HEAD)
        if not window.data.removeprefix(_BOM).strip(FILLER) and window.ended:
            if isinstance(self._stream, Gunzip) and self._stream.damage is not None:
                raise self._stream.damage
            raise errors.empty(self._name)
        found = self._format(window.data)
        if found in ("iso2709", "unknown"):
            return self._some(iso2709.frame(window, self._encoding))
        if found in ("marcjson", "json-array"):
            return self._some(json.frame(window))
        if found == "csv":
            return self._csv(window)
        return self._xml(window)

    def _format(self, head: bytes) -> Format:
        found = detect(head[:HEAD])
        self._looks_like: Format = found if found not in ("html", "archive") else ""
        if self._container:
            if self._container not in (*get_args(Container), "json-array", "xml"):
                raise errors.unknown_format(self._name, self._container)
            return self._container  # type: ignore[return-value]
        if found == "html":
            raise errors.html(self._name, head)
        if found == "archive":
            raise errors.archive(self._name)
        if not found:
            raise errors.not_records(self._name)
        return found

    def _csv(self, window: Window) -> Iterator[Slice]:
        """Any text can be split at commas: what is plainly another format is not read as a table."""
        if self._looks_like not in ("csv", ""):
            raise self._refused()
        return csv.frame(window, self._name, self._encoding, self._columns)

    def _refused(self) -> WenlanError:
        if self._container and self._looks_like and self._looks_like != self._container:
            return errors.other_format(self._name, self._container, self._looks_like)
        return errors.not_records(self._name)

    def _xml(self, window: Window) -> Iterator[Slice]:
        framing = xml.Framing(window, self._name)
        yield from self._some(framing.run(), known=lambda: framing.known)
        if framing.unclosed:
            raise errors.cut_between(self._name, framing.unclosed)

    def _some(self, slices: Iterator[Slice], known: Callable[[], bool] | None = None) -> Iterator[Slice]:
        """Pass slices on; a file in which none is a record, and that is no empty answer of a known kind, is refused."""
        held: list[Slice] = []
        size = 0
        for piece in slices:
            if piece.container == "unknown" and piece.problem not in _CLEAR and size < HELD:
                held.append(piece)
                size += len(piece.bytes)
                continue
            if size >= HELD and piece.container == "unknown":
                break
            yield from held
            yield piece
            yield from slices
            return
        if size >= HELD or not (known is not None and known()):
            raise self._refused()
        yield from held


_CLEAR = ("holdings-only", "unknown-payload", "xml-malformed")  # these were records, of a kind


def _unpacked(raw: Readable, name: str) -> Readable:
    head = raw.read(CHUNK)
    stream = Prefixed(head, raw)
    return Gunzip(stream, name) if head.startswith(GZIP_MAGIC) else stream


def _record(piece: Slice, position: int, name: str, encoding: str) -> RawRecord:
    return RawRecord(
        local_id=piece.local_id or content_id(piece.bytes),
        container=piece.container,
        bytes=piece.bytes,
        encoding=encoding or piece.encoding,
        datestamp=piece.datestamp,
        deleted=piece.deleted,
        position=position,
        offset=piece.offset,
        context=piece.context,
        problem=piece.problem,
        file=name,
    )

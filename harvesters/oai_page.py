"""One OAI-PMH answer: its records cut out verbatim, and what is left over parsed strictly.

A page is taken only when it is well-formed as it came, or when it is once its bad records are lifted out: each of them is then kept by
itself with the problem `xml-malformed`, and the rest, the closed root included, must be well-formed without them. Anything else, such
as a page that was cut off, raises `BadPage`, and the window does not go on.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import IO, cast
from xml.parsers import expat

import msgspec
from lxml import etree

from harvesters.framing.slices import Slice, content_id
from harvesters.framing.stream import FromUtf16, Readable, Window
from harvesters.framing.xml import Framing
from schemas.raw import RawRecord

OAI = "{http://www.openarchives.org/OAI/2.0/}"
_HEAD = 1 << 14
_SMALL = 1 << 20  # bytes of an answer without records
_HAS_RECORDS = re.compile(rb"<(?:[\w.-]+:)?ListRecords[\s>]")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_EXPAT_READS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1"}
_CHUNK = 1 << 18


class BadPage(Exception):
    """The answer is no well-formed OAI-PMH page. `code` is doctype, not-xml, not-oai-pmh or cut."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


class OaiPage(msgspec.Struct):
    """`xml` is the answer without its records; sickle finds token, error and Identify in it."""

    xml: etree._Element
    records: list[RawRecord]
    malformed: int  # how many records are not well-formed

    @property
    def response_date(self) -> str:
        return (self.xml.findtext(f"{OAI}responseDate") or "").strip()


def read_page(body: IO[bytes], *, name: str, first: int = 1, encoding: str = "") -> OaiPage:
    """Read a spooled answer from its start.

    `name` goes into the records as their file, `first` is the number of the first of them, `encoding` the operator's word for all.
    """
    head = body.read(_HEAD)
    body.seek(0)
    declared = _encoding(head)
    fault = _fault(_utf8(body, declared))
    body.seek(0)
    if not _HAS_RECORDS.search(head.replace(b"\0", b"")):
        if fault:
            raise BadPage("cut" if b"OAI-PMH" in head else "not-xml", fault)
        return OaiPage(_envelope(_read_small(body)), [], 0)
    slices, rest = _cut(body, head, name)
    malformed = 0
    if fault:
        for slice_ in slices:
            if slice_.problem or _fault_of(slice_, declared):
                slice_.problem = slice_.problem or "xml-malformed"
                malformed += 1
        if malformed == 0:
            raise BadPage("cut", fault)
    xml = _envelope(rest, left_out=fault, encoding="utf-8" if declared == "utf-16" else None)  # it was cut as UTF-8
    if xml.find(f".//{OAI}record") is not None:
        raise BadPage("cut", "a record could not be told from what is around it")
    return OaiPage(xml, [_raw(s, name, first + n, encoding) for n, s in enumerate(slices)], malformed)


def _cut(body: IO[bytes], head: bytes, name: str) -> tuple[list[Slice], bytes]:
    """The records, and the page without them."""
    stream: Readable = FromUtf16(body) if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else body
    kept = _Keeping(stream)
    slices, rest, at = [], io.BytesIO(), 0
    for slice_ in Framing(Window(kept, 1 << 20), name).run():
        rest.write(kept.take(at, slice_.offset))
        at = slice_.offset + len(slice_.bytes)
        slices.append(slice_)
    while kept.read(_CHUNK):
        pass
    rest.write(kept.take(at, kept.size))
    return slices, rest.getvalue()


class _Keeping:
    """A stream that remembers what was read and not yet taken."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._kept = bytearray()
        self._start = 0
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._stream.read(size)
        self._kept += chunk
        self.size += len(chunk)
        return chunk

    def take(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`; everything before `end` is forgotten."""
        piece = bytes(self._kept[start - self._start : end - self._start])
        del self._kept[: end - self._start]
        self._start = end
        return piece


def _raw(slice_: Slice, name: str, position: int, encoding: str) -> RawRecord:
    return RawRecord(
        local_id=slice_.local_id or content_id(slice_.bytes),
        container=slice_.container,
        bytes=slice_.bytes,
        encoding=encoding or slice_.encoding,
        datestamp=slice_.datestamp,
        deleted=slice_.deleted,
        position=position,
        offset=slice_.offset,
        context=slice_.context,
        problem=slice_.problem,
        file=name,
    )


def _envelope(data: bytes, *, left_out: str = "", encoding: str | None = None) -> etree._Element:
    """The answer without records as a tree; strict, without entities, files or network."""
    if b"<!DOCTYPE" in data:
        raise BadPage("doctype", "DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False, encoding=encoding
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadPage("cut", left_out or str(error)) from None
    if root.tag != f"{OAI}OAI-PMH":
        raise BadPage("not-oai-pmh", f"<{etree.QName(root).localname}>")
    return root


def _read_small(body: IO[bytes]) -> bytes:
    data = body.read(_SMALL + 1)
    if len(data) > _SMALL:
        raise BadPage("not-oai-pmh", f"> {_SMALL}")
    return data


# -- well-formedness, without building anything


def _encoding(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    declared = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    return declared[1].decode("ascii").lower() if declared else "utf-8"


def _utf8(stream: Readable, encoding: str) -> Readable:
    """The stream in an encoding expat reads; GBK and its like are not among its own."""
    if encoding in _EXPAT_READS:
        return stream
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise BadPage("not-xml", f"encoding {encoding}") from None
    return _Recoding(stream, encoding)


class _Recoding:
    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        # GB18030 is a superset of GBK and GB 2312, and servers declare the older names
        name = "gb18030" if encoding in ("gbk", "gb2312", "cp936") else encoding
        self._decoder = codecs.getincrementaldecoder(name)(errors="strict")

    def read(self, size: int = -1, /) -> bytes:
        while chunk := self._stream.read(size):
            if text := self._decoder.decode(chunk):
                return text.encode()
        return self._decoder.decode(b"", final=True).encode()


def _fault(stream: Readable) -> str:
    """What is not well-formed, with its place; empty where everything is. Raises BadPage for a document type."""
    parser = expat.ParserCreate("utf-8" if isinstance(stream, _Recoding) else None, namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        return str(error)
    except UnicodeError as error:
        return f"{type(error).__name__} {error.reason if isinstance(error, UnicodeDecodeError) else ''}".strip()
    return ""


def _fault_of(slice_: Slice, encoding: str) -> str:
    """The same for one record, in the namespaces it stood in."""
    around = cast(dict[str, str], msgspec.json.decode(slice_.context)) if slice_.context else {}
    names = "".join(f" xmlns{':' + prefix if prefix else ''}={_quoted(uri)}" for prefix, uri in around.items())
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding in _EXPAT_READS else ""
    codec = encoding if encoding != "utf-16" else "utf-8"
    before, after = f"{declared}<page{names}>".encode(), b"</page>"
    stream = io.BytesIO(before + slice_.bytes + after)
    return _fault(_utf8(stream, codec))


def _quoted(value: str) -> str:
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'"{escaped}"'


def _refuse_doctype(*_: object) -> None:
    raise BadPage("doctype", "DOCTYPE")

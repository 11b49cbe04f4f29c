"""Record elements cut out of XML without parsing the whole, so that an ill-formed record costs itself and no other.

Outside of records every tag is looked at, to know which namespaces are in scope; inside, only those tags that can end the record.
Recognised: MARCXML, the NLC's cnmarcxml and marcxchange <record>, TurboMARC <r>, <opacRecord>, MODS, Dublin Core, OAI-PMH <record>
with its header, and the first five inside SRU answers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Iterator
from functools import lru_cache

import msgspec

from harvesters.framing.describe import describe, id_of_packed
from harvesters.framing.slices import Slice
from harvesters.framing.stream import Window
from schemas.errors import WenlanError
from schemas.raw import Container

LIMIT = 4 << 20  # bytes of one record
COMMENT = 1 << 16  # bytes of a comment inside a record; one that does not end within them never will
_NAME = rb"[^\s<>/!?=\"'&]+"
_REST = rb"(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+"  # of a start tag; possessive, so that no input makes it slow
_MARKUP = re.compile(
    rb"<(?:(!--)|(!\[CDATA\[)|(!DOCTYPE)|(\?)|/(" + _NAME + rb")\s*>|(" + _NAME + rb")(" + _REST + rb")>)"
)
_ATTRIBUTE = re.compile(rb"([^\s=<>\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_DOCTYPE_END = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)

_OAI = "http://www.openarchives.org/OAI/2.0/"
_MODS = "http://www.loc.gov/mods/v3"
_DC = ("http://www.openarchives.org/OAI/2.0/oai_dc/", "info:srw/schema/1/dc-schema", "http://purl.org/dc/elements/1.1/")
_TURBOMARC = "http://www.indexdata.com/turbomarc"
_PARTS_OF_RECORDS = {b"header", b"metadata", b"leader", b"controlfield", b"datafield"}
_ENVELOPES = {"ListRecords", "GetRecord", "searchRetrieveResponse", "collection", "modsCollection", "records"}


class _Open(msgspec.Struct):
    """An element that is open around the position: its name as written and resolved, and the prefixes in scope within it."""

    name: bytes
    local: str
    space: str
    scope: dict[str, str]
    start: int  # absolute offset of its start tag
    payload: bool = False  # a record was cut out of it


def frame(window: Window, name: str = "") -> Iterator[Slice]:
    """The records of an XML stream. `name` names the file in errors; raises WenlanError for an answer that reports a failure."""
    yield from Framing(window, name).run()


class Framing:
    def __init__(self, window: Window, name: str) -> None:
        window.ahead = max(window.ahead, 2 * LIMIT)
        self._window = window
        self._name = name
        self._open: list[_Open] = []
        self._orphan = -1  # absolute offset of a piece of a record that stands outside of any
        self._encoding = ""
        self.known = False  # an envelope of records was seen
        self.cut = False  # a slice was cut off by the end of the file, and says so

    def run(self) -> Iterator[Slice]:
        window, at = self._window, 0
        while True:
            at = window.reserve(at)
            found = _MARKUP.search(window.data, at, at + 2 * LIMIT)
            if found is None:
                step = min(len(window.data), at + LIMIT)
                yield from self._without_tags(at, step)
                if window.ended and step == len(window.data):
                    yield from self._flush(window.offset + step)
                    return
                at = step
                continue
            if found[6] is not None:
                at = yield from self._start_tag(found)
            elif found[5] is not None:
                yield from self._end_tag(found)
                at = found.end()
            elif found[3] is not None:
                at = yield from self._doctype(found.start())
            else:
                at = self._skip(found)

    def _without_tags(self, at: int, end: int) -> Iterator[Slice]:
        """A stretch in which no tag is whole: text, or a tag that the end of the file cut off."""
        opened = self._window.data.find(b"<", at, end)
        if opened >= 0:
            self.cut = True
            data = self._window.data[opened:end].rstrip()
            yield Slice("unknown", data, self._window.offset + opened, problem="truncated")

    @property
    def unclosed(self) -> str:
        """After the run: the root element that was never closed, for a file that was cut between two records; else empty."""
        return self._open[0].name.decode("utf-8", "replace") if self._open and not self.cut else ""

    def _skip(self, found: re.Match[bytes]) -> int:
        """Behind a comment, CDATA section or processing instruction; behind its first bytes where it never closes."""
        data = self._window.data
        closing = b"-->" if found[1] else b"]]>" if found[2] else b"?>"
        end = data.find(closing, found.end(), found.end() + LIMIT)
        if found[4] and not self._encoding and (declared := _DECLARED.match(data, found.start())):
            self._encoding = declared[1].decode("ascii").lower()
        return end + len(closing) if end >= 0 else found.end()

    def _doctype(self, at: int) -> Generator[Slice, None, int]:
        """A document type is never interpreted, so that no entity is ever expanded; it is kept and reported."""
        data = self._window.data
        found = _DOCTYPE_END.match(data, at, at + LIMIT)
        end = found.end() if found else at + len("<!DOCTYPE")
        yield Slice("unknown", data[at:end], self._window.offset + at, problem="xml-doctype")
        return end

    # -- elements outside of records

    def _start_tag(self, found: re.Match[bytes]) -> Generator[Slice, None, int]:
        name, rest, at = found[6], found[7], found.start()
        empty = rest.endswith(b"/")
        scope, declared = self._scope(rest)
        prefix, _, local_name = name.rpartition(b":")
        local, space = local_name.decode("latin-1"), scope.get(prefix.decode("latin-1"), "")
        container = self._container(local, space)
        if container:
            yield from self._flush(self._window.offset + at)
            self._mark_payload()
            end, problem = found.end(), ""
            if not empty:
                end, problem = self._end_of_record(found, name, container)
            yield self._slice(container, at, end, problem, {k: v for k, v in scope.items() if k not in declared})
            return end
        self._check(local, space, at, found.end())
        if not empty:
            here = self._window.offset
            self._open.append(_Open(name, local, space, scope, here + at))
            if self._orphan < 0 and local_name in _PARTS_OF_RECORDS and not self._inside("recordData", "request"):
                self._orphan = here + at
        return found.end()

    def _scope(self, rest: bytes) -> tuple[dict[str, str], set[str]]:
        """The prefixes in scope inside a start tag, and those it declares itself."""
        scope = self._open[-1].scope if self._open else {}
        if b"xmlns" not in rest:
            return scope, set()
        declared: dict[str, str] = {}
        for attribute in _ATTRIBUTE.finditer(rest):
            if attribute[1] == b"xmlns" or attribute[1].startswith(b"xmlns:"):
                value = (attribute[2] if attribute[2] is not None else attribute[3]).decode("utf-8", "replace")
                declared[attribute[1][6:].decode("utf-8", "replace")] = html.unescape(value)
        return {**scope, **declared}, set(declared)

    def _container(self, local: str, space: str) -> Container | None:
        parent = self._open[-1].local if self._open else ""
        if local == "record":
            if space == _OAI or (not space and parent in ("ListRecords", "GetRecord")):
                return "oai"
            # an SRU record is a wrapper; its namespaces: www.loc.gov/zing/srw/, docs.oasis-open.org/ns/search-ws/sruResponse
            wrapper = (
                "srw" in space
                or "sru" in space.lower()
                or (not space and parent == "records" and self._inside("searchRetrieveResponse"))
            )
            return None if wrapper else "marcxml"
        if local == "r" and space == _TURBOMARC:
            return "marcxml"
        if local == "opacRecord":
            return "opacxml"
        if local == "mods" and space in (_MODS, ""):
            return "mods"
        if local == "dc" and (space in _DC or not space):
            return "dc"
        return None

    def _inside(self, *locals_: str) -> bool:
        return any(element.local in locals_ for element in self._open)

    def _mark_payload(self) -> None:
        for element in self._open:
            element.payload = True

    def _check(self, local: str, space: str, at: int, end: int) -> None:
        """Note an envelope; refuse OAI-PMH answers that hold no records but an error or identifiers."""
        self.known = self.known or local in _ENVELOPES
        if local == "ListIdentifiers" and space in (_OAI, ""):
            raise WenlanError(
                "file-oai-identifiers",
                "{name} 是 ListIdentifiers 的应答，只有标识符，没有记录；请用 ListRecords 保存。",
                "{name} is an answer to ListIdentifiers: identifiers, no records. Save the answer to ListRecords.",
                name=self._name,
            )
        if local == "error" and self._inside("OAI-PMH"):
            tag = self._window.data[at:end]
            self.known = True
            if b"noRecordsMatch" not in tag:
                text = self._window.data[end : end + 300].partition(b"<")[0].decode("utf-8", "replace").strip()
                raise WenlanError(
                    "file-oai-error",
                    "{name} 是 OAI-PMH 的出错应答：{why}",
                    "{name} is an OAI-PMH error answer: {why}",
                    name=self._name,
                    why=text or tag.decode("utf-8", "replace"),
                )

    def _end_tag(self, found: re.Match[bytes]) -> Iterator[Slice]:
        name = found[5]
        depth = next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i].name == name), -1)
        if depth < 0:  # closes something that never opened: the end of a record whose beginning is lost
            if name.rpartition(b":")[2] in (b"record", b"r"):
                yield from self._flush(self._window.offset + found.end())
            return
        element = self._open[depth]
        del self._open[depth:]
        if element.start < self._orphan:
            yield from self._flush(self._window.offset + found.start())
        if element.local == "record" and not element.payload:
            yield from self._without_payload(element, found.end())

    def _without_payload(self, element: _Open, end: int) -> Iterator[Slice]:
        """An SRU record that holds nothing known: record packing as a string, holdings alone, a diagnostic, or nothing."""
        here = self._window.offset
        whole = self._window.data[max(0, element.start - here) : end]
        packed = re.search(rb"<(?:[\w.-]+:)?recordData[^>]*>(\s*&lt;.*?)</", whole, re.DOTALL)
        if packed is not None:
            data = packed[1].strip()
            offset = element.start + packed.start(1)
            yield Slice("marcxml", data, offset, local_id=id_of_packed(data), encoding=self._encoding)
            return
        problem = "holdings-only" if b"iso20775" in whole else "unknown-payload"
        yield Slice("unknown", whole, element.start, problem=problem)

    def _flush(self, end: int) -> Iterator[Slice]:
        """Give out the piece of a record that stood outside of any, if there is one."""
        if self._orphan >= 0:
            here = self._window.offset
            data = self._window.data[max(0, self._orphan - here) : end - here].rstrip()
            yield Slice("unknown", data, max(self._orphan, here), problem="xml-malformed")
            self._orphan = -1

    # -- a record

    def _end_of_record(self, found: re.Match[bytes], name: bytes, container: Container) -> tuple[int, str]:
        """Where the record ends that opens with `found`, and what is wrong with it if it does not close."""
        data, start = self._window.data, found.start()
        limit = min(len(data), start + LIMIT)
        parent = self._open[-1].name if self._open else b"\xff"
        pattern, nested = _inside_pattern(name, parent), container in ("oai", "opacxml")
        depth, at = 1, found.end()
        while (mark := pattern.search(data, at, limit)) is not None:
            at = mark.end()
            if mark[1] is not None:  # a comment or CDATA section
                comment = mark[1] == b"!--"
                end = data.find(b"-->" if comment else b"]]>", at, min(limit, at + COMMENT) if comment else limit)
                close = data.find(b"</" + name, at, max(end, at))
                if end >= 0 and (close < 0 or data.find(b"<" + name, close, end) < 0):
                    at = end + 3  # else it lost its own end, and this is the end of one in the next record
            elif mark[2] is not None:  # an end tag of the record's name
                depth -= 1
                if depth == 0:
                    return at, ""
            elif mark[3] is not None:  # a start tag of the record's name
                if not nested or (container == "oai" and _HEADER_FOLLOWS.match(data, at)):
                    return mark.start(), "xml-malformed"
                depth += not mark[3].endswith(b"/")
            else:  # the end tag of the element around it
                return mark.start(), "xml-malformed"
        if limit == start + LIMIT:
            return limit, "record-too-long"
        return limit, "truncated"

    def _slice(self, container: Container, at: int, end: int, problem: str, scope: dict[str, str]) -> Slice:
        data = self._window.data[at:end]
        if problem:
            data = data.rstrip()
            self.cut = self.cut or problem == "truncated"
        made = Slice(container, data, self._window.offset + at, problem=problem, encoding=self._encoding)
        if scope:
            made.context = msgspec.json.encode(dict(sorted(scope.items()))).decode()
        describe(made)
        return made


_HEADER_FOLLOWS = re.compile(rb"\s*<(?:[\w.-]+:)?header[\s/>]")


@lru_cache(maxsize=256)
def _inside_pattern(name: bytes, parent: bytes) -> re.Pattern[bytes]:
    """Groups: 1 comment or CDATA, 2 end tag of the name, 3 rest of a start tag of the name; none: end tag of the parent."""
    own, around = re.escape(name), re.escape(parent)
    return re.compile(
        rb"<(?:(!--|!\[CDATA\[)|/(" + own + rb")\s*>|" + own + rb"(?=[\s/>])(" + _REST + rb")>|/" + around + rb"\s*>)"
    )

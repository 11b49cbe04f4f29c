"""Bytes in, bounded memory: a window over a stream, decompression of gzip, UTF-16 to UTF-8."""

from __future__ import annotations

import codecs
import zlib
from typing import Protocol

from schemas.errors import WenlanError

CHUNK = 1 << 20
GZIP_MAGIC = b"\x1f\x8b"


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Window:
    """The part of a stream that is in memory: `data`, beginning at byte `offset` of the stream.

    Framing looks at most `ahead` bytes beyond the position it is at, and the window holds that much unless the stream has `ended`. So
    where a record ends depends on the bytes alone, never on the sizes in which they were read.
    """

    def __init__(self, stream: Readable, ahead: int) -> None:
        self._stream = stream
        self.ahead = ahead
        self.data = b""
        self.offset = 0
        self.ended = False
        self.reserve(0)

    def reserve(self, at: int) -> int:
        """Make sure that `ahead` bytes from `at` on are in memory; gives the position's new place in `data`."""
        if self.ended or len(self.data) - at >= self.ahead:
            return at
        parts = [self.data[at:]]
        held = len(parts[0])
        self.offset += at
        while held < 2 * self.ahead:
            chunk = self._stream.read(CHUNK)
            if not chunk:
                self.ended = True
                break
            parts.append(chunk)
            held += len(chunk)
        self.data = b"".join(parts)
        return 0


class Gunzip:
    """Decompresses member after member. A file that is cut or damaged ends early, and `damage` then says so."""

    def __init__(self, stream: Readable, name: str) -> None:
        self._stream = stream
        self._name = name
        self._engine = zlib.decompressobj(wbits=31)
        self._pending = b""
        self._ended = False
        self.damage: WenlanError | None = None

    def read(self, size: int = CHUNK) -> bytes:
        while not self._ended:
            data = self._pending or self._stream.read(CHUNK)
            self._pending = b""
            if not data:
                self._stop(_truncated(self._name))
                break
            try:
                out = self._engine.decompress(data, size)
            except zlib.error as error:
                self._stop(_damaged(self._name, str(error)))
                break
            self._pending = self._engine.unconsumed_tail
            if self._engine.eof:
                self._next_member()
            if out:
                return out
        return b""

    def _next_member(self) -> None:
        rest = self._engine.unused_data
        while not rest.lstrip(b"\0"):
            rest = self._stream.read(CHUNK)
            if not rest:
                self._ended = True
                return
        rest = rest.lstrip(b"\0")
        if len(rest) < 2:
            rest += self._stream.read(CHUNK)
        if not rest.startswith(GZIP_MAGIC):
            self._stop(_damaged(self._name, "trailing bytes"))
            return
        self._engine = zlib.decompressobj(wbits=31)
        self._pending = rest

    def _stop(self, damage: WenlanError) -> None:
        self._ended = True
        self.damage = damage


def _truncated(name: str) -> WenlanError:
    return WenlanError(
        "file-truncated-gzip",
        "gzip 文件 {name} 不完整（可能没有传完）；已读出的记录保留，请重新传输后再装入。",
        "The gzip file {name} is cut off (an unfinished transfer?); the records read so far are kept. Transfer it again and reload.",
        name=name,
    )


def _damaged(name: str, why: str) -> WenlanError:
    return WenlanError(
        "file-bad-gzip",
        "gzip 文件 {name} 已损坏：{why}；已读出的记录保留，请重新传输后再装入。",
        "The gzip file {name} is damaged: {why}. The records read so far are kept. Transfer it again and reload.",
        name=name,
        why=why,
    )


class Prefixed:
    """A stream with the bytes that were already taken from it put back."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = CHUNK) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head
        return self._stream.read(size)


class FromUtf16:
    """UTF-16 with a byte order mark, as UTF-8 (what Excel calls Unicode text, and some XML exports)."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")

    def read(self, size: int = CHUNK) -> bytes:
        while chunk := self._stream.read(size):
            if text := self._decoder.decode(chunk):
                return text.encode("utf-8")
        return self._decoder.decode(b"", final=True).encode("utf-8")

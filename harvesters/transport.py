"""Fetching a page over HTTP from a server nobody here runs: bounded in size and time, and only from where it should come.

Every address is checked before the connection is made, on each redirect anew, so that a partner's server cannot make us read from
loopback or a private network. A body is spooled to disk as it comes; gzip is undone on the way, and its result is bounded.
"""

from __future__ import annotations

import socket
import tempfile
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from harvesters.guarded import GuardedAdapter
from harvesters.later import CLOSED, Later, unavailable, why
from schemas.errors import WenlanError

_CHUNK = 1 << 16
_IN_MEMORY = 4 << 20
_REDIRECTS = (301, 302, 303, 307, 308)
_COME_BACK = (408, 425, 429, 500, 502, 503, 504)
_AGENT = "Wenlan (OAI-PMH harvester)"


class Limits(NamedTuple):
    """Bounds of one request; times in seconds."""

    page_bytes: int = 256 << 20
    total: float = 1800  # of one attempt, whatever trickles in
    connect: float = 20
    silence: float = 300  # between two bytes: some servers think long before the first
    attempts: int = 6
    knocks: int = 4  # attempts where nobody opens at all
    pause: float = 2  # before the second attempt; doubled each time
    longest_pause: float = 600  # a server that asks for more fails the window, which is resumed another time
    redirects: int = 5


class Page(NamedTuple):
    """An answer: its body, decoded from gzip, at position 0. Close the file when done."""

    body: IO[bytes]
    status: int
    content_type: str


class Transport:
    """GET with patience. For one thread; `close` when done.

    `hosts` are other hosts a redirect may lead to. `login` (user, password) goes to the first host only, and never over a redirect
    to another one. Raises WenlanError with codes harvest-url, harvest-address, harvest-redirect, harvest-too-large, harvest-too-slow,
    harvest-refused, harvest-unavailable.
    """

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008 - a tuple
        *,
        allow_private: bool = False,
        hosts: frozenset[str] = frozenset(),
        login: tuple[str, str] | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._limits = limits
        self._hosts = hosts
        self._login = login
        self._sleep = sleep
        self._sockets: weakref.WeakSet[HTTPConnection] = weakref.WeakSet()
        self._session = requests.Session()
        self._session.trust_env = False  # neither a proxy nor a .netrc decides where credentials go
        self._session.headers.update({"User-Agent": _AGENT, "Accept-Encoding": "gzip", "Accept": "text/xml, */*;q=0.5"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(allow_private, self._sockets))

    def close(self) -> None:
        self._session.close()

    def get(self, url: str, parameters: Mapping[str, str]) -> Page:
        """The page, after as many attempts as the limits allow. A 4xx answer is returned when its body is XML: an OAI error may be in it."""
        _check(url)
        pause = self._limits.pause
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self._get(url, parameters)
            except Later as later:
                wait = pause if later.wait is None else later.wait
                last = self._limits.knocks if later.kind in CLOSED else self._limits.attempts
                if attempt >= last or wait > self._limits.longest_pause:
                    raise unavailable(shown(url), later, attempt) from None
            self._sleep(wait)
            pause = min(pause * 2, self._limits.longest_pause)
        raise AssertionError("unreachable")

    def _get(self, url: str, parameters: Mapping[str, str]) -> Page:
        """One attempt, redirects included."""
        with self._watch(url) as expired:
            try:
                return self._follow(url, parameters)
            except (requests.RequestException, HTTPError, OSError, zlib.error) as error:
                if expired.is_set():
                    raise _too_slow(url, self._limits.total) from None
                raise Later(*why(error)) from None

    def _follow(self, url: str, parameters: Mapping[str, str]) -> Page:
        where, first = url, True
        for _ in range(self._limits.redirects + 1):
            response = self._session.get(
                where,
                params=parameters if first else None,
                stream=True,
                allow_redirects=False,
                timeout=(self._limits.connect, self._limits.silence),
                auth=self._login if _origin(where) == _origin(url) else None,
            )
            with response:
                target = response.headers.get("Location")
                if response.status_code in _REDIRECTS and target:
                    where = self._redirect(url, response.url, target)
                    first = False
                    continue
                return self._receive(where, response)
        raise WenlanError(
            "harvest-redirect",
            "{url} 一再转向，已超过 {limit} 次。",
            "{url} redirects again and again, more than {limit} times.",
            url=shown(url),
            limit=self._limits.redirects,
        )

    def _redirect(self, start: str, here: str, location: str) -> str:
        """The address to go on to, if it may be: the host of the source or one it lists, and never from https down to http."""
        try:
            target = urljoin(here, location)
            old, new = urlsplit(here), urlsplit(target)
            _ = new.port  # read here, as it may be none
        except ValueError:
            raise Later("", "Location") from None
        allowed = new.hostname == urlsplit(start).hostname or new.hostname in self._hosts
        if new.scheme not in ("http", "https") or not allowed or (old.scheme, new.scheme) == ("https", "http"):
            raise WenlanError(
                "harvest-redirect",
                "{url} 转向 {target}，不在允许之列。若确属该馆，请在来源的 hosts 中列出该主机，或改用新的 url。",
                "{url} redirects to {target}, which is not allowed. If it is the library's, list the host in `hosts` of the source, "
                "or change its url.",
                url=shown(start),
                target=shown(target),
            )
        return target

    def _receive(self, url: str, response: requests.Response) -> Page:
        status = response.status_code
        if status in _COME_BACK:
            raise Later("HTTP", str(status), wait=_retry_after(response.headers.get("Retry-After")))
        kind = response.headers.get("Content-Type", "")
        if status != 200 and not (400 <= status < 500 and status not in (401, 403) and "xml" in kind):
            raise WenlanError(
                "harvest-refused",
                "{url} 答以 HTTP {status}。请核对地址与登录。",
                "{url} answered with HTTP {status}. Check the address and the login.",
                url=shown(url),
                status=status,
            )
        body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            self._spool(url, response, body)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return Page(body, status, kind)

    def _spool(self, url: str, response: requests.Response, body: IO[bytes]) -> None:
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in ("identity", "", "gzip", "x-gzip"):
            raise Later("", f"Content-Encoding {coding}")
        undo = zlib.decompressobj(wbits=31) if "gzip" in coding else None
        size = 0
        for chunk in _chunks(response):
            pending = chunk
            while pending:
                piece = undo.decompress(pending, _CHUNK * 4) if undo else pending
                pending = undo.unconsumed_tail if undo else b""
                size += len(piece)
                if size > self._limits.page_bytes:
                    raise WenlanError(
                        "harvest-too-large",
                        "{url} 的一页超过 {limit} 字节（WENLAN_MAX_PAGE_BYTES）。",
                        "A page of {url} is longer than {limit} bytes (WENLAN_MAX_PAGE_BYTES).",
                        url=shown(url),
                        limit=self._limits.page_bytes,
                    )
                body.write(piece)
        if undo is not None and not undo.eof:
            raise Later("", "gzip cut off")

    @contextmanager
    def _watch(self, url: str) -> Iterator[threading.Event]:
        """Cut the connection when the attempt takes too long in all: a time-out between bytes does not see a trickle."""
        expired = threading.Event()

        def cut() -> None:
            expired.set()
            for connection in list(self._sockets):
                if connection.sock is not None:
                    with suppress(OSError):  # closed between the look and the call
                        connection.sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self._limits.total, cut)
        timer.daemon = True
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()
        if expired.is_set():  # cut exactly at the end of the body
            raise _too_slow(url, self._limits.total)


def shown(url: str) -> str:
    """An address for messages and logs: no user, no query; tokens and keys may stand there."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What has arrived, as it arrives; raises where the body ends before the length it was announced with."""
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        yield chunk


def _check(url: str) -> None:
    """Raise WenlanError `harvest-url` for what no patience makes an address."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise WenlanError(
            "harvest-url",
            "来源的 url 不是 http 或 https 的地址：{url}",
            "The url of the source is no address of http or https: {url}",
            url=url.partition("?")[0].rpartition("@")[2],
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    try:
        if value.strip().isdigit():
            return float(value)
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):  # `²` is a digit, but no number
        return None


def _too_slow(url: str, seconds: float) -> WenlanError:
    return WenlanError(
        "harvest-too-slow",
        "{url} 的一页在 {seconds:g} 秒内没有传完。",
        "A page of {url} did not arrive within {seconds:g} seconds.",
        url=shown(url),
        seconds=seconds,
    )

"""OAI-PMH 2.0: a window page by page, resumed where it broke off, started over when its token has expired."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from sickle import Sickle
from sickle.iterator import OAIResponseIterator
from sickle.oaiexceptions import (
    BadArgument,
    BadResumptionToken,
    BadVerb,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoMetadataFormat,
    NoRecordsMatch,
    NoSetHierarchy,
    OAIError,
)

from harvesters.logins import find_login
from harvesters.oai_page import BadPage, OaiPage, read_page
from harvesters.registry import Received
from harvesters.transport import Limits, Transport, shown
from harvesters.windows import Window, next_window
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.settings import Settings

_ERRORS = (
    BadArgument,
    BadResumptionToken,
    BadVerb,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoMetadataFormat,
    NoRecordsMatch,
    NoSetHierarchy,
    OAIError,
)
_RESTARTS = 3
_READINGS = 3  # of a page that came damaged
_EMPTY_PAGES = 100
_PAGES = 2_000_000


class Position(msgspec.Struct, omit_defaults=True):
    """Where a window goes on. A token is only good for the request it came from."""

    token: str
    about: str
    bounded: bool = False


class OaiPmh:
    """One run over one source. Raises WenlanError: those of `Transport`, and harvest-page, harvest-loop, harvest-oai-error."""

    def __init__(
        self,
        settings: Settings,
        member: Member,
        source: Source,
        *,
        limits: Limits | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.damaged = ""
        self._member, self._source = member, source
        self._transport = Transport(
            limits or Limits(page_bytes=settings.max_page_bytes),
            allow_private=settings.allow_private_addresses,
            hosts=frozenset(source.hosts),
            login=find_login(settings, source.login),
            sleep=sleep,
        )
        self._client = _Client(source, self._transport, sleep)
        about = "\0".join((source.url, source.prefix, source.set))
        self._about = blake2b(about.encode(), digest_size=8).hexdigest()
        self._received = 0

    def close(self) -> None:
        self._transport.close()

    def plan(self, connection: Connection, *, full: bool) -> Window:
        return next_window(connection, self._member.code, self._source.code, full=full, resumable=self._is_mine)

    def receive(self, window: Window) -> Iterator[Received]:
        server = self._identify()
        until = None if window.until_time else server.now
        token = ""
        if window.position:
            position = msgspec.json.decode(window.position, type=Position)
            token, window.bounded = position.token, position.bounded
        for restart in range(_RESTARTS + 1):
            started = False
            try:
                for received in self._traverse(window, server, token, until):
                    started = True
                    yield received
                return
            except (*_ERRORS, WenlanError) as error:
                # a token may expire on the way; one kept from an earlier run may be refused in any form a server can think of
                expired = isinstance(error, BadResumptionToken) or (token and not started)
                if not expired or restart == _RESTARTS:
                    raise error if isinstance(error, WenlanError) else self._refused(error) from None
                token = ""

    def _traverse(self, window: Window, server: Server, token: str, until: datetime | None) -> Iterator[Received]:
        """The list from its beginning or from a token to its end. Raises sickle's exceptions as the server reports them."""
        guard = _Guard(shown(self._source.url))
        self._client.records = 0
        try:
            pages = self._client.ListRecords(**self._request(window, server, token))
        except NoRecordsMatch:
            if token:
                raise  # a token that is no longer known, by another name
            yield Received([], position="", until_time=until)
            return
        started = False
        while True:
            try:
                page: OaiPage = next(pages)
            except StopIteration:
                break
            except NoRecordsMatch:
                self.damaged = "noRecordsMatch"
                break
            started = True
            following = pages.resumption_token
            guard.check(page, following)
            token_after = following.token if following is not None and following.token else ""
            yield Received(page.records, self._position(token_after, window), until)
        if started and window.kind == "full" and not token:
            self.damaged = self.damaged or guard.shortfall()

    def _request(self, window: Window, server: Server, token: str) -> dict[str, str]:
        if token:
            return {"resumptionToken": token}
        request = {"metadataPrefix": self._source.prefix}
        if self._source.set:
            request["set"] = self._source.set
        if window.from_time is not None and not (server.earliest and window.from_time <= server.earliest):
            request["from"] = server.format(window.from_time)
        if window.bounded and window.until_time is not None:
            request["until"] = server.format(window.until_time)
        return request

    def _position(self, token: str, window: Window) -> str:
        return msgspec.json.encode(Position(token, self._about, window.bounded)).decode() if token else ""

    def _is_mine(self, position: str) -> bool:
        try:
            return msgspec.json.decode(position, type=Position).about == self._about
        except msgspec.DecodeError:
            return False

    def _identify(self) -> Server:
        """The server's clock and granularity. A server whose Identify is broken is taken to keep days and the right time."""
        now = datetime.now(UTC)
        try:
            page = self._client.harvest(verb="Identify")
        except WenlanError as error:
            if error.code != "harvest-page":
                raise
            return Server(now, False, None)
        identify = page.xml.find(f"{_OAI}Identify")
        granularity = identify.findtext(f"{_OAI}granularity") or "" if identify is not None else ""
        earliest = identify.findtext(f"{_OAI}earliestDatestamp") or "" if identify is not None else ""
        return Server(_time(page.response_date) or now, "hh:mm:ss" in granularity, _time(earliest))

    def _refused(self, error: Exception) -> WenlanError:
        return WenlanError(
            "harvest-oai-error",
            "{url} 答以 OAI-PMH 错误 {kind}：{text}。请核对 prefix、set 与地址。",
            "{url} answered with the OAI-PMH error {kind}: {text}. Check prefix, set and address.",
            url=shown(self._source.url),
            kind=type(error).__name__,
            text=str(error).strip()[:300] or "-",
        )


_OAI = "{http://www.openarchives.org/OAI/2.0/}"


class Server(msgspec.Struct):
    """What Identify tells: the server's time, whether it keeps seconds, and its earliest datestamp."""

    now: datetime
    seconds: bool
    earliest: datetime | None

    def format(self, time: datetime) -> str:
        """A UTCdatetime in the server's granularity (OAI-PMH 2.0, 3.3)."""
        return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ" if self.seconds else "%Y-%m-%d")


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


class _Client(Sickle):  # type: ignore[misc]
    """Sickle with our transport and our reading of pages; its iterator still follows tokens and names errors."""

    def __init__(self, source: Source, transport: Transport, sleep: Callable[[float], object]) -> None:
        super().__init__(source.url, iterator=OAIResponseIterator)
        self._encoding = source.encoding
        self._transport = transport
        self._sleep = sleep
        self.records = 0

    def harvest(self, **parameters: str) -> OaiPage:
        for reading in range(1, _READINGS + 1):
            answer = self._transport.get(self.endpoint, parameters)
            with answer.body:
                try:
                    name, first = shown(self.endpoint), self.records + 1
                    page = read_page(answer.body, name=name, first=first, encoding=self._encoding)
                    break
                except BadPage as bad:
                    if reading == _READINGS or bad.code != "cut":
                        raise _bad_page(self.endpoint, bad) from None
            self._sleep(2.0 * reading)
        self.records += len(page.records)
        _tidy(page)
        return page


def _tidy(page: OaiPage) -> None:
    """What sickle stumbles over: a token in white space, an error without a code or with one that is no OAI-PMH error."""
    for token in page.xml.iter(f"{_OAI}resumptionToken"):
        token.text = (token.text or "").strip()
    for error in page.xml.iter(f"{_OAI}error"):
        if not re.fullmatch(
            r"bad(Argument|ResumptionToken|Verb)|cannotDisseminateFormat|idDoesNotExist|no\w+", error.get("code", "")
        ):
            error.text = f"{error.get('code', '')} {error.text or ''}".strip()
            error.set("code", "oAIError")


def _bad_page(endpoint: str, bad: BadPage) -> WenlanError:
    return WenlanError(
        "harvest-page",
        "{url} 的应答不可用（{kind}：{why}）。没有存入这一页；下次运行从这里继续。",
        "The answer of {url} is of no use ({kind}: {why}). Nothing of this page was stored; the next run goes on from here.",
        url=shown(endpoint),
        kind=bad.code,
        why=bad.why,
    )


class _Guard:
    """Notices a list that does not end: a page that comes again, empty pages without end, more than was announced by far."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pages: set[bytes] = set()
        self._empty = 0
        self._read = 0
        self._announced = 0

    def check(self, page: OaiPage, token: Any) -> None:
        """Raises WenlanError `harvest-loop`."""
        self._read += len(page.records)
        if token is None or not token.token:
            return
        size = str(token.complete_list_size or "")
        self._announced = int(size) if size.isascii() and size.isdigit() else self._announced
        self._empty = 0 if page.records else self._empty + 1
        ids = "\0".join(record.local_id for record in page.records)
        digest = blake2b(ids.encode("utf-8", "backslashreplace"), digest_size=16).digest()
        if page.records and digest in self._pages:
            raise self._loop("同一页又来了一次", "a page came again")
        self._pages.add(digest)
        if self._empty > _EMPTY_PAGES:
            raise self._loop(f"连续 {self._empty} 个空页", f"{self._empty} empty pages in a row")
        if len(self._pages) > _PAGES or (self._announced and self._read > 2 * self._announced + 10_000):
            raise self._loop(f"已有 {self._read} 条", f"{self._read} records so far")

    def shortfall(self) -> str:
        """Non-empty where far fewer records came than the server announced."""
        if self._read < 0.99 * self._announced:
            return f"completeListSize {self._announced} > {self._read}"
        return ""

    def _loop(self, zh: str, en: str) -> WenlanError:
        return WenlanError(
            "harvest-loop",
            "{url} 的列表没有尽头（{zh}），已停止。请告知对方的系统维护者。",
            "The list of {url} does not end ({en}); stopped. Tell those who keep that server.",
            url=self._url,
            zh=zh,
            en=en,
        )

"""Addresses and waits, decided without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from harvesters.guarded import _is_public
from harvesters.later import Later
from harvesters.transport import Transport, _retry_after, shown
from schemas.errors import WenlanError


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("fec0::1", False),
        ("64:ff9b:1::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("::ffff:224.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert _is_public(address) is public


def test_retry_after() -> None:
    assert _retry_after("120") == 120
    assert _retry_after(None) is None
    assert _retry_after("soon") is None
    assert _retry_after("²") is None
    assert _retry_after("Mon, 01 Jan 99999999999 00:00:00 GMT") is None
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    wait = _retry_after(later)
    assert wait is not None and 80 < wait <= 90
    assert _retry_after(format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True)) == 0


def test_addresses_are_shown_without_secrets() -> None:
    assert shown("http://user:secret@example.org:8080/oai?key=secret#x") == "http://example.org:8080/oai"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://example.org", "oai"])
def test_other_schemes_are_refused(url: str) -> None:
    transport = Transport(sleep=lambda _: None)
    with pytest.raises(WenlanError):
        transport.get(url, {})
    transport.close()


@pytest.mark.parametrize(
    ("url", "zh", "en"),
    [
        ("http://127.0.0.1:9/oai?key=secret", "连接不上", "no connection"),
        ("http://no-such-host.invalid/oai", "找不到这个主机名", "no such host"),
    ],
)
def test_a_server_that_is_down_is_said_so_in_both_languages(url: str, zh: str, en: str) -> None:
    waits: list[float] = []
    transport = Transport(sleep=waits.append, allow_private=True)
    with pytest.raises(WenlanError, match="harvest-unavailable") as error:
        transport.get(url, {})
    transport.close()
    assert zh in error.value.text.zh and en in error.value.text.en
    assert "secret" not in str(error.value)
    assert waits == [2, 4, 8], "nobody waits a minute for a door that is shut"


@pytest.mark.parametrize("location", ["http://[::1/", "http://example.org:99999999/", "//example.org:x/"])
def test_a_redirect_to_no_address_at_all_is_one_more_failure(location: str) -> None:
    transport = Transport(sleep=lambda _: None)
    with pytest.raises(Later):
        transport._redirect("http://example.org/oai", "http://example.org/oai?verb=Identify", location)
    transport.close()

"""Slowing down who guesses passwords: failures are counted by account, by address and by both, in the database.

Guessing from one place is stopped early (account and address), guessing one account from many places later (account), and trying
many names from one place last (address: a whole library may sit behind one). A stranger cannot lock a person out of his own desk
with a few tries, because the count that is reached first holds for the stranger's address only.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass

from schemas.db import Sql
from schemas.db.connect import Connection

_SQL = Sql("catalog_api.auth", "auth.sql")
WINDOW_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Bucket:
    key: bytes
    limit: int  # failures within the window


def buckets(name: str, address: str) -> list[Bucket]:
    """The counts one attempt adds to. Nothing typed is kept: what stands in the user-name box may be a password by mistake."""
    address = _house(address)
    return [
        Bucket(_key("both", name, address), 5),
        Bucket(_key("account", name), 30),
        Bucket(_key("address", address), 60),
    ]


def charge(connection: Connection, counted: list[Bucket]) -> int:
    """Count one attempt; return the seconds to wait, 0 when it may go on."""
    # in one order, so that two attempts cannot wait for each other
    rows = connection.execute(
        _SQL["charge"], {"buckets": sorted(b.key for b in counted), "window": WINDOW_SECONDS}
    ).fetchall()
    limits = {bucket.key: bucket.limit for bucket in counted}
    return max(int(left) if failures > limits[bytes(key)] else 0 for key, failures, left in rows)


def forgive(connection: Connection, counted: list[Bucket]) -> None:
    """A success takes back its own charge and clears the account's failures from this address."""
    both, *others = counted
    connection.execute(_SQL["clear"], {"buckets": [both.key]})
    connection.execute(_SQL["take_back"], {"buckets": sorted(b.key for b in others)})


def _house(address: str) -> str:
    """Whom an address stands for: of IPv6 the first half, since whoever has one address there has all 2 to the 64 of it."""
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Address(int(found) >> 64 << 64))


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()[:16]

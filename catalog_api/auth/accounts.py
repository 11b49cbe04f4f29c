"""Accounts and their passwords."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from catalog_api.auth import throttle
from catalog_api.auth.roles import STAFF, Role
from schemas.db import Sql
from schemas.db.connect import Connection
from schemas.errors import WenlanError

_SQL = Sql("catalog_api.auth", "auth.sql")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_TAKEN = frozenset({"reader", "system"})  # so the history of a request names those who are no members of staff
SHORTEST, LONGEST = 10, 200  # the upper bound keeps hashing from being a way to occupy the server

_hasher = PasswordHasher()  # Argon2id with the parameters of RFC 9106, section 4, second recommendation
_turn = threading.BoundedSemaphore(2)  # each hash takes 64 MiB
_nobody = _hasher.hash(secrets.token_urlsafe())  # an unknown name costs the same time as a wrong password


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who has signed in. `member` is the code of the library he acts for."""

    id: int
    name: str
    display: str
    roles: frozenset[Role]
    member: str
    reader_id: int | None = None

    @property
    def staff(self) -> bool:
        return bool(self.roles & STAFF)

    def has(self, *roles: Role) -> bool:
        """Whether one of `roles` is his. An administrator has every staff role, never a reader's."""
        wanted = set(roles)
        return bool(self.roles & wanted) or (Role.ADMIN in self.roles and bool(wanted & STAFF))

    def acts_for(self, member: str) -> bool:
        """Members act for their own library only; the federation's administrator for any."""
        return Role.ADMIN in self.roles or (self.staff and self.member == member)


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Why nobody was signed in: `wrong` name or password (which of them is not told), or `wait` seconds first."""

    why: Literal["wrong", "wait"]
    seconds: int = 0


def create_account(
    connection: Connection,
    name: str,
    password: str,
    *,
    roles: Iterable[Role],
    member: str = "",
    display: str = "",
    reader_id: int | None = None,
) -> int:
    """Create an account and return its id. WenlanError: account-name, account-roles, account-exists, password-weak."""
    name = name.strip().lower()
    chosen = sorted({Role(role) for role in roles})
    if not _NAME.fullmatch(name):
        raise WenlanError(
            "account-name",
            "用户名须为 2 至 64 个小写字母、数字、点、横线或下划线。",
            "A user name has 2 to 64 lower-case letters, digits, dots, hyphens or underscores.",
        )
    if not chosen or (not member and chosen != [Role.ADMIN]):
        raise WenlanError(
            "account-roles",
            "帐户须有角色；除联盟管理员外，还须属于一个成员馆。",
            "An account needs a role and, unless it is a federation administrator's, a member library.",
        )
    _check_strength(name, password)
    values = {
        "name": name,
        "display": display,
        "password": _hash(password),
        "roles": [role.value for role in chosen],
        "member": member,
        "reader_id": reader_id,
    }
    free = name not in _TAKEN or not STAFF.intersection(chosen)
    row = connection.execute(_SQL["create"], values).fetchone() if free else None
    if row is None:
        raise WenlanError(
            "account-exists", "用户名 {name} 已有人使用。", "The user name {name} is already taken.", name=name
        )
    return int(row[0])


def set_password(connection: Connection, name: str, password: str) -> None:
    """Give an account a new password and end its sessions. WenlanError: account-unknown, password-weak."""
    name = name.strip().lower()
    _check_strength(name, password)
    row = connection.execute(_SQL["set_password"], {"name": name, "password": _hash(password)}).fetchone()
    if row is None:
        raise WenlanError("account-unknown", "没有名为 {name} 的帐户。", "There is no account {name}.", name=name)
    connection.execute(_SQL["end_sessions_of"], {"account": row[0]})


def generate_password() -> str:
    """A password of 80 random bits, in groups that can be read out."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def authenticate(connection: Connection, name: str, password: str, *, address: str) -> Account | LoginRefused:
    """Sign in. A refusal is a value, not an error, so that the counted failure is committed with the transaction."""
    name = name.strip().lower()
    buckets = throttle.buckets(name, address)
    # counted before the password is looked at: attempts sent at the same moment cannot all slip through
    wait = throttle.charge(connection, buckets)
    connection.commit()
    if wait:
        return LoginRefused("wait", wait)
    row = connection.execute(_SQL["find"], {"name": name}).fetchone()
    stored = str(row[1]) if row else _nobody
    if not _verify(stored, password[: LONGEST + 1]) or row is None:
        return LoginRefused("wrong")
    throttle.forgive(connection, buckets)
    if _hasher.check_needs_rehash(stored):
        connection.execute(_SQL["rehash"], {"id": row[0], "password": _hash(password)})
    return to_account((row[0], *row[2:]))


def to_account(row: tuple[object, ...]) -> Account:
    """From the columns id, name, display, roles, member, reader_id."""
    number, name, display, roles, member, reader_id = row
    assert isinstance(number, int) and isinstance(roles, list)
    return Account(
        id=number,
        name=str(name),
        display=str(display),
        roles=frozenset(Role(role) for role in roles),
        member=str(member),
        reader_id=reader_id if isinstance(reader_id, int) else None,
    )


def _check_strength(name: str, password: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST or name in password.lower() or len(set(password)) < 4:
        raise WenlanError(
            "password-weak",
            "密码须为 {low} 至 {high} 个字符，不得含用户名，也不得只是重复的几个字符。",
            "A password has {low} to {high} characters, does not contain the user name and is no mere repetition.",
            low=SHORTEST,
            high=LONGEST,
        )


def _hash(password: str) -> str:
    with _turn:
        return _hasher.hash(password)


def _verify(stored: str, password: str) -> bool:
    try:
        with _turn:
            return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False

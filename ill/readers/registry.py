"""The register of readers: enrolled, linked to their credentials, blocked, gone. Names rest in SM4-GCM, numbers only as tokens."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, Self

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from ill.checks import aware
from ill.policy import Cards, Policy
from ill.readers.entitlements import SQL, entitlements_of
from ill.readers.numbers import KINDS, Number, mask_name, number_of
from ill.readers.secret import KeyRing, Secret
from schemas.errors import WenlanError
from schemas.reader import Credential, CredentialKind, Entitlement, Reader, ReaderCategory, ReaderStatus
from schemas.settings import Settings


class Consent(msgspec.Struct, frozen=True):
    """Who agreed that this credential is used; the wording is that of the policy in force."""

    given_by: Literal["reader", "guardian"] = "reader"


class _Private(msgspec.Struct):
    name: str
    born: date | None = None


class Registry:
    """Readers and their credentials, under the keys and limits given."""

    def __init__(self, keys: KeyRing, cards: Cards) -> None:
        self._keys = keys
        self._cards = cards

    @classmethod
    def open(cls, settings: Settings, policy: Policy) -> Self:
        return cls(KeyRing.open(settings), policy.cards)

    def reader(self, connection: Connection[Any], reader_id: int) -> Reader:
        """Raises WenlanError "reader-unknown"."""
        found = self.readers(connection, [reader_id])
        if not found:
            raise WenlanError("reader-unknown", "没有这位读者", "There is no such reader")
        return found[0]

    def readers(self, connection: Connection[Any], ids: Sequence[int]) -> list[Reader]:
        rows = connection.execute(SQL["readers"], {"ids": list(ids)})
        return [
            Reader(
                id=id, home=home, name_masked=name, category=category, status=status, expires=expires,
                credentials=[Credential(**c) for c in credentials],
            )
            for id, home, name, category, status, expires, credentials in rows
        ]  # fmt: skip

    def readers_of(self, connection: Connection[Any], home: str, *, after: int = 0, limit: int = 50) -> list[Reader]:
        """A library's readers by id, a page at a time."""
        rows = connection.execute(SQL["of_home"], {"home": home, "after": after, "limit": limit}).fetchall()
        return self.readers(connection, [row[0] for row in rows])

    def entitlements(self, connection: Connection[Any], reader_id: int, now: datetime) -> list[Entitlement]:
        return entitlements_of(connection, reader_id, self._cards, now)

    def enrol(
        self,
        connection: Connection[Any],
        *,
        home: str,
        name: Secret,
        kind: CredentialKind,
        number: Secret,
        consent: Consent,
        officer: str,
        member: str,
        now: datetime,
        category: ReaderCategory = "adult",
        born: date | None = None,
        expires: date | None = None,
    ) -> Reader:
        """A new reader with his first credential. `born` is taken from a citizen's number where there is one.

        Raises WenlanError: number-wrong, credential-taken, guardian-needed.
        """
        aware(now)
        known = number_of(kind, number)
        born = known.born or born
        self._check_consent(consent, category, born, now)
        private = _Private(name.reveal().strip()[:200], born)
        with connection.transaction():
            ref = str(uuid.uuid4())
            values = {
                "ref": ref,
                "home": home,
                "name_masked": mask_name(private.name),
                "private": self._keys.seal(msgspec.json.encode(private), ref),
                "category": category,
                "expires": expires,
                "now": now,
            }
            row = connection.execute(SQL["insert_reader"], values).fetchone()
            if row is None:
                raise AssertionError("insert returns its row")
            self._event(connection, row[0], "enrolled", {"kind": kind}, officer, member, now)
            self._attach(connection, row[0], known, home, consent, officer, member, now)
            return self.reader(connection, row[0])

    def link(
        self,
        connection: Connection[Any],
        reader_id: int,
        kind: CredentialKind,
        number: Secret,
        *,
        consent: Consent,
        officer: str,
        member: str,
        now: datetime,
        issuer: str = "",
    ) -> Reader:
        """A further credential of a reader. `issuer`: of a reader card, the home library unless given."""
        aware(now)
        known = number_of(kind, number)
        with connection.transaction():
            reader = self.reader(connection, reader_id)
            born = self._private(connection, reader_id).born
            self._check_consent(consent, reader.category, known.born or born, now)
            self._same_person(connection, reader_id, known)
            self._attach(connection, reader_id, known, issuer or reader.home, consent, officer, member, now)
            self._event(connection, reader_id, "linked", {"kind": kind}, officer, member, now)
            return self.reader(connection, reader_id)

    def block(
        self,
        connection: Connection[Any],
        reader_id: int,
        kind: CredentialKind,
        *,
        officer: str,
        member: str,
        now: datetime,
        issuer: str = "",
        blocked: bool = True,
    ) -> bool:
        """Block a lost card, or free it again with `blocked=False`. False when there was nothing to change."""
        aware(now)
        issuer = (issuer or self.reader(connection, reader_id).home) if kind == "reader_card" else ""
        status = "blocked" if blocked else "active"
        with connection.transaction():
            values = {"reader_id": reader_id, "kind": kind, "issuer": issuer, "status": status}
            changed = connection.execute(SQL["set_credential"], values).fetchone() is not None
            if changed:
                action = "blocked" if blocked else "unblocked"
                self._event(connection, reader_id, action, {"kind": kind}, officer, member, now)
        return changed

    def set_status(
        self,
        connection: Connection[Any],
        reader_id: int,
        status: ReaderStatus,
        *,
        officer: str,
        member: str,
        now: datetime,
        expires: date | None = None,
    ) -> Reader:
        """Suspend, activate, expire, extend. `left` erases name and credentials, and is refused while requests are open."""
        aware(now)
        with connection.transaction():
            connection.execute(SQL["lock_reader"], {"id": reader_id})
            self.reader(connection, reader_id)
            if status == "left":
                self._erase(connection, reader_id, now)
            else:
                values = {"id": reader_id, "status": status, "expires": expires, "now": now}
                connection.execute(SQL["set_status"], values)
            detail = {"status": status, "expires": expires.isoformat() if expires else None}
            self._event(connection, reader_id, "status", detail, officer, member, now)
            return self.reader(connection, reader_id)

    def _erase(self, connection: Connection[Any], reader_id: int, now: datetime) -> None:
        row = connection.execute(SQL["open_requests"], {"id": reader_id}).fetchone()
        if row and row[0]:
            raise WenlanError(
                "reader-has-requests",
                "读者还有 {n} 个未完成的请求，不能注销",
                "The reader still has {n} open requests and cannot leave",
                n=row[0],
            )
        connection.execute(SQL["delete_credentials"], {"reader_id": reader_id})
        connection.execute(SQL["erase"], {"id": reader_id, "now": now})

    def _attach(
        self, connection: Connection[Any], reader_id: int, known: Number, issuer: str, consent: Consent,
        officer: str, member: str, now: datetime,
    ) -> None:  # fmt: skip
        issuer = issuer if known.kind == "reader_card" else ""
        token = self._keys.token(known.domain, known.value)
        connection.execute(SQL["one_number"], {"token": token})
        tokens = list(self._keys.tokens(known.domain, known.value))
        for _, holder, kind, of, _, _ in connection.execute(SQL["holders"], {"tokens": tokens}):
            mine = holder == reader_id and kind != known.kind
            elsewhere = known.kind == "reader_card" and of != issuer
            if not mine and not elsewhere:
                raise WenlanError(
                    "credential-taken",
                    "{zh}已登记在{who}名下",
                    "This {en} is already registered for {whose}",
                    zh=KINDS[known.kind].zh,
                    en=KINDS[known.kind].en.lower(),
                    who="该读者" if holder == reader_id else "另一位读者",
                    whose="this reader" if holder == reader_id else "another reader",
                )
        values = {
            "reader_id": reader_id,
            "kind": known.kind,
            "issuer": issuer,
            "key_id": self._keys.newest,
            "token": token,
            "masked": known.masked,
            "officer": officer,
            "member": member,
            "given_by": consent.given_by,
            "wording": self._cards.consent_wording,
            "now": now,
        }
        connection.execute(SQL["insert_credential"], values)
        connection.execute(SQL["consent"], values)

    def _same_person(self, connection: Connection[Any], reader_id: int, known: Number) -> None:
        if known.domain != "person":
            return
        had = {row[0] for row in connection.execute(SQL["of_person"], {"id": reader_id})}
        if had and not had & self._keys.tokens(known.domain, known.value).keys():
            raise WenlanError(
                "other-person",
                "这是另一个人的号码，与该读者已登记的证件不符",
                "This is another person's number; it differs from the reader's registered document",
            )

    def _check_consent(self, consent: Consent, category: ReaderCategory, born: date | None, now: datetime) -> None:
        below = self._cards.guardian_below
        if born is None:
            minor = category == "child"
        else:
            birthday_passed = (now.month, now.day) >= (born.month, born.day)
            minor = now.year - born.year - (not birthday_passed) < below
        if minor and consent.given_by != "guardian":
            raise WenlanError(
                "guardian-needed",
                "不满 {n} 周岁须由监护人同意",
                "Below the age of {n} a guardian has to agree",
                n=below,
            )

    def _event(
        self, connection: Connection[Any], reader_id: int, action: str, detail: dict[str, Any], officer: str,
        member: str, now: datetime,
    ) -> None:  # fmt: skip
        values = {
            "reader_id": reader_id,
            "action": action,
            "detail": Jsonb(detail),
            "officer": officer,
            "member": member,
            "now": now,
        }
        connection.execute(SQL["event"], values)

    def _private(self, connection: Connection[Any], reader_id: int) -> _Private:
        row = connection.execute(SQL["reader"], {"id": reader_id}).fetchone()
        if row is None or not row[4]:
            raise WenlanError("reader-unknown", "没有这位读者", "There is no such reader")
        return msgspec.json.decode(self._keys.unseal(bytes(row[4]), str(row[1])), type=_Private)

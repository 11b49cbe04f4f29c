"""What a reader may do, and why not where he may not. The deciding is pure; `entitlements_of` reads what it needs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from psycopg import Connection

from ill.policy import Cards
from schemas.db import Sql
from schemas.errors import WenlanError
from schemas.member import Service
from schemas.reader import Entitlement, ReaderCategory, ReaderStatus
from schemas.text import Text

SQL = Sql("ill.readers", "readers.sql")

_STATUS: dict[ReaderStatus, Text] = {
    "suspended": Text("读者证已停用，请到所属图书馆办理", "The card is suspended; please ask the home library"),
    "expired": Text("读者证已过期，请续期", "The card has expired; please renew it"),
    "left": Text("读者已注销", "The reader has left"),
}


def decide(
    cards: Cards,
    *,
    category: ReaderCategory,
    status: ReaderStatus,
    expires: date | None,
    today: date,
    loans: int,
    copies: int,
    overdue: int,
) -> list[Entitlement]:
    """`loans` and `copies` are open requests of either service, `overdue` the books that should be back."""
    limits = cards.limits[category]
    lapsed = expires is not None and expires < today and status == "active"
    blocked = _STATUS.get("expired" if lapsed else status)
    late = Text(f"有 {overdue} 册超期未还", f"{overdue} overdue to be returned first") if overdue else None
    return [
        _entitlement("borrow", limits.borrow, loans, blocked or late),
        _entitlement("interlibrary_loan", limits.interlibrary_loan, loans, blocked or late),
        _entitlement("document_delivery", limits.document_delivery, copies, blocked),
        Entitlement(action="return_anywhere", allowed=True),
    ]


def _entitlement(action: Any, limit: int, in_use: int, refused: Text | None) -> Entitlement:
    if refused is None and limit == 0:
        refused = Text("此类读者不提供这项服务", "Not offered to this category of readers")
    if refused is None and in_use >= limit:
        refused = Text(f"已达上限 {limit} 件", f"The limit of {limit} is reached")
    return Entitlement(
        action=action,
        allowed=refused is None,
        limit=limit,
        in_use=in_use,
        reason_zh=refused.zh if refused else "",
        reason_en=refused.en if refused else "",
    )


def entitlements_of(
    connection: Connection[Any], reader_id: int, cards: Cards, now: datetime, *, lock: bool = False
) -> list[Entitlement]:
    """Raises WenlanError "reader-unknown". With `lock` the reader's row is held, so that a limit cannot be passed by two at once."""
    if lock:
        connection.execute(SQL["lock_reader"], {"id": reader_id})
    row = connection.execute(SQL["standing"], {"id": reader_id, "now": now}).fetchone()
    if row is None:
        raise WenlanError("reader-unknown", "没有这位读者", "There is no such reader")
    category, status, expires, today, loans, copies, overdue = row
    return decide(
        cards,
        category=category,
        status=status,
        expires=expires,
        today=today,
        loans=loans,
        copies=copies,
        overdue=overdue,
    )


def require(connection: Connection[Any], reader_id: int, service: Service, cards: Cards, now: datetime) -> None:
    """Raises WenlanError "reader-not-entitled" with the reason; holds the reader's row until the transaction ends."""
    wanted = "interlibrary_loan" if service == "loan" else "document_delivery"
    found = entitlements_of(connection, reader_id, cards, now, lock=True)
    entitlement = next(e for e in found if e.action == wanted)
    if not entitlement.allowed:
        raise WenlanError(
            "reader-not-entitled",
            "读者目前不能申请：{zh}",
            "The reader may not request this now: {en}",
            zh=entitlement.reason_zh,
            en=entitlement.reason_en,
        )

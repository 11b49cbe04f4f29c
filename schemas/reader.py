"""Readers and their credentials. A number in clear exists only between the desk and the token; nothing here holds one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

CredentialKind = Literal["reader_card", "social_security", "resident_id", "citizen_card"]  # 读者证 社保卡 身份证 市民卡
ReaderCategory = Literal["adult", "student", "faculty", "child", "staff"]
ReaderStatus = Literal["active", "suspended", "expired", "left"]


class Credential(BaseModel):
    """A credential as kept: an HMAC-SM3 token in hexadecimal, and a masked form for display."""

    model_config = ConfigDict(frozen=True)
    kind: CredentialKind
    token: str
    masked: str


class Reader(BaseModel):
    model_config = ConfigDict(frozen=True)
    id: int
    home: str  # member code
    name_masked: str  # 王*
    category: ReaderCategory = "adult"
    status: ReaderStatus = "active"
    expires: date | None = None
    credentials: list[Credential] = []


class Entitlement(BaseModel):
    """What a reader may do, with the reason where he may not."""

    model_config = ConfigDict(frozen=True)
    action: Literal["borrow", "interlibrary_loan", "document_delivery", "return_anywhere"]
    allowed: bool
    limit: int | None = None
    in_use: int = 0
    reason_zh: str = ""
    reason_en: str = ""


class CardLookup(BaseModel):
    """A look-up as it is recorded: who asked, why, and whom it found. Never what was typed."""

    model_config = ConfigDict(frozen=True)
    officer: str
    member: str
    purpose: str
    kind: CredentialKind
    reader_id: int | None
    at: datetime
    refused: str = ""  # code of the error, where it was refused

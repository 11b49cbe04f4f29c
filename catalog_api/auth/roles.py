"""The roles an account may have."""

from __future__ import annotations

from enum import StrEnum

from schemas.text import Text


class Role(StrEnum):
    ADMIN = "admin"  # of the federation: may act for any member
    LIBRARIAN = "librarian"  # sees the staff catalogue (内务目录) and its findings
    ILL_OFFICER = "ill_officer"  # works requests and looks up cards
    READER = "reader"


STAFF = frozenset({Role.ADMIN, Role.LIBRARIAN, Role.ILL_OFFICER})

NAMES = {
    Role.ADMIN: Text("联盟管理员", "Federation administrator"),
    Role.LIBRARIAN: Text("馆员", "Librarian"),
    Role.ILL_OFFICER: Text("馆际互借员", "ILL officer"),
    Role.READER: Text("读者", "Reader"),
}

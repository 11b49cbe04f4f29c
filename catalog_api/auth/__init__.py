"""Who is asking and what he may do: accounts, roles, sessions, form tokens."""

from catalog_api.auth.accounts import (
    Account,
    LoginRefused,
    authenticate,
    create_account,
    generate_password,
    set_password,
)
from catalog_api.auth.roles import Role

__all__ = [
    "Account",
    "LoginRefused",
    "Role",
    "authenticate",
    "create_account",
    "generate_password",
    "set_password",
]

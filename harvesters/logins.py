"""Credentials for partners' servers: `logins.toml` under WENLAN_HOME, one table a login with `user` and `password`."""

from __future__ import annotations

import tomllib

import msgspec

from schemas.errors import WenlanError
from schemas.settings import Settings


class Login(msgspec.Struct, forbid_unknown_fields=True):
    user: str
    password: str


def find_login(settings: Settings, name: str) -> tuple[str, str] | None:
    """User and password of a login; nothing where a source names none. Raises WenlanError `login-missing`, `login-open`."""
    if not name:
        return None
    file = settings.home / "logins.toml"
    try:
        if file.stat().st_mode & 0o077:
            raise WenlanError(
                "login-open",
                "{file} 别的用户也能读，请先 chmod 600。",
                "{file} can be read by other users; run chmod 600 on it first.",
                file=file.name,
            )
        login = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")).get(name), Login)
    except (FileNotFoundError, tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError):
        raise WenlanError(
            "login-missing",
            "来源要用登录 {name}，而 WENLAN_HOME 下的 logins.toml 里没有（或写错了）。格式：[{name}] 下写 user 与 password。",
            "The source uses the login {name}, which logins.toml under WENLAN_HOME lacks or misspells. It needs a table [{name}] "
            "with user and password.",
            name=name,
        ) from None
    return login.user, login.password

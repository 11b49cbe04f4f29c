"""`wenlan doctor`: is everything there that Wenlan needs, and what to do where it is not."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable

import msgspec

from schemas.errors import WenlanError
from schemas.settings import Settings
from schemas.text import Text

_FREE_WANTED = 2 << 30


class Check(msgspec.Struct):
    """One thing looked at. `advice` says what to do when it is not `ok`."""

    name: Text
    ok: bool
    found: str
    advice: Text = Text("", "")


def examine() -> list[Check]:
    """Look at everything; a check that fails does not stop the ones after it."""
    settings = Settings()
    checks = [_python(), _disk(settings)]
    for name, look in (
        (Text("配置", "configuration"), _members),
        (Text("数据库", "database"), _database),
        (Text("检索索引", "search index"), _index),
    ):
        checks.append(_guarded(name, look, settings))
    return checks


def _guarded(name: Text, look: Callable[[Settings], str], settings: Settings) -> Check:
    try:
        return Check(name, True, look(settings))
    except WenlanError as error:
        return Check(name, False, error.code, error.text)
    except Exception as error:  # whatever it is, the person at the terminal wants to read it here
        return Check(
            name,
            False,
            type(error).__name__,
            Text(f"请把这条信息交给维护者：{error}", f"Give this to whoever maintains the installation: {error}"),
        )


def _python() -> Check:
    version = platform.python_version()
    return Check(
        Text("Python", ""),
        version >= "3.11",
        version,
        Text("需要 Python 3.11 或更新", "Python 3.11 or newer is needed"),
    )


def _disk(settings: Settings) -> Check:
    folder = next(p for p in (settings.home, *settings.home.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    return Check(
        Text("数据目录可用空间", "free space of the data directory"),
        free > _FREE_WANTED,
        f"{free / (1 << 30):.1f} GB",
        Text("请腾出空间，或把 WENLAN_HOME 设到别处", "Make room, or point WENLAN_HOME elsewhere"),
    )


def _members(settings: Settings) -> str:
    from normalise.holdings import load_profiles
    from schemas.member import read_members

    members = read_members(settings.members_dir)
    profiles = load_profiles(settings.config / "holdings")
    for member in members.values():
        for source in member.sources:
            if source.holdings and source.holdings not in profiles:
                raise WenlanError(
                    "profile-unknown",
                    "成员 {member} 用的馆藏方案 {profile} 不存在，请在 config/holdings/ 补上。",
                    "The holdings profile {profile} of member {member} does not exist; add it to config/holdings/.",
                    member=member.code,
                    profile=source.holdings,
                )
    return f"{len(members)} members, {len(profiles)} holdings profiles"


def _database(settings: Settings) -> str:
    from schemas.db import open_database

    with open_database(settings) as database, database.connect() as connection:
        version = connection.execute("show server_version").fetchone()
        records = connection.execute("select count(*) from record where status = 'live'").fetchone()
    kind = "embedded" if settings.database_url is None else "server"
    return f"PostgreSQL {version[0] if version else '?'} ({kind}), {records[0] if records else 0:,} records"


def _index(settings: Settings) -> str:
    from catalog_api.context import open_context

    with open_context(settings) as context:
        return f"{context.engine.name}, {context.engine.count():,} documents"

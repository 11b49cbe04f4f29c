"""Forward-only migrations: `migrations/NNNN_what.sql`, each applied once, all under one lock and in one transaction."""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Any, LiteralString

import psycopg

from schemas.db.jobs import migrate_jobs
from schemas.errors import WenlanError

_LOCK = 0x57656E6C  # "Wenl": the advisory lock that lets one process migrate at a time


def migrate(connection: psycopg.Connection[Any]) -> list[str]:
    """Apply what is missing and return the names applied. A migration that was changed after it ran is an error."""
    applied: list[str] = []
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(
            "create table if not exists migration (name text primary key, hash text not null, at timestamptz default now())"
        )
        done = dict(connection.execute("select name, hash from migration").fetchall())
        for name, text in _files():
            digest = hashlib.sha256(text.encode()).hexdigest()
            if name not in done:
                connection.execute(text)
                connection.execute("insert into migration (name, hash) values (%s, %s)", (name, digest))
                applied.append(name)
            elif done[name] != digest:
                raise WenlanError(
                    "migration-changed",
                    "数据库是用另一个版本的 {name} 建立的。开发中请换一个新的 WENLAN_HOME；正式数据请恢复该文件并另写迁移。",
                    "The database was built with another version of {name}. In development use a fresh WENLAN_HOME; "
                    "for real data restore the file and write a new migration.",
                    name=name,
                )
        applied += migrate_jobs(connection, done)
    return applied


def _files() -> list[tuple[str, LiteralString]]:
    folder = resources.files("schemas.db").joinpath("migrations")
    return sorted((f.name, f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith(".sql"))

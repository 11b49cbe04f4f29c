"""The embedded PostgreSQL: private, survives SIGKILL, stopped by the last one who leaves."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schemas.db.embedded import EmbeddedServer
from schemas.errors import WenlanError


def _postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_last_one_out_stops_it(tmp_path: Path) -> None:
    first, second = EmbeddedServer(tmp_path / "pg"), EmbeddedServer(tmp_path / "pg")
    url = first.join()
    assert second.join() == url
    first.leave()
    assert _answers(url)
    sockets = Path((tmp_path / "pg" / "socket.path").read_text())
    second.leave()
    assert not _answers(url)
    assert not sockets.exists()
    third = EmbeddedServer(tmp_path / "pg")
    assert _answers(third.join())
    third.leave()


def test_survives_a_kill_of_the_server(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg")
    url = server.join()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1)")
    os.kill(_postmaster(tmp_path / "pg"), signal.SIGKILL)
    again = EmbeddedServer(tmp_path / "pg")
    with psycopg.connect(again.join()) as connection:
        assert connection.execute("select n from kept").fetchall() == [(1,)]
    server.leave()
    again.leave()


def test_nobody_else_gets_in(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path / "pg")
    url = server.join()
    sockets = Path((tmp_path / "pg" / "socket.path").read_text())
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "pg" / "password").stat().st_mode) == 0o600
    password = (tmp_path / "pg" / "password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(password, "wrong"))
    server.leave()


def test_a_killed_initdb_is_started_afresh(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data" / "base").mkdir(parents=True)
    server = EmbeddedServer(tmp_path / "pg")
    assert _answers(server.join())
    server.leave()


def test_a_password_that_was_never_written_is_made_afresh(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "password").touch(mode=0o600)
    server = EmbeddedServer(tmp_path / "pg")
    assert _answers(server.join())
    assert len((tmp_path / "pg" / "password").read_text()) > 30
    server.leave()


def test_others_cannot_write_beside_the_server(tmp_path: Path) -> None:
    """They could name a socket of their own in socket.path and be told the password."""
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg").chmod(0o777)
    server = EmbeddedServer(tmp_path / "pg")
    server._keep_others_out()
    assert stat.S_IMODE((tmp_path / "pg").stat().st_mode) == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    os.chown(tmp_path / "pg", 12345, 12345)
    with pytest.raises(WenlanError, match="embedded-owner"):
        EmbeddedServer(tmp_path / "pg").join()


def test_the_password_is_private_from_its_first_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = os.open

    def watched(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if Path(path).name.startswith("password"):
            seen.append(mode)
        return real(path, flags, mode, **more)

    monkeypatch.setattr(os, "open", watched)
    server = EmbeddedServer(tmp_path / "pg")
    server.join()
    server.leave()
    assert seen == [0o600, 0o600]

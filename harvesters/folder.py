"""Files that a partner leaves in a folder. The files of a source are read together, and only when one of them has changed."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

from harvesters.files import open_file
from harvesters.registry import Received
from harvesters.store import batches
from harvesters.windows import Window, files_read
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.raw import RawRecord
from schemas.settings import Settings


class Folder:
    """One run over a folder, or over the files that match a pattern; a relative `url` counts from WENLAN_HOME.

    All files are read or none: whether an id stands for one record or for two is decided over the whole. A file that cannot be read
    does not stop the others; the error is raised after the last one.
    """

    def __init__(self, settings: Settings, member: Member, source: Source) -> None:
        self.damaged = ""
        self._member, self._source = member, source
        self._where = str(settings.home / source.url)  # an absolute url stays as it is
        self._unchanged = False
        self._errors: list[WenlanError] = []

    def close(self) -> None: ...

    def plan(self, connection: Connection, *, full: bool) -> Window:
        if not full:
            read = files_read(connection, self._member.code, self._source.code)
            self._unchanged = bool(read) and read == {file.name: self._stamp(file) for file in self._files()}
        return Window("full" if full else "file")

    def receive(self, window: Window) -> Iterator[Received]:
        if self._unchanged:
            return
        for file in self._files():
            stamp = self._stamp(file)
            try:
                for batch in batches(self._records(file)):
                    yield Received(batch)
            except WenlanError as error:
                self._errors.append(error)
                self.damaged = self.damaged or f"{file.name}: {error.code}"
                continue
            if self._stamp(file) == stamp:
                yield Received([], stamp=(file.name, stamp))
            else:
                self.damaged = self.damaged or f"{file.name}: file-changing"
        if len(self._errors) > 1:
            raise _together(self._errors)
        if self._errors:
            raise self._errors[0]

    def _files(self) -> list[Path]:
        """The files in the order of their names; raises WenlanError where there is none."""
        where = Path(self._where)
        found = where.iterdir() if where.is_dir() else (Path(name) for name in glob.iglob(self._where))  # noqa: PTH207
        files = sorted(file for file in found if file.is_file() and not file.name.startswith("."))
        if not files:
            raise WenlanError(
                "files-missing",
                "成员 {member} 的来源 {source} 没有文件：{url}。请核对 url（目录或通配，相对路径从 WENLAN_HOME 算起）。",
                "Source {source} of member {member} has no files: {url}. Check its url: a folder or a pattern, relative to WENLAN_HOME.",
                member=self._member.code,
                source=self._source.code,
                url=self._source.url,
            )
        return files

    def _stamp(self, file: Path) -> str:
        """Size, time and everything else that decides what the file is read as."""
        status = file.stat()
        return f"{status.st_size} {status.st_mtime_ns} {self._source.encoding} {self._source.columns or ''}".strip()

    def _records(self, file: Path) -> Iterator[RawRecord]:
        columns = self._source.columns
        return open_file(file, name=file.name, encoding=self._source.encoding, columns=columns)


def _together(errors: list[WenlanError]) -> WenlanError:
    return WenlanError(
        "files-failed",
        "{count} 个文件有问题，其余的都已读入。{zh}",
        "{count} files are at fault, the others were read. {en}",
        count=len(errors),
        zh=" ".join(error.text.zh for error in errors[:10]),
        en=" ".join(error.text.en for error in errors[:10]),
    )

"""One run of a source at a time, by an advisory lock of the database: it goes when its connection does, also after a kill."""

from __future__ import annotations

import time
from hashlib import blake2b

from schemas.db import Sql
from schemas.db.connect import Connection
from schemas.errors import WenlanError

_SQL = Sql("harvesters", "lock.sql")


class SourceLock:
    """Taken when made. Waits a little: the server may not yet have noticed that the process which held the lock was killed.

    Raises WenlanError `harvest-busy` after `patience` seconds.
    """

    def __init__(self, connection: Connection, member: str, source: str, patience: float) -> None:
        self._connection = connection
        name = f"harvest\0{member}\0{source}"
        self._key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
        deadline = time.monotonic() + patience
        while not self._try():
            if time.monotonic() >= deadline:
                raise WenlanError(
                    "harvest-busy",
                    "成员 {member} 的来源 {source} 正在被另一个进程收割或装载，请等它结束。",
                    "Source {source} of member {member} is being harvested or loaded by another process; wait for it to end.",
                    member=member,
                    source=source,
                )
            time.sleep(0.02)

    def release(self) -> None:
        if not self._connection.closed:
            with self._connection.transaction():
                self._connection.execute(_SQL["unlock"], {"key": self._key})

    def _try(self) -> bool:
        with self._connection.transaction():
            row = self._connection.execute(_SQL["lock"], {"key": self._key}).fetchone()
        return row is not None and bool(row[0])

"""Peak memory of a process with all its children, the embedded PostgreSQL included."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType

import psutil


class PeakMemory:
    """Samples the proportional set size (memory shared by processes counted once) while the block runs. Linux only."""

    def __init__(self, *more: psutil.Process, every: float = 0.2) -> None:
        self.peak = 0  # bytes
        self._more = more
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(self._every):
            total = 0
            for process in (me, *me.children(recursive=True), *_postgres(self._more)):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    total += process.memory_full_info().pss
            self.peak = max(self.peak, total)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()


def _postgres(roots: tuple[psutil.Process, ...]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for root in roots:
        with suppress(psutil.NoSuchProcess):
            found += [root, *root.children(recursive=True)]
    return found

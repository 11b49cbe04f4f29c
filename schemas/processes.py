"""Worker processes that do not outlive the one that made them."""

from __future__ import annotations

import os
import threading
from multiprocessing import connection, parent_process


def die_with_parent() -> None:
    """End this worker process when its parent is gone. A parent that was killed closes no queue; its workers would wait for ever."""

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            connection.wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

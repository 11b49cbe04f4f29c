"""What worker processes need, loaded once in the server they are forked from instead of once in each of them."""

from __future__ import annotations

from multiprocessing import get_context

_MODULES = ["catalog_api.workers_warm", "normalise.records", "normalise.match.describe", "catalog_api.search.project"]


def prepare() -> None:
    """Name the modules; has effect until the first worker of this process starts."""
    get_context("forkserver").set_forkserver_preload(_MODULES)

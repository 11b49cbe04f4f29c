"""Where every command gets its database, index and members from: the settings of the environment."""

from __future__ import annotations

from contextlib import AbstractContextManager

from catalog_api import context
from schemas.errors import WenlanError
from schemas.settings import Settings


def open_context() -> AbstractContextManager[context.Context]:
    """The context of the environment's settings. WenlanError `config-missing` where there is no configuration."""
    settings = Settings()
    if not settings.members_dir.is_dir():
        raise WenlanError(
            "config-missing",
            "没有配置目录 {folder}。请在检出目录里运行，或设置 WENLAN_CONFIG。",
            "There is no configuration folder {folder}. Run inside the checkout, or set WENLAN_CONFIG.",
            folder=settings.members_dir,
        )
    return context.open_context(settings)

"""Errors that a person reads: what is wrong and what to do next, in both languages."""

from __future__ import annotations

from schemas.text import Text


class WenlanError(Exception):
    """An error to show as it stands. `code` is stable and can be looked up in the documentation."""

    def __init__(self, code: str, zh: str, en: str, /, **args: object) -> None:
        self.code = code
        self.text = Text(zh, en).format(**args)
        self.args_given = args
        super().__init__(f"[{code}] {self.text}")

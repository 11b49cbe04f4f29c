"""Bilingual text: Chinese first, English beside it, both complete."""

from __future__ import annotations

import msgspec


class Text(msgspec.Struct, frozen=True):
    """One sentence in both languages; `format` fills the same arguments into each."""

    zh: str
    en: str

    def format(self, **args: object) -> Text:
        return Text(self.zh.format(**args), self.en.format(**args))

    def pick(self, locale: str) -> str:
        """The English text for any locale that starts with "en", the Chinese one otherwise."""
        return self.en if locale.startswith("en") else self.zh

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"

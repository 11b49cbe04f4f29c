"""Keys that documents and queries share: what is looked up whole, and pairs of words for phrases."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from normalise.text import compact, fold

_LATIN_RUN = re.compile(r"[a-z0-9+#]+(?: [a-z0-9+#]+)+")
_CLASS = re.compile(r"[^A-Z0-9.\-()=]+")


def word_pairs(text: str) -> list[str]:
    """`a_b` for every two Latin words that stand side by side."""
    return [f"{a}_{b}" for run in _LATIN_RUN.findall(fold(text)) for a, b in pairwise(run.split(" "))]


def number_key(value: str) -> str:
    """An identifier as it is looked up: letters and digits only."""
    return compact(value)[:100]


@lru_cache(maxsize=65536)
def class_prefixes(value: str) -> tuple[str, ...]:
    """I207.4 -> I, I2, I20, I207, I207.4."""
    key = class_key(value)
    return tuple(key[:end] for end in range(1, min(len(key), 24) + 1) if key[end - 1] not in ".-(=")


def class_key(value: str) -> str:
    return _CLASS.sub("", value.upper()).rstrip(".-(=")


def call_key(value: str) -> str:
    """A call number without spaces, in capitals; the slashes stay."""
    return "".join(value.upper().replace("／", "/").split())[:60]

"""Marking what was asked for in a text that is shown as catalogued, whatever its characters: 红楼 is marked in 紅樓夢."""

from __future__ import annotations

from functools import lru_cache

from catalog_api.search.port import Part
from normalise.text import fold


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    return fold(char) or " "


def parts(text: str, wanted: tuple[str, ...]) -> list[Part]:
    """The text cut at its matches; joined again the pieces are the text. `wanted` are folded texts."""
    spans = _spans(text, wanted)
    found: list[Part] = []
    at = 0
    for start, end in spans:
        if start > at:
            found.append(Part(text[at:start]))
        found.append(Part(text[start:end], True))
        at = end
    if at < len(text):
        found.append(Part(text[at:]))
    return found


def snippet(text: str, wanted: tuple[str, ...], *, width: int = 90) -> list[Part]:
    """About `width` characters around the first match; empty where nothing matches."""
    spans = _spans(text, wanted)
    if not spans:
        return []
    start = max(0, spans[0][0] - width // 3)
    piece = text[start : start + width]
    cut = parts(piece, wanted)
    if start > 0:
        cut.insert(0, Part("…"))
    if start + width < len(text):
        cut.append(Part("…"))
    return cut


def _spans(text: str, wanted: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where matches stand in the text as shown, in order, merged where they touch."""
    pieces = [_folded(char) for char in text]
    folded = "".join(pieces)
    places = [at for at, piece in enumerate(pieces) for _ in piece]
    marked: set[int] = set()
    for word in wanted:
        at = folded.find(word)
        while at >= 0:
            end = at + len(word)
            if _whole(folded, at, end):
                marked.update(places[at:end])
            at = folded.find(word, at + 1)
    spans: list[tuple[int, int]] = []
    for place in sorted(marked):
        if spans and spans[-1][1] == place:
            spans[-1] = (spans[-1][0], place + 1)
        else:
            spans.append((place, place + 1))
    return spans


def _whole(folded: str, start: int, end: int) -> bool:
    """Latin words match whole: `art` is not marked in `party`."""
    if not (folded[start].isascii() and folded[start].isalnum()):
        return True
    before = folded[start - 1] if start else " "
    after = folded[end] if end < len(folded) else " "
    return not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum())

"""The copies of a record: where they stand and in which state."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.shape import Item, Manifestation


def items(m: Manifestation, house: House, rng: Random, next_barcode: Callable[[], int], year: int) -> list[Item]:
    draw = rng.random
    if m.carrier == "ebook" or house.code == "whbk":
        return []
    count = (
        1
        if house.code in ("szgj", "dhss") or m.kind in ("guji", "thesis", "serial")
        else 1 + int(draw() * draw() * 4.4)
    )
    usual = house.special.get(_shelf(m))
    found = []
    for copy in range(1, count + 1):
        location = usual or house.stations[int(draw() * len(house.stations))]
        chance = draw()
        status = (
            "reference"
            if location in house.reference
            else "available"
            if chance < 0.78
            else "loaned"
            if chance < 0.93
            else "processing"
            if chance < 0.97
            else "lost"
            if chance < 0.985
            else "withdrawn"
        )
        acquired = f"{min(year + int(draw() * 2), 2024)}{1 + int(draw() * 12):02d}{1 + int(draw() * 28):02d}"
        due = f"2024-{6 + int(draw() * 2):02d}-{1 + int(draw() * 28):02d}" if status == "loaned" else ""
        found.append(Item(house.barcode.format(next_barcode()), location, copy, status, acquired, due))
    return found


def _shelf(m: Manifestation) -> str:
    if m.kind in ("guji", "serial", "thesis", "annual"):
        return m.kind
    if m.script == "latn":
        return "western"
    if m.carrier != "print":
        return "media"
    if m.field in ("local", "children"):
        return m.field
    return "literature" if m.clc[:1] == "I" else ""

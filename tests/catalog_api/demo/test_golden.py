"""Three publications as each of the ten libraries writes them, to be read by a cataloguer.

`UPDATE_GOLDEN=1 pytest tests/catalog_api/demo/test_golden.py` writes golden/three_records.txt anew; read the difference before committing it.
"""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path

from catalog_api.demo.generate import facts, xml
from catalog_api.demo.generate.chance import chance
from catalog_api.demo.generate.houses import MEMBERS, houses
from catalog_api.demo.generate.noise import look
from catalog_api.demo.generate.shape import Manifestation, View
from catalog_api.demo.generate.writers import Stock, marc

GOLDEN = Path(__file__).parent / "golden" / "three_records.txt"


def chosen() -> list[Manifestation]:
    """A translation of the fifth edition, the second volume of a set, a periodical."""
    every = [m for group in facts.groups() for m in group]
    return [
        next(m for m in every if m.title == "计算机网络" and m.year == 2012),
        next(m for m in every if m.title == "红楼梦" and m.year == 1996 and m.part_number == "下册"),
        next(m for m in every if m.title == "浙江学刊"),
    ]


def readable(code: str, view: View, folder: Path) -> str:
    if code in ("dhss", "szgj"):
        text = (xml.dublin_core if code == "dhss" else xml.mods)(view, houses()[code])
        return re.sub(r"(</[^>]+>)(?=<)", r"\1\n", re.sub(r"(<(?:oai_dc:dc|mods)[^>]*>)", r"\1\n", text)) + "\n"
    if code == "whbk":
        stock = Stock(houses()[code], folder)
        stock.add(view, chance(1))
        stock.close()
        return list(csv.reader(io.StringIO(stock.files[0].read_text(encoding="utf-8-sig"))))[1].__repr__() + "\n"
    head, fields = marc(view, houses()[code], chance(1))
    lines = [f"LDR {'-' * 5}{head[0]}{'-' * 5}{head[1]}"]
    for tag, value in fields:
        lines.append(f"{tag} {value.replace(chr(0x1F), ' $')}")
    return "\n".join(lines) + "\n"


def test_three_records_in_ten_dialects(tmp_path: Path) -> None:
    written = []
    for code in MEMBERS:
        for number, m in enumerate(chosen()):
            if code == "whbk" and number == 2:
                continue  # a bookshop sells no run of a periodical
            barcodes = iter(range(1000, 9000))
            view = look(m, houses()[code], chance(42, number), None, lambda: next(barcodes))  # noqa: B023
            view.local_id = houses()[code].local_id.format(number + 1, year=2020)
            flags = ";".join(view.flags) or "-"
            written.append(f"== {code} · {m.title} · {flags}\n{readable(code, view, tmp_path)}")
    text = "\n".join(written)
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")

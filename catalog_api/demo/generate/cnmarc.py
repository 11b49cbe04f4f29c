"""A view as CNMARC fields (WH/T 0503-96 with local custom). A field is (tag, indicators and subfields with 0x1F)."""

from __future__ import annotations

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.people import BRACKETS, invert, statement
from catalog_api.demo.generate.romanise import name_pinyin
from catalog_api.demo.generate.shape import Manifestation, View
from catalog_api.demo.generate.words import words

Field = tuple[str, str]
TIMES = frozenset(words()["times"])
FORMS = frozenset(words()["forms"])
PLACES = frozenset(words()["headings_of_place"])
GMD = {
    "print": "专著",
    "ebook": "电子资源",
    "audiobook": "录音制品",
    "cd": "录音制品",
    "dvd": "录像制品",
    "score": "乐谱",
    "map": "测绘制图资料",
}
TYPES = {"print": "a", "ebook": "l", "audiobook": "i", "cd": "j", "dvd": "g", "score": "c", "map": "e"}
MAIN_ROLES = ("译", "校", "注", "点校", "校注", "译注", "指导", "插图", "图", "校订", "整理", "修订", "主译")
COUNTRIES = {"710000": "TW", "810000": "HK"}


def leader(view: View, encoding_level: str) -> tuple[str, str]:
    """Leader/05-11 and /17-23; lengths are put in by the writer."""
    m = view.m
    level = "s" if m.kind in ("serial",) else "m"
    hierarchy = "1" if m.kind == "set" else "2" if m.kind == "volume" and m.part_name else "0"
    return f"{'d' if view.deleted else 'n'}{TYPES[m.carrier]}{level}{hierarchy} 22", f"{encoding_level}  450 "


def _coded(view: View, house: House) -> list[Field]:
    m = view.m
    kind = "a" if m.kind == "serial" and m.year_end is None else "b" if m.kind == "serial" else "d"
    last = f"{m.year_end or 9999}" if m.kind == "serial" else "    "
    audience = "a  " if m.field == "children" else "k  " if m.clc[:1] in "OT" else "em "
    year = m.year if m.kind == "serial" else view.date[:4] or m.year
    fields = [
        ("100", f"  \x1fa{view.created}{kind}{year}{last}{audience}y0chiy{view.charset}    ea"),
        ("101", f"1 \x1fa{m.language}\x1fc{m.original_language}" if m.original_language else f"0 \x1fa{m.language}"),
    ]
    region = m.publisher.region
    fields.append(
        (
            "102",
            f"  \x1fa{COUNTRIES.get(region, 'CN') if region.isdigit() else region}"
            + (f"\x1fb{region}" if region.isdigit() else ""),
        )
    )
    if m.carrier == "print":
        if m.kind == "serial":
            fields.append(("110", "  \x1faafaz   0xx0"))
        else:
            fields.append(
                (
                    "105",
                    f"  \x1fa{'ak' if m.clc[:1] in 'OQRT' else 'y '}  {'m' if m.kind == 'thesis' else 'z'}   000{'a' if m.clc.startswith('I24') else 'y'}y",
                )
            )
        fields.append(("106", "  \x1far"))
        if m.kind == "guji":
            fields.append(("140", "  \x1fa                      b"))
    elif m.carrier == "map":
        fields.append(("120", "  \x1faaca   bb  "))
    elif m.carrier == "score":
        fields.append(("125", "  \x1faa "))
    elif m.carrier in ("cd", "audiobook"):
        fields.append(("126", "  \x1fadcca   c"))
    elif m.carrier == "dvd":
        fields.append(("115", "  \x1fac000cb   z c"))
    else:
        fields.append(("135", "  \x1fadrcn  ---uuuuu"))
    return fields


def _numbers(view: View, house: House) -> list[Field]:
    fields = []
    for number, (text, qualifier, price) in enumerate(view.numbers):
        middle = f"\x1fb{qualifier}" if qualifier else ""
        end = f"\x1fd{_money(price, house)}" if price and number == 0 else ""
        fields.append(("010", f"  \x1fa{text}{middle}{end}"))
    if not view.numbers and view.price and view.m.kind != "serial":
        fields.append(("010", f"  \x1fd{_money(view.price, house)}"))
    m = view.m
    if m.issn:
        fields.append(("011", f"  \x1fa{m.issn}"))
    if view.unified:
        fields.append(("091", f"  \x1faCN\x1fb{view.unified}" if house.code == "lxcl" else f"  \x1fa{view.unified}"))
    if m.order:
        fields.append(("092", f"  \x1faCN\x1fb{m.order}"))
    return fields


def _money(price: str, house: House) -> str:
    if house.code == "lxcl" and price.startswith("CNY"):
        return f"￥{price[3:]}"
    return price


def subjects(m: Manifestation) -> list[Field]:
    """606 with $y place, $z time, $j form; anything else $x."""
    fields = []
    for parts in m.subjects:
        rest = "".join(
            f"\x1f{'z' if p in TIMES else 'j' if p in FORMS else 'y' if p in PLACES else 'x'}{p}" for p in parts[1:]
        )
        fields.append(("606", f"0 \x1fa{parts[0]}{rest}"))
    return fields


def _responsible(view: View, house: House) -> list[Field]:
    fields = []
    bracket = BRACKETS[view.bracket]
    for agent in view.agents:
        main = agent.role not in MAIN_ROLES
        tag = ("711" if main else "712") if agent.corporate else ("701" if main else "702")
        pinyin = f"\x1f{house.pinyin[0]}{name_pinyin(agent.name)}" if house.pinyin and agent.name[:1] > "\x7f" else ""
        country = bracket.format(agent.country) if agent.country and bracket else ""
        if house.code == "lxcl":
            name, country, pinyin = f"{country}{agent.name}", "", ""
        else:
            name = agent.name
        original = f"\x1fg({invert(agent.original)})" if agent.original and house.code != "lxcl" else ""
        role = f"\x1f4{agent.role}" if agent.role else ""
        start = "02" if agent.corporate else " 1" if agent.original else " 0"
        head = f"\x1fc{country}\x1fa{name}" if country and house.code != "htcl" else f"\x1fa{country}{name}"
        fields.append((tag, f"{start}{head}{pinyin}{original}{role}"))
    return fields


def _title(view: View, house: House) -> Field:
    m = view.m
    first, others = statement(
        view.agents, view.etal, view.bracket, ", " if house.code in ("zjsl", "qtut", "jspl") else " "
    )
    parts = [f"1 \x1fa{view.title}"]
    code = house.pinyin[len(view.created + view.call_item) % len(house.pinyin)]
    if code != "-":
        parts.append(f"\x1f{code}{view.romanised}")
    if house.code in ("zjsl", "htcl") and (house.code == "zjsl" or m.carrier != "print"):
        parts.append(f"\x1fb{'期刊' if m.kind == 'serial' else '古籍' if m.kind == 'guji' else GMD[m.carrier]}")
    if m.parallel:
        parts.append(f"\x1fd{m.parallel}")
    if view.subtitle:
        parts.append(f"\x1fe{view.subtitle}")
    if view.part_number:
        parts.append(f"\x1fh{view.part_number}")
    if view.part_name:
        parts.append(f"\x1fi{view.part_name}")
    if first:
        parts.append(f"\x1ff{first}")
    elif house.code == "lxcl":
        parts.append("\x1fe\x1ff")  # the older system left empty subfields behind
    parts += [f"\x1fg{other}" for other in others]
    return "200", "".join(parts)


def _description(view: View, house: House) -> list[Field]:
    m = view.m
    fields = [_title(view, house)]
    if view.edition:
        fields.append(("205", f"  \x1fa{view.edition}"))
    if m.kind == "serial":
        fields.append(("207", f" 0\x1fa{m.year},no.1-{f'{m.year_end},no.4' if m.year_end else ''}"))
    place = f"\x1fa{view.place}" if view.place else ""
    date = f"\x1fd{m.year}-{m.year_end or ''}" if m.kind == "serial" else f"\x1fd{view.date}" if view.date else ""
    printed = f"\x1fh{view.printing}" if view.printing and house.code == "zjsl" else ""
    fields.append(("210", f"  {place}\x1fc{view.publisher}{date}{printed}"))
    illustrated = "\x1fc图" if m.clc[:1] in "JKOQRTS" else ""
    size = f"\x1fd{view.size}" if view.size else ""
    accompanying = "\x1fe1光盘" if len(view.created) and view.call_item.endswith("77") and m.clc[:1] == "T" else ""
    if view.extent or size:
        extent = f"\x1fa{view.extent}" if view.extent else ""
        fields.append(("215", f"  {extent}{illustrated}{size}{accompanying}"))
    traced = ""
    if view.series:
        volume = f"\x1fv{view.series_number}" if view.series_number else ""
        traced = f" 0\x1f12001 \x1fa{view.series}{volume}"
        if house.code != "lxcl":
            fields.append(("225", f"2 \x1fa{view.series}{volume}"))
    if m.note:
        fields.append(("328" if m.kind == "thesis" else "305" if m.kind == "guji" else "300", f"  \x1fa{m.note}"))
    if view.printing and house.code != "htcl":
        fields.append(("300", f"  \x1fa{view.printing}年第{1 + len(view.title) % 9}次印刷"))
    if m.cn:
        fields.append(("300", f"  \x1fa国内统一刊号: CN{m.cn}"))
    if m.kind == "serial" and m.frequency:
        fields.append(("326", f"  \x1fa{m.frequency}"))
    if m.clc[:1] in "BDFKT" and house.code in ("zjsl", "qtut", "jspl") and m.kind == "book":
        fields.append(("320", "  \x1fa有书目"))
    if view.abstract:
        fields.append(("330", f"  \x1fa{view.abstract}"))
    if traced and house.code != "htcl":
        fields.append(("410", traced))
    if m.former:
        fields.append(("430", f" 1\x1f12001 \x1fa{m.former.replace('：', '. ')}"))
    if m.later:
        fields.append(("440", f" 1\x1f12001 \x1fa{m.later.replace('：', '. ')}"))
    if m.kind == "volume" and not view.set_as_series and view.part_number and house.code in ("zjsl", "jspl"):
        fields.append(("461", f" 0\x1f12001 \x1fa{m.title}\x1fv{view.part_number}"))
    if m.original_title:
        language = f"\x1fz{m.original_language}" if m.original_language else ""
        fields.append(
            (
                "510" if house.code != "zjsl" else "500",
                f"1 \x1fa{m.original_title}{language}" if house.code != "zjsl" else f"10\x1fa{m.original_title}",
            )
        )
    return fields


def fields(view: View, house: House) -> list[Field]:
    """All fields but the holdings, in the order of tags."""
    m = view.m
    found: list[Field] = [
        ("001", view.local_id),
        ("005", f"{view.created}10{len(view.title) * 7 % 60:02d}{len(view.call_item) * 13 % 60:02d}.0"),
    ]
    found += _numbers(view, house)
    if house.code == "zjsl":
        found.append(("049", "  \x1faA330000ZJSL"))
        found.append(("096", f"  \x1fa{view.date[:4] or m.year}\\{view.call_class}\\{view.call_item}"))
    found += _coded(view, house)
    found += _description(view, house)
    found += subjects(m)
    if view.call_class:
        found.append(
            (
                "690",
                f"  \x1fa{view.call_class}"
                + ("\x1fv5" if house.code in ("zjsl", "qtut") and view.created > "2011" else ""),
            )
        )
    found += _responsible(view, house)
    agency = (
        "NLC"
        if house.code in ("htcl", "jspl") and len(view.call_item) % 2
        else "CALIS"
        if house.code == "qtut"
        else house.code.upper()
    )
    found.append(("801", f" 0\x1faCN\x1fb{agency}\x1fc{view.created}"))
    if m.url:
        found.append(("856", f"40\x1fu{m.url}\x1fz全文"))
    return found

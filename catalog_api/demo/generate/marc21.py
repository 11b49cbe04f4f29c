"""A view as MARC 21 fields: in characters without 880 (Shanghai, 汇文's Western books), or in pinyin with linked 880 (Alma)."""

from __future__ import annotations

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.people import invert, statement
from catalog_api.demo.generate.romanise import name_pinyin, pinyin
from catalog_api.demo.generate.shape import Agent, View

Field = tuple[str, str]
TYPES = {"print": "a", "ebook": "a", "audiobook": "i", "cd": "j", "dvd": "g", "score": "c", "map": "e"}
COUNTRY = {"710000": "ch ", "810000": "hk ", "GB": "enk", "US": "xxu", "DE": "gw "}
RELATORS = {"著": "author", "译": "translator", "主编": "editor", "编": "editor", "编著": "author"}
COMPOUND = ("欧阳", "司马", "诸葛", "上官", "夏侯", "东方")


def leader(view: View, description: str) -> tuple[str, str]:
    level = "s" if view.m.kind == "serial" else "m"
    return f"{'d' if view.deleted else 'c'}{TYPES[view.m.carrier]}{level} a22", f" {description} 4500"


def _fixed(view: View) -> str:
    """008, forty characters."""
    m = view.m
    year = view.date[:4] if view.date[:4].isdigit() else str(m.year)
    country = COUNTRY.get(m.publisher.region, "cc ")
    if m.kind == "serial":
        dates = f"{'d' if m.year_end else 'c'}{m.year}{m.year_end or 9999}"
        return f"{view.created[2:]}{dates}{country}mr p       0   a0{m.language} d"
    form = "o" if m.carrier == "ebook" else " "
    fiction = "1" if m.clc[:3] in ("I24", "I71", "I56") else "0"
    nature = "m   " if m.kind == "thesis" else "    "
    return f"{view.created[2:]}s{year}    {country}a    {form}{nature} 000 {fiction} {m.language} d"


def _numbers(view: View, price_in_c: bool) -> list[Field]:
    fields = []
    for number, (text, qualifier, price) in enumerate(view.numbers):
        q = f"\x1fq({qualifier})" if qualifier else ""
        mark = " :" if price and number == 0 and not q and price_in_c else ""
        c = f"\x1fc{price}" if price and number == 0 else ""
        fields.append(("020", f"  \x1fa{text}{mark}{q}{c}"))
    m = view.m
    if m.issn:
        fields.append(("022", f"  \x1fa{m.issn}"))
    if view.unified:
        fields.append(("024", f"8 \x1fa{view.unified}"))
    return fields


def _surname_first(agent: Agent) -> str:
    if agent.name[:1] < "\x7f" and " " in agent.name:
        return invert(agent.name)
    return agent.name


def _romanised_name(agent: Agent) -> str:
    """Zhou, Xiaoyan by ALA-LC habit: surname, comma, given name joined."""
    if agent.name[:1] < "\x7f":
        return invert(agent.name)
    if agent.corporate:
        return name_pinyin(agent.name).capitalize()
    if "·" in agent.name or agent.original:
        return invert(agent.original) if agent.original and agent.original.isascii() else name_pinyin(agent.name).title()
    split = 2 if agent.name[:2] in COMPOUND else 1
    return f"{name_pinyin(agent.name[:split]).replace(' ', '').title()}, {name_pinyin(agent.name[split:]).replace(' ', '').capitalize()}"


def _imprint(view: View) -> tuple[str, str, str]:
    return view.place, view.publisher, view.date


def plain(view: View, house: House) -> list[Field]:
    """Characters in the ordinary fields, ISBD punctuation in two records of three."""
    m = view.m
    dotted = m.script == "latn" or int(view.call_item) % 3 != 0
    first, others = statement(view.agents, view.etal, view.bracket, ", ")
    found: list[Field] = [("001", view.local_id), ("005", f"{view.created}101500.0"), ("008", _fixed(view)), *_numbers(view, True)]
    found.append(("040", f"  \x1fa{house.code.upper()}\x1fb{m.language}\x1fc{house.code.upper()}"))
    if m.original_language:
        found.append(("041", f"1 \x1fa{m.language}\x1fh{m.original_language}"))
    if view.call_class:
        found.append(("093", f"  \x1fa{view.call_class}\x1f25") if int(view.call_item) % 2 else ("084", f"  \x1fa{view.call_class}\x1f2clc"))
    if view.agents:
        head = view.agents[0]
        role = f"\x1fe{head.role}" if head.role and not dotted else ""
        found.append(("110", f"2 \x1fa{head.name}{role}") if head.corporate else ("100", f"1 \x1fa{_surname_first(head)}{role}"))
    found.append(("245", _statement_of_title(view, dotted, first, others)))
    if m.parallel or m.original_title:
        found.append(("246", f"31\x1fa{m.parallel or m.original_title}"))
    if view.edition:
        found.append(("250", f"  \x1fa{view.edition}"))
    place, publisher, date = _imprint(view)
    colon, comma = (" :", ",") if dotted else ("", "")
    date = f"{m.year}-{m.year_end or ''}" if m.kind == "serial" else date
    found.append(("260", "  " + (f"\x1fa{place}{colon}" if place else "") + f"\x1fb{publisher}{comma if date else ''}" + (f"\x1fc{date}" if date else "")))
    found += _physical(view, dotted)
    if m.kind == "serial":
        found.append(("310", f"  \x1fa{m.frequency}"))
    if view.series:
        mark = " ;" if dotted and view.series_number else ""
        found.append(("490", f"0 \x1fa{view.series}{mark}" + (f"\x1fv{view.series_number}" if view.series_number else "")))
    found += _notes(view)
    found += _subjects(view)
    found += [
        ("710" if a.corporate else "700", f"{'2' if a.corporate else '1'} \x1fa{a.name if a.corporate else _surname_first(a)}" + (f"\x1fe{a.role}" if a.role else ""))
        for a in view.agents[1:]
    ]
    found += _links(view)
    return found


def _statement_of_title(view: View, dotted: bool, first: str, others: list[str]) -> str:
    western = view.m.script == "latn"
    nonfiling = "4" if western and view.title.startswith("The ") else "2" if western and view.title.startswith("A ") else "0"
    parts = [f"1{nonfiling}\x1fa{view.title}"]
    if view.part_number:
        parts.append(f"{'.' if dotted else ''}\x1fn{view.part_number}")
    if view.part_name:
        parts.append(f"{',' if dotted else ''}\x1fp{view.part_name}")
    if view.subtitle:
        parts.append(f"{' :' if dotted else ''}\x1fb{view.subtitle}")
    if first:
        parts.append(f"{' /' if dotted else ''}\x1fc{' ; '.join((first, *others))}")
    return "".join(parts)


def _physical(view: View, dotted: bool) -> list[Field]:
    extent, size = view.extent, view.size
    if not extent and not size:
        return []
    illustrated = f"{' :' if dotted else ''}\x1fb{'ill.' if view.m.script == 'latn' else '图'}" if view.m.clc[:1] in "JKOQRTS" else ""
    mark = " ;" if dotted and size else ""
    return [("300", "  " + (f"\x1fa{extent}" if extent else "") + illustrated + (f"{mark}\x1fc{size}" if size else ""))]


def _notes(view: View) -> list[Field]:
    m = view.m
    found = []
    if m.note:
        found.append(("502" if m.kind == "thesis" else "500", f"  \x1fa{m.note}"))
    if m.script == "latn":
        found.append(("504", "  \x1faIncludes bibliographical references and index."))
    if view.abstract:
        found.append(("520", f"  \x1fa{view.abstract}"))
    return found


def _subjects(view: View) -> list[Field]:
    """cct for Chinese headings, LCSH for English ones."""
    if view.m.script == "latn":
        return [("650", " 0\x1fa" + "\x1fx".join(parts) + ".") for parts in view.m.subjects]
    return [("650", " 7\x1fa" + "\x1fx".join(parts) + "\x1f2cct") for parts in view.m.subjects]


def _links(view: View) -> list[Field]:
    m = view.m
    found = []
    if m.former:
        found.append(("780", f"00\x1ft{m.former.replace('：', '. ')}"))
    if m.later:
        found.append(("785", f"00\x1ft{m.later.replace('：', '. ')}"))
    if m.url:
        found.append(("856", f"40\x1fu{m.url}"))
    return found


class _Pairs:
    """Collects romanised fields and their 880s with linked $6."""

    def __init__(self, mode: str) -> None:
        self.mode = mode  # "" pinyin with 880, "swapped" characters with pinyin in 880, "only" pinyin without 880
        self.fields: list[Field] = []
        self.linked: list[Field] = []

    def add(self, tag: str, indicators: str, romanised: str, original: str) -> None:
        if romanised == original or not any(character > "\u2e80" for character in original):
            self.fields.append((tag, f"{indicators}{original}"))
            return
        if self.mode == "only":
            self.fields.append((tag, f"{indicators}{romanised}"))
            return
        number = f"{len(self.linked) + 1:02d}"
        here, there = (original, romanised) if self.mode == "swapped" else (romanised, original)
        script = "(B" if self.mode == "swapped" else "$1"
        self.fields.append((tag, f"{indicators}\x1f6880-{number}{here}"))
        self.linked.append(("880", f"{indicators}\x1f6{tag}-{number}/{script}{there}"))


def _roman(text: str) -> str:
    return pinyin(text).capitalize() if text and text[0] > "\x7f" else text


def linked(view: View, house: House, mode: str) -> list[Field]:
    """Alma, RDA: pinyin in the ordinary fields, characters in 880."""
    m = view.m
    first, others = statement(view.agents, view.etal, view.bracket, ", ")
    credit = " ; ".join((first, *others)) if first else ""
    found: list[Field] = [("001", view.local_id), ("005", f"{view.created}081500.0"), ("008", _fixed(view)), *_numbers(view, False)]
    found.append(("040", "  \x1faZWUN\x1fbeng\x1ferda\x1fcZWUN"))
    if m.original_language:
        found.append(("041", f"1 \x1fa{m.language}\x1fh{m.original_language}"))
    if view.call_class:
        found.append(("084", f"  \x1fa{view.call_class}\x1f2clc"))
    pairs = _Pairs(mode)
    for place, agent in enumerate(view.agents):
        tag = ("110" if agent.corporate else "100") if place == 0 else ("710" if agent.corporate else "700")
        if place == 0:
            _agent(pairs, tag, agent)
    title_roman = view.romanised[:1].upper() + view.romanised[1:] if view.title == m.title else _roman(view.title)
    roman, original = f"\x1fa{title_roman}", f"\x1fa{view.title}"
    for code, mark, text in (("n", ".", view.part_number), ("p", ",", view.part_name), ("b", " :", view.subtitle), ("c", " /", credit)):
        if text:
            roman += f"{mark}\x1f{code}{_roman(text)}"
            original += f"{mark}\x1f{code}{text}"
    pairs.add("245", "1" + ("0" if m.script != "latn" or not view.title.startswith("The ") else "4"), roman, original)
    if m.parallel or m.original_title:
        pairs.fields.append(("246", f"31\x1fa{m.parallel or m.original_title}"))
    if view.edition:
        pairs.add("250", "  ", f"\x1fa{_roman(view.edition)}", f"\x1fa{view.edition}")
    date = f"{m.year}-{m.year_end or ''}" if m.kind == "serial" else view.date
    pairs.add(
        "264", " 1",
        (f"\x1fa{_roman(view.place)} :" if view.place else "") + f"\x1fb{_roman(view.publisher)}," + f"\x1fc{date}",
        (f"\x1fa{view.place} :" if view.place else "") + f"\x1fb{view.publisher}," + f"\x1fc{date}",
    )  # fmt: skip
    pairs.fields += _physical(view, True)
    pairs.fields += _rda(view)
    if m.kind == "serial":
        pairs.fields.append(("310", f"  \x1fa{m.frequency}"))
    if view.series:
        number = f" ;\x1fv{view.series_number}" if view.series_number else ""
        pairs.add("490", "0 ", f"\x1fa{_roman(view.series)}{number}", f"\x1fa{view.series}{number}")
    pairs.fields += _notes(view)
    pairs.fields += _subjects(view)
    for agent in view.agents[1:]:
        _agent(pairs, "710" if agent.corporate else "700", agent)
    return found + pairs.fields + _links(view) + pairs.linked


def _agent(pairs: _Pairs, tag: str, agent: Agent) -> None:
    relator = RELATORS.get(agent.role, "")
    end = f",\x1fe{relator}" if relator else ""
    indicators = "2 " if agent.corporate else "1 "
    name = agent.name if agent.corporate else _surname_first(agent)
    pairs.add(tag, indicators, f"\x1fa{_romanised_name(agent)}{end}", f"\x1fa{name}{end}")


CONTENT = {"print": ("text", "txt", "unmediated", "n", "volume", "nc"), "ebook": ("text", "txt", "computer", "c", "online resource", "cr"),
           "cd": ("performed music", "prm", "audio", "s", "audio disc", "sd"), "audiobook": ("spoken word", "spw", "audio", "s", "audio disc", "sd"),
           "dvd": ("two-dimensional moving image", "tdi", "video", "v", "videodisc", "vd"), "score": ("notated music", "ntm", "unmediated", "n", "volume", "nc"),
           "map": ("cartographic image", "cri", "unmediated", "n", "sheet", "nb")}  # fmt: skip


def _rda(view: View) -> list[Field]:
    content, c, media, d, carrier, e = CONTENT[view.m.carrier]
    return [
        ("336", f"  \x1fa{content}\x1fb{c}\x1f2rdacontent"),
        ("337", f"  \x1fa{media}\x1fb{d}\x1f2rdamedia"),
        ("338", f"  \x1fa{carrier}\x1fb{e}\x1f2rdacarrier"),
    ]

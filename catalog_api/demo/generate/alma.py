"""A view as MARC 21 in the manner of Alma and RDA: pinyin in the ordinary fields, characters in linked 880s."""

from __future__ import annotations

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.marc21 import fixed, links, notes, numbers, physical, subjects, surname_first
from catalog_api.demo.generate.people import invert, statement
from catalog_api.demo.generate.romanise import name_pinyin, pinyin
from catalog_api.demo.generate.shape import Agent, View

Field = tuple[str, str]
RELATORS = {"著": "author", "译": "translator", "主编": "editor", "编": "editor", "编著": "author"}
COMPOUND = ("欧阳", "司马", "诸葛", "上官", "夏侯", "东方")


def _romanised_name(agent: Agent) -> str:
    """Zhou, Xiaoyan by ALA-LC habit: surname, comma, given name joined."""
    if agent.name[:1] < "\x7f":
        return invert(agent.name)
    if agent.corporate:
        return name_pinyin(agent.name).capitalize()
    if "·" in agent.name or agent.original:
        return (
            invert(agent.original) if agent.original and agent.original.isascii() else name_pinyin(agent.name).title()
        )
    split = 2 if agent.name[:2] in COMPOUND else 1
    return f"{name_pinyin(agent.name[:split]).replace(' ', '').title()}, {name_pinyin(agent.name[split:]).replace(' ', '').capitalize()}"


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
    return pinyin(text).capitalize() if any(character > "\u2e80" for character in text) else text


def fields(view: View, house: House, mode: str) -> list[Field]:
    """Alma, RDA: pinyin in the ordinary fields, characters in 880."""
    m = view.m
    first, others = statement(view.agents, view.etal, view.bracket, ", ")
    credit = " ; ".join((first, *others)) if first else ""
    found: list[Field] = [
        ("001", view.local_id),
        ("005", f"{view.created}081500.0"),
        ("008", fixed(view)),
        *numbers(view, False),
    ]
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
    for code, mark, text in (
        ("n", ".", view.part_number),
        ("p", ",", view.part_name),
        ("b", " :", view.subtitle),
        ("c", " /", credit),
    ):
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
    pairs.fields += physical(view, True)
    pairs.fields += _rda(view)
    if m.kind == "serial":
        pairs.fields.append(("310", f"  \x1fa{m.frequency}"))
    if view.series:
        number = f" ;\x1fv{view.series_number}" if view.series_number else ""
        pairs.add("490", "0 ", f"\x1fa{_roman(view.series)}{number}", f"\x1fa{view.series}{number}")
    pairs.fields += notes(view)
    pairs.fields += subjects(view)
    for agent in view.agents[1:]:
        _agent(pairs, "710" if agent.corporate else "700", agent)
    return found + pairs.fields + links(view) + pairs.linked


def _agent(pairs: _Pairs, tag: str, agent: Agent) -> None:
    relator = RELATORS.get(agent.role, "")
    end = f",\x1fe{relator}" if relator else ""
    indicators = "2 " if agent.corporate else "1 "
    name = agent.name if agent.corporate else surname_first(agent)
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

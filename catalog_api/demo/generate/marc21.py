"""A view as MARC 21 fields with Chinese characters in the ordinary fields (Shanghai; 汇文's Western books)."""

from __future__ import annotations

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.people import invert, statement
from catalog_api.demo.generate.shape import Agent, View

Field = tuple[str, str]
TYPES = {"print": "a", "ebook": "a", "audiobook": "i", "cd": "j", "dvd": "g", "score": "c", "map": "e"}
COUNTRY = {"710000": "ch ", "810000": "hk ", "GB": "enk", "US": "xxu", "DE": "gw "}


def leader(view: View, description: str) -> tuple[str, str]:
    level = "s" if view.m.kind == "serial" else "m"
    return f"{'d' if view.deleted else 'c'}{TYPES[view.m.carrier]}{level} a22", f" {description} 4500"


def fixed(view: View) -> str:
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


def numbers(view: View, price_in_c: bool) -> list[Field]:
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


def surname_first(agent: Agent) -> str:
    if agent.name[:1] < "\x7f" and " " in agent.name:
        return invert(agent.name)
    return agent.name


def plain(view: View, house: House) -> list[Field]:
    """Characters in the ordinary fields, ISBD punctuation in two records of three."""
    m = view.m
    dotted = m.script == "latn" or int(view.call_item) % 3 != 0
    first, others = statement(view.agents, view.etal, view.bracket, ", ")
    found: list[Field] = [
        ("001", view.local_id),
        ("005", f"{view.created}101500.0"),
        ("008", fixed(view)),
        *numbers(view, True),
    ]
    found.append(("040", f"  \x1fa{house.code.upper()}\x1fb{m.language}\x1fc{house.code.upper()}"))
    if m.original_language:
        found.append(("041", f"1 \x1fa{m.language}\x1fh{m.original_language}"))
    if view.call_class:
        found.append(
            ("093", f"  \x1fa{view.call_class}\x1f25")
            if int(view.call_item) % 2
            else ("084", f"  \x1fa{view.call_class}\x1f2clc")
        )
    if view.agents:
        head = view.agents[0]
        role = f"\x1fe{head.role}" if head.role and not dotted else ""
        found.append(
            ("110", f"2 \x1fa{head.name}{role}") if head.corporate else ("100", f"1 \x1fa{surname_first(head)}{role}")
        )
    found.append(("245", _statement_of_title(view, dotted, first, others)))
    if m.parallel or m.original_title:
        found.append(("246", f"31\x1fa{m.parallel or m.original_title}"))
    if view.edition:
        found.append(("250", f"  \x1fa{view.edition}"))
    place, publisher, date = view.place, view.publisher, view.date
    colon, comma = (" :", ",") if dotted else ("", "")
    date = f"{m.year}-{m.year_end or ''}" if m.kind == "serial" else date
    found.append(
        (
            "260",
            "  "
            + (f"\x1fa{place}{colon}" if place else "")
            + f"\x1fb{publisher}{comma if date else ''}"
            + (f"\x1fc{date}" if date else ""),
        )
    )
    found += physical(view, dotted)
    if m.kind == "serial":
        found.append(("310", f"  \x1fa{m.frequency}"))
    if view.series:
        mark = " ;" if dotted and view.series_number else ""
        found.append(
            ("490", f"0 \x1fa{view.series}{mark}" + (f"\x1fv{view.series_number}" if view.series_number else ""))
        )
    found += notes(view)
    found += subjects(view)
    found += [
        (
            "710" if a.corporate else "700",
            f"{'2' if a.corporate else '1'} \x1fa{a.name if a.corporate else surname_first(a)}"
            + (f"\x1fe{a.role}" if a.role else ""),
        )
        for a in view.agents[1:]
    ]
    found += links(view)
    return found


def _statement_of_title(view: View, dotted: bool, first: str, others: list[str]) -> str:
    western = view.m.script == "latn"
    nonfiling = (
        "4" if western and view.title.startswith("The ") else "2" if western and view.title.startswith("A ") else "0"
    )
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


def physical(view: View, dotted: bool) -> list[Field]:
    extent, size = view.extent, view.size
    if not extent and not size:
        return []
    parts = [f"\x1fa{extent}"] if extent else []
    if view.m.clc[:1] in "JKOQRTS":
        parts.append(f"{' :' if dotted and parts else ''}\x1fb{'ill.' if view.m.script == 'latn' else '图'}")
    if size:
        parts.append(f"{' ;' if dotted and parts else ''}\x1fc{size}")
    return [("300", "  " + "".join(parts))]


def notes(view: View) -> list[Field]:
    m = view.m
    found = []
    if m.note:
        found.append(("502" if m.kind == "thesis" else "500", f"  \x1fa{m.note}"))
    if m.script == "latn":
        found.append(("504", "  \x1faIncludes bibliographical references and index."))
    if view.abstract:
        found.append(("520", f"  \x1fa{view.abstract}"))
    return found


def subjects(view: View) -> list[Field]:
    """cct for Chinese headings, LCSH for English ones."""
    if view.m.script == "latn":
        return [("650", " 0\x1fa" + "\x1fx".join(parts) + ".") for parts in view.m.subjects]
    return [("650", " 7\x1fa" + "\x1fx".join(parts) + "\x1f2cct") for parts in view.m.subjects]


def links(view: View) -> list[Field]:
    m = view.m
    found = []
    if m.former:
        found.append(("780", f"00\x1ft{m.former.replace('：', '. ')}"))
    if m.later:
        found.append(("785", f"00\x1ft{m.later.replace('：', '. ')}"))
    if m.url:
        found.append(("856", f"40\x1fu{m.url}"))
    return found

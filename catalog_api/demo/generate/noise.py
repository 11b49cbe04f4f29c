"""What a library makes of a manifestation: its custom, and its slips. Every slip that changed something leaves a flag."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.items import items
from catalog_api.demo.generate.numbers import NUMERALS, numbers
from catalog_api.demo.generate.people import LONG_COUNTRY
from catalog_api.demo.generate.romanise import traditional
from catalog_api.demo.generate.shape import Agent, Isbn, Item, Manifestation, View
from catalog_api.demo.generate.titles import part, slip, title_pinyin, titles

ROLE_SLIPS = {"著": "编著", "主编": "编", "编著": "著", "编": "主编", "译": "翻译", "撰": "著", "绘": "图", "by": "by"}
KEEPS_TRADITIONAL = {"zwun", "hspl", "szgj"}
ABSTRACTS = (
    "本书系统阐述了{topic}的基本概念、发展脉络与主要方法, 并结合实例作了分析。",
    "本书以{topic}为中心, 梳理史料, 考辨源流, 附有索引与参考文献, 可供研究者参考。",
    "全书分为若干章, 从不同角度讨论{topic}, 适合高等学校师生及一般读者阅读。",
    "本书收录作者多年来关于{topic}的文字, 内容丰富, 文笔流畅。",
)
STORIES = (
    "本书为{topic}, 作者以朴素的笔触写出普通人的命运与时代的变迁。",
    "本书是作者的代表作之一, 结构严谨, 语言生动, 曾多次再版。",
    "本书为{topic}, 收入作者不同时期的作品, 书前有导读。",
)


def _editions(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    if m.edition:
        if draw() < slips.edition_missing:
            view.edition = ""
            flags.append("edition_missing")
            return
        if m.script != "latn":
            view.edition = _edition_text(m.edition, house, rng)
        if draw() < slips.edition_in_title:
            view.title, view.edition = f"{view.title}({m.edition})" if draw() < 0.5 else f"{view.title} {m.edition}", ""
            flags.append("edition_in_title")
    elif m.kind in ("book", "set") and m.script == "hans" and draw() < slips.edition_first:
        view.edition = ("第1版", "1版", "第一版")[int(draw() * 3)]
        flags.append("edition_first")


def _edition_text(edition: str, house: House, rng: Random) -> str:
    """第2版 as 2版 (the older rule) or 第二版 by house and mood."""
    if house.code in ("zjsl", "jspl") or not edition.startswith("第"):
        return edition
    draw = rng.random()
    if house.code == "qtut" or draw < 0.4:
        return edition[1:]
    digits = edition[1:-1]
    return f"第{NUMERALS[int(digits)]}版" if draw > 0.8 and digits.isdigit() and int(digits) <= 10 else edition


def _dates(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    if m.kind in ("serial", "guji", "thesis"):
        return
    year = m.year
    printing = 0
    if m.kind != "annual" and m.carrier == "print":
        if m.printings:
            printing = m.printings[int(draw() * len(m.printings))] if draw() < 0.6 else 0
        elif m.year < 2020 and draw() < 0.22:
            printing = m.year + 1 + int(draw() * 5)
    if printing:
        if draw() < slips.year_of_printing:
            year = printing
            flags.append("year_of_printing")
        elif house.code in ("zjsl", "jspl", "htcl"):
            view.printing = str(printing)
        if view.price.startswith("CNY") and draw() < slips.price_of_printing:
            view.price = f"CNY{float(view.price[3:]) * 1.4:.2f}"
    if year == m.year and m.kind != "annual" and draw() < slips.year_wrong:
        year += 1 if draw() < 0.5 else -1
        flags.append("year_wrong")
    view.date = str(year)
    if draw() < slips.year_missing:
        view.date = ""
        flags.append("year_missing")
    elif m.script != "latn" and draw() < slips.date_month:
        month = 1 + int(draw() * 12)
        form = draw()
        view.date = (
            f"{year}.{month}"
            if form < 0.6
            else f"{year}.{month:02d}"
            if form < 0.8
            else f"{year}-{month:02d}"
            if form < 0.9
            else f"{year}年{month}月"
        )
        flags.append("date_month")


def _people(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    agents = view.agents
    if not agents:
        return
    if draw() < slips.no_author:
        view.agents, view.etal = [], False
        flags.append("no_author")
        return
    if len(agents) > 1:
        kept = [agent for agent in agents if "译" not in agent.role]
        if kept and len(kept) < len(agents) and draw() < slips.translator_dropped:
            agents = kept
            flags.append("translator_dropped")
        if len(agents) > 1 and agents[0].role == agents[1].role and draw() < slips.etal:
            agents = [agents[0], *(agent for agent in agents if agent.role != agents[0].role)]
            view.etal = True
            flags.append("etal")
    first = agents[0]
    if "·" in first.name and draw() < slips.author_short:
        agents = [_renamed(first, first.name.rpartition("·")[2]), *agents[1:]]
        flags.append("author_short")
    elif draw() < slips.name_typo and first.name:
        agents = [_renamed(first, slip(first.name, rng)), *agents[1:]]
        flags.append("name_typo")
    if first.role:
        if draw() < slips.role_missing:
            agents = [Agent(a.name, "", a.country, a.original, a.dates, a.corporate) for a in agents]
            flags.append("role_missing")
        elif first.role in ROLE_SLIPS and draw() < slips.role_wrong:
            role = "着" if first.role == "著" and house.code in ("htcl", "lxcl") else ROLE_SLIPS[first.role]
            agents = [
                Agent(a.name, role if a.role == first.role else a.role, a.country, a.original, a.dates, a.corporate)
                for a in agents
            ]
            flags.append("role_wrong")
    view.agents = agents


def _renamed(agent: Agent, name: str) -> Agent:
    return Agent(name, agent.role, agent.country, agent.original, agent.dates, agent.corporate)


def _publication(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    publisher = m.publisher
    if draw() < slips.publisher_variant and m.kind != "thesis":
        form = draw()
        view.publisher = (
            publisher.short
            if form < 0.5
            else f"{publisher.place}{publisher.name}"
            if form < 0.7
            else f"{publisher.name}有限公司"
        )
        if m.script == "latn":
            view.publisher = publisher.short
        if view.publisher != publisher.name:
            flags.append("publisher_variant")
    if draw() < slips.place_missing:
        view.place = ""
        flags.append("place_missing")
    if m.series and draw() < slips.series_missing and not view.set_as_series:
        view.series = view.series_number = ""
        flags.append("series_missing")


def _extent(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    if m.extent:
        view.extent = m.extent
    elif m.pages:
        pages = m.pages
        if draw() < slips.pages_off:
            pages += (1 + int(draw() * 12)) * (1 if draw() < 0.6 else -1)
            flags.append("pages_off")
        unit = "p" if house.code in ("zwun", "hspl") or m.script == "latn" else "页"
        view.extent = f"{pages}{unit}" if unit == "页" else f"{pages} p."
        if m.carrier == "ebook":
            view.extent = f"1 online resource ({pages} p.)" if unit == "p" else f"1电子文档({pages}页)"
        elif m.kind == "set":
            flags.append("set")
            form = draw()
            count = f"{m.volumes}册" if unit == "页" or m.script != "latn" else f"{m.volumes} v."
            view.extent = count if form < 0.4 else f"{count}({pages}页)" if form < 0.8 else view.extent
        elif draw() < 0.35:
            view.extent = f"{2 + int(draw() * 18)}, {view.extent}"
    if draw() < slips.extent_missing and view.extent:
        view.extent = ""
        flags.append("extent_missing")
    if house.code == "lxcl" and m.size in ("19cm", "20cm", "21cm") and draw() < 0.3:
        view.size = "32开"


def _facts_flags(m: Manifestation) -> list[str]:
    """What it is rather than what happened to it."""
    flags: list[str] = [m.kind] if m.kind in ("annual", "serial", "thesis", "guji") else []
    if m.guji_same:
        flags.append("guji_same_edition")
    if m.carrier != "print":
        flags.append(f"carrier:{m.carrier}")
    if m.script == "hant":
        flags.append("edition:TW" if m.publisher.region == "710000" else "edition:HK")
    elif m.script == "latn":
        flags.append("foreign")
    return flags


def look(m: Manifestation, house: House, rng: Random, other: Isbn | None, next_barcode: Callable[[], int]) -> View:
    """One library's record of it. Consumes `rng` and the barcode counter; `other` is a neighbour's number to mistake it for."""
    draw, slips = rng.random, house.slips
    flags = _facts_flags(m)
    price = m.price
    created_year = max(m.year if m.year > 1985 else 1986 + int(draw() * 30), 1986)
    created = f"{min(created_year + int(draw() * 3), 2024)}{1 + int(draw() * 12):02d}{1 + int(draw() * 28):02d}"
    abstract = ""
    if draw() >= slips.abstract_missing and m.kind in ("book", "set") and m.script == "hans":
        topic = m.subjects[0][0] if m.subjects else m.title
        texts = STORIES if m.clc[:1] == "I" else ABSTRACTS
        abstract = texts[int(draw() * len(texts))].format(topic=topic)
    view = View(
        m, m.title, m.subtitle, part(m, house, rng), m.part_name, list(m.agents), m.etal, m.edition, m.place, m.publisher.name,
        str(m.year), "", "", m.size, price, [], m.unified, m.series, m.series_number, title_pinyin(m), abstract,
        m.clc, str(1 + int(draw() * 4000)), created, [], flags, bracket=house.brackets[int(draw() * len(house.brackets))],
        charset=house.charset[int(draw() * len(house.charset))],
    )  # fmt: skip
    _dates(view, m, house, rng)
    view.numbers = numbers(m, house, rng, other, view.price, flags)
    titles(view, m, house, rng)
    _editions(view, m, house, rng)
    _people(view, m, house, rng)
    _publication(view, m, house, rng)
    _extent(view, m, house, rng)
    if view.unified and draw() < slips.isbn_missing:
        view.unified = ""
        flags.append("un_missing")
    if house.pinyin and draw() < slips.pinyin_variant:
        view.romanised = (
            view.romanised.title()
            if draw() < 0.4
            else view.romanised.replace(" ", "")
            if draw() < 0.6
            else view.romanised.upper()
        )
        flags.append("pinyin_variant")
    if slips.enc_flag and draw() < slips.enc_flag:
        flags.append("enc_flag")
        view.charset = "50  " if house.encoding != "utf-8" else "0120"
    if view.bracket == 4:
        view.agents = [
            Agent(a.name, a.role, LONG_COUNTRY.get(a.country, a.country), a.original, a.dates, a.corporate)
            for a in view.agents
        ]
    if (m.script == "hant" and house.code in KEEPS_TRADITIONAL) or (m.kind == "guji" and house.code == "szgj"):
        _in_traditional(view)
    view.items = items(m, house, rng, next_barcode, int(created[:4]))
    return view


def _in_traditional(view: View) -> None:
    """A library that transcribes in the book's own script."""
    view.title, view.subtitle, view.part_number = (
        traditional(view.title),
        traditional(view.subtitle),
        traditional(view.part_number),
    )
    view.publisher, view.place, view.series = (
        traditional(view.publisher),
        traditional(view.place),
        traditional(view.series),
    )
    view.agents = [
        Agent(traditional(a.name), traditional(a.role), a.country, a.original, a.dates, a.corporate)
        for a in view.agents
    ]


def revise(view: View, house: House, rng: Random) -> None:
    """What a cataloguer changes on an ordinary day; the flag `changed:…` says what."""
    m, draw = view.m, rng.random()
    if draw < 0.45 and view.items:
        for item in view.items:
            item.status, item.due = (
                ("loaned", "2024-07-15")
                if item.status == "available"
                else ("available", "")
                if item.status == "loaned"
                else (item.status, item.due)
            )
        last = view.items[-1]
        view.items.append(Item(f"{last.barcode}9", last.location, last.copy + 1, "processing", "20240603"))
        view.flags.append("changed:items")
    elif draw < 0.75:
        view.title, view.subtitle, view.edition = m.title, m.subtitle, m.edition
        view.part_number, view.part_name, view.set_as_series = m.part_number, m.part_name, False
        view.agents, view.etal, view.date, view.publisher = list(m.agents), m.etal, str(m.year), m.publisher.name
        view.romanised = title_pinyin(m)
        if m.isbn is not None:
            view.numbers = [(m.isbn.thirteen(True), "", view.price)]
        view.flags[:] = [
            *_facts_flags(m),
            *(
                flag
                for flag in view.flags
                if flag in ("set", "volume", "isbn_shared", "never_isbn", "un_only", "dup_in_lib")
            ),
        ]
        view.flags.append("changed:corrected")
    elif draw < 0.9 and m.subjects:
        view.abstract = ABSTRACTS[0].format(topic=m.subjects[0][0])
        view.flags.append("changed:abstract")
    else:
        view.title = slip(view.title, rng)
        view.flags += ["title_typo", "changed:slip"]

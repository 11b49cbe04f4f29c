"""What a library makes of a manifestation: its custom, and its slips. Every slip that changed something leaves a flag."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.people import LONG_COUNTRY
from catalog_api.demo.generate.romanise import pinyin, traditional
from catalog_api.demo.generate.shape import Agent, Isbn, Item, Manifestation, View

ALIKE = dict(zip(
    "己未析著的编论史学大人土日西东王士末已字太入曰酉车玉着折篇吏伦地间问清请晴情抄钞账帐唯惟象像做作分份撰选记纪",
    "已末折着地篇伦吏字太入士曰酉车玉土未己学大人日西东王著析编史论的问间请清情晴钞抄帐账惟唯像象作做份分选撰纪记", strict=True,
))  # fmt: skip
ROLE_SLIPS = {"著": "编著", "主编": "编", "编著": "著", "编": "主编", "译": "翻译", "撰": "著", "绘": "图", "by": "by"}
NUMERALS = "零一二三四五六七八九十"
KEEPS_TRADITIONAL = {"zwun", "hspl", "szgj"}
FIRST_13 = 2007  # ISBN of thirteen digits
ABSTRACTS = (
    "本书系统阐述了{topic}的基本概念、发展脉络与主要方法, 并结合实例作了分析。",
    "本书以{topic}为中心, 梳理史料, 考辨源流, 附有索引与参考文献, 可供研究者参考。",
    "全书分为若干章, 从不同角度讨论{topic}, 适合高等学校师生及一般读者阅读。",
    "本书收录作者多年来关于{topic}的文字, 内容丰富, 文笔流畅。",
)


def _slip(text: str, rng: Random) -> str:
    """A typing error: a look-alike character, else one lost or doubled."""
    places = [place for place, character in enumerate(text) if character in ALIKE]
    if places:
        place = places[int(rng.random() * len(places))]
        return text[:place] + ALIKE[text[place]] + text[place + 1 :]
    if len(text) < 3:
        return text + text[-1:]
    place = 1 + int(rng.random() * (len(text) - 1))
    return text[:place] + text[place + 1 :] if rng.random() < 0.5 else text[:place] + text[place - 1] + text[place:]


def _variant(text: str, rng: Random) -> str:
    """The same title in another dress: blanks, title marks, full-width letters, another punctuation."""
    draw = rng.random()
    if not text.isascii() and any("!" <= character <= "~" for character in text) and draw < 0.5:
        return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)
    if "·" in text and draw < 0.7:
        return text.replace("·", "．" if draw < 0.35 else "・")
    if draw < 0.4 and len(text) > 3:
        place = 2 + int(rng.random() * (len(text) - 3))
        return f"{text[:place]} {text[place:]}"
    return f"《{text}》" if draw < 0.7 else f"{text}."


def _leftover(text: str, rng: Random) -> str:
    """One traditional character left among simplified ones."""
    full = traditional(text)
    if len(full) != len(text):
        return text
    places = [place for place, character in enumerate(text) if full[place] != character]
    if not places:
        return text
    place = places[int(rng.random() * len(places))]
    return text[:place] + full[place] + text[place + 1 :]


def title_pinyin(m: Manifestation) -> str:
    if not m.romanised:
        m.romanised = m.title if m.script == "latn" else pinyin(m.title)
    return m.romanised


def _number(isbn: Isbn, year: int, house: House, rng: Random) -> str:
    ten = year < FIRST_13
    if rng.random() < house.slips.isbn_ten_for_thirteen:
        ten = not ten
    hyphens = rng.random() >= house.slips.isbn_no_hyphen
    return isbn.ten(hyphens) if ten else isbn.thirteen(hyphens)


def _numbers(m: Manifestation, house: House, rng: Random, other: Isbn | None, price: str, flags: list[str]) -> list[tuple[str, str, str]]:
    slips, draw = house.slips, rng.random
    isbn = m.isbn
    if isbn is None:
        flags.append("un_only" if m.unified else "never_isbn")
        return []
    if m.shared_isbn:
        flags.append("isbn_shared")
    if draw() < slips.isbn_missing:
        flags.append("isbn_missing")
        return []
    qualifier = ("全" + NUMERALS[m.volumes] + "册" if m.volumes <= 10 else "套") if m.kind == "set" and draw() < 0.6 else ""
    if m.binding is not None and draw() < slips.binding_variant:
        isbn, qualifier = m.binding, "精装"
        flags.append("binding_variant")
    text = _number(isbn, m.year, house, rng)
    if draw() < slips.isbn_wrong:
        text = _wrong_digit(text, rng)
        flags.append("isbn_wrong")
    elif other is not None and other is not m.isbn and draw() < slips.isbn_other_book:
        text = _number(other, m.year, house, rng)
        flags.append("isbn_other_book")
    if draw() < slips.isbn_qual_in_a:
        text = f"{text}({qualifier or ('平装' if draw() < 0.7 else '精装')})"
        qualifier = ""
        flags.append("isbn_qual_in_a")
    elif price and draw() < slips.isbn_price_in_a:
        text, price = f"{text} : {price}", ""
        flags.append("isbn_price_in_a")
    found = [(text, qualifier, price)]
    if m.set_isbn is not None and m.set_isbn is not m.isbn and draw() < slips.isbn_of_set_too:
        found.append((_number(m.set_isbn, m.year, house, rng), "套", ""))
        flags.append("isbn_of_set_too")
    if m.part_isbns and len(m.part_isbns) < 9 and draw() < slips.isbn_volumes_on_set:
        found += [(_number(part, m.year, house, rng), f"第{place}册", "") for place, part in enumerate(m.part_isbns, 1)]
        flags.append("isbn_volumes_on_set")
    return found


def _wrong_digit(text: str, rng: Random) -> str:
    places = [place for place, character in enumerate(text[:-1]) if character.isdigit() and place > 3]
    place = places[int(rng.random() * len(places))]
    return f"{text[:place]}{(int(text[place]) + 1 + int(rng.random() * 8)) % 10}{text[place + 1 :]}"


def _part(m: Manifestation, house: House, rng: Random) -> str:
    """How this record writes the designation: 上册, 上, (上), 第一册, 1."""
    number = m.part_number
    draw = rng.random()
    if not number or draw < (0.9 if house.code in ("zjsl", "zwun", "jspl") else 0.5):
        return number
    if m.kind == "annual":
        return f"{number}年" if draw < 0.9 else number
    if number[0] in "上中下":
        return number[0] if draw < 0.75 else f"({number[0]})" if draw < 0.9 else f"{number[0]}卷"
    digits = number.strip("第册卷辑")
    if not digits.isdigit():
        return number
    value = int(digits)
    if value <= 10 and draw < 0.75:
        return f"第{NUMERALS[value]}{number[-1]}"
    return digits if draw < 0.9 else f"({digits})"


def _titles(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    designation = f"{view.part_number} {view.part_name}".strip()
    if m.kind == "volume":
        flags.append("volume")
        if m.part_name and draw() < slips.volume_as_title:
            view.title, view.part_number, view.part_name, view.set_as_series = m.part_name, "", "", True
            view.series, view.series_number = m.title, m.part_number
            view.romanised = pinyin(m.part_name) if m.script != "latn" else m.part_name
            flags.append("volume_as_title")
        elif draw() < slips.volume_in_title:
            view.title = f"{m.title}({designation.strip('()')})" if draw() < 0.4 else f"{m.title} {designation}"
            view.part_number = view.part_name = ""
            flags.append("volume_in_title")
        elif draw() < slips.volume_lost:
            view.part_number = view.part_name = ""
            flags.append("volume_lost")
    elif designation and draw() < slips.volume_in_title:
        view.title = f"{designation}{m.title}" if m.kind == "annual" and draw() < 0.4 else f"{m.title} {designation}"
        view.part_number = view.part_name = ""
        flags.append("volume_in_title")
    if view.subtitle:
        if draw() < slips.subtitle_dropped:
            view.subtitle = ""
            flags.append("subtitle_dropped")
        elif draw() < slips.subtitle_merged:
            view.title, view.subtitle = f"{view.title}{'：' if draw() < 0.5 else ' '}{view.subtitle}", ""
            flags.append("subtitle_merged")
    elif m.kind == "book" and m.script != "latn" and draw() < slips.title_extra:
        view.subtitle = EXTRAS[int(draw() * len(EXTRAS))]
        flags.append("title_extra")
    if draw() < slips.title_typo:
        view.title = _slip(view.title, rng)
        flags.append("title_typo")
    elif draw() < slips.title_variant:
        view.title = _variant(view.title, rng)
        flags.append("title_variant")
    elif m.script == "hans" and draw() < slips.trad_leftover:
        changed = _leftover(view.title, rng)
        if changed != view.title:
            view.title = changed
            flags.append("trad_leftover")


EXTRAS = ("珍藏版", "插图本", "最新版", "全本", "名家名作", "附光盘", "畅销书", "精装典藏")


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
        view.date = f"{year}.{month}" if form < 0.6 else f"{year}.{month:02d}" if form < 0.8 else f"{year}-{month:02d}" if form < 0.9 else f"{year}年{month}月"
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
        agents = [_renamed(first, _slip(first.name, rng)), *agents[1:]]
        flags.append("name_typo")
    if first.role:
        if draw() < slips.role_missing:
            agents = [Agent(a.name, "", a.country, a.original, a.dates, a.corporate) for a in agents]
            flags.append("role_missing")
        elif first.role in ROLE_SLIPS and draw() < slips.role_wrong:
            role = "着" if first.role == "著" and house.code in ("htcl", "lxcl") else ROLE_SLIPS[first.role]
            agents = [Agent(a.name, role if a.role == first.role else a.role, a.country, a.original, a.dates, a.corporate) for a in agents]
            flags.append("role_wrong")
    view.agents = agents


def _renamed(agent: Agent, name: str) -> Agent:
    return Agent(name, agent.role, agent.country, agent.original, agent.dates, agent.corporate)


def _publication(view: View, m: Manifestation, house: House, rng: Random) -> None:
    slips, draw, flags = house.slips, rng.random, view.flags
    publisher = m.publisher
    if draw() < slips.publisher_variant and m.kind != "thesis":
        form = draw()
        view.publisher = publisher.short if form < 0.5 else f"{publisher.place}{publisher.name}" if form < 0.7 else f"{publisher.name}有限公司"
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
        if m.kind == "set":
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


def _items(m: Manifestation, house: House, rng: Random, next_barcode: Callable[[], int], year: int) -> list[Item]:
    draw = rng.random
    if m.carrier == "ebook" or house.code == "whbk":
        return []
    count = 1 if house.code in ("szgj", "dhss") or m.kind in ("guji", "thesis", "serial") else 1 + int(draw() * draw() * 4.4)
    usual = house.special.get(_shelf(m))
    items = []
    for copy in range(1, count + 1):
        location = usual or house.stations[int(draw() * len(house.stations))]
        chance = draw()
        status = "reference" if location in house.reference else "available" if chance < 0.78 else "loaned" if chance < 0.93 else "processing" if chance < 0.97 else "lost" if chance < 0.985 else "withdrawn"
        acquired = f"{min(year + int(draw() * 2), 2024)}{1 + int(draw() * 12):02d}{1 + int(draw() * 28):02d}"
        due = f"2024-{6 + int(draw() * 2):02d}-{1 + int(draw() * 28):02d}" if status == "loaned" else ""
        items.append(Item(house.barcode.format(next_barcode()), location, copy, status, acquired, due))
    return items


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


def _facts_flags(m: Manifestation) -> list[str]:
    """What it is rather than what happened to it."""
    flags = [m.kind] if m.kind in ("annual", "serial", "thesis", "guji") else []
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
        abstract = ABSTRACTS[int(draw() * len(ABSTRACTS))].format(topic=topic)
    view = View(
        m, m.title, m.subtitle, _part(m, house, rng), m.part_name, list(m.agents), m.etal, m.edition, m.place, m.publisher.name,
        str(m.year), "", "", m.size, price, [], m.unified, m.series, m.series_number, title_pinyin(m), abstract,
        m.clc, str(1 + int(draw() * 4000)), created, [], flags, bracket=house.brackets[int(draw() * len(house.brackets))],
        charset=house.charset[int(draw() * len(house.charset))],
    )  # fmt: skip
    _dates(view, m, house, rng)
    view.numbers = _numbers(m, house, rng, other, view.price, flags)
    _titles(view, m, house, rng)
    _editions(view, m, house, rng)
    _people(view, m, house, rng)
    _publication(view, m, house, rng)
    _extent(view, m, house, rng)
    if view.unified and draw() < slips.isbn_missing:
        view.unified = ""
        flags.append("un_missing")
    if house.pinyin and draw() < slips.pinyin_variant:
        view.romanised = view.romanised.title() if draw() < 0.4 else view.romanised.replace(" ", "") if draw() < 0.6 else view.romanised.upper()
        flags.append("pinyin_variant")
    if slips.enc_flag and draw() < slips.enc_flag:
        flags.append("enc_flag")
        view.charset = "50  " if house.encoding != "utf-8" else "0120"
    if view.bracket == 4:
        view.agents = [Agent(a.name, a.role, LONG_COUNTRY.get(a.country, a.country), a.original, a.dates, a.corporate) for a in view.agents]
    if (m.script == "hant" and house.code in KEEPS_TRADITIONAL) or (m.kind == "guji" and house.code == "szgj"):
        _in_traditional(view)
    view.items = _items(m, house, rng, next_barcode, int(created[:4]))
    return view


def _in_traditional(view: View) -> None:
    """A library that transcribes in the book's own script."""
    view.title, view.subtitle, view.part_number = traditional(view.title), traditional(view.subtitle), traditional(view.part_number)
    view.publisher, view.place, view.series = traditional(view.publisher), traditional(view.place), traditional(view.series)
    view.agents = [Agent(traditional(a.name), traditional(a.role), a.country, a.original, a.dates, a.corporate) for a in view.agents]

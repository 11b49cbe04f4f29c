"""ISBN and prices as this library wrote them: form, qualifier, and the wrong numbers."""

from __future__ import annotations

from random import Random

from catalog_api.demo.generate.houses import House
from catalog_api.demo.generate.shape import Isbn, Manifestation

NUMERALS = "零一二三四五六七八九十"
FIRST_13 = 2007  # the year in which ISBN grew to thirteen digits


def _number(isbn: Isbn, year: int, house: House, rng: Random) -> str:
    ten = year < FIRST_13
    if rng.random() < house.slips.isbn_ten_for_thirteen:
        ten = not ten
    hyphens = rng.random() >= house.slips.isbn_no_hyphen
    return isbn.ten(hyphens) if ten else isbn.thirteen(hyphens)


def numbers(
    m: Manifestation, house: House, rng: Random, other: Isbn | None, price: str, flags: list[str]
) -> list[tuple[str, str, str]]:
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
    qualifier = (
        ("全" + NUMERALS[m.volumes] + "册" if m.volumes <= 10 else "套") if m.kind == "set" and draw() < 0.6 else ""
    )
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

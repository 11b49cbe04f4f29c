"""Constructed standard numbers: right prefix, right check digit, invented item number.

Check digits: ISBN by ISO 2108 (GB/T 5795), ISSN by ISO 3297, 居民身份证 by GB 11643.
"""

from __future__ import annotations

from hashlib import blake2b

from catalog_api.demo.generate.shape import FIRST_ISBN_YEAR, Isbn, Publisher


def number_of(text: str) -> int:
    """A stable 64-bit number of a text, the same in every process."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def check10(nine: str) -> str:
    total = sum((10 - place) * int(digit) for place, digit in enumerate(nine))
    return "0123456789X"[-total % 11]


def check13(twelve: str) -> str:
    total = sum(map(int, twelve[::2])) + 3 * sum(map(int, twelve[1::2]))
    return str(-total % 10)


def make_isbn(core: str, *, synthetic: bool = True) -> Isbn:
    nine = core.replace("-", "")
    return Isbn(core, check10(nine), check13("978" + nine), synthetic)


def known_isbn(digits: str, publisher: Publisher) -> Isbn:
    """A recalled number, with the publisher's hyphens where its prefix is one of those we list."""
    nine = digits.replace("-", "")[3:12]
    for _, prefix in publisher.prefixes:
        bare = prefix.replace("-", "")
        if nine.startswith(bare):
            return make_isbn(f"{prefix}-{nine[len(bare) :]}", synthetic=False)
    return make_isbn(nine, synthetic=False)


def invent_isbn(publisher: Publisher, year: int, token: int) -> Isbn | None:
    """A number under the prefix the publisher used in that year; None where it has no prefix."""
    for since, prefix in publisher.prefixes:
        if year >= since:
            width = 9 - sum(character.isdigit() for character in prefix)
            return make_isbn(f"{prefix}-{token % 10**width:0{width}d}")
    return None


def invent_issn(token: int) -> str:
    seven = f"{1000000 + token % 1000000:07d}"
    total = sum((8 - place) * int(digit) for place, digit in enumerate(seven))
    return f"{seven[:4]}-{seven[4:]}{'0123456789X'[-total % 11]}"


def resident_check(seventeen: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(seventeen, weights, strict=True)) % 11]


class Numbers:
    """ISBN item numbers in the order of publishing; none left under a prefix: no number."""

    def __init__(self) -> None:
        self.next: dict[str, int] = {}

    def isbn(self, publisher: Publisher, year: int) -> Isbn | None:
        if year < FIRST_ISBN_YEAR and publisher.region.isdigit():
            return None
        for since, prefix in publisher.prefixes:
            if year >= since:
                width = 10 - len(prefix)  # nine digits and one hyphen inside the prefix
                number = self.next.get(prefix, 0)
                self.next[prefix] = number + 1
                # A step coprime to ten spreads the numbers over the range without meeting one twice.
                return (
                    make_isbn(f"{prefix}-{(number * 7919 + 137) % 10**width:0{width}d}") if number < 10**width else None
                )
        return None

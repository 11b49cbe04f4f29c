"""MARC-8 to Unicode with pymarc's converter, which is asked how much it could not read."""

from __future__ import annotations

import re
import unicodedata

from pymarc.marc8 import MARC8ToUnicode

_BAD_ESCAPE = re.compile(rb"\x1b(?![$(,)\-gbps])")
_EACC = re.compile(rb"\x1b\$1([\x20-\x7e]*)")
_LITERAL_CODE = re.compile(rb"\{[0-9A-Fa-f]{6}\}")


class _Counting(MARC8ToUnicode):
    """pymarc asks whether to be quiet once for every character that is in none of its tables, and puts a blank for it."""

    unknown = 0

    @property
    def quiet(self) -> bool:
        self.unknown += 1
        return True

    @quiet.setter
    def quiet(self, value: bool) -> None:
        """Set by the constructor; there is nothing to keep."""


def decode(value: bytes) -> tuple[str, int]:
    """The text of one subfield in NFC, and how many places of it could not be read.

    Designations hold to the end of a subfield (MARC 21 Specifications, part 3), so subfields are converted one by one.
    """
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii"), 0
    bad = len(_BAD_ESCAPE.findall(value))
    value = _BAD_ESCAPE.sub(b"", value)
    if b"\x1b$1" in value:
        value, cut = _whole_triples(value)
        bad += cut
    converter = _Counting()
    try:
        text = str(converter.translate(value))  # type: ignore[no-untyped-call]
    except (
        IndexError,
        TypeError,
        ValueError,
        KeyError,
    ):  # a designation of a set that does not exist, at the end of the value
        return value.decode("ascii", "replace"), bad + 1
    return unicodedata.normalize("NFC", text), bad + converter.unknown


def _whole_triples(value: bytes) -> tuple[bytes, int]:
    """EACC characters are three bytes; a literal code such as {6924f6} inside stands for one, a rest of one or two bytes is cut."""
    cut = 0

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal cut
        codes = _LITERAL_CODE.sub(lambda code: bytes.fromhex(code[0][1:-1].decode("ascii")), found[1])
        cut += 1 if len(codes) % 3 else 0
        return b"\x1b$1" + codes[: len(codes) - len(codes) % 3]

    return _EACC.sub(mend, value), cut

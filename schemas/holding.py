"""Who has it: a library's holding of a manifestation and its items."""

from __future__ import annotations

from typing import Literal

import msgspec

ItemStatus = Literal[
    "available",
    "loaned",
    "in_transit",
    "on_hold",
    "reference",
    "processing",
    "lost",
    "withdrawn",
    "online",
    "for_sale",
    "unknown",
]
Visibility = Literal["public", "staff"]  # 公共目录, 内务目录


class Item(msgspec.Struct, omit_defaults=True):
    """One copy. The four libraries of 通借通还 are member codes; empty means the holding's member."""

    barcode: str = ""
    status: ItemStatus = "unknown"
    copy: str = ""
    volume: str = ""  # 卷期 or volume designation
    year: str = ""
    price: str = ""
    due: str = ""  # ISO date
    owning: str = ""
    home: str = ""
    current: str = ""
    pickup: str = ""


class Holding(msgspec.Struct, omit_defaults=True):
    """Copies of one record at one place of one member."""

    member: str
    branch: str = ""  # sub-library as the library writes it
    location: str = ""  # shelving location as the library writes it
    call_number: str = ""
    copies: int = 0  # stated, or counted from items
    items: list[Item] = []
    url: str = ""  # online holdings
    note: str = ""
    visibility: Visibility = "public"
    record_id: int = 0
    cluster_id: int = 0

"""The engine-neutral document of one cluster. Its texts are already folded and segmented: both engines only split at spaces."""

from __future__ import annotations

import msgspec

LAYOUT = 2  # of the fields below; an index of another layout is rebuilt

TEXT_FIELDS = ("title", "author", "subject", "publisher", "series", "text")
KEY_FIELDS = ("title_key", "pinyin", "number", "class_path", "call")


class IndexDocument(msgspec.Struct, kw_only=True):
    """`title` ... `text` are tokens of `normalise.text.words` with single spaces between them.

    Fields that end in `_staff` count what the public may not see; they are used instead of their public twins in the 内务目录.
    """

    id: int
    public: bool = True
    title: str = ""
    author: str = ""
    subject: str = ""
    publisher: str = ""
    series: str = ""
    text: str = ""
    title_key: list[str] = []  # compact titles, whole: for exact and prefix matching
    pinyin: list[str] = []  # joined pinyin and initials of titles and first author
    number: list[str] = []  # identifiers as "isbn:9787...", "issn:1000-0135", and each bare
    class_path: list[str] = []  # every prefix of every class number, upper case
    call: list[str] = []  # call numbers, compact
    year: int | None = None
    title_sort: str = ""
    updated: int = 0  # seconds since 1970
    held: int = 0  # members that hold it
    # facets
    type: str = "book"
    carrier: str = ""
    system: list[str] = []
    system_staff: list[str] = []
    city: list[str] = []
    city_staff: list[str] = []
    member: list[str] = []
    member_staff: list[str] = []
    clc: list[str] = []
    decade: str = ""
    language: list[str] = []
    subjects: list[str] = []
    authors: list[str] = []
    serieses: list[str] = []
    available: bool = False
    available_staff: bool = False
    collection: list[str] = []
    body: bytes = b""  # JSON of port.Hit for the public
    body_staff: bytes = b""  # and for staff where it differs

"""The compact row of a record that matching reads: everything folded once, nothing that only display needs."""

from __future__ import annotations

import re
from hashlib import blake2b

import msgspec

from normalise.match import designation
from normalise.match.names import corporate, person, publisher_key, romanised
from normalise.text import compact, fold, has_cjk, pinyin, pinyin_key
from schemas.bib import Agent, BibRecord, Title

MOST = (
    6  # names, titles and numbers of one kind that are compared; records with more are rare and agree in the first ones
)

# Roles that make a person an author for matching; a 主编 of one library is the 编著 of another.
_TRANSLATORS = frozenset({"trl"})
_OTHER_IDS = frozenset(
    {"cn_unified", "cn_serial", "ismn", "isrc", "doi", "lccn", "oclc", "nlc", "calis", "publisher_no", "standard"}
)
_REVISED = re.compile(
    "修订|增订|增补|订正|重订|修正|重修|改编|revised|rev\\b|enlarged|enl\\b|corrected|neubearb|augment"
)
_NOT_PRINTED = frozenset({"video", "sound", "software"})
_DIGITS = re.compile("[0-9]+")
_CM = re.compile("([0-9]{2})(?:[.][0-9])? ?(?:cm|厘米|公分)|[x×] ?([0-9]{2})")


# Paging sequences: `6 p.l., 94 p.` counts 94, whatever stands first. Numbers before cm, v. and 册 are none.
_SEQUENCES = re.compile(
    r"(?<![0-9.])([0-9]{2,4})(?![0-9.]| ?(?:cm|厘米|公分|开|v\b|vol|册|卷|x|×|ill|fold|plates|maps?|张图|幅|min|sec))"
)


class FeatureRow(msgspec.Struct, array_like=True, gc=False):
    """Strings are folded; 0 and "" mean not stated. `digest` is a hash of all but `record_id` and `member`: equal rows are judged alike."""

    record_id: int
    member: str
    digest: int = 0
    title: str = ""  # compact title proper without part, edition and year
    subtitle: str = ""  # compact
    words: str = ""  # folded title and subtitle, with spaces; empty for CJK
    alts: list[str] = []  # compact parallel, variant and further titles
    pinyin: str = ""  # of the title: as the cataloguer romanised it, else generated
    numbers: str = ""  # the digits that stand in the title and are no designation
    part: str = ""  # canonical (designation.part)
    part_name: str = ""  # compact
    annual: int = 0  # year in the title
    edition: int = 0
    revised: bool = False
    year: int = 0
    year_end: int = 0
    printing: int = 0
    pages: int = 0
    volumes: int = 0
    size: int = 0  # height in cm
    publisher: str = ""
    place: str = ""
    authors: list[str] = []  # folded; the first is the main one
    surnames: list[str] = []  # one for each author
    translators: list[str] = []
    originals: list[str] = []  # letters of original and romanised names of authors
    isbns: list[str] = []  # 13 digits and the scope: "", s set, v volume, z invalid or cancelled
    issns: list[str] = []
    ids: list[str] = []  # kind and value
    series: list[str] = []
    languages: list[str] = []
    carrier: str = ""
    content: str = ""
    level: str = ""
    script: str = ""
    country: str = ""
    guji: bool = False
    thesis: bool = False
    is_set: bool = False


_pack = msgspec.msgpack.Encoder()


def feature_row(bib: BibRecord, *, record_id: int, member: str) -> FeatureRow:
    """The row of one description. Pure and deterministic; about 60 µs."""
    row = FeatureRow(record_id, "")
    _title(row, bib)
    _agents(row, bib)
    _publication(row, bib)
    _numbers(row, bib)
    row.languages = bib.languages[:MOST]
    row.carrier, row.content, row.level = bib.carrier, bib.content, bib.level
    if row.carrier == "print" and row.content in _NOT_PRINTED:
        row.carrier = ""  # nothing but a default: the record does not say on what the film came
    row.guji, row.thesis, row.script, row.country = bib.guji, bib.thesis, bib.script, bib.country
    row.series = [s for series in bib.series[:MOST] if (s := compact(series.title))]
    row.is_set = row.is_set or (bib.level == "set") or (row.volumes > 1 and not row.part and bib.level != "volume")
    row.record_id = 0
    row.digest = int.from_bytes(blake2b(_pack.encode(row), digest_size=8).digest(), "little", signed=True)
    row.record_id, row.member = record_id, member
    return row


def _title(row: FeatureRow, bib: BibRecord) -> None:
    title = bib.title
    if title is None:
        return
    folded = fold(title.text)
    row.annual = designation.annual_year(folded)
    plain = designation.strip(designation.without_year(folded) if row.annual else folded)
    row.edition, row.revised = plain.edition, plain.revised
    row.volumes, row.is_set = plain.volumes, plain.volumes > 1
    main = plain.title
    _part(row, title, plain.part)
    subtitle = fold(title.subtitle)
    if subtitle and not row.part and (found := designation.part(subtitle)):
        row.part, subtitle = found, ""
    elif subtitle and designation.ends_like_one(subtitle):
        under = designation.strip(subtitle)
        row.part = row.part or under.part
        row.edition = row.edition or under.edition
        row.volumes = row.volumes or under.volumes
        row.is_set = row.is_set or under.volumes > 1
        subtitle = under.title
    row.title = main.replace(" ", "")
    row.subtitle = subtitle.replace(" ", "")
    row.numbers = " ".join(_DIGITS.findall(main))
    if not has_cjk(main):
        row.words = f"{main} {subtitle}" if subtitle else main
    row.pinyin = _pinyin(title, main)
    _alternates(row, bib, title)


def _part(row: FeatureRow, title: Title, in_title: str) -> None:
    number, name = fold(title.part_number), fold(title.part_name)
    found = designation.part(number) if number else ""
    if number and not found:  # a year, or a designation of its own kind
        year = designation.annual_year(number)
        row.annual = row.annual or year
        found = "" if year else number.replace(" ", "")
    if name:
        under = designation.part(name)
        year = designation.annual_year(name) if not under else 0
        if under:
            found = f"{found}.{under}" if found else under
        elif year and len(name) < 8:
            row.annual = row.annual or year
        else:
            row.part_name = name.replace(" ", "")
    if in_title and not found:
        found = in_title
    row.part = found


def _pinyin(title: Title, main: str) -> str:
    """One reading a title: the cataloguer's where it is for the title alone, else generated."""
    if has_cjk(main):
        return pinyin(main)[0]
    return pinyin_key(title.romanised or main)


def _alternates(row: FeatureRow, bib: BibRecord, title: Title) -> None:
    alts: dict[str, None] = {}
    for text in title.others[:MOST]:
        alts[compact(text)] = None
    if title.original_script:
        alts[compact(title.original_script)] = None
    for other in bib.titles[1:9]:
        alts[designation.strip(fold(other.text)).title.replace(" ", "")] = None
    alts.pop("", None)
    alts.pop(row.title, None)
    row.alts = list(alts)[:MOST]


def _agents(row: FeatureRow, bib: BibRecord) -> None:
    authors: dict[str, str] = {}
    for agent in sorted(bib.agents[:12], key=_main_first) if len(bib.agents) > 1 else bib.agents:
        form, surname = person(agent.name) if agent.kind == "person" else (corporate(agent.name),) * 2
        if not form:
            continue
        if agent.role in _TRANSLATORS:
            row.translators.append(form)
            continue
        authors[form] = surname
        for other in (agent.original_name, agent.romanised):
            if other and len(row.originals) < MOST:
                row.originals.append(compact(other))
        if agent.kind == "person" and len(row.originals) < MOST:
            row.originals.append(romanised(agent.name))
    row.authors = list(authors)[:MOST]
    row.surnames = list(authors.values())[:MOST]
    row.translators = row.translators[:MOST]
    if not row.authors and bib.title is not None and bib.title.responsibility and not row.translators:
        row.authors = [fold(bib.title.responsibility)[:60]]
        row.surnames = row.authors


def _main_first(agent: Agent) -> int:
    return 0 if agent.primary else 1


def _publication(row: FeatureRow, bib: BibRecord) -> None:
    for publication in bib.publication:
        row.publisher = row.publisher or publisher_key(publication.publisher)
        row.place = row.place or compact(publication.place)
        row.year = row.year or publication.year or 0
        row.year_end = row.year_end or publication.year_end or 0
        row.printing = row.printing or publication.printing_year or 0
    if bib.edition is not None:
        row.edition = bib.edition.number or row.edition
        row.revised = row.revised or bool(_REVISED.search(bib.edition.text))
    extent = bib.extent
    if extent is not None:
        row.pages = max([extent.pages or 0, *map(int, _SEQUENCES.findall(extent.text))])
        row.volumes = extent.volumes or row.volumes
        if extent.size and (match := _CM.search(extent.size)):
            row.size = int(match[1] or match[2])


def _numbers(row: FeatureRow, bib: BibRecord) -> None:
    for identifier in bib.identifiers:
        kind, value = identifier.kind, identifier.value
        if kind == "isbn":
            if len(row.isbns) < MOST and value:
                row.isbns.append(value + ("z" if not identifier.valid else identifier.scope[:1]))
        elif kind == "issn":
            if identifier.valid:
                row.issns.append(value)
        elif kind in _OTHER_IDS and identifier.valid and value and len(row.ids) < MOST:
            row.ids.append(f"{kind}:{value}")
    row.issns = row.issns[:MOST]

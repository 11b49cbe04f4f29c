"""An edition as CNMARC (中国机读目录格式, WH/T 0503), UTF-8, with one 905 for each library's holding."""

from __future__ import annotations

from pymarc import Record

from catalog_api.export.entry import Entry
from catalog_api.export.fields import Fields
from schemas.bib import Agent, BibRecord, Identifier, Relation, Subject

_TYPES = {
    "music": "c",
    "sound": "i",
    "map": "e",
    "video": "g",
    "image": "k",
    "software": "l",
    "object": "r",
    "mixed": "m",
}
_LEVELS = {"serial": "s", "annual": "s", "component": "a", "collection": "c"}
_FORMS = {"large_print": "d", "braille": "f", "microform": "g", "manuscript": "h", "online": "s", "print": "r"}
_TITLES = {
    "parallel": "510",
    "cover": "512",
    "spine": "516",
    "uniform": "500",
    "former": "520",
    "variant": "517",
    "main": "517",
}
_SUBJECTS = {
    "topic": "606",
    "place": "607",
    "person": "600",
    "corporate": "601",
    "title": "605",
    "form": "608",
    "time": "606",
}
_CLASSES = {"clc": "690", "las": "692", "ddc": "676", "udc": "675", "lcc": "680"}
_NOTES = {
    "abstract": "330",
    "contents": "327",
    "dissertation": "328",
    "frequency": "326",
    "edition": "305",
    "copy": "316",
    "audience": "333",
}
_RELATED = {
    "set": "461", "volume": "463", "host": "463", "component": "464", "series": "410", "preceding": "430", "succeeding": "440",
    "other_edition": "451", "translation_of": "454", "other": "488",
}  # fmt: skip


def cnmarc(entry: Entry, agency: str = "Wenlan") -> Record:
    bib, fields = entry.bib, Fields()
    stamp = "".join(c for c in entry.datestamp if c.isdigit())[:14]
    fields.control("001", entry.local_id or str(entry.id))
    fields.control("005", f"{stamp}.0" if len(stamp) == 14 else "")
    for identifier in bib.identifiers:
        _identifier(fields, identifier)
    fields.add("100", "  ", ("a", _coded(bib, stamp)))
    fields.add(
        "101",
        "1 " if bib.original_languages else "0 ",
        *(("a", c) for c in bib.languages),
        *(("c", c) for c in bib.original_languages),
    )
    fields.add("102", "  ", ("a", bib.country))
    fields.add("106", "  ", ("a", _FORMS.get(bib.carrier, "")))
    _titles(fields, bib)
    _description(fields, bib)
    for relation in bib.relations:
        _relation(fields, relation)
    for subject in bib.subjects:
        _subject(fields, subject)
    for classed in bib.classes:
        if tag := _CLASSES.get(classed.scheme):
            fields.add(tag, "  ", ("a", classed.value), ("v", classed.edition))
    for agent in bib.agents:
        _agent(fields, agent)
    fields.add("801", " 2", ("a", "CN"), ("b", agency), ("c", stamp[:8]))
    for link in bib.links:
        fields.add("856", "40", ("u", link.url), ("z", link.label))
    for holding in entry.holdings:
        barcodes = [("b", item.barcode) for item in holding.items[:100] if item.barcode]
        place = " ".join(p for p in (holding.branch, holding.location) if p)
        fields.add(
            "905",
            "  ",
            ("a", holding.member),
            *barcodes,
            ("c", place),
            ("s", holding.call_number),
            ("f", str(holding.copies or "")),
        )
        fields.add("856", "40", ("u", holding.url))
    return fields.record(
        _leader(bib), unicode_flag=False, spare=("905", "327", "3", "6", "856", "4", "7", "51", "225", "01")
    )


def _leader(bib: BibRecord) -> str:
    kind = "b" if bib.carrier == "manuscript" else _TYPES.get(bib.content, "a")
    return f"00000n{kind}{_LEVELS.get(bib.level, 'm')}0 2200000   450 "


def _coded(bib: BibRecord, stamp: str) -> str:
    """100 $a: 36 characters; 26-29 is 50 for ISO 10646."""
    published = next((p for p in bib.publication if p.year), None)
    first = f"{published.year:04d}" if published and published.year else "    "
    last = f"{published.year_end:04d}" if published and published.year_end else "    "
    serial = bib.level in ("serial", "annual")
    kind = (
        "a"
        if serial and last.isspace()
        else "b"
        if serial
        else "g"
        if not last.isspace()
        else "d"
        if published
        else "u"
    )
    if kind == "a":
        last = "9999"
    return f"{stamp[:8]:8}{kind}{first}{last}em y0chiy50      ea"


def _identifier(fields: Fields, identifier: Identifier) -> None:
    value, main = identifier.value, "a" if identifier.valid else "z"
    match identifier.kind:
        case "isbn":
            fields.add("010", "  ", (main, value), ("b", identifier.qualifier), ("d", identifier.price))
        case "issn":
            fields.add("011", "  ", (main, value), ("d", identifier.price))
        case "ismn":
            fields.add("013", "  ", (main, value), ("b", identifier.qualifier), ("d", identifier.price))
        case "isrc":
            fields.add("016", "  ", (main, value))
        case "doi":
            fields.add("017", "70", (main, value), ("2", "doi"))
        case "cn_unified" | "cn_serial":
            fields.add("091", "  ", ("a", "CN"), ("b", value.removeprefix("CN ")), ("d", identifier.price))
        case "cn_order":
            fields.add("092", "  ", ("a", "CN"), ("b", value))
        case "standard":
            fields.add("094", "  ", ("a", value))
        case "publisher_no":
            fields.add("071", "  ", ("a", value))
        case "oclc":
            fields.add("035", "  ", (main, f"(OCoLC){value}"))
        case "nlc":
            fields.add("035", "  ", (main, f"(A100000NLC){value}"))
        case "calis":
            fields.add("099", "  ", ("a", value))
        case _:
            pass  # a number of one library, or of another country's format


def _titles(fields: Fields, bib: BibRecord) -> None:
    parallel = [t for t in bib.titles[1:] if t.kind == "parallel"]
    for number, title in enumerate(bib.titles):
        parts = (("h", title.part_number), ("i", title.part_name))
        if number == 0:
            fields.add(
                "200",
                "1 ",
                ("a", title.text),
                *(("a", other) for other in title.others),
                ("9", title.romanised),
                *(("d", p.text) for p in parallel),
                ("e", title.subtitle),
                *parts,
                ("f", title.responsibility),
            )
        else:
            fields.add(
                _TITLES[title.kind], "1 ", ("a", title.text), ("9", title.romanised), ("e", title.subtitle), *parts
            )


def _description(fields: Fields, bib: BibRecord) -> None:
    if bib.edition:
        fields.add("205", "  ", ("a", bib.edition.text))
    for published in bib.publication:
        date = published.date_text or (str(published.year) if published.year else "")
        fields.add("210", "  ", ("a", published.place), ("c", published.publisher), ("d", date))
    if extent := bib.extent:
        pages = extent.text or (f"{extent.pages}页" if extent.pages else "")
        fields.add(
            "215", "  ", ("a", pages), ("c", extent.illustrations), ("d", extent.size), ("e", extent.accompanying)
        )
    for series in bib.series:
        fields.add("225", "2 ", ("a", series.title), ("v", series.number), ("x", series.issn))
    for note in bib.notes:
        fields.add(_NOTES.get(note.kind, "300"), "0 " if note.kind == "contents" else "  ", ("a", note.text))


def _subject(fields: Fields, subject: Subject) -> None:
    if subject.kind == "free":
        fields.add("610", "0 ", *(("a", part) for part in subject.parts))
        return
    parts = [("a" if at == 0 else "x", part) for at, part in enumerate(subject.parts)]
    fields.add(_SUBJECTS.get(subject.kind, "606"), "0 ", *parts, ("2", subject.scheme))


def _agent(fields: Fields, agent: Agent) -> None:
    tag = ("701" if agent.primary else "702") if agent.kind == "person" else ("711" if agent.primary else "712")
    indicators = " 0" if agent.kind == "person" else "12" if agent.kind == "meeting" else "02"
    fields.add(
        tag,
        indicators,
        ("c", f"({agent.country})" if agent.country else ""),
        ("a", agent.name),
        ("9", agent.romanised),
        ("g", f"({agent.original_name})" if agent.original_name else ""),
        ("f", agent.dates),
        ("4", agent.role_text or agent.role),
    )


def _relation(fields: Fields, relation: Relation) -> None:
    """4XX by embedded fields ($1): the title as 200, the numbers as 010 and 011."""
    numbers: list[tuple[str, str]] = []
    for identifier in relation.identifiers:
        if identifier.kind in ("isbn", "issn"):
            numbers += [("1", "010  " if identifier.kind == "isbn" else "011  "), ("a", identifier.value)]
    if relation.title:
        fields.add(
            _RELATED[relation.kind], " 0", ("1", "2001 "), ("a", relation.title), ("v", relation.number), *numbers
        )

"""An edition as MARC 21 (bibliographic format, UTF-8, without ISBD punctuation: leader/18 is c)."""

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
    "software": "m",
    "object": "r",
    "mixed": "p",
}
_LEVELS = {"serial": "s", "annual": "s", "component": "a", "collection": "c"}
_PLACES = {"CN": "cc ", "TW": "ch ", "HK": "cc ", "MO": "cc ", "US": "xxu", "GB": "xxk", "JP": "ja ", "DE": "gw ", "FR": "fr ", "RU": "ru ",
           "KR": "ko ", "SG": "si ", "CA": "xxc", "AU": "at "}  # fmt: skip
_FORMS = {"online": "o", "microform": "a", "large_print": "d", "braille": "f", "disc_rom": "q", "print": "r"}
_CARRIERS = {"print": "nc", "online": "cr", "disc_rom": "cd", "cd": "sd", "lp": "sd", "cassette": "ss", "dvd": "vd", "bluray": "vd",
             "vhs": "vf", "microform": "he", "sheet": "nb", "object": "nr"}  # fmt: skip
_NAMES = {"person": "00", "corporate": "10", "meeting": "11"}
_SUBJECTS = {
    "topic": "650",
    "place": "651",
    "person": "600",
    "corporate": "610",
    "title": "630",
    "time": "648",
    "form": "655",
}
_CLASSES = {"ddc": ("082", "04"), "lcc": ("050", " 4"), "udc": ("080", "  ")}
_RELATED = {
    "host": ("773", "0 "), "set": ("773", "0 "), "component": ("774", "0 "), "volume": ("774", "0 "), "preceding": ("780", "00"),
    "succeeding": ("785", "00"), "other_edition": ("775", "0 "), "translation_of": ("765", "0 "), "other": ("787", "0 "),
}  # fmt: skip
_NOTES = {"abstract": "520", "contents": "505", "dissertation": "502", "frequency": "310", "audience": "521"}


def marc21(entry: Entry, agency: str = "Wenlan") -> Record:
    bib, fields = entry.bib, Fields()
    fields.control("001", entry.local_id or str(entry.id))
    fields.control("003", entry.member.upper() or agency)
    stamp = "".join(c for c in entry.datestamp if c.isdigit())[:14]
    fields.control("005", f"{stamp}.0" if len(stamp) == 14 else "")
    fields.control("008", _coded(bib, stamp))
    for identifier in bib.identifiers:
        _identifier(fields, identifier)
    fields.add("040", "  ", ("a", agency), ("b", "chi"), ("c", agency))
    fields.add(
        "041",
        "1 " if bib.original_languages else "0 ",
        *(("a", c) for c in bib.languages),
        *(("h", c) for c in bib.original_languages),
    )
    for classed in bib.classes:
        tag, indicators = _CLASSES.get(classed.scheme, ("084", "  "))
        extra = (("2", classed.scheme),) if tag == "084" else (("2", classed.edition),) if tag == "082" else ()
        fields.add(tag, indicators, ("a", classed.value), *extra)
    main = next((a for a in bib.agents if a.primary), None)
    for agent in bib.agents:
        _agent(fields, agent, agent is main)
    _titles(fields, bib, main is not None)
    _description(fields, bib)
    for subject in bib.subjects:
        _subject(fields, subject)
    for relation in bib.relations:
        _relation(fields, relation)
    for link in bib.links:
        fields.add("856", "40", ("u", link.url), ("y", link.label))
    for holding in entry.holdings:
        barcodes = [("p", item.barcode) for item in holding.items[:100] if item.barcode]
        place = (("a", holding.member), ("b", holding.branch), ("c", holding.location), ("h", holding.call_number))
        fields.add("852", "  ", *place, *barcodes, ("z", holding.note))
        fields.add("856", "40", ("u", holding.url))
    return fields.record(_leader(bib), unicode_flag=True, spare=("852", "505", "5", "6", "856", "7", "49", "246", "02"))


def _leader(bib: BibRecord) -> str:
    kind = "t" if bib.carrier == "manuscript" else _TYPES.get(bib.content, "a")
    return f"00000n{kind}{_LEVELS.get(bib.level, 'm')} a2200000 c 4500"


def _coded(bib: BibRecord, stamp: str) -> str:
    """008: 40 characters (MARC 21 bibliographic, 008 All materials, Books)."""
    published = next((p for p in bib.publication if p.year), None)
    first = f"{published.year:04d}" if published and published.year else "uuuu"
    last = f"{published.year_end:04d}" if published and published.year_end else "    "
    serial = bib.level in ("serial", "annual")
    kind = (
        "c"
        if serial and last.isspace()
        else "d"
        if serial
        else "m"
        if not last.isspace()
        else "s"
        if published
        else "n"
    )
    if kind == "c":
        last = "9999"
    language = (bib.languages or ["und"])[0][:3].ljust(3)
    form = _FORMS.get(bib.carrier, " ")
    return f"{stamp[2:8]:6}{kind}{first}{last}{_PLACES.get(bib.country, 'xx ')}     {form}           {language} d"


def _identifier(fields: Fields, identifier: Identifier) -> None:
    value, qualifier = identifier.value, ("q", identifier.qualifier)
    main = "a" if identifier.valid else "z"
    match identifier.kind:
        case "isbn":
            fields.add("020", "  ", (main, value), qualifier, ("c", identifier.price))
        case "issn":
            fields.add("022", "  ", (main if main == "a" else "y", value))
        case "ismn":
            fields.add("024", "2 ", (main, value), qualifier)
        case "isrc":
            fields.add("024", "0 ", (main, value))
        case "doi":
            fields.add("024", "7 ", (main, value), ("2", "doi"))
        case "lccn":
            fields.add("010", "  ", (main, value))
        case "oclc":
            fields.add("035", "  ", (main, f"(OCoLC){value}"))
        case "nlc":
            fields.add("035", "  ", (main, f"(A100000NLC){value}"))
        case "calis":
            fields.add("035", "  ", (main, value))
        case "publisher_no":
            fields.add("028", "52", ("a", value))
        case "cn_unified" | "cn_serial" | "standard":
            fields.add("024", "8 ", ("a", value), qualifier)
        case "cn_order":
            fields.add("037", "  ", ("a", value))
        case _:
            pass  # a number of one library means nothing to others


def _agent(fields: Fields, agent: Agent, main: bool) -> None:
    kind = _NAMES[agent.kind]
    first = "1" if agent.kind == "person" and "," in agent.name else "0" if agent.kind == "person" else "2"
    fields.add(
        ("1" if main else "7") + kind,
        first + " ",
        ("a", agent.name),
        ("c", agent.country),
        ("d", agent.dates),
        ("e", agent.role_text),
        ("4", agent.role),
    )


def _titles(fields: Fields, bib: BibRecord, has_main_entry: bool) -> None:
    for number, title in enumerate(bib.titles):
        others = " ; ".join(t for t in (*title.others, title.subtitle) if t)
        parts = (("a", title.text), ("b", others), ("n", title.part_number), ("p", title.part_name))
        if number == 0:
            fields.add("245", f"{int(has_main_entry)}0", *parts, ("c", title.responsibility))
        elif title.kind == "uniform":
            fields.add("240" if has_main_entry else "130", "10" if has_main_entry else "0 ", *parts)
        elif title.kind == "former":
            fields.add("247", "10", *parts)
        else:
            second = {"parallel": "1", "cover": "4", "spine": "8"}.get(title.kind, " ")
            fields.add("246", f"3{second}", *parts)
        if number == 0 and title.romanised:
            fields.add("246", "3 ", ("a", title.romanised))


def _description(fields: Fields, bib: BibRecord) -> None:
    if bib.edition:
        fields.add("250", "  ", ("a", bib.edition.text))
    for published in bib.publication:
        date = published.date_text or (str(published.year) if published.year else "")
        fields.add("264", " 1", ("a", published.place), ("b", published.publisher), ("c", date))
    if extent := bib.extent:
        pages = extent.text or (f"{extent.pages} p." if extent.pages else "")
        fields.add(
            "300", "  ", ("a", pages), ("b", extent.illustrations), ("c", extent.size), ("e", extent.accompanying)
        )
    if carrier := _CARRIERS.get(bib.carrier):
        fields.add("338", "  ", ("b", carrier), ("2", "rdacarrier"))
    for series in bib.series:
        fields.add("490", "0 ", ("a", series.title), ("x", series.issn), ("v", series.number))
    for note in bib.notes:
        fields.add(_NOTES.get(note.kind, "500"), "0 " if note.kind == "contents" else "  ", ("a", note.text))


def _subject(fields: Fields, subject: Subject) -> None:
    if subject.kind == "free":
        fields.add("653", "  ", *(("a", part) for part in subject.parts))
        return
    second = {"lcsh": "0", "mesh": "2"}.get(subject.scheme, "7" if subject.scheme else "4")
    first = "0" if subject.kind == "person" else "2" if subject.kind == "corporate" else " "
    source = (("2", subject.scheme),) if second == "7" else ()
    parts = [("a" if at == 0 else "x", part) for at, part in enumerate(subject.parts)]
    fields.add(_SUBJECTS.get(subject.kind, "650"), first + second, *parts, *source)


def _relation(fields: Fields, relation: Relation) -> None:
    if relation.kind == "series":
        return  # stands in 490
    tag, indicators = _RELATED[relation.kind]
    numbers = [("x" if i.kind == "issn" else "z", i.value) for i in relation.identifiers if i.kind in ("issn", "isbn")]
    fields.add(tag, indicators, ("t", relation.title), ("g", relation.number), *numbers)

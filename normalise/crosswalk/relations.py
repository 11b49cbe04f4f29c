"""Series and links between descriptions: UNIMARC 225 and 4XX, MARC 21 4XX, 76X-78X and 8XX."""

from __future__ import annotations

from normalise import identifiers as numbers
from normalise.fields import NONE, ByTag, clean, embedded
from normalise.text import compact
from schemas.bib import Identifier, Relation, RelationKind, Series
from schemas.marc import MarcField

_UNIMARC: dict[str, RelationKind] = {
    "421": "other", "422": "host", "423": "other", "424": "other", "425": "other", "430": "preceding", "431": "preceding", "432": "preceding",
    "433": "preceding", "434": "preceding", "435": "preceding", "436": "preceding", "437": "preceding", "440": "succeeding", "441": "succeeding",
    "442": "succeeding", "443": "succeeding", "444": "succeeding", "445": "succeeding", "446": "succeeding", "447": "succeeding", "448": "succeeding",
    "451": "other_edition", "452": "other_edition", "453": "other", "454": "translation_of", "455": "other_edition", "456": "other_edition",
    "461": "set", "462": "set", "463": "host", "464": "component", "470": "other", "481": "other", "482": "other", "488": "other",
}  # fmt: skip
_MARC21: dict[str, RelationKind] = {
    "765": "translation_of", "767": "other", "770": "other", "772": "host", "773": "host", "774": "component", "775": "other_edition",
    "776": "other_edition", "777": "other", "780": "preceding", "785": "succeeding", "786": "other", "787": "other",
}  # fmt: skip


def _entry(fields: list[MarcField]) -> tuple[str, str, list[Identifier], str]:
    """(title, number, identifiers, control number) of the fields inside a linking entry."""
    title = number = local_id = ""
    found: list[Identifier] = []
    for field in fields:
        if field.tag == "001":
            local_id = field.value
        elif field.tag == "010":
            found += numbers.isbn(field.get("a"))
        elif field.tag == "011":
            found += numbers.issn(field.get("a"))
        elif field.tag[0] in "25" and not title:
            title = clean(field.get("a"))
            number = clean(field.get("v") or field.get("h"))
            found += [i for code in "xy" if (value := field.get(code)) for i in _linked(value)]
    return title, number, found, local_id


def _linked(value: str) -> list[Identifier]:
    return numbers.issn(value) if len(value.strip()) <= 9 else numbers.isbn(value)


def unimarc(by: ByTag, block: list[MarcField], component: bool = False) -> tuple[list[Series], list[Relation]]:
    """225 and `block`, the fields 4XX: 410 and 411 as series, each once; 421-488 as relations.

    463 is the piece that a component stands in, but a part of the described set otherwise; 461 likewise is the set of a volume.
    """
    series: list[Series] = []
    for field in by.get("225", NONE):
        if title := clean(field.get("a")):
            part = " ".join(filter(None, map(clean, field.all("hi"))))
            number = clean(field.get("v")).strip("()（）")
            series.append(Series(f"{title}. {part}" if part else title, number, _first_issn(field.get("x"))))
    relations: list[Relation] = []
    for field in block:
        tag = field.tag
        if tag == "410" or tag == "411":
            title, number, found, _ = _entry(embedded(field))
            if title:
                issn = next((i.value for i in found if i.kind == "issn"), "")
                _add_series(series, Series(title, number, issn))
        elif (kind := _UNIMARC.get(tag)) is not None:
            title, number, found, local_id = _entry(embedded(field))
            if not title and not found and not local_id:
                continue
            if tag == "463" and not component:
                kind = "volume"
            elif component and tag in ("461", "462"):
                kind = "host"
            relations.append(Relation(kind, title, number, found, local_id))
    return series, relations


def _add_series(series: list[Series], more: Series) -> None:
    """A series as traced joins the same series as printed."""
    key = compact(more.title)
    for known in series:
        other = compact(known.title)
        if key == other or (len(key) > 3 and (key in other or other in key)):
            known.number = known.number or more.number
            known.issn = known.issn or more.issn
            return
    series.append(more)


def _first_issn(text: str) -> str:
    return next((i.value for i in numbers.issn(text)), "") if text else ""


def marc21(by: ByTag, fields: list[MarcField]) -> tuple[list[Series], list[Relation]]:
    """`fields` are those of the blocks 4XX, 7XX and 8XX with their linked scripts chosen."""
    series: list[Series] = []
    relations: list[Relation] = []
    for field in fields:
        tag = field.tag
        if tag in ("440", "490", "800", "810", "811", "830"):
            title = field.get("t") if tag in ("800", "810", "811") else field.get("a")
            parts = [clean(v) for c, v in field.subfields if c in "np" and clean(v)]
            text = ". ".join([clean(title), *parts]) if clean(title) else ""
            if text:
                _add_series(series, Series(text, clean(field.get("v")), _first_issn(field.get("x"))))
        elif (kind := _MARC21.get(tag)) is not None:
            made = _linking_entry(field, kind)
            if made is not None:
                relations.append(made)
    return series, relations


def _linking_entry(field: MarcField, kind: RelationKind) -> Relation | None:
    title = clean(field.get("t") or field.get("s")) or clean(field.get("a"))
    found = [i for v in field.all("z") for i in numbers.isbn(v)] + [i for v in field.all("x") for i in numbers.issn(v)]
    control = ""
    for value in field.all("w"):
        if value.startswith("(OCoLC)"):
            found.append(Identifier("oclc", value[7:].strip().lstrip("ocmn0")))
        elif not value.startswith("(DLC)"):
            control = value.rsplit(")", 1)[-1].strip()
    if not title and not found and not control:
        return None
    return Relation(kind, title, clean(field.get("g")), found, control)

"""A bibliographic description as rows of a page: label, values with their links, and whose record each row was taken from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from catalog_api.search import labels as facets
from catalog_api.web.labels import label
from schemas.bib import Agent, BibRecord, Identifier, Publication, Relation, Title
from schemas.cluster import MergedRecord, Provenance
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Value:
    """`prefix` is a short label before the text; `href` leads to a search, or out of the site when `outside`."""

    text: str
    prefix: Text | None = None
    href: str = ""
    outside: bool = False
    note: Text | None = None


@dataclass(slots=True)
class Row:
    name: str  # field of BibRecord, and the kind of a note after a dot
    label: Text
    values: list[Value]
    sources: list[Provenance] = field(default_factory=list)


def rows(merged: MergedRecord, visible: Iterable[int]) -> list[Row]:
    """The rows of a merged description. Only records in `visible` are named as sources."""
    seen = set(visible)
    found = [row for row in _rows(merged.bib) if row.values]
    for row in found:
        row.sources = [p for p in merged.sources.get(row.name.partition(".")[0], []) if p.record_id in seen]
    return found


def title_line(title: Title | None) -> str:
    """题名. 分册号, 分册名 : 副题名."""
    if title is None:
        return ""
    part = ", ".join(p for p in (title.part_number, title.part_name) if p)
    whole = f"{title.text}. {part}" if part else title.text
    return whole if not title.subtitle else f"{whole}: {title.subtitle}"


def _rows(bib: BibRecord) -> Iterable[Row]:
    yield Row("agents", label("field", "agents"), [_agent(a) for a in bib.agents])
    edition = [Value(bib.edition.text)] if bib.edition else []
    yield Row("edition", label("field", "edition"), edition)
    yield Row("publication", label("field", "publication"), [v for p in bib.publication if (v := _published(p)).text])
    yield Row("extent", label("field", "extent"), _extent(bib))
    carrier = facets.value_label("carrier", bib.carrier, {})
    yield Row("carrier", label("field", "carrier"), [_named(carrier)] if bib.carrier not in ("", "print") else [])
    yield Row(
        "series",
        label("field", "series"),
        [
            Value(f"{s.title} ; {s.number}" if s.number else s.title, href=_search(series=s.title))
            for s in bib.series
            if s.title
        ],
    )
    yield Row("identifiers", label("field", "identifiers"), [_identifier(i) for i in bib.identifiers])
    for name in ("languages", "original_languages"):
        codes: list[str] = getattr(bib, name)
        yield Row(name, label("field", name), [_named(facets.language_label(code)) for code in codes])
    yield Row("titles", label("field", "titles"), [_other_title(t) for t in bib.titles[1:]] + _inside(bib))
    yield Row(
        "subjects",
        label("field", "subjects"),
        [Value(" — ".join(s.parts), href=_search(subject=" ".join(s.parts))) for s in bib.subjects if s.parts],
    )
    yield Row(
        "classes",
        label("field", "classes"),
        [
            Value(
                c.value,
                prefix=label("scheme", c.scheme),
                href=_search(**{"class": c.value}) if c.scheme == "clc" else "",
            )
            for c in bib.classes
        ],
    )
    kinds = dict.fromkeys(["abstract", "contents", *(n.kind for n in bib.notes)])
    for kind in kinds:
        yield Row(f"notes.{kind}", label("note", kind), [Value(n.text) for n in bib.notes if n.kind == kind])
    yield Row(
        "relations", label("field", "relations"), [_relation(r) for r in bib.relations if r.title or r.identifiers]
    )
    yield Row(
        "links",
        label("field", "links"),
        [Value(link.label or link.url, href=web_address(link.url), outside=True) for link in bib.links if link.url],
    )


def _agent(agent: Agent) -> Value:
    text = f"({agent.country}) {agent.name}" if agent.country else agent.name
    if agent.original_name:
        text += f" ({agent.original_name})"
    if agent.dates:
        text += f", {agent.dates}"
    role = agent.role_text or agent.role
    return Value(text, href=_search(author=agent.name), note=Text(role, role) if role else None)


def _published(place: Publication) -> Value:
    source = f"{place.place} : {place.publisher}" if place.place and place.publisher else place.place or place.publisher
    date = place.date_text or (str(place.year) if place.year else "")
    text = ", ".join(t for t in (source, date) if t)
    return Value(text, href=_search(publisher=place.publisher) if place.publisher else "")


def _extent(bib: BibRecord) -> list[Value]:
    if bib.extent is None:
        return []
    e = bib.extent
    text = e.text
    if e.illustrations:
        text += f" : {e.illustrations}"
    if e.size:
        text += f" ; {e.size}"
    if e.accompanying:
        text += f" + {e.accompanying}"
    return [Value(text.strip(" :;+"))] if text else []


def _identifier(number: Identifier) -> Value:
    text = " ".join(t for t in (number.value, f"({number.qualifier})" if number.qualifier else "", number.price) if t)
    wrong = None if number.valid else Text("原书号有误", "wrong as printed")
    return Value(text, prefix=label("identifier", number.kind), note=wrong)


def _other_title(title: Title) -> Value:
    return Value(title_line(title), prefix=label("title", title.kind))


def _inside(bib: BibRecord) -> list[Value]:
    main = bib.title
    if main is None:
        return []
    return [Value(text, prefix=label("relation", "component")) for text in main.others]


def _relation(relation: Relation) -> Value:
    numbers = [i.value for i in relation.identifiers]
    text = " · ".join(t for t in (relation.title, relation.number, *numbers[:1]) if t)
    href = _search(title=relation.title) if relation.title else f"/search?{urlencode({'q': numbers[0]})}"
    return Value(text, prefix=label("relation", relation.kind), href=href)


def _named(text: Text) -> Value:
    return Value("", prefix=text)


def _search(**fields: str) -> str:
    """A search for the whole of one field, in the query language of the pages."""
    q = " ".join(
        f"{name}:{value}" if name == "class" else f'{name}:"{value.replace(chr(34), " ")}"'
        for name, value in fields.items()
    )
    return f"/search?{urlencode({'q': q})}"


def web_address(url: str) -> str:
    """An address of the web, or nothing: a record may hold `javascript:` or worse."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return url.strip() if parts.scheme in ("http", "https") and parts.netloc else ""

"""A manifestation as linked data: BIBFRAME 2 and schema.org in one graph, and the serialisations that a permalink negotiates.

`/record/17` is the page; `#instance` on it is the manifestation, `#work` what it embodies, `#item-1` ... the holdings. Everything has an
IRI of its own, so that the same cluster always gives the same triples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from rdflib import RDF, RDFS, XSD, Graph, Literal, Namespace, URIRef

from catalog_api.search.documents import type_of
from catalog_api.search.labels import language_label
from schemas.bib import Agent, BibRecord, Classification, Identifier, Publication, Subject, Title
from schemas.cluster import ClusterView
from schemas.holding import Holding
from schemas.member import Member

BF = Namespace("http://id.loc.gov/ontologies/bibframe/")
SDO = Namespace("https://schema.org/")
RELATORS = Namespace("http://id.loc.gov/vocabulary/relators/")
LANGUAGES = Namespace("http://id.loc.gov/vocabulary/languages/")
DCT = Namespace("http://purl.org/dc/terms/")

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NO_NAME = re.compile("[^a-z0-9]+")

# suffix of the address -> media type, and rdflib's name of the format
MEDIA_TYPES = {"jsonld": "application/ld+json", "ttl": "text/turtle", "rdf": "application/rdf+xml"}
_FORMATS = {"application/ld+json": "json-ld", "text/turtle": "turtle", "application/rdf+xml": "pretty-xml"}

# what stands for a page in an Accept header, and how exactly
_PAGES = {"text/html": 2, "application/xhtml+xml": 2, "text/*": 1, "*/*": 0}

_SCHEMA_TYPES = {
    "book": SDO.Book, "ebook": SDO.Book, "guji": SDO.Book, "serial": SDO.Periodical, "article": SDO.Article, "thesis": SDO.Thesis,
    "map": SDO.Map, "music": SDO.SheetMusic, "sound": SDO.AudioObject, "audiobook": SDO.Audiobook, "video": SDO.VideoObject,
    "image": SDO.ImageObject, "software": SDO.SoftwareApplication, "collection": SDO.Collection,
}  # fmt: skip
_WORK_TYPES = {
    "text": BF.Text, "music": BF.NotatedMusic, "sound": BF.Audio, "map": BF.Cartography, "video": BF.MovingImage,
    "image": BF.StillImage, "software": BF.Multimedia, "object": BF.Object, "mixed": BF.MixedMaterial,
}  # fmt: skip
_INSTANCE_TYPES = {"print": BF.Print, "online": BF.Electronic, "disc_rom": BF.Electronic, "manuscript": BF.Manuscript,
                   "large_print": BF.Print, "braille": BF.Tactile}  # fmt: skip
_TITLE_TYPES = {"parallel": BF.ParallelTitle, "main": BF.Title}
_AGENT_TYPES = {
    "person": (BF.Person, SDO.Person),
    "corporate": (BF.Organization, SDO.Organization),
    "meeting": (BF.Meeting, SDO.Event),
}
_SUBJECT_TYPES = {"place": BF.Place, "person": BF.Person, "corporate": BF.Organization, "title": BF.Work, "time": BF.Temporal,
                  "form": BF.GenreForm}  # fmt: skip
_CLASS_TYPES = {"ddc": BF.ClassificationDdc, "lcc": BF.ClassificationLcc, "udc": BF.ClassificationUdc}
_ID_TYPES = {"isbn": BF.Isbn, "issn": BF.Issn, "ismn": BF.Ismn, "isrc": BF.Isrc, "lccn": BF.Lccn, "doi": BF.Doi,
             "publisher_no": BF.PublisherNumber, "local": BF.Local}  # fmt: skip
_SDO_ROLES = {
    "aut": SDO.author,
    "trl": SDO.translator,
    "edt": SDO.editor,
    "ill": SDO.illustrator,
    "cmp": SDO.editor,
    "com": SDO.editor,
}


def accepted(accept: str) -> str:
    """The media type of MEDIA_TYPES that an Accept header prefers; empty where it would rather have a page (RFC 9110, 12.5.1)."""
    best, rank = "", (0.0, -1)
    for part in accept.lower().split(","):
        media, _, parameters = part.strip().partition(";")
        media = media.strip()
        if media not in _FORMATS and media not in _PAGES:
            continue
        found = (_quality(parameters), _PAGES.get(media, 2))
        if found > rank and found[0] > 0:
            best, rank = media, found
    return best if best in _FORMATS else ""


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def document(
    view: ClusterView, holdings: Iterable[Holding], members: Mapping[str, Member], base_url: str, media_type: str
) -> bytes:
    """The graph of a cluster written as one of MEDIA_TYPES, UTF-8."""
    found = graph(view, holdings, members, base_url)
    if media_type == "application/ld+json":
        context = {"bf": str(BF), "schema": str(SDO), "rdfs": str(RDFS), "dcterms": str(DCT)}
        text = found.serialize(format="json-ld", context=context, auto_compact=False, indent=1)
    else:
        text = found.serialize(format=_FORMATS[media_type])
    return text.encode() if isinstance(text, str) else text


def graph(view: ClusterView, holdings: Iterable[Holding], members: Mapping[str, Member], base_url: str) -> Graph:
    """BIBFRAME 2 work, instance and items, and the same as schema.org."""
    made = Graph(bind_namespaces="core")
    for prefix, space in (
        ("rdf", RDF),
        ("bf", BF),
        ("schema", SDO),
        ("rdfs", RDFS),
        ("dcterms", DCT),
        ("relators", RELATORS),
    ):
        made.bind(prefix, space)
    page = URIRef(f"{base_url.rstrip('/')}/record/{view.id}")
    _Describer(made, page, base_url.rstrip("/"), members).describe(view, list(holdings))
    return made


def _address(url: str) -> Literal:
    return Literal(_NO_XML.sub("", url), datatype=XSD.anyURI)


class _Describer:
    """Adds the triples of one cluster to a graph."""

    def __init__(self, made: Graph, page: URIRef, base: str, members: Mapping[str, Member]) -> None:
        self._graph, self._page, self._base, self._members = made, page, base, members
        self.instance, self.work = self._node("instance"), self._node("work")

    def describe(self, view: ClusterView, holdings: list[Holding]) -> None:
        bib = view.merged.bib
        self._add(self._page, DCT.modified, Literal(view.datestamp, datatype=XSD.dateTime))
        self._add(self._page, SDO.mainEntity, self.instance)
        self._instance(bib)
        self._work(bib)
        for number, title in enumerate(bib.titles, 1):
            self._title(title, number)
        for number, published in enumerate(bib.publication, 1):
            self._publication(published, number)
        for number, identifier in enumerate(bib.identifiers, 1):
            self._identifier(identifier, number)
        for number, agent in enumerate(bib.agents, 1):
            self._agent(agent, number)
        for number, subject in enumerate(bib.subjects, 1):
            self._subject(subject, number)
        for number, classed in enumerate(bib.classes, 1):
            self._class(classed, number)
        for number, holding in enumerate(holdings, 1):
            self._item(holding, number)

    def _node(self, name: str) -> URIRef:
        return URIRef(f"{self._page}#{name}")

    def _add(self, subject: URIRef, predicate: URIRef, value: URIRef | Literal | str | int | None) -> None:
        if isinstance(value, str) and not isinstance(value, URIRef | Literal):
            value = _NO_XML.sub("", value)
        if value is not None and value != "":
            self._graph.add((subject, predicate, value if isinstance(value, URIRef | Literal) else Literal(value)))

    def _source(self, scheme: str) -> URIRef:
        return self._labelled(f"scheme-{_NO_NAME.sub('-', scheme.lower())}", scheme, BF.Source)

    def _labelled(self, name: str, label: str, *types: URIRef) -> URIRef:
        node = self._node(name)
        for each in types:
            self._add(node, RDF.type, each)
        self._add(node, RDFS.label, label)
        return node

    def _instance(self, bib: BibRecord) -> None:
        node = self.instance
        self._add(node, RDF.type, BF.Instance)
        self._add(node, RDF.type, _INSTANCE_TYPES.get(bib.carrier))
        self._add(node, RDF.type, _SCHEMA_TYPES.get(type_of(bib), SDO.CreativeWork))
        self._add(node, BF.instanceOf, self.work)
        self._add(node, SDO.url, self._page)
        if bib.edition:
            self._add(node, BF.editionStatement, bib.edition.text)
            self._add(node, SDO.bookEdition, bib.edition.text)
        if bib.extent:
            if bib.extent.text:
                self._add(node, BF.extent, self._labelled("extent", bib.extent.text, BF.Extent))
            self._add(node, BF.dimensions, bib.extent.size)
            self._add(node, SDO.numberOfPages, bib.extent.pages)
        for series in bib.series:
            self._add(node, BF.seriesStatement, series.title)
            self._add(node, BF.seriesEnumeration, series.number)
        for link in bib.links:
            if link.url.startswith(("http://", "https://")):
                self._add(node, BF.electronicLocator, _address(link.url))
        for language in bib.languages:
            self._add(node, SDO.inLanguage, language)
        for number, note in enumerate(bib.notes, 1):
            if note.kind == "abstract":
                self._add(self.work, BF.summary, self._labelled(f"summary-{number}", note.text, BF.Summary))
                self._add(node, SDO.description, note.text)
            else:
                self._add(node, BF.note, self._labelled(f"note-{number}", note.text, BF.Note))

    def _work(self, bib: BibRecord) -> None:
        self._add(self.work, RDF.type, BF.Work)
        self._add(self.work, RDF.type, _WORK_TYPES.get(bib.content))
        self._add(self.work, BF.hasInstance, self.instance)
        for code in bib.languages:
            if len(code) == 3 and code.isalpha():
                self._add(self.work, BF.language, LANGUAGES[code])
                self._add(LANGUAGES[code], RDFS.label, Literal(language_label(code).zh, lang="zh"))
                self._add(LANGUAGES[code], RDFS.label, Literal(language_label(code).en, lang="en"))

    def _title(self, title: Title, number: int) -> None:
        text = "".join([title.text, *(f" ; {other}" for other in title.others)])
        node = self._labelled(f"title-{number}", text, _TITLE_TYPES.get(title.kind, BF.VariantTitle))
        self._add(self.instance, BF.title, node)
        self._add(node, BF.mainTitle, text)
        self._add(node, BF.subtitle, title.subtitle)
        self._add(node, BF.partNumber, title.part_number)
        self._add(node, BF.partName, title.part_name)
        whole = " ".join(p for p in (text, title.part_number, title.part_name) if p)
        self._add(self.instance, SDO.name if number == 1 else SDO.alternateName, whole)
        if number == 1:
            self._add(self.work, BF.title, node)
            self._add(self.instance, BF.responsibilityStatement, title.responsibility)

    def _publication(self, published: Publication, number: int) -> None:
        node = self._labelled(f"publication-{number}", "", BF.Publication)
        self._add(self.instance, BF.provisionActivity, node)
        self._add(node, BF.date, published.date_text or (str(published.year) if published.year else ""))
        if published.place:
            self._add(node, BF.place, self._labelled(f"place-{number}", published.place, BF.Place))
        if published.publisher:
            house = self._labelled(f"publisher-{number}", published.publisher, BF.Organization, SDO.Organization)
            self._add(node, BF.agent, house)
            self._add(house, SDO.name, published.publisher)
            self._add(self.instance, SDO.publisher, house)
        if published.year:
            self._add(self.instance, SDO.datePublished, str(published.year))

    def _identifier(self, identifier: Identifier, number: int) -> None:
        node = self._labelled(f"identifier-{number}", "", _ID_TYPES.get(identifier.kind, BF.Identifier))
        self._add(self.instance, BF.identifiedBy, node)
        self._add(node, RDF.value, identifier.value)
        self._add(node, BF.qualifier, identifier.qualifier)
        if not identifier.valid:
            self._add(node, BF.status, self._labelled(f"status-{number}", "incorrect", BF.Status))
        elif identifier.kind in ("isbn", "issn"):
            self._add(self.instance, SDO[identifier.kind], identifier.value)

    def _agent(self, agent: Agent, number: int) -> None:
        bibframe, schema = _AGENT_TYPES[agent.kind]
        node = self._labelled(f"agent-{number}", agent.name, BF.Agent, bibframe, schema)
        self._add(node, SDO.name, agent.name)
        self._add(node, SDO.alternateName, agent.original_name)
        share = self._node(f"contribution-{number}")
        self._add(share, RDF.type, BF.PrimaryContribution if agent.primary else BF.Contribution)
        self._add(share, BF.agent, node)
        if len(agent.role) == 3 and agent.role.isalpha():
            self._add(share, BF.role, RELATORS[agent.role])
        self._add(self.work, BF.contribution, share)
        self._add(self.instance, _SDO_ROLES.get(agent.role, SDO.author if agent.primary else SDO.contributor), node)

    def _subject(self, subject: Subject, number: int) -> None:
        label = "--".join(subject.parts)
        node = self._labelled(f"subject-{number}", label, _SUBJECT_TYPES.get(subject.kind, BF.Topic))
        self._add(self.work, BF.subject, node)
        self._add(self.instance, SDO.about, label)
        if subject.scheme:
            self._add(node, BF.source, self._source(subject.scheme))

    def _class(self, classed: Classification, number: int) -> None:
        node = self._labelled(f"class-{number}", "", _CLASS_TYPES.get(classed.scheme, BF.Classification))
        self._add(self.work, BF.classification, node)
        self._add(node, BF.classificationPortion, classed.value)
        self._add(node, BF.edition, classed.edition)
        if classed.scheme not in _CLASS_TYPES:
            self._add(node, BF.source, self._source(classed.scheme))

    def _item(self, holding: Holding, number: int) -> None:
        node = self._labelled(f"item-{number}", "", BF.Item)
        self._add(self.instance, BF.hasItem, node)
        self._add(node, BF.itemOf, self.instance)
        self._add(node, BF.heldBy, self._library(holding.member))
        self._add(node, BF.sublocation, self._shelf(holding, number))
        if holding.call_number:
            mark = self._labelled(f"shelfmark-{number}", holding.call_number, BF.ShelfMark)
            self._add(node, BF.shelfMark, mark)
        if holding.url.startswith(("http://", "https://")):
            self._add(node, BF.electronicLocator, _address(holding.url))
        offer = self._node(f"offer-{number}")
        self._add(self.instance, SDO.offers, offer)
        self._add(offer, RDF.type, SDO.Offer)
        self._add(offer, SDO.offeredBy, self._library(holding.member))
        self._add(offer, SDO.sku, holding.call_number)
        lendable = any(item.status == "available" for item in holding.items)
        self._add(offer, SDO.availability, SDO.InStock if lendable else SDO.OutOfStock if holding.items else None)
        self._add(offer, SDO.businessFunction, URIRef("http://purl.org/goodrelations/v1#LeaseOut"))

    def _shelf(self, holding: Holding, number: int) -> URIRef | None:
        place = " ".join(p for p in (holding.branch, holding.location) if p)
        return self._labelled(f"shelf-{number}", place, BF.Sublocation) if place else None

    def _library(self, code: str) -> URIRef:
        node = URIRef(f"{self._base}/api/v1/members/{quote(code, safe='')}")
        member = self._members.get(code)
        self._add(node, RDF.type, BF.Organization)
        self._add(node, RDF.type, SDO.Library)
        if member:
            self._add(node, RDFS.label, Literal(member.name.zh, lang="zh"))
            self._add(node, RDFS.label, Literal(member.name.en, lang="en"))
            self._add(node, SDO.name, Literal(member.name.zh, lang="zh"))
            self._add(node, SDO.identifier, member.isil)
        return node

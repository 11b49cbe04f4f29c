"""Exports: editions or source records, as a stream of bytes in a format that other systems read.

`export` reads the whole catalogue from the database, batch by batch; `write` writes entries already at hand (one record, a result list).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from catalog_api.export import citations, tables
from catalog_api.export.cnmarc import cnmarc
from catalog_api.export.entry import Entry
from catalog_api.export.fields import collection, iso2709, marcxml
from catalog_api.export.marc21 import marc21
from normalise import catalogue
from normalise.catalogue import Connection
from schemas.cluster import ClusterView
from schemas.errors import WenlanError
from schemas.holding import Holding
from schemas.member import Member

__all__ = ["FORMATS", "Entry", "Format", "entry_of", "export", "media_type", "write"]

Format = Literal[
    "csv", "jsonl", "iso2709", "iso2709-cnmarc", "marcxml", "cnmarcxml", "jsonld", "ris", "bibtex", "gbt7714"
]
# format -> (media type, ending of a file's name)
FORMATS: dict[str, tuple[str, str]] = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "jsonl": ("application/x-ndjson", "jsonl"),
    "iso2709": ("application/marc", "mrc"),
    "iso2709-cnmarc": ("application/marc", "iso"),
    "marcxml": ("application/marcxml+xml", "xml"),
    "cnmarcxml": ("application/xml", "xml"),
    "jsonld": ("application/ld+json", "jsonl"),
    "ris": ("application/x-research-info-systems", "ris"),
    "bibtex": ("application/x-bibtex; charset=utf-8", "bib"),
    "gbt7714": ("text/plain; charset=utf-8", "txt"),
}
_WRITERS: dict[str, Callable[[Entry], bytes]] = {
    "csv": tables.csv_line,
    "jsonl": tables.json_line,
    "iso2709": lambda e: iso2709(marc21(e)),
    "iso2709-cnmarc": lambda e: iso2709(cnmarc(e)),
    "marcxml": lambda e: marcxml(marc21(e)),
    "cnmarcxml": lambda e: marcxml(cnmarc(e)),
    "ris": lambda e: citations.ris(e).encode() + b"\r\n",
    "bibtex": lambda e: citations.bibtex(e).encode() + b"\n",
    "gbt7714": lambda e: citations.gbt7714(e).encode() + b"\n",
}
_BATCH = 500


def media_type(format: str) -> str:
    return FORMATS[checked(format)][0]


def checked(format: str) -> str:
    """The format, if it is one; else a WenlanError that lists them."""
    if format not in FORMATS:
        raise WenlanError(
            "export-format",
            "没有导出格式 {format}。可用：{known}。",
            "There is no export format {format}. Known: {known}.",
            format=format,
            known=", ".join(FORMATS),
        )
    return format


def write(entries: Iterable[Entry], format: str, *, members: Mapping[str, Member], base_url: str) -> Iterator[bytes]:
    """The entries in a format, head and tail of the file included. JSON-LD is one document a line."""
    checked(format)
    if format == "jsonld":
        yield from (_jsonld(entry, members, base_url) for entry in entries)
        return
    writer = _WRITERS[format]
    pieces = (writer(entry) for entry in entries)
    if format in ("marcxml", "cnmarcxml"):
        yield from collection(pieces)
        return
    if format == "csv":
        yield tables.csv_head()
    yield from pieces


def export(
    connection: Connection,
    what: str,
    format: str,
    *,
    members: Mapping[str, Member],
    base_url: str,
    staff: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Iterator[bytes]:
    """The whole catalogue: `what` is clusters (merged editions) or records (each library's own). Without `staff`, the public part.

    Run it in a transaction of isolation `repeatable read` where one moment's state is wanted. `progress` hears of each batch.
    """
    if what not in ("clusters", "records"):
        raise WenlanError(
            "export-what",
            "能导出的是 clusters 或 records，不是 {what}。",
            "What can be exported is clusters or records, not {what}.",
            what=what,
        )
    entries = _clusters if what == "clusters" else _records
    yield from write(entries(connection, base_url, staff, progress), format, members=members, base_url=base_url)


def entry_of(view: ClusterView, holdings: list[Holding], base_url: str, *, staff: bool = False) -> Entry:
    """One edition, with the holdings the asker may see."""
    return Entry(
        id=view.id,
        url=f"{base_url.rstrip('/')}/record/{view.id}",
        bib=view.merged.bib,
        datestamp=view.datestamp,
        members=view.members if staff else view.public_members,
        holdings=holdings,
    )


Live = tuple[ClusterView, list[Holding]]


def _live(connection: Connection, staff: bool, progress: Callable[[int], None] | None) -> Iterator[list[Live]]:
    """Batches of the editions the asker may see, each with such holdings."""
    for batch in catalogue.all_changes(connection, 0, _BATCH):
        yield [
            (change.view, [h for h in change.holdings if staff or h.visibility == "public"])
            for change in batch
            if change.view is not None and (change.view.public or staff)
        ]
        if progress:
            progress(len(batch))


def _clusters(
    connection: Connection, base_url: str, staff: bool, progress: Callable[[int], None] | None
) -> Iterator[Entry]:
    for batch in _live(connection, staff, progress):
        for view, holdings in batch:
            yield entry_of(view, holdings, base_url, staff=staff)


def _records(
    connection: Connection, base_url: str, staff: bool, progress: Callable[[int], None] | None
) -> Iterator[Entry]:
    for batch in _live(connection, staff, progress):
        sources = catalogue.records_of_many(connection, [view.id for view, _ in batch])
        for view, holdings in batch:
            for record in sources.get(view.id, []):
                if staff or record.visibility == "public":
                    yield Entry(
                        id=view.id,
                        url=f"{base_url.rstrip('/')}/record/{view.id}",
                        bib=record.bib,
                        datestamp=record.changed,
                        members=[record.member],
                        holdings=[h for h in holdings if h.record_id == record.id],
                        member=record.member,
                        local_id=record.local_id,
                    )


def _jsonld(entry: Entry, members: Mapping[str, Member], base_url: str) -> bytes:
    import json

    from catalog_api.linked_data import document
    from schemas.cluster import MergedRecord

    view = ClusterView(entry.id, MergedRecord(entry.bib), [], entry.members, entry.datestamp or "1970-01-01T00:00:00Z")
    text = document(view, entry.holdings, members, base_url, "application/ld+json")
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

"""A catalogue in a database, written row by row: what the pages, the API, the index and the exports read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
import psycopg
import pytest

from schemas.bib import BibRecord
from schemas.cluster import MergedRecord, Provenance
from schemas.db import Database
from schemas.holding import Holding


@dataclass
class Catalogue:
    """Puts clusters into a database, each with one record a member, and changes what has become of them."""

    connection: psycopg.Connection[Any]
    _records: Iterator[int] = field(default_factory=lambda: count(1))

    def put(
        self,
        bib: BibRecord,
        holdings: list[Holding] | None = None,
        *,
        members: list[str] | None = None,
        visibility: str = "public",
        work_key: str = "",
    ) -> int:
        """A live cluster of one record for each member that holds it; its id."""
        holdings = holdings or []
        codes = members or sorted({h.member for h in holdings}) or ["zjsl"]
        ids = []
        for code in codes:
            record_id = next(self._records)
            ids.append(record_id)
            self.connection.execute(
                "insert into record (id, raw_seq, member, source, local_id, status, visibility, schema, bib, match_due)"
                " values (%s, 1, %s, 'main', %s, 'live', %s, 'cnmarc', %s, false)",
                (record_id, code, f"L{record_id}", visibility, msgspec.json.encode(bib).decode()),
            )
            for holding in (h for h in holdings if h.member == code):
                available = sum(item.status == "available" for item in holding.items)
                self.connection.execute(
                    "insert into holding (record_id, member, visibility, copies, available, body) values (%s, %s, %s, %s, %s, %s)",
                    (
                        record_id,
                        code,
                        holding.visibility,
                        holding.copies,
                        available,
                        msgspec.json.encode(holding).decode(),
                    ),
                )
        sources = {name: [Provenance(codes[0], ids[0])] for name in ("titles", "agents", "publication")}
        row = self.connection.execute(
            "insert into cluster (merged, record_ids, members, visibility, work_key) values (%s, %s, %s, %s, %s) returning id",
            (msgspec.json.encode(MergedRecord(bib, sources)).decode(), ids, codes, visibility, work_key),
        ).fetchone()
        assert row is not None
        self.connection.execute("update record set cluster_id = %s where id = any(%s)", (row[0], ids))
        self.connection.commit()
        return int(row[0])

    def retitle(self, cluster_id: int, bib: BibRecord) -> None:
        self.connection.execute(
            "update cluster set merged = %s, seq = nextval('cluster_seq'), datestamp = now() where id = %s",
            (msgspec.json.encode(MergedRecord(bib)).decode(), cluster_id),
        )
        self.connection.commit()

    def withdraw(self, cluster_id: int) -> None:
        self._end(cluster_id, "withdrawn")

    def redirect(self, old: int, new: int) -> None:
        self._end(old, "redirected")
        self.connection.execute("insert into cluster_redirect (old_id, new_id) values (%s, %s)", (old, new))
        self.connection.commit()

    def _end(self, cluster_id: int, status: str) -> None:
        self.connection.execute(
            "update cluster set status = %s, merged = null, record_ids = '{}', members = '{}', seq = nextval('cluster_seq'),"
            " datestamp = now() where id = %s",
            (status, cluster_id),
        )
        self.connection.commit()


@pytest.fixture
def catalogue(database: Database) -> Iterator[Catalogue]:
    with database.connect() as connection:
        yield Catalogue(connection)


@pytest.fixture
def make_book() -> Callable[..., BibRecord]:
    """`make_book("红楼梦", "曹雪芹", year=1982)`: a plain Chinese book, with fields of BibRecord replaced as asked."""
    from schemas.bib import Agent, Identifier, Publication, Title

    def make(
        title: str, author: str = "", *, year: int | None = None, publisher: str = "", isbn: str = "", **fields: Any
    ) -> BibRecord:
        bib = BibRecord(
            titles=[Title(title)],
            agents=[Agent(author, role="aut", role_text="著", primary=True)] if author else [],
            publication=[Publication("北京", publisher, str(year or ""), year)] if year or publisher else [],
            identifiers=[Identifier("isbn", isbn)] if isbn else [],
            languages=["chi"],
            content="text",
            carrier="print",
            country="cn",
        )
        return msgspec.structs.replace(bib, **fields)

    return make

"""Against a repository nobody here wrote: pyoai's batching server over HTTP."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from harvesters import harvest
from schemas.db import Database
from schemas.member import Member, Source
from schemas.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports cgi
    # and pkg_resources, which setuptools no longer brings; used only to tell its own version
    sys.modules.setdefault("pkg_resources", ModuleType("pkg_resources"))
    from oaipmh import common, metadata, server

server.cgi = SimpleNamespace(parse_qs=parse_qs)  # gone from cgi since Python 3.8

MEMBER = Member.model_validate(
    {"code": "mm", "name": {"zh": "馆", "en": "Library"}, "system": "public", "kind": "city", "region": ["33"]}
)


class Repository:
    """Five hundred items, each with its datestamp, its title and whether it is deleted."""

    def __init__(self) -> None:
        self.items = {n: (datetime(2024, 1, 1 + n // 20), f"书名 <{n}> & 其他", False) for n in range(500)}
        self.requests = 0

    def identify(self) -> Any:
        return common.Identify(
            "peer", "http://example.org/oai", "2.0", ["a@example.org"], datetime(2024, 1, 1), "persistent",
            "YYYY-MM-DDThh:mm:ssZ", ["identity"], toolkit_description=False,
        )  # fmt: skip

    def listRecords(
        self,
        metadataPrefix: str,
        set: str | None = None,
        from_: datetime | None = None,
        until: datetime | None = None,
        cursor: int = 0,
        batch_size: int = 10,
    ) -> list[tuple[Any, Any, None]]:
        self.requests += 1
        wanted = [
            n for n, (day, _, _) in self.items.items() if (not from_ or day >= from_) and (not until or day <= until)
        ]
        found = []
        for n in wanted[cursor : cursor + batch_size]:
            day, title, deleted = self.items[n]
            content = None if deleted else common.Metadata(None, {"title": [title], "identifier": [f"urn:{n}"]})
            found.append((common.Header(None, f"oai:peer:{n}", day, ["all"], deleted), content, None))
        return found


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def repository() -> Iterator[tuple[Repository, str]]:
    kept = Repository()
    registry = metadata.MetadataRegistry()
    registry.registerWriter("oai_dc", server.oai_dc_writer)
    peer = server.BatchingServer(kept, metadata_registry=registry, resumption_batch_size=40)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        answer = peer.handleRequest(dict(parse_qsl(environ["QUERY_STRING"])))
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
        return [answer]

    with make_server("127.0.0.1", 0, application, handler_class=_Quiet) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield kept, f"http://127.0.0.1:{httpd.server_port}/oai"
        httpd.shutdown()
        thread.join()


def test_five_hundred_items_then_nothing_then_what_changed(
    repository: tuple[Repository, str], database: Database, settings: Settings
) -> None:
    kept, url = repository
    source = Source(protocol="oai-pmh", url=url, prefix="oai_dc")
    here = settings.model_copy(update={"allow_private_addresses": True})

    def run(full: bool = False) -> tuple[int, Any]:
        batches = list(harvest(database.connect, here, MEMBER, source, full=full))
        return sum(len(batch.ids) for batch in batches), batches[-1].counts[0] if batches[-1].counts else None

    changed, counts = run()
    assert (changed, counts.read, counts.new) == (500, 500, 500)
    assert kept.requests >= 13
    with database.connect() as connection:
        row = connection.execute(
            "select container, datestamp, bytes from raw_record where local_id = 'oai:peer:77'"
        ).fetchone()
    assert (
        row is not None
        and row[:2] == ("oai", "2024-01-04T00:00:00Z")
        and "书名 &lt;77&gt; &amp; 其他".encode() in row[2]
    )

    assert run() == (0, None)  # asked from yesterday on: noRecordsMatch
    changed, counts = run(full=True)
    assert (changed, counts.read, counts.unchanged) == (0, 500, 500)

    now = datetime.now().replace(microsecond=0)
    kept.items[3] = (now, "", True)
    kept.items[4] = (now, "改了", False)
    kept.items[500] = (now, "新的", False)
    changed, counts = run()
    assert (changed, counts.new, counts.changed, counts.deleted) == (3, 1, 1, 1)
    assert run()[0] == 0

    del kept.items[7]
    changed, counts = run(full=True)
    assert (changed, counts.withdrawn) == (1, 1)
    with database.connect() as connection:
        gone = connection.execute("select local_id from raw_record where deleted order by 1").fetchall()
    assert gone == [("oai:peer:3",), ("oai:peer:7",)]

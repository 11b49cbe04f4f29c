"""Matching in a real database: the partition depends on what is there, never on how it came about."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normalise import catalogue, pins
from normalise.match.features import feature_row
from normalise.match.keys import keys
from normalise.match.run import match_due, rebuild
from schemas.bib import Agent, BibRecord, Edition, Extent, Identifier, Publication, Title
from schemas.cluster import ClusterView, Redirect, Withdrawn
from schemas.db import Database
from schemas.errors import WenlanError

Connection = psycopg.Connection[Any]
TABLES = "record, holding, match_key, match_edge, pin, cluster, cluster_redirect, match_statistic"


def book(
    title: str = "平凡的世界", *, author: str = "路遥", publisher: str = "人民文学出版社", year: int | None = 2005, pages: int | None = 424,
    isbn: str = "", part: str = "", edition: int | None = None, subtitle: str = "", guji: bool = False,
) -> BibRecord:  # fmt: skip
    return BibRecord(
        titles=[Title(title, part_number=part, subtitle=subtitle)],
        agents=[Agent(author, role="aut", role_text="著", primary=True)] if author else [],
        identifiers=[Identifier("isbn", isbn)] if isbn else [],
        edition=Edition(f"第{edition}版", edition) if edition else None,
        publication=[Publication(place="北京", publisher=publisher, year=year)],
        extent=Extent(pages=pages) if pages else None,
        languages=["chi"],
        carrier="print",
        content="text",
        guji=guji,
        source_format="cnmarc",
    )


def put(connection: Connection, local_id: str, bib: BibRecord | None, member: str = "zjsl") -> int:
    """Store a record as normalising does; None deletes it. Returns its id."""
    row = connection.execute("select id from record where member = %s and local_id = %s", (member, local_id)).fetchone()
    id = row[0] if row else connection.execute("select coalesce(max(id), 0) + 1 from record").fetchone()[0]  # type: ignore[index]
    connection.execute("delete from match_key where record_id = %s", (id,))
    body, feature = None, None
    if bib is not None:
        features = feature_row(bib, record_id=id, member=member)
        body, feature = msgspec.json.encode(bib).decode(), msgspec.msgpack.encode(features)
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into match_key (key, record_id) values (%s, %s)", [(k, id) for k in keys(features)]
            )
    connection.execute(
        """insert into record (id, raw_seq, member, source, local_id, status, bib, feature) values (%s, 0, %s, 'main', %s, %s, %s, %s)
           on conflict (id) do update set status = excluded.status, bib = excluded.bib, feature = excluded.feature, match_due = true""",
        (id, member, local_id, "live" if bib else "deleted", body, feature),
    )
    connection.commit()
    return int(id)


def partition(connection: Connection) -> set[frozenset[str]]:
    rows = connection.execute(
        "select cluster_id, array_agg(local_id) from record where status = 'live' group by cluster_id"
    ).fetchall()
    return {frozenset(ids) for _, ids in rows}


def check_tables(connection: Connection) -> None:
    """What always holds: clusters list their live records, every live record has a live cluster, nobody is due."""
    listed = {
        r: c for c, ids in connection.execute("select id, record_ids from cluster where status = 'live'") for r in ids
    }
    held = dict(connection.execute("select id, cluster_id from record where status = 'live'").fetchall())
    assert listed == held
    assert connection.execute("select count(*) from record where match_due").fetchone() == (0,)
    targets = connection.execute("select c.status from cluster_redirect r join cluster c on c.id = r.new_id").fetchall()
    assert all(status[0] != "redirected" for status in targets)


POOL = [
    book(isbn="9787020049295"),
    book(subtitle="长篇小说", isbn="9787020049295"),
    book(year=None, pages=None, isbn="9787020049295"),
    book(publisher="北京十月文艺出版社", year=2009, isbn="9787530209295"),
    book(publisher="北京十月文艺出版社", year=2009, pages=425),
    book(part="第一部", isbn="9787020049295"),
    book(part="第二部", isbn="9787020049295"),
    book(edition=2, year=2009),
    book(year=None, publisher=""),
    book(author="", publisher="", pages=None, year=2009),
    book("红楼梦", author="曹雪芹", year=1982, pages=1600),
    book("红楼梦", author="曹雪芹", publisher="中华书局", year=1983, pages=1601),
    book("红楼梦", author="曹雪芹", year=None, publisher="", pages=1600),
    book(guji=True),
]  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[tuple[str, int | None]], int]:
    """Steps (local id, version or None for deletion), and how many steps come between two runs."""
    names = [f"r{i}" for i in range(draw(st.integers(3, 9)))]
    steps = draw(
        st.lists(st.tuples(st.sampled_from(names), st.none() | st.integers(0, len(POOL) - 1)), min_size=4, max_size=22)
    )
    return steps, draw(st.integers(1, 6))


@pytest.fixture
def connection(database: Database) -> Any:
    with database.connect() as opened:
        yield opened


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), seed=st.integers(0, 1000))
def test_any_history_ends_in_the_same_partition(
    connection: Connection, history: tuple[list[tuple[str, int | None]], int], seed: int
) -> None:
    steps, interval = history
    connection.execute(f"truncate {TABLES} restart identity cascade")
    for number, (name, version) in enumerate(steps):
        put(connection, name, None if version is None else POOL[version])
        if number % interval == 0:
            match_due(connection, batch=3)
            check_tables(connection)
    match_due(connection)
    check_tables(connection)
    found = partition(connection)

    final = {name: version for name, version in dict(steps).items() if version is not None}
    order = sorted(final)
    random.Random(seed).shuffle(order)
    connection.execute(f"truncate {TABLES} restart identity cascade")
    for name in order:
        put(connection, name, POOL[final[name]])
    match_due(connection, batch=4)
    check_tables(connection)
    assert found == partition(connection)


def test_running_again_changes_nothing(connection: Connection) -> None:
    put(connection, "a", POOL[0])
    put(connection, "b", POOL[1])
    first = match_due(connection)
    assert (first.records, first.created) == (2, 1)
    before = connection.execute("select id, seq, datestamp from cluster order by id").fetchall()
    assert match_due(connection).records == 0
    rebuild(connection)
    assert connection.execute("select id, seq, datestamp from cluster order by id").fetchall() == before
    with pytest.raises(WenlanError, match="engine-unknown"):
        rebuild(connection, "abacus")


def test_ids_merge_split_redirect_withdraw_and_come_back(connection: Connection) -> None:
    # two records of one book, and one whose ISBN has not been typed in yet
    a, b = put(connection, "a", POOL[0]), put(connection, "b", POOL[1])
    c = put(connection, "c", book("别的书", author="别人", publisher="别家出版社", year=1999, pages=10))
    match_due(connection)
    of = catalogue.clusters_of_records(connection, [a, b, c])
    larger, smaller = of[a], of[c]
    assert of[b] == larger != smaller
    seqs = dict(connection.execute("select id, seq from cluster").fetchall())

    put(connection, "c", POOL[0])  # merge: the larger part keeps the id
    match_due(connection)
    assert catalogue.cluster(connection, smaller) == Redirect(larger)
    changes = catalogue.changed_clusters(connection, max(seqs.values()))
    assert {(change.id, change.status) for change in changes} == {(larger, "live"), (smaller, "redirected")}

    put(connection, "c", POOL[3])  # split: the redirect stays, the id is not used again
    match_due(connection)
    assert catalogue.cluster(connection, smaller) == Redirect(larger)
    assert catalogue.clusters_of_records(connection, [c])[c] not in (larger, smaller)

    put(connection, "a", None)
    put(connection, "b", None)
    match_due(connection)
    assert isinstance(catalogue.cluster(connection, larger), Withdrawn)
    put(connection, "a", POOL[0])
    match_due(connection)
    view = catalogue.cluster(connection, larger)  # the record that came back brings its permalink back
    assert isinstance(view, ClusterView)
    assert view.record_ids == [a]
    assert catalogue.cluster(connection, 999_999) is None
    check_tables(connection)


def test_pins_outrank_rules_and_outlive_changes(connection: Connection) -> None:
    a, b, c = put(connection, "a", POOL[0]), put(connection, "b", POOL[1]), put(connection, "c", POOL[3])
    match_due(connection)
    assert partition(connection) == {frozenset("ab"), frozenset("c")}
    pins.pin(connection, a, b, "different", "li", "两个版本")
    pins.pin(connection, b, c, "same", "li")
    connection.commit()
    match_due(connection)
    assert partition(connection) == {frozenset("a"), frozenset("bc")}
    judgement = catalogue.judgement_of(connection, c, b)
    assert judgement is not None
    assert (judgement.decision, judgement.reasons[0], judgement.vetoes) == ("match", "pinned-same", ["year"])
    put(connection, "b", None)
    match_due(connection)
    put(connection, "b", POOL[2])
    match_due(connection)
    assert partition(connection) == {frozenset("a"), frozenset("bc")}
    assert pins.revoke(connection, b, a, "li")
    pins.pin(connection, c, b, "different", "wang")  # a later verdict takes the place of the earlier
    connection.commit()
    match_due(connection)
    assert partition(connection) == {frozenset("ab"), frozenset("c")}
    assert [p.verdict for p in pins.pins_of(connection, [a, b, c])] == ["different"]
    assert not pins.revoke(connection, a, c, "li")
    with pytest.raises(WenlanError, match="pin-one-record"):
        pins.pin(connection, a, a, "same", "li")
    with pytest.raises(WenlanError, match="pin-record-unknown"):
        pins.pin(connection, a, 4711, "same", "li")


def test_equal_records_with_a_pin_between_them_stay_apart(connection: Connection) -> None:
    ids = [put(connection, name, POOL[0]) for name in "abcd"]
    pins.pin(connection, ids[0], ids[3], "different", "li")
    connection.commit()
    match_due(connection)
    groups = partition(connection)
    assert len(groups) == 2
    assert not any({"a", "d"} <= group for group in groups)
    check_tables(connection)


def test_review_queue_and_reading(connection: Connection) -> None:
    a = put(connection, "a", POOL[0])
    b = put(
        connection, "b", book(year=None, publisher="", pages=None, author="路遥", isbn="9787020049292", part="第一部")
    )
    connection.execute(
        "insert into holding (record_id, member, copies, available, body) values (%s, 'zjsl', 2, 1, %s)",
        (a, '{"member":"zjsl","copies":2,"call_number":"I247.57/1"}'),
    )
    connection.execute(
        "insert into holding (record_id, member, visibility, body) values (%s, 'zjsl', 'staff', %s)",
        (a, '{"member":"zjsl"}'),
    )
    match_due(connection)
    cluster = catalogue.clusters_of_records(connection, [a])[a]
    assert [h.call_number for h in catalogue.holdings_of(connection, cluster)] == ["I247.57/1"]
    assert len(catalogue.holdings_of(connection, cluster, staff=True)) == 2
    record = next(r for r in catalogue.records_of(connection, cluster) if r.id == a)
    assert (record.member, record.local_id, record.bib.titles[0].text) == ("zjsl", "a", "平凡的世界")
    assert catalogue.judgement_of(connection, a, b) is not None
    assert catalogue.judgement_of(connection, a, 4711) is None
    for edge in catalogue.review_queue(connection):
        assert edge.judgement.decision == "review"
    batches = list(catalogue.all_changes(connection, limit=1))
    assert sum(map(len, batches)) == connection.execute("select count(*) from cluster").fetchone()[0]  # type: ignore[index]


def test_what_is_for_staff_only_adds_nothing_to_the_public_description(connection: Connection) -> None:
    a = put(connection, "a", POOL[0])
    b = put(connection, "b", POOL[0])
    connection.execute(
        "update record set member = 'htcl', visibility = 'staff', bib = jsonb_set(bib::jsonb, '{notes}', %s)::json where id = %s",
        ('[{"text": "采访价格保密"}]', b),
    )
    match_due(connection)
    cluster = catalogue.clusters_of_records(connection, [a])[a]
    assert catalogue.clusters_of_records(connection, [b])[b] == cluster
    view = catalogue.cluster(connection, cluster)
    assert isinstance(view, ClusterView)
    assert view.public_members == ["zjsl"] and set(view.members) == {"zjsl", "htcl"}
    assert "保密" not in repr(view.merged)


@pytest.mark.parametrize("how", ["bare", "years", "numbers"])
def test_thousands_of_records_of_one_title(connection: Connection, how: str) -> None:
    """Adversarial input costs its length, not its square."""
    rows, entries = [], []
    rng = random.Random(7)
    for id in range(1, 3001):
        if how == "bare":
            bib = BibRecord(titles=[Title("大学语文")])
        elif how == "years":
            bib = book(
                "大学语文",
                author=f"作者{rng.randint(0, 900)}",
                publisher="高等教育出版社",
                year=rng.randint(1980, 2020),
                pages=rng.randint(100, 500),
            )
        else:
            bib = book("大学语文", isbn=f"978{id:010d}")
        features = feature_row(bib, record_id=id, member="zjsl")
        rows.append(
            (
                id,
                0,
                "zjsl",
                "main",
                str(id),
                "live",
                msgspec.json.encode(bib).decode(),
                msgspec.msgpack.encode(features),
            )
        )
        entries += [(key, id) for key in keys(features)]
    with connection.cursor() as cursor:
        with cursor.copy(
            "copy record (id, raw_seq, member, source, local_id, status, bib, feature) from stdin"
        ) as copy:
            for row in rows:
                copy.write_row(row)
        with cursor.copy("copy match_key (key, record_id) from stdin") as copy:
            for entry in entries:
                copy.write_row(entry)
    connection.commit()
    counts = match_due(connection)
    assert counts.pairs < 3000 * 150
    check_tables(connection)


def test_a_run_that_is_killed_is_finished_by_the_next(database: Database, connection: Connection) -> None:
    for i in range(120):
        put(
            connection,
            f"r{i}",
            book(
                "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜"[i // 3] * 6,
                isbn=f"97870200{i // 3:05d}",
            ),
        )
    program = textwrap.dedent(
        """
        import os, signal, sys, psycopg
        from normalise.match.run import match_due
        with psycopg.connect(sys.argv[1]) as connection:
            match_due(connection, batch=30, progress=lambda done, total: done > 60 and os.kill(os.getpid(), signal.SIGKILL))
        """
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    killed = subprocess.run([sys.executable, "-c", program, database.url], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert connection.execute("select count(*) from record where match_due").fetchone() == (30,)
    match_due(connection)
    check_tables(connection)
    assert {len(group) for group in partition(connection)} == {3}

"""RawWriter: nothing lost, nothing written twice, and a killed run that is started again ends where a clean one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from harvesters.store import RawWriter, batches, met_ids, note_quarantined, window_counts
from schemas.db import Database
from schemas.errors import WenlanError
from schemas.raw import RawRecord


def record(local_id: str, text: str = "x", **more: Any) -> RawRecord:
    return RawRecord(local_id=local_id, container=more.pop("container", "iso2709"), bytes=text.encode(), **more)


def load(
    database: Database, records: list[RawRecord], *, member: str = "m", full: bool = False, size: int = 3, **more: Any
) -> RawWriter:
    kind = more.pop("kind", "full" if full else "file")
    with database.connect() as connection, RawWriter(connection, member, "s", kind, max_shrink=1.0) as run:
        for batch in batches(records, count=size):
            run.write(batch)
        run.finish(full=full, **more)
    return run


def rows(database: Database, member: str = "m") -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(
            "select local_id, bytes, deleted, datestamp, problem, file, position from raw_record where member = %s order by 1",
            (member,),
        ).fetchall()


def versions(database: Database, member: str = "m") -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(
            """select r.local_id, array_agg((v.hash, v.datestamp, v.deleted)::text order by v.seq)
            from raw_version v join raw_record r on r.id = v.raw_id where r.member = %s group by 1 order by 1""",
            (member,),
        ).fetchall()


def written(database: Database) -> dict[str, tuple[str, int]]:
    """What identifies the stored version of each row, down to its physical place: a write of any kind moves it."""
    with database.connect() as connection:
        found = connection.execute("select local_id, ctid::text, seq from raw_record").fetchall()
    return {local_id: (place, seq) for local_id, place, seq in found}


def test_new_unchanged_changed(database: Database) -> None:
    first = load(database, [record("a"), record("b"), record("c"), record("d")])
    assert [(c.read, c.new, c.unchanged) for c in first.counts] == [(4, 4, 0)]
    before = written(database)
    again = load(database, [record("a"), record("b"), record("c"), record("d")])
    assert [(c.read, c.new, c.unchanged) for c in again.counts] == [(4, 0, 4)]
    assert written(database) == before
    changed = load(database, [record("a"), record("b", "y")])
    assert [(c.read, c.changed, c.unchanged) for c in changed.counts] == [(2, 1, 1)]
    assert {k for k, v in written(database).items() if v != before[k]} == {"b"}
    assert [(name, len(kept)) for name, kept in versions(database)] == [("b", 1)]


def test_write_returns_what_is_new_or_changed(database: Database) -> None:
    load(database, [record("a"), record("b")])
    with database.connect() as connection, RawWriter(connection, "m", "s") as run:
        ids = run.write([record("a"), record("b", "y"), record("c")])
        names = connection.execute("select local_id from raw_record where id = any(%s) order by 1", (ids,)).fetchall()
        run.finish()
    assert names == [("b",), ("c",)]


def test_the_same_id_for_other_records_is_numbered(database: Database) -> None:
    one_run = [record("7", "a"), record("7", "b"), record("8"), record("7", "a"), record("7", "c"), record("7", "b")]
    for size in (1, 2, 10):
        run = load(database, one_run, size=size)
    assert [(c.read, c.unchanged, c.repeated) for c in run.counts] == [(6, 4, 2)]
    assert [(r[0], r[1], r[4]) for r in rows(database)] == [
        ("7", b"a", ""),
        ("7#2", b"b", "duplicate-id"),
        ("7#3", b"c", "duplicate-id"),
        ("8", b"x", ""),
    ]
    assert versions(database) == []


def test_an_id_that_looks_numbered(database: Database) -> None:
    for size in (1, 10):
        load(database, [record("7", "a"), record("7#2", "real"), record("7", "b"), record("7#2", "other")], size=size)
    assert [(r[0], r[1]) for r in rows(database)] == [
        ("7", b"a"),
        ("7#2", b"real"),
        ("7#2#2", b"other"),
        ("7#3", b"b"),
    ]


def test_a_later_version_of_an_oai_item_replaces_it(database: Database) -> None:
    old = record("oai:1", "old", container="oai", datestamp="2024-01-01")
    new = record("oai:1", "new", container="oai", datestamp="2024-01-02T00:00:00Z")
    for order in ([old, new], [new, old], [old, new, old]):
        run = load(database, order, size=2)
    assert [(r[0], r[1]) for r in rows(database)] == [("oai:1", b"new")]
    assert [(name, len(kept)) for name, kept in versions(database)] == [("oai:1", 1)]
    assert [(c.read, c.unchanged, c.repeated) for c in run.counts] == [(3, 2, 1)] or run.counts[0].read == 3


def test_a_tombstone_keeps_the_bytes_it_replaced(database: Database) -> None:
    load(database, [record("1", "content", container="oai", context='{"": "urn:x"}')])
    run = load(database, [record("1", "gone", container="oai", deleted=True), record("2", "gone", deleted=True)])
    assert [(c.read, c.new, c.deleted) for c in run.counts] == [(2, 0, 2)]
    assert [(r[0], r[1], r[2]) for r in rows(database)] == [("1", b"gone", True), ("2", b"gone", True)]
    with database.connect() as connection:
        kept = connection.execute("select container, context, bytes from raw_version").fetchall()
    assert kept == [("oai", '{"": "urn:x"}', b"content")]
    again = load(database, [record("1", "gone", container="oai", deleted=True)])
    assert [(c.read, c.unchanged) for c in again.counts] == [(1, 1)]


def test_full_withdraws_what_was_not_met_and_takes_it_back(database: Database) -> None:
    load(database, [record("a"), record("b"), record("c")])
    run = load(database, [record("a"), record("c")], full=True)
    assert run.counts[0].withdrawn == 1 and len(run.withdrawn_ids) == 1
    assert [(r[0], r[1], r[2]) for r in rows(database)] == [("a", b"x", False), ("b", b"x", True), ("c", b"x", False)]
    back = load(database, [record("a"), record("b"), record("c")])
    assert [(c.changed, c.unchanged) for c in back.counts] == [(1, 2)]
    assert not any(r[2] for r in rows(database))


def test_full_stops_before_a_great_loss(database: Database) -> None:
    load(database, [record(str(n)) for n in range(10)])
    with (
        database.connect() as connection,
        RawWriter(connection, "m", "s", "full", max_shrink=0.1) as run,
        pytest.raises(WenlanError, match="full-shrunk") as error,
    ):
        run.write([record(str(n)) for n in range(8)])
        run.finish(full=True)
    assert "20.0%" in error.value.text.zh and "20.0%" in error.value.text.en
    assert not any(r[2] for r in rows(database))
    with database.connect() as connection:
        assert connection.execute("select state, error->>'code' from harvest_window order by id").fetchall() == [
            ("success", None),
            ("partial", "full-shrunk"),
        ]


@pytest.mark.parametrize(
    "bad",
    [{"container": "unknown"}, {"problem": "truncated"}, {"problem": "xml-malformed"}, {"problem": "length-wrong"}],
)
def test_full_stops_where_the_data_were_damaged(database: Database, bad: dict[str, str]) -> None:
    load(database, [record("a"), record("b")])
    with pytest.raises(WenlanError, match="full-damaged"):
        load(database, [record("a"), record("h:1", "rubbish", **bad)], full=True)
    assert [(r[0], r[2]) for r in rows(database)] == [("a", False), ("b", False), ("h:1", False)]
    with pytest.raises(WenlanError, match="full-damaged"):
        load(database, [record("a")], full=True, damaged="gzip")


def test_noise_of_an_earlier_file_does_not_count_as_a_record_that_is_missing(database: Database) -> None:
    load(database, [record("a"), record("h:1", "noise", container="unknown")])
    run = load(database, [record("a")], full=True)
    assert [c.withdrawn for c in run.counts] == [1]


def test_a_whole_record_behind_a_damaged_one_of_the_same_id_takes_its_place(database: Database) -> None:
    cut, whole = record("a", "half", problem="truncated", file="1.mrc"), record("a", "whole", file="2.mrc")
    run = load(database, [cut, whole, record("b")])
    assert [(c.name, c.new, c.changed) for c in run.counts][:2] == [("1.mrc", 1, 0), ("2.mrc", 0, 1)]
    assert [r[0] for r in rows(database)] == ["a", "b"]
    load(database, [whole, cut])
    assert [r[0] for r in rows(database)] == ["a", "a#2", "b"], "what cannot be read is kept too"


def test_one_run_of_a_source_at_a_time(database: Database) -> None:
    with database.connect() as one, database.connect() as two, RawWriter(one, "m", "s") as run:
        with pytest.raises(WenlanError, match="harvest-busy"):
            RawWriter(two, "m", "s", patience=0.1)
        RawWriter(two, "m", "other").finish()
        run.finish()
        RawWriter(two, "m", "s").finish()


def test_strange_text_is_taken(database: Database) -> None:
    strange = [
        record("nul\0", file="\ud800.mrc", context="\0", datestamp="\0"),
        record("\udcff"),
        record("长" * 3000),
        record("长" * 2999 + "短"),
        record("", "no id"),
    ]
    for _ in range(2):
        run = load(database, strange)
    assert sum(c.unchanged for c in run.counts) == 5
    assert len(rows(database)) == 5


def test_counts_and_quarantined_by_file(database: Database) -> None:
    with database.connect() as connection, RawWriter(connection, "m", "s") as run:
        run.write([record("1", file="a"), record("2", file="a"), record("3", file="b"), record("1", file="b")])
        run.write([record("4", file="b")])
        run.finish()
        met = {(name, len(ids)) for name, ids in met_ids(connection, run.window_id)}
        note_quarantined(connection, run.window_id, {"b": 1})
        counts = window_counts(connection, run.window_id)
    assert met == {("a", 2), ("b", 1)}
    assert [(c.name, c.read, c.new, c.repeated, c.quarantined) for c in counts] == [
        ("a", 2, 2, 0, 0),
        ("b", 3, 2, 1, 1),
    ]


def test_a_resumed_window_knows_what_it_met(database: Database) -> None:
    load(database, [record("a"), record("b"), record("c")])
    with database.connect() as connection, pytest.raises(KeyError), RawWriter(connection, "m", "s", "full") as run:
        run.write([record("a"), record("b"), record("a", "2")], position="token")
        raise KeyError
    with database.connect() as connection:
        window = connection.execute("select id, position, state from harvest_window order by id desc").fetchone()
        assert window == (run.window_id, "token", "failed")
        with RawWriter(connection, "m", "s", "full", window=run.window_id, max_shrink=0.5) as again:
            again.write([record("a", "3"), record("a", "2")])
            again.finish(full=True)
    assert [(r[0], r[1], r[2]) for r in rows(database)] == [
        ("a", b"x", False),
        ("a#2", b"2", False),
        ("a#3", b"3", False),
        ("b", b"x", False),
        ("c", b"x", True),
    ]
    assert [(c.read, c.new, c.unchanged, c.repeated, c.withdrawn) for c in again.counts] == [(5, 2, 2, 1, 1)]


records_of_a_run = st.lists(
    st.builds(
        record,
        st.sampled_from(["1", "2", "3", "1#2", "4"]),
        st.sampled_from(["a", "b", "c"]),
        file=st.sampled_from(["f", "g"]),
    ),
    max_size=12,
)
a_run = st.tuples(records_of_a_run, st.booleans(), st.integers(1, 5), st.lists(st.integers(0, 11), max_size=2))


@given(runs=st.lists(a_run, min_size=1, max_size=3))
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_killed_and_run_again_is_as_one_clean_run(
    database: Database, runs: list[tuple[list[RawRecord], bool, int, list[int]]]
) -> None:
    with database.connect() as connection:
        connection.execute("truncate raw_record, raw_version, harvest_window cascade")
    for records, full, size, kills in runs:
        load(database, records, member="clean", full=full, size=10)
        for kill in kills:
            _killed_run(database, records, size, kill)
        run = load(database, records, member="killed", full=full, size=size)
        for counts in run.counts:
            assert counts.read == counts.new + counts.changed + counts.unchanged + counts.deleted + counts.repeated
        assert sum(c.read for c in run.counts) == len(records)
    assert rows(database, "killed") == rows(database, "clean")
    assert versions(database, "killed") == versions(database, "clean")
    before = written(database)
    again = load(database, runs[-1][0], member="killed", full=runs[-1][1], size=runs[-1][2])
    assert written(database) == before and again.changed == 0


def _killed_run(database: Database, records: list[RawRecord], size: int, kill: int) -> None:
    """End a run after `kill` batches; an even number ends it inside the next batch's transaction, before the commit."""

    def die(_: object) -> None:
        raise ConnectionAbortedError

    with database.connect() as connection:
        run = RawWriter(connection, "killed", "s", "file")
        for number, batch in enumerate(batches(records, count=size)):
            if number == kill:
                if kill % 2 == 0:
                    with pytest.raises(ConnectionAbortedError):
                        run.write(batch, then=die)
                        raise ConnectionAbortedError
                break
            run.write(batch)
        connection.close()  # as the kernel does for a dead process


_PROGRAM = """
import sys
from harvesters.store import RawWriter
from schemas.db import Database
from schemas.raw import RawRecord
with Database(sys.argv[1]).connect() as connection, RawWriter(connection, "m", "s", "file") as run:
    for number in range(100):
        run.write([RawRecord(local_id=f"{number}-{n}", container="iso2709", bytes=b"x" * 500) for n in range(50)])
        print(number, flush=True)
"""


@pytest.fixture
def child(database: Database) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, database.url], stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def test_a_real_kill(database: Database, child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    while child.stdout.readline() != "5\n":
        pass
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    everything = [record(f"{number}-{n}", "x" * 500) for number in range(20) for n in range(50)]
    run = load(database, everything, size=50)
    assert run.counts[0].read == 1000 and run.counts[0].unchanged >= 300
    assert len(rows(database)) >= 1000
    with database.connect() as connection:
        states = connection.execute("select state from harvest_window order by id").fetchall()
    assert states == [("failed",), ("success",)]


def item(identifier: str, number: str = "", text: str = "x", **more: Any) -> RawRecord:
    """An OAI record; `number` is the control number of its content."""
    status = ' status="deleted"' if more.get("deleted") else ""
    header = f"<header{status}><identifier>{identifier}</identifier></header>"
    return record(number or identifier, f"<record>{header}{text}</record>", container="oai", **more)


def test_a_tombstone_finds_its_record_by_the_oai_identifier(database: Database) -> None:
    for size in (1, 5):
        run = load(database, [item("oai:a", "7"), item("oai:b", "8"), item("oai:a", deleted=True)], size=size)
    assert [(r[0], r[2]) for r in rows(database)] == [("7", True), ("8", False)]
    assert run.counts[0].read == 3
    load(database, [item("oai:a", "70", "renumbered")])
    assert [(r[0], r[2]) for r in rows(database)] == [("7", False), ("8", False)]


def test_items_that_share_a_control_number_stay_apart(database: Database) -> None:
    for batch in ([item("oai:a", "7")], [item("oai:b", "7")], [item("oai:a", "7"), item("oai:b", "7")]):
        run = load(database, batch)
    assert run.counts[0].unchanged == 2
    with database.connect() as connection:
        found = connection.execute("select local_id, alias, problem from raw_record order by 1").fetchall()
    assert found == [("7", "oai:a", ""), ("7#2", "oai:b", "duplicate-id")]
    load(database, [item("oai:b", deleted=True)])
    assert [(r[0], r[2]) for r in rows(database)] == [("7", False), ("7#2", True)]

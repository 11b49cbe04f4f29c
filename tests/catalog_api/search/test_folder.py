"""The index on disk: kills, rebuilds and swaps leave it usable, and it never claims more than it holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from catalog_api.search.document import IndexDocument
from catalog_api.search.folder import IndexFolder, State
from catalog_api.search.port import SearchRequest
from catalog_api.search.tantivy_engine import TantivyEngine
from schemas.errors import WenlanError

Maker = Callable[[list[IndexDocument]], TantivyEngine]


def numbered(first: int, last: int, word: str = "西湖") -> list[IndexDocument]:
    return [
        IndexDocument(id=i, title=word, text=word, body=msgspec.json.encode({"id": i, "title": word}))
        for i in range(first, last + 1)
    ]


def total(engine: TantivyEngine, query: str = "西湖") -> int:
    return engine.search(SearchRequest(query=query)).total


def test_an_engine_without_an_index_finds_nothing(tmp_path: Path) -> None:
    engine = TantivyEngine(tmp_path / "none", dict)
    assert (engine.count(), engine.last_seq(), engine.suggest("a")) == (0, 0, [])
    assert engine.search(SearchRequest(query="a", facets=("type",))).total == 0
    assert not (tmp_path / "none").exists()


def test_a_commit_is_seen_by_an_engine_that_is_open(make_engine: Maker) -> None:
    engine = make_engine(numbered(1, 3))
    assert total(engine) == 3
    writer = engine.writer("test")
    writer.put(numbered(3, 5))
    writer.delete([1])
    assert total(engine) == 3  # not before the commit
    writer.commit(9)
    writer.publish()
    writer.close()
    assert (total(engine), engine.last_seq()) == (4, 9)


def test_a_rebuild_is_swapped_in_whole_and_the_old_index_goes(make_engine: Maker, tmp_path: Path) -> None:
    engine = make_engine(numbered(1, 3))
    other = TantivyEngine(tmp_path / "index", dict)
    assert total(other) == 3
    writer = engine.writer("test", rebuild=True)
    writer.put(numbered(1, 7, "东海"))
    writer.commit(20)
    assert (total(engine), total(engine, "东海"), engine.last_seq()) == (3, 0, 3)
    writer.publish()
    writer.close()
    for each in (engine, other):
        assert (total(each), total(each, "东海"), each.last_seq()) == (0, 7, 20)
    assert len([p for p in (tmp_path / "index").iterdir() if p.is_dir()]) == 1


def test_an_abandoned_rebuild_leaves_the_old_index_and_is_cleared_away(make_engine: Maker, tmp_path: Path) -> None:
    engine = make_engine(numbered(1, 3))
    writer = engine.writer("test", rebuild=True)
    writer.put(numbered(1, 7, "东海"))
    writer.close()
    assert (total(engine), engine.last_seq()) == (3, 3)
    writer = engine.writer("test")
    writer.put(numbered(4, 4))
    writer.commit(4)
    writer.publish()
    writer.close()
    assert total(engine) == 4
    assert len([p for p in (tmp_path / "index").iterdir() if p.is_dir()]) == 1


def test_two_writers_at_once_are_refused_with_a_reason(make_engine: Maker) -> None:
    engine = make_engine(numbered(1, 1))
    writer = engine.writer("test")
    with pytest.raises(WenlanError, match="index-locked"):
        engine.writer("test")
    writer.close()
    engine.writer("test").close()


def test_an_index_of_another_layout_or_database_counts_as_none(make_engine: Maker, tmp_path: Path) -> None:
    engine = make_engine(numbered(1, 3))
    assert engine.last_seq("test") == 3
    assert engine.last_seq("another database") == 0
    files = IndexFolder(tmp_path / "index")
    folder = files.current()
    assert folder is not None
    files.save_state(folder, State(3, "test", 999))
    assert engine.last_seq("test") == 0
    writer = engine.writer("test")
    writer.put(numbered(1, 2))
    writer.commit(2)
    writer.publish()
    writer.close()
    assert (engine.last_seq("test"), total(engine)) == (2, 2)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    import msgspec
    from catalog_api.search.document import IndexDocument
    from catalog_api.search.tantivy_engine import TantivyEngine
    engine = TantivyEngine(Path(sys.argv[1]), dict)
    writer = engine.writer("test")
    for batch in range(1, 1000):
        ids = range(batch * 100 - 99, batch * 100 + 1)
        writer.put(IndexDocument(id=i, title="西湖", text="西湖", body=msgspec.json.encode({"id": i})) for i in ids)
        if batch % 3 == 0:
            writer.commit(batch * 100)
            print(batch * 100, flush=True)
"""


def test_a_kill_leaves_a_usable_index_that_claims_no_more_than_it_holds(tmp_path: Path) -> None:
    root = tmp_path / "index"
    program = [sys.executable, "-c", textwrap.dedent(KILLED), str(root)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        for _ in range(3):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    engine = TantivyEngine(root, dict)
    seq = engine.last_seq("test")
    assert seq >= 900
    assert total(engine) >= seq
    writer = engine.writer("test")
    writer.put(numbered(seq + 1, seq + 250))
    writer.put(numbered(seq + 1, seq + 250))
    writer.commit(seq + 250)
    writer.publish()
    writer.close()
    assert engine.last_seq("test") == seq + 250
    found = engine.search(SearchRequest(query="西湖", sort="updated", limit=100))
    assert found.total >= seq + 250
    assert len({hit.id for hit in found.hits}) == 100


def test_readers_read_on_while_the_index_is_swapped_again_and_again(make_engine: Maker, tmp_path: Path) -> None:
    engine = make_engine(numbered(1, 50))
    reader = TantivyEngine(tmp_path / "index", dict)
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                if (found := total(reader)) != 50:
                    wrong.append(found)
            except Exception as error:  # whatever it is, the reader would have seen it
                wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for seq in range(1, 9):
        writer = engine.writer("test", rebuild=True)
        writer.put(numbered(1, 50))
        writer.commit(seq)
        writer.publish()
        writer.close()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []

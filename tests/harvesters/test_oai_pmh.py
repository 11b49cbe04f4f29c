"""Harvesting from a server with faults: nothing is lost without a word, nothing is taken from where it should not come."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from harvesters import Batch, harvest
from harvesters.oai_pmh import OaiPmh
from harvesters.transport import Limits
from harvesters.windows import history, replay
from schemas.db import Database
from schemas.errors import WenlanError
from schemas.member import Member, Source
from schemas.settings import Settings

MEMBER = Member.model_validate(
    {"code": "mm", "name": {"zh": "馆", "en": "Library"}, "system": "public", "kind": "city", "region": ["33"]}
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    program = Path(__file__).with_name("fault_server.py")
    process = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.kill()
    process.communicate()


Run = Callable[..., list[Batch]]


@pytest.fixture
def run(server: str, database: Database, settings: Settings) -> Iterator[Run]:
    """Harvest a path of the server; waits are noted instead of waited for."""
    urlopen(f"{server}/_reset").close()
    waits: list[float] = []
    here = settings.model_copy(update={"allow_private_addresses": True})

    def run(path: str, *, full: bool = False, stop: int = 0, limits: Limits | None = None, **more: Any) -> list[Batch]:
        source = Source(protocol="oai-pmh", url=f"{server}/{path}", prefix="marcxml", **more.pop("source", {}))
        chosen = more.pop("settings", here)
        client = OaiPmh(chosen, MEMBER, source, limits=limits or Limits(page_bytes=1 << 20), sleep=waits.append)
        batches = []
        for batch in harvest(database.connect, chosen, MEMBER, source, full=full, harvester=client, **more):
            batches.append(batch)
            if stop and len(batches) == stop:
                break
        return batches

    run.waits = waits  # type: ignore[attr-defined]
    yield run


def stored(database: Database) -> list[tuple[Any, ...]]:
    with database.connect() as connection:
        return connection.execute(
            "select alias, local_id, deleted, problem from raw_record order by id", binary=True
        ).fetchall()


def states(database: Database) -> list[tuple[str, str, str | None]]:
    with database.connect() as connection:
        return connection.execute("select kind, state, error->>'code' from harvest_window order by id").fetchall()


def requests(server: str) -> list[dict[str, str]]:
    with urlopen(f"{server}/_log") as answer:
        found: list[dict[str, str]] = json.load(answer)
    return [request for request in found if request.get("verb") != "Identify"]


def test_all_pages(run: Run, database: Database, server: str) -> None:
    batches = run("plain")
    assert [len(batch.ids) for batch in batches] == [10, 10, 10, 0]
    assert [(c.read, c.new) for c in batches[-1].counts] == [(30, 30)]
    assert stored(database)[7] == ("oai:x:7", "000007", False, "")
    assert [r.get("resumptionToken") for r in requests(server)] == [None, "10", "20"]
    with database.connect() as connection:
        text, context = connection.execute(
            "select bytes, context from raw_record where alias = 'oai:x:7'"
        ).fetchone() or ("", "")
    assert text.startswith(b"<record><header>") and text.endswith(b"</record>") and "题名 7".encode() in text
    assert json.loads(context) == {"": "http://www.openarchives.org/OAI/2.0/"}


def test_a_second_run_asks_from_the_last_on_and_writes_nothing(run: Run, database: Database, server: str) -> None:
    run("plain")
    batches = run("plain")
    assert not any(batch.ids for batch in batches)
    assert [(c.read, c.unchanged) for c in batches[-1].counts] == [(30, 30)]
    assert requests(server)[3]["from"] == "2024-05-31T12:00:00Z"


def test_days(run: Run, server: str) -> None:
    run("days")
    run("days", source={"set": "a:b"})
    assert [(r.get("from"), r.get("set")) for r in requests(server)][3] == ("2024-05-31", "a:b")


def test_nothing_to_harvest_is_a_success(run: Run, database: Database) -> None:
    assert [batch.ids for batch in run("empty")] == [[], []]
    assert states(database) == [("incremental", "success", None)]


def test_changes_deletions_and_withdrawals(run: Run, database: Database) -> None:
    run("plain")
    batches = run("changed")
    assert [(c.read, c.changed, c.deleted, c.unchanged) for c in batches[-1].counts] == [(29, 1, 1, 27)]
    assert [row for row in stored(database) if row[2]] == [("oai:x:3", "000003", True, "")]
    full = run("changed", full=True)
    assert [(c.unchanged, c.withdrawn) for c in full[-1].counts] == [(29, 1)]
    assert [row[0] for row in stored(database) if row[2]] == ["oai:x:3", "oai:x:5"]


def test_a_cut_page_fails_the_window_and_the_next_run_goes_on_there(run: Run, database: Database, server: str) -> None:
    with pytest.raises(WenlanError, match="harvest-page"):
        run("cut")
    assert len(stored(database)) == 10
    assert states(database) == [("incremental", "failed", "harvest-page")]
    with pytest.raises(WenlanError, match="harvest-page"):
        run("cut")
    assert [r.get("resumptionToken") for r in requests(server)] == [None, *["10"] * 6, None, *["10"] * 3]
    assert len(states(database)) == 1


def test_a_page_cut_once_is_read_again(run: Run, database: Database) -> None:
    run("cut_once")
    assert len(stored(database)) == 30


def test_a_body_shorter_than_announced_is_fetched_again(run: Run, database: Database) -> None:
    run("short")
    assert len(stored(database)) == 30
    assert run.waits == [2, 4]  # type: ignore[attr-defined]


def test_a_malformed_record_costs_itself_only(run: Run, database: Database) -> None:
    batches = run("malformed")
    rows = stored(database)
    assert [row[0] for row in rows if row[3]] == ["oai:x:11", "oai:x:12", "oai:x:14"]
    assert {row[3] for row in rows if row[3]} == {"xml-malformed"}
    assert len(rows) == 30 and batches[-1].counts[0].read == 30
    with database.connect() as connection:
        text = connection.execute("select bytes from raw_record where alias = 'oai:x:11'").fetchone()
    assert text is not None and "题名 11</title>".encode() in text[0]


def test_a_page_in_gbk_is_kept_as_it_came(run: Run, database: Database) -> None:
    run("gbk")
    with database.connect() as connection:
        row = connection.execute("select bytes, encoding, problem from raw_record where alias = 'oai:x:7'").fetchone()
    assert row is not None and "题名 7".encode("gbk") in row[0] and row[1:] == ("gbk", "")


def test_a_busy_server_is_waited_for_as_it_asks(run: Run, database: Database) -> None:
    run("storm")
    assert run.waits == [7, 7, 7]  # type: ignore[attr-defined]
    assert len(stored(database)) == 30


def test_patience_has_an_end(run: Run, database: Database) -> None:
    with pytest.raises(WenlanError, match="harvest-unavailable"):
        run("always_busy")
    assert run.waits == [2, 4, 8, 16, 32]  # type: ignore[attr-defined]
    run.waits.clear()  # type: ignore[attr-defined]
    with pytest.raises(WenlanError, match="86400"):
        run("tomorrow")
    assert run.waits == []  # type: ignore[attr-defined]
    assert states(database) == [("incremental", "failed", "harvest-unavailable")] * 2


def test_an_expired_token_starts_the_same_window_over(run: Run, database: Database, server: str) -> None:
    batches = run("expired")
    assert [r.get("resumptionToken") for r in requests(server)] == [None, "10", "20", None, "10", "20"]
    assert len(stored(database)) == 30
    assert [(c.read, c.new, c.repeated) for c in batches[-1].counts] == [(50, 30, 20)]
    assert states(database) == [("incremental", "success", None)]
    with pytest.raises(WenlanError, match="BadResumptionToken"):
        run("always_expired")


@pytest.mark.parametrize("state", ["failed", "running"])
def test_an_interrupted_window_is_resumed_at_its_token(run: Run, database: Database, server: str, state: str) -> None:
    run("plain", full=True, stop=1)
    assert states(database) == [("full", "failed", "harvest-interrupted")]
    with database.connect() as connection:  # as a kill leaves it
        connection.execute("update harvest_window set state = %s", (state,))
    batches = run("plain", full=True)
    assert [r.get("resumptionToken") for r in requests(server)] == [None, "10", "20"]
    assert [(c.read, c.new, c.withdrawn) for c in batches[-1].counts] == [(30, 30, 0)]
    assert states(database) == [("full", "success", None)]


def test_a_resumed_window_whose_token_is_gone_starts_over(run: Run, database: Database, server: str) -> None:
    run("expired", stop=2)
    batches = run("expired")
    assert [r.get("resumptionToken") for r in requests(server)] == [None, "10", "20", None, "10", "20"]
    assert len(stored(database)) == 30 and len(states(database)) == 1
    assert batches[-1].counts[0].new == 30


def test_another_set_does_not_take_over_a_token(run: Run, server: str) -> None:
    run("plain", stop=1)
    run("plain", source={"set": "other"})
    assert [r.get("resumptionToken") for r in requests(server)] == [None, None, "10", "20"]


@pytest.mark.parametrize("fault", ["repeated", "again", "endless", "growing"])
def test_a_list_without_end_is_noticed(run: Run, database: Database, fault: str) -> None:
    with pytest.raises(WenlanError, match="harvest-loop"):
        run(fault)
    assert states(database) == [("incremental", "failed", "harvest-loop")]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("huge", "harvest-too-large"),
        ("bomb", "harvest-too-large"),
        ("doctype", "harvest-page"),
        ("elsewhere", "harvest-redirect"),
        ("around", "harvest-redirect"),
        ("html", "harvest-page"),
        ("forbidden", "harvest-refused"),
        ("bad_request", "harvest-oai-error"),
    ],
)
def test_what_is_not_taken(run: Run, database: Database, fault: str, code: str) -> None:
    with pytest.raises(WenlanError, match=code) as error:
        run(fault)
    assert stored(database) == [] and states(database) == [("incremental", "failed", code)]
    assert "?" not in error.value.text.zh + error.value.text.en


def test_a_trickle_is_cut(run: Run) -> None:
    with pytest.raises(WenlanError, match="harvest-too-slow"):
        run("trickle", limits=Limits(total=0.5))


def test_redirects_within_the_house_and_to_listed_hosts(run: Run, database: Database) -> None:
    run("moved")
    assert len(stored(database)) == 30
    run("elsewhere", source={"code": "b", "hosts": ["localhost"]})
    assert len(stored(database)) == 60


def test_private_addresses_only_when_allowed(run: Run, settings: Settings, database: Database) -> None:
    with pytest.raises(WenlanError, match="WENLAN_ALLOW_PRIVATE_ADDRESSES"):
        run("plain", settings=settings)
    assert stored(database) == []


def test_a_login_stays_with_its_host(run: Run, settings: Settings, server: str) -> None:
    settings.home.mkdir(parents=True)
    file = settings.home / "logins.toml"
    file.write_text('[partner]\nuser = "u"\npassword = "p"\n')
    with pytest.raises(WenlanError, match="login-open"):
        run("plain", source={"login": "partner"})
    file.chmod(0o600)
    run("elsewhere", source={"login": "partner", "hosts": ["localhost"]})
    given = {(r["path"], bool(r["authorization"])) for r in requests(server)}
    assert given == {("elsewhere", True), ("plain", False)}
    with pytest.raises(WenlanError, match="login-missing"):
        run("plain", source={"login": "nobody"})


def test_replay_and_history(run: Run, database: Database, server: str) -> None:
    run("plain")
    run("plain")
    with database.connect() as connection:
        window = replay(connection, "mm", "main", 2)
        run("plain", window=window)
        last = requests(server)[-3]
        assert (last["from"], last["until"]) == ("2024-05-31T12:00:00Z", "2024-06-01T12:00:00Z")
        past = history(connection, "mm")
        assert [(p.kind, p.state, p.counts.read, p.counts.new) for p in past] == [
            ("incremental", "success", 30, 0),
            ("incremental", "success", 30, 0),
            ("incremental", "success", 30, 30),
        ]
        with pytest.raises(WenlanError, match="window-unknown"):
            replay(connection, "mm", "main", 99)


def test_what_cannot_be_planned_is_seen(database: Database, settings: Settings) -> None:
    source = Source(protocol="z39.50", url="x")
    with pytest.raises(WenlanError, match="protocol-missing"):
        list(harvest(database.connect, settings, MEMBER, source))
    assert states(database) == [("incremental", "failed", "protocol-missing")]

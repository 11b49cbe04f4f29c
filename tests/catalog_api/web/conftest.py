"""A small catalogue behind the pages: a few manifestations of invented holdings, accounts of each role, and browsers without a browser."""

from __future__ import annotations

import re
import shutil
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from pydantic import SecretStr

from catalog_api.app import create_app
from catalog_api.auth import Role, accounts, create_account
from catalog_api.context import Context
from catalog_api.search import open_engine
from catalog_api.search.project import project
from ill.policy import read_policy
from ill.readers import Consent, Desk, Secret
from schemas.bib import (
    Agent,
    BibRecord,
    Classification,
    Edition,
    Extent,
    Identifier,
    Link,
    Note,
    Publication,
    Subject,
    Title,
)
from schemas.cluster import MergedRecord, Provenance
from schemas.db import Database
from schemas.holding import Holding, Item
from schemas.member import read_members
from schemas.quality import Finding
from schemas.settings import Settings

with warnings.catch_warnings():  # the test client says that its HTTP library has a successor
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "a-good-long-phrase"
CARD = "HT20260717"

HLM = BibRecord(
    titles=[Title("红楼梦", responsibility="(清) 曹雪芹著 ; (清) 无名氏续", romanised="Hong lou meng")],
    agents=[Agent("曹雪芹", country="清", role="aut", role_text="著", primary=True)],
    identifiers=[Identifier("isbn", "9787020002207", qualifier="平装", price="CNY59.70")],
    edition=Edition("第3版", 3),
    publication=[Publication("北京", "人民文学出版社", "2008", 2008)],
    extent=Extent("3册 (1606页)", volumes=3, size="21cm"),
    subjects=[Subject(["章回小说", "中国", "清代"])],
    classes=[Classification("clc", "I242.4")],
    notes=[Note("以贾宝玉、林黛玉的爱情故事为主线。", "abstract")],
    languages=["chi"],
    carrier="print",
    content="text",
)
HLM_OTHER = BibRecord(
    titles=[Title("红楼梦", subtitle="脂砚斋评本", responsibility="曹雪芹著")],
    agents=[Agent("曹雪芹", role="aut", role_text="著", primary=True)],
    publication=[Publication("上海", "上海古籍出版社", "1998", 1998)],
    languages=["chi"],
    classes=[Classification("clc", "I242.4")],
)
WESTLAKE = BibRecord(
    titles=[Title("西湖游览志", responsibility="(明) 田汝成辑撰")],
    agents=[Agent("田汝成", country="明", role="aut", role_text="辑撰")],
    identifiers=[Identifier("cn_unified", "10346.004")],
    publication=[Publication("杭州", "浙江人民出版社", "1980", 1980)],
    classes=[Classification("clc", "K295.51")],
    subjects=[Subject(["西湖", "地方志"])],
    links=[Link("https://example.org/xihu", "全文"), Link("javascript:alert(1)", "坏链接")],
    languages=["chi"],
)
ATTACK = BibRecord(
    titles=[
        Title('<script>alert("t")</script>', subtitle="<img src=x onerror=alert(1)>", responsibility="<b>甲</b>著")
    ],
    agents=[Agent("<i>甲</i>", role="aut")],
    notes=[Note("</dd><script>alert('n')</script>")],
    publication=[Publication("", '" onmouseover="alert(2)', "2001", 2001)],
)
STAFF_ONLY = BibRecord(titles=[Title("内部资料汇编")], publication=[Publication("杭州", "本馆", "1999", 1999)])
NOWHERE = BibRecord(titles=[Title("无馆藏之书")], publication=[Publication("北京", "某社", "2010", 2010)])


def item(status: str, barcode: str, **more: str) -> Item:
    return Item(barcode=barcode, status=status, **more)  # type: ignore[arg-type]


def shelf(member: str, call: str, *items: Item, location: str = "中文图书外借室", **more: Any) -> Holding:
    return Holding(member, location=location, call_number=call, copies=len(items), items=list(items), **more)


SEED: dict[int, tuple[BibRecord, list[Holding], dict[str, Any]]] = {
    1: (
        HLM,
        [
            shelf("zjsl", "I242.4/55", item("available", "ZJSL0001"), item("loaned", "ZJSL0002", due="2027-03-01")),
            shelf("htcl", "I242.4/5", item("available", "HTCL0001")),
            shelf("hspl", "I242.4/7", item("available", "HSPL0001")),
        ],
        {"work_key": "cao:hongloumeng"},
    ),
    2: (HLM_OTHER, [shelf("qtut", "I242.4/9", item("loaned", "QTUT0001"))], {"work_key": "cao:hongloumeng"}),
    3: (WESTLAKE, [shelf("zjsl", "K295.51/3", item("reference", "ZJSL0003"), location="地方文献阅览室")], {}),
    4: (ATTACK, [shelf("lxcl", "X/1", item("available", "LXCL0001"), note="<u>注</u>")], {}),
    5: (STAFF_ONLY, [shelf("zjsl", "Z/1", item("available", "ZJSL0009"), visibility="staff")], {"visibility": "staff"}),
    6: (NOWHERE, [], {}),
}
MARC = """{"leader": "00000nam0 2200000   450 ", "fields": []}"""


def seed(database: Database) -> None:
    """Clusters 1 to 6 of SEED, one record for each holding library (at least one); 90 redirects to 1, 91 is withdrawn."""
    record_id = 100
    with database.connect() as connection:
        for cluster, (bib, holdings, more) in SEED.items():
            visibility = more.get("visibility", "public")
            own = []
            for member in dict.fromkeys([h.member for h in holdings] or ["zjsl"]):
                record_id += 1
                own.append((record_id, member))
                findings = [Finding("length-wrong", args={"length": "1", "have": "2"})] if record_id == 101 else []
                _record(connection, record_id, cluster, member, bib, findings, visibility)
                for holding in (h for h in holdings if h.member == member):
                    body = msgspec.json.encode(holding).decode()
                    connection.execute(
                        "insert into holding (record_id, member, visibility, copies, available, body) values (%s,%s,%s,%s,%s,%s)",
                        (
                            record_id,
                            member,
                            holding.visibility,
                            holding.copies,
                            sum(i.status == "available" for i in holding.items),
                            body,
                        ),
                    )
            merged = MergedRecord(
                bib, {"titles": [Provenance(m, i) for i, m in own], "publication": [Provenance(own[0][1], own[0][0])]}
            )
            _cluster(connection, cluster, "live", merged, own, more.get("work_key", ""), visibility)
        _cluster(connection, 90, "redirected", None, [], "", "public")
        _cluster(connection, 91, "withdrawn", None, [], "", "public")
        connection.execute("insert into cluster_redirect (old_id, new_id) values (90, 1)")
        connection.execute("select setval('cluster_id_seq', 1000)")


def _record(
    c: Any, id: int, cluster: int, member: str, bib: BibRecord, findings: list[Finding], visibility: str
) -> None:
    c.execute(
        "insert into raw_record (id, member, source, local_id, container, bytes, hash, window_id) overriding system value "
        "values (%s, %s, 'main', %s, 'marcjson', %s, %s, 1)",
        (id, member, f"{member}-{id}", _marc_json(bib), str(id).encode()),
    )
    c.execute(
        "insert into record (id, raw_seq, member, source, local_id, status, visibility, schema, bib, findings, cluster_id, match_due) "
        "values (%s, 1, %s, 'main', %s, 'live', %s, 'cnmarc', %s, %s, %s, false)",
        (
            id,
            member,
            f"{member}-{id}",
            visibility,
            msgspec.json.encode(bib).decode(),
            msgspec.json.encode(findings).decode(),
            cluster,
        ),
    )


def _marc_json(bib: BibRecord) -> bytes:
    title = bib.title.text if bib.title else ""
    fields = [
        {"001": "0001"},
        {"100": {"ind1": " ", "ind2": " ", "subfields": [{"a": "20080101d2008    em y0chiy0121    ea"}]}},
        {"200": {"ind1": "1", "ind2": " ", "subfields": [{"a": title}, {"f": "某人著"}]}},
        {"690": {"ind1": " ", "ind2": " ", "subfields": [{"a": "I242.4"}, {"v": "5"}]}},
    ]
    return msgspec.json.encode({"leader": "00000nam0 2200000   450 ", "fields": fields})


def _cluster(
    c: Any,
    id: int,
    status: str,
    merged: MergedRecord | None,
    own: list[tuple[int, str]],
    work_key: str,
    visibility: str,
) -> None:
    c.execute(
        "insert into cluster (id, status, merged, record_ids, members, work_key, visibility) overriding system value "
        "values (%s, %s, %s, %s, %s, %s, %s)",
        (
            id,
            status,
            msgspec.json.encode(merged).decode() if merged else None,
            [i for i, _ in own],
            sorted({m for _, m in own}),
            work_key,
            visibility,
        ),
    )


def seed_readers(database: Database, settings: Settings) -> int:
    """A reader of the city library with an account of his own; returns his id."""
    policy = read_policy(settings.config)
    desk = Desk.open(settings, policy)
    with database.connect() as connection:
        reader = desk.enrol(
            connection,
            home="htcl",
            name=Secret("王小明"),
            kind="reader_card",
            number=Secret(CARD),
            consent=Consent(),
            officer="lender",
            member="htcl",
            now=datetime.now(UTC),
        )
        create_account(connection, "reader", PASSWORD, roles=[Role.READER], member="htcl", reader_id=reader.id)
    return reader.id


# What tests leave behind: lending, sessions, look-ups. Catalogue, accounts and readers stay.
_LEFT = ("loan", "attempt", "request_rota", "request_event", "outbox", "request", "command_key", "card_lookup", "web_session", "login_throttle")  # fmt: skip


@dataclass
class House:
    """The application on the seeded catalogue."""

    app: FastAPI
    context: Context

    def __post_init__(self) -> None:
        with self.context.database.connect() as connection:
            self._accounts = connection.execute("select password, active, id from account").fetchall()

    def tidy(self) -> None:
        """As it was before a test: in a tenth of the time that another database takes."""
        with self.context.database.pool.connection() as connection:
            connection.execute("set local session_replication_role = replica")  # some tables are only ever added to
            with connection.pipeline(), connection.cursor() as cursor:
                for table in _LEFT:
                    cursor.execute(f"delete from {table}")  # type: ignore[call-overload]
                cursor.executemany("update account set password = %s, active = %s where id = %s", self._accounts)

    def visitor(self, **more: Any) -> Browser:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Browser(TestClient(self.app, base_url="http://127.0.0.1:8000", follow_redirects=False, **more))


class Browser:
    """What a browser without scripts does: keep cookies, and send a form with the token the page carries."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, url: str, **more: Any) -> Any:
        return self.client.get(url, **more)

    def token(self, url: str = "/login") -> str:
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.client.get(url).text)
        assert found, f"{url} has no form"
        return found[1]

    def post(self, url: str, data: dict[str, Any] | None = None, *, page: str = "/login", **more: Any) -> Any:
        return self.client.post(url, data={"form_token": self.token(page), **(data or {})}, **more)

    def login(self, name: str, password: str = PASSWORD) -> Any:
        return self.post("/login", {"name": name, "password": password})


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashing that takes no time: the cost of guessing is not what these tests are about."""
    dear = accounts._hasher
    accounts._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield
    accounts._hasher = dear


@pytest.fixture(scope="session")
def furnished(
    server_url: str, tmp_path_factory: pytest.TempPathFactory, cheap_passwords: None
) -> Iterator[tuple[str, Path]]:
    """A database and a home with everything in them, copied for each test."""
    name, home = f"web_{uuid.uuid4().hex[:12]}", tmp_path_factory.mktemp("furnished")
    admin = server_url.replace("/wenlan?", "/postgres?")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template wenlan strategy file_copy")  # type: ignore[call-overload]
    database = Database(server_url.replace("/wenlan?", f"/{name}?"))
    settings = Settings(home=home, database_url=SecretStr(database.url))
    furnish(database, settings)
    yield name, home
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")  # type: ignore[call-overload]


def furnish(database: Database, settings: Settings) -> None:
    """The catalogue, its index, an account of each role, a reader."""
    seed(database)
    members = read_members(settings.members_dir)
    engine = open_engine(settings, members)
    with database.connect() as connection:
        project(connection, engine, members=members)
        create_account(connection, "officer", PASSWORD, roles=[Role.ILL_OFFICER], member="zjsl", display="省图互借员")
        create_account(connection, "lender", PASSWORD, roles=[Role.ILL_OFFICER], member="htcl", display="市图互借员")
        create_account(connection, "cataloguer", PASSWORD, roles=[Role.LIBRARIAN], member="zjsl")
        create_account(connection, "chief", PASSWORD, roles=[Role.ADMIN])
    seed_readers(database, settings)
    engine.close()
    database.close()


OpenHouse = Callable[[Path], AbstractContextManager[House]]


@pytest.fixture(scope="session")
def open_house(server_url: str, furnished: tuple[str, Path]) -> OpenHouse:
    """The application on a copy of all that, in a directory that is not there yet."""
    template, home = furnished
    admin = server_url.replace("/wenlan?", "/postgres?")

    @contextmanager
    def opened(folder: Path) -> Iterator[House]:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"create database {name} template {template} strategy file_copy")  # type: ignore[call-overload]
        shutil.copytree(home, folder)
        settings = Settings(home=folder, database_url=SecretStr(server_url.replace("/wenlan?", f"/{name}?")))
        members = read_members(settings.members_dir)
        database = Database(server_url.replace("/wenlan?", f"/{name}?"))
        context = Context(settings, database, open_engine(settings, members), members)
        try:
            yield House(create_app(context), context)
        finally:
            context.close()
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f"drop database {name} with (force)")  # type: ignore[call-overload]

    return opened


@pytest.fixture(scope="session")
def the_house(open_house: OpenHouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house") / "home") as found:
        yield found


@pytest.fixture
def house(the_house: House) -> Iterator[House]:
    """One application for all tests, tidied up after each."""
    yield the_house
    the_house.tidy()


@pytest.fixture
def visitor(house: House) -> Browser:
    return house.visitor()


@pytest.fixture
def signed_in(house: House) -> Callable[[str], Browser]:
    def sign_in(name: str) -> Browser:
        browser = house.visitor()
        answer = browser.login(name)
        assert answer.status_code == 303, answer.text
        return browser

    return sign_in

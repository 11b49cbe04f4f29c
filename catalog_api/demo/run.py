"""The demonstration from empty to a filled request: load ten libraries, match, index, search, and carry one request through."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from catalog_api.auth.accounts import create_account, generate_password, set_password
from catalog_api.auth.roles import Role
from catalog_api.context import Context
from catalog_api.demo.generate import DemoReader, demo_readers, generate
from catalog_api.demo.requests import begin_requests
from catalog_api.pipeline import LoadReport, Progress, finish_loads, load_files, settle, silent
from catalog_api.search.port import SearchRequest
from ill import commands, worklist
from ill.plan import dry_run
from ill.policy import Policy, read_policy
from ill.readers import Consent, Desk, Secret
from ill.views import RequestView
from normalise.records import Normaliser
from schemas.db import Sql
from schemas.errors import WenlanError
from schemas.request import Request

SQL = Sql("catalog_api.demo", "run.sql")
OFFICER = "demo"
_WALK = ("answer_yes", "ship", "receive", "hand_over", "take_back", "ship_return", "check_in")


class MemberRow(msgspec.Struct):
    """One line of the demonstration's table."""

    code: str
    name: str
    read: int
    stored: int
    quarantined: int
    seconds: float


class Walk(msgspec.Struct):
    """One request's timeline: (when, what happened in Chinese and in English, the library concerned)."""

    number: str
    title: str
    state: str
    events: list[tuple[str, str, str, str]]


class Report(msgspec.Struct):
    """What the demonstration did. `shared` is the share of editions that more than one library holds."""

    members: list[MemberRow]
    settled: LoadReport
    clusters: int
    shared: float
    indexed: int
    query: str
    found: int
    walk: Walk | None
    begun: int  # requests left in the work lists; none where an earlier run left them
    seconds: float


def run(context: Context, *, records: int | None = None, progress: Progress = silent) -> Report:
    """Fill the catalogue from the generated federation and carry one request through. Running it again writes only what is missing."""
    started = time.monotonic()
    folder = context.settings.home / "demo" / (str(records) if records else "standard")
    federation = generate(folder, records=records, progress=lambda done, total: progress("生成 generate", done, total))
    reports: list[LoadReport] = []
    with Normaliser(context.database.url, context.settings) as normaliser:
        for code, given in federation.members.items():
            reports.append(load_files(context, given.files, code, normaliser=normaliser, progress=progress))
        finish_loads(context, normaliser, reports)
    rows = [_row(context, report) for report in reports]
    settled = settle(context, progress=progress)
    with context.database.connect() as connection:
        clusters, shared = connection.execute(SQL["clusters"]).fetchone() or (0, 0.0)
    query = "红楼梦" if records is None else "中国"
    found = context.engine.search(SearchRequest(query=query)).total
    enrol(context)
    walk = carry_one_request(context)
    begun = begin_requests(context)
    seconds = time.monotonic() - started
    return Report(rows, settled, clusters, shared, context.engine.count(), query, found, walk, begun, seconds)


def _row(context: Context, report: LoadReport) -> MemberRow:
    read, bad = sum(f.read for f in report.files), sum(f.quarantined for f in report.files)
    return MemberRow(report.member, context.members[report.member].name.zh, read, read - bad, bad, report.seconds)


def enrol(context: Context) -> list[int]:
    """Enrol the demonstration's readers where they are not enrolled yet; their ids. Numbers are made, used and forgotten."""
    policy = read_policy(context.settings.config)
    desk = Desk.open(context.settings, policy)
    ids: list[int] = []
    with context.database.connect() as connection:
        if known := connection.execute(SQL["readers"]).fetchall():
            return [row[0] for row in known]
        for reader in demo_readers():
            ids.append(_enrol_one(desk, connection, reader))
    return ids


def _enrol_one(desk: Desk, connection: Any, reader: DemoReader) -> int:
    consent = Consent("guardian" if reader.category == "child" else "reader")
    who: dict[str, Any] = {"officer": OFFICER, "member": reader.home, "now": datetime.now(UTC)}
    (kind, number), *others = reader.credentials
    known = desk.enrol(
        connection, home=reader.home, name=Secret(reader.name), kind=kind, number=Secret(number), consent=consent,
        category=reader.category, **who,
    )  # fmt: skip
    for kind, number in others:
        desk.link(connection, known.id, kind, Secret(number), consent=consent, **who)
    return known.id


def carry_one_request(context: Context) -> Walk | None:
    """Place a request whose first library says no and whose second one lends; see it back on its shelf. None where nothing fits."""
    policy = read_policy(context.settings.config)
    with context.database.connect() as connection:
        chosen = _choose(context, connection, policy)
        if chosen is None:
            return None
        cluster, requester, reader = chosen
        request = commands.place_request(
            connection, cluster_id=cluster, requester=requester, reader_id=reader, actor=OFFICER, members=context.members,
            policy=policy, now=datetime.now(UTC),
        )  # fmt: skip
        do = _doing(context, connection, policy, request.id)
        if request.supplier:
            request = do("answer_no", request.supplier, {"reason": "not_on_shelf"})
        if request.supplier:
            supplier = request.supplier
            for action in _WALK:
                request = do(action, supplier if action in ("answer_yes", "ship", "check_in") else requester, {})
        view = worklist.request_view(connection, request.id, role="admin")
        return Walk(request.number, request.title, request.state, timeline(view))


def _doing(
    context: Context, connection: Any, policy: Policy, request: int
) -> Callable[[str, str, dict[str, str]], Request]:
    def do(action: str, member: str, data: dict[str, str]) -> Request:
        return commands.act(
            connection, request, action, actor=OFFICER, member=member, role="ill_officer", members=context.members,
            policy=policy, now=datetime.now(UTC), data=data,
        )  # fmt: skip

    return do


def _choose(context: Context, connection: Any, policy: Policy) -> tuple[int, str, int] | None:
    """An edition that at least two other libraries would lend to the home library of an enrolled reader."""
    readers = dict(connection.execute(SQL["reader_of_home"]).fetchall())
    for cluster, holders in connection.execute(SQL["widely_held"]).fetchall():
        for home in sorted(readers.keys() - set(holders)):
            rota = dry_run(
                connection,
                cluster_id=cluster,
                requester=context.members[home],
                members=context.members,
                policy=policy,
                now=datetime.now(UTC),
            )
            if len([c for c in rota.candidates if c.eligible]) >= 2:
                return cluster, home, readers[home]
    return None


def timeline(view: RequestView) -> list[tuple[str, str, str, str]]:
    """The events of a request as people read them."""
    return [
        (
            seen.event.at.isoformat(timespec="seconds"),
            f"{seen.text.zh} → {seen.to_text.zh}",
            f"{seen.text.en} → {seen.to_text.en}",
            seen.event.member,
        )
        for seen in view.events
    ]


ACCOUNTS = (
    ("admin", (Role.ADMIN,), "", "联盟管理员"),
    ("librarian", (Role.LIBRARIAN,), "zjsl", "省图馆员"),
    ("officer", (Role.ILL_OFFICER, Role.LIBRARIAN), "htcl", "市图互借员"),
    ("supplier", (Role.ILL_OFFICER, Role.LIBRARIAN), "zjsl", "省图互借员"),
    ("reader", (Role.READER,), "htcl", "读者"),
)


def accounts(context: Context) -> dict[str, str]:
    """The demonstration's accounts, each with a new password: login name to password, to be shown once and kept nowhere."""
    passwords: dict[str, str] = {}
    with context.database.connect() as connection:
        readers = dict(connection.execute(SQL["reader_of_home"]).fetchall())
        for name, roles, member, display in ACCOUNTS:
            password = passwords[name] = generate_password()
            reader = readers.get(member) if Role.READER in roles else None
            try:
                with connection.transaction():
                    create_account(
                        connection, name, password, roles=roles, member=member, display=display, reader_id=reader
                    )
            except WenlanError as error:
                if error.code != "account-exists":
                    raise
                set_password(connection, name, password)
    return passwords


def passwords_file(context: Context, passwords: dict[str, str]) -> Path:
    """Passwords of this demonstration in a file only its owner reads, so that scripts can sign in."""
    file = context.settings.home / "demo" / "passwords"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"{name} {password}\n" for name, password in passwords.items()))
    return file

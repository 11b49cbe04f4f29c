"""What the pages of lending stand on: the policy, the card desk, whom a request is for, and whether a book can be got."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as clock

from starlette.datastructures import FormData

from catalog_api.auth import Account, Role
from catalog_api.web import i18n
from catalog_api.web.visit import Visit, cookie_name
from ill import table, worklist
from ill.case import Role as LendingRole
from ill.plan import Rota, dry_run
from ill.policy import Policy, read_policy
from ill.readers import Desk
from ill.views import Row
from schemas.cluster import ClusterView
from schemas.db.connect import Connection
from schemas.errors import WenlanError
from schemas.holding import Holding
from schemas.member import Service
from schemas.text import Text

_DESK_SECONDS = 20 * 60  # so long a reader looked up stays at the desk


@dataclass(frozen=True)
class Getting:
    """Whether 获取 leads anywhere for this visitor, and why not; or what to know before."""

    possible: bool
    why: Text | None = None
    login: bool = False


@dataclass(frozen=True)
class AtDesk:
    """The reader an officer looked up a moment ago. `blocked`: the card shown was reported lost."""

    reader_id: int
    blocked: bool


def now() -> datetime:
    return datetime.now(UTC)


def policy_of(visit: Visit) -> Policy:
    """Read once a process."""
    state = visit.request.app.state
    if getattr(state, "policy", None) is None:
        state.policy = read_policy(visit.context.settings.config)
    policy: Policy = state.policy
    return policy


def desk_of(visit: Visit) -> Desk:
    state = visit.request.app.state
    if getattr(state, "desk", None) is None:
        state.desk = Desk.open(visit.context.settings, policy_of(visit))
    desk: Desk = state.desk
    return desk


def lending_role(account: Account) -> LendingRole:
    """In which role the commands of lending meet this account: the strongest it has."""
    for role, name in _ROLES.items():
        if role in account.roles:
            return name
    return "reader"


_ROLES: dict[Role, LendingRole] = {
    Role.ADMIN: "admin",
    Role.ILL_OFFICER: "ill_officer",
    Role.LIBRARIAN: "librarian",
}


def end_of_day(day: date) -> datetime:
    """The last second of a day in Shanghai."""
    return datetime.combine(day, clock(23, 59, 59), i18n.ZONE)


def rota(
    connection: Connection, visit: Visit, account: Account, cluster: int, *, service: Service = "loan", volume: str = ""
) -> Rota:
    """The rota a request of this account's library would get now."""
    return dry_run(
        connection,
        cluster_id=cluster,
        requester=visit.context.members[account.member],
        members=visit.context.members,
        policy=policy_of(visit),
        now=now(),
        service=service,
        volume=volume,
        staff=account.staff,
    )


def may_request(visit: Visit, account: Account) -> Text | None:
    """Why this account cannot place requests; None where it can."""
    if not (account.has(Role.ILL_OFFICER) or (Role.READER in account.roles and account.reader_id is not None)):
        return Text("请由读者本人或馆际互借员申请。", "Readers themselves or an ILL officer place requests.")
    member = visit.context.members.get(account.member)
    if member is None:
        return Text("您的帐户不属于任何成员馆。", "Your account belongs to no member library.")
    if not member.lending.borrows:
        return Text("您的图书馆不为读者申请馆际互借。", "Your library does not borrow for its readers.")
    return None


def getting(connection: Connection, visit: Visit, view: ClusterView, holdings: list[Holding]) -> Getting:
    """For the button of the record page; what it says there is what placing the request would say."""
    if not holdings:
        return Getting(False, Text("没有成员馆报来馆藏。", "No member library reports a copy."))
    account = visit.account
    if account is None:
        return Getting(True, Text("申请时请登录。", "You will be asked to sign in."), login=True)
    refused = may_request(visit, account)
    if refused is not None:
        return Getting(False, refused)
    try:
        loan = rota(connection, visit, account, view.id)
        if loan.on_shelf:
            return Getting(True, Text("本馆架上就有。", "It is on the shelf of your library."))
        if loan.asked or rota(connection, visit, account, view.id, service="copy").asked:
            return Getting(True)
    except WenlanError as error:
        return Getting(False, error.text)
    reasons = list(dict.fromkeys(reason for _, texts in loan.explained() for reason in texts[:1]))[:3]
    zh, en = "；".join(r.zh for r in reasons), "; ".join(r.en for r in reasons)
    return Getting(False, Text(f"现在没有馆可以提供：{zh}。", f"No library can supply it now: {en}."))


# -- the reader at the desk: a cookie that only this session can have been given


def keep_at_desk(visit: Visit, reader_id: int, *, blocked: bool) -> tuple[str, str]:
    """Name and value of the cookie."""
    body = f"{reader_id}.{int(blocked)}.{int(time.time())}"
    return cookie_name(visit.context, "desk"), f"{body}.{_sign(visit, body)}"


def at_desk(visit: Visit) -> AtDesk | None:
    """The reader this session looked up within the last minutes; None for anything else, a forged cookie included."""
    body, _, signature = visit.request.cookies.get(cookie_name(visit.context, "desk"), "").rpartition(".")
    if not visit.session or not hmac.compare_digest(_sign(visit, body).encode(), signature.encode()):
        return None
    reader_id, blocked, since = body.split(".")
    if time.time() - int(since) > _DESK_SECONDS:
        return None
    return AtDesk(int(reader_id), blocked == "1")


def _sign(visit: Visit, body: str) -> str:
    return hmac.new(visit.session.encode(), f"desk {body}".encode(), hashlib.sha256).hexdigest()


def of_reader(connection: Connection, visit: Visit, officer: Account, reader_id: int) -> list[Row]:
    """A reader's open requests of all libraries, each with what the officer's library may do about it."""
    role = lending_role(officer)
    rows = worklist.requests_of_reader(connection, reader_id, limit=50)
    # a reader has a handful of open requests: the policy's limits see to that
    return [
        worklist.request_view(connection, row.id, member=officer.member, role=role).row
        for row in rows
        if not row.state.closing
    ][:30]


def fields_of(form: FormData) -> dict[str, str]:
    """The fields of an action as its form sent them, each under `field_` and its name."""
    return {
        name.removeprefix("field_"): value
        for name, value in form.multi_items()
        if name.startswith("field_") and isinstance(value, str)
    }


def done_text(visit: Visit) -> Text | None:
    """What to say after an action, from the parameter `done` of the page it led to."""
    name = visit.request.query_params.get("done", "")
    if name == "place":
        return Text("请求已提交。", "Your request has been placed.")
    action = table.load().action.get(name)
    return Text(f"已办理：{action.zh}", f"Done: {action.en}") if action else None

"""Drawing up a rota: the catalogue and the loads of the libraries are read here, the deciding is in `ill.routing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from psycopg import Connection

from ill import routing
from ill.case import Case, Terms
from ill.policy import Policy
from ill.reasons import explain
from ill.store import SQL
from normalise import catalogue
from schemas.cluster import ClusterView, Redirect, Withdrawn
from schemas.errors import WenlanError
from schemas.holding import Holding
from schemas.member import Member, Service
from schemas.request import RouteCandidate
from schemas.text import Text


class Rota(msgspec.Struct):
    """Who would be asked in which order. `on_shelf`: holdings of the requester's own with a copy to fetch."""

    candidates: list[RouteCandidate]
    on_shelf: list[Holding]

    @property
    def asked(self) -> list[RouteCandidate]:
        return [c for c in self.candidates if c.eligible]

    def explained(self) -> list[tuple[RouteCandidate, list[Text]]]:
        return [(c, explain(c.reasons)) for c in self.candidates]

    def with_terms(
        self, members: Mapping[str, Member], policy: Policy
    ) -> Iterable[tuple[RouteCandidate, dict[str, Any]]]:
        for candidate in self.candidates:
            member = members.get(candidate.member)
            yield candidate, msgspec.to_builtins(_terms(member, candidate, policy)) if member else {}


def _terms(member: Member, candidate: RouteCandidate, policy: Policy) -> Terms:
    offer = member.lending
    transport = policy.routing.transport_days.get(candidate.tier, 0)  # type: ignore[call-overload]
    days = offer.handling_days + offer.delivery_days + transport
    return Terms(offer.answer_hours, offer.loan_days, offer.renewals, offer.fee, days)


def dry_run(
    connection: Connection[Any],
    *,
    cluster_id: int,
    requester: Member,
    members: Mapping[str, Member],
    policy: Policy,
    now: datetime,
    service: Service = "loan",
    volume: str = "",
    needed_by: datetime | None = None,
    staff: bool = False,
) -> Rota:
    """The rota a request would get now; nothing is written. Ties may fall otherwise under a real request's number."""
    view = standing_cluster(connection, cluster_id)
    ask = routing.Ask(f"{view.id}:{requester.code}", requester, service, now, volume, needed_by=needed_by)
    return draw_up(connection, view, ask, members, policy, staff=staff)


def draw_up(
    connection: Connection[Any],
    view: ClusterView,
    ask: routing.Ask,
    members: Mapping[str, Member],
    policy: Policy,
    *,
    staff: bool,
    request_id: int | None = None,
) -> Rota:
    """The rota of what is asked, with the libraries' loads of now; of a request placed already, those who said no are left out."""
    holdings = catalogue.holdings_of(connection, view.id, staff=staff)
    codes = sorted({h.member for h in holdings})
    since = ask.now - timedelta(days=policy.routing.balance_days)
    loads = routing.Loads(
        queue=dict(connection.execute(SQL["queues"], {"members": codes}).fetchall()),
        balance=dict(connection.execute(SQL["balances"], {"members": codes, "since": since}).fetchall()),
    )
    tried = connection.execute(SQL["tried"], {"id": request_id}).fetchall() if request_id is not None else []
    ask = msgspec.structs.replace(ask, guji=view.merged.bib.guji, tried=frozenset(row[0] for row in tried))
    return Rota(routing.route(ask, holdings, members, policy, loads), routing.on_shelf(ask, holdings))


def next_candidate(
    connection: Connection[Any], case: Case, members: Mapping[str, Member], policy: Policy, now: datetime
) -> tuple[Any, ...] | None:
    """The next library of the present round that can still be asked today: (round, position, rank, member, terms)."""
    if case.needed_by is not None and case.needed_by <= now:
        return None
    today = now.astimezone(policy.routing.zone).date()
    for row in connection.execute(SQL["rota_left"], {"id": case.id}):
        if row[3] in members and policy.closed(row[3], today) is None:
            return tuple(row)
    return None


def standing_cluster(connection: Connection[Any], cluster_id: int) -> ClusterView:
    """The cluster, or the one it was merged into. Raises WenlanError for one that is withdrawn or never was."""
    found = catalogue.cluster(connection, cluster_id)
    for _ in range(3):
        if not isinstance(found, Redirect):
            break
        found = catalogue.cluster(connection, found.id)
    if isinstance(found, Withdrawn):
        raise WenlanError(
            "cluster-withdrawn",
            "这条书目已撤下，不能申请",
            "This record has been withdrawn and cannot be requested",
        )
    if not isinstance(found, ClusterView):
        raise WenlanError("cluster-unknown", "没有这条书目", "There is no such record")
    return found


def same_book(connection: Connection[Any], cluster_ids: list[int], view: ClusterView) -> set[int]:
    """Those ids that stand for the cluster today: itself, and whatever was merged into it."""
    now = catalogue.clusters(connection, cluster_ids)
    return {id for id, found in now.items() if isinstance(found, ClusterView | Redirect) and found.id == view.id}


def title_of(view: ClusterView) -> str:
    title = view.merged.bib.title
    if title is None:
        return "–"
    parts = [title.text, title.part_number, title.part_name]
    text = " ".join(p for p in parts if p)
    return (f"{text}：{title.subtitle}" if title.subtitle else text)[:500]


def on_own_shelf(rota: Rota, requester: Member) -> WenlanError:
    return WenlanError(
        "on-own-shelf",
        "{zh}架上就有，请直接取阅：{where}",
        "It is on the shelf of {en}, please fetch it there: {where}",
        zh=requester.label("zh"),
        en=requester.label("en"),
        where="; ".join(routing.place(h) for h in rota.on_shelf[:3]),
    )

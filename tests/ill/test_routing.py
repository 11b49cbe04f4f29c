"""Who is asked first, who is left out, and the reasons in words."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ill import routing
from ill.policy import Closure, Policy, read_policy
from ill.reasons import explain, reason
from schemas.holding import Holding, Item
from schemas.member import Lending, Member, Name
from schemas.request import RouteCandidate
from schemas.settings import CHECKOUT

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
Held = Callable[..., Holding]
Members = dict[str, Member]


def ask(members: Members, **more: Any) -> routing.Ask:
    return routing.Ask(
        **{"seed": "WL-2026-000001", "requester": members["lake"], "service": "loan", "now": NOW, **more}
    )


def order(rota: list[RouteCandidate]) -> list[str]:
    return [c.member for c in rota if c.eligible]


def why_not(rota: list[RouteCandidate], member: str) -> str:
    candidate = next(c for c in rota if c.member == member)
    assert not candidate.eligible
    assert candidate.rank is None
    return explain(candidate.reasons)[0].zh


def test_nearest_first(members: Members, policy: Policy, held: Held) -> None:
    holdings = [held(code, "available") for code in ("pearl", "port", "hill", "moon")]
    rota = routing.route(ask(members), holdings, members, policy)
    assert [(c.member, c.tier, c.rank) for c in rota] == [
        ("moon", "system", 1),
        ("hill", "city", 2),
        ("port", "province", 3),
        ("pearl", "delta", 4),
    ]
    assert [t.zh for t in explain(rota[3].reasons)] == [
        "距离：长三角", "预计 6 个工作日送达", "费用 10 元", "架上 1 册", "只有这一册可借", "待处理请求 0 件", "近期借出减借入：+0 册",
    ]  # fmt: skip


def test_who_is_left_out_and_why(members: Members, policy: Policy, held: Held) -> None:
    members["hall"] = Member(
        code="hall", name=Name(zh="厅", en="Hall"), system="public", kind="city", region=["33", "3301"],
        lending=Lending(reference_locations=["保存本库"]),
    )  # fmt: skip
    members["dear"] = members["moon"].model_copy(update={"code": "dear", "lending": Lending(fee=99)})
    members["loans"] = members["moon"].model_copy(update={"code": "loans", "lending": Lending(supplies=["copy"])})
    holdings = [
        held("hall", "available", location="保存本库"),
        held("dear", "available"),
        held("loans", "available"),
        held("shop", "for_sale"),
        held("wall", "available"),
        held("ghost", "available"),
        held("lake", "loaned"),
        held("moon", "withdrawn", "lost"),
        Holding(member="port", url="https://example.org/e-book"),
    ]
    rota = routing.route(ask(members), holdings, members, policy)
    assert order(rota) == []
    assert why_not(rota, "hall") == "只供馆内阅览：保存本库"
    assert why_not(rota, "dear") == "费用 99 元，超过上限"
    assert why_not(rota, "loans") == "不提供外借服务"
    assert why_not(rota, "shop").startswith("书店不参加")
    assert why_not(rota, "wall") == "不向外省的图书馆提供"
    assert why_not(rota, "ghost").startswith("不是联盟成员")
    assert why_not(rota, "lake").startswith("本馆有藏")
    assert why_not(rota, "moon").startswith("复本已剔除")
    assert why_not(rota, "port").startswith("只有电子资源")


def test_a_copy_can_be_made_of_what_is_not_lent(members: Members, policy: Policy, held: Held) -> None:
    rota = routing.route(ask(members, service="copy", guji=True), [held("moon", "reference")], members, policy)
    assert order(rota) == ["moon"]


def test_early_books_stay_unless_the_library_lends_them(members: Members, policy: Policy, held: Held) -> None:
    rota = routing.route(ask(members, guji=True), [held("moon", "available")], members, policy)
    assert why_not(rota, "moon") == "古籍不外借"


def test_closed_tried_late_and_reader(members: Members, policy: Policy, held: Held) -> None:
    shut = Closure.model_validate(
        {"member": "moon", "from": date(2026, 3, 1), "until": date(2026, 3, 9), "zh": "维修", "en": "Repairs"}
    )
    closed = policy.model_copy(update={"closures": [shut]})
    holdings = [held("moon", "available"), held("port", "available"), held("hill", "available")]
    rota = routing.route(
        ask(members, tried=frozenset({"hill"}), needed_by=datetime(2026, 3, 6, 15, tzinfo=UTC)),
        holdings,
        members,
        closed,
    )
    assert why_not(rota, "moon") == "闭馆：2026-03-01 – 2026-03-09"
    assert why_not(rota, "hill") == "已经询问过，未能提供"
    assert why_not(rota, "port") == "预计 4 个工作日送达，赶不上需用日期"
    refused = routing.route(ask(members, reader_eligible=False), holdings, members, policy)
    assert order(refused) == []


def test_the_volume_that_is_wanted(members: Members, policy: Policy) -> None:
    def copies(member: str, *volumes: str) -> Holding:
        return Holding(member=member, items=[Item(status="available", volume=v) for v in volumes])

    holdings = [copies("moon", "上册"), copies("port", "v.1", "v.2"), copies("hill", ""), copies("pearl", "第2册")]
    assert order(routing.route(ask(members, volume="2"), holdings, members, policy)) == ["hill", "port", "pearl"]
    assert order(routing.route(ask(members, volume="上"), holdings, members, policy)) == ["moon", "hill"]
    rota = routing.route(ask(members, volume="2"), holdings, members, policy)
    assert why_not(rota, "moon") == "没有所需卷册：2"


def test_all_out_is_asked_last_or_not_at_all(members: Members, policy: Policy, held: Held) -> None:
    holdings = [held("moon", "loaned"), held("pearl", "unknown"), held("port", "available")]
    assert order(routing.route(ask(members), holdings, members, policy)) == ["port", "pearl", "moon"]
    strict = policy.model_copy(update={"routing": policy.routing.model_copy(update={"ask_when_out": False})})
    assert why_not(routing.route(ask(members), holdings, members, strict), "moon") == "复本都已借出"


def test_within_a_tier_the_busy_and_the_generous_come_later(members: Members, policy: Policy, held: Held) -> None:
    members["twin"] = members["moon"].model_copy(update={"code": "twin"})
    holdings = [held("moon", "available", "available"), held("twin", "available", "available")]
    busy = routing.Loads(queue={"moon": 40})
    assert order(routing.route(ask(members), holdings, members, policy, busy)) == ["twin", "moon"]
    generous = routing.Loads(balance={"twin": 80})
    assert order(routing.route(ask(members), holdings, members, policy, generous)) == ["moon", "twin"]


def test_ties_fall_by_the_request_number_and_fairly(members: Members, policy: Policy, held: Held) -> None:
    members["twin"] = members["moon"].model_copy(update={"code": "twin"})
    holdings = [held("moon", "available"), held("twin", "available")]
    first = [
        order(routing.route(ask(members, seed=f"WL-2026-{n:06d}"), holdings, members, policy))[0] for n in range(200)
    ]
    assert 60 < first.count("moon") < 140


def test_on_the_own_shelf(members: Members, held: Held) -> None:
    assert routing.on_shelf(ask(members), [held("lake", "available"), held("moon", "available")])[0].member == "lake"
    assert routing.on_shelf(ask(members), [held("lake", "loaned"), held("lake", "reference")]) == []


LIBRARIES = ["lake", "moon", "hill", "port", "pearl", "wall", "shop", "ghost"]
STATUSES = ["available", "loaned", "unknown", "reference", "lost", "online", "for_sale", "on_hold"]


@hypothesis_settings(deadline=None, max_examples=80)
@given(
    found=st.lists(st.tuples(st.sampled_from(LIBRARIES), st.lists(st.sampled_from(STATUSES), max_size=3)), max_size=8),
    seed=st.text(max_size=10),
    shuffle=st.randoms(use_true_random=False),
)
def test_the_order_of_holdings_never_matters_and_every_library_has_its_reason(
    found: list[tuple[str, list[str]]], seed: str, shuffle: random.Random
) -> None:
    policy = read_policy(CHECKOUT / "config")
    members = {
        code: Member(
            code=code,
            name=Name(zh=code, en=code),
            system="bookshop" if code == "shop" else "public",
            kind="city",
            region=[region],
        )
        for code, region in zip(LIBRARIES[:-1], ["33", "33", "33", "33", "31", "11", "33"], strict=True)
    }
    holdings = [Holding(member=m, items=[Item(status=s) for s in statuses]) for m, statuses in found]  # type: ignore[arg-type]
    rota = routing.route(ask(members, seed=seed), holdings, members, policy)
    shuffled = list(holdings)
    shuffle.shuffle(shuffled)
    assert routing.route(ask(members, seed=seed), shuffled, members, policy) == rota
    assert {c.member for c in rota} == {h.member for h in holdings}
    assert [c.rank for c in rota if c.eligible] == list(range(1, len(order(rota)) + 1))
    for candidate in rota:
        assert candidate.reasons
        for sentence in explain(candidate.reasons):
            assert "{" not in sentence.zh + sentence.en


def test_a_reason_without_words_cannot_be_given() -> None:
    with pytest.raises(KeyError):
        reason("because")
    assert explain(["from_a_later_version=3"])[0].en == "from_a_later_version=3"

"""Policies as people write them: the shipped ones load, a slip is named by file and field."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from ill.policy import Policy, read_policy
from schemas.errors import WenlanError
from schemas.settings import CHECKOUT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "config" / "policies", tmp_path / "policies")
    return tmp_path


def test_the_shipped_policies_name_every_tier_and_factor(policy: Policy) -> None:
    routing = policy.routing
    assert set(routing.tiers.order) == set(routing.transport_days)
    assert set(routing.weights) == {"time", "cost", "availability", "queue", "balance", "scarcity"}
    assert set(policy.cards.limits) == {"adult", "student", "faculty", "child", "staff"}


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("routing.toml", "max_fee = 30.0", "max_fee = -1", "max_fee"),
        ("routing.toml", "[weights]", "[weihgts]", "weihgts"),
        ("routing.toml", "Asia/Shanghai", "Asia/Shangai", "time_zone"),
        ("cards.toml", "[lookups]", "[lookups", "cards.toml"),
        ("closures.toml", "closure = []", '[[closure]]\nmember = "moon"', "closure.0.from"),
    ],
)
def test_a_slip_is_named(config: Path, file: str, old: str, new: str, said: str) -> None:
    where = config / "policies" / file
    where.write_text(where.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(WenlanError, match=said):
        read_policy(config)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WenlanError, match=r"routing\.toml"):
        read_policy(tmp_path)


def test_a_closure_holds_on_its_first_and_its_last_day(config: Path) -> None:
    text = '[[closure]]\nmember = "moon"\nfrom = 2026-03-02\nuntil = 2026-03-04\nzh = "维修"\nen = "Repairs"\n'
    (config / "policies" / "closures.toml").write_text(text, encoding="utf-8")
    policy = read_policy(config)
    days = [d for d in range(1, 7) if policy.closed("moon", date(2026, 3, d))]
    assert days == [2, 3, 4]
    assert policy.closed("port", date(2026, 3, 3)) is None

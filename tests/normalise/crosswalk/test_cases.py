"""Golden cases: what a cataloguer writes, and what must be read out of it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from normalise.crosswalk import crosswalk
from normalise.holdings import Profile, load_profiles
from schemas.member import Member, Name, Source
from schemas.settings import CHECKOUT

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("crosswalk_notation", HERE / "notation.py")
assert _spec and _spec.loader
notation = importlib.util.module_from_spec(_spec)
sys.modules["crosswalk_notation"] = notation
_spec.loader.exec_module(notation)

MEMBER = Member(
    code="zjsl", name=Name(zh="之江省图书馆", en="Zhijiang Library"), system="public", kind="province", region=["33"]
)
CASES = [case for file in sorted((HERE / "cases").glob("*.txt")) for case in notation.cases(file)]


@pytest.fixture(scope="module")
def profiles() -> dict[str, Profile]:
    return load_profiles(CHECKOUT / "config" / "holdings")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: notation.Case, profiles: dict[str, Profile]) -> None:
    described = crosswalk(case.reading, member=MEMBER, source=Source(holdings=case.profile), profiles=profiles)
    assert notation.render(described) == case.expected


def test_enough_cases() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)

"""Invented readers: numbers that pass the checks and belong to nobody."""

from __future__ import annotations

from pathlib import Path

from stdnum.cn import ric

from catalog_api.demo.generate import demo_readers
from catalog_api.demo.generate.isbn import resident_check
from catalog_api.demo.generate.readers import NOBODYS_REGION
from schemas.member import read_members
from schemas.settings import CHECKOUT


def test_the_same_readers_for_a_seed() -> None:
    assert [r.credentials for r in demo_readers(3)] == [r.credentials for r in demo_readers(3)]
    assert [r.credentials for r in demo_readers(3)] != [r.credentials for r in demo_readers(4)]
    assert len(demo_readers(1, 50)) == 50


def test_resident_ids_are_well_formed_and_nobodys() -> None:
    numbers = [number for r in demo_readers() for kind, number in r.credentials if kind == "resident_id"]
    assert len(numbers) > 10
    for number in numbers:
        assert number.startswith(NOBODYS_REGION) and len(number) == 18
        assert number[-1] == resident_check(number[:17]) == ric.calc_check_digit(number)


def test_no_number_twice_and_every_home_is_a_member() -> None:
    readers = demo_readers(1, 60)
    numbers = [credential for r in readers for credential in r.credentials]
    assert len(set(numbers)) == len(numbers)
    members = read_members(Path(CHECKOUT) / "config" / "members")
    assert {r.home for r in readers} <= set(members)


def test_a_number_does_not_show_when_printed() -> None:
    for reader in demo_readers():
        for _, number in reader.credentials:
            assert number not in repr(reader)

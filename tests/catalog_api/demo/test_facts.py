"""The facts: enough of every kind, and numbers that are well formed."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files

import pytest
from stdnum import isbn, issn

from catalog_api.demo.generate import facts
from catalog_api.demo.generate.people import parse
from catalog_api.demo.generate.shape import FIRST_ISBN_YEAR, Agent, Manifestation


@pytest.fixture(scope="module")
def all_facts() -> list[Manifestation]:
    return [m for group in facts.groups() for m in group]


def test_enough_of_every_kind(all_facts: list[Manifestation]) -> None:
    assert len({m.work for m in all_facts}) >= 320
    kinds = Counter(m.kind for m in all_facts)
    assert kinds["book"] > 700 and kinds["set"] > 200 and kinds["annual"] > 80
    assert kinds["serial"] > 25 and kinds["guji"] > 30 and kinds["thesis"] >= 15
    carriers = Counter(m.carrier for m in all_facts)
    assert all(carriers[kind] >= 3 for kind in ("ebook", "audiobook", "cd", "dvd", "score", "map"))
    assert sum(m.script == "hant" for m in all_facts) > 15
    assert sum(m.script == "latn" for m in all_facts) > 60
    assert max(Counter(m.title for m in all_facts if m.kind in ("book", "set")).values()) >= 8


def test_ids_are_unique(all_facts: list[Manifestation]) -> None:
    assert len({m.id for m in all_facts}) == len(all_facts)


def test_standard_numbers_are_valid(all_facts: list[Manifestation]) -> None:
    for m in all_facts:
        for number in filter(None, (m.isbn, m.binding, *m.part_isbns)):
            assert isbn.is_valid(number.thirteen()) and isbn.is_valid(number.ten()), (m.title, number)
        assert not m.issn or issn.is_valid(m.issn), (m.title, m.issn)


def test_no_isbn_before_there_was_one(all_facts: list[Manifestation]) -> None:
    chinese = [m for m in all_facts if m.publisher.region.isdigit() and m.publisher.region < "700000"]
    early = [m for m in chinese if m.year < FIRST_ISBN_YEAR and m.kind in ("book", "set", "volume")]
    recalled = [m for m in early if m.isbn is not None]
    assert all(not m.isbn.synthetic for m in recalled if m.isbn)  # a reprint's number is a recalled fact
    assert sum(bool(m.unified) for m in early) > 0.8 * len(early)


def test_every_statement_of_responsibility_is_read(all_facts: list[Manifestation]) -> None:
    for m in all_facts:
        for agent in m.agents:
            assert agent.role or m.script == "latn", (m.title, agent)
            assert not set(agent.name) & set("()[]@；、"), (m.title, agent)


def test_a_statement_with_everything() -> None:
    agents, etal = parse("(美)特南鲍姆[Andrew S. Tanenbaum]、@某研究所著；严伟等译")
    assert agents == (
        Agent("特南鲍姆", "著", "美", "Andrew S. Tanenbaum"),
        Agent("某研究所", "著", corporate=True),
        Agent("严伟", "译"),
    )
    assert etal


def test_files_stay_readable() -> None:
    for file in files("catalog_api.demo.facts").iterdir():
        if file.name.endswith(".csv"):
            lines = file.read_text(encoding="utf-8").splitlines()
            assert len(lines) < 400, file.name
            assert len({line.count(",") >= 5 for line in lines}) == 1, file.name


def test_recalled_numbers_keep_their_publishers_hyphens(all_facts: list[Manifestation]) -> None:
    number = next(m.isbn for m in all_facts if m.isbn and m.isbn.thirteen() == "9787020002207")
    assert number.thirteen(True) == "978-7-02-000220-7"
    assert number.ten(True) == "7-02-000220-X"

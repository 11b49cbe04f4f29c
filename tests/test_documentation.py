"""README and docs/ against the program: settings, commands, links, pictures, and that both languages are there."""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import catalog_api.cli
from schemas.settings import CHECKOUT, Settings

PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
OPERATOR = CHECKOUT / "docs" / "operator.md"
MOST = 200 * 1024  # bytes of a picture
COMMANDS = {"make": {"demo", "test", "setup", "check", "bench", "lock", "screenshots"}}


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    """Every command by its words: "load", "match pairs"."""
    app = typer.Typer()
    for module in pkgutil.iter_modules(catalog_api.cli.__path__, "catalog_api.cli."):
        room = importlib.import_module(module.name)
        if hasattr(room, "register"):
            room.register(app)
    return dict(_flat(typer.main.get_command(app), ""))


def _flat(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _flat(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_setting_is_explained_and_none_that_there_is_not() -> None:
    wanted = {f"WENLAN_{name.upper()}" for name in Settings.model_fields}
    rows = set(re.findall(r"^\| `(WENLAN_[A-Z_]+)` \|", text(OPERATOR), re.M))
    assert rows == wanted
    assert {n for page in PAGES for n in re.findall(r"WENLAN_[A-Z_]+", text(page))} <= wanted


def test_every_command_stands_in_the_table_of_commands(commands: dict[str, Any]) -> None:
    rows = re.findall(r"^\| `wenlan ([^`]+)` \|", text(OPERATOR), re.M)
    missing = [name for name in commands if not any(f"{row} ".startswith(f"{name} ") for row in rows)]
    assert missing == []


def _said(page: Path) -> Iterator[str]:
    """What is told to be typed: lines of shell blocks, and commands in running text."""
    for block in re.findall(r"```sh\n(.*?)```", text(page), re.S):
        yield from block.splitlines()
    yield from re.findall(r"`((?:wenlan|make) [^`\n]+)`", text(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_told_to_be_typed_exists(page: Path, commands: dict[str, Any]) -> None:
    for line in _said(page):
        words = shlex.split(line, comments=True)
        while words and "=" in words[0]:
            words = words[1:]
        if not words:
            continue
        program, given = words[0].removeprefix(".venv/bin/"), words[1:]
        if program == "wenlan" and given:
            _check_wenlan(given, commands, line)
        elif program in COMMANDS:
            assert given and given[0] in COMMANDS[program], line
        elif words[0].startswith(".venv/bin/python") and given and given[0].endswith(".py"):
            assert (CHECKOUT / given[0]).is_file(), line


def _check_wenlan(given: list[str], commands: dict[str, Any], line: str) -> None:
    name = next((n for n in (" ".join(given[:2]), given[0]) if n in commands), None)
    assert name or any(n.startswith(f"{given[0]} ") for n in commands), line
    if name:
        known = {option for param in commands[name].params for option in (*param.opts, *param.secondary_opts)}
        for word in given[len(name.split()) :]:
            assert not word.startswith("-") or word in (*known, "-", "--help"), f"{line}: {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_pictures_are_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", text(page)) + re.findall(r'src="([^"]+)"', text(page))
    for target in targets:
        if target.startswith("http"):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file) if file else page
        assert found.exists(), target
        if anchor:
            assert anchor in {_anchor(h) for h in re.findall(r"^#+ (.+)$", text(found), re.M)}, target
        if found.suffix == ".png":
            assert found.stat().st_size <= MOST, target


def _anchor(heading: str) -> str:
    """As pages of repositories make them: letters, digits, hyphens; a space becomes a hyphen."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_every_picture_is_used() -> None:
    used = {name for page in PAGES for name in re.findall(r"images/([\w-]+\.png)", text(page))}
    assert {file.name for file in (CHECKOUT / "docs" / "images").glob("*.png")} == used


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_in_both_languages_and_speaks_of_no_machine(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", text(page), flags=re.S)
    chinese = len(re.findall(r"[\u3400-\u9fff]", prose))
    english = len(re.findall(r"[A-Za-z]{2,}", prose))
    assert chinese > 200 and english > 0.4 * chinese
    assert not re.search(r"(?<![\w.])/(?:home|root|work|tmp|Users|mnt)/", text(page))
    hosts = set(re.findall(r"https?://([^/\s)`'\">]+)", text(page)))
    assert all(host.startswith("127.0.0.1") or host.endswith(".example") for host in hosts), hosts

"""The pages in a real browser: Debian's chromium, headless, on the catalogue of the route tests."""

from __future__ import annotations

import importlib.util
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn

_FILE = Path(__file__).parent.parent / "catalog_api" / "web" / "conftest.py"
_spec = importlib.util.spec_from_file_location("seeded_catalogue", _FILE)
assert _spec and _spec.loader
_seeded = importlib.util.module_from_spec(_spec)
sys.modules["seeded_catalogue"] = _seeded  # dataclasses look their module up
_spec.loader.exec_module(_seeded)

cheap_passwords = _seeded.cheap_passwords
furnished = _seeded.furnished
open_house = _seeded.open_house

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium(program: Callable[[str], str]) -> Iterator[Any]:
    path = program("chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(chromium: Any, open_house: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that runs for all tests."""
    with open_house(tmp_path_factory.mktemp("site") / "home") as house:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(house.app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="session")
def signed_in(chromium: Any, site: str) -> Callable[[str], list[Any]]:
    """The cookies of somebody who has signed in, which he does once for all tests."""

    @cache
    def cookies(user: str) -> list[Any]:
        context = chromium.new_context(base_url=site)
        page = context.new_page()
        page.goto("/login")
        page.fill("#name", user)
        page.fill("#password", _seeded.PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_selector(".account-name")
        found: list[Any] = context.cookies()
        context.close()
        return found

    return cookies


@pytest.fixture
def open_page(chromium: Any, site: str, signed_in: Callable[[str], list[Any]]) -> Iterator[Callable[..., Any]]:
    """`open_page(path, user="", width=1280, javascript=True)`; a message on the console or a failed request fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(path: str, *, user: str = "", width: int = 1280, javascript: bool = True, lang: str = "") -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=javascript, base_url=site, locale="zh-CN"
        )
        contexts.append(context)
        if user:
            context.add_cookies(signed_in(user))
        if lang:
            context.add_cookies([{"name": "wenlan_lang", "value": lang, "url": site}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "responded with a status" not in message.text else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []

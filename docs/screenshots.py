"""Pictures of the pages for the documentation, into docs/images: `make screenshots`, or `python -m docs.screenshots`; needs chromium.

Without `--url` a demonstration is started for it in a directory of its own, on a free port, and taken away afterwards. With `--url`
it is a running demonstration, whose directory `--home` names.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 375, "height": 760}
MOST = 200 * 1024  # bytes of a picture
STARTING = 600  # seconds a demonstration may take

Walk = Callable[[Any], None]


@dataclass(frozen=True)
class Site:
    """A running demonstration: its address, its accounts, and the card of a reader of the officer's library."""

    url: str
    passwords: dict[str, str]
    card: str


@dataclass(frozen=True)
class Picture:
    """What to do on a new page before it is taken."""

    name: str
    walk: Walk
    user: str = ""
    lang: str = "zh"
    size: dict[str, int] | None = None


def take(site: Site, pictures: list[Picture], folder: Path = IMAGES) -> list[Path]:
    """Take the pictures into `folder`; returns the files. Exits where chromium is missing or a picture is too large."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        sys.exit("缺少 chromium，请先运行 / missing, run first: apt-get install -y chromium fonts-noto-cjk")
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        for picture in pictures:
            context = browser.new_context(
                viewport=picture.size or DESKTOP,  # type: ignore[arg-type]
                base_url=site.url,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            if picture.user:
                _sign_in(page, picture.user, site.passwords[picture.user])
            page.goto(f"/?lang={picture.lang}")
            picture.walk(page)
            page.wait_for_load_state("networkidle")
            files.append(folder / f"{picture.name}.png")
            page.screenshot(path=files[-1])
            context.close()
            if files[-1].stat().st_size > MOST:
                sys.exit(f"{files[-1].name}: {files[-1].stat().st_size // 1024} KB")
        browser.close()
    return files


def pictures(site: Site) -> list[Picture]:
    """All pictures of the documentation."""

    def desk(page: Any) -> None:
        page.goto("/card")
        page.fill("#number", site.card)
        page.click("main form button[type=submit]")
        page.wait_for_url("**/card/reader")

    hlm, carson = _record("红楼梦 year:2008 publisher:人民文学出版社"), _record("Silent spring")
    return [
        Picture("home", lambda page: None),
        Picture("search", _search("红楼梦")),
        Picture("record", hlm),
        Picture("record-set", _record("史记 修订本 year:2014", "第3册")),
        Picture("source", _source, user="librarian"),
        Picture("search-en", _search("economics"), lang="en"),
        Picture("record-en", carson, lang="en"),
        Picture("search-phone", _search("红楼梦"), size=PHONE),
        Picture("record-phone", hlm, size=PHONE),
        Picture("request", _first_of("/worklist?state=received"), user="officer"),
        Picture("worklist", lambda page: page.goto("/worklist"), user="officer"),
        Picture("supplier", _answering, user="supplier"),
        Picture("slips", lambda page: page.goto("/worklist/slips"), user="supplier"),
        Picture("one-card", desk, user="officer"),
        Picture("my-requests", lambda page: page.goto("/requests"), user="reader", size=PHONE),
    ]


def _search(query: str) -> Walk:
    return lambda page: page.goto(f"/search?q={quote(query)}")


def _record(query: str, title: str = "") -> Walk:
    """The first hit, or the first one with these words in its title."""

    def walk(page: Any) -> None:
        _search(query)(page)
        page.locator(".hit-title a", has_text=title or None).first.click()
        page.wait_for_selector(".record-head")

    return walk


def _source(page: Any) -> None:
    """A library's own record, field by field."""
    _record("红楼梦 year:2008 publisher:人民文学出版社")(page)
    page.locator("section[aria-labelledby=sources-title] a", has_text="省图").first.click()
    page.wait_for_selector(".marc")


def _first_of(address: str) -> Walk:
    def walk(page: Any) -> None:
        page.goto(address)
        page.locator(".work-title a").first.click()
        page.wait_for_selector(".timeline")

    return walk


def _answering(page: Any) -> None:
    """The list of the library that is asked, with the form of its next action open."""
    page.goto("/worklist?tab=lending")
    page.locator(".work summary.button:not(.quiet)").first.click()


def _sign_in(page: Any, name: str, password: str) -> None:
    page.goto("/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("main button[type=submit]")
    page.wait_for_selector(".account-name")


# -- the demonstration


@contextmanager
def demonstration() -> Iterator[Site]:
    """One of its own, from nothing; stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="wenlan-pictures-") as folder, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.close()
        home, log = Path(folder) / "home", Path(folder) / "log"
        command = [str(Path(sys.executable).parent / "wenlan"), "demo", "--port", str(port)]
        with log.open("wb") as said:
            server = subprocess.Popen(
                command, env={**os.environ, "WENLAN_HOME": str(home)}, cwd=ROOT, stdout=said, stderr=said
            )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, server, log)
            yield at(url, home)
        finally:
            server.terminate()
            server.wait(60)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit(log.read_text(errors="replace"))
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"the demonstration did not answer within {STARTING} s")


def at(url: str, home: Path) -> Site:
    from catalog_api.demo.generate import demo_readers

    passwords = dict(line.split() for line in (home / "demo" / "passwords").read_text().splitlines())
    reader = next(r for r in demo_readers() if r.home == "htcl")
    card = next(number for kind, number in reader.credentials if kind == "reader_card")
    return Site(url, passwords, card)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="", help="a running demonstration; without one, one is started")
    options.add_argument("--home", type=Path, default=ROOT / "var", help="the WENLAN_HOME of that demonstration")
    options.add_argument("--only", default="", help="names of pictures, with commas")
    options.add_argument("--folder", type=Path, default=IMAGES)
    given = options.parse_args()
    with demonstration() if not given.url else _running(given.url, given.home) as site:
        chosen = [p for p in pictures(site) if not given.only or p.name in given.only.split(",")]
        for file in take(site, chosen, given.folder):
            print(f"{file.name:20} {file.stat().st_size // 1024:4} KB")


@contextmanager
def _running(url: str, home: Path) -> Iterator[Site]:
    yield at(url, home)


if __name__ == "__main__":
    main()

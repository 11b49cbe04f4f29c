"""Pictures of the pages for the documentation: `python -m docs.screenshots --url http://127.0.0.1:8000 --user NAME`, needs chromium.

The officer's password is read from the environment (WENLAN_PASSWORD) or asked for; a reader's card for the picture of the desk likewise
(WENLAN_CARD; without one the picture shows the form). Other people start it with `take`, on a server of their own.
"""

from __future__ import annotations

import argparse
import getpass
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

IMAGES = Path(__file__).resolve().parent / "images"
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
HIT = ".hit-title a"


@dataclass(frozen=True)
class Officer:
    name: str
    password: str


def take(
    url: str, officer: Officer | None, *, query: str = "红楼梦", card: str = "", folder: Path = IMAGES
) -> list[Path]:
    """Take every picture of a running site into `folder`; without an officer, those of the public pages. Returns the files."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        sys.exit("缺少 chromium，请先运行 / missing, run first: apt-get install -y chromium fonts-noto-cjk")
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)

        def shoot(name: str, walk: Callable[[Any], None], *, lang: str = "zh", size: dict[str, int] = DESKTOP) -> None:
            page = browser.new_page(viewport=size, base_url=url, locale="zh-CN")  # type: ignore[arg-type]
            page.goto(f"/?lang={lang}")
            walk(page)
            page.wait_for_load_state("networkidle")
            files.append(folder / f"{name}.png")
            page.screenshot(path=files[-1])
            page.close()

        def search(page: Any) -> None:
            page.goto(f"/search?q={query}")

        def record(page: Any) -> None:
            search(page)
            page.click(HIT)

        shoot("home", lambda page: None)
        shoot("search", search)
        shoot("record", record)
        shoot("search-en", search, lang="en")
        shoot("record-en", record, lang="en")
        shoot("search-phone", search, size=PHONE)
        shoot("record-phone", record, size=PHONE)
        if officer is not None:
            walks = _staff(officer, card)
            for name, walk in walks.items():
                shoot(name, walk)
        browser.close()
    return files


def _staff(officer: Officer, card: str) -> dict[str, Callable[[Any], None]]:
    def sign_in(page: Any) -> None:
        page.goto("/login")
        page.fill("#name", officer.name)
        page.fill("#password", officer.password)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda address: "/login" not in address)

    def worklist(page: Any) -> None:
        sign_in(page)
        page.goto("/worklist?tab=lending")
        if not page.locator(".work").count():
            page.goto("/worklist")

    def request(page: Any) -> None:
        sign_in(page)
        page.goto("/worklist")
        if not page.locator(".work").count():
            page.goto("/worklist?tab=lending")
        page.click(".work-title a")

    def desk(page: Any) -> None:
        sign_in(page)
        page.goto("/card")
        if card:
            page.fill("#number", card)
            page.click("main form button[type=submit]")
            page.wait_for_url("**/card/reader")

    return {"worklist": worklist, "request": request, "one-card": desk}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8000")
    options.add_argument("--user", default="", help="an ILL officer; without one only the public pages are taken")
    options.add_argument("--query", default="红楼梦")
    options.add_argument("--folder", type=Path, default=IMAGES)
    given = options.parse_args()
    officer = None
    if given.user:
        officer = Officer(given.user, os.environ.get("WENLAN_PASSWORD") or getpass.getpass("密码 password: "))
    card = os.environ.get("WENLAN_CARD", "")
    for file in take(given.url, officer, query=given.query, card=card, folder=given.folder):
        print(f"{file.name}  {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()

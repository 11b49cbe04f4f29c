"""Fetch the JavaScript the pages use into `catalog_api/web/static/vendor/`: `python tools/vendor.py`, needs npm.

Each package is pinned to a version and to the SHA-512 of its archive as the registry publishes it; another archive is refused. The
files are committed, so neither building nor running Wenlan needs npm.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "catalog_api" / "web" / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    integrity: str  # as `npm view NAME@VERSION dist.integrity` tells
    files: dict[str, str]  # member of the archive -> our name


PACKAGES = [
    Package(
        "htmx.org",
        "2.0.11",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        {"package/dist/htmx.min.js": "htmx.min.js", "package/LICENSE": "htmx.LICENSE.txt"},
    )
]


def fetch(package: Package, folder: Path) -> Path:
    """The archive from the registry, checked. SystemExit when it is not the pinned one."""
    subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=folder, check=True, capture_output=True
    )
    archive = next(folder.glob("*.tgz"))
    algorithm, _, expected = package.integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, archive.read_bytes()).digest()).decode()
    if found != expected:
        sys.exit(f"{package.name}@{package.version}: the archive is not the pinned one ({algorithm}-{found})")
    return archive


def unpack(package: Package, archive: Path) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as opened:
        for member, name in package.files.items():
            content = opened.extractfile(member)
            if content is None:
                sys.exit(f"{package.name}@{package.version} has no file {member}")
            (TARGET / name).write_bytes(content.read())


def main() -> None:
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            unpack(package, fetch(package, Path(folder)))


if __name__ == "__main__":
    main()

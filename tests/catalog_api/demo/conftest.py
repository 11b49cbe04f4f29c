"""One demonstration federation for all tests of this folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from catalog_api.demo.generate import Federation, generate


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return generate(tmp_path_factory.mktemp("federation"))


@pytest.fixture(scope="session")
def truth(federation: Federation) -> list[dict[str, str]]:
    return read_truth(federation.truth)


def read_truth(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))

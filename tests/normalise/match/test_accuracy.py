"""On real and realistic records with known truth the matcher stays as good as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import accuracy

pytestmark = pytest.mark.shared


def test_chinese_libraries(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "DATA", shared)
    score = accuracy.chinese()
    assert score.precision >= 0.99
    assert score.recall >= 0.95


def test_goldfinch_pairs(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy, "DATA", shared)
    assert accuracy.goldfinch() >= 0.98

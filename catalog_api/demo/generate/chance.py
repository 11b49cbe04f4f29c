"""Seeded chance: everything the generator draws comes from here, so that one seed gives one federation."""

from __future__ import annotations

from random import Random


def chance(*seeds: int) -> Random:
    """A generator of its own for a tuple of seeds; independent of hash randomisation."""
    seed = 0
    for part in seeds:
        seed = seed * 1_000_003 + part
    return Random(seed)  # noqa: S311 - invented data, no secret

"""Which id a cluster keeps. Pure: ids are opaque and never reused; the larger part keeps the id, at a tie the smaller id is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Fate(NamedTuple):
    """`ids` is parallel to the groups, None where a new id is due. `moved`: old id -> index of the group that holds most of its records;
    `empty`: old ids of which no record is left."""

    ids: list[int | None]
    moved: dict[int, int]
    empty: list[int]


def assign(
    groups: Sequence[Sequence[int]], old: Mapping[int, int], retired: frozenset[int], others: frozenset[int]
) -> Fate:
    """Ids for groups of record ids. `old`: record -> the cluster it was in; `retired`: ids that were redirected away and are not given
    again; `others`: further old ids to account for, whose records are all gone."""
    overlap = Counter((index, old[record]) for index, group in enumerate(groups) for record in group if record in old)
    wanted = sorted(overlap.items(), key=lambda item: (-item[1], item[0][1], min(groups[item[0][0]])))
    ids: list[int | None] = [None] * len(groups)
    taken: set[int] = set()
    moved: dict[int, int] = {}
    for (index, cluster), _ in wanted:
        if cluster in retired:
            continue
        if ids[index] is None and cluster not in taken:
            ids[index] = cluster
            taken.add(cluster)
        else:
            moved.setdefault(cluster, index)  # the first is the group with most of its records
    for cluster in taken:
        moved.pop(cluster, None)
    seen = {cluster for _, cluster in overlap}
    return Fate(ids, moved, sorted(others - seen - retired))

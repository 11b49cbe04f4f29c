"""同一作品: what else there is of a work. The volumes of a set and the years of an annual stand together, editions each for itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from catalog_api.web.description import title_line
from normalise.numerals import number
from normalise.text import compact
from schemas.cluster import ClusterView
from schemas.text import Text

_ORDER = {"上": 1, "中": 2, "下": 3}
_HEADINGS = {
    "volume": Text("本套各册", "Volumes of this set"),
    "annual": Text("各年", "Years"),
}


@dataclass(slots=True)
class Edition:
    """A line: one edition; with `parts` a set of which the volumes are described, and with `whole` the set as well.

    Parts are id and designation.
    """

    id: int
    title: str
    publisher: str
    year: int | None
    edition: str
    members: list[str]
    guji: bool
    whole: bool = False
    parts: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Others:
    """`siblings` belong to the same set or annual as the page's own record, under `heading`; `whole` is the id of that set's own record."""

    heading: Text
    siblings: list[tuple[int, str]]
    whole: int | None
    editions: list[Edition]


def others(view: ClusterView, same_work: Sequence[ClusterView], *, staff: bool = False) -> Others:
    """From the other clusters of a work. Parts are in the order of their numbers, editions newest first.

    Without `staff` an edition names only the members that describe it to the public.
    """
    own = _set_of(view)
    level = view.merged.bib.level
    near = [v for v in same_work if _part(v) and _set_of(v) == own]
    sets = [v for v in same_work if v.merged.bib.level == "set" and _part(view) and _set_of(v) == own]
    rest = [v for v in same_work if v not in near and v not in sets]
    grouped: dict[tuple[str, ...], list[ClusterView]] = {}
    for v in rest:
        if _part(v):
            grouped.setdefault(_set_of(v), []).append(v)
    editions = []
    for v in rest:
        if not _part(v):
            volumes = grouped.pop(_set_of(v), []) if v.merged.bib.level == "set" else []
            editions.append(_edition(v, volumes, staff))
    editions += [_edition(None, volumes, staff) for volumes in grouped.values()]
    return Others(
        _HEADINGS["annual" if level == "annual" else "volume"],
        _parts(near),
        sets[0].id if sets else None,
        sorted(editions, key=lambda e: (-(e.year or 0), e.title, e.id)),
    )


def _part(view: ClusterView) -> str:
    """Its designation within a larger whole, as people say it."""
    title = view.merged.bib.title
    return " ".join(p for p in (title.part_number, title.part_name) if p) if title else ""


def _set_of(view: ClusterView) -> tuple[str, ...]:
    """What the volumes of a set have in common. An annual is one, whoever publishes it this year."""
    bib = view.merged.bib
    title = compact(bib.title.text) if bib.title else ""
    if bib.level == "annual":
        return "annual", title
    publisher = compact(bib.publication[0].publisher) if bib.publication else ""
    return title, publisher, compact(bib.edition.text) if bib.edition else ""


def _parts(views: Sequence[ClusterView]) -> list[tuple[int, str]]:
    return [(v.id, _part(v)) for v in sorted(views, key=lambda v: _in_order(_part(v)))]


def _in_order(part: str) -> tuple[float, str]:
    """第10册 after 第9册, 下 after 中 after 上."""
    found = re.search(r"[0-9]+|[〇零一二三四五六七八九十百]+", part)
    value = number(found[0]) if found else _ORDER.get(part.lstrip("第卷 ")[:1])
    return (float("inf") if value is None else value, part)


def _edition(whole: ClusterView | None, volumes: Sequence[ClusterView], staff: bool) -> Edition:
    views = [whole, *volumes] if whole else list(volumes)
    bib = views[0].merged.bib
    several = len(views) > 1
    years = [p.year for v in views for p in v.merged.bib.publication[:1] if p.year]
    return Edition(
        id=views[0].id,
        title=bib.title.text if several and bib.title else title_line(bib.title),
        publisher=bib.publication[0].publisher if bib.publication else "",
        year=max(years, default=None),
        edition=bib.edition.text if bib.edition else "",
        members=sorted({m for v in views for m in (v.members if staff else v.public_members)}),
        guji=bib.guji,
        whole=whole is not None,
        parts=_parts(volumes) if several else [],
    )

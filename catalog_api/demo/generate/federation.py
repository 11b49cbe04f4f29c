"""The demonstration federation as files: every member's records in its own dialect, and the truth of what belongs together."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import TracebackType

import msgspec

from catalog_api.demo.generate import facts
from catalog_api.demo.generate.chance import chance
from catalog_api.demo.generate.houses import MEMBERS, copy_counts, holders, houses
from catalog_api.demo.generate.noise import look, revise
from catalog_api.demo.generate.shape import Isbn, Manifestation, View
from catalog_api.demo.generate.synthetic import Maker
from catalog_api.demo.generate.writers import XML_DAMAGE, Writer, open_writer
from schemas.errors import WenlanError

Progress = Callable[[int, int | None], None]
STEP = 2_000  # records between two calls of `progress`
FIRST_DAY = "2024-06-03"
CYCLE = 50  # a record changes at most once in so many nights: two in a hundred a night
NEW_CYCLE = 250  # a manifestation gets another holder at most once in so many nights

# Chance of a damaged record and the kinds each system produces.
DAMAGE: dict[str, tuple[float, tuple[str, ...]]] = {
    "zjsl": (0.003, ("bad_leader_length",)),
    "htcl": (0.008, ("bad_leader_length", "half_char", "mixed_encoding", "stray_field_terminator")),
    "lxcl": (0.022, ("bad_leader_length", "char_lengths", "half_char", "mixed_encoding", "stray_terminator", "no_terminator", "truncated", "junk_before")),
    "qtut": (0.009, ("char_lengths", "char_lengths", "stray_field_terminator")),
    "zwun": (0.001, ("invalid_xml_char",)),
    "dhss": (0.009, XML_DAMAGE),
    "szgj": (0.008, ("invalid_xml_char", "bare_ampersand")),
    "hspl": (0.006, ("half_char", "bad_leader_length", "no_terminator")),
    "jspl": (0.005, ("json_cut",)),
    "whbk": (0.006, ("csv_columns",)),
}  # fmt: skip


class MemberFiles(msgspec.Struct):
    """One member's part. `records` counts all, deleted and damaged ones too."""

    code: str
    files: list[Path]
    records: int = 0
    deleted: int = 0
    damaged: int = 0


class Federation(msgspec.Struct):
    """What was written. `truth` is CSV: member,local_id,manifestation_id,work_id,flags; deleted records have no ids."""

    folder: Path
    truth: Path
    seed: int
    members: dict[str, MemberFiles]
    records: int = 0
    manifestations: int = 0
    works: int = 0
    flags: dict[str, int] = {}


class _Plan(msgspec.Struct):
    """Kept beside the files, so that the nights after can be made."""

    seed: int
    records: int | None


class _Books:
    """The streams of all members, the counters of local ids and barcodes, and the truth."""

    def __init__(self, folder: Path, day: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for code in MEMBERS:
            shutil.rmtree(folder / code, ignore_errors=True)
        self.writers: dict[str, Writer] = {
            code: open_writer(house, folder / code, day) for code, house in houses().items()
        }
        self.members = {code: MemberFiles(code, []) for code in MEMBERS}
        self.path = folder / "truth.csv"
        self.truth = self.path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)
        self.truth.write("member,local_id,manifestation_id,work_id,flags\n")
        self.flags: Counter[str] = Counter()

    def __enter__(self) -> _Books:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for code, writer in self.writers.items():
            writer.close()
            self.members[code].files = writer.files
        self.truth.close()

    def add(self, code: str, view: View, rng: Random) -> None:
        self.writers[code].add(view, rng)
        member, m = self.members[code], view.m
        member.records += 1
        member.deleted += view.deleted
        if view.damage:
            member.damaged += any(flag.startswith("damaged") for flag in view.flags)
        ids = "," if view.deleted else f"{m.id},{m.work}"
        self.truth.write(f"{code},{view.local_id},{ids},{';'.join(view.flags)}\n")
        self.flags.update(view.flags)


class _Placed(msgspec.Struct):
    """A record to be: who has it, and its number in the whole run (stable for a seed). `extra` is a later night's acquisition."""

    code: str
    view: View
    ordinal: int
    extra: int = 0


class _Placing:
    """Decides who holds what and lets each look at it. The same seed gives the same records in the same order."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.houses = houses()
        self.ids = dict.fromkeys(MEMBERS, 0)
        self.barcodes = dict.fromkeys(MEMBERS, 1000)
        self.ordinal = 0
        self.other: Isbn | None = None
        self.rng = chance(seed)
        self.counters = {code: self._counter(code) for code in MEMBERS}

    def _counter(self, code: str) -> Callable[[], int]:
        def following() -> int:
            self.barcodes[code] += 7
            return self.barcodes[code]

        return following

    def group(self, number: int, group: list[Manifestation], extra_night: int) -> Iterator[_Placed]:
        """The records of one row of facts, or of one invented work."""
        rng = self.rng
        rng.seed(self.seed * 1_000_003 + number * 7_919)
        whole, *parts = group
        counts = copy_counts()
        if whole.kind != "set":
            order: list[str] = []
            for m in group:
                count = (2 if m.guji_same else 1) if m.kind == "guji" else counts[int(rng.random() * 1000)]
                if not order or m.kind != "annual":
                    order = holders(m, 9, rng, self.seed)
                yield from self._records(m, order[:count])
                if (
                    extra_night
                    and (number * 31 + m.year) % NEW_CYCLE == extra_night % NEW_CYCLE
                    and count < len(order)
                    and m.kind != "guji"
                ):
                    yield self._extra(m, order[count], extra_night)
            return
        holding = holders(whole, counts[int(rng.random() * 1000)], rng, self.seed)
        # Where one library describes by volume others do too; a set with one number, or a long one, is mostly described as a set.
        long, one = len(parts) > 4, whole.shared_isbn
        inviting = rng.random() < (0.03 if long and one else 0.15 if long or one else 0.4)
        by_volume = 0.75 if inviting else 0.03
        single = [code for code in holding if rng.random() < by_volume]
        yield from self._records(whole, [code for code in holding if code not in single or rng.random() < 0.1])
        for part in parts:
            yield from self._records(part, [code for code in single if rng.random() < 0.95])

    def _records(self, m: Manifestation, codes: list[str]) -> Iterator[_Placed]:
        rng = self.rng
        for code in codes:
            house = self.houses[code]
            yield self._place(m, code)
            if rng.random() < house.slips.dup_in_lib and m.kind != "guji":
                placed = self._place(m, code)
                placed.view.flags.append("dup_in_lib")
                yield placed
        if m.isbn is not None:
            self.other = m.isbn

    def _place(self, m: Manifestation, code: str) -> _Placed:
        house, rng = self.houses[code], self.rng
        view = look(m, house, rng, self.other, self.counters[code])
        self.ids[code] += 1
        self.ordinal += 1
        view.local_id = house.local_id.format(self.ids[code], year=view.created[:4])
        if rng.random() < house.slips.deleted and code != "whbk":
            self._delete(view)
        else:
            rate, kinds = DAMAGE[code]
            if rng.random() < rate and m.script != "latn":
                view.damage = kinds[int(rng.random() * len(kinds))]
        return _Placed(code, view, self.ordinal)

    @staticmethod
    def _delete(view: View) -> None:
        view.deleted, view.items = True, []
        view.flags.append("deleted")

    def _extra(self, m: Manifestation, code: str, night: int) -> _Placed:
        """Bought since: numbers of its own range, so that the run's counters do not move."""
        rng = chance(self.seed, night, self.ordinal)
        house = self.houses[code]
        number = 5_000_000 + self.ordinal
        view = look(m, house, rng, None, lambda: number)
        view.local_id = house.local_id.format(number, year=view.created[:4])
        view.flags.append("new")
        return _Placed(code, view, self.ordinal, night)


def _stream(seed: int, records: int | None) -> Iterator[list[Manifestation]]:
    """The facts in an order of the seed; then, where a number is wanted, invented works without end."""
    rows = list(facts.groups())
    chance(seed).shuffle(rows)
    yield from rows
    if records is not None:
        yield from Maker(seed).works()


def generate(
    folder: Path, *, records: int | None = None, seed: int = 1, progress: Progress | None = None
) -> Federation:
    """Write the federation's files under `folder`/MEMBER/ and `folder`/truth.csv; what an earlier run left there is replaced.

    Without `records`, the demonstration: the facts and nothing else. With it exactly so many records, facts first, then
    invented works. Streaming: memory does not grow with `records`. `progress` gets (done, total) every few thousand records.
    """
    for night in folder.glob("night-*"):
        shutil.rmtree(night)
    placing = _Placing(seed)
    found = Federation(folder, folder / "truth.csv", seed, {})
    works: set[str] = set()
    last_work = ""
    writing = chance(seed, 2)  # of its own: who holds what must not depend on how it was written
    with _Books(folder, FIRST_DAY) as books:
        for number, group in enumerate(_stream(seed, records)):
            seen = set()
            for placed in placing.group(number, group, 0):
                books.add(placed.code, placed.view, writing)
                seen.add(placed.view.m.id)
                found.records += 1
                if progress is not None and found.records % STEP == 0:
                    progress(found.records, records)
                if found.records == records:
                    break
            found.manifestations += len(seen)
            work = group[0].work
            if group[0].field != "synthetic":
                works.add(work)
            elif seen and work != last_work:
                found.works += 1
                last_work = work
            if found.records == records:
                break
    found.works += len(works)
    found.members, found.flags = books.members, dict(books.flags)
    (folder / "plan.json").write_bytes(msgspec.json.encode(_Plan(seed, records)))
    if progress is not None:
        progress(found.records, records)
    return found


def changes(folder: Path, day: int) -> Federation:
    """What the members send in the `day`th night (from 1) after `generate(folder)`: written under `folder`/night-NN.

    About two records in a hundred come again changed, a tenth of these deleted (and deleted ones restored), and some editions
    have a new holder. Only these are written: incremental, except that the bookshop's list knows no deletions.
    `truth.csv` there has their rows; put over the truth of the days before, it is the truth of the evening.
    """
    if not 1 <= day < CYCLE:
        raise WenlanError(
            "demo-day", "演示只有 1 到 {last} 个夜晚", "The demonstration has nights 1 to {last}", last=CYCLE - 1
        )
    plan = msgspec.json.decode((folder / "plan.json").read_bytes(), type=_Plan)
    night = folder / f"night-{day:02d}"
    placing = _Placing(plan.seed)
    found = Federation(night, night / "truth.csv", plan.seed, {})
    date = f"202406{3 + day:02d}" if day < 27 else f"202407{day - 26:02d}"
    with _Books(night, f"{date[:4]}-{date[4:6]}-{date[6:]}") as books:
        for number, group in enumerate(_stream(plan.seed, plan.records)):
            for placed in placing.group(number, group, day):
                if plan.records is not None and placed.ordinal > plan.records:
                    break
                if placed.extra:
                    placed.view.created = date
                    books.add(placed.code, placed.view, chance(placed.ordinal))
                elif placed.ordinal % CYCLE == day:
                    placed.view.damage = ""
                    _revise(placed, date, books)
                else:
                    continue
            if plan.records is not None and placing.ordinal >= plan.records:
                break
    found.members, found.flags = books.members, dict(books.flags)
    found.records = sum(member.records for member in books.members.values())
    return found


def _revise(placed: _Placed, date: str, books: _Books) -> None:
    view, rng = placed.view, chance(placed.ordinal)
    if view.deleted:
        view.deleted = False
        view.flags[:] = [flag for flag in view.flags if flag != "deleted"] + ["restored"]
    elif rng.random() < 0.1 and placed.code != "whbk":
        _Placing._delete(view)
    else:
        revise(view, houses()[placed.code], rng)
    view.created = date
    books.add(placed.code, view, rng)


__all__ = ["Federation", "MemberFiles", "changes", "generate"]

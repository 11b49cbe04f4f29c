"""Works by variation: plausible titles, people, publishers and years from word lists, as many as are wanted.

Nothing here is a fact. Memory does not grow with the number of works: the state is a counter a publisher's prefix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from catalog_api.demo.generate.chance import chance
from catalog_api.demo.generate.facts import UNIFIED_CLASS, publishers
from catalog_api.demo.generate.isbn import Numbers, invent_issn
from catalog_api.demo.generate.romanise import pinyin
from catalog_api.demo.generate.shape import FIRST_ISBN_YEAR, Agent, Manifestation, Publisher
from catalog_api.demo.generate.words import words

LAST_YEAR = 2024


class Maker:
    """Makes works one after another. `seed` and the order of calls decide everything."""

    def __init__(self, seed: int) -> None:
        self.rng = chance(seed)
        self.count = 0
        self.annuals = 0
        self.numbers = Numbers()
        self.words = words()
        chinese = [p for p in publishers().values() if p.region.isdigit() and p.region < "700000" and p.prefixes]
        # A publisher with a short prefix has many numbers, because it publishes much.
        weights = [{4: 40, 5: 30, 6: 12, 7: 1}.get(len(p.prefixes[0][1]), 1) for p in chinese]
        self.chinese = self.rng.choices(chinese, weights, k=2048)
        foreign = [
            p for p in publishers().values() if not p.region.isdigit() and p.prefixes and len(p.prefixes[0][1]) <= 6
        ]
        self.foreign = self.rng.choices(foreign, k=256)
        greater = [
            p
            for p in publishers().values()
            if p.region in ("710000", "810000") and p.prefixes and p.prefixes[0][1] != "0-19"
        ]
        self.greater = self.rng.choices(greater, k=64)
        kinds = {
            self._monograph: 52, self._literature: 16, self._translation: 8, self._local: 7, self._western: 7,
            self._annual: 3, self._serial: 1, self._thesis: 4, self._media: 2,
        }  # fmt: skip
        self.makers = self.rng.choices(list(kinds), list(kinds.values()), k=1024)

    def works(self) -> Iterator[list[Manifestation]]:
        """Without end: the manifestations of a work, a set with its volumes, in one list."""
        while True:
            self.count += 1
            yield from self.makers[int(self.rng.random() * 1024)]()

    def pick(self, name: str) -> Any:
        table = self.words[name]
        return table[int(self.rng.random() * len(table))]

    def person(self, role: str) -> Agent:
        name = self.pick("surnames") + self.pick("given")
        if self.rng.random() < 0.7:
            name += self.pick("given")
        return Agent(name, role)

    def people(self, role: str) -> tuple[Agent, ...]:
        draw = self.rng.random()
        return tuple(self.person(role) for _ in range(1 if draw < 0.6 else 2 if draw < 0.88 else 3))

    def _year(self) -> int:
        """More books in later years; about one in eight before ISBN."""
        draw = self.rng.random()
        return int(LAST_YEAR - 24 * draw) if draw < 0.5 else int(LAST_YEAR - 12 - 48 * (draw - 0.25))

    def _make(
        self,
        work: str,
        number: int,
        title: str,
        year: int,
        publisher: Publisher,
        agents: tuple[Agent, ...],
        clc: str,
        **more: Any,
    ) -> Manifestation:
        rng = self.rng
        price = 0.004 * 1.105 ** (year - 1960) + 0.3
        pages = 60 + int(640 * rng.random() * rng.random() + 140 * rng.random())
        fields: dict[str, Any] = {
            "id": f"{work}e{number}", "work": work, "title": title, "year": year, "publisher": publisher, "agents": agents, "clc": clc,
            "place": publisher.place, "pages": pages, "field": "synthetic", "price": f"CNY{min(price, 1.0) * pages * 0.22 + 0.2:.2f}",
            "size": "19cm" if year < 1980 else "20cm" if year < 1995 else "21cm" if year < 2006 else "24cm",
        }  # fmt: skip
        fields.update(more)
        made = Manifestation(**fields)
        if made.isbn is None and "isbn" not in more:
            made.isbn = self.numbers.isbn(publisher, year)
        if made.isbn is None and year < FIRST_ISBN_YEAR and publisher.unified and "unified" not in more:
            made.unified = f"{UNIFIED_CLASS.get(clc[0], 17)}{publisher.unified}·{100 + int(rng.random() * 3900)}"
        return made

    def _editions(
        self,
        title: str,
        clc: str,
        agents: tuple[Agent, ...],
        romanised: str,
        subtitle: str,
        subjects: Any,
        chance: float,
        **more: Any,
    ) -> Iterator[list[Manifestation]]:
        """One to three editions, now and then one as a set of volumes, now and then one with another publisher."""
        rng = self.rng
        work = f"s{self.count:07d}"
        year, publisher = self._year(), self.chinese[int(rng.random() * 2048)]
        series = self.pick("series") if rng.random() < 0.25 else ""
        number = 1
        while True:
            made = self._make(
                work, number, title, year, publisher, agents, clc, subtitle=subtitle, romanised=romanised, subjects=subjects,
                edition=f"第{number}版" if number > 1 and chance > 0.2 else "", series=series,
                series_number=str(1 + int(rng.random() * 30)) if series and rng.random() < 0.4 else "",
                printings=(year + 1 + int(rng.random() * 4),) if rng.random() < 0.25 else (), **more,
            )  # fmt: skip
            yield self._volumes(made) if rng.random() < 0.07 else [made]
            gap = 2 + int(rng.random() * 8)
            if rng.random() > chance or number == 4 or year + gap > LAST_YEAR:
                return
            number += 1
            year += gap
            if chance <= 0.2:
                publisher = self.chinese[int(rng.random() * 2048)]

    def _volumes(self, whole: Manifestation) -> list[Manifestation]:
        rng = self.rng
        count = 2 if rng.random() < 0.6 else 3 if rng.random() < 0.7 else 4
        names = {2: ("上册", "下册"), 3: ("上册", "中册", "下册")}.get(count) or tuple(
            f"第{n}册" for n in range(1, count + 1)
        )
        one = rng.random() < 0.35 or whole.isbn is None
        found = [whole]
        amount = float(whole.price[3:])
        for part, name in enumerate(names, 1):
            isbn = whole.isbn if one else self.numbers.isbn(whole.publisher, whole.year)
            volume = msgspec.structs.replace(
                whole, id=f"{whole.id}v{part}", kind="volume", part_number=name, isbn=isbn, shared_isbn=one and isbn is not None,
                set_id=whole.id, set_isbn=whole.isbn, price="" if one else f"CNY{amount:.2f}", pages=whole.pages + part * 3,
            )  # fmt: skip
            found.append(volume)
        whole.kind, whole.volumes, whole.pages = "set", count, whole.pages * count
        whole.price, whole.shared_isbn = f"CNY{amount * count:.2f}", one and whole.isbn is not None
        whole.part_isbns = () if one else tuple(v.isbn for v in found[1:] if v.isbn)
        return found

    def _monograph(self) -> Iterator[list[Manifestation]]:
        topic, clc, _ = self.pick("topics")
        ending, form, _ = self.pick("endings")
        opening, subtitle = self.pick("openings"), self.pick("subtitles")
        pieces = [opening, topic]
        if self.rng.random() < 0.25:
            other = self.pick("topics")[0]
            pieces += ["与", other] if other != topic else []
        title = "".join((*pieces, ending))
        romanised = " ".join(pinyin(piece) for piece in (*pieces, ending) if piece)
        role = "主编" if form == "教材" else "编著" if form in ("手册", "词典", "习题集") else "著"
        subjects = ((topic, "高等学校", "教材") if form == "教材" else (topic, form) if form else (topic,),)
        yield from self._editions(
            title, clc, self.people(role), romanised, subtitle, subjects, 0.4 if form == "教材" else 0.15
        )

    def _literature(self) -> Iterator[list[Manifestation]]:
        modifier, thing = self.pick("modifiers"), self.pick("things")
        genre, clc = self.pick("genres")
        title, romanised = modifier + thing, f"{pinyin(modifier)} {pinyin(thing)}"
        if self.rng.random() < 0.5:
            place = self.pick("places")
            title, romanised = (
                f"{place}{title}" if self.rng.random() < 0.5 else f"{title}与{place}",
                f"{pinyin(place)} {romanised}",
            )
        yield from self._editions(
            title, clc, (self.person("著"),), "" if "与" in title else romanised, "", ((genre, "中国", "当代"),), 0.2
        )

    def _translation(self) -> Iterator[list[Manifestation]]:
        topic, clc, english = self.pick("topics")
        ending, _, pattern = self.pick("endings")
        given, given_original = self.pick("foreign_given")
        family, family_original = self.pick("foreign_names")
        country, language = self.pick("countries")
        author = Agent(
            f"{given}·{family}" if self.rng.random() < 0.5 else family,
            "著",
            country,
            f"{given_original} {family_original}",
        )
        original = pattern.format(english.lower() if not pattern.startswith("{}") else english)
        yield from self._editions(
            topic + ending, clc, (author, *self.people("译")), f"{pinyin(topic)} {pinyin(ending)}", "", ((topic,),), 0.2,
            original_language=language, original_title=original if language == "eng" else "",
        )  # fmt: skip

    def _local(self) -> Iterator[list[Manifestation]]:
        place, (document, subject, clc) = self.pick("places"), self.pick("documents")
        first = 1 + int(self.rng.random() * 20)
        body = Agent(f"《{place}{document}》编纂委员会", "编", corporate=True)
        numbered = document == "文史资料"
        yield from self._editions(
            f"{place}{document}", clc, (body,), f"{pinyin(place)} {pinyin(document)}", "", ((subject, place),), 0.1,
            **({"part_number": f"第{first}辑", "isbn": None} if numbered else {}),
        )  # fmt: skip

    def _annual(self) -> Iterator[list[Manifestation]]:
        # Enumerated, not drawn: two annuals of one name and year would be one publication.
        rng, places, topics = self.rng, self.words["places"], self.words["topics"]
        self.annuals += 1
        rest, at = divmod(self.annuals, len(places))
        place, topic = places[at], topics[rest % len(topics)][0] if rest else ""
        name, issuer, clc = (
            ("统计年鉴", "统计局", "C832.55") if rest % 3 == 0 else ("年鉴", "地方志编纂委员会", "Z525.5")
        )
        name = f"{topic}{name}"
        agents = (Agent(f"{place}市{issuer}", "编", corporate=True),)
        publisher = publishers()["中国统计出版社" if rest % 3 == 0 else "方志出版社"]
        first, work = 1988 + int(rng.random() * 25), f"s{self.count:07d}"
        title, romanised = f"{place}{name}", f"{pinyin(place)} {pinyin(name)}"
        for number in range(3 + int(rng.random() * 6)):
            yield [
                self._make(
                    work, number, title, first + number, publisher, agents, clc, kind="annual", part_number=str(first + number),
                    romanised=romanised, subjects=((place, "年鉴"),), size="29cm",
                )
            ]  # fmt: skip

    def _serial(self) -> Iterator[list[Manifestation]]:
        topic, clc, _ = self.pick("topics")
        title = f"{self.pick('places')}{topic}" if self.rng.random() < 0.7 else f"{topic}通讯"
        publisher = self.chinese[int(self.rng.random() * 2048)]
        agents = (Agent(f"{self.pick('places')}市{topic}学会", "主办", corporate=True),)
        yield [
            self._make(
                f"s{self.count:07d}", 1, title, self._year(), publisher, agents, f"{clc}-55", kind="serial", isbn=None, unified="", pages=0, price="",
                issn=invent_issn(self.count * 7919), frequency="双月刊" if self.count % 2 else "季刊", subjects=((topic, "期刊"),), size="26cm",
            )
        ]  # fmt: skip

    def _thesis(self) -> Iterator[list[Manifestation]]:
        topic, clc, _ = self.pick("topics")
        school, doctor, place = self.pick("universities"), self.rng.random() < 0.3, self.pick("places")
        title = f"{place}{topic}{self.pick('endings')[0]}研究".replace("研究研究", "研究")
        publisher = Publisher(school, school, "杭州", "330000")
        year = 1998 + int(self.rng.random() * 26)
        yield [
            self._make(
                f"s{self.count:07d}", 1, title, year, publisher, (self.person("撰"), self.person("指导")), clc, kind="thesis", isbn=None, unified="", price="",
                note="博士学位论文" if doctor else "硕士学位论文", subjects=((topic, "研究", place),), size="30cm", field="synthetic",
            )
        ]  # fmt: skip

    def _western(self) -> Iterator[list[Manifestation]]:
        _, clc, english = self.pick("topics")
        _, _, pattern = self.pick("endings")
        rng = self.rng
        title = pattern.format(english.lower() if not pattern.startswith("{}") else english)
        title, _, subtitle = title.partition(" : ")
        names = tuple(
            Agent(f"{self.pick('foreign_given')[1]} {self.pick('foreign_names')[1]}")
            for _ in range(1 if rng.random() < 0.6 else 2)
        )
        work, year = f"s{self.count:07d}", 1970 + int(rng.random() * 54)
        publisher = self.foreign[int(rng.random() * 256)]
        for number in range(1, 2 + (rng.random() < 0.25)):
            edition = f"{number}{'nd' if number == 2 else 'st'} ed." if number > 1 else ""
            yield [
                self._make(
                    work, number, title, min(year + 6 * (number - 1), LAST_YEAR), publisher, names, clc, subtitle=subtitle, edition=edition, script="latn",
                    language="eng", romanised=title, subjects=((english,),), price="", unified="", size="24 cm",
                )
            ]  # fmt: skip

    def _media(self) -> Iterator[list[Manifestation]]:
        """An e-book or a disc beside the printed book, with the printed book's number now and then; or a Taiwan or Hong Kong edition."""
        rng = self.rng
        for group in self._monograph():
            book = group[0]
            yield group
            draw = rng.random()
            if draw < 0.4:
                shared = book.isbn is not None and rng.random() < 0.6
                yield [
                    msgspec.structs.replace(
                        book, id=f"{book.id}x", kind="book", carrier="ebook", volumes=0, part_isbns=(), isbn=book.isbn if shared else None, shared_isbn=shared,
                        unified="", url=f"https://ebook.wenlan.example/{book.id}", printings=(),
                    )
                ]  # fmt: skip
            elif draw < 0.6:
                yield [
                    msgspec.structs.replace(
                        book, id=f"{book.id}d", kind="book", carrier="dvd", volumes=0, part_isbns=(), isbn=None, unified="", pages=0,
                        extent="1张DVD", size="12cm", printings=(),
                    )
                ]  # fmt: skip
            elif book.year >= 1990:
                house = self.greater[int(rng.random() * 64)]
                yield [
                    msgspec.structs.replace(
                        book, id=f"{book.id}t", kind="book", volumes=0, part_isbns=(), script="hant", publisher=house, place=house.place, unified="",
                        isbn=self.numbers.isbn(house, book.year), price="NT$320" if house.region == "710000" else "HK$88", printings=(),
                    )
                ]  # fmt: skip

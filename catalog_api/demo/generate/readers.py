"""Invented readers with credentials that pass every check and can belong to nobody. Nothing here is written or logged."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

from catalog_api.demo.generate.chance import chance
from catalog_api.demo.generate.isbn import resident_check
from catalog_api.demo.generate.words import words

# No county has this code in GB/T 2260: a number under it has never been given to a person.
NOBODYS_REGION = "339999"
Kind = Literal["reader_card", "social_security", "resident_id", "citizen_card"]
Category = Literal["adult", "student", "faculty", "child", "staff"]
# Home library, category, name, name in English.
PEOPLE: tuple[tuple[str, Category, str, str], ...] = (
    ("zjsl", "adult", "林书砚", "Lin Shuyan"), ("zjsl", "adult", "沈知秋", "Shen Zhiqiu"), ("zjsl", "child", "陆小满", "Lu Xiaoman"), ("zjsl", "staff", "顾守藏", "Gu Shoucang"),
    ("htcl", "adult", "钱思源", "Qian Siyuan"), ("htcl", "adult", "周晚晴", "Zhou Wanqing"), ("htcl", "child", "吴一诺", "Wu Yinuo"),
    ("lxcl", "adult", "方山河", "Fang Shanhe"), ("lxcl", "adult", "叶春芽", "Ye Chunya"), ("lxcl", "child", "汪小溪", "Wang Xiaoxi"),
    ("qtut", "student", "陈千里", "Chen Qianli"), ("qtut", "faculty", "何明远", "He Mingyuan"), ("qtut", "student", "徐若水", "Xu Ruoshui"),
    ("zwun", "student", "毛西岭", "Mao Xiling"), ("zwun", "faculty", "郑怀瑾", "Zheng Huaijin"), ("zwun", "student", "江听雨", "Jiang Tingyu"),
    ("dhss", "faculty", "邵东溟", "Shao Dongming"), ("hspl", "adult", "苏沪生", "Su Husheng"), ("jspl", "adult", "夏钟山", "Xia Zhongshan"), ("jspl", "student", "朱秦淮", "Zhu Qinhuai"),
)  # fmt: skip


class DemoReader(msgspec.Struct, frozen=True):
    """`credentials` are (kind, number in clear): for enrolling at once, never for keeping."""

    name: str
    name_en: str
    category: Category
    home: str
    credentials: tuple[tuple[Kind, str], ...]

    def __repr__(self) -> str:
        return f"DemoReader({self.name[:1]}*, {self.category}, {self.home})"


def _resident_id(rng: Random, category: Category) -> str:
    year = {"child": 2014, "student": 2003, "adult": 1985, "faculty": 1975, "staff": 1988}[category] + rng.randrange(4)
    seventeen = (
        f"{NOBODYS_REGION}{year}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}{rng.randrange(1, 1000):03d}"
    )
    return seventeen + resident_check(seventeen)


def demo_readers(seed: int = 1, count: int | None = None) -> list[DemoReader]:
    """The readers of the demonstration, the same for a seed; with `count` more (or fewer) of them, under invented names."""
    rng = chance(seed, 5)
    people = list(PEOPLE)
    table = words()
    while count is not None and len(people) < count:
        home, category, _, _ = PEOPLE[len(people) % len(PEOPLE)]
        name = rng.choice(table["surnames"]) + rng.choice(table["given"]) + rng.choice(table["given"])
        people.append((home, category, name, ""))
    found = []
    for number, (home, category, name, english) in enumerate(people[:count]):
        credentials: list[tuple[Kind, str]] = [("reader_card", f"{home.upper()}{20240000 + number * 37 + 11:08d}")]
        person = _resident_id(rng, category)
        if category != "child" or number % 2:
            credentials.append(("resident_id", person))
        if number % 3 != 2:  # the stable key of a 社保卡 is the person's 社会保障号码, which is the same number
            credentials.append(("social_security", person))
        if number % 4 == 0:
            credentials.append(("citizen_card", f"3399{rng.randrange(10**11, 10**12)}"))
        found.append(DemoReader(name, english, category, home, tuple(credentials)))
    return found

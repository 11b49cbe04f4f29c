"""A small corpus that a cataloguer can read, and an engine on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog_api.search.document import IndexDocument
from catalog_api.search.documents import Described, document
from catalog_api.search.holders import Shelf
from catalog_api.search.tantivy_engine import TantivyEngine
from schemas.bib import Agent, BibRecord, Classification, Identifier, Note, Publication, Series, Subject, Title
from schemas.member import Member, read_members
from schemas.settings import CHECKOUT


@pytest.fixture(scope="session")
def members() -> dict[str, Member]:
    return read_members(CHECKOUT / "config" / "members")


@pytest.fixture(scope="session")
def corpus() -> list[Described]:
    """Ids are 1, 2 ... in this order."""
    chinese = {"languages": ["chi"], "content": "text", "carrier": "print"}
    bibs = [
        BibRecord(
            titles=[Title("红楼梦", responsibility="曹雪芹，高鹗著")],
            agents=[Agent("曹雪芹", role="aut", country="清"), Agent("高鹗", role="aut")],
            publication=[Publication("北京", "人民文学出版社", "1982", 1982)],
            identifiers=[Identifier("isbn", "9787020002207"), Identifier("cn_unified", "10019·2202")],
            classes=[Classification("clc", "I242.4")],
            subjects=[Subject(["章回小说", "中国", "清代"])],
            notes=[Note("以贾宝玉、林黛玉的爱情为主线。", "abstract")],
            **chinese,
        ),
        BibRecord(
            titles=[Title("红楼梦研究")],
            agents=[Agent("俞平伯", role="aut")],
            publication=[Publication("上海", "棠棣出版社", "1952", 1952)],
            classes=[Classification("clc", "I207.411")],
            subjects=[Subject(["《红楼梦》研究"])],
            **chinese,
        ),
        BibRecord(
            titles=[Title("紅樓夢新證")],
            agents=[Agent("周汝昌", role="aut")],
            publication=[Publication("臺北", "聯經出版公司", "2001", 2001)],
            classes=[Classification("clc", "I207.411")],
            **chinese,
        ),
        BibRecord(
            titles=[Title("Harry Potter and the philosopher's stone")],
            agents=[Agent("Rowling, J. K.", role="aut")],
            publication=[Publication("London", "Bloomsbury", "1997", 1997)],
            identifiers=[Identifier("isbn", "9780747532699")],
            series=[Series("Harry Potter")],
            languages=["eng"],
            content="text",
            carrier="print",
        ),
        BibRecord(
            titles=[Title("Hong lou meng tan yuan", romanised="Hong lou meng tan yuan")],
            agents=[Agent("Zhou, Ruchang", role="aut")],
            publication=[Publication("Beijing", "", "1990", 1990)],
            script="latn",
            **chinese,
        ),
        BibRecord(
            titles=[Title("浙江图书馆学报")],
            identifiers=[Identifier("issn", "1000-0135")],
            publication=[Publication("杭州", "浙江图书馆", "1980-", 1980)],
            classes=[Classification("clc", "G25")],
            level="serial",
            **chinese,
        ),
        BibRecord(
            titles=[Title("家")],
            agents=[Agent("巴金", role="aut")],
            publication=[Publication("", "", "1933", 1933)],
            **chinese,
        ),
        BibRecord(
            titles=[Title("西湖志")],
            agents=[Agent("李卫", role="cmp", country="清")],
            classes=[Classification("clc", "K928.43")],
            guji=True,
            **chinese,
        ),
    ]
    shelves = {
        1: [Shelf("zjsl", True, 3, 1, "I242.4/12", "文学书库"), Shelf("htcl", True, 1, 0, "I242.4/7")],
        2: [Shelf("qtut", True, 1, 1, "I207.411/3"), Shelf("zjsl", False, 1, 1, "保存本/9", "保存本库")],
        6: [Shelf("zjsl", True, 0, 0, "G25/1", "地方文献阅览室")],
    }
    rows = []
    for id, bib in enumerate(bibs, 1):
        mine = shelves.get(id, [Shelf("zwun", True, 1, 0)])
        public = sorted({s.member for s in mine if s.public})
        rows.append(Described(id, bib, sorted({s.member for s in mine}), public, mine, True, 1_700_000_000 + id))
    hidden = BibRecord(titles=[Title("红楼梦内部资料")], **chinese)
    rows.append(Described(len(rows) + 1, hidden, ["zjsl"], [], [Shelf("zjsl", False, 1, 1)], False, 1_700_000_100))
    return rows


@pytest.fixture(scope="session")
def documents(corpus: list[Described], members: dict[str, Member]) -> list[IndexDocument]:
    return [document(row, members) for row in corpus]


@pytest.fixture(scope="session")
def engine(
    tmp_path_factory: pytest.TempPathFactory, documents: list[IndexDocument], members: dict[str, Member]
) -> TantivyEngine:
    return _filled(tmp_path_factory.mktemp("index"), documents, members)


@pytest.fixture
def make_engine(tmp_path: Path, members: dict[str, Member]) -> Callable[[list[IndexDocument]], TantivyEngine]:
    return lambda documents: _filled(tmp_path / "index", documents, members)


def _filled(root: Path, documents: list[IndexDocument], members: dict[str, Member]) -> TantivyEngine:
    made = TantivyEngine(root, lambda: members)
    writer = made.writer("test", rebuild=True)
    writer.put(documents)
    writer.commit(len(documents))
    writer.publish()
    writer.close()
    return made

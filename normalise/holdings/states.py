"""Words for the state of a copy, in the languages and systems that send them. A profile's own words come first."""

from __future__ import annotations

import re
from functools import lru_cache

from normalise.text import compact
from schemas.holding import ItemStatus

_WORDS: dict[ItemStatus, str] = {
    "available": "在馆 在架 在库 可借 在馆可借 可供 可外借 可流通 馆藏可借 入藏 正常 available in checkedin onshelf checkshelves notcheckedout in-library "
    "checkin ontheshelf inlibrary returned 已还 归还 readytoborrow yes y",
    "loaned": "借出 已借出 外借 已借 借阅中 出借 馆际互借 out checkedout onloan loaned charged lent due renewed overdue 超期 续借",
    "in_transit": "在途 运送中 调拨中 转运 通借通还途中 intransit transit transferred",
    "on_hold": "预约 预约保留 已预约 预约到馆 保留 held onholdshelf onhold holdshelf reserved requested paged",
    "reference": "阅览 馆内阅览 仅供阅览 仅限馆内 不外借 不可外借 参考 工具书 保存本 样本 馆内使用 libraryuseonly referenceonly inlibraryuseonly noncirculating nonloan "
    "notforloan reference 只读 限馆内阅读",
    "processing": "编目 编目中 加工 加工中 订购 订购中 采访 验收 验收中 新书加工 装订 装订中 修复 修补 上架中 待上架 整理 剔除中 cataloging cataloguing inprocess onorder "
    "received binding bindery mending reshelving recentlyreturned newbookshelf",
    "lost": "丢失 遗失 挂失 赔书 破损 污损 下落不明 lost missing longoverdue claimsreturned damaged lostandpaid trace",
    "withdrawn": "剔除 注销 报废 已剔除 下架 withdrawn discard discarded weeded deleted suppressed",
    "online": "在线 网络 电子 online electronic fulltext",
    "for_sale": "在售 可售 现货 有货 forsale instock",
    "unknown": "不可借 不可用 缺货 unavailable notavailable checkholdings unknown n no",
}
_states = {word: state for state, words in _WORDS.items() for word in words.replace("-", "").split()}
_due = re.compile(r"^(?:due|应还|到期)\W*(.*)$", re.IGNORECASE).match
_iso = re.compile(r"([12][0-9]{3})[-./年]?([01]?[0-9])[-./月]?([0-3]?[0-9])").search
_american = re.compile(r"\b([01]?[0-9])[-/]([0-3]?[0-9])[-/]((?:20)?[0-9]{2})\b").search
_worded = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? +([0-9]{1,2}),? +(20[0-9]{2})", re.IGNORECASE
).search
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@lru_cache(maxsize=1024)
def state_of(text: str) -> tuple[ItemStatus, str] | None:
    """(state, due date) of a word for a state; None for one that is not known. `DUE 01-11-23` is loaned till then."""
    if match := _due(text.strip()):
        return "loaned", iso_date(match[1])
    key = compact(text)
    state = _states.get(key)
    return None if state is None else (state, "")


def iso_date(text: str) -> str:
    """A date as sent (2023-01-11, 20230111, 01-11-23, Dec 15 2023) as ISO 8601; empty for what is no date."""
    year = month = day = 0
    if match := _iso(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _worded(text):
        year, month, day = int(match[3]), _MONTHS.index(match[1].lower()) + 1, int(match[2])
    elif match := _american(text):
        year, month, day = int(match[3]) % 100 + 2000, int(match[1]), int(match[2])
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else ""

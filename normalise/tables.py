"""Tables of records: which column is which of our fields."""

from __future__ import annotations

from functools import lru_cache

from normalise.fields import tidy
from normalise.text import compact

# Names of columns as exports have them, folded; the configuration of a source (`columns`) comes first.
_NAMES: dict[str, str] = {
    "id": "商品编码 编码 编号 记录号 控制号 id sku", "isbn": "isbn 书号 国际标准书号 isbn号 条形码", "title": "书名 题名 正题名 名称 商品名称 title 图书名称",
    "subtitle": "副题名 副书名 subtitle", "part": "卷次 册次 分卷 卷册 volume", "author": "作者 著者 责任者 著译者 author authors 作者名", "translator": "译者 translator",
    "publisher": "出版社 出版者 出版单位 publisher", "place": "出版地 place", "date": "出版年 出版日期 出版时间 年份 year date", "edition": "版次 版本 edition",
    "pages": "页数 页码 pages", "size": "开本 尺寸 size", "binding": "装帧 binding", "price": "定价 价格 码洋 price", "series": "丛书 丛书名 series", "class": "分类号 中图分类号 中图法 clc",
    "subject": "主题 主题词 关键词 subject", "language": "语种 language", "type": "类型 文献类型 载体 type format", "url": "链接 网址 url", "abstract": "简介 内容简介 摘要 abstract",
    "stock": "库存 库存量 数量 复本数 册数 stock", "barcode": "条码 条码号 登录号 barcode", "call_number": "索书号 call number", "location": "馆藏地 馆藏地点 位置 location", "status": "状态 status",
}  # fmt: skip
_by_name = {compact(name): field for field, names in _NAMES.items() for name in names.split()}


@lru_cache(maxsize=256)
def _mapped(header: tuple[str, ...], told: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Our field -> their column."""
    chosen = {field: column for field, column in told if column in header}
    for column in header:
        field = _by_name.get(compact(column.lstrip("\ufeff")))
        if field and field not in chosen and column not in chosen.values():
            chosen[field] = column
    return chosen


def columns(row: dict[str, str], told: dict[str, str]) -> dict[str, str]:
    """Cells by our field names."""
    chosen = _mapped(tuple(row), tuple(told.items()))
    return {field: tidy(row[column] or "") for field, column in chosen.items()}

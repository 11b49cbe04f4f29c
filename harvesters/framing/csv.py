"""Rows of a CSV file. A row's bytes are the JSON object of its cells by column name."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping

import msgspec

from harvesters.framing.slices import Slice, clean_id
from harvesters.framing.stream import Window
from schemas.errors import WenlanError

LONGEST_ROW = 1 << 20  # bytes
MOST_LINES = 200  # of one row: a quotation mark that never closes would swallow the rest of the file
DELIMITERS = ",\t;|"
BOM = b"\xef\xbb\xbf"
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r")
_BLANK = re.compile(rb"[ \t\r\n]*\n")
# Columns that hold a row's id, by custom, the likeliest first; compared without case, spaces and underscores.
ID_COLUMNS = (
    "商品编码", "id", "recordid", "localid", "编号", "记录号", "控制号", "商品编号", "商品id", "货号", "sku", "系统号", "001",
    "barcode", "条码", "条码号", "条形码", "isbn", "isbn号", "书号",
)  # fmt: skip


def frame(
    window: Window, name: str = "", encoding: str = "", columns: Mapping[str, str] | None = None
) -> Iterator[Slice]:
    """The rows below the header. `columns` may name the id column under "id". Raises WenlanError without a header."""
    window.ahead = max(window.ahead, 2 * LONGEST_ROW)
    yield from _Framing(window, name, encoding, (columns or {}).get("id", "")).run()


def sniff(text: str) -> type[csv.Dialect] | csv.Dialect | None:
    """The dialect of a text whose first lines are the header and rows of a table, or None."""
    lines = [line for line in text.splitlines() if line.strip()][:20]
    if not lines:
        return None
    best: tuple[int, str] = (1, "")
    for delimiter in DELIMITERS:
        header = next(csv.reader(lines[:1], delimiter=delimiter))
        best = max(best, (len(header), delimiter), key=lambda pair: pair[0])
    if not best[1]:
        return None
    try:
        dialect = csv.Sniffer().sniff("\n".join(lines), delimiters=best[1])
    except csv.Error:
        dialect = csv.excel

    class Found(csv.excel):
        delimiter = best[1]
        quotechar = dialect.quotechar if dialect.quotechar in ("'", '"') and dialect.delimiter == best[1] else '"'
        skipinitialspace = dialect.delimiter == best[1] and dialect.skipinitialspace

    return Found


def looks_like_table(head: bytes) -> bool:
    """Text most of whose lines have as many cells as the first, two at least, which are short and differ from each other."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > max(3, len(head) // 500):  # a stray one is dirt, many are a binary file
        return False
    lines = head[:20000].splitlines(True)
    text = "".join(_line(line) for line in (lines[:-1] if len(head) > 20000 else lines))
    if text.count("\ufffd") * 20 > len(text):
        return False
    dialect = sniff(text)
    if dialect is None:
        return False
    rows = [row for row in csv.reader(text.splitlines(True), dialect) if any(row)][:20]
    names = [cell.strip() for cell in rows[0]]
    named = all(len(cell) <= 40 for cell in names) and len({cell for cell in names if cell}) >= max(2, len(names) - 1)
    same = sum(len(row) == len(names) for row in rows[1:])
    return named and len(names) >= 2 and same * 2 >= len(rows) - 1


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")


class _TooLong(Exception):
    pass


class _Framing:
    def __init__(self, window: Window, name: str, encoding: str, id_column: str) -> None:
        self._window = window
        self._name = name
        self._encoding = encoding
        self._id_column = id_column
        self._at = window.reserve(0)
        self._begin = self._at  # of the row being read
        self._lines = 0
        self._replaced = False  # a character of the row could not be decoded
        self._codec = ""
        if window.data.startswith(BOM, self._at):
            self._at += len(BOM)

    def run(self) -> Iterator[Slice]:
        head = self._window.data[self._at : self._at + 65536]
        dialect = sniff(self._decode(head[: head.rfind(b"\n") + 1] or head)) or csv.excel
        header = self._row(dialect)
        while header is not None and not any(cell.strip() for cell in header):
            header = self._row(dialect)
        if header is None:
            raise WenlanError(
                "file-csv-header",
                "{name} 的第一行不是列名，读不成表格。",
                "The first line of {name} is no line of column names.",
                name=self._name,
            )
        names = _names(header)
        key = self._key(names)
        encoder = msgspec.json.Encoder()
        while True:
            row = self._row(dialect)
            if row is None and self._ended():
                return
            offset = self._window.offset + self._begin
            if row is None:
                data = self._window.data[self._begin : self._at].rstrip(b"\r\n")
                yield Slice("unknown", data, offset, problem="csv-row")
                continue
            if not any(cell.strip() for cell in row):
                continue
            cells = {name: cell for name, cell in zip(names, row, strict=False) if name}
            cells.update((f"#{n}", row[n - 1]) for n in range(len(names) + 1, len(row) + 1) if row[n - 1].strip())
            problem = "characters-replaced" if self._replaced else "csv-columns" if len(row) != len(names) else ""
            made = Slice("csv", encoder.encode(cells), offset, problem=problem, encoding=self._codec)
            made.local_id = clean_id(cells.get(key, "").encode("utf-8", "replace")) if key else ""
            yield made

    def _key(self, names: list[str]) -> str:
        if self._id_column:
            if self._id_column not in names:
                raise WenlanError(
                    "file-csv-column",
                    "{name} 里没有指定的标识列“{column}”；现有列：{have}",
                    "{name} has no column {column}, which is to hold the ids; it has {have}",
                    name=self._name,
                    column=self._id_column,
                    have=", ".join(names),
                )
            return self._id_column
        folded = {name.casefold().replace(" ", "").replace("_", ""): name for name in reversed(names)}
        return next((folded[guess] for guess in ID_COLUMNS if guess in folded), "")

    def _ended(self) -> bool:
        return self._window.ended and self._begin >= len(self._window.data)

    def _row(self, dialect: type[csv.Dialect] | csv.Dialect) -> list[str] | None:
        """The cells of the next row; None at the end, and for a row that does not end (its first line is then passed over)."""
        self._at = self._window.reserve(self._at)
        if (blank := _BLANK.match(self._window.data, self._at)) is not None:
            self._at = self._window.reserve(blank.end())
        self._begin = self._at
        self._lines, self._replaced = 0, False
        try:
            row = next(csv.reader(self, dialect))
            if self._lines == 1 or self._closed():
                return row
        except StopIteration:
            return None
        except (csv.Error, _TooLong):
            pass
        line = self._window.data.find(b"\n", self._begin)
        self._at = line + 1 if line >= 0 else len(self._window.data)
        return None

    def _closed(self) -> bool:
        """Whether a row of several lines closed its quotation, and did not only run into the end of the file."""
        return self._at < len(self._window.data) or self._window.data[self._begin : self._at].count(b'"') % 2 == 0

    def __iter__(self) -> _Framing:
        return self

    def __next__(self) -> str:
        """The next line, for the csv reader. Lines are decoded one by one: a file may mix encodings."""
        data = self._window.data
        if self._at >= len(data):
            raise StopIteration
        line = data.find(b"\n", self._at)
        end = line + 1 if line >= 0 else len(data)
        self._lines += 1
        if self._lines > MOST_LINES or end - self._begin > LONGEST_ROW:
            raise _TooLong
        raw = data[self._at : end]
        self._at = end
        return self._decode(raw).replace("\0", "")

    def _decode(self, raw: bytes) -> str:
        for codec in ("utf-8", self._encoding, "gb18030"):
            if codec:
                try:
                    text = raw.decode(codec)
                except (UnicodeDecodeError, LookupError):
                    continue
                if not raw.isascii():
                    self._codec = codec
                return text
        self._replaced = True
        return raw.decode(self._codec or "utf-8", "replace")


def _names(header: list[str]) -> list[str]:
    """Column names, trimmed; nameless columns are 列1, 列2 ..., and of a name that stands twice the later ones are numbered."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = cell.strip().strip("\ufeff") or f"列{number}"
        names.append(name if name not in names else f"{name}#{number}")
    return names

"""The query language of the web page, the API and the command line.

Words side by side must all be found. `"..."`, `“...”` and `《...》` are phrases; `题名:` or `title:` and the like look in one field; `-` before a
word leaves out what has it; `OR`, `|` or `或` between two words asks for either. A number typed bare that is a valid ISBN or ISSN is looked
up as one. Nothing a person can type is an error: what cannot be understood is searched as words, and a note says so.

`parse` is pure, and `parse(str(query)) == query`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import msgspec
from stdnum import isbn as stdnum_isbn
from stdnum import issn as stdnum_issn
from stdnum.exceptions import ValidationError

from schemas.text import Text

MAX_CHARACTERS = 1000
MAX_TERMS = 40

# Names of fields, as they may stand before a colon. The first of each language is the one shown.
PREFIXES: dict[str, tuple[str, ...]] = {
    "title": ("题名", "title", "书名", "题", "刊名", "篇名", "題名", "書名", "ti"),
    "author": ("责任者", "author", "著者", "作者", "責任者", "au", "creator"),
    "subject": ("主题", "subject", "主题词", "關鍵詞", "关键词", "主題", "主題詞", "su"),
    "publisher": ("出版社", "publisher", "出版者", "出版"),
    "series": ("丛书", "series", "丛书名", "叢書", "丛编"),
    "isbn": ("isbn",),
    "issn": ("issn",),
    "number": ("标识号", "number", "统一书号", "刊号", "订购号", "id"),
    "class": ("分类", "class", "分类号", "中图法", "中图分类号", "分類", "clc"),
    "call": ("索书号", "call", "索取号", "排架号", "索書號"),
    "year": ("年", "year", "出版年", "年份", "年代"),
    "member": ("馆", "member", "馆藏", "图书馆", "館", "library"),
    "lang": ("语种", "lang", "语言", "語種", "language"),
    "pinyin": ("拼音", "pinyin", "题名拼音", "py"),
}
_FIELD_OF = {name: field for field, names in PREFIXES.items() for name in names}
# Fields whose text is looked up whole instead of word by word.
KEYS = frozenset({"isbn", "issn", "number", "class", "call", "year", "member", "lang", "pinyin"})

_OPEN = {'"': '"', "“": "”", "”": "“", "「": "」", "『": "』", "《": "》", "＂": "＂"}
_CLOSE = frozenset(_OPEN.values()) | frozenset(_OPEN)
_PREFIX = re.compile(r"([^\W\d_]{1,12})[:：]\s*")
_WORD = re.compile(r"""[^\s"“”「」『』《》＂]+""")
_OR = frozenset({"OR", "|", "||", "或", "｜"})
_AND = frozenset({"AND", "&", "&&", "+", "＋"})
_MINUS = "-－﹣−"
_DASHES = re.compile(r"[‐‑‒–—―～~－﹣−至]+")
_YEARS = re.compile(r"(\d{1,4})?年?(?:(-)(\d{1,4})?年?)?$")
_NUMBER_NAME = re.compile(r"^IS[BS]N(?:-1[03])?[: ]+", re.IGNORECASE)
_ISBN_LIKE = re.compile(r"^(?:97[89][- ]?)?\d[\d\- ]{7,13}[\dXx]$")
_ISSN_LIKE = re.compile(r"^\d{4}-\d{3}[\dXx]$")


class Term(msgspec.Struct, frozen=True):
    """`field` is empty (anywhere) or a key of PREFIXES. A phrase's words stand side by side, in that order."""

    text: str
    field: str = ""
    phrase: bool = False

    def __str__(self) -> str:
        body = f'"{self.text}"' if self.phrase else self.text
        return f"{self.field}:{body}" if self.field else body


class Query(msgspec.Struct, frozen=True):
    """Every group of `must` has a term that is found; no term of `must_not` is. Notes say what was read otherwise than written."""

    must: tuple[tuple[Term, ...], ...] = ()
    must_not: tuple[Term, ...] = ()
    notes: tuple[Text, ...] = ()

    def __str__(self) -> str:
        groups = [" OR ".join(map(str, group)) for group in self.must]
        return " ".join([*groups, *(f"-{term}" for term in self.must_not)])

    def __bool__(self) -> bool:
        return bool(self.must or self.must_not)

    @property
    def plain(self) -> str:
        """What was asked for anywhere or in titles, as one text: for exact titles and ranking."""
        return " ".join(t.text for group in self.must for t in group[:1] if t.field in ("", "title"))


def parse(text: str) -> Query:
    """Understand any text; never raises."""
    notes: list[Text] = []
    text = "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else " " for c in text)
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        notes.append(
            Text("检索式过长，只用了前 1000 个字。", "The query is too long; its first 1000 characters were used.")
        )
    bare = _bare_number(text)
    if bare is not None:
        return Query(must=((bare,),), notes=tuple(notes))
    must: list[tuple[Term, ...]] = []
    must_not: list[Term] = []
    either = dangling = False  # an OR waits for its right side
    for count, (term, excluded) in enumerate(_scan(text, notes)):
        if count >= MAX_TERMS:
            notes.append(Text("检索词过多，只用了前 40 个。", "There are too many terms; the first 40 were used."))
            break
        if term is None:
            either = bool(must)
            dangling = not must
        elif excluded:
            must_not.append(term)
            dangling, either = dangling or either, False
        elif either:
            must[-1] = (*must[-1], term) if term not in must[-1] else must[-1]
            either = False
        else:
            must.append((term,))
    if either or dangling:
        notes.append(Text("“或”少了一边，已忽略。", "An OR lacks one of its sides and was ignored."))
    return Query(tuple(dict.fromkeys(must)), tuple(dict.fromkeys(must_not)), tuple(dict.fromkeys(notes)))


def compose(rows: Iterable[tuple[str, str]], *, without: Iterable[tuple[str, str]] = ()) -> str:
    """The query text of an advanced form: rows of (field or "", words) are all required, those of `without` are left out."""
    parts: list[str] = []
    for sign, group in (("", rows), ("-", without)):
        for field, words in group:
            inner = parse(words)
            terms = [t for g in inner.must for t in g]
            if field in PREFIXES:
                terms = [Term(t.text, field, t.phrase) for t in terms if t.field in ("", field, "isbn", "issn")]
            parts += [f"{sign}{term}" for term in terms]
    return " ".join(parts)


def years(text: str) -> tuple[int | None, int | None] | None:
    """ "2001" -> (2001, 2001), "2001-2005", "2001-" -> (2001, None), "-1949" -> (None, 1949); None where it is no year or range."""
    found = _YEARS.match(_DASHES.sub("-", unicodedata.normalize("NFKC", text).strip()))
    if found is None or (found[1] is None and found[3] is None):
        return None
    first = int(found[1]) if found[1] else None
    if found[2] is None:
        return first, first
    last = int(found[3]) if found[3] else None
    if first is not None and last is not None and first > last:
        first, last = last, first
    return first, last


# -- scanning


def _scan(text: str, notes: list[Text]) -> Iterable[tuple[Term | None, bool]]:
    """Terms and whether they are excluded; None stands for an OR."""
    at = 0
    while at < len(text):
        if text[at].isspace() or (text[at] in _CLOSE and text[at] not in _OPEN):
            at += 1
            continue
        word = _WORD.match(text, at)
        if word and word[0] in _OR:
            yield None, False
            at = word.end()
            continue
        if word and word[0] in _AND:
            at = word.end()
            continue
        excluded = False
        if text[at] in _MINUS and (at == 0 or text[at - 1].isspace()):
            after = at + 1
            excluded = after < len(text) and not text[after].isspace() and text[after] not in _MINUS
            at = after
            if not excluded:
                continue
        term, at = _term(text, at, notes)
        if term is not None:
            yield term, excluded


def _term(text: str, at: int, notes: list[Text]) -> tuple[Term | None, int]:
    field = ""
    prefix = _PREFIX.match(text, at)
    if prefix and (name := _FIELD_OF.get(prefix[1].casefold())) and prefix.end() < len(text):
        field, at = name, prefix.end()
    if text[at] in _OPEN:
        body, end, closed = _quoted(text, at)
        if not closed:
            notes.append(
                Text(
                    "引号没有配对，已按普通词检索。",
                    "A quotation mark has no partner; the words were searched as they are.",
                )
            )
            return None, at + 1
        return _made(field, body, True, notes), end
    word = _WORD.match(text, at)
    if word is None:
        return None, at + 1
    return _made(field, word[0], False, notes), word.end()


def _quoted(text: str, at: int) -> tuple[str, int, bool]:
    closing = _OPEN[text[at]]
    end = text.find(closing, at + 1)
    if end < 0:
        return "", at, False
    return text[at + 1 : end], end + 1, True


def _made(field: str, body: str, phrase: bool, notes: list[Text]) -> Term | None:
    body = " ".join("".join(" " if c in _CLOSE else c for c in body).split())
    if not any(c.isalnum() for c in body):
        return None
    if not phrase:
        body = body.lstrip(_MINUS) if not field else body
    if field == "year":
        if years(body) is None:
            notes.append(
                Text(
                    f"“{body}”不是年份或年份范围，已按普通词检索。",
                    f"“{body}” is not a year or a range of years; it was searched as words.",
                )
            )
            return _made("", body, True, notes)
        return Term(_DASHES.sub("-", unicodedata.normalize("NFKC", body)).replace("年", "").replace(" ", ""), field)
    if field in ("isbn", "issn"):
        return _identifier(field, body, notes)
    if field in KEYS:
        return Term(body, field, " " in body)
    if not field and not phrase:
        return _bare_number(body) or _plain(body)
    return Term(body, field, phrase)


def _plain(body: str) -> Term | None:
    """A word that would be read otherwise when written again is kept as a phrase."""
    prefix = _PREFIX.match(body)
    special = body in _OR or body in _AND or (prefix and prefix[1].casefold() in _FIELD_OF)
    return Term(body, "", bool(special))


def _identifier(field: str, body: str, notes: list[Text]) -> Term:
    compact = re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", body).upper())
    valid = _isbn(compact) if field == "isbn" else _issn(compact)
    if valid is None:
        notes.append(
            Text(
                f"“{body}”的校验位不对，已照原样查找。",
                f"“{body}” has a wrong check digit; it was looked up as written.",
            )
        )
    found = valid or compact
    return Term(found, field) if found else Term(body, "", True)


def _bare_number(text: str) -> Term | None:
    """The term of a text that is nothing but a valid ISBN or ISSN, with or without that word before it."""
    text = _NUMBER_NAME.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip())
    if _ISSN_LIKE.match(text) and not _year_range(text):
        issn = _issn(text.replace("-", "").upper())
        return Term(issn, "issn") if issn else None
    if _ISBN_LIKE.match(text):
        isbn = _isbn(re.sub(r"[- ]", "", text).upper())
        return Term(isbn, "isbn") if isbn else None
    return None


def _year_range(text: str) -> bool:
    first, _, last = text.partition("-")
    return last.isdigit() and 1000 <= int(first) <= int(last) <= 2100


def _isbn(compact: str) -> str | None:
    try:
        return str(stdnum_isbn.to_isbn13(stdnum_isbn.validate(compact)))
    except ValidationError:
        return None


def _issn(compact: str) -> str | None:
    try:
        return str(stdnum_issn.format(stdnum_issn.validate(compact)))
    except ValidationError:
        return None

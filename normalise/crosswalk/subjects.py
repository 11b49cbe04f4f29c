"""Subjects and classification."""

from __future__ import annotations

import re
from typing import Literal

from normalise.fields import NONE, ByTag, clean
from schemas.bib import Classification, Subject
from schemas.marc import MarcField

SubjectKind = Literal["topic", "place", "person", "corporate", "title", "time", "form", "free"]
_UNIMARC: dict[str, SubjectKind] = {"600": "person", "601": "corporate", "602": "person", "604": "title", "605": "title", "606": "topic",
                                    "607": "place", "608": "form", "610": "free", "615": "topic"}  # fmt: skip
_MARC21: dict[str, SubjectKind] = {"600": "person", "610": "corporate", "611": "corporate", "630": "title", "648": "time", "650": "topic",
                                   "651": "place", "653": "free", "655": "form"}  # fmt: skip
_SCHEMES_21 = {"0": "lcsh", "1": "lcshac", "2": "mesh", "3": "nal", "5": "cash", "6": "rvm"}
_CLASSES_UNIMARC = {
    "690": "clc",
    "692": "las",
    "675": "udc",
    "676": "ddc",
    "680": "lcc",
    "686": "",
    "694": "nlc",
    "687": "",
}
_CLASSES_21 = (
    ("050", "lcc"),
    ("060", "nlm"),
    ("080", "udc"),
    ("082", "ddc"),
    ("083", "ddc"),
    ("084", ""),
    ("093", "clc"),
    ("090", ""),
)
_SIBU = re.compile(r"^[经經史子集丛叢新]部").match
CLC = re.compile(r"^(?:[A-K]|N[0-9]?|[O-S]|T[A-Z]?|[U-X]|Z)[0-9]{0,3}(?:[.\-=(/:\"+][0-9A-Za-z.\-=():/\"+<>]*)?$").match


def unimarc(fields: list[MarcField]) -> tuple[list[Subject], list[Classification]]:
    """Block 6XX of CNMARC and UNIMARC: subjects with their subdivisions in order; 690 中图法, 692 科图法, others by $2."""
    subjects: list[Subject] = []
    classes: list[Classification] = []
    for field in fields:
        kind = _UNIMARC.get(field.tag)
        scheme = _CLASSES_UNIMARC.get(field.tag)
        if scheme is not None:
            classes += _classes(field, scheme or field.get("2") or "local")
        if kind is None:
            continue
        scheme = ""
        parts: list[str] = []
        for code, value in field.subfields:
            if code in "axyzjbtcf" and value:
                if text := clean(value):
                    parts.append(text)
            elif code == "2":
                scheme = value
        if kind == "free":
            subjects += [Subject([part], "free", scheme) for part in parts]
        elif parts:
            subjects.append(Subject(parts, kind, scheme if scheme != "ct" else "cct"))
    return subjects, classes


def _classes(field: MarcField, scheme: str) -> list[Classification]:
    edition = ""
    found = []
    for code, value in field.subfields:
        if code == "a" and (text := clean(value)):
            found.append(Classification(scheme, text))
        elif code == "v":
            edition = clean(value)
    for one in found:
        one.edition = edition
    return found


def marc21(by: ByTag, fields: list[MarcField]) -> tuple[list[Subject], list[Classification]]:
    """`fields` are 6XX with their linked scripts chosen."""
    subjects: list[Subject] = []
    for field in fields:
        kind = _MARC21.get(field.tag)
        if kind is None:
            continue
        second = field.indicators[1:2]
        scheme = field.get("2").strip() if second == "7" else _SCHEMES_21.get(second, "")
        parts = [text for code, value in field.subfields if code in "abcdqtvxyz" and (text := clean(value))]
        if kind == "free":
            subjects += [Subject([part], "free", scheme) for part in parts]
        elif parts:
            subjects.append(Subject(_joined_name(parts, field), kind, scheme))
    classes: list[Classification] = []
    for tag, scheme in _CLASSES_21:
        for field in by.get(tag, NONE):
            told = scheme or field.get("2").strip()
            if tag == "090" and not told:
                continue
            edition = field.get("2").strip() if tag in ("082", "083", "080", "093") else ""
            for value in field.all("a"):
                if text := clean(value).replace("/", "" if told == "ddc" else "/"):
                    classes.append(Classification("sibu" if _SIBU(text) else told or "local", text, edition))
    return subjects, classes


def _joined_name(parts: list[str], field: MarcField) -> list[str]:
    # a person's name, number, titles and dates are one heading; the subdivisions follow
    if field.tag not in ("600", "610", "611"):
        return parts
    name = ", ".join(clean(v) for c, v in field.subfields if c in "abcdq" and clean(v))
    rest = [clean(v) for c, v in field.subfields if c in "tvxyz" and clean(v)]
    return [name, *rest] if name else rest


def class_of(text: str) -> Classification | None:
    """A 中图法 class in a text of Dublin Core: `中图分类号: K295.51`, `D675.5`."""
    bare = re.sub(r"^(?:中图分类号|中图法分类号|中图法|分类号|CLC)\s*[:：]?\s*", "", text.strip(), flags=re.IGNORECASE)
    if CLC(bare) and (bare != text.strip() or any(c.isdigit() for c in bare) or len(bare) == 1):
        return Classification("clc", bare)
    return None

"""An ISO 2709 record to a MarcRecord: taken apart, encoding found out, decoded, with a finding for everything that was repaired."""

from __future__ import annotations

import re
import unicodedata

from normalise.read import encoding, marc8
from normalise.read.fields import C1, CONTROL, ODD_CODE, clean, fields
from normalise.read.reading import Reading, Unreadable
from normalise.read.schema import charset_code, schema_of
from schemas.iso2709 import Damaged, Layout, declared_length, layout
from schemas.marc import MarcRecord
from schemas.quality import Finding

# Languages written in Cyrillic, as MARC 21 008/35-37 or 041, and UNIMARC 101 $a, name them.
_CYRILLIC_LANGUAGE = re.compile(
    rb"\x1fa(?:rus|bul|ukr|bel|mac|mkd|srp)[\x1e\x1f]|[ |d0-9](?:rus|bul|ukr|bel|mac|srp)  ?[ cd|]\x1e"
)
_NOT_TEXT = CONTROL + b"\t\r\n"
_RUSMARC_1251 = re.compile(rb"\x1fa\d{8}.{18}\d\d89")
_LOOKALIKES = str.maketrans("аеорсух", "aeopcyx")  # Cyrillic letters that stand for Latin ones in leaders


def read_iso2709(data: bytes, *, schema_hint: str = "", encoding_hint: str = "") -> Reading:
    """Raises Unreadable with what `schemas.iso2709.layout` found where the record cannot be taken apart."""
    try:
        parts = layout(data)
    except Damaged as error:
        raise Unreadable(_named(error.finding)) from None
    findings = list(parts.findings)
    if any(finding.code == "leader-damaged" for finding in findings) and not any(map(str.isdecimal, parts.tags)):
        raise Unreadable(Finding("not-a-record", byte=0))  # neither a leader nor a field: noise with separators in it
    hint = encoding.canonical(encoding_hint)
    choice = _choice(parts, hint)
    texts = _decoded(parts, choice.codec, findings)
    odd = ODD_CODE.search(parts.body) is not None
    made = fields(parts.tags, texts, odd, parts.offset, findings)
    leader = _leader(parts.leader, choice.codec)
    marc = MarcRecord(leader, made, schema_of(made, leader, hint=schema_hint), choice.codec)
    foreign = not parts.body.isascii()
    if foreign or choice.codec == "marc-8":
        _check_declarations(marc, hint, choice, findings)
    if findings:
        _refine_length(parts, data, texts, findings)
    if leader[5] == "d":
        return Reading(
            "marc", marc, local_id=marc.value("001").strip(), deleted=True, findings=findings, encoding=choice.codec
        )
    return Reading("marc", marc, local_id=marc.value("001").strip(), findings=findings, encoding=choice.codec)


def _named(finding: Finding) -> Finding:
    """A cut whose length the leader does not tell is a finding of its own, so that no text has gaps."""
    if finding.code == "truncated" and not finding.args["length"].isdecimal():
        return Finding("cut-off", byte=finding.byte)
    return finding


def _choice(parts: Layout, hint: str) -> encoding.Choice:
    body = parts.body
    if not encoding.has_escapes(body) and not encoding.doubtful_utf8(body, hint):
        try:
            body.decode()
            return encoding.Choice("utf-8")
        except UnicodeDecodeError:
            pass
    declares_1251 = _RUSMARC_1251.search(body) is not None

    def cyrillic() -> bool:
        return declares_1251 or _CYRILLIC_LANGUAGE.search(body) is not None

    marc8_possible = "200" not in parts.tags
    return encoding.choose(
        body, hint=hint or ("cp1251" if declares_1251 else ""), cyrillic=cyrillic, marc8=marc8_possible
    )


def _decoded(parts: Layout, codec: str, findings: list[Finding]) -> list[str]:
    """The text of every field, in NFC and without control characters other than the subfield delimiter."""
    texts: list[str] | None = None
    if parts.aligned and codec != "marc-8":
        try:
            whole = parts.body.decode(codec)
        except UnicodeDecodeError:
            pass
        else:
            if not whole.isascii() and not unicodedata.is_normalized("NFC", whole):
                whole = unicodedata.normalize("NFC", whole)
            texts = whole.split("\x1e")
    if texts is None:
        texts = [_decode_field(parts, index, codec, findings) for index in range(len(parts.values))]
    dirty = len(parts.body.translate(None, _NOT_TEXT)) != len(parts.body)
    if dirty or (codec == "utf-8" and C1.search(parts.body)):
        for index, text in enumerate(texts):
            texts[index] = clean(text, parts.tags[index], lambda index=index: parts.offset(index), findings)  # type: ignore[misc]
    return texts


def _decode_field(parts: Layout, index: int, codec: str, findings: list[Finding]) -> str:
    value, tag = parts.values[index], parts.tags[index]
    if codec == "marc-8":
        if value.isascii() and b"\x1b" not in value:
            return value.decode("ascii")
        pieces = [marc8.decode(piece) for piece in value.split(b"\x1f")]
        text, bad = "\x1f".join(piece[0] for piece in pieces), sum(piece[1] for piece in pieces)
        if bad:
            _replaced(parts, index, 0, bad, findings)
        return text
    try:
        return unicodedata.normalize("NFC", value.decode(codec))
    except UnicodeDecodeError as error:
        other = _other_encoding(value, codec)
        if other:
            args = {"value": other.upper()}
            findings.append(Finding("field-other-encoding", field=tag, byte=parts.offset(index), args=args))
            return unicodedata.normalize("NFC", value.decode(other))
        text = value.decode(codec, "replace")
        _replaced(parts, index, error.start, max(1, text.count(encoding.UNREADABLE)), findings)
        return unicodedata.normalize("NFC", text)


def _replaced(parts: Layout, index: int, within: int, count: int, findings: list[Finding]) -> None:
    place = parts.offset(index) + within
    findings.append(Finding("characters-replaced", field=parts.tags[index], byte=place, args={"count": str(count)}))


def _other_encoding(value: bytes, codec: str) -> str:
    """UTF-8 inside a GB18030 record and the other way round; only when the reading looks right."""
    for other in ("utf-8", "gb18030"):
        if other != codec:
            try:
                if encoding.looks_right(value.decode(other)):
                    return other
            except UnicodeDecodeError:
                continue
    return ""


def _leader(raw: bytes, codec: str) -> str:
    """24 characters of ASCII: a Cyrillic а in leader/06 is read as the letter it looks like, anything else unreadable as a blank."""
    leader = (
        raw[:24]
        .ljust(24)
        .decode("latin-1" if codec in ("marc-8", "utf-8", "gb18030", "big5hkscs") else codec, "replace")
    )
    if not (leader.isascii() and leader.isprintable()):
        leader = "".join(c if " " <= c <= "~" else " " for c in leader.translate(_LOOKALIKES))
    return leader


def _check_declarations(marc: MarcRecord, hint: str, choice: encoding.Choice, findings: list[Finding]) -> None:
    used = choice.codec
    if not choice.certain:
        findings.append(Finding("encoding-uncertain", args={"value": used.upper()}))
    if hint and hint != used:
        findings.append(Finding("encoding-declared-wrong", args={"declared": hint.upper(), "value": used.upper()}))
    code, means, place = charset_code(marc)
    if not means or means == used or (means == "other" and used != "utf-8"):
        return
    name = "LDR" if marc.schema == "marc21" else "100$a"
    findings.append(
        Finding("charset-code-wrong", field=name, byte=place, args={"declared": code, "value": used.upper()})
    )


def _refine_length(parts: Layout, data: bytes, texts: list[str], findings: list[Finding]) -> None:
    """A wrong length that is the number of characters is a mistake of its own, worth telling the sender."""
    for finding in findings:
        if finding.code == "length-wrong":
            characters = parts.base + sum(len(text) + 1 for text in texts) + 1
            if declared_length(data) == characters:
                finding.code = "length-in-characters"
            return

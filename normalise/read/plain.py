"""MARCXML by its shape, as nearly every program writes it: a third of the time a tree takes. All else is left to the parser."""

from __future__ import annotations

import re

from normalise.read.fields import mended
from schemas.marc import MarcField
from schemas.quality import Finding

# What may not stand in XML or becomes another character there (XML 1.0, 2.2 Char and 2.11).
_special = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]").search
_CODE, _TEXT, _VALUE, _SPACE = r"[!#-%\'-;=-~]", "[^<]*+", r'[^"<\n\t]*+', r"[ \n\t]*+"
_FIELD = (
    rf'<datafield tag="({_VALUE})" ind1="([^"<\n\t])" ind2="([^"<\n\t])">{_SPACE}'
    rf'((?:<subfield code="{_CODE}">{_TEXT}</subfield>{_SPACE})*+)</datafield>'
    rf'|<controlfield tag="({_VALUE})">({_TEXT})</controlfield>|<leader>({_TEXT})</leader>'
)
_record = re.compile(
    rf'{_SPACE}<record(?: xmlns="({_VALUE})")?(?: type="{_VALUE}")?>{_SPACE}(.*)</record>{_SPACE}', re.DOTALL
).fullmatch
_fields = re.compile(f"(?:{_FIELD}){_SPACE}|(.)", re.DOTALL).findall
_subfields = re.compile(rf'<subfield code="({_CODE})">({_TEXT})<').findall
_LONGEST = 1_000_000  # characters; the parser has limits of its own for what is longer


def read_plain(text: str, namespace: str, findings: list[Finding]) -> tuple[str, list[MarcField], str] | None:
    """(leader, fields, namespace) of a <record> without prefixes, entities, comments or anything unforeseen; None for any other.

    `namespace` is the default one around the record. Findings are made as the reading of a tree makes them.
    """
    printable = text.isprintable()
    if "&" in text or "]]>" in text or len(text) > _LONGEST or not (printable or _special(text) is None):
        return None
    if not (record := _record(text)):
        return None
    leader, fields, cleaned = "", list[MarcField](), list[Finding]()
    for tag, first, second, inner, control, value, head, other in _fields(record[2]):
        if tag:
            pairs = _subfields(inner)
            if not printable:
                pairs = [(code, mended(part, tag, cleaned)) for code, part in pairs]
            fields.append(MarcField(tag, "", first + second, pairs))
        elif control:
            fields.append(MarcField(control, mended(value, control, cleaned)))
        elif head and not other:
            leader = head
        else:
            return None
    findings += cleaned
    return leader, fields, namespace if record[1] is None else record[1]

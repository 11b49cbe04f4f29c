"""The records that cannot be read: listed with their reasons, and read again on demand."""

from __future__ import annotations

import msgspec

from catalog_api.context import Context
from catalog_api.pipeline import Progress, settle, silent
from catalog_api.report import SQL, reason_text
from normalise.records import Normaliser
from schemas.member import find_member


class Quarantined(msgspec.Struct):
    """One record that cannot be read; its bytes stay in `raw_record`."""

    record_id: int
    member: str
    source: str
    local_id: str
    file: str
    position: int
    offset: int
    size: int
    code: str
    field: str
    byte: int  # within the record; -1 unknown
    zh: str
    en: str


def quarantined(context: Context, member: str = "") -> list[Quarantined]:
    """All of them, or those of one member, in the order of their files. Raises WenlanError member-unknown."""
    with context.database.connect() as connection:
        rows = connection.execute(SQL["quarantined"], {"member": member or None}).fetchall()
    if member and not rows:
        find_member(context.members, member)
    listed = []
    for record_id, owner, source, local_id, file, position, offset, code, args, size in rows:
        text, byte = reason_text(code, args), int(args.get("byte") or -1)
        place = (record_id, owner, source, local_id, file, position, offset, size, code, args.get("field", ""), byte)
        listed.append(Quarantined(*place, text.zh, text.en))
    return listed


def retry(context: Context, member: str = "", progress: Progress = silent) -> tuple[int, int]:
    """Read them again as `config/` has it now, for example after the member's encoding was corrected.

    Returns how many could be read and how many still cannot.
    """
    ids = [row.record_id for row in quarantined(context, member)]
    with Normaliser(context.database.url, context.settings, configured=True) as normaliser:
        normaliser.submit(ids)
        counts = normaliser.finish()
    settle(context, progress=progress)
    return counts.total - counts.quarantined, counts.quarantined

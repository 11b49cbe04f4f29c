"""The records that cannot be read: listed with their reasons, and read again on demand."""

from __future__ import annotations

import msgspec

from catalog_api.context import Context
from catalog_api.pipeline import SQL, Progress, reason_text, settle, silent
from normalise.records import Normaliser


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
    zh: str
    en: str


def quarantined(context: Context, member: str = "") -> list[Quarantined]:
    """All of them, or those of one member, in the order of their files."""
    with context.database.connect() as connection:
        rows = connection.execute(SQL["quarantined"], {"member": member or None}).fetchall()
    listed = []
    for record_id, owner, source, local_id, file, position, offset, code, args, size in rows:
        text = reason_text(code, args)
        listed.append(
            Quarantined(record_id, owner, source, local_id, file, position, offset, size, code, text.zh, text.en)
        )
    return listed


def retry(context: Context, member: str = "", progress: Progress = silent) -> tuple[int, int]:
    """Read them again, for example after the member's encoding was declared. Returns how many could be read and how many still cannot."""
    ids = [row.record_id for row in quarantined(context, member)]
    with Normaliser(context.database.url, context.settings) as normaliser:
        normaliser.submit(ids)
        counts = normaliser.finish()
    settle(context, progress=progress)
    return counts.total - counts.quarantined, counts.quarantined

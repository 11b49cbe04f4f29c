"""Bring `config/locale/*/LC_MESSAGES/wenlan.po` up to date with the templates: `python tools/messages.py`.

New messages come in untranslated, those no template uses any more go out, and what is missing is told. Chinese is the language the
templates are written in, so its catalogue repeats them and may differ where a wording needs it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "config" / "locale"
METHODS = [("**.html", "jinja2.ext:babel_extract"), ("**.xml", "jinja2.ext:babel_extract")]
OPTIONS = {pattern: {"trimmed": "true", "silent": "false", "newstyle_gettext": "true"} for pattern, _ in METHODS}

# The header says nothing that changes by itself: a run without new messages leaves the files as they are.
_FIXED = {"project": "Wenlan", "version": "1", "creation_date": datetime(2026, 1, 1, tzinfo=UTC), "revision_date": datetime(2026, 1, 1, tzinfo=UTC),
          "last_translator": "Wenlan", "language_team": "Wenlan", "msgid_bugs_address": "-"}  # fmt: skip


def extracted() -> Catalog:
    """Every message of the templates, each with the templates it stands in."""
    folder = ROOT / "catalog_api" / "web" / "templates"
    catalog = Catalog(project="Wenlan", charset="utf-8", fuzzy=False)
    for file, _line, message, _comments, context in extract_from_dir(folder, METHODS, OPTIONS):
        catalog.add(message, locations=[(file, 0)], context=context)
    return catalog


def updated(locale: str, wanted: Catalog) -> Catalog:
    file = LOCALES / locale / "LC_MESSAGES" / "wenlan.po"
    old = Catalog(locale=locale)
    if file.is_file():
        with file.open("rb") as source:
            old = read_po(source, locale=locale)
    new = Catalog(
        locale=locale, header_comment=f"# Messages of the pages: {locale}.", charset="utf-8", fuzzy=False, **_FIXED
    )
    for message in sorted((m for m in wanted if m.id), key=lambda m: (m.locations[0][0], str(m.id))):
        known = old.get(message.id, message.context)
        text = known.string if known is not None and any(known.string) else _own(message, locale)
        new.add(message.id, text, sorted(set(message.locations)), message.flags, context=message.context)
    return new


def _own(message: Message, locale: str) -> str | tuple[str, ...]:
    """What a message says before anybody has translated it."""
    if locale != "zh_CN":
        return ("", "") if message.pluralizable else ""
    return (message.id[0],) if message.pluralizable else message.id


def missing(catalog: Catalog) -> list[Message]:
    return [m for m in catalog if m.id and not all([m.string] if isinstance(m.string, str) else m.string)]


def main() -> None:
    wanted = extracted()
    lacking = 0
    for locale in ("zh_CN", "en"):
        catalog = updated(locale, wanted)
        file = LOCALES / locale / "LC_MESSAGES" / "wenlan.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            write_po(target, catalog, width=0, omit_header=False, include_lineno=False)
        for message in missing(catalog):
            lacking += 1
            print(f"{locale}: {message.id!r} ({message.locations[0][0]})")  # noqa: T201
    sys.exit(1 if lacking else 0)


if __name__ == "__main__":
    main()

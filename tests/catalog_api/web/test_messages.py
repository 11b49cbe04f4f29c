"""Every message of the pages stands in both languages."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

from schemas.settings import CHECKOUT

WEB = CHECKOUT / "catalog_api" / "web"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", CHECKOUT / "tools" / "messages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_no_message_lacks_a_language(messages: ModuleType, locale: str) -> None:
    file = CHECKOUT / "config" / "locale" / locale / "LC_MESSAGES" / "wenlan.po"
    with file.open("rb") as source:
        catalog = read_po(source, locale=locale)
    wanted = messages.extracted()
    missing = [m.id for m in wanted if m.id and catalog.get(m.id, m.context) is None]
    assert missing == [], "run: python tools/messages.py"
    assert [m.id for m in messages.missing(catalog)] == []
    unused = [m.id for m in catalog if m.id and wanted.get(m.id, m.context) is None]
    assert unused == [], "run: python tools/messages.py"


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_translations_keep_the_places_to_be_filled(locale: str) -> None:
    with (CHECKOUT / "config" / "locale" / locale / "LC_MESSAGES" / "wenlan.po").open("rb") as source:
        for message in read_po(source, locale=locale):
            if message.id:
                one = message.id if isinstance(message.id, str) else message.id[0]
                for text in [message.string] if isinstance(message.string, str) else message.string:
                    assert set(re.findall(r"%\((\w+)\)", text)) == set(re.findall(r"%\((\w+)\)", one)), one


def test_english_is_english() -> None:
    with (CHECKOUT / "config" / "locale" / "en" / "LC_MESSAGES" / "wenlan.po").open("rb") as source:
        for message in read_po(source, locale="en"):
            if message.id:
                text = message.string if isinstance(message.string, str) else "".join(message.string)
                assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]", text), text


def test_templates_hold_no_text_outside_messages() -> None:
    for file in sorted((WEB / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", file.read_text(encoding="utf-8"), flags=re.S)
        text = re.sub(r'<(\w+)[^>]*lang="zh[^>]*>.*?</\1>', "", text, flags=re.S)
        left = re.findall(r"[\u4e00-\u9fff]+", text)
        assert left == [], f"{file.name}: {left}"


@pytest.mark.parametrize("name", ["labels.toml", "marc_tags.toml"])
def test_labels_stand_in_both_languages(name: str) -> None:
    for section, rows in tomllib.loads((WEB / name).read_text(encoding="utf-8")).items():
        for key, row in rows.items():
            assert row["zh"] and row["en"], f"{section}.{key}"


def test_every_icon_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (WEB / "static" / "icons.svg").read_text(encoding="utf-8")))
    for file in sorted((WEB / "templates").rglob("*.html")):
        named = set(re.findall(r'icon\("([\w-]+)"', file.read_text(encoding="utf-8")))
        assert named <= drawn, f"{Path(file).name}: {named - drawn}"

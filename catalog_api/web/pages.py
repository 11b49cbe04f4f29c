"""From a template's name and its values to a page in the visitor's language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from catalog_api.auth.roles import NAMES, Role
from catalog_api.search.labels import type_label
from catalog_api.web import i18n, labels
from catalog_api.web.description import web_address
from catalog_api.web.places import designation, place
from catalog_api.web.visit import FORM_FIELD, Visit
from schemas.member import Member, Name
from schemas.text import Text

_DRAWN = frozenset(
    {"serial", "thesis", "guji", "ebook", "sound", "music", "map", "video", "image", "software", "object", "article"}
)
_SIGNS = {"audiobook": "sound", "mixed": "object", "collection": "object"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
STATIC = Path(str(resources.files("catalog_api.web").joinpath("static")))


def render(
    visit: Visit, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any
) -> Response:
    """The page, or the fragment where `template` is one; values are escaped by the template."""
    environment = _environment(visit.context.settings.config, visit.locale)
    members = visit.context.members
    html = environment.get_template(template).render(
        visit=visit,
        members=members,
        label=partial(_label, members, visit.locale),
        place=lambda holding: place(holding, members).pick(visit.locale),
        **values,
    )
    if template.endswith(".xml"):
        html = _NO_XML.sub("", html)
    return visit.finish(HTMLResponse(html, status_code=status, headers=dict(headers or {})))


def text_of(visit: Visit, text: Text) -> str:
    return text.pick(visit.locale)


@cache
def _environment(config: Path, locale: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("catalog_api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(i18n.translations(config, locale), newstyle=True)  # type: ignore[attr-defined]
    filters: dict[str, Callable[..., object]] = {
        "pick": partial(_pick, locale),
        "day": partial(i18n.day, locale=locale),
        "minute": partial(i18n.minute, locale=locale),
        "machine": i18n.machine,
        "number": partial(i18n.number, locale=locale),
        "days_left": i18n.days_left,
        "designation": designation,
        "web_address": web_address,
        "segment": lambda text: quote(str(text), safe=""),
    }
    environment.filters.update(filters)
    environment.globals.update(
        static=static,
        locale=locale,
        lang="en" if locale == "en" else "zh-CN",
        FORM_FIELD=FORM_FIELD,
        Role=Role,
        ROLES=NAMES,
        icon_of=_icon_of,
        type_label=type_label,
        name_of=labels.label,
    )
    return environment


def _pick(locale: str, text: Text | Name | None) -> str:
    return text.pick(locale) if text else ""


def _label(members: Mapping[str, Member], locale: str, code: str) -> str:
    """The name of a member; of one that has left the configuration, its code."""
    return members[code].label(locale) if code in members else code


def _icon_of(type: str) -> str:
    """The sign of the sprite for a value of the facet "type"."""
    return _SIGNS.get(type, type if type in _DRAWN else "book")


@cache
def static(name: str) -> str:
    """The address of a static file, with its content's hash: it may then be kept for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


class Assets(StaticFiles):
    """Static files; those asked for by their hash never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            kept = scope["query_string"].startswith(b"v=")
            response.headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "public, max-age=300"
        return response

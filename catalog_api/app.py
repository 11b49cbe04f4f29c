"""The web application: the pages, the API and the protocols over HTTP, put together.

`uvicorn --factory catalog_api.app:create_app` serves what the environment names; tests and the command line hand over their own context.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from catalog_api.api import router as api
from catalog_api.context import Context, open_context
from catalog_api.web import errors
from catalog_api.web.middleware import BodyLimit, Metrics, SecurityHeaders
from catalog_api.web.pages import STATIC, Assets
from catalog_api.web.routes import pages
from schemas.settings import Settings

_FORM_BYTES = 256 << 10  # the longest form has a note in it
_MESSAGE_BYTES = 4 << 20
_LIMITS = {"/api/": _MESSAGE_BYTES, "/iso18626": _MESSAGE_BYTES}


def create_app(source: Context | Settings | None = None) -> FastAPI:
    """The application on a context, which stays its maker's to close, or on settings, whose context it opens now and closes at its end."""
    owned = ExitStack()
    context = source if isinstance(source, Context) else owned.enter_context(open_context(source or Settings()))
    _ = context.database.pool  # opened before there are threads that could each open one
    registry = _registry()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with owned:
            yield

    app = FastAPI(
        title="Wenlan 文澜",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        middleware=[
            Middleware(SecurityHeaders, https=context.settings.public_url.startswith("https:")),
            Middleware(Metrics, registry=registry),
            Middleware(errors.Unforeseen),
            Middleware(BodyLimit, default=_FORM_BYTES, by_prefix=_LIMITS),
            Middleware(GZipMiddleware, minimum_size=2048),
        ],
    )
    app.state.wenlan = context
    app.state.registry = registry
    app.state.kept = {}
    errors.install(app)
    app.mount("/static", Assets(directory=STATIC), name="static")
    app.include_router(api)
    app.include_router(pages)
    return app


def _registry() -> CollectorRegistry:
    """One of its own for each application, so that two of them in a process do not count for each other."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry

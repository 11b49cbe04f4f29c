from __future__ import annotations

import pytest

from catalog_api.context import open_context
from catalog_api.search.port import SearchRequest
from schemas.errors import WenlanError
from schemas.settings import Settings


def test_a_context_opens_what_the_settings_name(settings: Settings) -> None:
    with open_context(settings) as context:
        assert "zjsl" in context.members
        assert context.engine.search(SearchRequest()).total == 0
        with context.database.connect() as connection:
            assert connection.execute("select count(*) from cluster").fetchone() == (0,)


def test_a_meilisearch_server_that_is_away_is_said_so(settings: Settings) -> None:
    away = settings.model_copy(update={"search_url": "http://127.0.0.1:9"})
    with open_context(away) as context:
        assert context.engine.name == "meilisearch"
        with pytest.raises(WenlanError, match="search-unreachable"):
            context.engine.search(SearchRequest())

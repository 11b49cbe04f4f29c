"""Settings from the environment (prefix WENLAN_). Secrets come from here or from files under WENLAN_HOME, never from `config/`."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where Wenlan keeps and finds things. An instance is cheap; pass it on rather than make another."""

    model_config = SettingsConfigDict(
        env_prefix="WENLAN_", extra="ignore", frozen=True, ignored_types=(cached_property,)
    )

    home: Path = Field(default=CHECKOUT / "var", description="data directory: embedded database, search index, secrets")
    config: Path = Field(default=CHECKOUT / "config", description="members, policies, profiles, translations")
    database_url: SecretStr | None = Field(default=None, description="a PostgreSQL server; unset: the embedded one")
    search_url: str | None = Field(default=None, description="a Meilisearch server; unset: the embedded tantivy index")
    search_key: SecretStr | None = Field(default=None, description="API key of the Meilisearch server")
    workers: int = Field(default=0, ge=0, description="processes that read and normalise; 0: one a core, at most 8")
    max_record_bytes: int = Field(default=4 << 20, description="a longer record is quarantined by its head")
    max_page_bytes: int = Field(default=256 << 20, description="a longer harvested page fails its window")
    allow_private_addresses: bool = Field(
        default=False, description="let harvesting reach loopback and private networks"
    )
    secret_key_file: Path | None = Field(
        default=None, description="key for tokens and encryption; unset: WENLAN_HOME/secret.key"
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="address of the site in permalinks and exports"
    )

    @property
    def members_dir(self) -> Path:
        return self.config / "members"

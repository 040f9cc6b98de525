"""All settings: `INTAKE_*` in the environment, else `intake.toml` here; secrets also from `<NAME>_FILE`.

Nobody but this module reads the environment.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from app.logs import keep_secret
from models.errors import SettingError

_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[A-Za-z0-9.-]+")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}|sip:[^\s@,]+@[^\s,]+")
DEMO_ADDRESS = "noc@halverlink.example"
DEMO_PASSWORD = "demo-password"  # noqa: S105  (a file name)
_SECRETS = (
    "INTAKE_DATABASE_URL",
    "INTAKE_IMAP_URLS",
    "INTAKE_PANEL_TOKEN_KEYS",
    "INTAKE_SMARTHOST_URL",
    "INTAKE_SECRET_KEY",
    "INTAKE_TWILIO_AUTH_TOKENS",
    "INTAKE_OIDC_CLIENT_SECRET",
    "INTAKE_NETBOX_TOKEN",
    "INTAKE_METRICS_TOKEN",
)


class Settings(BaseSettings):
    """The names are those of docs/operations/settings.md without `INTAKE_`."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_", toml_file="intake.toml", extra="forbid")

    data_dir: Path = Path("var")
    database_url: str = ""
    queue_url: str = ""
    smtp_listen: str = "127.0.0.1:2525"
    http_listen: str = "127.0.0.1:8080"
    public_url: str = "http://127.0.0.1:8080"
    provider_name: str = "Interspace"
    mail_addresses: str = ""
    mail_from: str = ""
    bounce_address: str = ""
    smtp_trusted: str = "127.0.0.1,::1"
    own_lists: str = ""
    trusted_forms: str = ""
    authserv_id: str = ""
    cap_per_hour: int = 4
    cap_per_day: int = 10
    breaker_per_hour: int = 300
    breaker_per_domain: int = 30
    first_ack_hours: int = 24
    flood_tickets: int = 10
    reopen_days: int = 7
    remind_affecting_minutes: int = 30
    remind_others_minutes: int = 240
    hold_answers: Literal["none", "review", "all"] = "none"
    smarthost_url: str = ""
    smarthost_ca_file: str = ""
    smarthost_connections: int = Field(default=2, ge=1, le=20)
    dkim_domain: str = ""
    dkim_selector: str = "intake"
    dkim_key_file: str = ""
    imap_urls: str = ""
    smtp_tls_cert: str = ""
    smtp_tls_key: str = ""
    secret_key: str = ""
    twilio_account_sid: str = ""
    twilio_auth_tokens: str = ""
    twilio_api_url: str = "https://api.twilio.com"
    phone_number: str = ""
    phone_agents: str = ""
    phone_overflow: str = ""
    phone_queue: str = ""
    phone_queue_seconds: int = 180
    phone_ring_seconds: int = 30
    phone_hours: str = ""
    phone_timezone: str = "UTC"
    phone_callback_minutes: int = 30
    phone_description: Literal["recording", "speech"] = "recording"
    phone_transcribe: bool = True
    phone_delete_at_carrier: bool = False
    phone_language: str = "en-US"
    phone_voice: str = ""
    phone_speech_model_short: str = "experimental_utterances"
    phone_speech_model_id: str = "numbers_and_commands"
    phone_speech_model_free: str = "experimental_conversations"
    phone_speech_timeout: int = 2
    panel_token_keys: str = ""
    panel_token_audience: str = ""
    panel_link_days: int = Field(default=14, ge=1, le=365)
    webhook_allow: str = ""
    voice_templates_dir: Path | None = None
    pbx_listen: str = "127.0.0.1:4573"
    pbx_tts_command: str = "flite -voice slt -t {text} -o {file}"
    pbx_recordings_dir: Path | None = None
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_claim: str = "groups"
    oidc_roles: str = ""
    oidc_label: str = "Sign in with the company account"
    api_per_minute: int = Field(default=1200, ge=1, le=1_000_000)
    pbx_trunk: str = Field(default="trunk", pattern=r"^[A-Za-z0-9_-]+$")
    netbox_url: str = ""
    netbox_token: str = ""
    keep_raw_days: int = Field(default=90, ge=0)
    keep_ticket_days: int = Field(default=730, ge=0)
    metrics_token: str = ""
    otlp_url: str = ""
    workers: int = 0
    max_backlog: int = 100_000
    min_free_mb: int = 500

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("mail_addresses", "own_lists", "trusted_forms", "mail_from", "bounce_address")
    @classmethod
    def real_addresses(cls, value: str) -> str:
        for address in split(value):
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is not a mail address")
        return value.lower()

    @field_validator("smtp_listen", "http_listen", "pbx_listen")
    @classmethod
    def host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError(f"{value!r} is not HOST:PORT")
        return value

    @field_validator("phone_number", "phone_agents", "phone_overflow")
    @classmethod
    def real_numbers(cls, value: str) -> str:
        for number in split(value):
            if not _NUMBER.fullmatch(number):
                raise ValueError(f"{number!r} is neither a number such as +4930555010 nor sip:NAME@HOST")
        return value

    @field_validator("voice_templates_dir", "pbx_recordings_dir", mode="before")
    @classmethod
    def empty_is_none(cls, value: object) -> object:
        return None if value in ("", "None") else value

    @property
    def addresses(self) -> tuple[str, ...]:
        return split(self.mail_addresses)

    @property
    def sender(self) -> str:
        return self.mail_from or self.addresses[0]

    @property
    def bounces(self) -> str:
        return self.bounce_address or "bounce@" + self.addresses[0].partition("@")[2]

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.absolute()}/intake.db"

    @property
    def queue(self) -> str:
        if self.queue_url:
            return self.queue_url
        return self.database if self.database.startswith("postgresql") else f"sqlite:///{self.data_dir.absolute()}/queue.db"


def split(value: str) -> tuple[str, ...]:
    """The parts of a comma-separated setting."""
    return tuple(x.strip() for x in value.split(",") if x.strip())


def reached_at(host: str) -> str:
    """Where this machine reaches a listener of its own: loopback for one that listens everywhere; without IPv6's brackets."""
    bare = host.strip("[]")
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(bare, bare)  # noqa: S104


def host_port(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    return host.strip("[]"), int(port)


def load_settings(**given: Any) -> Settings:
    """Reads the settings. Raises SettingError naming the setting, what it holds and what would be right."""
    try:
        settings = Settings(**{**_secret_files(), **given})
    except ValidationError as e:
        first = e.errors()[0]
        name = "INTAKE_" + str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise SettingError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from e
    except ValueError as e:
        raise SettingError(f"intake.toml: {e}") from e
    keep_secret(str(getattr(settings, name.removeprefix("INTAKE_").lower())) for name in _SECRETS)
    return settings


def demo_addresses(settings: Settings) -> tuple[str, ...]:
    """The own addresses of a demo that was loaded into this data directory, else none."""
    return (DEMO_ADDRESS,) if (settings.data_dir / DEMO_PASSWORD).exists() else ()


def need_addresses(settings: Settings) -> Settings:
    """Raises SettingError where no own mail address is set."""
    if not settings.addresses:
        raise SettingError(
            "INTAKE_MAIL_ADDRESSES: not set; name the addresses that customers write to, such as noc@example.net"
        )
    return settings


def _secret_files() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _SECRETS:
        path = os.environ.get(f"{name}_FILE")
        if path:
            try:
                found[name.removeprefix("INTAKE_").lower()] = Path(path).read_text().strip()
            except OSError as e:
                raise SettingError(f"{name}_FILE: {path}: {e.strerror}") from e
    return found


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives another process of ours the same settings."""
    own = {f"INTAKE_{k.upper()}": str(v) for k, v in settings.model_dump().items()}
    return {**{k: v for k, v in os.environ.items() if not k.startswith("INTAKE_")}, **own}

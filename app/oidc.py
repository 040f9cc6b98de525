"""The sign-in service as set."""

from __future__ import annotations

from app.house import secret_key
from app.settings import Settings
from console.oidc_client import safe_url
from console.oidc_settings import OidcSettings, parse_roles
from models.errors import SettingError


def oidc_settings(s: Settings) -> OidcSettings | None:
    """None where no issuer is set. Raises SettingError naming what is missing or wrong."""
    if not s.oidc_issuer:
        return None
    if not safe_url(s.oidc_issuer):
        raise SettingError(f"INTAKE_OIDC_ISSUER: {s.oidc_issuer!r} is no https address")
    for name in ("oidc_client_id", "oidc_client_secret", "oidc_roles"):
        if not getattr(s, name):
            raise SettingError(f"INTAKE_{name.upper()}: not set, but INTAKE_OIDC_ISSUER is")
    return OidcSettings(
        issuer=s.oidc_issuer,
        client_id=s.oidc_client_id,
        client_secret=s.oidc_client_secret,
        redirect_uri=s.public_url.rstrip("/") + "/oidc/callback",
        claim=s.oidc_claim,
        roles=parse_roles(s.oidc_roles),
        key=secret_key(s),
        label=s.oidc_label,
    )

"""How the provider's sign-in service is reached, and which of its groups has which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import SettingError
from models.words import Role


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`roles` maps a value of the claim `claim` to a role, the strongest that fits wins; `label` stands on the button."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    claim: str
    roles: Mapping[str, Role]
    key: bytes
    label: str = "Sign in with the company account"


def parse_roles(text: str) -> dict[str, Role]:
    """`noc-admins=admin, noc=agent`. Raises SettingError naming the part that is wrong."""
    found: dict[str, Role] = {}
    for part in (p.strip() for p in text.split(",") if p.strip()):
        value, _, role = part.rpartition("=")
        if not value or role not in {r.value for r in Role}:
            wanted = ", ".join(r.value for r in Role)
            raise SettingError(f"INTAKE_OIDC_ROLES: {part!r} is not VALUE=ROLE with a role of {wanted}")
        found[value.strip()] = Role(role)
    return found

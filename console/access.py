"""Who may open what: each route declares one permission, each role holds a set of them."""

from __future__ import annotations

from enum import StrEnum

from models.words import Role


class Permission(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    SEE_CASES = "see_cases"
    SEE_SOURCE = "see_source"


_SEES = frozenset({Permission.PUBLIC, Permission.SIGNED_IN, Permission.SEE_CASES, Permission.SEE_SOURCE})
ROLES: dict[str, frozenset[Permission]] = {role.value: _SEES for role in Role}
NOBODY: frozenset[Permission] = frozenset({Permission.PUBLIC})

PERMISSIONS: dict[str, Permission] = {
    "/login": Permission.PUBLIC,
    "/healthz": Permission.PUBLIC,
    "/readyz": Permission.PUBLIC,
    "/static": Permission.PUBLIC,
    "/logout": Permission.SIGNED_IN,
    "/": Permission.SEE_CASES,
    "/contacts/{contact_id}": Permission.SEE_CASES,
    "/contacts/{contact_id}/raw": Permission.SEE_SOURCE,
    "/tickets/{ticket_id}": Permission.SEE_CASES,
    "/outbox": Permission.SEE_CASES,
    "/stream": Permission.SEE_CASES,
}


def allowed(role: str, permission: Permission) -> bool:
    """True where the role holds the permission; an unknown role holds only what is public."""
    return permission in ROLES.get(role, NOBODY)

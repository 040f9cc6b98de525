"""Who may do what: the permissions that routes declare, the scopes of other systems' tokens, and which role may give which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from models.words import Role

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__permission__"


class Scope(StrEnum):
    """What a token may do: read or write one kind of resource."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    SERVICES_READ = "services:read"
    RFOS_READ = "rfos:read"
    RFOS_WRITE = "rfos:write"
    ESCALATIONS_READ = "escalations:read"
    ESCALATIONS_WRITE = "escalations:write"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    READINGS_WRITE = "readings:write"
    EVENTS_WRITE = "events:write"


READS: frozenset[Scope] = frozenset(s for s in Scope if s.value.endswith(":read"))
_DESK = READS | {
    Scope.TICKETS_WRITE,
    Scope.CONTACTS_WRITE,
    Scope.RFOS_WRITE,
    Scope.ESCALATIONS_WRITE,
    Scope.READINGS_WRITE,
}
# What the owner of a token may do at most; the token of somebody whose role shrinks shrinks with it.
ROLE_SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.AUDITOR: READS,
    Role.AGENT: _DESK,
    Role.LEAD: _DESK | {Scope.RULES_WRITE, Scope.EVENTS_WRITE},
    Role.ADMIN: frozenset(Scope),
}
# What makes sense for a token that is bound to one customer: nothing that speaks of other customers or of our rules.
CUSTOMER_SCOPES: frozenset[Scope] = frozenset(Scope) - {
    Scope.RULES_READ,
    Scope.RULES_WRITE,
    Scope.READINGS_WRITE,
    Scope.RFOS_WRITE,
}


@dataclass(frozen=True, slots=True)
class Permission:
    """`kind` is public, roles, scope, or a door with a lock of its own (signed); `who` are roles or scopes; `why` in words."""

    kind: str
    who: frozenset[str] = frozenset()
    why: str = ""


def declares(permission: Permission) -> Callable[[F], F]:
    """Marks a route's function, or a dependency of it, as what asks for this permission."""

    def mark(function: F) -> F:
        setattr(function, _MARK, permission)
        return function

    return mark


def public(why: str) -> Callable[[F], F]:
    """Declares a route that anybody may call, and why."""
    return declares(Permission("public", why=why))


def permission_of(function: object) -> Permission | None:
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Permission) else None

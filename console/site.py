"""What every area of the console is given: the store, the guard, the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from console.auth import SignedIn
from console.guard import EVERYBODY, Guard
from console.known import KnownDirectory
from console.oidc_settings import OidcSettings
from console.tuning import Tuning
from models.clock import Clock, iso
from models.store import Store
from models.words import Role
from outbound.webhook_sending import Allowed
from tickets.mailing import LifeSettings

Checks = Mapping[str, Callable[[], tuple[bool, str]]]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Site:
    """One console. An area is a function that takes the application and this, and adds its routes."""

    store: Store
    clock: Clock
    guard: Guard
    pages: Jinja2Templates
    checks: Checks
    life: LifeSettings
    known: KnownDirectory
    # The sign-in service beside passwords, where one is set (console/oidc.py).
    oidc: OidcSettings | None = None

    @property
    def sign_in_label(self) -> str:
        return self.oidc.label if self.oidc else ""

    # Where webhooks may go beside public addresses.
    hooks_to: Allowed = field(default_factory=Allowed)
    tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of the navigation: its group, what else lies below it, and who is shown it."""

    label: str
    path: str
    group: str
    under: tuple[str, ...] = ()
    roles: frozenset[Role] = EVERYBODY

    def holds(self, path: str) -> bool:
        """Whether a page of this path belongs here."""
        return any(path == p or (p != "/" and path.startswith(p + "/")) for p in (self.path, *self.under))


# In the order in which they stand in the navigation; the entries of a group stand together.
NAVIGATION: tuple[NavItem, ...] = (
    NavItem("Review", "/review", "Desk"),
    NavItem("Cases", "/", "Desk"),
    NavItem("Tickets", "/tickets", "Desk"),
    NavItem("Contacts", "/contacts", "Desk"),
    NavItem("Outbox", "/outbox", "Desk"),
    NavItem("Calls", "/calls", "Desk", under=("/phone",)),
    NavItem("Call-backs", "/call-backs", "Desk"),
    NavItem("Set aside", "/set-aside", "Desk"),
    NavItem("Dashboard", "/dashboard", "Desk"),
    NavItem("Customers", "/customers", "Directory"),
    NavItem("Services", "/services", "Directory"),
    NavItem("Upkeep", "/directory", "Directory"),
    NavItem("Problems", "/problems", "Life of a ticket"),
    NavItem("RFO", "/rfo", "Life of a ticket"),
    NavItem("Carrier notices", "/notices", "Life of a ticket"),
    NavItem("Rules", "/rules", "Settings"),
    NavItem("Policy", "/policy", "Settings"),
    NavItem("Mailboxes", "/mailboxes", "Settings"),
    NavItem("API tokens", "/tokens", "Settings"),
    NavItem("Users", "/users", "Settings", roles=frozenset({Role.ADMIN})),
    NavItem("Audit log", "/audit", "Settings", roles=frozenset({Role.ADMIN, Role.AUDITOR})),
    NavItem("My account", "/account", "Settings"),
    NavItem("Webhooks", "/webhooks", "Settings", roles=frozenset({Role.ADMIN})),
)


def areas_for(who: SignedIn) -> list[tuple[str, list[NavItem]]]:
    """The navigation of a user, group by group."""
    seen = [item for item in NAVIGATION if who.role in item.roles]
    return [(group, list(items)) for group, items in groupby(seen, key=lambda item: item.group)]


def when(at: datetime | None) -> Markup:
    """A time for a page: UTC as it stands, in the reader's own zone where a script may run."""
    if at is None:
        return Markup("")
    return Markup('<time datetime="{}" data-when>{} UTC</time>').format(iso(at), at.strftime("%d %b %H:%M"))


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that tells something."""
    minutes = int((now - since).total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 0)} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} days"


def moment(at: datetime | None) -> Markup:
    """As `when`, with the year: for lists, which go back for years."""
    if at is None:
        return Markup("")
    return Markup('<time datetime="{}" data-when>{} UTC</time>').format(iso(at), at.strftime("%Y-%m-%d %H:%M"))


def templates(provider: str) -> Jinja2Templates:
    """The pages in templates/console, strict about what they are given."""
    loader = FileSystemLoader(HERE.parent / "templates" / "console")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["provider"] = provider
    environment.globals["areas_for"] = areas_for
    environment.tests["current_at"] = NavItem.holds
    environment.filters["words"] = lambda value: str(value or "").replace("_", " ")
    environment.filters["stamp"] = lambda at: at.strftime("%d %b %H:%M") if at else ""
    environment.filters["when"] = when
    environment.filters["age"] = age
    environment.filters["moment"] = moment
    return Jinja2Templates(env=environment)

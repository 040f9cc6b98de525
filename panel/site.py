"""What every area of the customers' pages is given: the store, the gate, the pages, the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.clock import Clock
from models.directory import Directory
from models.reading import Reading
from models.store import Store
from panel.gate import Gate
from panel.mail_files import MailFiles
from panel.sessions import Visitor
from panel.words import FILTERS, local_words
from tickets.filing import FilingSettings
from tickets.mailing import LifeSettings

HERE = Path(__file__).resolve().parent
# A mail's bytes, its sender, the instant it is from, the directory, and the customer whose part of it may be used (empty:
# nobody on file). Gives None when it cannot be read in time.
Read = Callable[[bytes, str, datetime, Directory, str], Reading | None]


def _nothing(_row: int) -> None:
    """A hint that nobody waits for: the sweep finds the row."""


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """`token_keys` are the control panel's keys by name; none switches sign-in by token off."""

    provider: str
    public_url: str
    secure: bool = False
    token_keys: Mapping[str, bytes] = field(default_factory=dict)
    token_audience: str = ""
    link_days: int = 14
    # Of one visitor in a minute, in one process.
    reads_a_minute: int = 120
    forms_a_minute: int = 60


@dataclass(frozen=True, slots=True)
class PanelSite:
    """An area is a function that takes the application and this, and adds its routes."""

    store: Store
    clock: Clock
    gate: Gate
    pages: Jinja2Templates
    filing: FilingSettings
    life: LifeSettings
    directory: Callable[[], Directory]
    read: Read
    settings: PanelSettings
    hint: Callable[[int], None] = _nothing
    mail_files: MailFiles = field(default_factory=MailFiles)

    def page(
        self, request: Request, name: str, visitor: Visitor | None, context: Mapping[str, Any], *, status: int = 200
    ) -> Response:
        """A page with what the frame of every page needs."""
        zone = visitor.customers[0].timezone if visitor else "UTC"
        frame = {"visitor": visitor, "zone": zone, "at": request.url.path}
        return self.pages.TemplateResponse(request, name, {**frame, **context}, status_code=status)


def templates(provider: str) -> Jinja2Templates:
    """The pages in templates/panel, strict about what they are given."""
    loader = FileSystemLoader(HERE.parent / "templates" / "panel")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals["provider"] = provider
    environment.filters.update(FILTERS)
    environment.filters["local"] = local_words
    return Jinja2Templates(env=environment)

"""Documents as PDF, drawn by WeasyPrint from templates/rfo/; nothing is fetched from anywhere while drawing."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.documents import MatrixDocument, RfoDocument
from models.errors import OwnError

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "rfo"


class FetchRefused(OwnError):
    """A document names something outside itself."""


def rfo_pdf(document: RfoDocument) -> bytes:
    """The Reason for Outage report, A4."""
    return _draw("rfo.html", document)


def matrix_pdf(document: MatrixDocument) -> bytes:
    """The escalation matrix of a service, A4."""
    return _draw("matrix.html", document)


def _draw(template: str, document: RfoDocument | MatrixDocument) -> bytes:
    # Imported here: it loads Pango, which only a process that draws needs.
    from weasyprint import CSS, HTML

    text = _environment().get_template(template).render(d=document)
    style = CSS(string=(TEMPLATES / "document.css").read_text(), url_fetcher=_nothing)
    drawn: bytes = HTML(string=text, url_fetcher=_nothing).write_pdf(stylesheets=[style])
    return drawn


def _nothing(url: str, *_: Any, **__: Any) -> Any:
    raise FetchRefused(f"a document may not fetch {url}")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["stamp"] = _stamp
    return environment


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%d %B %Y, %H:%M UTC")

"""Templates to text: the subject, the plain text and the HTML of one mail of ours."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models.words import MailEvent
from outbound.context import VARIABLES, MailContext, Recorded
from outbound.headers import one_line

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "mail"
WIDTH = 74
SUBJECT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail as words: `subject` is one line, `text` and `html` say the same; no `html` means plain text only."""

    subject: str
    text: str
    html: str = ""


def render(event: MailEvent, context: MailContext) -> Rendered:
    """The mail for this event; raises jinja2.TemplateError if a template uses what the context does not have."""
    variables = {name: getattr(context, name) for name in VARIABLES}

    def part(name: str) -> str:
        return _environment().get_template(f"{event.value}/{name}").render(variables)

    return Rendered(one_line(part("subject.txt"), SUBJECT_CHARS), tidy(part("body.txt")), tidy(part("body.html")))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


def tidy(text: str) -> str:
    """No blanks at line ends, never two empty lines in a row, one line end at the end."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _paragraphs(text: str, indent: int = 0) -> str:
    """Wraps each paragraph on its own; empty lines part them."""
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return "\n\n".join(fill(part, " " * indent, " " * indent) for part in parts if part)


def _bullet(text: str) -> str:
    return fill(text, "   - ", "     ")


def _table(rows: Iterable[Recorded]) -> str:
    """Label and value in two columns, the value's further lines under its first."""
    rows = tuple(rows)
    width = max((len(r.label) for r in rows), default=0) + 2
    marked = ((r, r.value + (" (please check)" if r.confirm else "")) for r in rows)
    return "\n".join(fill(value, f"  {r.label + ':':<{width}}", " " * (width + 2)) for r, value in marked)


def _quote(text: str) -> str:
    return "\n".join(fill(line, "> ", "> ") or ">" for line in text.splitlines())


def fill(text: str, first: str, rest: str) -> str:
    """Wrapped at WIDTH; the first line begins with `first`, the others with `rest`."""
    # Most stands on one line, which needs no wrapping; of white space that is printable there is only the blank.
    if text and len(first) + len(text) <= WIDTH and text.isprintable() and not text[-1].isspace():
        return first + text
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


FILTERS: dict[str, Callable[..., str]] = {"paragraphs": _paragraphs, "bullet": _bullet, "table": _table, "quote": _quote}

"""The prepared replies of templates/replies: a title on the first line, then the words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.site import HERE
from models.tables import Ticket
from models.words import Field

_FOLDER = HERE.parent / "templates" / "replies"


@dataclass(frozen=True, slots=True)
class Prepared:
    name: str
    title: str


@cache
def prepared() -> tuple[Prepared, ...]:
    """All prepared replies, by title."""
    found = [Prepared(f.stem, f.read_text(encoding="utf-8").partition("\n")[0]) for f in sorted(_FOLDER.glob("*.txt"))]
    return tuple(sorted(found, key=lambda p: p.title))


def words_of(name: str, ticket: Ticket, *, agent: str, greeting: str) -> str:
    """The words of a prepared reply for this ticket; an empty string for a name that there is not."""
    if name not in {p.name for p in prepared()}:
        return ""
    services = ", ".join((ticket.report.get(Field.SERVICE_ID.value) or {}).get("values") or ())
    text = _environment().get_template(f"{name}.txt").render(name=greeting, services=services, agent=agent, ticket=ticket.id)
    return text.partition("\n")[2].strip() + "\n"


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(_FOLDER)
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701  (plain text)

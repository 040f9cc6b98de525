"""An administrator's own text of a mail in the place of the shipped one: checked at the door, rendered in a sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.errors import UserError
from models.tuning_file import MailTextRow
from models.words import MANDATORY, MailEvent
from outbound.context import VARIABLES, MailContext, context_of
from outbound.headers import one_line
from outbound.render import FILTERS, SUBJECT_CHARS, TEMPLATES, Rendered, tidy

PARTS: dict[str, str] = {"subject": "subject.txt", "text": "body.txt", "html": "body.html"}
_MOST_LOOPS = 2
_MOST_CHARS = 100_000
_MOST_FACTOR = 1000
_SHARED = "_parts/"
# Mails without a ticket.
_NO_TICKET = (MailEvent.WELCOME,)


class TextError(UserError):
    """A part of an own text cannot be used; `part` is subject, text or html."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reaches nothing but its variables, and multiplies nothing into the large."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or any(isinstance(x, str | list | tuple) for x in (left, right)):
            raise TemplateError(f"{operator} is not to be used here")
        return super().call_binop(context, operator, left, right)


@cache
def _sandbox(escape: bool) -> Environment:
    environment = _Sandbox(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=escape, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.pop("range", None)
    environment.globals.pop("lipsum", None)
    environment.filters.update(FILTERS)
    return environment


def shipped(event: MailEvent) -> MailTextRow:
    """The shipped templates of a mail."""
    folder = TEMPLATES / event.value
    return MailTextRow(**{part: (folder / name).read_text() for part, name in PARTS.items()})


def render_own(context: MailContext, own: MailTextRow) -> Rendered:
    """The mail in these words. Raises TextError naming the part that cannot be rendered."""
    variables = {name: getattr(context, name) for name in VARIABLES}
    made = {part: _rendered(part, str(getattr(own, part)), variables) for part in PARTS}
    return Rendered(one_line(made["subject"], SUBJECT_CHARS), tidy(made["text"]), tidy(made["html"]))


def _rendered(part: str, source: str, variables: dict[str, Any]) -> str:
    try:
        made = _sandbox(part == "html").from_string(source).render(variables)
    except TemplateSyntaxError as e:
        raise TextError(part, f"line {e.lineno}: {e.message}") from e
    # Whatever a template stumbles over is the template's own mistake: a name, a type, a depth.
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as e:
        raise TextError(part, f"{type(e).__name__}: {e}"[:300]) from e
    if len(made) > _MOST_CHARS:
        raise TextError(part, f"makes a text of more than {_MOST_CHARS} characters")
    return made


def check_own(event: MailEvent, own: MailTextRow) -> None:
    """Raises TextError for what does not compile, names what a mail is not told, or leaves out what it must say."""
    for part in PARTS:
        _check_source(part, str(getattr(own, part)))
    for context in samples(event):
        made = render_own(context, own)
        for part, text in (("text", made.text), ("html", made.html)):
            _check_words(event, context, part, text)
        if not made.subject.strip():
            raise TextError("subject", "is empty")


def _check_source(part: str, source: str) -> None:
    environment = _sandbox(part == "html")
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as e:
        raise TextError(part, f"line {e.lineno}: {e.message}") from e
    # What a text names itself (imports, set) is seen in its blocks too, which the library does not know of.
    own = {n.target for n in tree.find_all(nodes.Import)} | {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"}
    if unknown := sorted(meta.find_undeclared_variables(tree) - VARIABLES.keys() - own):
        known = ", ".join(sorted(VARIABLES))
        raise TextError(part, f"unknown variable {unknown[0]!r}; a mail is told {known}")
    for name in meta.find_referenced_templates(tree):
        if name is None or not name.startswith(_SHARED) or ".." in name:
            raise TextError(part, f"only the shared parts below {_SHARED} can be used, not {name or 'a name worked out'!r}")
    if max(_depths(tree), default=0) > _MOST_LOOPS:
        raise TextError(part, f"loops within loops, more than {_MOST_LOOPS} deep")


def _depths(node: nodes.Node, depth: int = 0) -> Iterator[int]:
    depth += isinstance(node, nodes.For)
    yield depth
    for child in node.iter_child_nodes():
        yield from _depths(child, depth)


def _check_words(event: MailEvent, context: MailContext, part: str, text: str) -> None:
    words = re.sub(r"<[^>]+>", " ", text)
    if event not in _NO_TICKET and context.ticket not in words:
        raise TextError(part, "does not tell the ticket ID: use {{ ticket }}")
    asked = {"service_id": "service", "start_time": "time", "description": "descri", "impact": "impact"}
    for field in context.missing if event in (MailEvent.INFORMATION_NEEDED, MailEvent.REMINDER) else ():
        if asked[field] not in words.casefold():
            raise TextError(part, f"does not ask for the {field.replace('_', ' ')}: use missing, or extend the shared layout")


def samples(event: MailEvent) -> list[MailContext]:
    """Invented cases that a text must do for: with everything, and with as little as there can be."""
    full = {
        "greeting_name": "Anna Smith",
        "subject_of_customer": "Frankfurt link is down",
        "recorded": [
            {"field": "service_id", "label": "Service ID", "value": "DIA-118220"},
            {"field": "impact", "label": "Impact", "value": "Degradation", "confirm": True},
        ],
        "missing": [f.value for f in MANDATORY],
        "quoted": "our link is down",
        "priority": "Major",
        "language": "de",
        "their_ref": "CHG-4711",
        "links": {"answer": "https://intake.example/a", "ticket": "https://intake.example/t"},
        "unreadable": ["encrypted PGP text"],
        "tickets": [{"ticket": "INC-2026-000136", "subject": "another line"}],
        **dict.fromkeys(("holder", "next_level", "due", "again", "note", "workaround", "service"), "level 2"),
        "facts": [{"label": "Level", "value": "2"}],
    }
    ticket = "" if event in _NO_TICKET else "INC-2026-000128"
    return [context_of(data, provider="Your house", ticket=ticket) for data in (full, {"missing": ["impact"]}, {})]

"""The body that an endpoint gets: our own form, that of a known receiver, or an admin's template, sandboxed and checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.errors import UserError

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "webhooks"
MAX_TEMPLATE, MAX_BODY = 8_000, 200_000
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "standard": "Our own form",
        "pagerduty": "PagerDuty Events v2",
        "opsgenie": "Opsgenie alerts",
        "slack": "Slack-compatible",
        "custom": "A template of your own",
    }
)
# What a template may use; docs/formats.md lists the same.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "event": "The event, such as `ticket.opened`.",
        "id": "ID of the event; the same in each try.",
        "time": "When it happened, ISO 8601 in UTC.",
        "provider": "Name of the provider, from the settings.",
        "key": "The endpoint's key, such as a routing key; empty if none is set.",
        "url": "Address of the ticket's page in the console; empty if there is no ticket.",
        "ticket": "The ticket, or none: `id`, `subject`, `state`, `priority`, `impact`, `customer`, `company`, `services`, "
        "`missing`, `description`, `opened_at`, `escalation_level`, `resolution`.",
        "data": "What belongs to the event only: `level` and `reason` of an escalation, `until` of a deferral, `title`, "
        "`scope`, `tickets` of an outage.",
    }
)
SAMPLE: Mapping[str, Any] = MappingProxyType(
    {
        "event": "ticket.opened",
        "id": "evt_0123456789abcdef",
        "time": "2026-05-04T10:00:00Z",
        "provider": "Provider",
        "key": "key",
        "url": "https://intake.example/tickets/INC-2026-000128",
        "ticket": {
            "id": "INC-2026-000128",
            "subject": 'It is "down"\n\\',
            "state": "new",
            "priority": "critical",
            "impact": "service_affecting",
            "customer": "C-1",
            "company": "Ferry Lines",
            "services": ["SVC-104233"],
            "missing": ["start_time"],
            "description": "No traffic",
            "opened_at": "2026-05-04T10:00:00Z",
            "escalation_level": 0,
            "resolution": "",
        },
        "data": {},
    }
)
_NO_TICKET: Mapping[str, Any] = MappingProxyType(
    {
        **SAMPLE,
        "event": "outage.detected",
        "ticket": None,
        "url": "",
        "data": {"title": "t", "scope": "site:x", "tickets": ["a"]},
    }
)


_BANNED = (
    *(nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends),
    *(nodes.Assign, nodes.AssignBlock, nodes.With, nodes.FilterBlock),
)


class BodyError(UserError):
    """A template cannot be used; the message says what is wrong with it and where."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Values, conditions, one loop and a few filters: nothing by which a short template makes a long text or a long wait."""

    intercepted_binops = frozenset({"*", "**", "+", "-", "/", "//", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, int) and isinstance(right, int):
            return left + right
        raise SecurityError(f"{operator!r} is not for templates; put texts together with ~")

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def render_body(kind: str, template: str, values: Mapping[str, Any]) -> str:
    """The body as one line of JSON. Raises BodyError where the template makes none."""
    if kind == "standard":
        return json.dumps(_own_form(values), ensure_ascii=False)
    source = template if kind == "custom" else _shipped(kind)
    try:
        made = ""
        for part in _environment().from_string(source).generate({k: values[k] for k in VARIABLES}):
            made += part
            if len(made) > MAX_BODY:
                raise BodyError(f"the template makes more than {MAX_BODY} characters")
    except TemplateError as e:
        raise BodyError(f"the template cannot be used: {_where(e)}{e}") from e
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as e:
        raise BodyError(f"the template cannot be used: {type(e).__name__}: {e}") from e
    try:
        return json.dumps(json.loads(made), ensure_ascii=False)
    except ValueError as e:
        raise BodyError(f"the template makes no JSON ({e}); write values as {{{{ ticket.subject | tojson }}}}") from e


def _own_form(values: Mapping[str, Any]) -> dict[str, Any]:
    about = {"ticket": values["ticket"], "url": values["url"], **values["data"]}
    return {"type": values["event"], "timestamp": values["time"], "data": about}


def check_template(kind: str, template: str) -> None:
    """Tries a template at the door, with a ticket and without one. Raises BodyError."""
    if kind not in KINDS:
        raise BodyError(f"{kind!r} is no kind of body; use {', '.join(KINDS)}")
    if kind == "custom":
        if len(template) > MAX_TEMPLATE:
            raise BodyError(f"the template has {len(template)} characters; {MAX_TEMPLATE} are allowed")
        if not template.strip():
            raise BodyError("the template is empty")
        _check_shape(template)
    for values in (SAMPLE, _NO_TICKET):
        try:
            render_body(kind, template, values)
        except BodyError as e:
            what = "for a ticket" if values is SAMPLE else "for an outage, which has no ticket"
            raise BodyError(f"{e} ({what})") from e


def headers_for(kind: str, key: str) -> dict[str, str]:
    """Headers that a receiver wants beside the signature."""
    return {"authorization": f"GenieKey {key}"} if kind == "opsgenie" and key else {}


def _where(error: TemplateError) -> str:
    line = getattr(error, "lineno", None)
    return f"line {line}: " if isinstance(line, int) else ""


def _check_shape(template: str) -> None:
    """No loop in a loop, no name for a value: what a template does grows with its length and its values' only."""
    try:
        tree = _environment().parse(template)
    except TemplateError as e:
        raise BodyError(f"the template cannot be used: {_where(e)}{e}") from e
    for banned in _BANNED:
        if next(tree.find_all(banned), None) is not None:
            raise BodyError(f"the template cannot be used: {banned.__name__.lower()} is not for these templates")
    for loop in tree.find_all(nodes.For):
        if loop.recursive or any(next(child.find_all(nodes.For), None) for child in loop.body) or _is_loop(loop.body):
            raise BodyError("the template cannot be used: a loop stands in a loop")


def _is_loop(body: Sequence[nodes.Node]) -> bool:
    return any(isinstance(n, nodes.For) for n in body)


def _bounded(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def bounded(*given: Any, **more: Any) -> Any:
        made = work(*given, **more)
        if isinstance(made, str) and len(made) > MAX_BODY:
            raise SecurityError(f"{name} makes more than {MAX_BODY} characters")
        return made

    return bounded


@cache
def _shipped(kind: str) -> str:
    return (TEMPLATES / f"{kind}.json.j2").read_text()


@cache
def _environment() -> _Sandbox:
    environment = _Sandbox(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    # Only what makes JSON of values and picks from them; nothing that repeats or pads a text.
    environment.globals.clear()
    keep = {
        "tojson",
        "default",
        "join",
        "upper",
        "lower",
        "replace",
        "length",
        "first",
        "last",
        "capitalize",
        "title",
        "truncate",
        "trim",
    }
    environment.filters = {name: _bounded(name, f) for name, f in environment.filters.items() if name in keep}
    return environment


def indented(body: str) -> str:
    """A body as it was sent, for a page: indented where it is JSON."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=1) if body else ""
    except ValueError:
        return body

"""Documents as forms: every value of a document is a field of its own, named by its path; and what changes between two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from models.words import Impact, Priority, Urgency
from tickets.policy import KINDS

# The kinds whose documents are forms; the others nest too deep and are edited as JSON.
FORMS = frozenset({"priority", "targets", "care", "limits", "phone", "labels"})
CHOICES: dict[str, tuple[str, ...]] = {"cells": tuple(Priority), "deferral": ("offer", "agent", "never")}
_LENGTH = "a length such as 15min, 4h, 1d, 8bh (business hours), 2bd (business days)"
HELP: dict[str, str] = {
    "response": f"first answer within {_LENGTH}; empty: nothing is promised",
    "repair": f"repaired within {_LENGTH}; empty: nothing is promised",
    "default": "for all customers and services that no other targets name",
    "customers": "IDs of customers, one a line",
    "services": "IDs of services, one a line",
    "calendar": "by which working hours are counted",
    "warn_at": "share of a target after which a warning is given, 0 to 1",
    "update_every": f"how often the customer hears of a ticket under work: {_LENGTH}",
    "close_after": "silence after which a resolved ticket is closed",
    "notice_every": "how often a notice of escalation is repeated until somebody answers",
    "notice_rounds": "rounds through all ways of a person before the next level is told",
    "customer_escalates_every": "how often a customer may escalate one ticket",
    "deferral": "offer: by policy; agent: a person agrees; never",
    "rfo_due": "when an RFO is due",
    "rfo_reminders": "when it is reminded of, one a line",
    "chronic_tickets": "tickets of a service within the days below that make it chronic",
    "outage_contacts": "contacts about one circuit, site or customer within the minutes below that look like an outage",
    "cap_per_hour": "automatic mails to one address in an hour; more wait",
    "cap_per_day": "the same in a day",
    "breaker_per_hour": "automatic mails in an hour to all addresses not on file; more wait, and an alarm shows",
    "breaker_per_domain": "the same for one domain that is not on file",
    "first_ack_hours": "the first acknowledgement of a service in this time does not count",
    "remind_affecting_minutes": "when a question about a service-affecting fault is repeated once",
    "remind_others_minutes": "the same for other faults",
    "flood_tickets": "tickets of one sender in an hour that are answered one by one",
    "reopen_days": "a reply within so many days reopens a ticket that ended",
    "agents": "numbers (+4930555010) or sip:NAME@HOST that ring at once, one a line",
    "overflow": "those that ring when the agents do not answer, one a line",
    "keep_days": "after so many days a labelled example is deleted; 0: never",
    "customer_calendars": "calendars of customers, one CUSTOMER=CALENDAR a line",
}


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a document with its path."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def fields(kind: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields of the form, in the order of the document."""
    out = [_field(path, value) for path, value in flat(_whole(kind, body))]
    if "customer_calendars" in KINDS[kind].model_fields:
        pairs = body.get("customer_calendars") or {}
        out.append(_field("customer_calendars", [f"{k}={v}" for k, v in pairs.items()]))
    return out


def _field(path: str, value: Any) -> dict[str, Any]:
    top = path.partition(".")[0]
    form = "area" if isinstance(value, list) else "check" if isinstance(value, bool) else "line"
    return {
        "path": path,
        "value": "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value),
        "form": "choice" if top in CHOICES else form,
        "options": CHOICES.get(top, ()),
        "on": value is True,
        "help": HELP.get(top, ""),
        "label": path.replace("_", " ").replace(".", ", "),
    }


def _whole(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The document with all that may stand in it, so that every value has its field."""
    whole: dict[str, Any] = {k: v for k, v in body.items() if k not in ("name", "customer_calendars")}
    for name in ("response", "repair", "update_every", "notice_every"):
        if name in KINDS[kind].model_fields:
            whole[name] = {p.value: (body.get(name) or {}).get(p.value, "") for p in Priority}
    if "cells" in KINDS[kind].model_fields:
        cells = body.get("cells") or {}
        whole["cells"] = {i.value: {u.value: cells.get(i.value, {}).get(u.value, "") for u in Urgency} for i in Impact}
    return whole


def body_of(kind: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """The document that a sent form describes; what cannot be a number stays as it was written, and is told as such."""
    body: dict[str, Any] = {}
    model: type[BaseModel] = KINDS[kind]
    for field in fields(kind, model.model_construct().model_dump(mode="json")):
        path, value = str(field["path"]), sent.get(str(field["path"]), "").strip()
        _put(body, path.split("."), _typed(field, value, path))
    return body


def _typed(field: Mapping[str, Any], value: str, path: str) -> Any:
    if path == "customer_calendars":
        rows = [line.partition("=") for line in value.splitlines() if line.strip()]
        return {k.strip(): v.strip() for k, _, v in rows}
    if field["form"] == "area":
        return [line.strip() for line in value.replace(",", "\n").splitlines() if line.strip()]
    return bool(value) if field["form"] == "check" else value


def _put(body: dict[str, Any], path: list[str], value: Any) -> None:
    """An empty field is left out: it is as usual."""
    if value == "":
        if len(path) > 1:
            body.setdefault(path[0], {})
        return
    for key in path[:-1]:
        body = body.setdefault(key, {})
    body[path[-1]] = value


def beside(fields: list[dict[str, Any]], places: Mapping[str, str]) -> dict[str, str]:
    """Each mistake at the field it is about: one of a whole group stands at the value that it names, else at the first."""
    paths, out = [f["path"] for f in fields], {}
    for place, words in places.items():
        below = [f for f in fields if f["path"].startswith(place + ".")]
        named = next((f for f in below if f["value"] and repr(f["value"]) in words), below[0] if below else None)
        above = next((p for p in paths if place.startswith(p + ".")), place)
        out[place if place in paths else named["path"] if named else above] = words
    return out


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Path, value before, value after, wherever two documents differ."""
    a, b = dict(flat(before)), dict(flat(after))
    return [(k, a.get(k), b.get(k)) for k in dict.fromkeys((*a, *b)) if a.get(k) != b.get(k)]

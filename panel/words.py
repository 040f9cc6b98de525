"""The words of the pages: states, priorities, impacts with their definitions, what of a ticket's history a customer reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.tables import Event
from models.words import Field, Impact, Pattern, TicketState, Urgency
from tickets.report import Report, recorded

# Section 2 of docs/domain.md, in words for who reads them at three in the morning.
IMPACTS: tuple[tuple[Impact, str, str], ...] = (
    (
        Impact.SERVICE_AFFECTING,
        "Service Affecting",
        "The service is down, or cannot be used for what it is for. For example: no link, no traffic, a server that is gone.",
    ),
    (
        Impact.DEGRADATION,
        "Degradation",
        "The service works, but carries less traffic than on a normal day. For example: much packet loss, high latency.",
    ),
    (
        Impact.NON_SERVICE_AFFECTING,
        "Non-Service Affecting",
        "Something is wrong, but your live traffic is not interrupted. For example: a lost backup path, a question. "
        "Outside working hours we may ask you whether it can wait until the next business day.",
    ),
)
URGENCIES: tuple[tuple[str, str, str], ...] = (
    (Urgency.HIGH.value, "High", "People or business stand still because of it."),
    ("", "Normal", "We judge it by the service and the impact."),
    (Urgency.LOW.value, "Low", "It can wait behind other faults."),
)
PATTERNS: tuple[tuple[Pattern, str, str], ...] = (
    (Pattern.CONSTANT, "Constant", "it is there all the time"),
    (Pattern.INTERMITTENT, "Intermittent", "it comes and goes"),
)
_STATES: Mapping[str, str] = {
    TicketState.NEW.value: "Received, waits for an engineer",
    TicketState.AWAITING_CUSTOMER.value: "Waits for your answer",
    TicketState.OPEN.value: "Open",
    TicketState.IN_PROGRESS.value: "An engineer works on it",
    TicketState.DEFERRED.value: "Deferred by agreement",
    TicketState.RESOLVED.value: "Resolved",
    TicketState.CLOSED.value: "Closed",
    TicketState.REOPENED.value: "Opened again",
    TicketState.MERGED.value: "Merged into another ticket",
}
IMPACT_WORDS: Mapping[str, str] = {i.value: name for i, name, _ in IMPACTS}
FILTERS: dict[str, Callable[..., str]] = {
    "state": lambda value: _STATES.get(str(value), str(value)),
    "impact": lambda value: IMPACT_WORDS.get(str(value or ""), "Not known yet"),
    "size": lambda value: f"{value / 1_000_000:.1f} MB" if value >= 1_000_000 else f"{max(1, value // 1000)} kB",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history as a customer reads it."""

    at: datetime
    what: str
    more: str = ""


# Event kind -> what the customer reads. What is not here is ours alone: reviews, other parties, addresses, persons.
_TOLD: Mapping[str, Callable[[Event], str]] = {
    "opened": lambda e: "Ticket opened",
    "joined": lambda e: "Message from you",
    "escalated": lambda e: f"Escalated to level {e.data['level']}" if "level" in e.data else "Escalated",
    "deescalated": lambda e: "Escalation taken back",
    "acknowledged": lambda e: "Escalation acknowledged by the person in charge",
    "escalation_limited": lambda e: "Escalation asked for again within the hour",
    "completed": lambda e: "All details known",
}
_MOVES: Mapping[str, str] = {
    "awaiting_customer": "We asked you for information",
    "in_progress": "An engineer works on it",
    "deferred": "Deferred by agreement",
    "resolved": "Resolved",
    "reopened": "Opened again",
    "closed": "Closed",
    "merged": "Merged into another ticket",
}
_MAILS: Mapping[str, str] = {
    "ticket-opened": "confirmation",
    "information-needed": "our question",
    "information-received": "confirmation",
    "follow-up-filed": "confirmation",
    "reminder": "a reminder of our question",
    "status-update": "a status update",
    "escalated": "confirmation of the escalation",
    "deferral-offered": "our offer to defer",
    "deferral-agreed": "confirmation of the deferral",
    "resolved": "the resolution",
    "closed": "the end of the ticket",
    "known-outage": "a known outage",
    "rfo-requested": "confirmation of your RFO request",
    "rfo-not-possible": "an answer to your RFO request",
    "rfo": "the RFO",
}


def line_of(event: Event) -> Line | None:
    """The event in the customer's words, or None where it is not for him."""
    if event.kind == "state":
        what = _MOVES.get(str(event.data.get("to", "")), "") if event.data.get("from") else ""
    elif event.kind == "mail_sent":
        name = _MAILS.get(str(event.data.get("event", "")), "")
        what = f"Mail to {event.data.get('to', '')}: {name}" if name else ""
    elif event.kind == "files":
        return Line(event.at, "Files from you", ", ".join(map(str, event.data.get("files", []))))
    elif event.kind == "priority":
        what = f"Priority {str(event.data.get('to', '')).capitalize()}"
    elif event.kind == "deferral":
        return _deferral(event)
    else:
        told = _TOLD.get(event.kind)
        what = told(event) if told else ""
    return Line(event.at, what) if what else None


def _deferral(event: Event) -> Line | None:
    first = event.why.partition(" ")[0].rstrip(":")
    words: dict[str, str] = {
        "offered": "We offered to work on it later",
        "declined": "Not deferred: work goes on",
        "ended": "The deferral is over",
    }
    return Line(event.at, words[first]) if first in words else None


def history(events: list[Event]) -> list[Line]:
    """The customer's own timeline, the newest last; the same words at the same minute stand once."""
    lines: list[Line] = []
    seen: set[Any] = set()
    for event in events:
        line = line_of(event)
        key = (line.at.replace(second=0, microsecond=0), line.what, line.more) if line else None
        if line and key not in seen:
            seen.add(key)
            lines.append(line)
    return lines


def local_words(at: datetime | None, zone: str) -> str:
    """`04 May 2026, 12:00 CEST`, in the customer's own zone."""
    return at.astimezone(ZoneInfo(zone)).strftime("%d %b %Y, %H:%M %Z") if at else ""


def rows_in(report: Report, zone: str) -> list[dict[str, object]]:
    """What was recorded, with its times in the customer's own zone: his mails, which travel, have them in UTC."""
    rows = recorded(report)
    for row in rows:
        if row["field"] == Field.START_TIME.value:
            values = report[Field.START_TIME.value]["values"]
            row["value"] = ", ".join(local_words(datetime.fromisoformat(v), zone) for v in values)
    return rows

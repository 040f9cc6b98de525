"""Small makers of facts and readings for the tests of policy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from models.directory import Customer, Directory, Person, Service
from models.mail import MailFacts
from models.reading import Reading
from models.words import Action, Impact, Intent

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
DIRECTORY = Directory(
    (
        Customer("K1", "Ostwind AG", ("ostwind.example",), (Person("Ada", "ada@ostwind.example"),), "Europe/Berlin"),
        Customer("K2", "Meerblick", ("meerblick.example",)),
    ),
    (Service("LNK-1001", "K1"), Service("LNK-1002", "K1", redundant=True), Service("LNK-2001", "K2")),
    "v1",
)


def facts(**given: Any) -> MailFacts:
    base: dict[str, Any] = {
        "from_address": "ada@ostwind.example",
        "envelope_from": "ada@ostwind.example",
        "envelope_to": ("noc@desk.example",),
        "subject": "Line",
        "message_id": "<1@ostwind.example>",
        "received_at": NOW,
    }
    return MailFacts(**(base | given))


def reading(**given: Any) -> Reading:
    base: dict[str, Any] = {
        "text": "Line\n\nLNK-1001 is down",
        "zones": (),
        "findings": (),
        "rule_set": "r1",
        "language": "en",
        "intent": Intent.REPORT,
        "received_at": NOW,
        "service_ids": ("LNK-1001",),
        "impact": Impact.SERVICE_AFFECTING,
        "start_time": NOW.replace(hour=9),
        "description": "LNK-1001 is down",
        "action": Action.ACKNOWLEDGE,
    }
    return Reading(**(base | given))

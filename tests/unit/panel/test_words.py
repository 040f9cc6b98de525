"""What of a ticket's history a customer reads: his own lines, never ours."""

from __future__ import annotations

from typing import Any

import pytest

from models.tables import Event
from models.words import TicketState
from panel.words import FILTERS, history
from tests.unit.tickets.makers import NOW


def event(kind: str, why: str = "secret words of ours", **data: Any) -> Event:
    return Event(ticket_id="INC-2026-000018", at=NOW, actor="ana", kind=kind, why=why, data=data)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (event("opened"), "Ticket opened"), (event("joined"), "Message from you"), (event("escalated", level=2), "Escalated to level 2"),
        (event("escalated"), "Escalated"), (event("deescalated"), "Escalation taken back"), (event("acknowledged"), "Escalation acknowledged"),
        (event("state", **{"from": "new", "to": "in_progress"}), "An engineer works on it"), (event("priority", to="major"), "Priority Major"),
        (event("mail_sent", event="resolved", to="ada@x.example"), "Mail to ada@x.example: the resolution"), (event("files", files=["a.log"]), "Files from you"),
        (event("deferral", "offered until May"), "We offered"), (event("deferral", "declined: no"), "work goes on"), (event("completed"), "All details known"),
    ],
)  # fmt: skip
def test_a_line_is_told_in_the_customers_words(row: Event, words: str) -> None:
    [line] = history([row])
    assert words in line.what
    assert "secret" not in line.what + line.more


@pytest.mark.parametrize(
    "row",
    [
        event("review"), event("problem"), event("notice"), event("bounce"), event("answer"), event("report"), event("unreachable"), event("target"),
        event("state", **{"from": "", "to": "new"}), event("mail_sent", event="escalation-notice", to="eva@desk.example"), event("rfo"),
        event("mail_failed"), event("deferral", "ana agrees"), event("told"), event("of-another-day"),
    ],
)  # fmt: skip
def test_what_is_ours_alone_is_not_told(row: Event) -> None:
    assert history([row]) == []


def test_the_same_words_of_the_same_minute_stand_once() -> None:
    assert len(history([event("joined"), event("joined"), event("opened")])) == 2


def test_every_state_has_words() -> None:
    assert not [s for s in TicketState if FILTERS["state"](s.value) == s.value]
    assert (FILTERS["size"](900), FILTERS["size"](2_500_000)) == ("1 kB", "2.5 MB")

"""What is told, to whom, in which form and with which signature."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from models.tables_life import Rfo
from models.tables_webhooks import WebhookDelivery, WebhookEvent
from models.words import EscalationCause, TicketEvent
from outbound import webhook_admin as admin
from outbound.pdf import rfo_pdf
from outbound.webhook_secrets import Box
from tests.flows.hook_desk import Desk, Receiver
from tests.flows.panel_helpers import ADA, DIRECTORY
from tickets import escalation, rfo, telling
from tickets.mailing import Work
from tickets.proactive import find_outages
from tickets.states import transition
from tickets.submissions import Act


def test_the_life_of_a_ticket_is_told_signed_and_each_event_once(desk: Desk, receiver: Receiver) -> None:
    secret = desk.add(receiver.url)
    ticket = desk.report(start_time=None)
    desk.report(Act.ANSWER, ticket)
    desk.act(ticket, lambda w, c: escalation.escalate(w, c, 1, EscalationCause.AGENT, "slow"))
    desk.act(ticket, lambda w, c: transition(w.session, c.ticket, TicketEvent.DEFER, now=w.now, actor="ana", why="agreed"))
    desk.act(ticket, lambda w, c: telling.resolve(w, c, "We replaced the optic."))
    desk.until(lambda: len(receiver.got) == 5 and all(d.state == "sent" for d in desk.rows(WebhookDelivery)))
    bodies = [receiver.verified(secret, n) for n in range(5)]
    assert sorted(b["type"] for b in bodies) == [
        "ticket.completed", "ticket.deferred", "ticket.escalated", "ticket.opened", "ticket.resolved",
    ]  # fmt: skip
    assert {b["data"]["ticket"]["id"] for b in bodies} == {ticket}
    assert next(b for b in bodies if b["type"] == "ticket.escalated")["data"]["level"] == 1
    ids = [h["webhook-id"] for h, _ in receiver.got]
    assert len(set(ids)) == 5
    assert {e.id for e in desk.rows(WebhookEvent)} == set(ids)


def test_an_event_is_part_of_its_transaction_and_nothing_is_kept_that_nobody_wants(small: Desk, receiver: Receiver) -> None:
    small.report()
    assert small.rows(WebhookEvent) == []
    small.add(receiver.url, events=["ticket.resolved"])
    ticket = small.report()
    assert small.rows(WebhookEvent) == []

    def fails(work: Work, case: Any) -> None:
        telling.resolve(work, case, "Done.")
        raise RuntimeError("the transaction fails")

    with pytest.raises(RuntimeError):
        small.act(ticket, fails)
    assert small.rows(WebhookEvent) == []
    small.act(ticket, lambda w, c: telling.resolve(w, c, "Done."))
    assert [e.type for e in small.rows(WebhookEvent)] == ["ticket.resolved"]


def test_an_rfo_is_told_when_it_went_to_the_customer_and_not_before(desk: Desk, receiver: Receiver) -> None:
    secret = desk.add(receiver.url, events=["rfo.sent"])
    ticket = desk.report()

    def of(case: Any) -> Rfo:
        found: Rfo = case.rfo
        return found

    desk.act(ticket, lambda w, c: telling.resolve(w, c, "We replaced the optic."))
    desk.act(ticket, lambda w, c: rfo.request(w, c, by=ADA, channel="panel"))
    desk.act(ticket, lambda w, c: rfo.edit(w, c, of(c), {"summary": "No traffic.", "cause": "A digger."}, version=1))
    assert desk.rows(WebhookEvent) == []
    desk.act(ticket, lambda w, c: rfo.approve(replace(w, actor="lea"), c, of(c), rfo_pdf, provider="Desk"))
    desk.until(lambda: bool(receiver.got) and desk.rows(WebhookDelivery)[0].state == "sent")
    body = receiver.verified(secret)
    assert body["type"] == "rfo.sent"
    assert body["data"]["ticket"]["id"] == ticket
    assert body["data"]["rfo"] == desk.rows(Rfo)[0].id
    assert len(receiver.got) == 1


def test_a_mass_outage_is_told_without_a_ticket(small: Desk, receiver: Receiver) -> None:
    secret = small.add(receiver.url, events=["outage.detected"])
    for _ in range(12):
        small.report()
    assert find_outages(small.house.store, DIRECTORY, now=small.house.clock())
    small.until(lambda: len(receiver.got) >= 1 and small.rows(WebhookDelivery)[0].state == "sent")
    body = receiver.verified(secret, 0)
    assert body["type"] == "outage.detected"
    assert body["data"]["ticket"] is None
    assert len(body["data"]["tickets"]) == 12


def test_a_secret_is_changed_without_a_gap_and_stored_unreadable(small: Desk, receiver: Receiver) -> None:
    old = small.add(receiver.url)
    with small.house.store.write() as session:
        new = admin.new_secret_for(session, 1, small.box, actor="adam", now=small.house.clock())
    row = small.endpoint()
    assert old not in row.old_secret + row.secret
    assert new not in row.secret
    small.report()
    small.tried(1)
    receiver.verified(old)
    receiver.verified(new)
    small.ahead += timedelta(hours=25)
    small.report()
    small.until(lambda: len(receiver.got) == 2)
    receiver.verified(new)
    with pytest.raises(AssertionError):
        receiver.verified(old)


def test_another_secret_key_is_named_and_costs_no_other_delivery(small: Desk, receiver: Receiver) -> None:
    small.add(receiver.url)
    object.__setattr__(small.hooks._settings, "box", Box(b"another key"))
    small.report()
    assert "INTAKE_SECRET_KEY is another one" in small.tried(1).last_error
    assert receiver.got == []


@pytest.mark.parametrize(
    ("kind", "key", "check"),
    [
        ("pagerduty", "routing-1", lambda b: (b["routing_key"], b["event_action"], b["payload"]["severity"]) == ("routing-1", "trigger", "critical")),
        ("opsgenie", "genie-1", lambda b: b["priority"] == "P1" and b["alias"].startswith("INC-")),
        ("slack", "", lambda b: "Line is &lt;down&gt;" in b["text"]),
    ],
)  # fmt: skip
def test_known_receivers_get_their_own_form(
    small: Desk, receiver: Receiver, kind: str, key: str, check: Callable[[Any], bool]
) -> None:
    secret = small.add(receiver.url, kind=kind, key=key)
    small.report()
    small.tried(1)
    assert check(receiver.verified(secret))
    assert receiver.got[0][0].get("authorization") == ("GenieKey genie-1" if kind == "opsgenie" else None)


def test_times_are_aware(small: Desk, receiver: Receiver) -> None:
    small.add(receiver.url)
    small.report()
    body = json.loads(small.tried(1).body)
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None

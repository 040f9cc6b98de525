"""What is kept of webhooks, and for how long: their bodies hold what customers wrote."""

from __future__ import annotations

from datetime import timedelta

from app.webhooks import tend_webhooks
from models.tables_webhooks import WebhookDelivery, WebhookEvent
from models.words import Impact, TicketEvent
from tests.flows.hook_desk import Desk, Receiver
from tests.flows.panel_helpers import ADA
from tickets import telling
from tickets.purge import Retention, erase_person, purge
from tickets.states import transition


def test_old_log_is_forgotten_and_what_waits_is_kept(small: Desk, receiver: Receiver) -> None:
    small.add(receiver.url)
    small.report()
    small.tried(1)
    receiver.answers = [500]
    small.ahead += timedelta(days=29, hours=23)
    small.report(impact=Impact.DEGRADATION)
    small.until(lambda: len(receiver.got) == 2)
    small.until(lambda: small.rows(WebhookDelivery)[-1].tries == 1)
    small.ahead += timedelta(hours=2)
    list(tend_webhooks(small.house))
    assert [d.state for d in small.rows(WebhookDelivery)] == ["queued"]
    assert len(small.rows(WebhookEvent)) == 1


def test_bodies_go_with_the_class_of_raw_words_and_what_waits_is_kept(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url)
    desk.report()
    assert "Line is <down>" in desk.tried(1).body
    desk.ahead += timedelta(days=8)
    receiver.answers = [500]
    desk.report()
    desk.until(lambda: [d.tries for d in desk.rows(WebhookDelivery)] == [1, 1])
    desk.ahead += timedelta(hours=1)
    done = purge(desk.house.store, Retention(raw_days=7), now=desk.house.clock(), actor="me")
    assert done["webhook bodies"] == 1
    [left] = desk.rows(WebhookDelivery)
    assert (left.state, len(desk.rows(WebhookEvent))) == ("queued", 1)
    assert purge(desk.house.store, Retention(raw_days=0), now=desk.house.clock() + timedelta(days=900), actor="me")
    assert len(desk.rows(WebhookDelivery)) == 1, "0 days: for ever"


def test_what_is_erased_of_a_person_is_told_nobody_any_more(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url)
    receiver.answers = [500]
    ticket = desk.report()
    assert desk.tried(1).state == "queued"
    erase_person(desk.house.store, ADA, now=desk.house.clock(), actor="me")
    assert desk.rows(WebhookDelivery) == desk.rows(WebhookEvent) == []
    desk.ahead += timedelta(days=1)
    desk.hooks.work()
    assert len(receiver.got) == 1
    assert ticket in receiver.got[0][1]


def test_with_an_ended_case_goes_what_others_were_told_of_it(desk: Desk, receiver: Receiver) -> None:
    desk.add(receiver.url)
    ticket = desk.report()
    other = desk.report()
    desk.until(lambda: len(receiver.got) == 2 and all(d.state == "sent" for d in desk.rows(WebhookDelivery)))
    desk.act(ticket, lambda w, c: telling.resolve(w, c, "Done."))
    desk.act(ticket, lambda w, c: transition(w.session, c.ticket, TicketEvent.CLOSE, now=w.now, actor="ana", why="over"))
    later = desk.house.clock() + timedelta(days=800)
    purge(desk.house.store, Retention(raw_days=0, ticket_days=730), now=later, actor="me")
    assert {e.ticket_id for e in desk.rows(WebhookEvent)} == {other}

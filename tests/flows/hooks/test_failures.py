"""Receivers that fail, answer late, send us elsewhere or are gone."""

from __future__ import annotations

from datetime import timedelta

from app.webhooks import hook_settings, tend_webhooks
from models.tables_webhooks import WebhookDelivery, WebhookEvent
from outbound import webhook_admin as admin
from tests.flows.hook_desk import Desk, Receiver
from tests.servers import free_port


def test_a_receiver_that_fails_is_tried_again_later_with_the_same_id_and_body(desk: Desk, receiver: Receiver) -> None:
    secret = desk.add(receiver.url)
    receiver.answers = [500, 503, 200]
    desk.report()
    first = desk.tried(1)
    assert (first.state, first.status, first.last_error) == ("queued", 500, "500: words")
    assert first.due_at > desk.house.clock()
    assert desk.endpoint().failing_since is not None
    desk.ahead += timedelta(seconds=10)
    second = desk.tried(2)
    assert second.due_at - desk.house.clock() > timedelta(minutes=4)
    desk.ahead += timedelta(minutes=6)
    assert desk.tried(3).state == "sent"
    assert len({h["webhook-id"] for h, _ in receiver.got}) == len({b for _, b in receiver.got}) == 1
    receiver.verified(secret)
    assert desk.endpoint().failing_since is None


def test_a_receiver_says_when_to_come_back(small: Desk, receiver: Receiver) -> None:
    small.add(receiver.url)
    receiver.answers, receiver.headers = [429], {"Retry-After": "3600"}
    small.report()
    assert small.tried(1).due_at - small.house.clock() > timedelta(minutes=50)


def test_a_receiver_that_does_not_answer_costs_its_own_time_only(small: Desk, receiver: Receiver) -> None:
    object.__setattr__(small.hooks._sender, "timeout_s", 0.3)
    small.add(receiver.url)
    receiver.slow = True
    small.report()
    assert "no answer within" in small.tried(1).last_error
    receiver.slow = False
    receiver.wait.set()
    small.ahead += timedelta(seconds=10)
    assert small.tried(2).state == "sent"


def test_a_redirect_is_not_followed(small: Desk, receiver: Receiver) -> None:
    other = Receiver()
    small.add(receiver.url)
    receiver.answers, receiver.headers = [302], {"Location": other.url}
    small.report()
    assert "redirects are not followed" in small.tried(1).last_error
    assert other.got == []
    other.stop()


def test_nobody_listening_and_no_such_host_are_told_in_words(small: Desk) -> None:
    small.add(f"http://127.0.0.1:{free_port()}/")
    small.report()
    assert "ConnectError" in small.tried(1).last_error


def test_a_receiver_that_is_gone_is_switched_off_with_an_alarm_until_somebody_sees_to_it(
    desk: Desk, receiver: Receiver
) -> None:
    desk.add(receiver.url)
    receiver.answers = [410]
    desk.report()
    assert desk.tried(1).state == "failed"
    assert not desk.endpoint().active
    assert desk.alarms() == ["webhook-1"]
    desk.ahead += timedelta(hours=2)
    list(tend_webhooks(desk.house))
    assert desk.alarms() == ["webhook-1"]
    desk.report()
    assert len(desk.rows(WebhookEvent)) == 1
    with desk.house.store.write() as session:
        admin.switch(session, 1, on=True, actor="adam", now=desk.house.clock())
    assert desk.alarms() == []
    assert desk.endpoint().active


def _until_more(desk: Desk, receiver: Receiver, before: int) -> None:
    desk.until(lambda: len(receiver.got) > before and all(f.done() for f in desk.hooks._busy))


def test_five_days_of_failure_switch_an_endpoint_off_and_drop_what_waits(small: Desk, receiver: Receiver) -> None:
    small.add(receiver.url)
    receiver.answers = [500]
    small.report()
    small.tried(1)
    small.report()
    for _ in range(9):
        if not small.endpoint().active:
            break
        small.ahead += timedelta(hours=24)
        _until_more(small, receiver, len(receiver.got))
    assert not small.endpoint().active
    assert "taken nothing since" in small.endpoint().why_off
    assert {d.state for d in small.rows(WebhookDelivery)} <= {"failed", "dropped"}
    assert small.alarms() == ["webhook-1"]


def test_a_process_that_dies_with_a_lease_costs_that_lease(small: Desk, receiver: Receiver) -> None:
    from outbound.webhook_sending import Answer
    from outbound.webhooks import lease, mark, spread

    small.add(receiver.url)
    small.report()
    settings, store = hook_settings(small.house), small.house.store
    assert spread(store, settings, small.house.clock()) == 1
    [taken] = lease(store, settings, owner="dead", now=small.house.clock())
    assert lease(store, settings, owner="other", now=small.house.clock()) == []
    small.ahead += timedelta(minutes=3)
    assert small.tried(1).state == "sent"
    assert mark(store, taken, Answer(500, "late"), small.house.clock()) == "sent"

"""Escalation by age, by missed targets and by hand; who is told, in which way, and what a customer hears."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from models.errors import DeliveryRefused, RefusedError, UserError
from models.reading import Zone
from models.tables_life import Escalation
from models.words import EscalationCause, Intent, NoticeWay, OutboxState, TicketEvent, ZoneKind
from tests.unit.tickets.life import LEVELS, LifeDesk, person
from tests.unit.tickets.makers import NOW, reading
from tickets import escalation
from tickets.escalation import acknowledge, deescalate, escalate_by_hand, preview
from tickets.mailing import Work
from tickets.notices import follow_mails, send_calls
from tickets.plan import LifeCase
from tickets.states import transition
from tickets.telling import person_answered

_WORDS = "please escalate, nothing happens"
ASKS = reading(
    intent=Intent.ESCALATION, text=_WORDS, zones=(Zone(ZoneKind.PROSE, 0, len(_WORDS)),), service_ids=(), description=""
)


@pytest.fixture
def desk(database_url: str) -> Iterator[LifeDesk]:
    d = LifeDesk(database_url)
    yield d
    d.store.close()


def take(work: Work, case: LifeCase) -> None:
    person_answered(work, case.ticket, "I look into it")
    transition(work.session, case.ticket, TicketEvent.TAKE, now=work.now, actor=work.actor, why="")


def test_a_critical_ticket_rises_with_its_age_once_per_level(desk: LifeDesk) -> None:
    desk.matrix()
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, take)
    seen = []
    for _ in range(12):
        desk.later(minutes=30)
        row = desk.escalations(ticket)
        seen.append(len(row))
        if row:
            desk.act(ticket, lambda w, c: acknowledge(w, c.present[-1], "somebody"))
    assert seen == [0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4]
    causes = dict(desk.escalations(ticket))
    assert causes[1] == causes[2] == causes[3] == "age"
    assert [e.data["level"] for e in desk.events(ticket, "escalated")] == [1, 2, 3, 4]


def test_after_a_downtime_every_level_is_recorded_and_only_the_highest_is_told(desk: LifeDesk) -> None:
    desk.matrix()
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, take)
    desk.later(hours=9)
    assert [level for level, _ in desk.escalations(ticket)] == [1, 2, 3, 4]
    assert {who for who, _, _ in desk.notices(ticket)} == {"Pia"}
    assert len([m for m in desk.mails(ticket) if m.event == "status-update"]) == 1
    desk.later(minutes=0)
    assert len(desk.escalations(ticket)) == 4


def test_only_what_a_person_sent_or_an_agent_accepted_rises_by_age(desk: LifeDesk) -> None:
    desk.matrix()
    stranger = desk.file(from_address="who@nowhere.example").ticket_id or ""
    desk.later(hours=9)
    assert desk.escalations(stranger) == []
    desk.act(stranger, take)
    desk.later(minutes=1)
    assert len(desk.escalations(stranger)) > 0


def test_a_service_without_escalation_by_age_rises_only_by_hand(desk: LifeDesk) -> None:
    desk.matrix(by_age=False)
    ticket = desk.file().ticket_id or ""
    desk.later(hours=30)
    assert desk.escalations(ticket) == []
    desk.act(ticket, lambda w, c: escalate_by_hand(w, c, EscalationCause.AGENT, "the customer is angry"))
    assert desk.escalations(ticket) == [(1, "agent")]


def test_the_database_refuses_the_same_level_twice(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""

    def enter() -> None:
        with desk.store.write() as session:
            session.add(Escalation(ticket_id=ticket, cycle=1, level=1, cause="age", actor="clock", reason="", at=NOW))

    enter()
    with pytest.raises(IntegrityError):
        enter()


def test_targets_warn_breach_count_and_escalate_and_the_first_human_answer_stops_the_first(desk: LifeDesk) -> None:
    desk.matrix(by_age=True)
    ticket = desk.file().ticket_id or ""
    desk.later(minutes=1)
    assert desk.ticket(ticket).response_due_at == NOW + timedelta(minutes=15)
    desk.later(minutes=11)
    assert [e.why for e in desk.events(ticket, "target")] == ["75 % of the response time is over"]
    desk.later(minutes=4)
    assert [e.data["target"] for e in desk.events(ticket, "breach")] == ["response"]
    assert desk.escalations(ticket) == [(1, "breach")]
    answered = desk.file(from_address="boss@ostwind.example", subject="x", in_reply_to="<none>").ticket_id or ""
    other = desk.file(reading(service_ids=("LNK-1002",), says_new=True)).ticket_id or answered
    desk.act(other, take)
    desk.later(minutes=59)
    assert [e.data["target"] for e in desk.events(other, "breach")] == []
    assert any("response time is missed" in r for r in desk.ticket(ticket).review_reasons)


def test_the_clock_stands_while_the_customer_is_awaited(desk: LifeDesk) -> None:
    ticket = desk.file(reading(start_time=None)).ticket_id or ""
    assert desk.ticket(ticket).state == "awaiting_customer"
    desk.later(hours=8)
    assert desk.events(ticket, "breach") == []
    assert desk.ticket(ticket).repair_due_at is None
    filed = desk.file(
        reading(service_ids=(), description="", impact=None, intent=Intent.UPDATE), in_reply_to=desk.mails(ticket)[0].message_id
    )
    assert filed.ticket_id == ticket
    desk.later(minutes=1)
    assert desk.ticket(ticket).repair_due_at == NOW + timedelta(hours=12)


def test_a_customer_escalates_by_mail_and_hears_who_has_it_and_what_is_next(desk: LifeDesk) -> None:
    desk.matrix()
    filed = desk.file()
    desk.now += timedelta(minutes=5)
    again = desk.reply(filed, ASKS)
    ticket = filed.ticket_id or ""
    assert again.ticket_id == ticket
    assert desk.escalations(ticket) == [(1, "customer")]
    mail = desk.mails(ticket)[-1]
    assert (mail.event, mail.context["holder"]) == ("escalated", "level 1, Shift lead")
    assert mail.context["next_level"] == "level 2, Duty manager"
    assert mail.context["due"] == "04 May 2026, 12:00 UTC"
    desk.now += timedelta(minutes=30)
    desk.reply(filed, ASKS)
    assert desk.escalations(ticket) == [(1, "customer")], "at most once an hour"
    limited = desk.mails(ticket)[-1]
    assert (limited.event, limited.context["again"]) == ("escalation-limited", "04 May 2026, 11:05 UTC")
    desk.now += timedelta(minutes=31)
    # A third mail of the very same words would count as a machine's.
    more = "It is still down, " + _WORDS
    desk.reply(filed, replace(ASKS, text=more, zones=(Zone(ZoneKind.PROSE, 0, len(more)),)))
    assert desk.escalations(ticket) == [(1, "customer"), (2, "customer")]
    assert "please escalate" in desk.events(ticket, "escalated")[0].why


def test_the_persons_of_a_level_are_reminded_by_the_next_way_and_then_the_next_level(desk: LifeDesk) -> None:
    desk.matrix(by_age=False)
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, take)
    desk.act(ticket, lambda w, c: escalate_by_hand(w, c, EscalationCause.AGENT, "no progress"))
    desk.later(minutes=0)
    assert desk.notices(ticket) == [("Eva", "mail", "queued")]
    desk.settle()
    follow_mails(desk.store, now=desk.now)
    assert desk.notices(ticket) == [("Eva", "mail", "sent")]
    desk.later(minutes=10)
    rung: list[str] = []

    class Phone:
        def notify(self, way: NoticeWay, number: str, text: str) -> None:
            rung.append(f"{way.value} {number} {text}")

    send_calls(desk.store, Phone(), now=desk.now)
    assert rung == [f"call +49 30 5550101 Ticket {ticket} is at level 1. no progress"]
    desk.later(minutes=10)
    desk.later(minutes=10)
    assert desk.escalations(ticket) == [(1, "agent"), (2, "unreachable")]
    assert ("Tom", "mail", "queued") in desk.notices(ticket)
    assert desk.events(ticket, "escalated")[-1].why == "level 2 (Duty manager): nobody of level 1 acknowledged after 3 rounds"


def test_a_way_that_fails_brings_the_next_at_once_and_can_be_seen(desk: LifeDesk) -> None:
    desk.matrix(by_age=False)
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, lambda w, c: escalate_by_hand(w, c, EscalationCause.AGENT, "no progress"))
    desk.later(minutes=0)
    desk.settle(OutboxState.FAILED)
    follow_mails(desk.store, now=desk.now)
    desk.later(minutes=0)
    assert desk.notices(ticket) == [("Eva", "mail", "failed"), ("Eva", "call", "queued")]

    class Dead:
        def notify(self, way: NoticeWay, number: str, text: str) -> None:
            raise DeliveryRefused("no such number")

    send_calls(desk.store, Dead(), now=desk.now)
    assert desk.notices(ticket)[-1] == ("Eva", "call", "failed")


def test_an_acknowledgement_stops_the_reminders_once(desk: LifeDesk) -> None:
    desk.matrix(by_age=False)
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, take)
    desk.act(ticket, lambda w, c: escalate_by_hand(w, c, EscalationCause.AGENT, "no progress"))
    desk.later(minutes=0)
    assert desk.act(ticket, lambda w, c: acknowledge(w, c.present[-1], "Eva"))
    assert not desk.act(ticket, lambda w, c: acknowledge(w, c.present[-1], "Tom"))
    for _ in range(5):
        desk.later(minutes=30)
    assert desk.notices(ticket) == [("Eva", "mail", "queued")]
    assert desk.escalations(ticket) == [(1, "agent")]


def test_the_top_level_is_told_again_and_without_a_matrix_a_person_sees_it(desk: LifeDesk) -> None:
    desk.matrix(levels=LEVELS[:1], by_age=False)
    ticket = desk.file().ticket_id or ""
    for _ in range(2):
        desk.act(ticket, lambda w, c: escalate_by_hand(w, c, EscalationCause.AGENT, "no progress"))
        desk.later(minutes=0)
    assert desk.escalations(ticket) == [(1, "agent")]
    assert [n[0] for n in desk.notices(ticket)] == ["Eva", "Eva"]
    for _ in range(6):
        desk.later(minutes=15)
    assert any("there is no level above" in r for r in desk.ticket(ticket).review_reasons)


def test_by_hand_without_a_matrix_goes_to_the_agents(desk: LifeDesk) -> None:
    filed = desk.file()
    desk.reply(filed, ASKS)
    assert desk.escalations(filed.ticket_id) == [(1, "customer")]
    assert any("no matrix names a person" in r for r in desk.ticket(filed.ticket_id).review_reasons)


def test_down_again_needs_a_reason_and_past_ages_do_not_bring_it_up(desk: LifeDesk) -> None:
    desk.matrix()
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, take)
    desk.later(hours=2, minutes=5)
    with pytest.raises(UserError, match="needs a reason"):
        desk.act(ticket, lambda w, c: deescalate(w, c, 0, " "))
    with pytest.raises(RefusedError, match="cannot go down to 7"):
        desk.act(ticket, lambda w, c: deescalate(w, c, 7, "x"))
    desk.act(ticket, lambda w, c: deescalate(w, c, 0, "under control"))
    desk.later(minutes=5)
    assert desk.ticket(ticket).escalation_level == 0
    desk.later(hours=1)
    assert desk.ticket(ticket).escalation_level == 3, "the next age still counts"


def test_a_done_case_is_not_escalated(desk: LifeDesk) -> None:
    ticket = desk.file().ticket_id or ""
    desk.act(ticket, lambda w, c: transition(w.session, c.ticket, TicketEvent.RESOLVE, now=w.now, actor="ana", why=""))
    with pytest.raises(RefusedError, match="reopen it before"):
        desk.act(ticket, lambda w, c: escalate_by_hand(w, c, EscalationCause.AGENT, "late"))


def test_the_preview_says_who_is_called_when(desk: LifeDesk) -> None:
    desk.matrix(
        levels=[{"level": 1, "title": "Lead", "persons": [person("Eva", ("mail", "e@d.example"), ("sms", "+4930555010"))]}]
    )
    ticket = desk.file().ticket_id or ""
    rows = desk.act(ticket, lambda w, c: preview(c))
    assert rows == [
        {
            "level": "1 Lead",
            "age": "1 hour",
            "when": "04 May 2026, 11:00 UTC",
            "persons": "Eva (mail e@d.example, then sms +4930555010)",
        }
    ]


def test_holder_and_next_level_in_words(desk: LifeDesk) -> None:
    desk.matrix()
    ticket = desk.file().ticket_id or ""
    assert desk.act(ticket, lambda w, c: (escalation.holder(c), escalation.next_level(c))) == (
        escalation.NOBODY,
        "level 1, Shift lead",
    )

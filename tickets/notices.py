"""Reaching the persons of a level: way after way, round after round, then the next level; every attempt can be seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import Session, col, select

from models.durations import length
from models.matrix_file import PersonRow, WayRow
from models.store import Store
from models.tables import Outbox, Ticket
from models.tables_life import Escalation, EscalationNotice
from models.words import EscalationCause, MailEvent, NoticeState, NoticeWay, OutboxState
from tickets.escalation import escalate, holder, matrix_of
from tickets.links import LinkPurpose
from tickets.mailing import Work, in_words, tell_staff
from tickets.plan import LifeCase
from tickets.states import look_again


class Caller(Protocol):
    """Sends a text message or places a call that speaks the text; raises an IntakeError when it cannot."""

    def notify(self, way: NoticeWay, number: str, text: str) -> None: ...


def send_round(work: Work, case: LifeCase) -> None:
    """One round of notices for the level reached last, or the next level when its rounds are over."""
    escalation = case.present[-1]
    found = matrix_of(case)
    level = found.row.level(escalation.level) if found else None
    if level is None:
        escalation.next_notice_at = None
        return
    if escalation.round >= case.policy.care.notice_rounds * (1 + escalation.asked_again):
        _fall_through(work, case, escalation)
        return
    if escalation.id is None:
        work.session.flush()
    for person in level.persons:
        _notify(work, case, escalation, person)
    wait = length(case.policy.care.notice_every[case.priority])
    escalation.round += 1
    escalation.next_notice_at = work.now + timedelta(seconds=wait.amount)
    work.session.add(escalation)


def send_calls(store: Store, caller: Caller | None, *, now: datetime, limit: int = 50) -> None:
    """Texts and calls that wait: handed to the phone's sender where there is one, else failed, so that the next way comes."""
    with store.read() as session:
        waiting = session.exec(
            select(EscalationNotice.id)
            .where(EscalationNotice.state == NoticeState.QUEUED.value, EscalationNotice.mail_key == "")
            .limit(limit)
        ).all()
    for notice_id in waiting:
        _call(store, caller, notice_id or 0, now)


def follow_mails(store: Store, *, now: datetime, limit: int = 200) -> int:
    """Takes over what became of the mails of notices; one that failed brings the next round at once."""
    work_on = (OutboxState.SENT.value, OutboxState.FAILED.value)
    with store.write() as session:
        rows = session.exec(
            select(EscalationNotice, Outbox)
            .join(Outbox, col(Outbox.dedupe_key) == col(EscalationNotice.mail_key))
            .where(EscalationNotice.state == NoticeState.QUEUED.value, col(Outbox.state).in_(work_on))
            .limit(limit)
        ).all()
        for notice, mail in rows:
            notice.state = NoticeState.SENT.value if mail.state == OutboxState.SENT.value else NoticeState.FAILED.value
            notice.detail = mail.last_error
            session.add(notice)
            if notice.state == NoticeState.FAILED.value:
                _hurry(session, notice, now)
        return len(rows)


def _notify(work: Work, case: LifeCase, escalation: Escalation, person: PersonRow) -> None:
    way = person.ways[min(escalation.round % case.policy.care.notice_rounds, len(person.ways) - 1)]
    ticket, key = case.ticket, f"notice:{escalation.id}:{person.name}:{escalation.round}"
    notice = EscalationNotice(
        escalation_id=escalation.id or 0,
        ticket_id=ticket.id,
        person=person.name,
        way=way.by.value,
        address=way.to,
        round=escalation.round,
        state=NoticeState.QUEUED.value,
        at=work.now,
    )
    if way.by is NoticeWay.MAIL:
        notice.mail_key = key
        _mail(work, case, escalation, person, way, key)
    work.session.add(notice)
    work.event(ticket, "notice", f"{person.name} by {way.by.value} {way.to}", level=escalation.level, round=escalation.round)


def _mail(work: Work, case: LifeCase, escalation: Escalation, person: PersonRow, way: WayRow, key: str) -> None:
    ticket = case.ticket
    facts = {
        "Customer": ticket.company or ticket.requester,
        "Subject": ticket.subject,
        "Services": ", ".join(case.services) or "not known",
        "Priority": ticket.priority.capitalize(),
        "State": ticket.state.replace("_", " ").capitalize(),
        "Opened": in_words(ticket.opened_at),
        "Why": escalation.reason,
    }
    context = {
        "holder": holder(case),
        "reminder": escalation.round > 0,
        "facts": [{"label": k, "value": v} for k, v in facts.items() if v],
        "links": {
            "acknowledge": work.settings.link(LinkPurpose.ACKNOWLEDGE, f"{escalation.id}-{escalation.round}-{person.name}"),
            "ticket": work.settings.page(f"/tickets/{ticket.id}"),
        },
    }
    tell_staff(work, ticket, MailEvent.ESCALATION_NOTICE, way.to, person.name, key, context)


def _fall_through(work: Work, case: LifeCase, escalation: Escalation) -> None:
    escalation.next_notice_at = None
    work.session.add(escalation)
    found = matrix_of(case)
    reason = f"nobody of level {escalation.level} acknowledged after {escalation.round} rounds"
    if found and found.row.level(escalation.level + 1):
        escalate(work, case, escalation.level + 1, EscalationCause.UNREACHABLE, reason)
        return
    work.event(case.ticket, "unreachable", reason, level=escalation.level)
    work.review(case.ticket, f"{reason}; there is no level above")


def _call(store: Store, caller: Caller | None, notice_id: int, now: datetime) -> None:
    with store.write() as session:
        notice = session.get(EscalationNotice, notice_id, with_for_update=True)
        if notice is None or notice.state != NoticeState.QUEUED.value:
            return
        # Marked before it is placed: two workers never ring the same person twice.
        notice.state = NoticeState.SENT.value
        escalation = session.get(Escalation, notice.escalation_id)
        text = f"Ticket {notice.ticket_id} is at level {escalation.level if escalation else ''}. " + (
            escalation.reason if escalation else ""
        )
        session.add(notice)
    try:
        if caller is None:
            raise _NoCaller(f"no sender for {notice.way} is set")
        caller.notify(NoticeWay(notice.way), notice.address, text)
    except Exception as e:  # whatever it was, this way failed and the next one is taken
        with store.write() as session:
            row = session.get(EscalationNotice, notice_id, with_for_update=True)
            if row:
                row.state, row.detail = NoticeState.FAILED.value, str(e)[:300]
                session.add(row)
                _hurry(session, row, now)


class _NoCaller(Exception):
    """There is no sender for texts and calls."""


def _hurry(session: Session, notice: EscalationNotice, now: datetime) -> None:
    """Every attempt of a round failed: the next one comes at once."""
    others = session.exec(
        select(EscalationNotice).where(
            EscalationNotice.escalation_id == notice.escalation_id, EscalationNotice.round == notice.round
        )
    ).all()
    escalation = session.get(Escalation, notice.escalation_id)
    ticket = session.get(Ticket, notice.ticket_id)
    if escalation is None or ticket is None or escalation.acknowledged_at or not escalation.next_notice_at:
        return
    if all(n.state == NoticeState.FAILED.value for n in others):
        escalation.next_notice_at = now
        session.add(escalation)
        look_again(ticket, now)
        session.add(ticket)

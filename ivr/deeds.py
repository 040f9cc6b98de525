"""What the store does for a call: file it, add a note, escalate, promise a call-back; each at most once for each call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ivr.callers import caller_of
from ivr.hours import Hours
from ivr.prompts import spoken_time
from ivr.report import reading_of, spoken_words
from ivr.words import Call, Deed, Input, Kind, State
from models.directory import Directory
from models.reading import Reading
from models.store import Store
from models.tables import Ticket
from models.tables_phone import CallBack, PhoneCall, Recording
from models.words import Intent
from parsers import RuleSet
from tickets.calls import CallFacts, Escalated, file_call
from tickets.filing import FilingSettings

_INTENTS = {Deed.FILE: Intent.REPORT, Deed.NOTE: Intent.UPDATE, Deed.ESCALATE: Intent.ESCALATION}


@dataclass(frozen=True)
class Deeds:
    """Works inside the write transaction of a step; `rules` gives the active rule set."""

    store: Store
    filing: FilingSettings
    hours: Hours
    wait: timedelta
    rules: Callable[[], RuleSet | None]

    def reading(self, session: Session, sid: str, call: Call, deed: Deed, directory: Directory, now: datetime) -> Reading:
        """The costly part, to be done before the write transaction begins."""
        transcripts = self._transcripts(session, sid)
        return reading_of(call, transcripts, directory=directory, now=now, intent=_INTENTS[deed], rules=self.rules())

    def do(
        self,
        session: Session,
        row: PhoneCall,
        call: Call,
        deed: Deed,
        reading: Reading | None,
        directory: Directory,
        now: datetime,
    ) -> Input:
        """Does it, and tells the call by an input of kind DONE."""
        if deed is Deed.CALL_BACK:
            due = self.call_back(session, row, call, now, call.why or "the caller asked for it", call.call_back_to)
            return Input(Kind.DONE, outcome=spoken_time(due, call.timezone, now))
        if deed is Deed.FILE and row.contact_id is not None and call.state is not State.KEPT:
            return Input(Kind.DONE, ticket=row.ticket_id or "")
        reading = reading or self.reading(session, row.sid, call, deed, directory, now)
        again = row.contact_id is not None
        if again:
            reading = replace(reading, intent=Intent.UPDATE if deed is Deed.FILE else reading.intent)
        facts = self._facts(session, row, call, deed, directory, again)
        made = file_call(self.store, session, facts, reading, directory=directory, settings=self.filing, now=now)
        row.contact_id = row.contact_id or made.contact_id
        row.ticket_id = row.ticket_id or made.filed.ticket_id
        self._attach(session, row)
        session.add(row)
        return Input(Kind.DONE, ticket=row.ticket_id or "", told=_told(made.escalated, call, now))

    def call_back(self, session: Session, row: PhoneCall, call: Call, now: datetime, reason: str, number: str) -> datetime:
        """Writes down that this caller is owed a call; the first promise of a call stands."""
        found = session.exec(select(CallBack).where(CallBack.call_sid == row.sid)).first()
        if found is None:
            ticket = row.ticket_id or (call.existing or None)
            found = CallBack(
                call_sid=row.sid,
                number=number,
                ticket_id=ticket,
                reason=reason,
                due_at=self.hours.due(now, self.wait),
                created_at=now,
                changed_at=now,
            )
            session.add(found)
        return found.due_at

    def _facts(self, session: Session, row: PhoneCall, call: Call, deed: Deed, directory: Directory, again: bool) -> CallFacts:
        service = directory.service_by_id.get(call.value("service_id"))
        caller = caller_of(call.number, directory, customer=service.customer if service else "")
        existing = session.get(Ticket, call.existing) if call.existing else None
        trusted = existing is not None and call.verified
        words = spoken_words(call, self._transcripts(session, row.sid))
        owner = caller.customer.id if caller else (existing.customer_id or "") if existing and trusted else ""
        return CallFacts(
            key=f"{row.sid}:{row.steps}" if again else row.sid,
            number=call.number,
            called=row.called,
            subject=_subject(call, deed),
            words=words or _subject(call, deed),
            email=caller.email if caller else "",
            customer=owner,
            answer_to=_answer_to(call, caller.email if caller else ""),
            join=row.ticket_id or (call.existing if trusted else ""),
            link=call.existing if existing is not None and not trusted else "",
            quiet=again or deed is Deed.ESCALATE,
            escalates=deed is Deed.ESCALATE,
            reviews=call.flags,
        )

    def _transcripts(self, session: Session, sid: str) -> dict[str, str]:
        rows = session.exec(select(Recording).where(Recording.call_sid == sid)).all()
        return {r.sid: r.transcript for r in rows if r.transcript}

    def _attach(self, session: Session, row: PhoneCall) -> None:
        for r in session.exec(select(Recording).where(Recording.call_sid == row.sid, col(Recording.ticket_id).is_(None))).all():
            r.ticket_id = row.ticket_id
            r.transcript_filed = r.transcript_filed or bool(r.transcript)
            session.add(r)


def _told(escalated: Escalated | None, call: Call, now: datetime) -> tuple[tuple[str, str], ...]:
    """What the caller hears of his escalation."""
    if escalated is None:
        return ()
    again = spoken_time(escalated.again, call.timezone, now) if escalated.again else ""
    return (("again", again), ("holder", escalated.holder), ("next_level", escalated.next_level))


def _subject(call: Call, deed: Deed) -> str:
    service = call.value("service_id")
    what = {Deed.NOTE: "Addition by telephone", Deed.ESCALATE: "Escalation asked for by telephone"}.get(
        deed, "Report by telephone"
    )
    return f"{what}: {service}" if service else what


def _answer_to(call: Call, email: str) -> str:
    """Where the confirmation goes: as chosen, else by mail to the address on file, else as a text message."""
    number = call.number if call.textable else ""
    match call.confirm:
        case "sms":
            return number or email
        case "none":
            return ""
    return email or number

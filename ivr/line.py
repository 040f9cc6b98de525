"""The phone line: each webhook verified elsewhere comes here, moves its call one step, and gets the answer to be spoken."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from ivr import carrier
from ivr.callers import caller_of, textable
from ivr.carrier import Fields, caller_number
from ivr.deeds import Deeds
from ivr.prompts import spoken_time
from ivr.records import counts
from ivr.replies import LineSettings, Replies
from ivr.step import enter, step
from ivr.voice import Voice
from ivr.words import Ask, Call, Input, Kind, KnownTicket, World, call_from_row
from models.clock import Clock
from models.directory import Directory
from models.reading import Reading
from models.store import Store
from models.tables import Ticket, TicketService
from models.tables_phone import PhoneCall, PhoneStep, Recording
from models.words import TicketState

log = structlog.get_logger("ivr.line")
START = "start"
_RESUME_WITHIN = timedelta(minutes=10)
_FETCH_AFTER = timedelta(seconds=20)
# How calls of our own making tell what they are; a carrier passes such headers on, so they decide nothing of weight.
SOURCE = "SipHeader_X-Intake-Source"
SOURCES = ("simulator", "exchange")
_RECORDING = re.compile(r"RE[0-9a-f]{32}")
_MAX_SPEECH = 4000
_MAX_KEYS = 40
_STATUS = {
    TicketState.NEW.value: "It is with our engineers",
    TicketState.OPEN.value: "It is being worked on",
    TicketState.AWAITING_CUSTOMER.value: "We wait for an answer from you",
    TicketState.RESOLVED.value: "It is resolved",
    TicketState.CLOSED.value: "It is closed",
}


class Gone(Exception):
    """Another post has moved this call meanwhile; the step is looked at again."""


class Line:
    """One phone line over a store."""

    def __init__(
        self, store: Store, clock: Clock, settings: LineSettings, voice: Voice, deeds: Deeds, directory: Callable[[], Directory]
    ) -> None:
        self.store, self.clock, self.settings, self.voice, self.deeds = store, clock, settings, voice, deeds
        self.directory = directory
        self.replies = Replies(store, clock, settings, voice, directory)

    def incoming(self, fields: Fields) -> str:
        """A call begins; the same post again gets the same answer."""
        return self.advance(fields, START, Input(Kind.START))

    def stepped(self, fields: Fields, token: str) -> str:
        """The caller pressed, spoke, recorded, or was silent."""
        return self.advance(fields, token, input_of(fields))

    def dialed(self, fields: Fields, token: str) -> str:
        return self.advance(fields, token, Input(Kind.DIALED, outcome=fields.get("DialCallStatus")))

    def left_queue(self, fields: Fields, token: str) -> str:
        result = fields.get("QueueResult")
        outcome = "completed" if result in ("bridged", "redirected-from-bridged") else "no-answer"
        return self.advance(fields, token, Input(Kind.DIALED, outcome=outcome))

    def advance(self, fields: Fields, token: str, given: Input) -> str:
        """One step, at most once: a repeat of the post gets the stored answer."""
        sid = fields.get("CallSid")
        for broken in (False, False, True):
            try:
                return self._advance(sid, fields, token, given, broken=broken)
            except Gone:
                continue
            except Exception:
                if broken:
                    raise
                log.exception("step_failed", call=sid)
        return self._advance(sid, fields, token, given, broken=True)

    def _advance(self, sid: str, fields: Fields, token: str, given: Input, *, broken: bool) -> str:
        now, directory = self.clock(), self.directory()
        reading: Reading | None = None
        with self.store.read() as session:
            row = session.get(PhoneCall, sid)
            # The step that may come next cannot have been done before.
            done = _done(session, sid, token) if row is not None and row.token != token else None
            if done is not None:
                return done.answer
            if row is None:
                # The begin of the call never reached us, or the store was away: the call begins now.
                token, given = START, Input(Kind.START)
                call = self._new_call(session, fields, directory, now)
            else:
                call = call_from_row(row.draft)
                if row.ended_at is not None:
                    return carrier.nothing()
                if token != row.token:
                    return self.replies.render(*enter(call, self._world(directory, now)), row.token, sid, directory)
            world = self._world(directory, now)
            moved, prompts = step(call, given, world)
            if isinstance(prompts.then, Ask) and prompts.then.deed.value != "call-back" and not broken:
                reading = self.deeds.reading(session, sid, moved, prompts.then.deed, directory, now)
        fresh = secrets.token_urlsafe(12)
        with self.store.write() as session:
            row = session.get(PhoneCall, sid, with_for_update=True)
            if row is None and token == START:
                row = PhoneCall(
                    sid=sid,
                    number=call.number,
                    called=fields.get("To")[:40],
                    source=call.source,
                    state=call.state.value,
                    token=START,
                    started_at=now,
                    updated_at=now,
                )
                session.add(row)
                session.flush()
            if row is None or row.token != token or row.ended_at is not None:
                raise Gone
            self._remember_recording(session, sid, given, row.ticket_id, now)
            says = prompts.says
            while isinstance(prompts.then, Ask):
                result = (
                    Input(Kind.DONE, outcome="failed")
                    if broken
                    else self.deeds.do(session, row, moved, prompts.then.deed, reading, directory, now)
                )
                reading = None
                moved, prompts = step(moved, result, world)
                says = (*says, *prompts.says)
            answer = self.replies.render(moved, replace(prompts, says=says), fresh, sid, directory)
            self._keep(session, row, call, moved, given, token, fresh, answer, now)
        return answer

    def _keep(
        self,
        session: Session,
        row: PhoneCall,
        before: Call,
        after: Call,
        given: Input,
        token: str,
        fresh: str,
        answer: str,
        now: datetime,
    ) -> None:
        row.draft, row.state, row.token = after.as_row(), after.state.value, fresh
        row.updated_at, row.steps = now, row.steps + 1
        row.outcome = after.outcome or row.outcome
        counted = counts(after)
        row.retries, row.misroutes = counted.retries, counted.misroutes
        row.handed_from, row.handed_why = counted.handed_from, counted.handed_why
        session.add(row)
        kept = {k: v for k, v in asdict(given).items() if v}
        session.add(
            PhoneStep(
                call_sid=row.sid,
                token=token,
                at=now,
                state=before.state.value,
                following=after.state.value,
                given=kept,
                answer=answer,
            )
        )

    def _remember_recording(self, session: Session, sid: str, given: Input, ticket: str | None, now: datetime) -> None:
        if given.recording and session.get(Recording, given.recording) is None:
            # Its own callback usually comes within seconds; the duty asks for it if that is lost.
            session.add(Recording(sid=given.recording, call_sid=sid, seconds=given.seconds, ticket_id=ticket, created_at=now,
                                  due_at=now + _FETCH_AFTER))  # fmt: skip

    def _new_call(self, session: Session, fields: Fields, directory: Directory, now: datetime) -> Call:
        number = caller_number(fields.get("From"))
        caller = caller_of(number, directory)
        services = directory.services_by_customer.get(caller.customer.id, ()) if caller else ()
        source = fields.get(SOURCE) if fields.get(SOURCE) in SOURCES else "carrier"
        call = Call(
            source=source,
            hears=source != "exchange",
            number=number,
            textable=textable(number),
            emailable=caller is not None,
            timezone=caller.customer.timezone if caller else "UTC",
            suggested=services[0].id if len(services) == 1 else "",
        )
        return self._resumed(session, call, now) if number else call

    def _resumed(self, session: Session, call: Call, now: datetime) -> Call:
        """The draft of a call from the same number that broke off a moment ago."""
        last = session.exec(
            select(PhoneCall)
            .where(PhoneCall.number == call.number, col(PhoneCall.started_at) > now - _RESUME_WITHIN)
            .order_by(col(PhoneCall.started_at).desc())
            .limit(1)
        ).first()
        if last is None or last.outcome != "hung up":
            return call
        draft = call_from_row(last.draft)
        if not draft.has_report or draft.existing:
            return call
        return replace(
            call, resumable=True, said=draft.said, recordings=draft.recordings, timezone=draft.timezone,
            existing=last.ticket_id or "", verified=bool(last.ticket_id),
        )  # fmt: skip

    def _world(self, directory: Directory, now: datetime) -> World:
        s = self.settings
        return World(directory, now, agents=s.attempts, open=s.hours.open(now), tickets=self.ticket, records=s.records)

    def ticket(self, ticket_id: str) -> KnownTicket | None:
        """What a caller who proves himself may hear of a ticket."""
        with self.store.read() as session:
            ticket = session.get(Ticket, ticket_id)
            if ticket is None:
                return None
            services = session.exec(select(TicketService.service_id).where(TicketService.ticket_id == ticket_id)).all()
        last = spoken_time(ticket.last_contact_at, "UTC", self.clock())
        state = _STATUS.get(ticket.state, f"Its state is {ticket.state.replace('_', ' ')}")
        return KnownTicket(ticket.id, tuple(services), f"{state}, priority {ticket.priority}. Last contact {last}.")


def input_of(fields: Fields) -> Input:
    """What a post of the carrier says the caller did; a number that cannot be read is left out."""
    keys = fields.get("Digits")[:_MAX_KEYS]
    confidence = fields.get("Confidence")
    recording = _RECORDING.search(fields.get("RecordingSid") or fields.get("RecordingUrl"))
    seconds = fields.get("RecordingDuration")
    return Input(
        Kind.RECORDED if recording else Kind.ANSWER,
        keys=re.sub(r"[^0-9*#]", "", keys) if keys != "hangup" else "",
        speech=" ".join(fields.get("SpeechResult").split())[:_MAX_SPEECH],
        confidence=float(confidence) if re.fullmatch(r"[01](?:\.\d+)?", confidence) else None,
        recording=recording[0] if recording else "",
        seconds=min(int(seconds), 14400) if seconds.isdigit() and seconds.isascii() else 0,
    )


def _done(session: Session, sid: str, token: str) -> PhoneStep | None:
    return session.exec(select(PhoneStep).where(PhoneStep.call_sid == sid, PhoneStep.token == token)).first()

"""What reaches us about a call beside its steps: its end, its recordings and their words; in any order, late or twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlmodel import Session, col, or_, select

from ivr.carrier import Account, Fields
from ivr.deeds import Deeds
from ivr.keeping import Keeping
from ivr.words import Call, Deed, Said, State, call_from_row
from models.clock import Clock
from models.directory import Directory
from models.reading import Reading
from models.store import Store
from models.tables import Outbox
from models.tables_phone import PhoneCall, Recording
from models.words import OutboxState
from parsers import read_text
from tickets.calls import Transcript, file_transcript

log = structlog.get_logger("ivr.ends")
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
SILENT_FOR = timedelta(minutes=15)
# A call that talks to a person makes no steps; the carrier ends every call after four hours.
WITH_A_PERSON = timedelta(hours=4, minutes=15)
_PERSON = (State.HUMAN.value,)
_SID = re.compile(r"RE[0-9a-f]{32}")
_MIN_SECONDS = 2
_NO_STEP = "-"
_MAX_TRANSCRIPT = 8000


@dataclass(frozen=True, slots=True)
class Ending:
    """What a call that breaks off leaves: `steps` is how many it had made when this was read."""

    steps: int
    call: Call
    deed: Deed
    reading: Reading


class Ends(Keeping):
    """Closes calls and keeps recordings; every method may be called again with the same post."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        deeds: Deeds,
        directory: Callable[[], Directory],
        account: Account | None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(store, clock, account, folder)
        self.deeds, self.directory = deeds, directory

    def status(self, fields: Fields) -> None:
        """The carrier tells how a call stands; an older message than the last one changes nothing."""
        sid, status = fields.get("CallSid"), fields.get("CallStatus")
        sequence = int(fields.get("SequenceNumber")) if fields.get("SequenceNumber").isdigit() else -1
        seconds = fields.get("CallDuration")
        final = status in FINAL
        with self.store.read() as session:
            row = session.get(PhoneCall, sid)
            if row is None or (0 <= sequence <= row.sequence) or (row.ended_at is not None and not seconds):
                return
            ending = self._ending(session, row) if final else None
        with self.store.write() as session:
            row = session.get(PhoneCall, sid, with_for_update=True)
            assert row
            row.sequence = max(row.sequence, sequence)
            row.carrier_status = status[:20]
            row.seconds = min(int(seconds), 86400) if seconds.isdigit() else row.seconds
            session.add(row)
            if final:
                self._close(session, row, "hung up", ending)

    def close(self, sid: str, outcome: str) -> None:
        """The end of a call: what was told so far becomes a ticket, and somebody owes the caller the rest."""
        with self.store.read() as session:
            row = session.get(PhoneCall, sid)
            ending = self._ending(session, row) if row else None
        with self.store.write() as session:
            row = session.get(PhoneCall, sid, with_for_update=True)
            if row is not None:
                self._close(session, row, outcome, ending)

    def _ending(self, session: Session, row: PhoneCall) -> Ending | None:
        """What is to be filed of a call that ends now, read outside the write transaction; None where there is nothing."""
        call = self._adopted(session, row.sid, call_from_row(row.draft))
        told = call.has_report and row.contact_id is None and call.path[-1:] != (State.END.value,)
        if row.ended_at is not None or not told or not _worth_filing(call):
            return None
        deed = Deed.NOTE if call.existing and call.verified and not call.resumable else Deed.FILE
        unfinished = call.flag("incomplete phone report: the call ended at " + call.state.value)
        reading = self.deeds.reading(session, row.sid, unfinished, deed, self.directory(), self.clock())
        return Ending(row.steps, unfinished, deed, reading)

    def _close(self, session: Session, row: PhoneCall, outcome: str, ending: Ending | None) -> None:
        if row.ended_at is not None:
            return
        now = self.clock()
        call = self._adopted(session, row.sid, call_from_row(row.draft))
        row.ended_at, row.draft = now, call.as_row()
        row.outcome = row.outcome if row.outcome not in ("", "ended") else ("ended" if call.state is State.END else outcome)
        session.add(row)
        # A step that came in between has changed what there is to file.
        fits = ending is not None and ending.steps == row.steps and ending.call.recordings == call.recordings
        ending = ending if fits else self._ending_again(session, row)
        if ending is None:
            return
        self.deeds.do(session, row, ending.call, ending.deed, ending.reading, self.directory(), now)
        if call.number and row.outcome != "handed over":
            self.deeds.call_back(session, row, call, now, f"the call broke off at {call.state.value}", call.number)

    def _ending_again(self, session: Session, row: PhoneCall) -> Ending | None:
        ended, row.ended_at = row.ended_at, None
        found = self._ending(session, row)
        row.ended_at = ended
        return found

    def recording(self, fields: Fields) -> str:
        """A recording is there, or absent; gives its SID when it can be fetched."""
        sid, call_sid = fields.get("RecordingSid"), fields.get("CallSid")
        if not _SID.fullmatch(sid):
            return ""
        now, status, seconds = self.clock(), fields.get("RecordingStatus"), fields.get("RecordingDuration")
        with self.store.write() as session:
            row = session.get(Recording, sid, with_for_update=True)
            if row is None:
                row = Recording(sid=sid, call_sid=call_sid, created_at=now, due_at=now)
            if row.state == "expected":
                row.state = "absent" if status == "absent" else row.state
                row.due_at = min(row.due_at, now)
            row.seconds = int(seconds) if seconds.isdigit() else row.seconds
            call = session.get(PhoneCall, call_sid, with_for_update=True)
            row.ticket_id = row.ticket_id or (call.ticket_id if call else None)
            session.add(row)
            session.flush()
            if call is None and status != "absent":
                call = self._unknown_call(session, fields, now)
            if call is not None and call.ended_at is not None and status != "absent":
                self._late(session, call, row, now)
        return sid if status == "completed" else ""

    def _unknown_call(self, session: Session, fields: Fields, now: datetime) -> PhoneCall:
        """A message left while our store was away: the call is made up from it, ended, and filed."""
        draft = Call(state=State.VOICEMAIL)
        row = PhoneCall(
            sid=fields.get("CallSid"),
            state=draft.state.value,
            token=_NO_STEP,
            draft=draft.as_row(),
            started_at=now,
            updated_at=now,
            ended_at=now,
            outcome="voicemail",
        )
        session.add(row)
        session.flush()
        return row

    def _late(self, session: Session, row: PhoneCall, recording: Recording, now: datetime) -> None:
        """A recording whose call has ended without it: the caller hung up instead of pressing a key."""
        call = call_from_row(row.draft)
        if recording.sid in call.recordings or recording.seconds < _MIN_SECONDS:
            return
        call = _adopt(call, recording)
        row.draft = call.as_row()
        session.add(row)
        self.deeds.do(session, row, replace(call, state=State.KEPT), Deed.FILE, None, self.directory(), now)

    def _adopted(self, session: Session, sid: str, call: Call) -> Call:
        for r in session.exec(select(Recording).where(Recording.call_sid == sid)).all():
            if r.sid not in call.recordings and r.seconds >= _MIN_SECONDS and r.state != "absent":
                call = _adopt(call, r)
        return call

    def transcription(self, fields: Fields) -> None:
        """The words of a recording have come: kept, and added to the ticket if there is one already."""
        sid, text = fields.get("RecordingSid"), " ".join(fields.get("TranscriptionText").split())[:_MAX_TRANSCRIPT]
        if not _SID.fullmatch(sid) or not text or fields.get("TranscriptionStatus") != "completed":
            return
        now = self.clock()
        with self.store.write() as session:
            row = session.get(Recording, sid, with_for_update=True)
            if row is None:
                row = Recording(sid=sid, call_sid=fields.get("CallSid"), created_at=now, due_at=now)
            row.transcript = row.transcript or text
            call = session.get(PhoneCall, row.call_sid)
            row.ticket_id = row.ticket_id or (call.ticket_id if call else None)
            session.add(row)
        self.file_transcripts()

    def file_transcripts(self) -> None:
        """Adds words that have come after the ticket; each recording once."""
        with self.store.read() as session:
            waiting = session.exec(
                select(Recording).where(
                    col(Recording.transcript_filed).is_(False),
                    Recording.transcript != "",
                    col(Recording.ticket_id).is_not(None),
                )
            ).all()
        if not waiting:
            return
        directory, now = self.directory(), self.clock()
        for r in waiting:
            reading = read_text(
                r.transcript, directory=directory, sender=None, received_at=r.created_at, rules=self.deeds.rules()
            )
            with self.store.write() as session:
                row = session.get(Recording, r.sid, with_for_update=True)
                call = session.get(PhoneCall, r.call_sid)
                if row is None or row.transcript_filed or not row.ticket_id:
                    continue
                row.transcript_filed = True
                session.add(row)
                words = Transcript(row.sid, call.number if call else "", row.ticket_id, row.transcript)
                file_transcript(self.store, session, words, reading, directory=directory, settings=self.deeds.filing, now=now)

    def sweep(self) -> None:
        """Closes calls whose end was never told."""
        now = self.clock()
        with self.store.read() as session:
            rows = session.exec(
                select(PhoneCall.sid)
                .where(col(PhoneCall.ended_at).is_(None), col(PhoneCall.updated_at) < now - SILENT_FOR)
                .where(or_(col(PhoneCall.state).not_in(_PERSON), col(PhoneCall.updated_at) < now - WITH_A_PERSON))
            ).all()
        for sid in rows:
            self.close(sid, "no end reported")

    def message_status(self, fields: Fields) -> None:
        """The carrier tells what became of a text message of ours."""
        sid, status = fields.get("MessageSid"), fields.get("MessageStatus")
        with self.store.write() as session:
            row = session.exec(select(Outbox).where(Outbox.carrier_id == sid).with_for_update()).first() if sid else None
            if row is None:
                return
            if status in ("failed", "undelivered") and row.state == OutboxState.SENT.value:
                row.state, row.last_error = (
                    OutboxState.FAILED.value,
                    f"the carrier says {status} {fields.get('ErrorCode')[:10]}".strip(),
                )
            elif status in ("sent", "delivered") and row.state == OutboxState.UNCERTAIN.value:
                row.state = OutboxState.SENT.value
            session.add(row)


def _worth_filing(call: Call) -> bool:
    """Values or words of the caller; a mere ticket number that he then did nothing with is none."""
    return bool(call.recordings) or any(
        s.how != "caller-id" and s.field not in ("ticket_ref", "service_said") for s in call.said
    )


def _adopt(call: Call, recording: Recording) -> Call:
    field = {State.TKT_ADD: "note", State.TKT_WHY: "escalation", State.VOICEMAIL: "voicemail"}.get(call.state, "description")
    text = f"recorded message of {recording.seconds} seconds"
    said = Said(field, text, recording.sid, "recording", call.state.value)
    return replace(call, recordings=(*call.recordings, recording.sid)).put(said)

"""The call as a table: what each state says, what it takes, where it leads, and what silence and failing do.

Read aloud in docs/phone.md, which a test holds against this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr import takes as t
from ivr import takes_ticket as tt
from ivr.words import Connect, Deed, Listen, Record, State

MOST_STRIKES = 3
MOST_STRIKES_A_CALL = 6


class OnSilence(StrEnum):
    """What no input does: another try, or on with the call."""

    STRIKE = "counts as a try"
    GO_ON = "goes on"


@dataclass(frozen=True, slots=True)
class Row:
    """One state. `to` lists where an answer may lead; `failing` is where the last strike leads.

    `silence_to` with OnSilence.GO_ON is where silence leads at once; `silences` is how often it is first asked again.
    """

    state: State
    about: str
    takes: str = ""
    then: Listen | Record | Connect | None = None
    take: t.Take | None = None
    to: tuple[State, ...] = ()
    tries: int = MOST_STRIKES
    failing: State = State.HUMAN
    on_silence: OnSilence = OnSilence.STRIKE
    silence_to: State | None = None
    silences: int = 0
    deed: Deed | None = None
    final: bool = False

    @property
    def one_key(self) -> bool:
        return isinstance(self.then, Listen) and self.then.digits == 1

    @property
    def free_text(self) -> bool:
        return isinstance(self.then, Record)


S = State
_KEY = Listen(digits=1, speech="short")
_ID = Listen(speech="id", seconds=8)
_GO = OnSilence.GO_ON

TABLE: tuple[Row, ...] = (
    Row(S.START, "greets and says that the call may be recorded", to=(S.RESUME, S.KNOWN, S.MENU)),
    Row(S.RESUME, "the same caller rang a moment ago: go on where it stopped", "1 or yes, 2 or no", _KEY, t.take_resume,
        (S.SVC, S.WHEN, S.IMPACT, S.DESC, S.REVIEW, S.MENU), 2, S.MENU),
    Row(S.KNOWN, "asks whether it is about the service that the number called from suggests", "1 or yes, 2 or another", _KEY,
        t.take_known, (S.MENU,), 2, S.MENU),
    Row(S.MENU, "a new problem, or an existing ticket", "1 or report, 2 or existing ticket", _KEY, t.take_menu, (S.SVC, S.WHEN, S.TKT)),
    Row(S.SVC, "asks for the service ID", "the digits and #, the ID spelled on the keypad, or speech", _ID, t.take_service,
        (S.SVC_OK, S.SVC_PICK), failing=S.SVC_NONE),
    Row(S.SVC_PICK, "several services have these digits: which one", "1 to 3, or the ID", _KEY, t.take_pick, (S.SVC_OK,)),
    Row(S.SVC_OK, "reads the service ID back", "1 or yes, 2 or no", _KEY, t.take_service_check, (S.WHEN, S.REVIEW, S.SVC, S.SVC_NONE),
        failing=S.WHEN, on_silence=_GO, silence_to=S.WHEN, silences=1),
    Row(S.SVC_NONE, "could not find the service: it can be said in the message", to=(S.WHEN, S.REVIEW)),
    Row(S.WHEN, "asks when it started", "1 now, 2 within the hour, 3 earlier today, 4 another day, or speech", Listen(1, "short", 7),
        t.take_when, (S.WHEN_OK, S.WHEN_TIME), 2, S.IMPACT, on_silence=_GO, silence_to=S.IMPACT, silences=1),
    Row(S.WHEN_TIME, "asks for the time", "four digits (hour, minute) and #, eight with day and month before, or speech",
        Listen(0, "short", 8), t.take_time, (S.WHEN_OK,), 2, S.IMPACT, on_silence=_GO, silence_to=S.IMPACT, silences=1),
    Row(S.WHEN_OK, "reads the time back with its zone", "1 or yes, 2 or no", _KEY, t.take_when_check, (S.IMPACT, S.REVIEW, S.WHEN_TIME),
        failing=S.IMPACT, on_silence=_GO, silence_to=S.IMPACT),
    Row(S.IMPACT, "asks for the impact", "1 down, 2 degraded, 3 not affecting service, or speech", _KEY, t.take_impact,
        (S.CIRCUIT, S.REVIEW)),
    Row(S.CIRCUIT, "asks for the circuit ID, if known", "digits and #, or speech; # alone skips", _ID, t.take_circuit,
        (S.PATTERN, S.REVIEW), 2, S.PATTERN, on_silence=_GO, silence_to=S.PATTERN),
    Row(S.PATTERN, "comes and goes, or constant", "1 or 2; # skips", _KEY, t.take_pattern, (S.DESC, S.REVIEW), 2, S.DESC,
        on_silence=_GO, silence_to=S.DESC),
    Row(S.DESC, "takes the description", "a recording ended by #, or speech", Record(), t.take_description, (S.CONTACT, S.REVIEW), 2,
        S.CONTACT, on_silence=_GO, silence_to=S.CONTACT, silences=1),
    Row(S.CONTACT, "how to confirm the ticket", "1 text message, 2 e-mail on file, 3 neither", _KEY, t.take_contact, (S.REVIEW,), 2,
        S.REVIEW, on_silence=_GO, silence_to=S.REVIEW),
    Row(S.REVIEW, "sums up", "1 to file, 2 to change", _KEY, t.take_review, (S.CREATE, S.CHANGE), 3, S.CREATE, on_silence=_GO,
        silence_to=S.CREATE, silences=1),
    Row(S.CHANGE, "what to change", "1 service, 2 time, 3 impact, 4 description", _KEY, t.take_change, (S.SVC, S.WHEN, S.IMPACT, S.DESC),
        2, S.REVIEW, on_silence=_GO, silence_to=S.REVIEW),
    Row(S.CREATE, "the ticket is opened", to=(S.TOLD,), deed=Deed.FILE),
    Row(S.TOLD, "reads the ticket number, twice", "* to hear it again, 1 for an engineer", _KEY, t.take_told, (S.HUMAN, S.END), 2, S.END,
        on_silence=_GO, silence_to=S.END),
    Row(S.TKT, "asks for the ticket number", "digits and #, or speech", _ID, tt.take_ticket, (S.TKT_SVC,)),
    Row(S.TKT_SVC, "asks for the service ID of the ticket, to know the caller", "digits and #, or speech; # alone skips", _ID,
        tt.take_ticket_service, (S.TKT_OK,), 2, S.TKT_OK, on_silence=_GO, silence_to=S.TKT_OK),
    Row(S.TKT_OK, "add, escalate or status", "1, 2 or 3", _KEY, tt.take_ticket_menu, (S.TKT_ADD, S.TKT_ESC, S.TKT_STATUS, S.TKT_SVC)),
    Row(S.TKT_STATUS, "reads the status; only for a caller who gave ticket and service", to=(S.TKT_OK,)),
    Row(S.TKT_ADD, "takes what is to be added", "a recording ended by #, or speech", Record(), tt.take_note, (S.NOTE,), 2),
    Row(S.TKT_ESC, "asks whether to escalate", "1 or yes, 2 or no", _KEY, tt.take_escalation, (S.TKT_WHY, S.TKT_OK)),
    Row(S.TKT_WHY, "takes the reason", "a recording ended by #, or speech", Record(seconds=60), tt.take_reason, (S.ESCALATE,), 2,
        S.ESCALATE, on_silence=_GO, silence_to=S.ESCALATE),
    Row(S.ESCALATE, "the ticket goes one level up, once an hour; who did not give its service waits for a person", to=(S.HUMAN,), deed=Deed.ESCALATE),
    Row(S.NOTE, "the addition is written down", to=(S.END,), deed=Deed.NOTE),
    Row(S.HUMAN, "puts the caller through to a person", "the end of the agent's leg", Connect(), tt.take_dialed,
        (S.END, S.HUMAN, S.CLOSED), deed=Deed.FILE),
    Row(S.CLOSED, "nobody is free", "1 call me back, 2 leave a message", _KEY, tt.take_closed, (S.CALLBACK, S.CALLBACK_NUMBER, S.VOICEMAIL),
        2, S.VOICEMAIL, on_silence=_GO, silence_to=S.VOICEMAIL, final=True),
    Row(S.CALLBACK_NUMBER, "asks for the number to call back", "digits and #", Listen(0, "id", 10), tt.take_number, (S.CALLBACK,), 2,
        S.VOICEMAIL, final=True),
    Row(S.CALLBACK, "the call-back is written down", to=(S.END,), deed=Deed.CALL_BACK, final=True),
    Row(S.VOICEMAIL, "takes a message", "a recording ended by #, or speech", Record(), tt.take_voicemail, (S.KEPT,), 2, S.END,
        on_silence=_GO, silence_to=S.END, silences=1, final=True),
    Row(S.KEPT, "the message becomes a ticket or goes to the one of this call", to=(S.END,), deed=Deed.FILE, final=True),
    Row(S.END, "says goodbye and hangs up", final=True),
)  # fmt: skip
ROWS: dict[State, Row] = {row.state: row for row in TABLE}

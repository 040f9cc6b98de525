"""The words of a call, free of any carrier's: states, what a caller gives, what is said and done in return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.directory import Directory


class State(StrEnum):
    """Where a call stands; the table with what each does is in ivr/states.py."""

    START = "start"
    RESUME = "resume"
    KNOWN = "known"
    MENU = "menu"
    SVC = "service"
    SVC_PICK = "service-pick"
    SVC_OK = "service-check"
    SVC_NONE = "service-unknown"
    WHEN = "when"
    WHEN_TIME = "when-time"
    WHEN_OK = "when-check"
    IMPACT = "impact"
    CIRCUIT = "circuit"
    PATTERN = "pattern"
    DESC = "description"
    CONTACT = "confirmation"
    REVIEW = "review"
    CHANGE = "change"
    CREATE = "create"
    TOLD = "told"
    TKT = "ticket"
    TKT_SVC = "ticket-service"
    TKT_OK = "ticket-menu"
    TKT_STATUS = "ticket-status"
    TKT_ADD = "ticket-add"
    TKT_ESC = "ticket-escalate"
    TKT_WHY = "ticket-reason"
    ESCALATE = "escalate"
    NOTE = "note"
    HUMAN = "person"
    CLOSED = "nobody-free"
    CALLBACK = "call-back"
    CALLBACK_NUMBER = "call-back-number"
    VOICEMAIL = "voicemail"
    KEPT = "voicemail-kept"
    END = "end"


class Kind(StrEnum):
    """What can reach a call in a state."""

    START = "start"
    ANSWER = "answer"
    RECORDED = "recorded"
    DIALED = "dialed"
    DONE = "done"


class Deed(StrEnum):
    """What the store is asked to do before the call goes on."""

    FILE = "file"
    NOTE = "note"
    ESCALATE = "escalate"
    CALL_BACK = "call-back"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that reached the call. `speech` and `keys` are empty on silence; times are in seconds."""

    kind: Kind = Kind.ANSWER
    keys: str = ""
    speech: str = ""
    confidence: float | None = None
    recording: str = ""
    seconds: int = 0
    outcome: str = ""
    ticket: str = ""
    # Further variables for the prompt that tells of a deed.
    told: tuple[tuple[str, str], ...] = ()

    @property
    def silent(self) -> bool:
        return not self.keys.strip("#") and not self.speech.strip()


@dataclass(frozen=True, slots=True)
class Said:
    """One value the caller gave: `how` is keys, speech, caller-id or recording; `sure` once he agreed to it."""

    field: str
    value: str
    raw: str
    how: str
    state: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """All that a call is between two steps; plain JSON by `as_row`."""

    state: State = State.START
    strikes: int = 0
    total: int = 0
    retried: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()
    choices: tuple[str, ...] = ()
    number: str = ""
    textable: bool = False
    suggested: str = ""
    emailable: bool = False
    timezone: str = "UTC"
    confirm: str = ""
    ticket: str = ""
    existing: str = ""
    verified: bool = False
    status: str = ""
    editing: bool = False
    keys_only: bool = False
    spelled: bool = False
    rejected: tuple[str, ...] = ()
    recordings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    why: str = ""
    resumable: bool = False
    # Where it comes from, and whether that hears words at all: a private exchange of ours hears keys only.
    source: str = "carrier"
    hears: bool = True
    dialed: int = 0
    call_back_to: str = ""
    path: tuple[str, ...] = ()
    outcome: str = ""

    def value(self, field: str) -> str:
        return next((s.value for s in reversed(self.said) if s.field == field), "")

    def heard(self, field: str) -> Said | None:
        return next((s for s in reversed(self.said) if s.field == field), None)

    def put(self, said: Said) -> Call:
        """The call with this value in the place of an earlier one of the same field."""
        return replace(self, said=(*(s for s in self.said if s.field != said.field), said))

    def drop(self, field: str) -> Call:
        return replace(self, said=tuple(s for s in self.said if s.field != field))

    def flag(self, text: str) -> Call:
        return self if text in self.flags else replace(self, flags=(*self.flags, text))

    @property
    def has_report(self) -> bool:
        """Whether there is something that must not be lost."""
        return any(s.how != "caller-id" for s in self.said) or bool(self.recordings)

    def as_row(self) -> dict[str, Any]:
        return {k: v for k, v in asdict(self).items() if v != _DEFAULTS.get(k, ...)}


_DEFAULTS: dict[str, Any] = asdict(Call())
_TUPLES = frozenset(k for k, v in _DEFAULTS.items() if isinstance(v, tuple))


def call_from_row(row: dict[str, Any]) -> Call:
    """The call back from `as_row`. Names that this version does not know are left out."""
    known = {k: v for k, v in row.items() if k in _DEFAULTS}
    plain: dict[str, Any] = {k: tuple(v) if k in _TUPLES else v for k, v in known.items()}
    if "state" in plain:
        plain["state"] = State(plain["state"])
    if "said" in plain:
        plain["said"] = tuple(Said(**s) for s in plain["said"])
    return Call(**plain)


@dataclass(frozen=True, slots=True)
class KnownTicket:
    """What the store knows of a ticket that a caller names."""

    id: str
    services: tuple[str, ...]
    status: str


# Looks up a ticket by its ID.
Tickets = Callable[[str], KnownTicket | None]


def no_tickets(_ticket_id: str) -> KnownTicket | None:
    return None


@dataclass(frozen=True)
class World:
    """What a step may look at beside the call: directory, time, whether agents are in, tickets on file."""

    directory: Directory
    now: datetime
    agents: int = 0
    open: bool = True
    tickets: Tickets = no_tickets
    records: bool = True


@dataclass(frozen=True, slots=True)
class Say:
    """One prompt of templates/voice/ by name, with its variables."""

    prompt: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for keys, speech or both. `digits` is how many keys end the input (0: the # key ends it)."""

    digits: int = 0
    speech: str = ""
    seconds: int = 6
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """Take a recording: at most `seconds`, ended by # or by silence."""

    seconds: int = 110
    silence: int = 4


@dataclass(frozen=True, slots=True)
class Connect:
    """Put the caller through; `attempt` 0 rings the agents, 1 the overflow."""

    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """The store must do this, and tell the call by an input of kind DONE."""

    deed: Deed


@dataclass(frozen=True, slots=True)
class Bye:
    """Hang up."""


Then = Listen | Record | Connect | Ask | Bye


@dataclass(frozen=True, slots=True)
class Prompts:
    """What is said, and what happens then."""

    says: tuple[Say, ...] = ()
    then: Then = field(default_factory=Bye)

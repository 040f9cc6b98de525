"""How the states of an existing ticket, of a person, a call-back and a voicemail take what comes."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.takes import Move, listen, note
from ivr.words import Call, Input, Said, State, World

_PHONE = re.compile(r"\d{7,15}")
_SHORT_RECORDING_S = 2
_MENU: tuple[tuple[str, State, str], ...] = (
    ("1", State.TKT_ADD, r"\b(?:add|information|update|more|details?)\b"),
    ("2", State.TKT_ESC, r"\bescalat\w*|\bmanager\b|\bcomplain\w*"),
    ("3", State.TKT_STATUS, r"\b(?:status|progress|how far|news|state)\b"),
)


def take_ticket(call: Call, given: Input, world: World) -> Move | None:
    value = listen("ticket_id", call, given, world)
    if not isinstance(value, str):
        return None
    year, _, number = value.removeprefix("INC-").partition("-")
    keys = given.keys.strip("#*")
    # A number alone is this year's, or else last year's.
    years = (year,) if keys.startswith(year) else (year, str(int(year) - 1))
    known = next((t for y in years if (t := world.tickets(f"INC-{y}-{number}"))), None)
    if known is None:
        return None
    return State.TKT_SVC, replace(note(call, "ticket_ref", known.id, given), existing=known.id, verified=False)


def take_ticket_service(call: Call, given: Input, world: World) -> Move | None:
    value = listen("service_id", call, given, world)
    known = world.tickets(call.existing)
    if known is None or value not in known.services:
        return None
    return State.TKT_OK, replace(call, verified=True, status=known.status)


def take_ticket_menu(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    for key, state, words in _MENU:
        if keys == key or (not keys and re.search(words, given.speech.lower())):
            if state is State.TKT_STATUS and not call.verified:
                return State.TKT_SVC, call.flag("asked for the status without the service ID")
            return state, call
    return None


def take_note(call: Call, given: Input, world: World) -> Move | None:
    taken = _words(call, given, world, "note")
    return (State.NOTE, taken) if taken else None


def take_escalation(call: Call, given: Input, world: World) -> Move | None:
    yes = listen("yes_no", call, given, world)
    return None if yes is None else (State.TKT_WHY if yes else State.TKT_OK, call)


def take_reason(call: Call, given: Input, world: World) -> Move | None:
    taken = _words(call, given, world, "escalation")
    return (State.ESCALATE, taken) if taken else None


def take_closed(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    text = given.speech.lower()
    if keys == "1" or (not keys and re.search(r"\bcall\b|\bback\b|\byes\b", text)):
        return (State.CALLBACK, replace(call, call_back_to=call.number)) if call.number else (State.CALLBACK_NUMBER, call)
    if keys == "2" or (not keys and re.search(r"\b(?:message|voicemail|leave|record)\b", text)):
        return State.VOICEMAIL, call
    return None


def take_number(call: Call, given: Input, world: World) -> Move | None:
    digits = given.keys.strip("#*") or re.sub(r"\D", "", given.speech)
    return (State.CALLBACK, replace(call, call_back_to=digits)) if _PHONE.fullmatch(digits) else None


def take_voicemail(call: Call, given: Input, world: World) -> Move | None:
    taken = _words(call, given, world, "voicemail")
    return (State.KEPT, taken) if taken else None


def take_dialed(call: Call, given: Input, world: World) -> Move | None:
    """After the agents' leg: done, the next group, or nobody is free."""
    if given.outcome in ("completed", "answered", "bridged"):
        return State.END, replace(call, outcome="handed over")
    tried = call.dialed + 1
    return (State.HUMAN if tried < world.agents else State.CLOSED), replace(call, dialed=tried)


def _words(call: Call, given: Input, world: World, field: str) -> Call | None:
    """The call with a recording, or with what was said in its place."""
    if given.recording and given.seconds >= _SHORT_RECORDING_S:
        text = f"recorded message of {given.seconds} seconds"
        said = Said(field, text, given.recording, "recording", call.state.value)
        return replace(call, recordings=(*call.recordings, given.recording)).put(said)
    value = listen("description", call, given, world) if given.speech else None
    return note(call, field, value, given) if isinstance(value, str) else None

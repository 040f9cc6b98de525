"""How each state takes a new report's answers: the call with the value and the next state, or None for no match."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.hear import AGENT, Value, hear
from ivr.near import MOST_CHOICES, services_by_keys, services_by_sound
from ivr.words import Call, Input, Said, State, World
from models.clock import iso

Move = tuple[State, Call]
Take = Callable[[Call, Input, World], Move | None]
_JUST_NOW, _WITHIN_THE_HOUR = timedelta(minutes=2), timedelta(minutes=30)
_DAY_AND_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)")
_SHORT_RECORDING_S = 2
_OFFER_ENGINEER = frozenset({"service_affecting", ""})


def listen(slot: str, call: Call, given: Input, world: World) -> Value:
    """The value of one slot in what the caller said or keyed; "agent" was looked for before."""
    keys = given.keys.strip("#*")
    value = hear(
        slot,
        speech=given.speech or None,
        digits=keys or None,
        confidence=given.confidence or 0.0,
        now=world.now,
        timezone=call.timezone,
        directory=world.directory,
    )
    return None if value == AGENT else value


def note(call: Call, field: str, value: str, given: Input, *, sure: bool = False) -> Call:
    """The call with this value, and how it was given."""
    raw, how = (given.keys.strip("#"), "keys") if given.keys.strip("#") else (given.speech.strip(), "speech")
    return call.put(Said(field, value, raw, how, call.state.value, sure))


def after(call: Call, following: State) -> Move:
    """The next state, or back to the review where the caller only changes one field."""
    return (State.REVIEW, replace(call, editing=False)) if call.editing else (following, call)


def take_resume(call: Call, given: Input, world: World) -> Move | None:
    yes = listen("yes_no", call, given, world)
    if yes is None:
        return None
    if yes:
        return first_open(call), call
    return State.MENU, replace(call, said=(), existing="", verified=False, recordings=(), resumable=False)


def first_open(call: Call) -> State:
    """The first question of a report that has no answer yet."""
    for field, state in (("service_id", State.SVC), ("start_time", State.WHEN), ("impact", State.IMPACT)):
        if not call.value(field):
            return state
    return State.REVIEW if call.value("description") else State.DESC


def take_known(call: Call, given: Input, world: World) -> Move | None:
    yes = listen("yes_no", call, given, world)
    if yes is None:
        return None
    if not yes:
        return State.MENU, replace(call, suggested="")
    # The number called from only suggests; what counts is that the caller agreed to it.
    return State.MENU, _with_service(
        call.flag("service suggested by the number called from"), call.suggested, given, world, sure=True
    )


def take_menu(call: Call, given: Input, world: World) -> Move | None:
    match listen("menu", call, given, world):
        case "report":
            return (State.WHEN if call.value("service_id") else State.SVC), call
        case "update":
            return State.TKT, call
    return None


def take_service(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    value = listen("service_id", call, given, world)
    found: tuple[str, ...] = (value,) if isinstance(value, str) else ()
    if not found and keys:
        found = services_by_keys(keys, world.directory, prefer=_customer(call, world))
    elif not found and given.speech:
        found = services_by_sound(given.speech, world.directory)
    found = tuple(s for s in found if s not in call.rejected) or found
    if len(found) == 1:
        return State.SVC_OK, _with_service(call, found[0], given, world)
    if 1 < len(found) <= MOST_CHOICES:
        return State.SVC_PICK, replace(note(call, "service_said", keys or given.speech, given), choices=found)
    return None


def take_pick(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    spoken = listen("service_id", call, given, world) if given.speech else None
    if spoken in call.choices:
        return State.SVC_OK, _with_service(call, str(spoken), given, world)
    if keys.isdigit() and 1 <= int(keys) <= len(call.choices):
        return State.SVC_OK, _with_service(call, call.choices[int(keys) - 1], given, world)
    return None


def take_service_check(call: Call, given: Input, world: World) -> Move | None:
    yes = listen("yes_no", call, given, world)
    heard = call.heard("service_id")
    if yes is None or heard is None:
        return None
    if yes:
        return after(call.put(replace(heard, sure=True)), State.WHEN)
    rejected = (*call.rejected, heard.value)
    again = replace(call.drop("service_id"), rejected=rejected, keys_only=True, spelled=True)
    # Two refusals: the ID that he means is not on file, or we shall not get it by telephone.
    return (State.SVC_NONE if len(rejected) > 1 else State.SVC), again


def take_when(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    if keys in ("1", "2"):
        back = _JUST_NOW if keys == "1" else _WITHIN_THE_HOUR
        return State.WHEN_OK, note(call, "start_time", iso(world.now - back), given)
    if keys in ("3", "4"):
        return State.WHEN_TIME, call
    if keys:
        return None
    return _spoken_time(call, given, world)


def take_time(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    day = _DAY_AND_TIME.fullmatch(keys)
    if day:
        at = _keyed_day(call, [int(x) for x in day.groups()], world)
        return (State.WHEN_OK, note(call, "start_time", at, given)) if at else None
    if keys:
        value = listen("start_time", call, given, world)
        return (State.WHEN_OK, note(call, "start_time", value, given)) if isinstance(value, str) else None
    return _spoken_time(call, given, world)


def take_when_check(call: Call, given: Input, world: World) -> Move | None:
    yes = listen("yes_no", call, given, world)
    heard = call.heard("start_time")
    if yes is None or heard is None:
        return None
    if yes:
        return after(call.put(replace(heard, sure=True)), State.IMPACT)
    return State.WHEN_TIME, call.drop("start_time")


def take_impact(call: Call, given: Input, world: World) -> Move | None:
    value = listen("impact", call, given, world)
    return after(note(call, "impact", value, given, sure=True), State.CIRCUIT) if isinstance(value, str) else None


def take_circuit(call: Call, given: Input, world: World) -> Move | None:
    value = listen("circuit_id", call, given, world)
    if isinstance(value, str):
        return after(note(call, "circuit_id", value, given), State.PATTERN)
    if (given.speech and listen("yes_no", call, given, world) is False) or re.search(
        r"\b(?:skip|don't|no idea)\b", given.speech
    ):
        return after(call, State.PATTERN)
    return None


def take_pattern(call: Call, given: Input, world: World) -> Move | None:
    value = listen("fault_pattern", call, given, world)
    return after(note(call, "fault_pattern", value, given, sure=True), State.DESC) if isinstance(value, str) else None


def take_description(call: Call, given: Input, world: World) -> Move | None:
    if given.recording:
        if given.seconds < _SHORT_RECORDING_S:
            return None
        said = Said(
            "description", f"recorded message of {given.seconds} seconds", given.recording, "recording", call.state.value
        )
        return after(replace(call, recordings=(*call.recordings, given.recording)).put(said), State.CONTACT)
    value = listen("description", call, given, world) if given.speech else None
    return after(note(call, "description", value, given), State.CONTACT) if isinstance(value, str) else None


def take_contact(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    spoken = re.search(r"\b(?:text|sms|message)\b|\b(?:e-?mail|mail)\b|\b(?:neither|none|no)\b", given.speech.lower())
    if not keys and spoken:
        word = spoken.group()
        keys = "1" if word in ("text", "sms", "message") else "2" if "mail" in word else "3"
    elif not keys and given.speech and listen("yes_no", call, given, world) is True:
        keys = "1"
    if keys not in ("1", "2", "3"):
        return None
    chosen = {"1": "sms" if call.textable else "email", "2": "email", "3": "none"}[keys]
    return State.REVIEW, replace(call, confirm=chosen)


def take_review(call: Call, given: Input, world: World) -> Move | None:
    yes = listen("yes_no", call, given, world)
    if yes is None and re.search(r"\b(?:file|send|submit|go ahead)\b", given.speech.lower()):
        yes = True
    elif yes is None and re.search(r"\b(?:change|edit|fix|correct)\b", given.speech.lower()):
        yes = False
    return None if yes is None else (State.CREATE if yes else State.CHANGE, call)


_CHANGES: tuple[tuple[str, State, str], ...] = (
    ("1", State.SVC, r"\bservice\b"),
    ("2", State.WHEN, r"\b(?:time|start|when)\b"),
    ("3", State.IMPACT, r"\b(?:impact|effect)\b"),
    ("4", State.DESC, r"\b(?:description|describe|problem)\b"),
)


def take_change(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    for key, state, words in _CHANGES:
        if keys == key or (not keys and re.search(words, given.speech.lower())):
            return state, replace(call, editing=True, keys_only=False)
    return None


def take_told(call: Call, given: Input, world: World) -> Move | None:
    keys = given.keys.strip("#*")
    urgent = call.value("impact") in _OFFER_ENGINEER
    if urgent and (keys == "1" or (not keys and listen("yes_no", call, given, world) is True)):
        return State.HUMAN, replace(call, why="asked for an engineer after the ticket was opened")
    if keys or listen("yes_no", call, given, world) is False:
        return State.END, call
    return None


def _spoken_time(call: Call, given: Input, world: World) -> Move | None:
    if not given.speech:
        return None
    value = listen("start_time", call, given, world)
    if isinstance(value, str):
        return State.WHEN_OK, note(call, "start_time", value, given)
    return None


def _keyed_day(call: Call, parts: list[int], world: World) -> str | None:
    """Day, month, hour, minute on the caller's clock, in the last twelve months; None for what no calendar has."""
    day, month, hour, minute = parts
    zone = ZoneInfo(call.timezone)
    for year in (world.now.astimezone(zone).year, world.now.astimezone(zone).year - 1):
        try:
            at = datetime(year, month, day, hour, minute, tzinfo=zone)
        except ValueError:
            continue
        if at <= world.now:
            return iso(at)
    return None


def _with_service(call: Call, service: str, given: Input, world: World, *, sure: bool = False) -> Call:
    known = world.directory.service_by_id.get(service)
    customer = world.directory.customer_by_id.get(known.customer) if known else None
    call = note(call.drop("service_said"), "service_id", service, given, sure=sure)
    return replace(call, timezone=customer.timezone if customer else call.timezone, choices=())


def _customer(call: Call, world: World) -> str:
    service = world.directory.service_by_id.get(call.suggested)
    return service.customer if service else ""

"""`step(call, input, world) -> (call, prompts)`: the whole behaviour of the phone line, without any carrier or database."""

from __future__ import annotations

from dataclasses import replace

from ivr.prompts import keys_only, says, spell
from ivr.states import MOST_STRIKES_A_CALL, ROWS, OnSilence, Row
from ivr.universals import Universal, universal
from ivr.words import Ask, Bye, Call, Connect, Deed, Input, Kind, Listen, Prompts, Record, Say, State, World


def step(call: Call, given: Input, world: World) -> tuple[Call, Prompts]:
    """What the call is after this input, and what is said and done; pure, and never raises for any input of any state."""
    row = ROWS[call.state]
    match given.kind:
        case Kind.START:
            return _start(call, world)
        case Kind.DONE:
            return _done(call, row, given, world)
        case Kind.DIALED:
            return _dialed(call, row, given, world)
    if row.take is None or isinstance(row.then, Connect):
        return enter(call, world)
    return _answered(call, row, given, world)


def _start(call: Call, world: World) -> tuple[Call, Prompts]:
    following = State.RESUME if call.resumable else State.KNOWN if call.suggested else State.MENU
    return _go(replace(call, state=State.START), following, world, (Say("greeting"),))


def _done(call: Call, row: Row, given: Input, world: World) -> tuple[Call, Prompts]:
    """The store has done its deed."""
    if row.deed is None:
        return enter(call, world)
    if given.outcome == "failed":
        # The draft stays with the call and is filed later; the caller gets a person, or hears that we have his number.
        call = call.flag("the store failed during the call")
        if row.final:
            return _go(call, State.END, world, (Say("trouble"),))
        return _through(replace(call, state=State.HUMAN), world, (Say("trouble"),))
    call = replace(call, ticket=given.ticket or call.ticket)
    if row.state is State.HUMAN:
        return _through(call, world, ())
    if row.state in (State.NOTE, State.ESCALATE, State.CALLBACK, State.KEPT):
        ended = {State.NOTE: "noted", State.ESCALATE: "escalated", State.CALLBACK: "call-back", State.KEPT: "voicemail"}
        told = _say(f"{row.state.value}-done", call, world, when=given.outcome, **dict(given.told))
        return _go(replace(call, outcome=ended[row.state]), row.to[0], world, (told,))
    return _go(replace(call, outcome="filed"), row.to[0], world, ())


def _dialed(call: Call, row: Row, given: Input, world: World) -> tuple[Call, Prompts]:
    if row.take is None or row.state is not State.HUMAN:
        return enter(call, world)
    move = row.take(call, given, world)
    if move is None:
        return enter(call, world)
    following, moved = move
    if following is State.HUMAN:
        return moved, _connect(moved, world, ())
    return _go(moved, following, world, ())


def _answered(call: Call, row: Row, given: Input, world: World) -> tuple[Call, Prompts]:
    command = universal(given, one_key=row.one_key or row.free_text, free_text=row.free_text)
    if command is not None:
        if given.recording and row.take and (kept := row.take(call, given, world)):
            # He ended his message with the key for a person: the message counts all the same.
            call = kept[1] if command is Universal.PERSON else call
        return _command(call, row, command, world)
    if not given.recording and given.silent:
        return _silence(call, row, world)
    move = row.take(call, given, world) if row.take else None
    if move is None:
        return _strike(call, row, world, "no-match")
    following, moved = move
    return _go(moved, following, world, ())


def _command(call: Call, row: Row, command: Universal, world: World) -> tuple[Call, Prompts]:
    match command:
        case Universal.REPEAT:
            return call, _prompts(call, row, world)
        case Universal.HELP:
            return call, _prompts(call, row, world, (_say("help", call, world),))
        case Universal.START_OVER if not row.final and not call.ticket:
            fresh = replace(call, said=(), choices=(), existing="", verified=False, editing=False, keys_only=False, rejected=())
            return _go(fresh, State.MENU, world, ())
        case Universal.PERSON if not row.final:
            return _go(replace(call, why=f"asked for a person at {row.state.value}"), State.HUMAN, world, ())
    # Somebody who asks for a person where nobody is free hears his choices again, and counts as not understood.
    return _strike(call, row, world, "no-match")


def _silence(call: Call, row: Row, world: World) -> tuple[Call, Prompts]:
    if row.on_silence is OnSilence.STRIKE or call.strikes < row.silences:
        return _strike(call, row, world, "no-input")
    assert row.silence_to is not None
    unsure = call.flag(f"{row.state.value} not confirmed") if row.state in (State.SVC_OK, State.WHEN_OK) else call
    return _leave(unsure, row, row.silence_to, world)


def _strike(call: Call, row: Row, world: World, why: str) -> tuple[Call, Prompts]:
    retried = (*call.retried, row.state.value)
    call = replace(call, strikes=call.strikes + 1, total=call.total + 1, retried=retried)
    if call.strikes >= row.tries:
        return _leave(call.flag(f"not understood at {row.state.value}"), row, row.failing, world)
    if call.total >= MOST_STRIKES_A_CALL and not row.final:
        return _go(replace(call, why="not understood too often"), State.HUMAN, world, (Say("sorry"),))
    if row.state is State.SVC and call.strikes > 1:
        call = replace(call, keys_only=True)
    return call, _prompts(call, row, world, (_say("again", call, world, why=why),))


def _leave(call: Call, row: Row, following: State, world: World) -> tuple[Call, Prompts]:
    """On from a state without an answer; a caller who was only changing one field goes back to the review."""
    if call.editing and following not in (State.HUMAN, State.SVC_NONE, State.END):
        following, call = State.REVIEW, replace(call, editing=False)
    if following is State.HUMAN:
        return _go(replace(call, why=f"not understood at {row.state.value}"), following, world, (Say("sorry"),))
    return _go(call, following, world, ())


def _go(call: Call, following: State, world: World, before: tuple[Say, ...]) -> tuple[Call, Prompts]:
    """Into another state; its strikes begin at nought."""
    moved = replace(call, state=following, strikes=0, path=(*call.path, following.value)[-80:])
    return enter(moved, world, before)


def enter(call: Call, world: World, before: tuple[Say, ...] = ()) -> tuple[Call, Prompts]:
    """What is said on entering the state of the call, through states that only say something."""
    row = ROWS[call.state]
    if row.state is State.START:
        return _start(call, world)
    if row.state is State.HUMAN:
        return _person(call, world, before)
    if row.deed is not None:
        return call, Prompts(before, Ask(row.deed))
    if row.state is State.END:
        return replace(call, outcome=call.outcome or "ended"), Prompts((*before, _say("end", call, world)), Bye())
    if row.then is None:
        told = (*before, *says(call, world))
        if row.state is State.SVC_NONE:
            call = call.flag("service not found").drop("service_id")
        following = State.REVIEW if call.editing and row.state is State.SVC_NONE else row.to[0]
        return _go(replace(call, editing=call.editing and row.state is not State.SVC_NONE), following, world, told)
    if row.state is State.CONTACT and not (call.textable or call.emailable):
        return _go(replace(call, confirm="none"), State.REVIEW, world, before)
    return call, _prompts(call, row, world, before)


def _person(call: Call, world: World, before: tuple[Say, ...]) -> tuple[Call, Prompts]:
    """A report that is worth keeping is filed before the caller is put through."""
    if call.has_report and not call.ticket and not call.existing:
        return call, Prompts(before, Ask(Deed.FILE))
    return _through(call, world, before)


def _through(call: Call, world: World, before: tuple[Say, ...]) -> tuple[Call, Prompts]:
    if not world.open or call.dialed >= world.agents:
        return _go(call, State.CLOSED, world, before)
    return call, _connect(call, world, before)


def _connect(call: Call, world: World, before: tuple[Say, ...]) -> Prompts:
    return Prompts((*before, *says(call, world)), Connect(call.dialed))


def _prompts(call: Call, row: Row, world: World, before: tuple[Say, ...] = ()) -> Prompts:
    then: Listen | Record = row.then if isinstance(row.then, Listen | Record) else Listen()
    if isinstance(then, Record) and call.hears and not world.records:
        then = Listen(0, "free", 60)
    if isinstance(then, Listen) and keys_only(call):
        then = replace(then, speech="")
    if before and isinstance(then, Listen):
        then = replace(then, barge_in=before[0].prompt != "again")
    return Prompts((*before, *says(call, world)), then)


def _say(prompt: str, call: Call, world: World, **more: str) -> Say:
    values = {"state": call.state.value, "strikes": str(call.strikes), "ticket": spell(call.ticket or call.existing)}
    values |= {"keys_only": "yes" if keys_only(call) else "", **more}
    return Say(prompt, tuple(sorted(values.items())))

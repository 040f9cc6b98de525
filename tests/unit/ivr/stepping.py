"""A world for the steps of a call: directory, ticket, answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ivr.states import TABLE
from ivr.step import step
from ivr.voice import Voice
from ivr.words import (
    Ask,
    Call,
    Connect,
    Input,
    Kind,
    KnownTicket,
    Prompts,
    Said,
    State,
    World,
)
from models.directory import Customer, Directory, Person, Service

NOW = datetime(2026, 5, 6, 9, 20, tzinfo=UTC)
DIRECTORY = Directory(
    customers=(Customer("C1", "Ferry Lines", contacts=(Person("Ada", "ada@ferry.example", "+49 30 5550101"),), timezone="Europe/Berlin"),),
    services=tuple(Service(i, "C1") for i in ("SVC-104233", "SVC-104234", "VPN-771200", "DIA-771200", "SPT-200550")),
)  # fmt: skip
TICKET = KnownTicket("INC-2026-000128", ("SVC-104233",), "It is being worked on.")
WORLD = World(DIRECTORY, NOW, agents=2, tickets=lambda t: TICKET if t == TICKET.id else None)
VOICE = Voice("Desk")
SERVICE = Said("service_id", "SVC-104233", "104233", "keys", "service")
TIME = Said("start_time", "2026-05-06T08:50:00Z", "2", "keys", "when")
RECORDED = Input(Kind.RECORDED, recording="RE1", seconds=12)
PICKED: dict[str, object] = {"choices": ("DIA-771200", "VPN-771200")}
KNOWN_TICKET: dict[str, object] = {"existing": TICKET.id, "verified": True, "status": TICKET.status}

# For each state that takes something: an input that is right, and what the call must hold before.
VALID: dict[State, tuple[Input, dict[str, object]]] = {
    State.RESUME: (Input(keys="1"), {"said": (SERVICE,)}),
    State.KNOWN: (Input(keys="1"), {"suggested": "SVC-104233"}),
    State.MENU: (Input(speech="I want to report a problem"), {}),
    State.SVC: (Input(keys="104233#"), {}),
    State.SVC_PICK: (Input(keys="2"), PICKED),
    State.SVC_OK: (Input(speech="yes that is right"), {"said": (SERVICE,)}),
    State.WHEN: (Input(speech="about twenty minutes ago"), {}),
    State.WHEN_TIME: (Input(keys="0930#"), {}),
    State.WHEN_OK: (Input(keys="1"), {"said": (TIME,)}),
    State.IMPACT: (Input(speech="non service affecting"), {}),
    State.CIRCUIT: (Input(speech="bravo golf dash one two three four five six"), {}),
    State.PATTERN: (Input(keys="2"), {}),
    State.DESC: (RECORDED, {"emailable": True}),
    State.CONTACT: (Input(keys="2"), {"textable": True, "emailable": True}),
    State.REVIEW: (Input(keys="1"), {}),
    State.CHANGE: (Input(speech="the impact please"), {}),
    State.TOLD: (Input(keys="1"), {"ticket": TICKET.id}),
    State.TKT: (Input(keys="2026000128#"), {}),
    State.TKT_SVC: (Input(keys="104233#"), {"existing": TICKET.id}),
    State.TKT_OK: (Input(keys="3"), KNOWN_TICKET),
    State.TKT_ADD: (RECORDED, KNOWN_TICKET),
    State.TKT_ESC: (Input(keys="1"), KNOWN_TICKET),
    State.TKT_WHY: (RECORDED, KNOWN_TICKET),
    State.CLOSED: (Input(keys="2"), {"number": "+49305550101"}),
    State.CALLBACK_NUMBER: (Input(keys="49305550101#"), {}),
    State.VOICEMAIL: (RECORDED, {}),
}
ASKING = [r for r in TABLE if r.take is not None and not isinstance(r.then, Connect)]
WRONG = Input(speech="purple elephants")


def at(state: State) -> Call:
    return replace(Call(state=state), **VALID[state][1]) if state in VALID else Call(state=state)  # type: ignore[arg-type]


def spoken(prompts: Prompts) -> str:
    return " ".join(VOICE.sentence(s) for s in prompts.says)


def keep_answering(call: Call, answers: list[Input], world: World = WORLD) -> tuple[Call, Prompts]:
    call, prompts = step(call, Input(Kind.START), world)
    for answer in answers:
        call, prompts = step(call, answer, world)
        while isinstance(prompts.then, Ask):
            call, prompts = step(call, Input(Kind.DONE, ticket=call.ticket or "INC-2026-000136"), world)
    return call, prompts

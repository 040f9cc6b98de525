"""The call's state table: every state with every kind of input, and whole calls without any carrier."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from ivr.describe import page
from ivr.states import ROWS, TABLE, OnSilence, Row
from ivr.step import step
from ivr.voice import Voice, prompt_names
from ivr.words import (
    Ask,
    Bye,
    Call,
    Connect,
    Input,
    Kind,
    KnownTicket,
    Listen,
    Prompts,
    Record,
    Said,
    State,
    World,
    call_from_row,
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


def test_every_state_is_in_the_table_once_and_leads_only_to_states_of_the_table() -> None:
    assert [r.state for r in TABLE] == list(dict.fromkeys(r.state for r in TABLE))
    assert set(ROWS) == set(State)
    assert {r.state for r in ASKING} == set(VALID)


@pytest.mark.parametrize("row", ASKING, ids=lambda r: r.state.value)
def test_a_right_answer_leads_on_as_the_table_says(row: Row) -> None:
    call, prompts = step(at(row.state), VALID[row.state][0], WORLD)
    # A state that only says something is passed on the way.
    passed = {s for t in row.to for s in (t, *ROWS[t].to)}
    assert call.state in passed
    assert call.path, "it has moved"
    assert not call.total
    assert isinstance(prompts.then, Ask | Connect) or spoken(prompts)


@pytest.mark.parametrize("row", ASKING, ids=lambda r: r.state.value)
def test_silence_does_what_the_table_says(row: Row) -> None:
    call = at(row.state)
    for asked in range(row.silences if row.on_silence is OnSilence.GO_ON else row.tries - 1):
        call, prompts = step(call, Input(), WORLD)
        assert call.state is row.state
        assert call.strikes == asked + 1
        assert "did not hear" in spoken(prompts)
    call, _ = step(call, Input(keys="#"), WORLD)
    expected = row.silence_to if row.on_silence is OnSilence.GO_ON else row.failing
    assert call.state in (expected, *(ROWS[expected].to if expected and ROWS[expected].then is None else ()))


@pytest.mark.parametrize("row", ASKING, ids=lambda r: r.state.value)
def test_wrong_answers_are_counted_and_lead_where_the_table_says(row: Row) -> None:
    call = at(row.state)
    wrong = Input(Kind.RECORDED, recording="RE1", seconds=0) if isinstance(row.then, Record) else WRONG
    for tried in range(1, row.tries):
        call, prompts = step(call, wrong, WORLD)
        assert (call.state, call.strikes) == (row.state, tried)
        assert spoken(prompts).startswith("Sorry")
    call, _ = step(call, wrong, WORLD)
    assert call.state in (row.failing, *(ROWS[row.failing].to if ROWS[row.failing].then is None else ()))
    assert call.state is not row.state


@pytest.mark.parametrize("row", ASKING, ids=lambda r: r.state.value)
@pytest.mark.parametrize(
    "asks", [Input(keys="0"), Input(keys="0#"), Input(speech="can I speak to an agent please"), Input(speech="operator")]
)
def test_a_person_can_be_had_at_every_prompt(row: Row, asks: Input) -> None:
    call, prompts = step(at(row.state), asks, WORLD)
    if row.final:
        assert (call.state, call.strikes) == (row.state, 1), "nobody is free: the choices are said again"
        return
    assert call.state is State.HUMAN
    assert isinstance(prompts.then, Connect | Ask)
    if isinstance(prompts.then, Ask):
        call, prompts = step(call, Input(Kind.DONE, ticket="INC-2026-000136"), WORLD)
    assert prompts.then == Connect(0)


@pytest.mark.parametrize("row", ASKING, ids=lambda r: r.state.value)
def test_repeat_help_and_start_over_work_at_every_prompt(row: Row) -> None:
    call = at(row.state)
    for word in ("repeat", "say that again please", "help"):
        same, prompts = step(call, Input(speech=word), WORLD)
        assert (same.state, same.total) == (row.state, 0)
        assert spoken(prompts)
    over, _ = step(call, Input(speech="start over"), WORLD)
    assert over.state is (row.state if row.final or call.ticket else State.MENU)
    star, _ = step(call, Input(keys="*"), WORLD)
    assert star.state is (row.state if row.one_key or row.free_text or row.final else State.HUMAN)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", list(Kind))
def test_any_input_in_any_state_gives_a_state_that_can_be_kept_and_something_to_do(state: State, kind: Kind) -> None:
    call, prompts = step(at(state), Input(kind, outcome="busy"), WORLD)
    assert call_from_row(json.loads(json.dumps(call.as_row()))) == call
    assert prompts.says or not isinstance(prompts.then, Listen | Record)
    VOICE.sentence(prompts.says[0]) if prompts.says else None


def keep_answering(call: Call, answers: list[Input], world: World = WORLD) -> tuple[Call, Prompts]:
    call, prompts = step(call, Input(Kind.START), world)
    for answer in answers:
        call, prompts = step(call, answer, world)
        while isinstance(prompts.then, Ask):
            call, prompts = step(call, Input(Kind.DONE, ticket=call.ticket or "INC-2026-000136"), world)
    return call, prompts


@settings(max_examples=150, deadline=None)
@forall(st.lists(st.one_of(
    st.builds(Input, keys=st.text("0123456789*#", max_size=12)),
    st.builds(Input, speech=st.sampled_from(["yes", "no", "report", "operator", "svc one oh four two three three", "", "start over", "down", "help"])),
    st.builds(Input, kind=st.just(Kind.RECORDED), recording=st.just("RE1"), seconds=st.integers(0, 30)),
    st.builds(Input, kind=st.just(Kind.DIALED), outcome=st.sampled_from(["busy", "completed", "no-answer", ""])),
), max_size=60))  # fmt: skip
def test_no_caller_is_kept_in_circles(answers: list[Input]) -> None:
    call, _prompts = keep_answering(Call(number="+49301", textable=True), answers)
    assert call.total <= 6 + 5 or call.state is State.END
    assert call_from_row(json.loads(json.dumps(call.as_row()))) == call


def test_six_strikes_over_several_states_bring_a_person() -> None:
    answers = [WRONG, WRONG, Input(keys="1"), WRONG, WRONG, Input(keys="104233"), WRONG, WRONG]
    call, prompts = keep_answering(Call(), answers)
    assert (call.state, call.total) == (State.HUMAN, 6)
    assert call.ticket, "what he said so far was filed first"
    assert isinstance(prompts.then, Connect)


def test_the_service_is_picked_read_back_refused_and_asked_again_by_keys_only() -> None:
    call, prompts = keep_answering(Call(), [Input(keys="1"), Input(keys="771200#")])
    assert call.choices == ("DIA-771200", "VPN-771200")
    assert "Press 2 for V, P, N. | 7, 7, 1. | 2, 0, 0." in spoken(prompts)
    call, prompts = step(call, Input(keys="2"), WORLD)
    assert "V, P, N." in spoken(prompts)
    call, prompts = step(call, Input(keys="2"), WORLD)
    assert call.state is State.SVC
    assert prompts.then == Listen(0, "", 8)
    call, _ = step(call, Input(keys="771200"), WORLD)
    assert call.value("service_id") == "DIA-771200", "the one that he refused is not offered again"
    call, _ = step(call, Input(keys="2"), WORLD)
    assert call.state is State.WHEN
    assert "service not found" in call.flags
    assert not call.value("service_id")


@pytest.mark.parametrize(("given", "service"), [
    (Input(keys="782104233#"), "SVC-104233"),
    (Input(speech="sierra victor charlie one zero four two double three"), "SVC-104233"),
    (Input(speech="S V P one zero four two three three"), "SVC-104233"),
    (Input(speech="S P T two double oh double five oh"), "SPT-200550"),
    (Input(speech="S V C one zero four two three five"), ""),
])  # fmt: skip
def test_an_id_is_found_by_its_letters_on_the_keypad_and_by_letters_that_sound_alike_but_digits_are_never_changed(
    given: Input, service: str
) -> None:
    call, _ = step(at(State.SVC), given, WORLD)
    assert call.value("service_id") == service
    assert call.state is (State.SVC_OK if service else State.SVC)


@pytest.mark.parametrize(("keys", "instant"), [
    ("0930", "2026-05-06T07:30:30Z"), ("05052115", "2026-05-05T19:15:00Z"), ("31120000", "2025-12-30T23:00:00Z"),
    ("31022000", ""), ("2561", ""), ("07052359", "2025-05-07T21:59:00Z"),
])  # fmt: skip
def test_a_keyed_time_is_the_last_one_on_the_callers_clock(keys: str, instant: str) -> None:
    call, _ = step(replace(at(State.WHEN_TIME), timezone="Europe/Berlin"), Input(keys=keys + "#"), WORLD)
    assert call.value("start_time") == instant


def test_a_changed_field_leads_back_to_the_review() -> None:
    base = Call(state=State.REVIEW, said=(SERVICE, TIME), timezone="Europe/Berlin")
    call, _ = step(base, Input(keys="2"), WORLD)
    call, _ = step(call, Input(keys="3"), WORLD)
    call, _ = step(call, Input(keys="2"), WORLD)
    assert (call.state, call.value("impact"), call.editing) == (State.REVIEW, "degradation", False)


def test_the_number_called_from_only_suggests() -> None:
    call, _ = step(Call(suggested="SVC-104233", number="+49305550101"), Input(Kind.START), WORLD)
    assert call.state is State.KNOWN
    assert not call.value("service_id")
    call, _ = step(call, Input(keys="2"), WORLD)
    assert (call.state, call.value("service_id"), call.suggested) == (State.MENU, "", "")


def test_the_status_is_told_only_with_ticket_and_service() -> None:
    call, prompts = keep_answering(Call(), [Input(keys="2"), Input(keys="2026000128"), Input(), Input(keys="3")])
    assert call.state is State.TKT_SVC
    assert TICKET.status not in spoken(prompts)
    call, prompts = step(call, Input(keys="104234#"), WORLD)
    assert not call.verified
    call, prompts = step(call, Input(keys="104233#"), WORLD)
    assert call.state is State.TKT_OK
    call, prompts = step(call, Input(keys="3"), WORLD)
    assert TICKET.status in spoken(prompts)


def test_a_mistyped_ticket_number_is_asked_again() -> None:
    call, _ = keep_answering(Call(), [Input(keys="2"), Input(keys="2026000127#")])
    assert (call.state, call.strikes) == (State.TKT, 1)


def test_nobody_answers_and_the_overflow_neither_so_the_caller_is_called_back() -> None:
    call, prompts = keep_answering(Call(number="+49305550101"), [Input(keys="0")])
    assert prompts.then == Connect(0)
    call, prompts = step(call, Input(Kind.DIALED, outcome="no-answer"), WORLD)
    assert prompts.then == Connect(1)
    call, prompts = step(call, Input(Kind.DIALED, outcome="busy"), WORLD)
    assert call.state is State.CLOSED
    call, prompts = step(call, Input(keys="1"), WORLD)
    assert call.state is State.CALLBACK
    call, prompts = step(call, Input(Kind.DONE, outcome="today at 11:50, UTC plus 2"), WORLD)
    assert (call.state, call.outcome, prompts.then) == (State.END, "call-back", Bye())
    assert "today at 11:50" in spoken(prompts)


@pytest.mark.parametrize("world", [replace(WORLD, agents=0), replace(WORLD, open=False)], ids=["no agents", "closed"])
def test_without_agents_or_out_of_hours_the_caller_is_offered_a_call_back_at_once(world: World) -> None:
    call, _ = keep_answering(Call(), [Input(speech="agent")], world)
    assert call.state is State.CLOSED


@pytest.mark.parametrize("state", [r.state for r in TABLE if r.deed])
def test_a_store_that_fails_costs_no_report_and_brings_a_person(state: State) -> None:
    call, prompts = step(Call(state=state, said=(SERVICE,)), Input(Kind.DONE, outcome="failed"), WORLD)
    assert call.value("service_id")
    assert "trouble" in spoken(prompts)
    assert prompts.then == (Bye() if ROWS[state].final else Connect(0))


def test_speech_takes_the_place_of_the_recording_where_it_is_set_so() -> None:
    world = replace(WORLD, records=False)
    call, prompts = step(at(State.PATTERN), Input(keys="1"), world)
    assert prompts.then == Listen(0, "free", 60)
    call, _ = step(call, Input(speech="the link flaps every five minutes"), world)
    assert call.value("description") == "the link flaps every five minutes"


def test_the_page_about_the_call_is_the_table() -> None:
    assert Path("docs/phone.md").read_text() == page(), "run: python -m ivr.describe > docs/phone.md"


def test_every_prompt_of_the_table_is_short_and_there() -> None:
    for name in prompt_names():
        text = (Path("templates/voice") / f"{name}.txt").read_text()
        assert len(text) < 700
    speaking = {r.state.value for r in TABLE if r.state is not State.START and (r.deed is None or r.state is State.HUMAN)}
    assert speaking <= prompt_names()

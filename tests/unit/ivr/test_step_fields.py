"""Steps of a call, field by field: picking and refusing, times, the review, status, persons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ivr.describe import page
from ivr.states import ROWS, TABLE
from ivr.step import step
from ivr.voice import prompt_names
from ivr.words import (
    Bye,
    Call,
    Connect,
    Input,
    Kind,
    Listen,
    State,
    World,
)
from tests.unit.ivr.stepping import (
    SERVICE,
    TICKET,
    TIME,
    WORLD,
    at,
    keep_answering,
    spoken,
)


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

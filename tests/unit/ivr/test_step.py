"""The call's state table: every state with every kind of input, and whole calls without any carrier."""

from __future__ import annotations

import json

import pytest
from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from ivr.states import ROWS, TABLE, OnSilence, Row
from ivr.step import step
from ivr.words import (
    Ask,
    Call,
    Connect,
    Input,
    Kind,
    Listen,
    Record,
    State,
    call_from_row,
)
from tests.unit.ivr.stepping import (
    ASKING,
    VALID,
    VOICE,
    WORLD,
    WRONG,
    at,
    keep_answering,
    spoken,
)


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

"""hear(): other wording and another ID scheme than the development corpus."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from ivr.hear import Value, hear, hear_lines
from ivr.speech_times import expression
from models.directory import Customer, Directory, Service
from models.errors import UserError

NOW = datetime.fromisoformat("2026-05-06T09:20:10+00:00")
DIRECTORY = Directory(
    customers=(Customer("C1", "Ferry Lines"),),
    services=(
        Service("NX-7300", "C1", circuits=("LK/5512/AB",)),
        Service("NX-7301", "C1", circuits=("JO-90125",)),
        Service("QLW-40024", "C1"),
        Service("BHT-88812", "C1"),
        Service("ZO-0918203", "C1"),
        Service("ZP-55501", "C1"),
        Service("ZR-55501", "C1"),
        Service("TKW-OSL-GOT-10G-05", "C1", site="Oslo - Gothenburg"),
    ),
)


def ask(asked: str, speech: str | None = None, digits: str | None = None, timezone: str = "Europe/Athens") -> Value:
    return hear(asked, speech=speech, digits=digits, confidence=0.7, now=NOW, timezone=timezone, directory=DIRECTORY)


@pytest.mark.parametrize(
    ("speech", "value"),
    [
        ("en ex seventy three hundred", "NX-7300"),
        ("tango kilo whiskey oslo dash g o t ten g zero five", "TKW-OSL-GOT-10G-05"),
        ("tee kay double you osl got ten gee zero five", "TKW-OSL-GOT-10G-05"),
        ("that is our office in oslo", None),
        ("november x ray seven three double oh", "NX-7300"),
        ("it should be nx 7301 thank you", "NX-7301"),
        ("NX-7301.", "NX-7301"),
        ("cue el double you forty thousand twenty four", "QLW-40024"),
        ("quebec lima whisky for zero zero too four", "QLW-40024"),
        ("b as in boy h for hotel t like tango triple eight twelve", "BHT-88812"),
        ("eighty eight eight twelve", "BHT-88812"),
        ("zee oh oh nine one eight two oh three", "ZO-0918203"),
        ("november x-ray seven three oh five no sorry oh one", "NX-7301"),
        ("N X seven two I mean N X seven three oh one", "NX-7301"),
        ("q l w four oh oh hang on two four", "QLW-40024"),
        ("Z P five five five zero one", "ZP-55501"),
        ("five five five zero one", None),
        ("N X seven three zero two", None),
        ("N X seven three zero", None),
        ("B X seven three zero one", None),
        ("b as in dog x seven three zero one", None),
        ("N X seven three zero one or maybe Q L W four zero zero two four", None),
        ("I haven't got that here", None),
        ("can you connect me to an operator", "agent"),
    ],
)
def test_spoken_service_id_resolves_only_to_the_directory(speech: str, value: Value) -> None:
    assert ask("service_id", speech) == value


@pytest.mark.parametrize(
    ("asked", "digits", "value"),
    [
        ("service_id", "7301", "NX-7301"),
        ("service_id", "55501", None),
        ("service_id", "73", None),
        ("circuit_id", "90125", "JO-90125"),
        ("ticket_id", "2025001286", "INC-2025-001286"),
        ("ticket_id", "001286#", "INC-2026-001286"),
        ("ticket_id", "202600128", None),
        ("ticket_id", "2031001286", None),
        ("impact", "3", "non_service_affecting"),
        ("impact", "4", None),
        ("fault_pattern", "2", "constant"),
        ("yes_no", "1", True),
        ("yes_no", "5", None),
        ("menu", "0", "agent"),
        ("start_time", "0900", "2026-05-06T06:00:30Z"),
        ("start_time", "2359", "2026-05-05T20:59:30Z"),
        ("start_time", "1220", "2026-05-06T09:20:10Z"),
        ("start_time", "2460", None),
        ("start_time", "930", None),
        ("description", "1", None),
    ],
)
def test_keys_give_the_value_or_nothing(asked: str, digits: str, value: Value) -> None:
    assert ask(asked, digits=digits) == value


def test_keyed_time_skipped_by_summer_time_is_the_day_before() -> None:
    now = datetime.fromisoformat("2026-03-29T10:00:00+00:00")
    value = hear("start_time", speech=None, digits="0230", confidence=1, now=now, timezone="Europe/Berlin", directory=DIRECTORY)
    assert value == "2026-03-28T01:30:30Z"


@pytest.mark.parametrize(
    ("asked", "speech", "value"),
    [
        ("ticket_id", "incident twenty twenty five dash double oh one two eight six", "INC-2025-001286"),
        ("ticket_id", "oh oh one two eight six from last year", "INC-2025-001286"),
        (
            "ticket_id",
            "two thousand twenty six zero zero one two eight six no wait zero zero one two six eight",
            "INC-2026-001268",
        ),
        ("ticket_id", "one two eight six", None),
        ("ticket_id", "I threw it away", None),
        ("circuit_id", "jay oh nine zero one two five", "JO-90125"),
        ("circuit_id", "lima kilo slash fifty five twelve slash alpha bravo", "LK/5512/AB"),
        ("circuit_id", "T R dash seven seven one two nine nine", "TR-771299"),
        ("circuit_id", "the grey one on the left", None),
    ],
)
def test_ticket_and_circuit_from_speech(asked: str, speech: str, value: Value) -> None:
    assert ask(asked, speech) == value


@pytest.mark.parametrize(
    ("speech", "value"),
    [
        ("the whole site is offline", "service_affecting"),
        ("we can't reach anything", "service_affecting"),
        ("it's services effecting", "service_affecting"),
        ("option one", "service_affecting"),
        ("very sluggish since lunch but usable", "degradation"),
        ("degredation", "degradation"),
        ("not down just slow", "degradation"),
        ("none service affecting", "non_service_affecting"),
        ("no users are affected", "non_service_affecting"),
        ("it failed over to the secondary and nobody noticed", "non_service_affecting"),
        ("the backup is down as well", "service_affecting"),
        ("not a single call gets through in either direction", "service_affecting"),
        ("nothing arrives on the far side", "service_affecting"),
        ("people can work but it takes them three times as long", "degradation"),
        ("every page takes ages", "degradation"),
        ("I really couldn't tell you", None),
        ("what does that mean", None),
        ("let me talk to a real person", "agent"),
    ],
)
def test_impact_from_plain_words_and_misheard_names(speech: str, value: Value) -> None:
    assert ask("impact", speech) == value


@pytest.mark.parametrize(
    ("asked", "speech", "value"),
    [
        ("fault_pattern", "every few minutes it drops and comes back", "intermittent"),
        ("fault_pattern", "intermitent", "intermittent"),
        ("fault_pattern", "it's been down the whole time", "constant"),
        ("fault_pattern", "it went and never came back", "constant"),
        ("fault_pattern", "not constant", "intermittent"),
        ("fault_pattern", "hard to say", None),
        ("yes_no", "yep go ahead", True),
        ("yes_no", "I don't think so", False),
        ("yes_no", "that is not correct", False),
        ("yes_no", "no sorry yes", True),
        ("yes_no", "yes I mean no", False),
        ("yes_no", "is that right", None),
        ("yes_no", "blue", None),
        ("menu", "I want to report a new fault", "report"),
        ("menu", "our internet has stopped working", "report"),
        ("menu", "calling to chase my case", "update"),
        ("menu", "an update on an existing ticket", "update"),
        ("menu", "give me a human", "agent"),
        ("menu", "what time is it", None),
        ("description", "are you there hello", None),
        ("description", "our agents cannot log in to the till system", "our agents cannot log in to the till system"),
        ("description", "I would like to speak to someone please", "agent"),
    ],
)
def test_few_answers_from_plain_words(asked: str, speech: str, value: Value) -> None:
    assert ask(asked, speech) == value


@pytest.mark.parametrize(
    ("speech", "text"),
    [
        ("nine oh five", "9:05"),
        ("twenty to four in the afternoon", "3:40 pm"),
        ("two hours and fifteen minutes ago", "135 minutes ago"),
        ("yesterday at nine no sorry half past ten", "yesterday at 10:30"),
        ("the third of march at oh six fifteen u t c", "the 3 march at 6:15 utc"),
    ],
)
def test_spoken_times_are_put_in_figures(speech: str, text: str) -> None:
    assert expression(speech) == text


@pytest.mark.parametrize(
    ("speech", "value"),
    [
        ("half an hour ago", "2026-05-06T08:50"),
        ("oh six fifteen zulu", "2026-05-06T06:15"),
        ("quarter past eleven this morning", "2026-05-06T08:15"),
        ("no idea", None),
        ("it's the router in the basement", None),
    ],
)
def test_spoken_start_time(speech: str, value: str | None) -> None:
    heard = ask("start_time", speech)
    assert heard is None if value is None else str(heard).startswith(value)


def test_lines_are_heard_one_by_one() -> None:
    row = {
        "id": "x1",
        "asked": "yes_no",
        "speech": None,
        "digits": "2",
        "confidence": 1,
        "now": "2026-05-06T09:20:10Z",
        "timezone": "UTC",
    }
    assert list(hear_lines([json.dumps(row), "\n"], DIRECTORY)) == [{"id": "x1", "value": False}]


@pytest.mark.parametrize("bad", ["{", "[]", '{"id": "a"}', '{"id":"a","asked":"colour","now":"2026-05-06T09:20:10Z","timezone":"UTC"}',
                                 '{"id":"a","asked":"menu","now":"2026-05-06T09:20:10Z","timezone":"Mars/X"}'])  # fmt: skip
def test_bad_line_is_named_by_number(bad: str) -> None:
    with pytest.raises(UserError, match="line 2"):
        list(hear_lines(["", bad], DIRECTORY))

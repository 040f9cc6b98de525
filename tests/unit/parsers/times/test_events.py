"""Starts that an event, a form label or a log tells, in words that no corpus has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person
from parsers import read_text
from parsers.times import parse_expression

AT = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)
DIRECTORY = Directory(
    (Customer("C1", "Alder", ("alder.example",), (Person("Pia", "pia@alder.example"),), "Europe/Berlin"),), ()
)


def start(text: str) -> str | None:
    read = read_text(text, directory=DIRECTORY, sender="pia@alder.example", received_at=AT).start_time
    return f"{read:%d %H:%M}" if read else None


@pytest.mark.parametrize(
    ("text", "want"),
    [
        # Since an event.
        ("The line has been dead since the storm over Bath yesterday at 16:20.", "13 14:20"),
        ("Ever since that power dip this morning at 7:05 nothing loads.", "14 05:05"),
        ("Seit dem Gewitter gestern um 18:10 ist die Leitung tot.", "13 16:10"),
        ("Depuis l'orage d'hier à 19h15 plus rien ne passe.", "13 17:15"),
        ("Desde la tormenta de ayer a las 20:00 no hay internet.", "13 18:00"),
        ("From the moment we switched on the lights (6:40) no page has loaded.", "14 04:40"),
        # First times.
        ("It drops all the time. The first drop was at 9:12 today.", "14 07:12"),
        ("Die Leitung bricht dauernd ab, erstmals heute um 10:25.", "14 08:25"),
        ("La ligne coupe sans cesse, la première fois c'était ce matin à 8 h 05.", "14 06:05"),
        ("Il link cade di continuo, la prima volta stamattina alle 9:40.", "14 07:40"),
        # Forms.
        ("Outage kicked off .... 14/05/2026 08:15\nLogged ............... 14/05/2026 09:00\nState: down", "14 06:15"),
        ("Logged by: ann, 14/05/2026 09:00\nBegan: not known\nState: down, nothing works", None),
        ("Rebooted ..... yes, 10:05\nStart ........ unclear\nWhat ......... all is down", None),
        ("> 1. Since when does it last?\n\nyesterday 17:30\n\n> 2. Which service?\n\nthe Bath one, all dead", "13 15:30"),
        # About.
        ("Dead since 7ish.", "14 05:00"),
        ("Een uurtje of drie geleden viel alles uit.", "14 10:40"),
        ("Alt er nede siden kl. 9.15, nothing works since kl. 9.15.", "14 07:15"),
        # Logs.
        (
            "The port flapped four times since midnight:\n2026-05-14T02:10:00Z r1 link down\n2026-05-14T02:11:00Z r1 link up",
            "14 02:10",
        ),
        ("It is dead:\n2026-05-14T02:10:00Z probe ok\n2026-05-14T02:20:00Z probe FAILED", "14 02:20"),
        # Nothing of the kind.
        ("If the line were to go down on Sunday, whom do we call?", None),
    ],
)
def test_start(text: str, want: str | None) -> None:
    assert start(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [("it came back at nine o'clock", False), ("it went at nine o'clock", True), ("it came back and went again at nine", True)],
)
def test_an_answer_that_tells_the_end_is_no_start(text: str, want: bool) -> None:
    assert (parse_expression(text, received_at=AT, timezone="Europe/Berlin") is not None) is want


def test_a_list_below_a_cue_tells_the_minute() -> None:
    assert start("Two of our sites went off this morning:\n\n* Reading, 08:17\n* Slough, 08:18") == "14 06:17"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Our links as of ten minutes ago: the one to Bath went dead at 9:50.", "14 07:50"),
        ("Since the card swap yesterday at 16:10 everything is fine again.", None),
    ],
)
def test_the_time_of_a_look_and_of_a_repair_are_no_start(text: str, want: str | None) -> None:
    assert start(text) == want

"""Answers between the lines of our own question, however the mail program copied it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Directory
from models.reading import Reading
from parsers import read_mail

QUESTION = """Hello Ann,

thank you for your message. We have opened a ticket for you and our engineers
can see it now. To help you faster, we need 3 more details from you.

Your ticket ID: INC-2026-000128

WHAT WE NEED FROM YOU

1. Service ID
   Which service is affected? Please send us its service ID, such as LX-0040713.

2. Start time
   When did the problem begin? Please give the date, the time and the time zone,
   such as 2026-03-09 07:30 UTC. A best guess is fine.

3. Impact
   How does the problem affect you? Please choose the one that fits best:
   - Service Affecting: the service is down, or cannot be used for what it is for
   - Degradation: the service works, but worse than normal: packet loss, high latency
   - Non-Service Affecting: something is wrong, but your live traffic is not interrupted

HOW TO ANSWER

Just reply to this email and leave the ticket ID in the subject.

Service ID:
Start time:
Impact:

Kind regards
Contact Centre
"""
ONE = """Hello Ann,

to help you faster, we need one more detail from you.

WHAT WE NEED FROM YOU

1. Start time
   When did the problem begin? Please give the date, the time and the time zone.
"""


@pytest.fixture
def answer(directory: Directory):
    def work(body: str, question: str = QUESTION) -> Reading:
        raw = f"From: ann@northmill.example\nTo: noc@isp.example\nSubject: Re: line\n\n{body}".encode()
        at = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
        return read_mail(
            raw, directory=directory, own_addresses=["noc@isp.example"], received_at=at, previous_question=question
        )

    return work


def filled_in(mark: str = "") -> str:
    out = []
    for line in QUESTION.split("\n"):
        out.append(mark + line)
        if "such as LX-0040713" in line:
            out.append("it is lx 0040712")
        if "A best guess" in line:
            out.append("9:15 this morning")
        if "Non-Service Affecting" in line:
            out.append("Service Affecting")
    return "\n".join(out)


@pytest.mark.parametrize("mark", ["", "> ", "| ", "  "])
def test_answers_between_our_lines_are_read_and_our_examples_are_not(answer, mark) -> None:
    reading = answer(filled_in(mark))
    assert reading.service_ids == ("LX-0040712",)
    assert reading.start_time == datetime(2026, 3, 10, 9, 15, 29, tzinfo=UTC)
    assert reading.impact == "service_affecting"


def test_our_question_alone_says_nothing(answer) -> None:
    reading = answer(QUESTION)
    assert (reading.service_ids, reading.start_time, reading.impact, reading.description) == ((), None, None, "")


def test_our_lines_wrapped_anew_are_still_ours(answer) -> None:
    wrapped = (
        QUESTION.replace("such as\n", "such\nas ")
        .replace("affected? Please", "affected?\nPlease")
        .replace("time zone,\n   such", "time\nzone, such")
    )
    reading = answer(f"The first alarm was at 9:15.\n\n{wrapped}")
    assert reading.start_time == datetime(2026, 3, 10, 9, 15, 29, tzinfo=UTC)
    assert reading.service_ids == ()


def test_an_answer_on_the_line_of_the_question(answer) -> None:
    body = "2. Start time\n   When did the problem begin? Please give the date, the time and the time zone. 9:15\n3. Impact\n"
    reading = answer(QUESTION.split("HOW TO")[0] + "\n" + body)
    assert reading.start_time == datetime(2026, 3, 10, 9, 15, 29, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0915", "9.15 am", "quarter past nine", "9:15\n\nRegards\nAnn"])
def test_a_short_reply_to_one_question_is_its_answer(answer, text) -> None:
    quoted = "\n".join("> " + line for line in ONE.split("\n"))
    reading = answer(f"{text}\n\nOn Tue, 10 Mar 2026 at 11:00, NOC <noc@isp.example> wrote:\n{quoted}", ONE)
    assert reading.start_time
    assert reading.start_time.strftime("%H:%M") == "09:15"


def test_a_filled_form_below_our_labels(answer) -> None:
    body = QUESTION.replace("Service ID:\n", "Service ID: LX-0040712\n").replace("Start time:\n", "Start time: 9:15 today\n")
    reading = answer(body.replace("Impact:\n", "Impact: degradation\n"))
    assert (reading.service_ids, reading.impact) == (("LX-0040712",), "degradation")
    assert reading.start_time == datetime(2026, 3, 10, 9, 15, 29, tzinfo=UTC)


def test_a_mail_that_answers_something_else_is_read_as_ever(directory: Directory) -> None:
    raw = b"From: ann@northmill.example\nSubject: x\n\nLX-0040713 is down since 9:15"
    at = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert read_mail(raw, directory=directory, received_at=at, previous_question="Something else.").service_ids == (
        "LX-0040713",
    )

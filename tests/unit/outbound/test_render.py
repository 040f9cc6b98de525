"""Every mail of ours as a customer reads it: text and HTML in step, nothing asked that is known, nothing injected."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from inscriptis import get_text

from models.words import MANDATORY, MailEvent
from outbound.context import VARIABLES, ContextError, MailContext, context_of
from outbound.render import TEMPLATES, WIDTH, Rendered, fill, render

TICKET = "INC-2026-000128"
FULL: dict[str, Any] = {
    "greeting_name": "Anna Smith",
    "subject_of_customer": "Re: Frankfurt link is down",
    "recorded": [
        {"field": "service_id", "label": "Service ID", "value": "IPT-20417"},
        {"field": "impact", "label": "Impact", "value": "Degradation", "confirm": True},
    ],
    "missing": [f.value for f in MANDATORY],
    "quoted": "Hi,\n\nour <b>link</b> & router are down\n.\nAnna",
    "priority": "Major",
    "language": "de",
    "their_ref": "CHG-4711",
    "links": {
        "answer": "https://intake.example/a/abc?x=1&y=2",
        "ticket": "https://intake.example/t/abc",
        **{name: f"https://intake.example/{name}" for name in ("agree", "decline", "escalate", "works", "reopen", "sign_in")},
    },
    "unreadable": ["encrypted PGP text", "something new"],
    "phone": "+49 69 1234567",
}
EVENTS = list(MailEvent)


def mail(event: MailEvent = MailEvent.INFORMATION_NEEDED, **context: Any) -> Rendered:
    return render(event, context_of(context, provider="Interspace", ticket=TICKET))


def words(text: str) -> list[str]:
    """The words in order, without the marks that only one of the two forms has."""
    return [
        w.lower() for w in re.findall(r"[\w@/:.&<>?=+-]+", re.sub(r"(?m)^\s*(?:>|[-*+]|\d+\.)(?: |$)", " ", text)) if w != "."
    ]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("context", [FULL, {}, {**FULL, "missing": ["impact"], "second_ask": True, "recorded": []}])
def test_text_and_html_say_the_same_words_in_the_same_order(event: MailEvent, context: dict[str, Any]) -> None:
    made = mail(event, **context)
    assert words(made.text) == words(get_text(made.html))


# A welcome message and a sign-in link belong to no ticket; the first lists fields and impacts for good.
@pytest.mark.parametrize("event", [e for e in EVENTS if e not in (MailEvent.WELCOME, MailEvent.PANEL_SIGN_IN)])
@pytest.mark.parametrize("missing", [(), ("impact",), ("service_id", "start_time"), tuple(f.value for f in MANDATORY)])
def test_every_mail_has_the_ticket_and_one_question_and_form_line_for_each_missing_field(
    event: MailEvent, missing: tuple[str, ...]
) -> None:
    asked = {"service_id": "Service ID", "start_time": "Start time", "description": "Description", "impact": "Impact"}
    made = mail(event, missing=missing)
    assert made.subject.startswith(f"[{TICKET}] ")
    for body in (made.text, get_text(made.html)):
        assert TICKET in body
        assert [f for f, label in asked.items() if re.search(rf"(?m)^\s*{label}:\s*$", body)] == list(missing)
        assert [f for f, label in asked.items() if re.search(rf"(?m)^\s*\d\. {label}", body)] == list(missing)
        assert ("Non-Service Affecting" in body) == ("impact" in missing)
        assert ("welcome message" in " ".join(body.split())) == ("service_id" in missing)
        assert ("time zone" in " ".join(body.split())) == ("start_time" in missing)


@pytest.mark.parametrize("event", EVENTS)
def test_a_context_with_defaults_only_makes_a_whole_mail(event: MailEvent) -> None:
    made = mail(event)
    assert made.text.startswith("Hello,\n")
    assert "WHAT WE HAVE RECORDED" not in made.text
    assert "None" not in made.text
    assert max(map(len, made.text.splitlines())) <= 78


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Frankfurt link is down", ": Frankfurt link is down"),
        ("", ""),
        ("RE: AW: Fwd: down", ": down"),
        (f"Re: [{TICKET}] We need one more detail: down", ": down"),
        ("a\r\nBcc: x@evil.example", ": a Bcc: x@evil.example"),
        ("tab\tand\u2028line\x85break", ": tab and line break"),
        ("x" * 500, ": " + "x" * 120),
    ],
)
def test_the_subject_is_one_line_with_the_customers_words(given: str, shown: str) -> None:
    subject = mail(MailEvent.TICKET_OPENED, subject_of_customer=given).subject
    assert subject == f"[{TICKET}] We have opened your ticket{shown}"


@pytest.mark.parametrize(
    ("language", "told"), [("en", False), ("en-GB", False), ("unknown", False), ("de", True), ("pt", True)]
)
def test_a_text_in_another_language_gets_one_sentence_about_english(language: str, told: bool) -> None:
    assert mail(language=language).text.count("answers in English") == told


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("Anna Smith", "Hello Anna Smith,"),
        ("Jean-Luc O’Hara", "Hello Jean-Luc O’Hara,"),
        ("Zoë", "Hello Zoë,"),
        ("You won, see http://evil.example", "Hello,"),
        ("NOC 24x7", "Hello,"),
        ("a@b.example", "Hello,"),
        ("Anna\r\n\r\nBuy this", "Hello Anna Buy this,"),
    ],
)
def test_only_what_is_shaped_like_a_name_is_greeted(name: str, greeting: str) -> None:
    assert mail(greeting_name=name).text.splitlines()[0] == greeting


def test_the_customers_markup_stays_text_in_the_html() -> None:
    evil = '<script>alert(1)</script><img src="http://evil.example/x.png">'
    made = mail(quoted=evil, recorded=[{"label": evil, "value": evil}], subject_of_customer=evil, their_ref=evil, phone=evil)
    assert "<script" not in made.html
    assert "<img" not in made.html
    assert "&lt;script&gt;" in made.html


def test_only_web_addresses_become_links() -> None:
    assert (
        mail(
            missing=["impact"], links={"answer": "javascript:alert(1)", "ticket": 'https://x.example/" onclick="x y'}
        ).html.count("href")
        == 0
    )


def test_at_most_twenty_lines_are_quoted_and_a_line_with_a_dot_is_kept_apart() -> None:
    text = mail(quoted="\n".join(f"line {n}" for n in range(40))).text
    assert "> line 19" in text
    assert "line 20" not in text


def test_rows_to_check_are_marked_and_explained() -> None:
    made = mail(MailEvent.TICKET_OPENED, recorded=FULL["recorded"])
    assert "Degradation (please check)" in made.text
    assert "You do not have to do anything" not in made.text


def test_the_second_question_says_that_a_person_takes_over() -> None:
    assert "a colleague" in mail(missing=["impact"], second_ask=True).text
    assert "a colleague" not in mail(missing=["impact"]).text


def test_an_unreadable_mail_names_the_reason_in_plain_words() -> None:
    text = " ".join(mail(MailEvent.UNREADABLE, unreadable=["encrypted PGP text", "a new kind"]).text.split())
    assert "(it is encrypted (PGP); a new kind)" in text


def test_every_variable_has_a_help_text_and_every_event_its_three_files() -> None:
    assert set(MailContext.model_fields) < set(VARIABLES)
    assert all(len(help_text) > 10 for help_text in VARIABLES.values())
    for event in EVENTS:
        assert {p.name for p in (TEMPLATES / event.value).iterdir()} == {"subject.txt", "body.txt", "body.html"}


def test_a_context_of_the_wrong_shape_names_the_variable() -> None:
    with pytest.raises(ContextError, match="recorded"):
        context_of({"recorded": "nothing"}, provider="Interspace", ticket=TICKET)


def test_unknown_keys_and_nulls_are_taken_as_absent() -> None:
    assert context_of({"new": 1, "phone": None, "provider": ""}, provider="Interspace", ticket=TICKET).provider == "Interspace"


@given(st.text(st.sampled_from("ab-  \t\n\u00a0ü"), max_size=100), st.sampled_from(["", "> ", "   - "]))
@example("x" * 72, "> ")
@example("x " * 37, "")
def test_what_stands_on_one_line_is_what_the_library_makes_of_it(text: str, indent: str) -> None:
    whole = textwrap.fill(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    assert fill(text, indent, indent) == whole

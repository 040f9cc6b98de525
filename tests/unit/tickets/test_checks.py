"""The ordered checks: one row per rule, with near misses."""

from __future__ import annotations

from typing import Any

import pytest

from models.mail import Notice, Report
from models.reading import Finding, Step
from models.words import Field, FindingStatus, Intent, Verdict
from tests.unit.tickets.makers import DIRECTORY, facts, reading
from tickets.checks import CHECKS, Case, judge


def verdict(
    *, intent: Intent = Intent.QUESTION, ours: bool = False, lists: frozenset[str] = frozenset(), **given: Any
) -> Verdict:
    f = facts(**given)
    customer = DIRECTORY.customer_of_address(f.from_address)
    read = reading(intent=intent)
    own = frozenset({"noc@desk.example"})
    return judge(Case(f, read, customer, own, lists, ours, "mx.desk.example", bounce_address="bounce@desk.example"))[0]


def header(name: str, value: str) -> dict[str, Any]:
    return {"headers": ((name, value),)}


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ({}, Verdict.PERSON),
        ({"ours": True}, Verdict.OWN_MAIL),
        ({"from_address": "noc+x@desk.example"}, Verdict.OWN_MAIL),
        ({"hops": 51}, Verdict.LOOP),
        ({"hops": 50}, Verdict.PERSON),
        ({"report_type": "delivery-status"}, Verdict.BOUNCE),
        ({"null_sender": True}, Verdict.AUTO_REPLY),
        ({"report": Report("failed", "x@y.example")}, Verdict.BOUNCE),
        ({"report": Report("receipt", "x@y.example")}, Verdict.AUTO_REPLY),
        ({"report_type": "disposition-notification"}, Verdict.AUTO_REPLY),
        ({"calendar_method": "REPLY"}, Verdict.AUTO_REPLY),
        ({"calendar_method": "REQUEST"}, Verdict.PERSON),
        ({"sender": "noc@desk.example"}, Verdict.OWN_MAIL),
        ({"envelope_from": "bounce+inc-2026-000018.0123456789abcdef@desk.example"}, Verdict.OWN_MAIL),
        ({"envelope_to": ("bounce+inc-2026-000018.0123456789abcdef@desk.example",)}, Verdict.AUTO_REPLY),
        ({"envelope_to": (), "to": ("someone@else.example",)}, Verdict.BULK),
        ({"envelope_to": (), "to": ("noc+x@desk.example",)}, Verdict.PERSON),
        ({"many_from": True}, Verdict.UNVERIFIED),
        (header("authentication-results", "mx.desk.example; spf=fail; dkim=none"), Verdict.UNVERIFIED),
        (header("authentication-results", "mx.desk.example; spf=fail; dkim=pass"), Verdict.PERSON),
        (header("authentication-results", "mx.desk.example; spf=softfail (dmarc=fail)"), Verdict.PERSON),
        ({"notice": Notice("Nordwick", "N-1", sure=True)}, Verdict.PERSON),
        ({"notice": Notice("Nordwick", "N-1", sure=True, calendar=True)}, Verdict.MAINTENANCE),
        ({"notice": Notice("Nordwick", "N-1", sure=True), "from_address": "x@nordwick.example"}, Verdict.MAINTENANCE),
        (header("return-path", "<ada@ostwind.example>"), Verdict.PERSON),
        (header("auto-submitted", "auto-replied (vacation)"), Verdict.AUTO_REPLY),
        (header("auto-submitted", "No"), Verdict.PERSON),
        (header("auto-submitted", "(comment) no; x=1"), Verdict.PERSON),
        (header("x-auto-response-suppress", "OOF"), Verdict.PERSON),
        (header("x-auto-response-suppress", "DR, AutoReply"), Verdict.AUTO_REPLY),
        (header("precedence", "bulk"), Verdict.BULK),
        (header("precedence", "first-class"), Verdict.PERSON),
        (header("list-unsubscribe", "<mailto:off@news.example>"), Verdict.BULK),
        (header("list-id", "<noc.ostwind.example>") | {"lists": frozenset({"noc@ostwind.example"})}, Verdict.PERSON),
        ({"from_address": "no-reply@ostwind.example"}, Verdict.AUTO_REPLY),
        ({"from_address": "noreen@ostwind.example"}, Verdict.PERSON),
        ({"from_address": "who@nowhere.example"}, Verdict.STRANGER),
        ({"intent": Intent.UNWANTED}, Verdict.UNWANTED),
        ({"intent": Intent.AUTOMATIC}, Verdict.AUTO_REPLY),
        (header("authentication-results", "mx.desk.example; spf=pass; dmarc=fail"), Verdict.UNWANTED),
        (header("authentication-results", "mx.evil.example; dmarc=fail"), Verdict.PERSON),
        (header("auto-submitted", "auto-generated") | {"intent": Intent.REPORT}, Verdict.MACHINE_FAULT),
    ],
)
def test_the_first_hit_decides(given: dict[str, Any], want: Verdict) -> None:
    assert verdict(**given) is want


def test_every_row_asked_is_kept_with_its_answer() -> None:
    f = facts(hops=99)
    rows = judge(Case(f, reading(), None, frozenset(), frozenset(), False))[2]
    assert [r["check"] for r in rows] == [c.name for c in CHECKS[: len(rows)]]
    assert [r["hit"] for r in rows] == [False] * (len(rows) - 1) + [True]
    assert all(r["reason"] for r in rows)


def test_another_carriers_planned_work_is_told_from_other_automatic_mail() -> None:
    steps = (Step("a notice of planned work", 0.8),)
    planned = Finding(Field.INTENT, "automatic", "", (), "intent.automatic", "v", 0.8, steps, FindingStatus.FILLED)
    read = reading(intent=Intent.AUTOMATIC, findings=(planned,))
    assert judge(Case(facts(), read, None, frozenset(), frozenset(), False))[0] is Verdict.MAINTENANCE

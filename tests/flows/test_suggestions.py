"""Rules proposed from corrections and from marked words: with cases and effect, into a draft, dismissed for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.clock import utc_now
from models.label_store import put_label
from tests.flows.rule_site import RuleSite, mail, post, served


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        for n in range(4):
            contact = one.take(mail(f"Number {n}: our line went mopsy custard since this morning."), key=str(n))
            with one.store.write() as session:
                put_label(session, contact, "impact", "degradation", actor="lea", now=utc_now())
                put_label(session, contact, "fault_pattern", None, actor="lea", now=utc_now())
        one.take(mail("All is well again, thank you."), key="fine")
        yield one


def test_corrections_propose_a_rule_with_cases_and_effect(site: RuleSite) -> None:
    with site.client("lead") as client:
        page = client.get("/rules/suggestions").text
        assert "4 corrections in 30 days say that <em>" in page
        assert "means impact: degradation" in page
        assert '<a href="/contacts/2">2</a>' in page
        key = page.split('name="key" value="')[1].split('"')[0]
        one = client.get("/rules/suggestions/one", params={"key": key}).text
        assert "hold its words" in one
        assert '<td data-th="With the rule">degradation</td>' in one
        taken = post(client, "/rules/suggestions", do="accept", key=key, set="active")
        assert taken.status_code == 303
        assert taken.headers["location"].startswith("/rules/rule?set=draft-1&id=own.impact.")
        assert client.get(taken.headers["location"]).status_code == 200
        again = client.get("/rules/suggestions").text
        assert key not in again.partition("Decided on")[0]
        assert "accepted by lead" in again
        assert post(client, "/rules/suggestions", do="accept", key=key, set="active").status_code == 404


def test_a_dismissed_proposal_is_remembered_until_it_is_asked_for(site: RuleSite) -> None:
    with site.client("lead") as client:
        key = client.get("/rules/suggestions").text.split('name="key" value="')[1].split('"')[0]
        post(client, "/rules/suggestions", do="dismiss", key=key)
        assert "dismissed by lead" in client.get("/rules/suggestions").text
        assert key not in client.get("/rules/suggestions").text.partition("Decided on")[0]
        post(client, "/rules/suggestions", do="again", key=key)
        assert key in client.get("/rules/suggestions").text


def test_words_that_say_nothing_alike_are_not_proposed(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        for n, (value, words) in enumerate((("degradation", "one"), ("degradation", "two"), ("service_affecting", "three"))):
            contact = site.take(mail(f"This is mopsy custard {words}."), key=str(n))
            with site.store.write() as session:
                put_label(session, contact, "impact", value, actor="lea", now=utc_now())
        with site.client("lead") as client:
            assert "No proposal" in client.get("/rules/suggestions").text


def test_ids_put_in_by_hand_propose_their_form(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        for n in range(3):
            contact = site.take(mail(f"The circuit QQX-77{n}1.b is down."), key=str(n))
            with site.store.write() as session:
                put_label(session, contact, "circuit_ids", [f"QQX-77{n}1.b"], actor="lea", now=utc_now())
        with site.client("lead") as client:
            assert "is a form of circuit id" in client.get("/rules/suggestions").text


def test_marked_words_become_a_rule_and_show_what_it_changes(site: RuleSite) -> None:
    with site.client("lead") as client:
        tried = client.get("/rules/try", params={"contact": 2}).text
        assert "data-marked" in tried
        page = post(client, "/rules/suggestions/words", words="mopsy  custard", meaning="impact=degradation").text
        assert "<code>own.impact.mopsy-custard</code>" in page
        assert "4 of the 6 newest contacts hold its words" in page
        assert "a form" not in post(client, "/rules/suggestions/words", words="mopsy").text
        family = post(client, "/rules/suggestions/words", words="ABX-12345").text
        assert "ABX\\-\\d{5}" in family
        for words, meaning, says in (
            ("mopsy", "service_id", "needs a digit"),
            ("12345", "service_id", "bare number"),
            ("...", "impact=degradation", "at least one word"),
            ("x", "mood=sad", "choose what"),
        ):
            answer = post(client, "/rules/suggestions/words", words=words, meaning=meaning)
            assert (answer.status_code, says in answer.text, 'id="words-e"' in answer.text) == (422, True, True), words
        for n in (1, 2):
            saved = post(
                client, "/rules/suggestions", do="accept", words="mopsy custard", meaning="impact=degradation", set="active"
            )
            assert saved.headers["location"].startswith(f"/rules/rule?set=draft-{n}")
        label = post(client, "/rules/suggestions/words", words="Gizmo code:", meaning="label=service_id").text
        assert "gizmo code" in label
        more = post(client, "/rules/suggestions", do="accept", words="Gizmo code", meaning="label=service_id", set="draft-1")
        assert more.headers["location"] == "/rules/rule?set=draft-1&id=own.label.gizmo-code"
        twice = post(client, "/rules/suggestions", do="accept", words="Gizmo code", meaning="label=start_time", set="draft-1")
        assert (twice.status_code, "contradicts" in twice.text) == (422, True)


def test_agents_see_proposals_and_decide_on_none(site: RuleSite) -> None:
    with site.client("agent") as client:
        assert "Dismiss" not in client.get("/rules/suggestions").text
        assert post(client, "/rules/suggestions", do="dismiss", key="x").status_code == 403

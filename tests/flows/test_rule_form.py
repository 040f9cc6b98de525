"""One rule's form: told beside the field, checked while typing, switched, removed; and who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.rule_site import RULE, RuleSite, mail, post, served


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    with served(tmp_path) as one:
        yield one


def test_each_mistake_stands_beside_its_part_of_the_form(site: RuleSite) -> None:
    with site.client("lead") as client:
        for change, place in (
            ({"id": "Not An Id"}, "id"),
            ({"weight": "much"}, "weight"),
            ({"near": "link", "window": "wide"}, "window"),
            ({"near": "link", "window": "900"}, "window"),
            ({"kind": "pattern", "values": r"(a)\1"}, "values"),
            ({"kind": "pattern", "values": "(?<=x)y"}, "values"),
            ({"meaning": "sad"}, "meaning"),
            ({"miss": "mopsy custard indeed"}, "miss"),
            ({"hit": "nothing of it"}, "hit"),
            ({"kind": "lexicon", "group": "impact.hard", "meaning": "", "languages": ""}, "languages"),
            ({"field": "description"}, "kind"),
        ):
            answer = post(client, "/rules/rule", **{**RULE, "do": "save", **change})
            assert answer.status_code == 422, change
            assert f'id="{place}-e"' in answer.text, (change, place)
            assert 'value="own.custard"' in answer.text or place == "id"
        assert "No draft" in client.get("/rules/versions").text


def test_a_rule_found_in_most_stored_contacts_is_refused(site: RuleSite) -> None:
    for n in range(20):
        site.take(mail(f"Our line went mopsy custard, number {n}."), key=str(n))
    with site.client("lead") as client:
        answer = post(client, "/rules/rule", **RULE, do="save")
        assert (answer.status_code, "found in 20 of the 21 newest contacts" in answer.text) == (422, True)


def test_examples_are_judged_while_typing(site: RuleSite) -> None:
    site.take(mail("Our line went mopsy custard."), key="1")
    with site.client("lead") as client:
        said = post(client, "/rules/check", **RULE).text
        assert "<html" not in said
        assert "Nothing stands against this rule" in said
        assert "found in 1 of the 2 newest contacts" in said
        said = post(client, "/rules/check", **{**RULE, "hit": "fine"}).text
        assert '<a href="#hit">hit</a>' in said
        assert '<b class="error">fails</b>' in said
        assert "No draft" in client.get("/rules/versions").text
    with site.client("agent") as client:
        assert post(client, "/rules/check", **RULE).status_code == 403


def test_a_rule_is_switched_off_in_a_draft_and_the_change_is_told(site: RuleSite) -> None:
    with site.client("lead") as client:
        assert (
            post(client, "/rules/switch", set="active", id="intent.rfo").headers["location"]
            == "/rules?set=draft-1&q=intent.rfo"
        )
        off = client.get("/rules", params={"set": "draft-1", "state": "off"}).text
        assert "intent.rfo" in off
        assert "1 rule found" in off
        late = post(client, "/rules/switch", set="draft-1", id="intent.rfo", seen="7")
        assert (late.status_code, "lead has changed this draft" in late.text) == (409, True)
        post(client, "/rules/rule", **{**RULE, "set": "draft-1", "seen": "1", "do": "save"})
        gone = post(client, "/rules/rule", **{**RULE, "was": "own.custard", "set": "draft-1", "seen": "2", "do": "remove"})
        assert gone.status_code == 303
        assert client.get("/rules/rule", params={"set": "draft-1", "id": "own.custard"}).status_code == 404
        told = client.get("/rules/history").text
        assert "<del>True</del>" in told.replace("true", "True")
        assert "removed in" in told
        assert "added in" in client.get("/rules/history", params={"id": "own.custard"}).text
        assert "intent.rfo" not in client.get("/rules/history", params={"id": "own.custard"}).text
        assert post(client, "/rules/switch", id="no.such").status_code == 404


def test_rules_are_filtered_by_language_and_zone(site: RuleSite) -> None:
    with site.client("auditor") as client:
        german = client.get("/rules", params={"language": "de"}).text
        assert "found" in german
        assert "No rule fits" in client.get("/rules", params={"language": "xx"}).text
        assert "No rule fits" in client.get("/rules", params={"zone": "quoted", "q": "intent.rfo"}).text

"""The rule pages over real HTTP: look, change, try, compare, switch on, go back; and who may."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from models.rule_store import active_rules
from tests.flows.test_console import Site

RULE = {
    "id": "own.custard", "field": "impact", "kind": "phrase", "meaning": "degradation", "values": "mopsy custard", "weight": "0.8",
    "window": "40", "boost": "0.2", "enabled": "1", "hit": "our line went mopsy custard", "miss": "custard for breakfast",
}  # fmt: skip
TEXT = "Our line to Leeds went mopsy custard since this morning."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    one.thread.start()
    while not one.server.started:
        threading.Event().wait(0.02)
    yield one
    one.app.state.closing.set()
    one.server.should_exit = True
    one.thread.join()
    one.store.close()


def post(client: httpx.Client, path: str, **data: str) -> httpx.Response:
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/").text)
    assert csrf
    return client.post(path, data={"csrf": csrf[1], **data})


def test_rules_are_found_by_words_field_and_kind(site: Site) -> None:
    with site.client("auditor") as client:
        assert "intent.rfo" in client.get("/rules", params={"q": "root cause"}).text
        page = client.get("/rules", params={"field": "impact", "kind": "threshold"}).text
        assert "threshold.loss.total" in page
        assert "intent.rfo" not in page
        assert "No rule fits" in client.get("/rules", params={"q": "xyzzy"}).text
        assert client.get("/rules/rule", params={"id": "no.such"}).status_code == 404


def test_the_form_tells_what_is_wrong_and_saves_nothing(site: Site) -> None:
    with site.client("lead") as client:
        for change, says in (
            ({"meaning": "sad"}, "needs a meaning"),
            ({"values": ""}, "needs at least one value"),
            ({"weight": "much"}, "must be a number"),
            ({"kind": "pattern", "values": "mopsy("}, "does not compile"),
            ({"kind": "pattern", "values": "t*"}, "matches empty text"),
            ({"hit": "our line is fine"}, "own example"),
            ({"id": "intent.rfo", "was": ""}, "id of another rule"),
        ):
            answer = post(client, "/rules/rule", **{**RULE, "do": "save", **change})
            assert answer.status_code == 422
            assert says in answer.text
        checked = post(client, "/rules/rule", **RULE, do="check")
        assert (checked.status_code, "Nothing stands against" in checked.text, checked.text.count("passes</span>")) == (
            200,
            True,
            2,
        )
        assert "No draft" in client.get("/rules/versions").text


def test_a_draft_is_tried_kept_switched_on_and_backed_out(site: Site) -> None:
    with site.client("admin") as client:
        assert post(client, "/rules/rule", **RULE, do="save").headers["location"] == "/rules?set=draft-1&q=own.custard"
        assert "mopsy custard" in client.get("/rules/diff", params={"a": "active", "b": "draft-1"}).text
        tried = post(client, "/rules/try", set="draft-1", text=TEXT).text
        assert '<span class="pill review">differs</span>' in tried
        assert "phrase of rule own.custard +0.80" in tried
        post(client, "/rules/versions", do="keep", set="draft-1")
        refused = post(client, "/rules/versions", do="activate", set="1")
        assert (refused.status_code, "why" in refused.text) == (422, True)
        unseen = post(client, "/rules/versions", do="activate", set="1", reason="custard season")
        assert (unseen.status_code, "no replay" in unseen.text) == (422, True)
        assert 'value="custard season" aria-invalid="true" aria-describedby="wrong"' in unseen.text
        assert post(client, "/rules/versions", do="activate", set="1", reason="custard season", override="1").status_code == 303
        with site.store.read() as session:
            active = active_rules(session)
        assert "mopsy custard" in active.text
        assert client.get("/rules/export", params={"set": "active"}).text == active.text
        page = client.get("/rules/versions").text
        assert "custard season" in page
        assert "all the same: no replay of this rule set" in page
        post(client, "/rules/versions", do="rollback")
        with site.store.read() as session:
            assert active_rules(session).text == ""


def test_two_who_edit_the_same_draft_are_told(site: Site) -> None:
    with site.client("lead") as first, site.client("admin") as second:
        post(first, "/rules/rule", **RULE, do="save")
        ours = {**RULE, "was": "own.custard", "set": "draft-1", "seen": "1", "do": "save"}
        assert post(first, "/rules/rule", **{**ours, "note": "one"}).status_code == 303
        late = post(second, "/rules/rule", **{**ours, "note": "two"})
        assert (late.status_code, "lead has changed this draft" in late.text) == (409, True)


def test_an_agent_reads_and_tries_but_changes_nothing(site: Site) -> None:
    with site.client("agent") as client:
        assert "Leads and administrators" in client.get("/rules/rule", params={"id": "intent.rfo"}).text
        assert "service affecting" in post(client, "/rules/try", text="The line is down.").text.replace("_", " ")
        assert '<option value="1">' in client.get("/rules/try").text
        for contact in ("999", "x", "9" * 20):
            lost = post(client, "/rules/try", text="The line is down.", contact=contact)
            assert (lost.status_code, 'id="contact-e"' in lost.text, "The line is down." in lost.text) == (422, True, True)
        assert post(client, "/rules/rule", **RULE, do="save").status_code == 403
        assert post(client, "/rules/versions", do="rollback").status_code == 403
        files = {"mail": ("a.eml", b"Subject: DIA\n\nWe see packet loss since 9:00.", "message/rfc822")}
        csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/rules/try").text)
        assert csrf
        assert "packet loss" in client.post("/rules/try", data={"csrf": csrf[1]}, files=files).text

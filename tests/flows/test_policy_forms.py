"""Calendars, matrices, targets and care as forms: rows that come and go, previews, what is kept."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from models.calendar_file import DAYS
from models.clock import utc_now
from models.words import Priority
from tests.flows.form_reader import form_of, without_label
from tests.flows.policy_desk import CALENDAR, MATRIX, again, client, named, policy, sent, served_site, site, wrong_at
from tests.flows.rule_site import RuleSite, post

__all__ = ["client", "served_site", "site"]


@pytest.mark.parametrize("kind", ["calendar", "matrix", "targets", "priority", "care", "limits", "phone", "labels"])
def test_every_control_has_its_label_and_the_form_says_what_is_in_force(client: httpx.Client, kind: str) -> None:
    page = client.get(f"/policy/{kind}/default").text
    assert not without_label(page)
    looked = post(client, f"/policy/{kind}/default", act="preview", **form_of(page))
    assert (looked.status_code, "Nothing: it is as it stands." in looked.text) == (200, True), looked.text[-3000:]


def test_rows_come_and_go_without_anything_being_saved(site: RuleSite) -> None:
    before = policy(site).version
    with site.client("admin") as client:
        page = sent(client, MATRIX, "add levels", levels__0__title="typed and not lost")
        fields = form_of(page.text)
        assert fields["levels.0.title"] == "typed and not lost"
        assert {"levels.4.title", "levels.4.persons.0.name", "levels.4.persons.0.ways.0.by"} <= set(fields)
        assert "nothing is saved yet" in page.text
        assert re.search(r'id="levels\.4\.title"[^>]* autofocus', page.text)
        page = again(client, MATRIX, page, "up levels.0.persons.0.ways.1")
        ways = [form_of(page.text)[f"levels.0.persons.0.ways.{n}.to"] for n in (0, 1)]
        assert ways == ["+49 30 5550101", "eva@desk.example"]
        page = again(client, MATRIX, page, "remove levels.1")
        assert [form_of(page.text)[f"levels.{n}.title"] for n in (1, 2)] == ["Head of NOC", "Director"]
        told = json.loads(html.unescape(page.text.split('name="text"')[1].split(">", 1)[1].split("</textarea>")[0]))
        assert [level["level"] for level in told["levels"]] == [1, 2, 3, 4]
        for act in (
            "add nowhere",
            "remove levels.77",
            "remove levels.x",
            "up levels.0.title",
            "add levels.9.persons",
            "show x",
        ):
            assert form_of(again(client, MATRIX, page, act).text) == form_of(page.text), act
        crowd: dict[str, Any] = {f"levels.{n}.title": "x" for n in range(100)}
        assert "levels.100.title" not in form_of(post(client, MATRIX, act="add levels", **crowd).text)
    assert policy(site).version == before


def test_a_person_removed_and_a_level_added_are_seen_one_by_one_and_kept(site: RuleSite) -> None:
    with site.client("admin") as client:
        page = sent(client, MATRIX, "add levels.0.persons")
        fields = {"levels__0__persons__1__name": "Ida", "levels__0__persons__1__ways__0__to": "ida@desk.example"}
        assert again(client, MATRIX, page, "save", **fields).status_code == 303
        page = sent(client, MATRIX, "remove levels.0.persons.0")
        looked = again(client, MATRIX, page, "preview")
        told = re.sub(r"<[^>]+>", "", looked.text.split("What it would change")[1].split("What becomes")[0])
        assert "level 1, persons: Eva, Ida &rarr; Ida" in told
        assert "level 1, persons, Eva, ways: mail eva@desk.example, call +49 30 5550101 &rarr; nothing" in told
        assert "Ida, ways" not in told
        assert "level 1 Shift lead: Ida; critical after 1h, by " in looked.text
        assert again(client, MATRIX, looked, "save").status_code == 303
        assert "levels.1.persons: <del>Eva, Ida</del> <ins>Ida</ins>" in client.get(f"{MATRIX}/history").text
    row = policy(site).matrices[0].row
    assert [p.name for p in row.levels[0].persons] == ["Ida"]
    assert [level.level for level in row.levels] == [1, 2, 3, 4]


def test_a_calendar_is_begun_with_its_regions_and_days_and_counts_from_then_on(site: RuleSite) -> None:
    with site.client("admin") as client:
        begun = client.get("/policy/new", params={"kind": "calendar", "name": "munich"})
        assert (begun.status_code, begun.headers["location"]) == (303, CALENDAR)
        assert "not in force yet" in client.get(CALENDAR).text
        page = sent(client, CALENDAR, "show subdivision", zone="Europe/Berlin", country="DE")
        assert '<option value="BY">Bayern</option>' in page.text
        assert "Closed on 9 public holidays" in page.text
        page = again(client, CALENDAR, page, "add closed", subdivision="BY")
        page = again(client, CALENDAR, page, "add hours.sat", closed__0="2030-12-24")
        page = again(client, CALENDAR, page, "add hours.sun")
        # The hours of Sunday stay empty: the day is closed.
        change = {"hours__sat__0__0": "10:00", "hours__sat__0__1": "24:00"}
        looked = again(client, CALENDAR, page, "preview", **change)
        assert "Sat 10:00-24:00 (Europe/Berlin), closed on public holidays of DE" in looked.text
        assert again(client, CALENDAR, looked, "save").status_code == 303
        assert form_of(again(client, CALENDAR, page, "show subdivision", country="AT").text)["subdivision"] == ""
    row = policy(site).calendars["munich"].row
    assert (row.zone, row.country, row.subdivision) == ("Europe/Berlin", "DE", "BY")
    assert (row.hours["sat"], row.hours.get("sun"), [str(d) for d in row.closed]) == (
        [("10:00", "24:00")],
        None,
        ["2030-12-24"],
    )


def test_targets_of_a_customer_are_begun_empty_handed_and_say_when_they_would_be_due(site: RuleSite) -> None:
    with site.client("admin") as client:
        page = sent(client, "/policy/targets/gold", "preview", customers="K1", response__critical="5min", repair__low="")
        assert "critical: first answer within 5min, by " in page.text
        assert "low: first answer within 1bd, by " in page.text
        assert "repair not promised" in page.text
        assert again(client, "/policy/targets/gold", page, "save").status_code == 303
        assert list(wrong_at(sent(client, "/policy/targets/gold", "save", customers="K9"))) == ["customers"]
        assert list(wrong_at(sent(client, "/policy/targets/gold", "save", calendar="moon"))) == ["calendar"]
    gold = next(t for t in policy(site).targets if t.name == "gold")
    assert (gold.default, gold.customers, gold.response[Priority.CRITICAL]) == (False, ["K1"], "5min")


def test_the_text_and_the_form_are_the_same_document(site: RuleSite) -> None:
    with site.client("admin") as client:
        text = form_of(client.get(MATRIX).text, "as-text-form")
        body = json.loads(text["text"])
        body["levels"][0]["title"] = "Night lead"
        looked = post(client, MATRIX, act="preview", seen=text["seen"], text=json.dumps(body))
        assert form_of(looked.text)["levels.0.title"] == "Night lead"
        # A text that is no document of this kind is kept as it was typed, and the form shows what of it it can.
        for wrong in ('{"levels": 5}', '{"levels": [5], "default": true}', '{"hours": []}', "[]", "{"):
            answer = post(client, MATRIX, act="save", text=wrong)
            assert answer.status_code == 422, wrong
            assert form_of(answer.text, "as-text-form")["text"] == wrong
            assert 'id="text-e"' in answer.text
    assert policy(site).matrices[0].version == 1


def test_who_may_not_change_it_reads_the_form_and_has_no_button(served_site: RuleSite) -> None:
    with served_site.client("agent") as client:
        page = client.get(MATRIX).text
        assert form_of(page)["levels.0.title"] == "Shift lead"
        assert 'name="act"' not in page
        assert "New calendar" not in client.get("/policy").text
        assert client.get("/policy/new", params={"kind": "calendar", "name": "x"}).status_code == 403
        assert post(client, MATRIX, act="add levels").status_code == 403


def test_what_has_no_form_is_taken_as_text_only(client: httpx.Client) -> None:
    page = client.get("/policy/id-formats/default").text
    assert (form_of(page), "open" in page.split('id="as-text"')[1][:8]) == ({}, True)
    assert post(client, "/policy/id-formats/default", act="save").status_code == 422


def test_another_order_of_ways_or_persons_is_a_change(client: httpx.Client) -> None:
    page = sent(client, MATRIX, "up levels.0.persons.0.ways.1")
    looked = again(client, MATRIX, page, "preview").text
    assert "<del>mail eva@desk.example, call +49 30 5550101</del>" in looked
    assert "<ins>call +49 30 5550101, mail eva@desk.example</ins>" in looked


def test_the_week_of_a_calendar_is_previewed_with_its_holidays_and_closed_days(site: RuleSite) -> None:
    today = utc_now().date()
    always = {f"hours.{day}.0.{n}": at for day in DAYS for n, at in enumerate(("00:00", "24:00"))}
    with site.client("admin") as client:
        fields = form_of(client.get(CALENDAR).text) | always
        page = post(client, CALENDAR, act="preview", **fields, **{"closed.0": f"{today + timedelta(days=2)}"})
        assert f"{today + timedelta(days=1):%a %d %b}: 00:00 to 24:00" in page.text
        assert f"{today + timedelta(days=2):%a %d %b}: closed" in page.text
        assert "one business day from now is over, by " in page.text


def test_a_matrix_by_hand_only_says_so_in_its_preview(client: httpx.Client) -> None:
    assert "level 1 Shift lead: Eva; by hand" in sent(client, MATRIX, "preview", by_age="").text


def test_what_is_due_in_many_years_is_said_to_be_out_of_sight(client: httpx.Client) -> None:
    page = sent(client, "/policy/targets/default", "preview", response__low="9999bd").text
    assert "low: first answer within 9999bd: not within two years, repair not promised" in page


def test_a_customer_gets_a_calendar_of_his_own_as_a_row(site: RuleSite) -> None:
    path = "/policy/care/default"
    with site.client("admin") as client:
        page = sent(client, path, "add customer_calendars")
        page = again(client, path, page, "add customer_calendars", customer_calendars__0__key="K1")
        # The second row stays empty; as text the document has the first.
        text = form_of(page.text, "as-text-form")["text"]
        assert json.loads(text)["customer_calendars"] == {"K1": "default"}
        assert again(client, path, page, "save").status_code == 303
        assert form_of(client.get(path).text)["customer_calendars.0.key"] == "K1"
        assert policy(site).care.customer_calendars == {"K1": "default"}
        assert sent(client, path, "remove customer_calendars.0").status_code == 200
        page = again(client, path, sent(client, path, "remove customer_calendars.0"), "save")
    assert policy(site).care.customer_calendars == {}


def test_what_is_not_in_force_is_previewed_as_new(client: httpx.Client) -> None:
    told = sent(client, "/policy/matrix/second", "preview", services="LNK-1001", **named()).text.split("What becomes")[0]
    assert 'level 1, persons:</span> <span class="quiet">nothing</span> &rarr; <ins>Ida</ins>' in told
    assert "<del>" not in told

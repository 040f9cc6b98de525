"""Calendars, matrices, targets and care as forms: rows that come and go, mistakes at their fields, nothing lost, nobody overrun."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.calendar_file import DAYS
from models.clock import utc_now
from models.words import Priority
from tests.flows.form_reader import form_of, without_label
from tests.flows.rule_site import RuleSite, post, served
from tickets.policy import Policy, load_policy

CALENDAR, MATRIX = "/policy/calendar/munich", "/policy/matrix/default"


@pytest.fixture(scope="module")
def served_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuleSite]:
    with served(tmp_path_factory.mktemp("forms")) as one:
        yield one


@pytest.fixture
def client(served_site: RuleSite) -> Iterator[httpx.Client]:
    with served_site.client("admin") as one:
        yield one


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RuleSite]:
    """A house of its own, for what is saved."""
    with served(tmp_path) as one:
        yield one


def policy(site: RuleSite) -> Policy:
    with site.store.read() as session:
        return load_policy(session)


def sent(client: httpx.Client, path: str, act: str, **change: str) -> httpx.Response:
    """The form as the page has it, with these fields changed; dots of their paths are written as `__`."""
    fields = form_of(client.get(path).text)
    return post(client, path, act=act, **fields | {k.replace("__", "."): v for k, v in change.items()})


def again(client: httpx.Client, path: str, page: httpx.Response, act: str, **change: str) -> httpx.Response:
    """The form as it just came back, sent on."""
    return post(client, path, act=act, **form_of(page.text) | {k.replace("__", "."): v for k, v in change.items()})


def wrong_at(page: httpx.Response) -> dict[str, str]:
    """What is told beside fields, by the id of the field or list."""
    found = re.findall(r'<p class="wrong" id="([^"]+)-e"[^>]*>([^<]+)</p>', page.text)
    return {path: html.unescape(words) for path, words in found}


@pytest.mark.parametrize("kind", ["calendar", "matrix", "targets", "priority", "care", "limits", "phone", "labels"])
def test_every_control_has_its_label_and_the_form_says_what_is_in_force(client: httpx.Client, kind: str) -> None:
    page = client.get(f"/policy/{kind}/default").text
    assert not without_label(page)
    looked = post(client, f"/policy/{kind}/default", act="preview", **form_of(page))
    assert (looked.status_code, "Nothing: it is as it stands." in looked.text) == (200, True), looked.text[-3000:]


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        ({"zone": "Europe/Bonn"}, "zone", "unknown time zone 'Europe/Bonn'"),
        ({"zone": ""}, "zone", "unknown time zone ''"),
        ({"hours__mon__0__1": "25:00"}, "hours.mon.0.1", "'25:00' is no time of day"),
        ({"hours__tue__0__0": ""}, "hours.tue.0.0", "'' is no time of day"),
        ({"hours__wed__0__0": "18:00"}, "hours.wed.0.0", "ends before it begins"),
        ({"hours__thu__1__0": "16:00", "hours__thu__1__1": "18:00"}, "hours.thu.1.0", "overlaps the hours before it"),
        ({"country": "QQ"}, "country", "no public holidays are known for 'QQ'"),
        ({"country": "DE", "subdivision": "XX"}, "subdivision", "no public holidays are known for 'DE', 'XX'"),
        ({"closed__0": "soon"}, "closed.0", "valid date"),
    ],
)
def test_a_mistake_of_a_calendar_stands_beside_its_field(
    client: httpx.Client, change: dict[str, str], place: str, says: str
) -> None:
    answer = sent(client, CALENDAR, "save", **change)
    assert answer.status_code == 422
    assert list(wrong_at(answer)) == [place]
    assert says in wrong_at(answer)[place]
    kept = form_of(answer.text)
    assert {k: kept[k.replace("__", ".")] for k in change} == change
    assert f'href="#{place}"' in answer.text


def test_a_calendar_that_never_opens_says_so_above_its_days(client: httpx.Client) -> None:
    fields = {k: "" for k in form_of(client.get(CALENDAR).text) if k.startswith("hours.")}
    answer = post(client, CALENDAR, act="save", **form_of(client.get(CALENDAR).text) | fields)
    assert (answer.status_code, list(wrong_at(answer))) == (422, ["hours"])


@pytest.mark.parametrize(
    ("change", "place", "says"),
    [
        ({"default": ""}, "default", "is for nobody"),
        ({"services": "LNK-1001\nLNK-9999"}, "services", "'LNK-9999', which is not on file"),
        ({"customers": "K9"}, "customers", "'K9', which is not on file"),
        ({"calendar": "moon"}, "calendar", "counts by calendar 'moon'"),
        ({"levels__0__title": ""}, "levels.0.title", "give the level a title"),
        ({"levels__1__persons__0__name": " "}, "levels.1.persons.0.name", "give the person's name"),
        ({"levels__0__persons__0__ways__0__to": "eva"}, "levels.0.persons.0.ways.0.to", "'eva' is no mail address"),
        ({"levels__0__persons__0__ways__1__to": "030"}, "levels.0.persons.0.ways.1.to", "is no number in international form"),
        ({"levels__0__persons__0__ways__1__by": "fax"}, "levels.0.persons.0.ways.1.by", "Input should be"),
        ({"levels__2__after__major": "soon"}, "levels.2.after.major", "'soon' is no length of time"),
        ({"levels__2__after__major": "1h"}, "levels.2.after.major", "level 3 is not later than level 2 for major"),
    ],
)
def test_a_mistake_of_a_matrix_stands_beside_its_field(
    client: httpx.Client, change: dict[str, str], place: str, says: str
) -> None:
    answer = sent(client, MATRIX, "save", **change)
    assert answer.status_code == 422
    assert list(wrong_at(answer)) == [place]
    assert says in wrong_at(answer)[place]


def test_a_level_without_persons_and_a_person_without_ways_are_told_at_their_lists(client: httpx.Client) -> None:
    page = sent(client, MATRIX, "remove levels.0.persons.0")
    page = again(client, MATRIX, page, "remove levels.1.persons.0.ways.0")
    answer = again(client, MATRIX, page, "save")
    assert answer.status_code == 422
    assert wrong_at(answer) == {
        "levels.0.persons": "level 1 (Shift lead) has no persons",
        "levels.1.persons.0.ways": "'Tom' has no way to be reached; give a mail address or a number",
    }
    for _ in range(4):
        page = again(client, MATRIX, page, "remove levels.0")
    empty = again(client, MATRIX, page, "save")
    assert list(wrong_at(empty)) == ["levels"]


def test_two_matrices_for_one_service_are_told_at_the_services(site: RuleSite) -> None:
    with site.client("admin") as client:
        assert sent(client, MATRIX, "save", services="LNK-1001").status_code == 303
        page = sent(client, "/policy/matrix/gold", "preview", services="LNK-1001", **named())
        assert list(wrong_at(page)) == ["services"]
        assert "'default' and 'gold' overlap" in wrong_at(page)["services"]
        page = sent(client, "/policy/matrix/gold", "preview", default="1", **named())
        assert list(wrong_at(page)) == ["default"]


def named() -> dict[str, str]:
    """The person of a new matrix, filled in."""
    return {"levels__0__persons__0__name": "Ida", "levels__0__persons__0__ways__0__to": "ida@desk.example"}


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


def test_a_name_that_will_not_do_is_told_beside_it(client: httpx.Client) -> None:
    answer = client.get("/policy/new", params={"kind": "targets", "name": "a/b"})
    assert answer.status_code == 422
    assert 'aria-describedby="new-targets-e"' in answer.text
    assert client.get("/policy/new", params={"kind": "care", "name": "x"}).status_code == 404


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


def test_what_care_names_and_there_is_not_stands_beside_one_of_its_two_calendars(client: httpx.Client) -> None:
    path = "/policy/care/default"
    assert list(wrong_at(sent(client, path, "save", calendar="moon"))) == ["calendar"]
    row = {"customer_calendars__0__key": "K1", "customer_calendars__0__value": "moon"}
    assert list(wrong_at(sent(client, path, "save", **row))) == ["customer_calendars.0.value"]
    assert list(wrong_at(sent(client, path, "save", trend_factor="1", notice_rounds="none"))) == [
        "notice_rounds",
        "trend_factor",
    ]


def test_a_calendar_in_use_is_not_taken_away(site: RuleSite) -> None:
    with site.client("admin") as client:
        assert sent(client, CALENDAR, "save").status_code == 303
        assert sent(client, MATRIX, "save", calendar="munich").status_code == 303
        answer = post(client, CALENDAR, act="retire", seen="1")
        assert answer.status_code == 422
        assert "matrix &#39;default&#39; counts by calendar &#39;munich&#39;" in answer.text
        assert form_of(answer.text)["hours.mon.0.0"] == "09:00"
    assert "munich" in policy(site).calendars


def test_nobody_overruns_a_version_that_came_meanwhile(site: RuleSite) -> None:
    path = "/policy/priority/default"
    with site.client("admin") as one, site.client("admin") as other:
        mine = form_of(one.get(path).text) | {"cells.degradation.low": "low"}
        assert sent(other, path, "save", cells__degradation__high="critical").status_code == 303
        for act in ("preview", "save"):
            answer = post(one, path, act=act, **mine)
            assert answer.status_code == 409
            assert "admin put version 1 in force after you opened this page" in answer.text
            assert form_of(answer.text) == mine | {"seen": "1"}
            assert "cells, degradation, high" in answer.text
        assert policy(site).priority.model_dump(mode="json")["cells"]["degradation"] == {
            "high": "critical",
            "medium": "minor",
            "low": "minor",
        }
        assert post(one, path, act="retire", seen="0").status_code == 409
        assert again(one, path, answer, "save").status_code == 303
    cells = policy(site).priority.model_dump(mode="json")["cells"]["degradation"]
    assert (cells["high"], cells["low"]) == ("major", "low")


def test_a_stale_form_with_a_mistake_is_told_as_stale(site: RuleSite) -> None:
    with site.client("admin") as client:
        page = form_of(client.get(CALENDAR).text)
        assert sent(client, CALENDAR, "save").status_code == 303
        answer = post(client, CALENDAR, act="save", **page | {"zone": "Nowhere"})
        assert (answer.status_code, form_of(answer.text)["zone"]) == (409, "Nowhere")


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

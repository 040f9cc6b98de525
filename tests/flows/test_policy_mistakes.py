"""Forms of the policy: each mistake beside its field, nothing typed is lost, nobody overrun."""

from __future__ import annotations

import httpx
import pytest

from tests.flows.form_reader import form_of
from tests.flows.policy_desk import CALENDAR, MATRIX, again, client, named, policy, sent, served_site, site, wrong_at
from tests.flows.rule_site import RuleSite, post

__all__ = ["client", "served_site", "site"]


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


def test_a_name_that_will_not_do_is_told_beside_it(client: httpx.Client) -> None:
    answer = client.get("/policy/new", params={"kind": "targets", "name": "a/b"})
    assert answer.status_code == 422
    assert 'aria-describedby="new-targets-e"' in answer.text
    assert client.get("/policy/new", params={"kind": "care", "name": "x"}).status_code == 404


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

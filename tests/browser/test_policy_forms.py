"""An administrator changes the policy by its forms, with and without scripts, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import PASSWORD, Desk, axe

SENDER, SERVICE = "m.tessier@corvane.example", "DIA-118403"
PAGES = ("matrix/default", "matrix/new one", "calendar/default", "calendar/new one", "targets/default", "priority/default", "care/default",
         "limits/default", "phone/default", "labels/default")  # fmt: skip
Scheme = Literal["light", "dark"]


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def admin(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Signed in as an administrator; fails on an error of a script and on what the page's CSP refused."""
    page, wrong = desk.page("adam", java_script_enabled=request.param), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    page.context.close()
    assert not wrong, wrong


def put_in_force(page: Page) -> None:
    page.locator(".send").get_by_role("button", name="Put in force").click()
    page.wait_for_url("**/policy#*")


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """The name of a document of this test's own."""
    return f"site {request.node.callspec.id}"


def test_a_calendar_is_created_by_its_form(admin: Page, name: str) -> None:
    page = admin
    page.goto("/policy")
    page.get_by_label("Name of a new calendar").fill(name)
    page.get_by_role("button", name="New calendar").click()
    expect(page.locator("main")).to_contain_text("not in force yet")
    # A zone that there is not is told beside it; what was typed stays.
    page.get_by_label("Time zone").fill("Europe/Bonn")
    page.get_by_role("group", name="Monday").get_by_label("to").fill("18:30")
    page.locator(".send").get_by_role("button", name="Put in force").click()
    expect(page.locator("#zone-e")).to_contain_text("unknown time zone 'Europe/Bonn'")
    expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("group", name="Monday").get_by_label("to")).to_have_value("18:30")
    page.get_by_role("link", name="Zone", exact=True).click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    # Regions come with the country.
    page.get_by_label("Country of public holidays").select_option(label="Germany")
    page.get_by_role("button", name="Show the regions").click()
    page.get_by_label("Region").select_option(label="Bayern")
    # Saturday gets hours, Friday loses them, a day is closed.
    page.get_by_role("button", name="Add hours on Saturday").click()
    saturday = page.get_by_role("group", name="Saturday")
    expect(saturday.get_by_label("from")).to_be_focused()
    saturday.get_by_label("from").fill("10:00")
    saturday.get_by_label("to").fill("14:00")
    page.get_by_role("button", name="Remove hours of Friday").click()
    expect(page.get_by_role("group", name="Friday")).to_contain_text("closed")
    expect(saturday.get_by_label("to")).to_have_value("14:00")
    page.get_by_role("button", name="Add a day to the closed days").click()
    page.get_by_label("Closed day 1").fill("2030-12-24")
    page.locator(".send").get_by_role("button", name="Preview").click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Mon 09:00-18:30; Tue-Thu 09:00-17:00; Sat 10:00-14:00 (Europe/Berlin)")
    expect(preview).to_contain_text("Nothing is saved yet")
    preview.get_by_role("button", name="Put in force").click()
    page.wait_for_url("**/policy#calendar")
    expect(page.locator("#calendar")).to_contain_text(f"{name} Mon 09:00-18:30")
    page.goto(f"/policy/calendar/{name}")
    expect(page.get_by_label("Region")).to_have_value("BY")
    expect(page.get_by_label("Closed day 1")).to_have_value("2030-12-24")


def test_a_matrix_gets_a_level_and_loses_a_person(admin: Page, name: str) -> None:
    page = admin
    page.goto(f"/policy/matrix/{name}")
    page.get_by_label("Services", exact=True).fill(SERVICE)
    page.get_by_label("Name", exact=True).fill("Eva Lind")
    page.get_by_label("Address or number 1").fill("eva@desk.example")
    page.get_by_role("button", name="Add a person to level 1").click()
    second = page.get_by_role("group", name="Person 2")
    expect(second.get_by_label("Name", exact=True)).to_be_focused()
    second.get_by_label("Name", exact=True).fill("Tom Weber")
    second.get_by_label("Address or number 1").fill("tom@desk.example")
    put_in_force(page)
    page.goto(f"/policy/matrix/{name}")
    page.get_by_role("button", name="Remove person 1 of level 1").click()
    expect(page.get_by_role("group", name="Person 2")).to_have_count(0)
    page.get_by_role("button", name="Add a way for person 1 of level 1").click()
    page.get_by_label("Way 2").select_option(label="by call")
    page.get_by_label("Address or number 2").fill("+49 30 5550100")
    page.get_by_role("button", name="Move up way 2 of person 1 of level 1").click()
    expect(page.get_by_label("Address or number 1")).to_have_value("+49 30 5550100")
    page.get_by_role("button", name="Add a level").click()
    level = page.get_by_role("region", name="Level 2", exact=True)
    expect(level.get_by_label("Title")).to_be_focused()
    expect(level.get_by_label("Critical")).to_have_value("2h")
    level.get_by_label("Title").fill("Duty manager")
    level.get_by_label("Name", exact=True).fill("Mia Roth")
    level.get_by_label("Address or number 1").fill("mia")
    page.locator(".send").get_by_role("button", name="Preview").click()
    wrong = page.locator("[id='levels.1.persons.0.ways.0.to-e']")
    expect(wrong).to_contain_text("'mia' is no mail address")
    level.get_by_label("Address or number 1").fill("mia@desk.example")
    page.locator(".send").get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("level 1, persons: Eva Lind, Tom Weber → Tom Weber")
    expect(page.locator("#preview")).to_contain_text("level 2 Duty manager: Mia Roth")
    put_in_force(page)
    page.goto(f"/policy/matrix/{name}/history")
    expect(page.locator("main")).to_contain_text("Version 2")
    # One matrix a service: the next test begins without it.
    page.goto(f"/policy/matrix/{name}")
    page.get_by_text("Take out of force").first.click()
    page.get_by_role("button", name="Take out of force").click()
    page.wait_for_url("**/policy#matrix")


def test_the_priority_matrix_is_previewed_on_open_tickets_and_put_in_force(desk: Desk, admin: Page, name: str) -> None:
    page = admin
    desk.mail(SENDER, f"Down {name}", f"{SERVICE} is completely down since 09:00 today, no traffic at all.")
    page.goto("/policy/priority/default")
    cell = page.get_by_label("Service affecting, low urgency", exact=True)
    before = cell.input_value()
    after = "minor" if before == "major" else "major"
    for urgency in ("high", "medium", "low"):
        page.get_by_label(f"Service affecting, {urgency} urgency", exact=True).select_option(after)
    page.locator(".send").get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text(f"cells, service affecting, low: {before} → {after}")
    expect(page.locator("#preview")).to_contain_text("open tickets would have another priority")
    expect(page.locator("#preview")).to_contain_text("when it is next ranked")
    page.locator("#preview").get_by_role("button", name="Put in force").click()
    page.wait_for_url("**/policy#priority")
    row = page.locator("#priority tbody tr").first
    expect(row.locator("td")).to_have_text([after, after, after])


def test_the_enter_key_in_a_field_previews_and_removes_nothing(admin: Page) -> None:
    page = admin
    page.goto("/policy/targets/default")
    page.get_by_label("First answer for critical").fill("5min")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_contain_text("response, critical: 15min → 5min")
    expect(page.locator("#preview")).to_be_focused()
    page.goto("/policy/calendar/default")
    page.get_by_role("group", name="Monday").get_by_label("to").press("Enter")
    expect(page.locator("#preview")).to_contain_text("Nothing: it is as it stands")


def test_a_day_is_added_and_put_in_force_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page("adam")
    page.goto("/policy/calendar/default")
    add = page.get_by_role("button", name="Add hours on Sunday")
    add.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("group", name="Sunday").get_by_label("from")).to_be_focused()
    page.keyboard.type("08:00")
    page.keyboard.press("Tab")
    page.keyboard.type("12:00")
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_contain_text("Sun 08:00-12:00")
    page.keyboard.press("Tab")
    expect(page.locator("#preview").get_by_role("button", name="Put in force")).to_be_focused()
    page.context.close()


def test_the_text_is_an_other_way_to_the_same_document(admin: Page) -> None:
    page = admin
    page.goto("/policy/care/default")
    page.get_by_text("As text (JSON)").click()
    text = page.locator("#text")
    text.fill(text.input_value().replace('"close_after": "3bd"', '"close_after": "4bd"'))
    page.get_by_role("button", name="Preview the text").click()
    expect(page.locator("#preview")).to_contain_text("close after: 3bd → 4bd")
    expect(page.get_by_label("Close a resolved ticket after")).to_have_value("4bd")


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (375, "light"), (1440, "dark"), (1440, "light")])
def test_the_forms_are_sound_for_axe_and_fit_their_width(desk: Desk, width: int, scheme: Scheme) -> None:
    page = desk.page("adam", width=width, scheme=scheme)
    page.goto("/policy")
    axe(page)
    for path in PAGES:
        page.goto(f"/policy/{path}")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        bare = page.evaluate(
            "[...document.querySelectorAll('main input, main select, main textarea')].filter(e => e.type !== 'hidden' && !e.labels.length).map(e => e.id)"
        )
        assert not bare, path
    page.goto("/policy/calendar/wrong")
    page.get_by_label("Time zone").fill("Nowhere")
    page.get_by_role("group", name="Monday").get_by_label("to").fill("08:00")
    page.locator(".send").get_by_role("button", name="Preview").click()
    expect(page.locator(".policy .wrong")).to_have_count(2)
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def test_who_was_signed_out_meanwhile_keeps_what_he_typed_when_he_adds_a_row(desk: Desk) -> None:
    page = desk.page("adam")
    page.goto("/policy/matrix/kept")
    page.get_by_label("Title").fill("Night lead")
    page.context.clear_cookies()
    page.get_by_role("button", name="Add a level").click()
    expect(page.get_by_text("The server did not take that")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value("Night lead")
    other = page.context.new_page()
    other.goto("/login")
    other.fill("#name", "adam")
    other.fill("#password", PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url(lambda url: not url.endswith("/login"))
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("The server did not take that")).to_be_hidden()
    page.get_by_role("button", name="Add a level").click()
    expect(page.get_by_role("region", name="Level 2", exact=True)).to_be_visible()
    expect(page.get_by_label("Title").first).to_have_value("Night lead")
    page.context.close()

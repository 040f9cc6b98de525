"""Lists, search and the pages behind them, as an agent uses them in a browser."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Desk, axe

SENDER = "noc@savaport.example"


@pytest.fixture(scope="module")
def ticket(desk: Desk) -> str:
    """A ticket about IPT-204817 with a word that no other mail has."""
    text = "Our link IPT-204817 is down since 08:00 UTC today, all traffic is lost at the quokkaword rack."
    return desk.ticket_of(desk.mail(SENDER, "IPT-204817 down", text))


def test_an_id_typed_at_the_side_opens_its_page_and_words_are_marked_where_they_stand(page: Page, ticket: str) -> None:
    page.goto("/")
    field = page.locator(".side").get_by_label("Search for an ID or words")
    field.fill(ticket.lower())
    field.press("Enter")
    page.wait_for_url(f"**/tickets/{ticket}")
    field = page.locator(".side").get_by_label("Search for an ID or words")
    field.fill("quokkaword")
    field.press("Enter")
    expect(page.locator("mark", has_text="quokkaword").first).to_be_visible()
    expect(page.get_by_role("link", name=ticket).first).to_be_visible()


def test_filters_are_kept_as_a_view_and_taken_away_again_by_keyboard(page: Page, ticket: str) -> None:
    page.goto("/tickets")
    page.locator("summary", has_text="Filters and order").press("Enter")
    page.get_by_label("Impact").select_option("service_affecting")
    page.get_by_label("Service ID").fill("IPT-204817")
    page.get_by_label("Service ID").press("Enter")
    page.wait_for_url("**impact=service_affecting**")
    expect(page.get_by_role("link", name=ticket)).to_be_visible()
    page.locator("summary", has_text="Save this view").press("Enter")
    page.get_by_label("Name", exact=True).fill("Lost traffic")
    page.get_by_label("Name", exact=True).press("Enter")
    view = page.get_by_role("link", name="Lost traffic")
    expect(view).to_have_attribute("aria-current", "page")
    page.goto("/tickets")
    view.press("Enter")
    page.wait_for_url("**service=IPT-204817**")
    page.get_by_role("button", name="Remove the view Lost traffic").press("Enter")
    expect(view).to_have_count(0)


def test_a_day_that_is_none_is_told_beside_its_field_and_kept(page: Page) -> None:
    page.goto("/tickets?from=yesterday")
    field = page.get_by_label("Opened from")
    expect(field).to_have_value("yesterday")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#e-from")).to_contain_text("write it as 2026-05-04")
    axe(page)


def test_the_rows_of_the_filters_come_as_a_file(page: Page, ticket: str, tmp_path: Path) -> None:
    page.goto("/tickets?service=IPT-204817")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download as CSV").click()
    taken.value.save_as(tmp_path / "tickets.csv")
    with (tmp_path / "tickets.csv").open(encoding="utf-8-sig", newline="") as file:
        assert ticket in {row["Ticket"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_what_was_found_and_the_pages_behind_it_are_sound(
    desk: Desk, ticket: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = desk.page(width=width, scheme=scheme)
    for path in ("/search?q=quokkaword", "/contacts?q=quokkaword&channel=email", "/services/IPT-204817", "/dashboard?days=90", "/tickets?sort=oldest",
                 "/set-aside?kind=held"):  # fmt: skip
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto("/services/IPT-204817")
    page.locator("main").get_by_role("link").first.click()
    page.wait_for_url("**/customers/**")
    axe(page)
    page.context.close()


def test_lists_and_dashboard_work_without_scripts(desk: Desk, ticket: str) -> None:
    page = desk.page(java_script_enabled=False)
    page.goto("/contacts?q=quokkaword")
    expect(page.locator("mark", has_text="quokkaword").first).to_be_visible()
    page.goto("/dashboard?days=7")
    expect(page.locator("svg.plot")).not_to_have_count(0)
    page.locator("summary", has_text="Numbers").first.click()
    expect(page.locator(".chart table").first).to_be_visible()
    page.context.close()

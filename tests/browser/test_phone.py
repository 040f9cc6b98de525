"""The phone pages in a browser: the simulator's keypad and words, live calls, call-backs, the report; axe on each."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Desk, axe


def test_a_call_by_the_keypad_on_the_page_fills_in_the_live_call_and_leaves_a_call_back(desk: Desk, page: Page) -> None:
    page.goto("/phone")
    page.get_by_label("Call from the number").fill("+381155550114")
    page.get_by_role("button", name="Call", exact=True).click()
    expect(page.locator(".phone-talk")).to_contain_text("To report a problem")
    page.locator(".phone-pad").get_by_role("button", name="1", exact=True).click()
    expect(page.locator(".phone-talk")).to_contain_text("digits of your service ID")
    pad = page.locator("[data-pad]")
    for key in "118203#":
        pad.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_role("textbox", name="Keys")).to_have_value("118203#")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".phone-talk")).to_contain_text("D, I, A. 1, 1, 8. 2, 0, 3.")
    other = page.context.new_page()
    other.goto("/calls")
    expect(other.locator(".phone-live")).to_contain_text("DIA-118203")
    page.get_by_label("Or say").fill("yes that is right")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".phone-talk")).to_contain_text("When did it start")
    expect(other.locator(".phone-live")).to_contain_text("agreed")
    axe(page)
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("heading", name="The call is over")).to_be_visible()
    expect(other.locator(".phone-live")).to_have_count(0)
    page.goto("/call-backs")
    row = page.get_by_role("row").filter(has_text="+381155550114").first
    row.get_by_role("button", name="Give up").click()
    expect(page.get_by_role("alert")).to_contain_text("say in the note")
    page.get_by_label("Note").first.fill("he has called again")
    page.get_by_role("row").filter(has_text="+381155550114").first.get_by_role("button", name="Give up").click()
    expect(page.locator("#settled-h")).to_be_visible()


@pytest.mark.parametrize("path", ["/calls", "/calls/report", "/call-backs", "/phone"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_phone_pages_fit_and_have_no_barrier(desk: Desk, path: str, width: int, scheme: Literal["light", "dark"]) -> None:
    page = desk.page(width=width, scheme=scheme)
    page.goto(path)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()

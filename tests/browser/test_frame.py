"""The frame of every page: found by axe to be sound, navigated by keyboard and on a phone, in light and dark."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page

from console.site import NAVIGATION
from tests.browser.browsing import Desk, axe


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_area_is_sound_for_axe_and_nothing_is_wider_than_the_screen(
    desk: Desk, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = desk.page("adam", width=width, scheme=scheme)
    for item in NAVIGATION:
        page.goto(item.path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, item.path
    page.context.close()


def test_the_sign_in_page_is_sound(desk: Desk) -> None:
    page = desk.page("", width=390, scheme="dark")
    page.goto("/login")
    axe(page)
    page.context.close()


def test_the_menu_of_a_phone_works_without_scripts(desk: Desk) -> None:
    page = desk.page(width=390, java_script_enabled=False)
    page.goto("/")
    page.locator("summary", has_text="Menu").click()
    page.locator(".menu-in a", has_text="Outbox").click()
    assert page.url.endswith("/outbox")
    page.context.close()


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.goto("/outbox")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_the_page_that_is_open_is_marked(page: Page) -> None:
    page.goto("/set-aside")
    assert page.locator(".side [aria-current=page]").inner_text() == "Set aside"

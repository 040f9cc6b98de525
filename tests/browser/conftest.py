"""The browser and the house that it looks at; both live as long as one module: while Playwright's event loop
lives in this thread, no other test could run one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.browsing import CHROMIUM, Desk, chromium_missing, new_house


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or a skip that says what to install."""
    if why := chromium_missing():
        pytest.skip(why)
    # Only ends a test that hangs.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """`intake serve` with the open corpus' directory and a user of each role."""
    running = new_house(tmp_path_factory.mktemp("desk"))
    yield Desk(running, chromium)
    running.stop()


@pytest.fixture
def page(desk: Desk) -> Iterator[Page]:
    """A page signed in as an agent; the test fails on an error of a script and on what the page's CSP refused."""
    page, wrong = desk.page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    page.context.close()
    assert not wrong, wrong

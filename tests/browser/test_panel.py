"""The customer's whole job at the size of a phone: sign in, report, see what is read, get the ID, answer, escalate; sound for axe."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Desk, axe
from tests.flows.test_main_job import text_of

CUSTOMER = "milos.radenkovic@savaport.example"
SERVICE = "WAV-500071"


def mailed(desk: Desk, address: str, pattern: str, before: int) -> str:
    """What a mail to this address holds that came after `before` others."""
    found: list[str] = []

    def came() -> bool:
        mails = [m for m in desk.running.answers() if m["X-Envelope-To"] == address]
        found[:] = [hit[0] for m in mails[before:] if (hit := re.search(pattern, text_of(m)))]
        return bool(found)

    desk.running.until(came)
    return found[-1]


def count(desk: Desk, address: str) -> int:
    return sum(m["X-Envelope-To"] == address for m in desk.running.answers())


def signed_in(desk: Desk, page: Page, address: str = CUSTOMER) -> None:
    before = count(desk, address)
    page.goto("/panel")
    page.get_by_label("Your email address").fill(address)
    page.get_by_role("button", name="Send me the link").click()
    expect(page.get_by_role("status")).to_contain_text("an email with a link is on its way")
    link = mailed(desk, address, r"http://\S+(/panel/enter/\S+)", before)
    page.goto("/" + link.partition("//")[2].partition("/")[2])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My services")).to_be_visible()


def whole(page: Page, width: int) -> None:
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.fixture
def phone(desk: Desk) -> Iterator[Page]:
    page, wrong = desk.page("", width=390, height=844, scheme="dark"), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    page.context.close()
    assert not wrong, wrong


def test_a_customer_reports_answers_and_escalates_on_a_phone(desk: Desk, phone: Page) -> None:
    phone.goto("/panel/sign-in")
    whole(phone, 390)
    signed_in(desk, phone)
    whole(phone, 390)
    phone.get_by_role("link", name=f"Support for {SERVICE}").click()
    whole(phone, 390)
    another = phone.get_by_text("No, it is another fault")
    if another.count():
        another.click()
    phone.get_by_label("What is going wrong?").fill("The wavelength to Frankfurt went dark, BEG-FRA-10GE-0044 shows no light.")
    phone.get_by_label("Test results and logs").fill("ping 192.0.2.9: 10 packets transmitted, 0 received, 100% packet loss")
    phone.get_by_text("Service Affecting", exact=True).click()
    expect(phone.locator("#read")).to_contain_text("192.0.2.9", timeout=60_000)
    expect(phone.locator("#read")).to_contain_text("Critical")
    phone.get_by_label("Files").set_input_files({"name": "trace.txt", "mimeType": "text/plain", "buffer": b"1 192.0.2.1 2 ms"})
    phone.get_by_role("button", name="Send, and get a ticket ID").click()
    expect(phone.get_by_role("alert").first).to_contain_text("Not sent yet")
    whole(phone, 390)
    expect(phone.get_by_label("What is going wrong?")).to_have_value(re.compile("went dark"))
    phone.get_by_text("I do not know").click()
    before = count(desk, CUSTOMER)
    phone.get_by_role("button", name="Send, and get a ticket ID").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("INC-")
    ticket = phone.get_by_role("heading", level=1).inner_text()
    whole(phone, 390)
    expect(phone.get_by_role("link", name="trace.txt")).to_be_visible()
    phone.get_by_text("At this time").click()
    phone.get_by_role("button", name="Send the answer").click()
    expect(phone.get_by_role("status")).to_contain_text("Thank you")
    phone.get_by_text("Ask for an escalation").click()
    phone.get_by_label("Why?").fill("The whole data centre waits.")
    phone.get_by_role("button", name="Escalate", exact=True).click()
    expect(phone.get_by_text("Escalated to level 1")).to_be_visible()
    whole(phone, 390)
    link = mailed(desk, CUSTOMER, r"http://\S+/panel/link/escalate/\S+", before)
    phone.goto("/" + link.partition("//")[2].partition("/")[2])
    whole(phone, 390)
    expect(phone.get_by_role("heading", level=1)).to_have_text(ticket)
    phone.goto("/panel/tickets")
    whole(phone, 390)
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_form_works_without_scripts_and_with_the_keyboard_alone(desk: Desk) -> None:
    page = desk.page("", width=1440, java_script_enabled=False)
    signed_in(desk, page, "goran@drinska-pekara.example")
    page.goto("/panel/services/DIA-118203/support")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.get_by_label("What is going wrong?").focus()
    page.keyboard.type("The bakery plant is offline.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send, and get a ticket ID").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("INC-")
    expect(page.get_by_text("Service Affecting")).to_be_visible()
    page.context.close()


def test_the_pages_are_sound_at_a_desk_too(desk: Desk) -> None:
    page = desk.page("", width=1440, scheme="light")
    signed_in(desk, page, "ivana@savaport.example")
    for path in (
        "/panel/",
        f"/panel/services/{SERVICE}",
        f"/panel/services/{SERVICE}/support",
        "/panel/tickets?state=all",
        "/panel/nothing",
    ):
        page.goto(path)
        whole(page, 1440)
    page.context.close()

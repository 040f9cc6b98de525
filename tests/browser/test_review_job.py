"""Whole jobs of an agent at the review queue, in a real browser."""

from __future__ import annotations

import re
from email.message import Message
from typing import Literal

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.browsing import PASSWORD, Desk, axe

# A contact of the corpus' directory, and a service of his company.
SENDER, SERVICE = "m.tessier@corvane.example", "DIA-118403"
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def contact(desk: Desk) -> int:
    """A case with a circuit that was written in a way nobody reads as one."""
    desk.mail("b.orlhac@corvane.example", "Second line", "VPN-410233 is down since 07:10 UTC today, no traffic at all.")
    text = f"{SERVICE} is down since 07:00 UTC today, no traffic at all.\n\nThe label on the modem: XQ 77-0815 port 3.\n\nMaud"
    return desk.mail(SENDER, "Line down in Paris", text)


def select(page: Page, words: str) -> None:
    """Selects words of the text as a mouse would."""
    page.evaluate(
        """words => {
          const text = document.getElementById('text');
          const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at < 0 || walker.currentNode.parentElement.closest('.pop')) { continue; }
            const range = document.createRange();
            range.setStart(walker.currentNode, at);
            range.setEnd(walker.currentNode, at + words.length);
            const chosen = document.getSelection();
            chosen.removeAllRanges();
            chosen.addRange(range);
            return;
          }
          throw new Error('no such words: ' + words);
        }""",
        words,
    )


def sent_about(desk: Desk, ticket: str, words: str) -> list[Message]:
    return [m for m in desk.running.answers() if ticket in str(m["Subject"]) and words in m.as_string()]


def test_a_wrong_circuit_is_corrected_by_selecting_words_the_answer_goes_out_and_the_next_case_opens(
    desk: Desk, page: Page, contact: int
) -> None:
    ticket = desk.ticket_of(contact)
    page.goto(f"/contacts/{contact}")
    axe(page)
    select(page, "XQ 77-0815")
    expect(page.locator("#pick")).to_be_visible()
    page.locator("#pick button[data-field=circuit_id]").click()
    expect(page.locator("[role=status]", has_text="circuit id is corrected")).to_be_visible()
    expect(page.locator("#field-circuit_id .value")).to_have_text("XQ 77-0815")
    page.keyboard.press("a")
    page.wait_for_url(lambda url: f"/contacts/{contact}" not in url and "said=" in url)
    expect(page.locator("[role=status]", has_text="Accepted")).to_be_visible()
    desk.running.until(lambda: bool(sent_about(desk, ticket, "XQ 77-0815")))
    row = desk.ticket(ticket)
    assert row.report["circuit_id"]["values"] == ["XQ 77-0815"]
    assert row.report["circuit_id"]["spans"]
    assert row.review is False


def test_evidence_is_shown_on_focus_and_escape_closes_it(page: Page, contact: int) -> None:
    page.goto(f"/contacts/{contact}")
    mark = page.locator("mark.f-service_id").first
    mark.focus()
    pop = page.locator(f"#{mark.get_attribute('aria-describedby')}")
    expect(pop).to_be_visible()
    expect(pop).to_contain_text("score")
    page.keyboard.press("Escape")
    expect(pop).to_be_hidden()


def test_two_agents_see_each_other_and_the_second_loses_nothing(desk: Desk) -> None:
    contact = desk.mail(SENDER, "Slow in Lyon", "DIA-118402 is very slow since 06:00 UTC today, half of the packets are lost.")
    ana, ben = desk.page("ana"), desk.page("ben")
    ana.goto(f"/contacts/{contact}")
    ben.goto(f"/contacts/{contact}")
    expect(ben.locator("#presence")).to_contain_text("ana looks at this case")
    for page, words in ((ana, "From Ana"), (ben, "From Ben")):
        page.locator("#field-description details.edit summary").click()
        page.locator("#field-description textarea").fill(words)
    ana.locator("#field-description button", has_text="Save").click()
    expect(ana.locator("#field-description .value")).to_have_text("From Ana")
    ben.locator("#field-description button", has_text="Save").click()
    expect(ben.locator("[role=alert]").first).to_contain_text("ana")
    expect(ben.locator("#field-description .value")).to_have_text("From Ana")
    expect(ben.locator("#field-description textarea")).to_have_value("From Ben")
    if not ben.locator("#field-description textarea").is_visible():
        ben.locator("#field-description details.edit summary").click()
    ben.locator("#field-description button", has_text="Save").click()
    expect(ben.locator("#field-description .value")).to_have_text("From Ben")
    ana.context.close()
    ben.context.close()


def test_a_session_that_ends_in_mid_edit_loses_nothing_typed(desk: Desk, contact: int) -> None:
    ticket, page = desk.ticket_of(contact), desk.page("ben")
    page.goto(f"/tickets/{ticket}")
    page.fill("#words", "We have found the fault.\nIt is the modem.")
    page.context.clear_cookies()
    page.locator("#reply-form button[value=send]").click()
    page.wait_for_url("**/login*")
    page.fill("#name", "ben")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto(f"/tickets/{ticket}")
    expect(page.locator("#words")).to_have_value("We have found the fault.\nIt is the modem.")
    expect(page.locator(".kept")).to_contain_text("is back")
    page.locator("#reply-form button[value=send]").click()
    expect(page.locator("[role=status]", has_text="Your reply goes to")).to_be_visible()
    expect(page.locator("#words")).to_have_value("")
    page.context.close()


def test_the_keyboard_alone_corrects_undoes_and_goes_on(desk: Desk, page: Page) -> None:
    contact = desk.mail(SENDER, "Line unstable", f"{SERVICE} drops again and again since 05:00 UTC today, service affecting.")
    page.goto(f"/contacts/{contact}")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("8")
    page.keyboard.type("203.0.113.77?")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#field-ip_address .wrong")).to_contain_text("no IP address")
    expect(page.locator("#field-ip_address input[name=text]").last).to_have_value("203.0.113.77?")
    page.locator("#field-ip_address input[name=text]").last.press("Backspace")
    page.keyboard.press("End")
    page.locator("#field-ip_address input[name=text]").last.fill("203.0.113.77")
    page.keyboard.press("Enter")
    expect(page.locator("#field-ip_address .value")).to_have_text("203.0.113.77")
    page.keyboard.press("u")
    expect(page.locator("[role=status]", has_text="Taken back")).to_be_visible()
    expect(page.locator("#field-ip_address .value")).to_have_text("-")
    page.keyboard.press("n")
    page.wait_for_url(lambda url: f"/contacts/{contact}" not in url)


def test_a_mail_with_scripts_does_nothing_and_its_files_are_only_saved(desk: Desk, page: Page) -> None:
    html = f"<p>{SERVICE} is down</p>{EVIL}<a href='javascript:alert(3)'>x</a><style>body{{display:none}}</style>"
    contact = desk.mail(
        SENDER, f"Down {EVIL}", f"{SERVICE} is down since 04:00 UTC. {EVIL}", html=html, files={"a<b>.html": EVIL.encode()}
    )
    asked: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    for path in (f"/contacts/{contact}", f"/tickets/{desk.ticket_of(contact)}", "/review"):
        page.goto(path)
        assert page.locator("main script, main img[src='x']").count() == 0, path
    page.goto(f"/contacts/{contact}")
    page.locator("summary", has_text="own HTML").click()
    frame = page.frame_locator("iframe.mail")
    expect(frame.locator("body")).to_contain_text(f"{SERVICE} is down")
    assert frame.locator("script, img, style, a[href^=javascript]").count() == 0
    assert page.locator("iframe.mail").get_attribute("sandbox") == ""
    link = page.locator(".files a").first.get_attribute("href") or ""
    answer = page.request.get(link)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert asked == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_contact_and_ticket_are_sound_for_axe_on_a_phone_and_a_desk(
    desk: Desk, contact: int, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = desk.page("ana", width=width, scheme=scheme)
    for path in (f"/contacts/{contact}", f"/tickets/{desk.ticket_of(contact)}"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.context.close()


def test_without_scripts_a_field_is_corrected_by_typing_and_a_case_is_taken(desk: Desk, contact: int) -> None:
    page = desk.page("ana", java_script_enabled=False)
    page.goto(f"/contacts/{contact}")
    page.locator("#field-fault_pattern details.edit summary").click()
    page.locator("#field-fault_pattern select").select_option("intermittent")
    page.locator("#field-fault_pattern button", has_text="Save").click()
    expect(page.locator("#field-fault_pattern .value")).to_have_text("Intermittent")
    page.locator(".desk-row button", has_text=re.compile("Take")).click()
    expect(page.locator(".desk-row")).to_contain_text("with you")
    page.context.close()


def test_the_queue_shows_a_new_case_by_itself(desk: Desk, page: Page) -> None:
    page.goto("/review")
    desk.mail("krzysztof.madej@wislanet.example", "Brand new and down", "IPT-205101 is down since 03:00 UTC today, no traffic.")
    expect(page.locator(".queue")).to_contain_text("Brand new and down", timeout=60_000)

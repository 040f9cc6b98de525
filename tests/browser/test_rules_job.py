"""An administrator's whole job at the rules, in a real browser: change, see, replay, switch on, go back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Desk, axe

SENDER, SERVICE = "m.tessier@corvane.example", "DIA-118403"
# Words that no lexicon knows, and a rule that is to learn them.
WORDS, RULE = "mopsy custard", "impact.soft.en"
AREAS = ("", "/try", "/suggestions", "/replays", "/versions", "/labels", "/history", "/rule?id=" + RULE, "/diff")

CHANGES = re.compile("^(Save|Remove|Switch|Go back|Keep as|Keep for|Drop|Replay|Dismiss|Put into|Check|Export)")


def text(service: str = SERVICE) -> str:
    return f"{service} went {WORDS} this morning."


@pytest.fixture(scope="module")
def contact(desk: Desk) -> int:
    """A mail whose impact nobody reads, beside one that is read."""
    desk.mail(SENDER, "Lyon", "DIA-118402 is very slow since yesterday, half of the packets are lost.")
    return desk.mail(SENDER, "Paris", text())


@pytest.fixture
def admin(desk: Desk, contact: int) -> Iterator[Page]:
    """Signed in as an administrator; fails on an error of a script and on what the pages' CSP refused."""
    page, wrong = desk.page("adam"), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    yield page
    page.context.close()
    assert not wrong, wrong


def impact_words(desk: Desk, page: Page, subject: str) -> list[str]:
    """The words from which the impact of such a mail is read when it comes in now, as its page marks them.

    The fields beside them may be the ticket's: by day "this morning" completes the report, and the mails are of one fault.
    """
    page.goto(f"/contacts/{desk.mail(SENDER, subject, text())}")
    expect(page.locator("#text")).to_contain_text(WORDS)
    return page.locator("#text mark.f-impact:not(.not-taken)").all_inner_texts()


def test_a_rule_is_found_changed_tried_replayed_switched_on_and_backed_out(desk: Desk, admin: Page) -> None:
    page = admin
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="Rules", exact=True).first.click()
    page.get_by_label("Words", exact=True).fill(RULE)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=RULE, exact=True).click()
    # An example that fails until the rule knows its words.
    hits = page.get_by_label("Must be found, one a line")
    hits.fill(f"{hits.input_value()}\nour line went {WORDS}")
    expect(page.locator(".checks li", has_text=WORDS)).to_contain_text("fails")
    expect(page.locator("#hit-said")).to_contain_text("own example")
    values = page.locator("#values")
    values.fill(f"{values.input_value()}\n{WORDS}")
    expect(page.locator(".checks li", has_text=WORDS)).to_contain_text("passes")
    expect(page.locator("#hit-said")).to_be_empty()
    expect(page.locator("#said")).to_contain_text("in 2 of the 2 newest contacts")
    page.get_by_role("button", name="Save as a draft").click()
    page.wait_for_url("**/rules?set=draft-1*")
    expect(page.locator("main")).to_contain_text("Draft 1")
    # A text by both sets side by side.
    page.get_by_role("link", name="Try", exact=True).click()
    page.get_by_label("Text", exact=True).fill(text())
    page.get_by_label("From address").fill(SENDER)
    page.get_by_role("button", name="Read", exact=True).click()
    row = page.locator("tr.differs", has_text="impact").first
    expect(row).to_contain_text("differs")
    expect(row).to_contain_text("degradation")
    assert page.locator(".two > section").count() == 2
    # The stored contacts by both sets, to the end.
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_role("row", name="Draft 1").get_by_role("link", name="not yet").click()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#run-h + p")).to_contain_text("done", timeout=90_000)
    gained = page.get_by_role("row", name="impact").first
    expect(gained.locator("[data-th=Gained]")).to_have_text("1")
    page.locator("td[data-th=Case] a").first.click()
    expect(page.locator("tr.differs", has_text="impact").first).to_contain_text("degradation")
    # Kept and in force; the replay of the draft counts, since the version is the same to the byte.
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_role("button", name="Keep as a version").click()
    version = page.locator("tr", has=page.get_by_role("button", name="Switch on"))
    version.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("alert")).to_contain_text("say in a few words why")
    version.get_by_label("Reason").fill("customers in Paris write so")
    version.get_by_role("button", name="Switch on").click()
    expect(page.locator("main")).to_contain_text("customers in Paris write so")
    assert impact_words(desk, page, "By the new version") == [WORDS]
    # One click back.
    page.goto("/rules/versions")
    page.get_by_role("button", name="Go back to the one before").click()
    expect(page.locator("section.card").first).to_contain_text("In force: Shipped rule set")
    assert impact_words(desk, page, "By the old version") == []


def test_an_expression_that_does_not_compile_is_told_beside_its_field_and_nothing_typed_is_lost(admin: Page) -> None:
    page = admin
    page.goto("/rules/rule")
    page.get_by_label("Id", exact=True).fill("own.broken")
    page.get_by_label("Kind", exact=True).select_option("pattern")
    page.get_by_label("Meaning", exact=True).fill("degradation")
    page.locator("#values").fill("custard(")
    page.get_by_label("Note", exact=True).fill("it never ends")
    expect(page.locator("#values-said")).to_contain_text("does not compile")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.locator("#values-said")).to_contain_text("does not compile")
    expect(page.locator("#values")).to_have_value("custard(")
    expect(page.locator("#values")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Note", exact=True)).to_have_value("it never ends")
    expect(page.get_by_label("Kind", exact=True)).to_have_value("pattern")
    page.goto("/rules?q=own.broken")
    expect(page.locator("main")).to_contain_text("No rule fits")


def test_words_marked_in_a_contact_become_a_rule_with_its_effect(admin: Page, contact: int) -> None:
    page = admin
    page.goto(f"/contacts/{contact}")
    at = page.locator("#text").evaluate("(e, w) => e.textContent.indexOf(w)", WORDS)
    assert at > 0
    page.evaluate(
        """words => {
          const walker = document.createTreeWalker(document.getElementById('text'), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const at = walker.currentNode.data.indexOf(words);
            if (at >= 0) {
              document.getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + words.length);
              return;
            }
          }
        }""",
        WORDS,
    )
    page.get_by_role("button", name="Make a rule of it").click()
    expect(page.get_by_label("Words", exact=True)).to_have_value(WORDS)
    expect(page.locator("main")).to_contain_text(f"contact {contact}")
    expect(page.locator("#effect-h + p")).to_contain_text("newest contacts hold its words")
    expect(page.locator("td[data-th='With the rule']").first).to_have_text("degradation")


def test_an_agent_looks_and_tries_but_sees_no_button_that_changes(desk: Desk, contact: int) -> None:
    page = desk.page("ana")
    for area in AREAS:
        page.goto("/rules" + area)
        expect(page.locator("main h1")).to_be_visible()
        assert page.locator("main").get_by_role("button", name=CHANGES).count() == 0, area
    page.goto("/rules/try")
    page.get_by_label("Text", exact=True).fill(text())
    page.get_by_role("button", name="Read", exact=True).click()
    expect(page.locator("#read-h")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_the_rule_pages_are_sound_for_axe_on_a_phone_and_a_desk(
    desk: Desk, contact: int, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = desk.page("adam", width=width, scheme=scheme)
    for area in AREAS:
        page.goto("/rules" + area)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, area
    page.context.close()

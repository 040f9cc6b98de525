"""One case across channels: mail, pages and phone."""

from __future__ import annotations

from pathlib import Path

from app.panel import panel_site
from ivr.walk import Walk
from models.tables import Contact
from models.words import Impact
from panel.report import Given, Start
from panel.submitting import submit
from tests.calls.phone import DIRECTORY as PHONE_DIRECTORY
from tests.calls.phone import Phone
from tests.calls.whole import KEYPAD, walked
from tests.flows.panel_helpers import ADA, CARL, DIRECTORY, Site, read, report
from tickets.submissions import Act


def at(site: Site) -> str:
    """Now, as a customer writes it."""
    return f"{site.house.clock():%d %B %Y, %H:%M} UTC"


def newest(site: Site) -> str:
    return [t for t in site.deliver() if t][-1]


def test_a_mail_about_the_service_joins_the_ticket_of_the_pages(site: Site) -> None:
    with site.signed_in() as client:
        report(client)
    [ticket] = site.tickets()
    filed = site.mail(CARL, "Line", f"Hello, SVC-104233 is completely down since {at(site)}. Please help.\n\nCarl")
    assert filed.ticket_id == ticket.id
    assert site.mails()[-1].to_address == CARL
    other = site.mail(
        CARL, "Line", f"This is a new fault, not related to {ticket.id}: SVC-104233 loses packets since {at(site)}.\n\nCarl"
    )
    assert other.ticket_id != ticket.id


def test_a_report_on_the_pages_joins_the_mail_when_the_customer_says_so_or_has_not_seen_it(site: Site) -> None:
    with site.signed_in() as client:
        page = client.get("/panel/services/SVC-104233/support").text
        filed = site.mail(CARL, "Line", f"SVC-104233 is completely down since {at(site)}.\n\nCarl")
        shown = report(client)
        assert shown.status_code == 422
        assert filed.ticket_id
        assert filed.ticket_id in shown.text
        assert "hidden" in page
    given = Given(
        ("SVC-104233",), Start(site.house.clock(), site.house.clock(), "now"), Impact.SERVICE_AFFECTING, description="Down."
    )
    customer = DIRECTORY.customer_by_id["C1"]
    joined = submit(
        site.site, given, act=Act.REPORT, number="x" * 20, address=ADA, name="Ada", customer=customer, at=site.house.clock()
    )
    assert joined.ticket_id == filed.ticket_id
    assert site.mails()[-1].to_address == ADA


def test_a_reply_to_the_confirmation_joins_and_our_links_in_its_quote_are_not_read(site: Site) -> None:
    with site.signed_in() as client:
        report(client, impact="unsure", description="Please have a look at our router, it shows interface errors.")
    asked = newest(site)
    [mail] = site.mails("information-needed")
    quoted = "\n".join(f"> {line}" for line in asked.splitlines())
    filed = site.mail(
        ADA, f"Re: {mail.subject}", f"It is a degradation.\n\nOn Monday Desk wrote:\n{quoted}\n", In_Reply_To=mail.message_id
    )
    [ticket] = site.tickets()
    assert filed.ticket_id == ticket.id
    assert (ticket.impact, ticket.missing) == ("degradation", [])
    assert len(site.tickets()) == 1


def test_a_call_about_the_service_joins_the_ticket_of_the_pages(tmp_path: Path) -> None:
    phone = Phone(tmp_path)
    try:
        site = panel_site(phone.house, read, lambda _row: None)
        given = Given(("SVC-104233",), Start(phone.now, phone.now, "now"), Impact.DEGRADATION, description="Packets are lost.")
        customer = PHONE_DIRECTORY.customer_by_id["C1"]
        filed = submit(site, given, act=Act.REPORT, number="y" * 20, address=ADA, name="Ada", customer=customer, at=phone.now)
        walk: Walk = phone.walk()
        walked(walk, KEYPAD)
        assert phone.ticket.id == filed.ticket_id
        assert phone.ticket.impact == "service_affecting"
        assert [c.channel for c in phone.rows(Contact)] == ["panel", "phone"]
    finally:
        phone.close()

"""What a customer's own people sent by mail lies on the ticket's page, to be saved; what others sent does not."""

from __future__ import annotations

import re

from tests.flows.panel_helpers import ADA, BO, CARL, Site, hidden, report
from tickets.purge import Retention, purge

WORDS = "SVC-104233 is down since 9:00, no traffic at all.\n\nAda"
TRACE = b"1 198.51.100.9 12.3 ms\n" * 3


def links(page: str) -> dict[str, str]:
    """File name -> address, as the page has them."""
    found = re.findall(r'href="(/panel/tickets/[^"]+/files/[^"]+)">([^<]+)<', page)
    return {name: path for path, name in found}


def test_files_of_a_mail_are_listed_and_saved_never_shown(site: Site) -> None:
    files = {"trace.txt": TRACE, "Bericht für Ada.pdf": b"%PDF-1.7", "../../x.html": b"<script>alert(1)</script>"}
    ticket = site.mail(ADA, "Line down", WORDS, files).ticket_id
    site.mail(CARL, f"Re: [{ticket}] Line down", "One more picture.", {"light.png": b"\x89PNG"})
    with site.signed_in() as client:
        page = client.get(f"/panel/tickets/{ticket}").text
        assert list(links(page)) == ["trace.txt", "Bericht für Ada.pdf", "x.html", "light.png"]
        got = client.get(links(page)["trace.txt"])
        assert got.content == TRACE
        for path in links(page).values():
            saved = client.get(path)
            assert saved.headers["content-disposition"].startswith("attachment;")
            assert saved.headers["content-type"] == "application/octet-stream"
            assert saved.headers["x-content-type-options"] == "nosniff"
        assert (
            "filename*=UTF-8''Bericht%20f%C3%BCr%20Ada.pdf"
            in client.get(links(page)["Bericht für Ada.pdf"]).headers["content-disposition"]
        )


def test_nobody_else_gets_them_and_what_others_sent_is_not_listed(site: Site) -> None:
    ticket = site.mail(ADA, "Line down", WORDS, {"trace.txt": TRACE}).ticket_id
    site.mail("carrier@elsewhere.example", f"Re: [{ticket}]", "Our notes.", {"internal.txt": b"not for Ada"},
              In_Reply_To=_message_id(site, str(ticket)))  # fmt: skip
    other = site.mail(BO, "Line", "DIA-771200 is down since 9:00, no traffic at all.", {"bo.txt": b"of Granite"}).ticket_id
    contacts = {c.from_address: c.id for c in site.contacts()}
    with site.signed_in() as ada:
        page = ada.get(f"/panel/tickets/{ticket}").text
        assert list(links(page)) == ["trace.txt"]
        for contact in (contacts["carrier@elsewhere.example"], contacts[BO]):
            assert ada.get(f"/panel/tickets/{ticket}/files/{contact}/0").status_code == 404
            assert ada.get(f"/panel/tickets/{other}/files/{contact}/0").status_code == 404
        for odd in (f"{contacts[ADA]}/1", f"{contacts[ADA]}/-1", "999999/0", f"{contacts[ADA]}/x"):
            assert ada.get(f"/panel/tickets/{ticket}/files/{odd}").status_code == 404
        path = links(page)["trace.txt"]
    with site.signed_in(BO) as bo:
        assert bo.get(path).status_code == 404
        own = ada_path_for(path, str(ticket), str(other))
        assert bo.get(own).status_code == 404
    with site.browser() as nobody:
        assert nobody.get(path).url.path == "/panel/sign-in"


def test_files_of_forms_and_mails_stand_together_and_go_when_the_words_go(small: Site) -> None:
    with small.signed_in() as client:
        report(client, files={"files": ("form.txt", b"of the form")})
        [ticket] = small.tickets()
        small.mail(ADA, f"Re: [{ticket.id}]", "The trace.", {"mail.txt": TRACE})
        page = client.get(f"/panel/tickets/{ticket.id}").text
        assert list(links(page)) == ["form.txt", "mail.txt"]
        assert client.get(links(page)["form.txt"]).content == b"of the form"
        later = small.house.clock().replace(year=small.house.clock().year + 1)
        purge(small.house.store, Retention(raw_days=90, ticket_days=0), now=later, actor="me")
        gone = client.get(f"/panel/tickets/{ticket.id}")
        assert gone.status_code == 200
        assert "mail.txt" not in links(gone.text)
        assert client.get(links(page)["mail.txt"]).status_code == 404


def test_a_mail_that_cannot_be_opened_costs_the_page_nothing(small: Site) -> None:
    ticket = small.mail(ADA, "Line down", WORDS, {"trace.txt": TRACE}).ticket_id
    [contact] = small.contacts()
    broken = b"Content-Type: multipart/mixed; boundary=\"x\r\nname=?\r\n\r\n--x\r\nContent-Disposition: attachment; filename*=zz''%ff\r\n\r\nx"
    with small.house.store.write() as session:
        row = session.get(type(contact), contact.id)
        assert row
        row.raw = broken
    with small.signed_in() as client:
        assert client.get(f"/panel/tickets/{ticket}").status_code == 200
        assert hidden(client.get("/panel").text, "csrf")


def ada_path_for(path: str, ticket: str, other: str) -> str:
    """The same file asked for by way of one's own ticket."""
    return path.replace(ticket, other)


def _message_id(site: Site, ticket: str) -> str:
    return next(m.message_id for m in site.mails() if m.ticket_id == ticket)

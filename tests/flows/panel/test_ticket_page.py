"""What a customer does on the page of his ticket, and finds in his lists."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from models.words import Impact
from tests.flows.panel_helpers import (
    Site,
    act,
    report,
    send,
)
from tickets import deferral, telling


def test_the_customer_acts_on_his_ticket(site: Site) -> None:
    with site.signed_in() as client:
        report(client, impact="non_service_affecting")
        [ticket] = site.tickets()
        added = act(client, ticket.id, "add", words="It blinks red.", files={"files": ("photo.png", b"\x89PNG\r\n\x1a\n....")})
        assert "photo.png" in added.text
        assert act(client, ticket.id, "add", words="").status_code == 422
        assert act(client, ticket.id, "escalate", reason="").status_code == 422
        assert act(client, ticket.id, "nonsense").status_code == 404
        site.act(ticket.id, lambda w, c: deferral.offer(w, c, w.now + timedelta(hours=9), by="agent"))
        assert "May we work on it later?" in client.get(f"/panel/tickets/{ticket.id}").text
        assert "Deferred by agreement" in act(client, ticket.id, "agree").text
        assert site.tickets()[0].state == "deferred"
        assert act(client, ticket.id, "agree").status_code == 200
        act(client, ticket.id, "escalate", reason="My customers wait.")
        assert site.mails("escalated")
        assert site.tickets()[0].escalation_level == 1
        site.act(ticket.id, lambda w, c: telling.resolve(w, c, "We replaced the optic."))
        page = client.get(f"/panel/tickets/{ticket.id}").text
        assert "We replaced the optic." in page
        act(client, ticket.id, "reopen", still="It is dark again.")
        assert site.tickets()[0].state == "reopened"
        assert "open already" in act(client, ticket.id, "reopen", draft="another-number-of-a-form", still="Dark.").text
        site.act(ticket.id, lambda w, c: telling.resolve(w, c, "We replaced the fibre."))
        act(client, ticket.id, "works")
        assert site.tickets()[0].state == "closed"
        site.ahead = timedelta(days=9)
    with site.signed_in() as client:
        late = act(client, ticket.id, "add", draft="number-of-a-late-form", words="Again!")
        assert late.status_code == 422
        assert "ended more than 7 days ago" in late.text
        page = client.get(f"/panel/tickets/{ticket.id}").text
        assert "open it again" not in page


def test_a_declined_deferral_goes_on_and_an_rfo_is_asked_for(small: Site) -> None:
    with small.signed_in() as client:
        report(client, impact="non_service_affecting")
        [ticket] = small.tickets()
        assert "no deferral" in act(client, ticket.id, "decline").text
        small.act(ticket.id, lambda w, c: deferral.offer(w, c, w.now + timedelta(hours=9), by="agent"))
        act(client, ticket.id, "decline")
        assert "work goes on" in client.get(f"/panel/tickets/{ticket.id}").text
        report(client, same="new", urgency="high")
        second = small.tickets()[1]
        small.act(second.id, lambda w, c: telling.resolve(w, c, "Fixed."))
        assert "RFO asked for, due" in act(client, second.id, "rfo").text
        assert small.mails("rfo-requested")


def test_an_open_question_is_answered_on_the_ticket_page(site: Site) -> None:
    with site.signed_in() as client:
        report(client, began="unknown", impact="unsure", description="Please look at our line.")
        [ticket] = site.tickets()
        assert ticket.missing == ["start_time", "impact"]
        assert act(client, ticket.id, "answer").status_code == 422
        half = act(client, ticket.id, "answer", impact=Impact.DEGRADATION.value)
        assert "When did it begin?" in half.text
        act(client, ticket.id, "answer", draft="number-of-the-second-form", began="now")
        [ticket] = site.tickets()
        assert (ticket.missing, ticket.impact) == ([], "degradation")
        assert [m.event for m in site.mails()][-1] == "information-received"


def test_lists_search_and_page_within_ones_own(small: Site) -> None:
    with small.signed_in() as client:
        for n in range(52):
            page = client.get("/panel/services/SVC-104233/support").text
            send(client, page, "SVC-104233", description=f"Fault number {n}.", same="new")
        first = client.get("/panel/tickets").text
        older = re.search(r'before=(INC-\d+-\d+)">Older', first)
        assert older
        assert first.count('class="pill') == 50
        rest = client.get("/panel/tickets", params={"before": older[1]}).text
        assert rest.count('class="pill') == 2
        assert "Fault number 7." in client.get("/panel/tickets", params={"q": "number 7."}).text
        assert "No ticket fits" in client.get("/panel/tickets", params={"q": "%", "state": "all"}).text
        assert "Kiel" in client.get("/panel", params={"q": "kiel"}).text
        assert "No service fits" in client.get("/panel", params={"q": "london"}).text
        assert "HH-90002" in client.get("/panel/services/SVC-104233").text


def test_all_times_on_the_page_are_in_the_customers_zone(small: Site) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    began = (small.house.clock() - timedelta(days=2)).astimezone(berlin).replace(hour=8, minute=40)
    until = small.house.clock() + timedelta(hours=9)
    with small.signed_in() as client:
        report(client, began="at", date=f"{began:%Y-%m-%d}", time="08:40", zone="Europe/Berlin", impact="non_service_affecting")
        [ticket] = small.tickets()
        small.act(ticket.id, lambda w, c: deferral.offer(w, c, until, by="agent"))
        page = client.get(f"/panel/tickets/{ticket.id}").text
        assert f"{began:%d %b %Y, 08:40 %Z}" in page
        assert f"{until.astimezone(berlin):%d %b %Y, %H:%M %Z}" in page
        assert "UTC" not in page
        assert f"{until.astimezone(berlin):%d %b %Y, %H:%M %Z}" in act(client, ticket.id, "agree").text

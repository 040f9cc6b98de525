"""A report on the Support tab: from the form to the ticket, with what is wrong beside its field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.flows.panel_helpers import (
    ADA,
    Site,
    hidden,
    report,
    send,
)


def test_a_report_on_the_support_tab_is_a_ticket_at_once_with_a_confirmation_by_mail(site: Site) -> None:
    with site.signed_in() as client:
        home = client.get("/panel")
        assert "SVC-104233" in home.text
        assert "DIA-771200" not in home.text
        logs = "ping 198.51.100.3: 10 packets transmitted, 7 received, 30% packet loss"
        answer = report(
            client, logs=logs, urgency="low", circuits=["HH-90001"], files={"files": ("trace.txt", b"1 198.51.100.9 *")}
        )
        [ticket] = site.tickets()
        assert str(answer.url).endswith(f"/panel/tickets/{ticket.id}?sent=new")
        assert answer.text.count(ticket.id) > 1
        known = {k: v["values"] for k, v in ticket.report.items() if isinstance(v, dict)}
        assert known["service_id"] == ["SVC-104233"]
        assert known["circuit_id"] == ["HH-90001"]
        assert known["impact"] == ["service_affecting"]
        assert known["fault_pattern"] == ["constant"]
        assert "198.51.100.3" in known["ip_address"]
        assert ticket.missing == []
        assert (ticket.customer_id, ticket.requester, ticket.stated_urgency) == ("C1", ADA, "low")
        [contact] = site.contacts()
        assert (contact.channel, contact.state, contact.verdict) == ("panel", "filed", "person")
        assert b"Impact: Service Affecting" in contact.raw
        texts = [t for t in site.deliver() if ticket.id in t]
        assert len(texts) == 1
        assert "/panel/link/escalate/" in texts[0]
        [file_link] = re.findall(r'href="(/panel/tickets/[^"]+/files/[^"]+)"', client.get(f"/panel/tickets/{ticket.id}").text)
        file = client.get(file_link)
        assert file.content == b"1 198.51.100.9 *"
        assert file.headers["content-disposition"].startswith("attachment")
        assert file.headers["x-content-type-options"] == "nosniff"


def test_the_same_form_sent_twice_is_one_ticket(site: Site) -> None:
    with site.signed_in() as client:
        page = client.get("/panel/services/SVC-104233/support").text
        first, second = send(client, page, "SVC-104233"), send(client, page, "SVC-104233")
        assert str(first.url).partition("?")[0] == str(second.url).partition("?")[0]
        assert len(site.tickets()) == len(site.contacts()) == 1
        assert len(site.mails("ticket-opened")) == 1


def test_an_open_ticket_on_the_service_is_shown_and_chosen_before_anything_is_sent(site: Site) -> None:
    with site.signed_in() as client:
        report(client)
        [first] = site.tickets()
        asked = report(client, description="It is also slow to come back.")
        assert asked.status_code == 422
        assert first.id in asked.text
        assert "It is also slow to come back." in asked.text
        added = report(client, description="It is also slow to come back.", same=first.id)
        assert str(added.url).endswith(f"{first.id}?sent=added")
        assert len(site.tickets()) == 1
        assert [m.event for m in site.mails()][-1] == "follow-up-filed"
        other = report(client, description="A fan is loud.", impact="non_service_affecting", same="new")
        assert len(site.tickets()) == 2
        assert first.id not in str(other.url)
        assert site.tickets()[1].linked_ticket == first.id


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(small: Site) -> None:
    with small.signed_in() as client:
        page = client.get("/panel/services/SVC-104233/support").text
        bad = send(
            client, page, "SVC-104233", description="", logs="my pasted log", began="at", date="2026-13-40", time="25:00", zone="Mars/Base",
            impact="terrible", files=[("files", ("a.log", b"line of a log")), ("files", ("evil.exe", b"MZ\x90\0\0"))],
        )  # fmt: skip
        assert bad.status_code == 422
        for name in ("description", "began", "impact", "files"):
            assert f'id="{name}-wrong"' in bad.text, name
        assert "evil.exe is of a kind that we do not take" in bad.text
        assert "my pasted log" in bad.text
        assert "a.log" in bad.text
        assert "Mars/Base" in bad.text
        assert small.tickets() == []
        good = send(client, bad.text, "SVC-104233", began="unknown")
        assert "sent=new" in str(good.url)
        assert "a.log" in good.text
        [ticket] = small.tickets()
        assert ticket.missing == ["start_time"]
        assert [m.event for m in small.mails()][-1] == "information-needed"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"began": ""}, "Please say when it began"),
        ({"began": "at", "date": "2099-01-01", "time": "10:00", "zone": "UTC"}, "lies in the future"),
        ({"began": "at", "date": "1999-01-01", "time": "10:00", "zone": "UTC"}, "more than a year ago"),
        ({"began": "at", "date": "2026-03-29", "time": "02:30", "zone": "europe/berlin"}, "this time did not exist"),
        ({"began": "at", "date": "2026-03-29", "time": "02:30", "zone": "Nowhere"}, "no time zone that we know"),
        ({"description": "x" * 8001}, "characters are too many"),
        ({"logs": "x" * 60_001}, "attach it as a file"),
        ({"pattern": "sometimes"}, "Please choose one of these"),
    ],
)
def test_bad_input_is_named(small: Site, fields: dict[str, str], words: str) -> None:
    with small.signed_in() as client:
        answer = report(client, **fields)
        assert answer.status_code == 422
        assert words in answer.text
        assert small.tickets() == []


def test_a_start_in_the_customers_zone_is_kept_as_the_instant_that_it_was(small: Site) -> None:
    with small.signed_in() as client:
        day = f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}"
        report(client, began="at", date=day, time="10:00", zone="Asia/Kolkata")
        assert small.tickets()[0].report["start_time"]["values"] == [f"{day}T04:30:00Z"]


def test_what_is_read_as_one_types_names_no_other_customers_things(small: Site) -> None:
    with small.signed_in() as client:
        csrf = hidden(client.get("/panel/services/SVC-104233/support").text, "csrf")
        form = {"csrf": csrf, "service": "SVC-104233", "impact": "degradation", "urgency": "high", "logs": ""}
        own = client.post("/panel/read", data={**form, "description": "Loss to 198.51.100.3 on HH-90001 since 9:00"}).text
        assert "HH-90001" in own
        assert "198.51.100.3" in own
        assert "Major" in own
        known = client.post("/panel/read", data={**form, "description": "Is DIA-771200 down too?"}).text
        unknown = client.post("/panel/read", data={**form, "description": "Is DIA-771299 down too?"}).text
        assert known == unknown.replace("DIA-771299", "DIA-771200")
        assert client.post("/panel/read", data={**form, "csrf": "x"}).status_code == 403
        assert client.post("/panel/read", data={**form, "service": "DIA-771200"}).status_code == 404


def test_words_that_cannot_be_read_in_time_still_become_a_ticket(small: Site) -> None:
    object.__setattr__(small.site, "read", lambda *_: None)
    with small.signed_in() as client:
        report(client)
        [ticket] = small.tickets()
        assert ticket.missing == []
        assert any("could not be read" in r for r in ticket.review_reasons)

"""Signed links in our mails: one press answers, agrees, escalates, confirms; following them changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from models.directory_store import import_directory
from models.tables import Outbox
from models.words import Impact
from tests.flows.panel_helpers import ADA, BO, CARL, DIRECTORY, Site, link_in, report
from tickets import deferral, telling
from tickets.links import LinkPurpose, mark
from tickets.reminders import queue_reminders

STRANGER = "eve@nowhere.example"


# All but the impact.
ODD = "Hello, {service} shows interface errors since {at}, please have a look at it.\n\nAda"


def at(site: Site) -> str:
    """Now, as a customer writes it."""
    return f"{site.house.clock():%d %B %Y, %H:%M} UTC"


def newest(site: Site) -> str:
    return [t for t in site.deliver() if t][-1]


def draft(page: str) -> dict[str, str]:
    found = re.search(r'name="draft" value="([^"]+)"', page)
    return {"draft": found[1]} if found else {}


def press(client: httpx.Client, link: str, **fields: str) -> httpx.Response:
    return client.post(link, data={**draft(client.get(link).text), **fields})


def test_one_press_answers_the_question_about_impact_and_stops_the_reminder(site: Site) -> None:
    site.mail(ADA, "Line", ODD.format(service="SVC-104233", at=at(site)))
    [ticket] = site.tickets()
    assert ticket.missing == ["impact"]
    text = newest(site)
    link = link_in(text, "answer")
    with site.browser() as client:
        page = client.get(link).text
        assert re.findall(r'<button name="impact" value="(\w+)"', page) == [i.value for i in Impact]
        done = press(client, link, impact="degradation")
        assert "You get a confirmation by email" in done.text
        assert "we have all the details" in client.get(link).text
    [ticket] = site.tickets()
    assert (ticket.missing, ticket.impact, ticket.reminder_due_at) == ([], "degradation", None)
    assert [m.event for m in site.mails()] == ["information-needed", "information-received"]
    confirmed = newest(site)
    assert "now have all the details" in " ".join(confirmed.split())
    assert len(site.contacts()) == 2
    site.ahead = timedelta(hours=5)
    assert queue_reminders(site.house.store, now=site.house.clock(), settings=site.house.answering) == []


def test_a_scanner_that_follows_every_link_changes_nothing(site: Site) -> None:
    site.mail(ADA, "Line", "SVC-104233 is slow, please have a look.\n\nAda")
    [ticket] = site.tickets()
    site.act(ticket.id, lambda w, c: telling.resolve(w, c, "Done."))
    before = (len(site.contacts()), len(site.mails()), site.tickets()[0].version, site.tickets()[0].state)
    with site.browser() as client:
        for text in site.deliver():
            for link in re.findall(r"http://\S+/panel/\S+", text):
                for method in ("GET", "HEAD"):
                    assert client.request(method, link).status_code in (200, 405), link
    assert (len(site.contacts()), len(site.mails()), site.tickets()[0].version, site.tickets()[0].state) == before


def test_a_link_is_bound_to_its_mail_purpose_ticket_and_time(site: Site) -> None:
    site.mail(ADA, "Line", ODD.format(service="SVC-104233", at=at(site)))
    site.mail(BO, "Line", ODD.format(service="DIA-771200", at=at(site)))
    mine, theirs = (link_in(t, "answer") for t in site.deliver() if "/link/answer/" in t)
    tokens = site.house.tokens
    head, left, sign = mine.rsplit("/", 2)
    other = theirs.rsplit("/", 2)
    left_of_nobody = "inc-2026-000014.0123456789abcdef"
    forged = [
        f"{head}/{left}/{sign[:-1]}0" if sign[-1] != "0" else f"{head}/{left}/{sign[:-1]}1",
        f"{head}/{left}/", f"{head}/{left}/é", f"{head}/{other[1]}/{sign}", f"{head}/{left}/{other[2]}", mine.replace("/answer/", "/works/"),
        mine.replace("/answer/", "/acknowledge/"), mine.replace("/answer/", "/anything/"),
        f"{head}/{left_of_nobody}/{mark(tokens, LinkPurpose.ANSWER, left_of_nobody)}",
        f"{head}/{left.replace('-', '_')}/{mark(tokens, LinkPurpose.ANSWER, left.replace('-', '_'))}",
    ]  # fmt: skip
    with site.browser() as client:
        pages = {
            (r.status_code, r.text) for u in forged for r in (client.get(u), client.post(u, data={"impact": "degradation"}))
        }
        assert {code for code, _ in pages} == {404}
        assert client.post(mine, data={"impact": "degradation"}, headers={"Origin": "https://evil.example"}).status_code == 403
        assert len(site.contacts()) == 2
        site.ahead = timedelta(days=15)
        assert client.get(mine).status_code == client.post(mine, data={"impact": "degradation"}).status_code == 410
        assert len(site.contacts()) == 2
        site.ahead = timedelta()
        import_directory(site.house.store, type(DIRECTORY)(DIRECTORY.customers[1:], DIRECTORY.services[2:]), replace=True)
        assert client.get(mine).status_code == 410
        assert client.get(theirs).status_code == 200


def test_what_stands_in_the_copy_to_another_contact_is_a_link_of_its_own(small: Site) -> None:
    small.mail(ADA, "Line", ODD.format(service="SVC-104233", at=at(small)))
    [asked] = small.mails()
    with small.house.store.write() as session:
        copy = Outbox(
            **asked.model_dump(exclude={"id", "message_id", "to_address", "dedupe_key"}), dedupe_key="copy", to_address=CARL,
            message_id=small.house.tokens.message_id(asked.ticket_id or ""),
        )  # fmt: skip
        session.add(copy)
    first, second = (link_in(t, "answer") for t in small.deliver())
    assert first != second
    with small.browser() as client:
        press(client, second, impact="degradation")
    assert small.contacts()[-1].from_address == CARL
    assert small.mails()[-1].to_address == CARL


def test_several_questions_are_one_form_and_what_is_wrong_stands_beside_its_field(site: Site) -> None:
    site.mail(ADA, "Line", "Hello, we have a problem with our internet connection: we see errors on our router.\n\nAda")
    link = link_in(newest(site), "answer")
    with site.browser() as client:
        page = client.get(link).text
        assert "SVC-104234, Private Line" in page
        assert "DIA-771200" not in page
        assert "Please answer at least one" in press(client, link).text
        bad = press(
            client, link, service="DIA-771200", began="at", date="2026-01-01", time="10:00", zone="Moon", impact="degradation"
        )
        assert bad.status_code == 422
        assert "none of your services" in bad.text
        assert "no time zone" in bad.text
        assert len(site.contacts()) == 1
        half = press(client, link, service="svc 104234", began="now")
        assert "Thank you" in half.text
        [ticket] = site.tickets()
        assert ticket.report["service_id"]["values"] == ["SVC-104234"]
        assert ticket.missing == ["impact"]
        assert [m.event for m in site.mails()][-1] == "information-needed"
        press(client, link, impact="service_affecting")
    assert site.tickets()[0].missing == []


def test_a_stranger_answers_by_link_and_learns_nothing(site: Site) -> None:
    site.mail(STRANGER, "Broken", "Hello, our line is broken, please help us with it as soon as you can.\n\nEve")
    text = newest(site)
    assert "/panel/tickets/" not in text
    assert "/link/escalate/" not in text
    link = link_in(text, "answer")
    with site.browser() as client:
        page = client.get(link).text
        assert "SVC-" not in page
        press(client, link, service="SVC-104233", began="now", impact="degradation")
    [ticket] = site.tickets()
    assert (ticket.customer_id, ticket.missing) == (None, [])
    assert site.contacts()[-1].verdict == "stranger"
    assert "IP Transit" not in newest(site)


def test_a_deferral_is_agreed_to_or_declined_by_link(site: Site) -> None:
    for text, purpose, state in (("one", "agree", "deferred"), ("two", "decline", "new")):
        ticket = site.mail(ADA, text, f"A question about SVC-10423{3 if text == 'one' else 4}: the graph of {text} is wrong since 9:00 UTC today. No traffic is lost.").ticket_id  # fmt: skip
        assert ticket
        with site.house.store.write() as session:
            row = session.get(type(site.tickets()[0]), ticket)
            assert row
            row.impact, row.state, row.missing = Impact.NON_SERVICE_AFFECTING.value, "new", []
            session.add(row)
        until = (site.house.clock() + timedelta(hours=9)).astimezone(ZoneInfo("Europe/Berlin"))
        site.act(ticket, lambda w, c, until=until: deferral.offer(w, c, until, by="agent"))
        mail = newest(site)
        link, other = link_in(mail, purpose), link_in(mail, "decline" if purpose == "agree" else "agree")
        with site.browser() as client:
            pages = press(client, link).text, press(client, other).text
        for page in pages:
            assert "Thank you" in page
            assert (f"rests until {until:%d %b %Y, %H:%M %Z}" in page) is (purpose == "agree"), page
        found = next(t for t in site.tickets() if t.id == ticket)
        assert found.state == state


def test_an_escalation_is_asked_for_once_by_a_link(site: Site) -> None:
    with site.signed_in() as client:
        report(client)
    link = link_in(newest(site), "escalate")
    with site.browser() as client:
        assert press(client, link).status_code == 422
        assert press(client, link, words="x" * 9000).status_code == 422
        assert "is escalated" in press(client, link, words="We wait since hours.").text
        assert "You have asked" in press(client, link, words="And again.").text
    [ticket] = site.tickets()
    assert ticket.escalation_level == 1
    assert len(site.mails("escalated")) == 1
    site.act(ticket.id, lambda w, c: telling.resolve(w, c, "Done."))
    with site.signed_in() as client:
        report(client, service="SVC-104234")
    second = site.tickets()[1].id
    fresh = link_in(newest(site), "escalate")
    site.act(second, lambda w, c: telling.resolve(w, c, "Done."))
    with site.browser() as client:
        assert "no longer open" in press(client, fresh, words="Late.").text


def test_a_resolved_ticket_is_confirmed_or_opened_again_by_link(site: Site) -> None:
    with site.signed_in() as client:
        report(client)
    [ticket] = site.tickets()
    site.deliver()
    site.act(ticket.id, lambda w, c: telling.resolve(w, c, "We replaced the optic."))
    mail = newest(site)
    with site.browser() as client:
        assert press(client, link_in(mail, "reopen")).status_code == 422
        assert "open again" in press(client, link_in(mail, "reopen"), words="Still dark.").text
        assert site.tickets()[0].state == "reopened"
        assert "open again" in press(client, link_in(mail, "works")).text
        assert site.tickets()[0].state == "reopened"
        site.deliver()
        site.act(ticket.id, lambda w, c: telling.resolve(w, c, "We replaced the fibre."))
        again = newest(site)
        assert "closed" in press(client, link_in(again, "works")).text
        assert site.tickets()[0].state == "closed"
        count = len(site.contacts())
        assert "closed" in press(client, link_in(again, "works")).text
        assert len(site.contacts()) == count
        assert "is open" in press(client, link_in(mail, "reopen"), words="Dark.").text


def test_a_link_of_a_merged_ticket_speaks_of_the_one_that_lives(small: Site) -> None:
    from tickets import merging

    small.mail(ADA, "Line", ODD.format(service="SVC-104233", at=at(small)))
    link = link_in(newest(small), "answer")
    small.mail(ADA, "Other", ODD.format(service="SVC-104234", at=at(small)))
    first, second = (t.id for t in small.tickets())

    def merge(work: Any, case: Any) -> None:
        target = work.session.get(type(case.ticket), second)
        merging.merge(work, case.ticket, target, "same")

    small.act(first, merge)
    with small.browser() as client:
        assert second in client.get(link).text
        press(client, link, impact="degradation")
    assert next(t for t in small.tickets() if t.id == second).missing == []
    with small.signed_in() as client:
        assert f'merged into <a href="/panel/tickets/{second}"' in client.get(f"/panel/tickets/{first}").text

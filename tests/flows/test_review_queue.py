"""The review queue over real HTTP: its order, its parts, who has which case, what sleeps, and who looks at what."""

from __future__ import annotations

import re
from datetime import timedelta

from models.clock import utc_now
from models.tables import Ticket
from models.tables_desk import DeskCase
from tests.flows.desk_helpers import OTHER, TICKET, filled, form, site
from tests.flows.test_console import Site

__all__ = ["filled", "site"]


def test_the_queue_is_by_impact_and_age_with_filters_and_counts(filled: Site) -> None:
    with filled.client("agent") as client:
        page = client.get("/review").text
        assert page.index(OTHER) < page.index(TICKET) < page.index("Mail 7")
        assert "3 cases wait" in page
        assert OTHER not in client.get("/review?kind=confirm").text
        assert TICKET not in client.get("/review?impact=service_affecting").text
        assert "No case fits" in client.get("/review?q=nothing-such").text
        assert "No case fits" in client.get("/review?whose=mine").text
        assert client.get("/review/next").headers["location"].endswith(f"/tickets/{OTHER}")
        assert client.get(f"/review/open/{TICKET}").headers["location"] == "/contacts/1"
        assert client.get("/review/open/c7").headers["location"] == "/contacts/7"
        assert client.get("/review/open/INC-2026-999999").status_code == 404


def test_a_long_queue_comes_in_parts_and_a_part_that_has_gone_shows_the_last(filled: Site) -> None:
    now = utc_now()
    with filled.store.write() as session:
        session.add_all(
            Ticket(
                id=f"INC-2026-0002{n:02}", company="Ostwind", subject="Slow", requester="ada@x.example", impact="degradation",
                priority="low", review=True, opened_at=now - timedelta(minutes=n), last_contact_at=now,
            )
            for n in range(60)
        )  # fmt: skip
    with filled.client("agent") as client:
        first = client.get("/review?impact=degradation").text
        assert "1 to 50 of 60" in first
        assert "INC-2026-000259" in first, "the oldest comes first"
        assert "INC-2026-000205" not in first
        to = re.search(r'rel="next" href="([^"]+)"', first)
        assert to
        rest = client.get(to[1].replace("&amp;", "&")).text
        assert "51 to 60 of 60" in rest
        assert "INC-2026-000205" in rest
        assert 'rel="next"' not in rest
        assert 'rel="prev"' in rest
        for beyond in ("9999", "-1", "²", "1e3"):
            assert "of 60" in client.get("/review", params={"impact": "degradation", "skip": beyond}).text


def test_a_case_is_taken_given_and_taken_over(filled: Site) -> None:
    with filled.client("agent") as agent, filled.client("lead") as lead:
        assert "yours" in form(agent, f"/review/{TICKET}/assign", to="agent").headers["location"]
        assert "With <b>agent</b>" in agent.get("/review?whose=mine").text
        assert TICKET not in lead.get("/review?whose=free").text
        assert form(lead, f"/review/{TICKET}/assign", to="lead").headers["location"].count("said=")
        assert "wrong=lead" in form(agent, f"/review/{TICKET}/assign", to="agent").headers["location"]
        assert "said=" in form(agent, f"/review/{TICKET}/assign", to="agent", over="yes").headers["location"]
        assert "wrong=There" in form(agent, f"/review/{TICKET}/assign", to="nobody").headers["location"]
        assert form(agent, "/review/c7/assign", to="agent", back="//evil.example").headers["location"].startswith("/review?")
        assert agent.get("/review/next").headers["location"].endswith(OTHER)
        assert OTHER in lead.get("/review/next", params={"after": TICKET}).headers["location"]


def test_a_snoozed_case_comes_back_by_itself(filled: Site) -> None:
    with filled.client("agent") as client:
        assert "Snoozed" in form(client, f"/review/{OTHER}/snooze", length="30min", why="at lunch").headers["location"]
        assert OTHER not in client.get("/review").text
        assert "at lunch" in client.get("/review?asleep=1").text
        filled.ahead = timedelta(minutes=29)
        assert OTHER not in client.get("/review").text
        filled.ahead = timedelta(minutes=31, seconds=5)
        with filled.client("agent") as later:
            assert OTHER in later.get("/review").text
            form(later, f"/review/{OTHER}/snooze", until=f"{utc_now() + timedelta(days=1):%Y-%m-%dT%H:%M}", back="/review")
            assert OTHER not in later.get("/review").text
            form(later, f"/review/{OTHER}/wake")
            assert OTHER in later.get("/review").text
            for until in ("2020-01-01T00:00", "2099-01-01T00:00", "tomorrow"):
                assert "wrong=" in form(later, f"/review/{OTHER}/snooze", until=until).headers["location"]
    with filled.store.read() as session:
        assert session.get(DeskCase, OTHER)


def test_who_looks_at_a_case_is_shown_and_so_is_what_changed_since(filled: Site) -> None:
    with filled.client("agent") as agent, filled.client("lead") as lead, filled.client("auditor") as auditor:
        agent.get("/contacts/1")
        auditor.get("/contacts/1")
        shown = lead.get(f"/review/{TICKET}/presence", params={"version": 99}).text
        assert "agent</b> looks at this case" in shown
        assert "has changed since you opened it" in shown
        assert "lead</b> look" not in lead.get("/contacts/1").text
        assert TICKET not in lead.get("/review/next", params={"after": OTHER}).headers["location"]
        filled.ahead = timedelta(minutes=2)
        assert "looks at" not in lead.get(f"/review/{TICKET}/presence").text

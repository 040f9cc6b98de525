"""The rows of a database as after two years, invented from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from models.clock import iso
from models.tables import Contact, Event, Outbox, ReadingRecord, Ticket, TicketService
from models.tables_mail import CarrierNotice, NoticeService
from models.tables_rules import LabelledValue

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SPAN = timedelta(days=730)
_WORDS = """link circuit down since morning packet loss latency flapping interface optical power low router cpe bgp session
reset customer site office traffic outage intermittent errors ping trace loss fibre cut maintenance window service affected
degraded slow voice quality jitter please check urgent still again recovered monitoring ticket update provider backbone""".split()
Row = dict[str, Any]


class Maker:
    def __init__(self, tickets: int, base: int, seed: int) -> None:
        self.tickets = tickets
        # The time that the base covers; copies cover as much each.
        self.span = SPAN * (base / tickets)
        self.random = random.Random(seed)
        self.companies = max(20, min(5_000, tickets // 200))
        self.per_company = 10
        self.phrases = {n: [" ".join(self.random.choices(_WORDS, k=n)) for _ in range(4000)] for n in (4, 5, 6, 8, 14)}

    def customers(self) -> Iterator[Row]:
        for n in range(self.companies):
            person = {"name": f"Person {n}", "email": f"noc@company{n}.example", "phone": f"+49305550{n:05d}"}
            yield {"id": f"C{n:05d}", "name": f"Company {n} GmbH", "timezone": "Europe/Berlin",
                   "domains": [f"company{n}.example"], "contacts": [person]}  # fmt: skip

    def services(self) -> Iterator[Row]:
        for n in range(self.companies * self.per_company):
            yield {"id": service_id(n), "customer": f"C{n // self.per_company:05d}", "product": "Ethernet line",
                   "site": f"Site {n % 900}", "redundant": n % 7 == 0, "activated": NOW - SPAN,
                   "circuits": [f"CKT/{n:06d}/A"], "prefixes": [f"10.{n // 250 % 250}.{n % 250}.0/24"]}  # fmt: skip

    def chunk(self, numbers: range) -> Iterable[tuple[Any, list[Row]]]:
        r = self.random
        tickets, services, contacts, readings, mails, events = [], [], [], [], [], []
        for n in numbers:
            opened = NOW - SPAN + SPAN * (n / self.tickets)
            company = int(self.companies * r.random() ** 2)
            service = company * self.per_company + n % self.per_company
            ticket = self._ticket(n, opened, company, service)
            tickets.append(ticket)
            services.append({"ticket_id": ticket["id"], "service_id": service_id(service)})
            events += [{"id": 2 * n + i, "ticket_id": ticket["id"], "at": opened, "actor": "intake", "kind": k, "why": "read", "contact_id": 3 * n + 1,
                        "data": {}} for i, k in ((1, "opened"), (2, "answer"))]  # fmt: skip
            for k in range(3):
                contact, reading = self._contact(3 * n + k + 1, opened + timedelta(minutes=17 * k), ticket, company, service, k)
                contacts.append(contact)
                readings.append(reading)
            mails.append(self._mail(n, opened, ticket, company))
        return (
            (Ticket, tickets), (TicketService, services), (Contact, contacts), (ReadingRecord, readings), (Outbox, mails),
            (Event, events),
        )  # fmt: skip

    def rest(self) -> Iterable[tuple[Any, list[Row]]]:
        """Carriers' notices, and what agents said of values."""
        r, notices, touched, labels = self.random, [], [], []
        for n in range(1, min(20_000, self.tickets // 10) + 1):
            starts = NOW + timedelta(days=n % 40 - 35, hours=n % 24)
            notices.append({"id": n, "contact_id": 3 * n, "carrier": f"Carrier {n % 12}", "sender_domain": f"carrier{n % 12}.example",
                            "reference": f"CHG{n // 2:07d}", "status": "planned", "impact": "outage", "starts_at": starts,
                            "ends_at": starts + timedelta(hours=6), "circuits": [], "subject": "Planned work", "at": NOW})  # fmt: skip
            touched.append({"notice_id": n, "service_id": service_id(n % (self.companies * self.per_company)), "circuit": "x"})
        for n in range(min(60_000, self.tickets)):
            at = NOW - timedelta(minutes=2 * n)
            labels.append({"contact_id": 3 * (self.tickets - n - 1) + 1, "field": r.choice(("service_id", "impact", "start_time")),
                           "value": "x", "confirmed": r.random() < 0.93, "actor": "ana", "at": at})  # fmt: skip
        return (CarrierNotice, notices), (NoticeService, touched), (LabelledValue, labels)

    def _ticket(self, n: int, opened: datetime, company: int, service: int) -> Row:
        r = self.random
        old = NOW - opened > timedelta(days=10)
        state = (
            "closed"
            if old and r.random() < 0.995
            else r.choice(("new", "open", "in_progress", "awaiting_customer", "resolved"))
        )
        ended = opened + timedelta(hours=r.randrange(1, 60)) if state in ("closed", "resolved") else None
        impact = r.choices(("service_affecting", "degradation", "non_service_affecting", None), (25, 40, 30, 5))[0]
        missing = [] if r.random() < 0.8 else [r.choice(("impact", "start_time", "service_id"))]
        report = {
            "service_id": _entry(service_id(service)), "circuit_id": _entry(f"CKT/{service:06d}/A"),
            "description": _entry(self._text(8)), "asked_for": True,
        }  # fmt: skip
        return {
            "id": ticket_id(n, opened), "customer_id": f"C{company:05d}", "company": f"Company {company} GmbH",
            "requester": f"noc@company{company}.example", "subject": f"{self._text(5)} {service_id(service)}", "state": state,
            "impact": impact, "urgency": "medium", "priority": r.choices(("critical", "major", "minor", "low"), (5, 20, 50, 25))[0],
            "priority_steps": ["impact: degradation"], "provisional": False, "report": report, "missing": missing,
            "review": state != "closed" and r.random() < 0.4, "review_reasons": [], "asks": 0, "opened_at": opened,
            "last_contact_at": opened + timedelta(minutes=40), "version": 1, "state_log": [[iso(opened), state]], "accepted": True,
            "stated_urgency": "", "urgency_override": "", "priority_override": "", "override_by": "", "override_why": "",
            "responded_at": opened, "resolved_at": ended, "breaches": [], "resolution": self._text(4) if ended else "",
            "escalation_level": 0, "escalation_cycle": 1,
        }  # fmt: skip

    def _contact(self, number: int, at: datetime, ticket: Row, company: int, service: int, k: int) -> tuple[Row, Row]:
        r = self.random
        verdict = r.choices(("person", "auto_reply", "stranger", "unwanted"), (90, 6, 3, 1))[0]
        sender, subject = ticket["requester"], ticket["subject"]
        channel = "email" if number % 10 else r.choice(("phone", "panel"))
        kept = None if verdict == "unwanted" else ticket["id"]
        contact = {
            "id": number, "channel": channel, "mailbox": "noc@bench.example", "dedupe_key": f"k{number:010d}",
            "message_id": f"<m{number}@company{company}.example>", "envelope_from": sender, "envelope_to": "noc@bench.example",
            "peer": "192.0.2.1", "raw": b"From: bench\r\n\r\nshort", "arrived_at": at, "repeats": 0, "state": "filed",
            "verdict": verdict, "reason": "no check hit", "checks": [], "ticket_id": kept, "from_address": sender,
            "subject": subject if k == 0 else f"Re: {subject}", "tries": 1, "last_error": "", "lease_owner": "",
            "filed_at": at + timedelta(seconds=1), "again": 0, "accepted_by": "",
        }  # fmt: skip
        rare = f"rack{r.randrange(self.tickets)}"
        text = f"{subject}\n\nHello, {self._text(14)} on {service_id(service)} at {rare}. {self._text(6)}"
        data = {"intent": "report" if k == 0 else "update", "service_ids": [service_id(service)], "circuit_ids": [],
                "impact": ticket["impact"], "start_time": iso(at), "missing": ticket["missing"] if k == 0 else [], "text": text,
                "evidence": {"service_id": [_evidence(service, text)]}}  # fmt: skip
        reading = {"contact_id": number, "rule_set": "bench", "head": f"{sender} {ticket['company']} {subject}", "data": data,
                   "zones": [], "created_at": at}  # fmt: skip
        return contact, reading

    def _mail(self, n: int, opened: datetime, ticket: Row, company: int) -> Row:
        state = "failed" if n % 4000 == 3999 else "sent"
        sent = opened + timedelta(seconds=self.random.expovariate(1 / 3)) if state == "sent" else None
        return {
            "id": n + 1, "ticket_id": ticket["id"], "contact_id": 3 * n + 1, "event": "ticket-opened", "dedupe_key": f"o{n:010d}",
            "message_id": f"<o{n:010d}@bench.example>", "channel": "email", "carrier_id": "", "to_address": ticket["requester"],
            "envelope_from": "bounce@bench.example", "subject": f"[{ticket['id']}] received", "in_reply_to": "", "references": "",
            "context": {}, "raw": b"short", "body_text": "Dear customer", "state": state, "automatic": True, "counted": True,
            "tries": 1, "last_error": "", "created_at": opened, "due_at": opened, "lease_owner": "", "sent_at": sent,
        }  # fmt: skip

    def _text(self, words: int) -> str:
        return self.random.choice(self.phrases[words])


def service_id(n: int) -> str:
    return f"LNK-{n:06d}"


def ticket_id(n: int, opened: datetime) -> str:
    return f"INC-{opened.year}-{n:07d}"


def _entry(value: str) -> Row:
    return {"values": [value], "raw": value, "confirm": False, "contact": 1}


def _evidence(service: int, text: str) -> Row:
    value = service_id(service)
    at = text.index(value)
    return {"value": value, "raw": value, "spans": [[at, at + len(value)]], "rule": "id.family", "version": "1", "score": 0.97,
            "steps": [["base", 0.9], ["on file", 0.07]], "status": "filled", "detail": ""}  # fmt: skip

"""A database as after two years: tickets, three contacts each, readings, mails and a directory, in bulk.

Rows go in without the lists' indexes, which are made afterwards as a restore does; the triggers that keep the words of search
stay on, because they are what is measured later.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert
from sqlmodel import SQLModel

from models.clock import iso
from models.store import Store
from models.tables import Contact, CustomerRecord, Event, Meta, Outbox, ReadingRecord, ServiceRecord, Ticket, TicketService
from models.tables_mail import CarrierNotice, NoticeService
from models.tables_rules import LabelledValue

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SPAN = timedelta(days=730)
_CHUNK = 10_000
_WORDS = """link circuit down since morning packet loss latency flapping interface optical power low router cpe bgp session
reset customer site office traffic outage intermittent errors ping trace loss fibre cut maintenance window service affected
degraded slow voice quality jitter please check urgent still again recovered monitoring ticket update provider backbone""".split()
# In the order in which rows may refer to others.
_INDEXED = ("ticket", "ticket_service", "contact", "reading", "outbox", "event")
_BASE = 25_000
_HASH_BYTES = 64 * 1024 * 1024
Row = dict[str, Any]


def fill(store: Store, tickets: int, *, seed: int = 7) -> None:
    """Makes so many tickets, three times as many contacts, and what belongs to them.

    The newest part is made row by row; the database itself copies it back in time, each copy with numbers of its own.
    """
    base = min(tickets, _BASE)
    copies = max(0, tickets // base - 1)
    make = _Maker(base * (copies + 1), base, seed)
    begin = time.perf_counter()
    with store.write() as session:
        session.connection().execute(insert(CustomerRecord), list(make.customers()))
        session.connection().execute(insert(ServiceRecord), list(make.services()))
        session.add(Meta(name="directory_version", value="bench"))
    with store.engine.connect() as connection:
        if store.is_sqlite:
            _hurry(connection)
        indexes = _drop_indexes(connection, store.is_sqlite)
        for table in _INDEXED:
            of = f"AS SELECT * FROM {table} WHERE 1 = 0" if store.is_sqlite else f"(LIKE {table})"
            connection.exec_driver_sql(f"CREATE TEMPORARY TABLE base_{table} {of}")
        connection.exec_driver_sql("CREATE INDEX base_ticket_id ON base_ticket (id)")
        first = make.tickets - base
        for start in range(first, make.tickets, _CHUNK):
            for table, rows in make.chunk(range(start, min(start + _CHUNK, make.tickets))):
                _bulk(connection, store.is_sqlite, f"base_{table.__tablename__}", rows)
        for n in range(copies, -1, -1):
            for table in _INDEXED:
                _copy(connection, store.is_sqlite, table, n, base, make.span * n)
            connection.commit()
            print(f"  {base * (copies - n + 1):,} tickets after {time.perf_counter() - begin:.0f} s", flush=True)
        for statement in indexes:
            connection.exec_driver_sql(statement)
        for table, rows in make.rest():
            _bulk(connection, store.is_sqlite, table.__tablename__, rows)
        if store.is_sqlite:
            for table in ("contact_search", "ticket_search"):
                connection.exec_driver_sql(f"INSERT INTO {table}({table}, rank) VALUES ('hashsize', 1048576)")
        else:
            for table in ("contact", "outbox"):
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
        connection.commit()
    if not store.is_sqlite:  # what autovacuum has done in a running house; nothing gathers statistics for SQLite
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    print(f"  filled in {time.perf_counter() - begin:.0f} s", flush=True)


def _hurry(connection: Connection) -> None:
    """Nothing is lost when the machine stops here: a bigger cache, no syncing, and word lists written in big pieces."""
    driver: Any = connection.connection.driver_connection
    for statement in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -600000", "PRAGMA temp_store = MEMORY"):
        driver.execute(statement)
    for table in ("contact_search", "ticket_search"):
        driver.execute(f"INSERT INTO {table}({table}, rank) VALUES ('hashsize', {_HASH_BYTES})")


def _copy(connection: Connection, lite: bool, table: str, n: int, base: int, back: timedelta) -> None:
    """The base rows once more, `n` parts of the time earlier and with lower numbers; what is older than the base has ended."""
    seconds, tickets, contacts = int(back.total_seconds()), n * base, 3 * n * base

    def past(column: str) -> str:
        if lite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{seconds} seconds') || '000'"
        return f"{column} - interval '{seconds} seconds'"

    year = f"substr(strftime('%Y', {past('{at}')}), 1, 4)" if lite else f"to_char({past('{at}')}, 'YYYY')"
    digits = f"substr('0000000' || (CAST(substr({{id}}, 10) AS INTEGER) - {tickets}), -7)"
    digits = digits if lite else f"lpad((CAST(substr({{id}}, 10) AS INTEGER) - {tickets})::text, 7, '0')"
    ticket = "'INC-' || substr({id}, 5, 4) || '-' || " + digits if not n else f"'INC-' || {year} || '-' || {digits}"
    opened = "(SELECT opened_at FROM base_ticket b WHERE b.id = s.ticket_id)"
    theirs = ticket.replace("{at}", opened).replace("{id}", "s.ticket_id")
    ended = {"state": "'closed'", "review": "0" if lite else "false", "resolved_at": past("last_contact_at")} if n else {}
    changes: dict[str, dict[str, str]] = {
        "ticket": {"id": ticket.replace("{at}", "s.opened_at").replace("{id}", "s.id"), "opened_at": past("opened_at"),
                   "last_contact_at": past("last_contact_at"), "responded_at": past("responded_at"),
                   "resolved_at": f"CASE WHEN resolved_at IS NULL THEN NULL ELSE {past('resolved_at')} END"} | ended,
        "ticket_service": {"ticket_id": theirs},
        "contact": {"id": f"id - {contacts}", "dedupe_key": f"dedupe_key || '-{n}'", "message_id": f"'<{n}.' || substr(message_id, 2)",
                    "arrived_at": past("arrived_at"), "filed_at": past("filed_at"),
                    "ticket_id": f"CASE WHEN s.ticket_id IS NULL THEN NULL ELSE {theirs} END"},
        "reading": {"contact_id": f"contact_id - {contacts}", "created_at": past("created_at"),
                    "data": f"replace(data{'' if lite else '::text'}, ' at rack', ' at rack{n}x'){'' if lite else '::jsonb'}"},
        "outbox": {"id": f"id - {tickets}", "contact_id": f"contact_id - {contacts}", "ticket_id": theirs,
                   "dedupe_key": f"dedupe_key || '-{n}'", "message_id": f"'<{n}.' || substr(message_id, 2)",
                   "created_at": past("created_at"), "due_at": past("due_at"),
                   "sent_at": f"CASE WHEN sent_at IS NULL THEN NULL ELSE {past('sent_at')} END"},
        "event": {"id": f"id - {2 * tickets}", "ticket_id": theirs, "contact_id": f"contact_id - {contacts}", "at": past("at")},
    }  # fmt: skip
    names = [c.name for c in SQLModel.metadata.tables[table].columns]
    values = [changes[table].get(c, _quoted(c)) for c in names]
    order = {"ticket": "opened_at", "ticket_service": "ticket_id", "reading": "contact_id"}.get(table, "id")
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(map(_quoted, names))}) SELECT {', '.join(values)} FROM base_{table} s ORDER BY s.{order}"
    )


def _bulk(connection: Connection, lite: bool, table: str, rows: list[Row]) -> None:
    """Rows as the driver takes them fastest: one prepared statement on SQLite, COPY on PostgreSQL."""
    if not rows:
        return
    names = list(rows[0])
    columns = ", ".join(map(_quoted, names))
    values = (tuple(_plain(lite, row[n]) for n in names) for row in rows)
    connection.exec_driver_sql("SELECT 1")
    driver: Any = connection.connection.driver_connection
    if lite:
        driver.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})", values)
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _plain(lite: bool, value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    if lite and isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")[:26]
    return value


def _drop_indexes(connection: Connection, lite: bool) -> list[str]:
    """Takes the plain indexes of the big tables away; gives the statements that make them again."""
    ask = connection.exec_driver_sql
    if lite:
        rows = ask("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").all()
    else:
        rows = ask(
            "SELECT indexname, tablename, indexdef FROM pg_indexes i WHERE schemaname = current_schema() AND NOT EXISTS"
            " (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
        ).all()
    found = [(name, sql) for name, table, sql in rows if table in _INDEXED and "UNIQUE" not in sql]
    for name, _ in found:
        ask(f"DROP INDEX {name}")
    return [sql for _, sql in found]


class _Maker:
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


def sizes(store: Store) -> str:
    """Rows of the big tables, as JSON."""
    with store.read() as session:
        counts = {
            t: session.connection().exec_driver_sql(f"SELECT count(*) FROM {t}").scalar_one()
            for t in ("ticket", "contact", "outbox")
        }
    return json.dumps(counts)

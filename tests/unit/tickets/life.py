"""A desk on which the life of tickets can be played through with a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from models.reading import Reading
from models.store import Store, ensure_schema
from models.tables import Contact, Event, Outbox, Ticket
from models.tables_life import Deferral, Escalation, EscalationNotice, Rfo
from models.words import OutboxState
from tests.unit.tickets.makers import DIRECTORY, NOW, facts, reading
from tickets.answers import AnswerSettings
from tickets.caps import Caps
from tickets.clock_pass import clock_pass, load_case
from tickets.filing import Filed, FilingSettings, file_contact
from tickets.mailing import LifeSettings, Work
from tickets.plan import LifeCase
from tickets.policy import save
from tickets.tokens import Tokens
from tickets.work import lease_contact

ANSWERS = AnswerSettings("Desk", Tokens(b"k" * 32, "bounce@desk.example"), caps=Caps(1000, 10_000))
LIFE = LifeSettings(ANSWERS, "https://desk.example")
FILING = FilingSettings(
    frozenset({"noc@desk.example"}), frozenset(), frozenset(), "", ANSWERS, public_url="https://desk.example"
)


def person(name: str, *ways: tuple[str, str]) -> dict[str, Any]:
    return {"name": name, "ways": [{"by": by, "to": to} for by, to in ways]}


LEVELS = [
    {"level": 1, "title": "Shift lead", "persons": [person("Eva", ("mail", "eva@desk.example"), ("call", "+49 30 5550101"))]},
    {"level": 2, "title": "Duty manager", "persons": [person("Tom", ("mail", "tom@desk.example"))]},
    {"level": 3, "title": "Head of NOC", "persons": [person("Mia", ("mail", "mia@desk.example"))]},
    {"level": 4, "title": "Director", "persons": [person("Pia", ("mail", "pia@desk.example"))]},
]


class LifeDesk:
    """A store, a clock that is turned by hand, and short ways to do what customers, agents and the clock do."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        ensure_schema(self.store)
        self.now = NOW
        self.count = 0

    def policy(self, kind: str, body: dict[str, Any], name: str = "default") -> None:
        with self.store.write() as session:
            save(session, kind, name, body, author="admin", now=self.now)

    def matrix(self, **given: Any) -> None:
        self.policy("matrix", {"default": True, "levels": LEVELS} | given)

    def file(self, read: Reading | None = None, **given: Any) -> Filed:
        self.count += 1
        given.setdefault("message_id", f"<{self.count}@ostwind.example>")
        contact = Contact(mailbox="noc", dedupe_key=str(self.count), raw=b"", arrived_at=self.now)
        with self.store.write() as session:
            session.add(contact)
        assert contact.id
        assert lease_contact(self.store, contact.id, owner="me", now=self.now)
        return file_contact(
            self.store, contact.id, owner="me", facts=facts(**given), reading=read or reading(), directory=DIRECTORY,
            clock=lambda: self.now, settings=FILING,
        )  # fmt: skip

    def reply(self, filed: Filed, read: Reading, **given: Any) -> Filed:
        return self.file(read, in_reply_to=self.mails(filed.ticket_id or "")[0].message_id, **given)

    def later(self, **span: float) -> list[int]:
        """Turns the clock on and lets it work once."""
        self.now += timedelta(**span)
        return clock_pass(self.store, LIFE, now=self.now)

    def act(self, ticket_id: str, do: Callable[[Work, LifeCase], Any], actor: str = "ana") -> Any:
        with self.store.write() as session:
            ticket = session.get(Ticket, ticket_id, with_for_update=True)
            assert ticket
            return do(Work(session, self.now, LIFE, actor), load_case(session, ticket))

    def ticket(self, ticket_id: str | None) -> Ticket:
        with self.store.read() as session:
            found = session.get(Ticket, ticket_id)
        assert found
        return found

    def mails(self, ticket_id: str) -> list[Outbox]:
        with self.store.read() as session:
            return list(session.exec(select(Outbox).where(Outbox.ticket_id == ticket_id).order_by(col(Outbox.id))).all())

    def events(self, ticket_id: str | None, kind: str = "") -> list[Event]:
        query = select(Event).where(Event.ticket_id == ticket_id).order_by(col(Event.id))
        with self.store.read() as session:
            return list(session.exec(query.where(Event.kind == kind) if kind else query).all())

    def escalations(self, ticket_id: str | None) -> list[tuple[int, str]]:
        with self.store.read() as session:
            rows = session.exec(select(Escalation).where(Escalation.ticket_id == ticket_id).order_by(col(Escalation.id)))
            return [(e.level, e.cause) for e in rows]

    def notices(self, ticket_id: str | None) -> list[tuple[str, str, str]]:
        with self.store.read() as session:
            rows = session.exec(
                select(EscalationNotice).where(EscalationNotice.ticket_id == ticket_id).order_by(col(EscalationNotice.id))
            )
            return [(n.person, n.way, n.state) for n in rows]

    def deferral(self, ticket_id: str | None) -> Deferral:
        with self.store.read() as session:
            return session.exec(select(Deferral).where(Deferral.ticket_id == ticket_id)).one()

    def rfo(self, ticket_id: str | None) -> Rfo:
        with self.store.read() as session:
            return session.exec(select(Rfo).where(Rfo.ticket_id == ticket_id)).one()

    def settle(self, state: OutboxState = OutboxState.SENT) -> None:
        """All queued mails end in this state, as the deliverer would leave them."""
        with self.store.write() as session:
            for row in session.exec(select(Outbox).where(Outbox.state == OutboxState.QUEUED.value)).all():
                row.state = state.value
                session.add(row)

    def at(self, text: str) -> datetime:
        self.now = datetime.fromisoformat(text)
        return self.now

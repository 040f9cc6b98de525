"""The list of contacts: every mail, call and form that came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select as sql_select
from sqlmodel import Session, select

from console.listing.filters import contains, days, exactly, one_of, words, yes_no
from console.listing.rows import in_order, service_cell, several, ticket_cell, word_cell
from console.listing.spec import Cell, Column, Condition, ListSpec, Sort, View, column
from models.search import Kind
from models.tables import Contact, Outbox, ReadingRecord, contact_has_no_ticket
from models.words import Channel, ContactState, Verdict


@dataclass(frozen=True, slots=True)
class ContactRow:
    """What a list shows of a contact; its raw bytes and its evidence stay where they are."""

    id: int
    channel: str
    sender: str
    subject: str
    state: str
    verdict: str
    ticket_id: str | None
    arrived_at: datetime
    services: tuple[str, ...] = ()
    impact: str | None = None
    start: str | None = None
    answer: str = ""


_SHOWN = (
    Contact.id, Contact.channel, Contact.from_address, Contact.envelope_from, Contact.subject, Contact.state,
    Contact.verdict, Contact.ticket_id, Contact.arrived_at,
)  # fmt: skip


def _load(session: Session, keys: Sequence[Any]) -> list[ContactRow]:
    ask = session.connection()
    data = column(ReadingRecord.data)
    contact = column(ReadingRecord.contact_id)
    values = (data["service_ids"], data["impact"].as_string(), data["start_time"].as_string())
    read = {r[0]: r[1:] for r in ask.execute(sql_select(contact, *values).where(contact.in_(keys)))}
    to = column(Outbox.contact_id)
    sent = sql_select(to, column(Outbox.event), column(Outbox.state)).where(to.in_(keys)).order_by(column(Outbox.id).desc())
    answers = {r[0]: f"{words(r[1])} ({r[2]})" for r in ask.execute(sent)}
    rows = ask.execute(sql_select(*map(column, _SHOWN)).where(column(Contact.id).in_(keys)))
    return in_order(keys, [_row(tuple(r), read.get(r[0]), answers.get(r[0], "")) for r in rows], lambda r: r.id)


def _row(r: tuple[Any, ...], read: tuple[Any, ...] | None, answer: str) -> ContactRow:
    services, impact, start = read or ((), None, None)
    return ContactRow(
        r[0], r[1], r[2] or r[3], r[4], r[5], r[6], r[7], r[8], tuple(services or ()), impact, start, answer
    )  # fmt: skip


def _texts(session: Session, keys: Sequence[Any]) -> list[tuple[str, str]]:
    data = column(ReadingRecord.data)["text"].as_string()
    ask = sql_select(column(ReadingRecord.contact_id), data, column(ReadingRecord.head))
    rows = session.connection().execute(ask.where(column(ReadingRecord.contact_id).in_(keys)))
    return [(str(r[0]), f"{r[1] or ''}\n{r[2]}") for r in rows]


def _sender(typed: str) -> Condition:
    """An address, or all of a domain that begins with @."""
    if typed.startswith("@"):
        return contains(column(Contact.from_address), typed)
    return column(Contact.from_address).in_({typed, typed.lower()})


def _what_was_read(r: ContactRow) -> Cell:
    start = Cell(r.start[:16].replace("T", " ") + "Z", quiet=True) if r.start else None
    more = (several([service_cell(s) for s in r.services]), *((Cell(words(r.impact)),) if r.impact else ()))
    return Cell(more=(*more, start) if start else more) if r.ticket_id else Cell()


_COLUMNS: tuple[Column[ContactRow], ...] = (
    Column("No.", lambda r: Cell(str(r.id), href=f"/contacts/{r.id}")),
    Column("Channel", lambda r: Cell(r.channel), whole=True),
    Column("From", lambda r: Cell(r.sender or "(nobody)")),
    Column("Subject", lambda r: Cell(r.subject or "(no subject)"), snippet=True),
    Column("Verdict", lambda r: word_cell(r.verdict or r.state), whole=True),
    Column("What was read", _what_was_read, whole=True),
    Column("Answer", lambda r: Cell(r.answer or "none", quiet=not r.answer)),
    Column("Ticket", lambda r: ticket_cell(r.ticket_id)),
    Column("Arrived", lambda r: Cell(at=r.arrived_at)),
)
CONTACTS: ListSpec[ContactRow] = ListSpec(
    name="contacts",
    title="Contacts",
    path="/contacts",
    key=column(Contact.id),
    load=_load,
    key_of=lambda r: str(r.id),
    columns=_COLUMNS,
    sorts=(
        Sort("newest", "newest first", (column(Contact.arrived_at), column(Contact.id))),
        Sort("oldest", "oldest first", (column(Contact.arrived_at), column(Contact.id)), descending=False),
    ),
    filters=(
        one_of("channel", "Channel", column(Contact.channel), list(Channel)),
        one_of("state", "State", column(Contact.state), list(ContactState)),
        one_of("verdict", "Verdict", column(Contact.verdict), list(Verdict)),
        yes_no("ticket", "Has a ticket", column(Contact.ticket_id).is_not(None), contact_has_no_ticket()),
        exactly("sender", "Sender", _sender, hint="ada@customer.example, or @customer.example"),
        *days(column(Contact.arrived_at), "Arrived"),
    ),
    views=(
        View("All", ""),
        View("Being read", "state=received"),
        View("Without a ticket", "state=filed&ticket=no"),
        View("Strangers", "verdict=stranger"),
        View("By phone", "channel=phone"),
    ),
    index=Kind.CONTACT,
    texts=_texts,
    search_hint="Words of the text, sender, company, service or circuit ID",
    empty="No contact yet. Mail to our addresses, calls and the customers' panel arrive here.",
)


def contact_of(session: Session, message_id: str) -> int | None:
    """The contact with this Message-ID."""
    return session.exec(select(Contact.id).where(Contact.message_id == message_id)).first()

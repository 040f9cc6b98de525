"""What the page of one contact shows: the text with its evidence, and the fields of the report beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import TemplateError
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from console.evidence import TAKEN, Marked, marked
from console.field_values import IMPACTS, PATTERNS, near
from console.phone_queries import call_of, recordings_of
from models.directory import Directory
from models.errors import UserError
from models.tables import Contact, Outbox, ReadingRecord, Ticket
from models.tables_desk import DeskCase
from models.tables_phone import PhoneCall, Recording
from models.words import Field, MailEvent, OutboxState
from outbound.context import context_of
from outbound.render import render
from tickets.corrections import LABELS as READ_NAMES
from tickets.held import unsent
from tickets.report import LABELS

CHOICES: Mapping[Field, Mapping[str, str]] = {Field.IMPACT: IMPACTS, Field.FAULT_PATTERN: PATTERNS}
LONG = frozenset({Field.DESCRIPTION, Field.TEST_RESULTS})
_MOST_SUGGESTED = 6


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field: what the report holds, how sure it is and from where, what else it may be, and what was typed wrong."""

    field: Field
    key: int
    label: str
    values: list[str]
    shown: str
    status: str
    source: str
    source_contact: int | None
    probability: float | None
    found: Sequence[Mapping[str, Any]]
    refused: Sequence[Mapping[str, Any]]
    suggestions: list[tuple[str, str]]
    choices: Mapping[str, str]
    long: bool
    typed: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A mail of ours: as sent, or as it would go out now; `changeable` while an agent may still change it."""

    row: Outbox
    subject: str
    text: str
    changeable: bool
    problem: str = ""


@dataclass
class ContactView:
    contact: Contact
    ticket: Ticket | None
    data: Mapping[str, Any]
    text: list[Marked]
    lines: list[FieldLine]
    answers: list[AnswerLine]
    siblings: list[int]
    desk: DeskCase | None
    call: PhoneCall | None = None
    recordings: list[Recording] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return self.ticket.id if self.ticket else f"c{self.contact.id}"

    @property
    def open_questions(self) -> int:
        return sum(line.status in ("confirm", "missing") for line in self.lines)


def contact_view(
    session: Session,
    contact_id: int,
    directory: Directory,
    *,
    provider: str,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> ContactView | None:
    """Reads it all for the page; None when there is no such contact."""
    contact = session.exec(select(Contact).options(defer(Contact.raw)).where(Contact.id == contact_id)).first()  # type: ignore[arg-type]
    if contact is None:
        return None
    reading = session.get(ReadingRecord, contact_id)
    data: Mapping[str, Any] = reading.data if reading else {}
    ticket = session.get(Ticket, contact.ticket_id) if contact.ticket_id else None
    lines = [
        _line(n, f, data, ticket, contact, directory, errors or {}, typed or {}) for n, f in enumerate(LABELS, 1)
    ]  # fmt: skip
    view = ContactView(contact, ticket, data, marked(data), lines, [], [], None)
    view.answers = _answers(session, contact_id, ticket, provider)
    view.desk = session.get(DeskCase, view.ref)
    if ticket:
        rows = session.exec(select(Contact.id).where(Contact.ticket_id == ticket.id).order_by(col(Contact.id))).all()
        view.siblings = [r for r in rows if r is not None]
    if contact.channel == "phone":
        view.call = call_of(session, contact)
        view.recordings = recordings_of(session, view.call.sid) if view.call else []
    return view


def _line(
    key: int,
    name: Field,
    data: Mapping[str, Any],
    ticket: Ticket | None,
    contact: Contact,
    directory: Directory,
    errors: Mapping[str, str],
    typed: Mapping[str, str],
) -> FieldLine:
    evidence: Sequence[Mapping[str, Any]] = (data.get("evidence") or {}).get(name.value) or ()
    found = [e for e in evidence if e["status"] in TAKEN]
    entry: Mapping[str, Any] = (ticket.report.get(name.value) or {}) if ticket else {}
    values = list(entry.get("values") or ()) if ticket else _read_values(name, data)
    best = next((e for e in found if str(e.get("value")) in values), found[0] if found else None)
    status, source, of = _standing(name, entry, values, ticket, contact)
    if not ticket and values:
        status = str(best["status"]) if best else "filled"
    return FieldLine(
        field=name,
        key=key,
        label=LABELS[name],
        values=values,
        shown=shown(name, values),
        status=status,
        source=source,
        source_contact=of,
        probability=_sure(best) if best and status in ("filled", "confirm") and (of in (None, contact.id)) else None,
        found=found,
        refused=[e for e in evidence if e["status"] not in TAKEN],
        suggestions=_suggestions(name, evidence, values, data, ticket, directory),
        choices=CHOICES.get(name, {}),
        long=name in LONG,
        typed=typed.get(name.value, _as_typed(name, values)),
        error=errors.get(name.value, ""),
    )


def _standing(
    name: Field, entry: Mapping[str, Any], values: list[str], ticket: Ticket | None, contact: Contact
) -> tuple[str, str, int | None]:
    """Status, source in words, and the contact that it came from."""
    if not values:
        return ("missing" if ticket and name.value in ticket.missing else "none"), "", None
    if entry.get("by"):
        return "corrected", f"{entry['by']}, by hand", entry.get("of")
    of = entry.get("contact") or entry.get("of")
    accepted = "contact" in entry and entry["contact"] is None
    source = "" if not of else "this contact" if of == contact.id else f"contact {of}"
    return ("confirm" if entry.get("confirm") else "accepted" if accepted else "filled"), source, of


def _read_values(name: Field, data: Mapping[str, Any]) -> list[str]:
    key, many = READ_NAMES[name]
    value = data.get(key)
    if many:
        return list(value or ())
    if name is Field.TEST_RESULTS:
        return ["given in the message"] if value else []
    return [str(value)] if value else []


def _suggestions(
    name: Field,
    evidence: Sequence[Mapping[str, Any]],
    values: list[str],
    data: Mapping[str, Any],
    ticket: Ticket | None,
    directory: Directory,
) -> list[tuple[str, str]]:
    """Values to pick from with the reason for each: what was doubted in the text, then what the customer has."""
    out: dict[str, str] = {}
    for e in evidence:
        if e.get("value") and e["value"] not in values and e["status"] != "refused":
            out.setdefault(str(e["value"]), str(e.get("detail") or f"read from “{e['raw']}”"))
    customer = ticket.customer_id if ticket else None
    if name is Field.SERVICE_ID:
        wanted = next((str(e["raw"]) for e in evidence if e["status"] in ("refused", "open")), "") or "".join(values)
        for service_id in near(wanted, directory, customer):
            site = directory.service_by_id[service_id].site
            out.setdefault(service_id, f"a service of this customer{', ' + site if site else ''}")
    if name is Field.CIRCUIT_ID and ticket:
        for service_id in (ticket.report.get(Field.SERVICE_ID.value) or {}).get("values") or ():
            service = directory.service_by_id.get(service_id)
            for circuit in service.circuits if service else ():
                out.setdefault(circuit, f"a circuit of {service_id}")
    return [(v, why) for v, why in out.items() if v not in values][:_MOST_SUGGESTED]


def _answers(session: Session, contact_id: int, ticket: Ticket | None, provider: str) -> list[AnswerLine]:
    rows = list(session.exec(select(Outbox).where(Outbox.contact_id == contact_id).order_by(col(Outbox.id))).all())
    if ticket:
        waiting = (OutboxState.QUEUED.value, OutboxState.HELD.value)
        more = select(Outbox).where(Outbox.ticket_id == ticket.id, col(Outbox.state).in_(waiting)).order_by(col(Outbox.id))
        rows += [r for r in session.exec(more).all() if r.contact_id != contact_id]
    return [answer_line(r, provider) for r in rows]


def answer_line(row: Outbox, provider: str) -> AnswerLine:
    """The mail in words; one that is not written yet is rendered as it would go now."""
    if row.body_text or row.raw is not None or row.state == OutboxState.DELETED.value:
        return AnswerLine(row, row.subject, row.body_text, unsent(row))
    try:
        words = render(MailEvent(row.event), context_of(row.context, provider=provider, ticket=row.ticket_id or ""))
    except (UserError, TemplateError, ValueError) as e:
        return AnswerLine(row, row.subject, "", unsent(row), f"It cannot be written: {e}")
    return AnswerLine(row, words.subject, words.text, unsent(row))


def _sure(found: Mapping[str, Any]) -> float:
    return float(found["probability"] if found.get("probability") is not None else min(found.get("score", 0), 1))


def shown(name: Field, values: list[str]) -> str:
    """The values of a field as a person reads them."""
    if name is Field.START_TIME and values:
        return datetime.fromisoformat(values[0]).strftime("%d %b %Y, %H:%M UTC")
    return ", ".join(CHOICES.get(name, {}).get(v, v) for v in values)


def _as_typed(name: Field, values: list[str]) -> str:
    if name is Field.START_TIME and values:
        return datetime.fromisoformat(values[0]).strftime("%Y-%m-%d %H:%M")
    return ", ".join(values)

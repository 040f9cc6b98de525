"""Which ticket a contact belongs to: same thread, our own mark, a quoted ID of the sender's company, or the same fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.clock import iso
from models.directory import Customer
from models.mail import MailFacts
from models.reading import Reading
from models.statements import ask, bindparam, many
from models.subjects import bare, is_reply
from models.tables import ThreadRef, Ticket, TicketService
from models.tables_mail import TicketMerge
from models.words import Field, FindingStatus, Intent, TicketState
from tickets.ids import well_formed
from tickets.other_refs import OtherNumber, ticket_of_number
from tickets.tokens import Tokens

_WINDOW = timedelta(hours=24)
_SUBJECT_WINDOW = timedelta(days=7)
_MIN_SUBJECT = 8
_MAX_THREAD = 20
_CLOSED = {TicketState.CLOSED.value}
# Where a session bears what is known of Message-IDs.
REFS = "thread refs"
_REFS = select(ThreadRef.message_id, ThreadRef.ticket_id).where(col(ThreadRef.message_id).in_(many("ids")))
_LATELY = (
    select(Ticket.id)
    .join(TicketService, col(TicketService.ticket_id) == col(Ticket.id))
    .where(Ticket.customer_id == bindparam("customer"), col(TicketService.service_id).in_(many("services")))
    .where(col(Ticket.last_contact_at) >= bindparam("since"), Ticket.state != TicketState.CLOSED.value)
    .order_by(col(Ticket.opened_at).desc())
    .limit(20)
)


@dataclass(frozen=True, slots=True)
class Match:
    """`ticket` to join, or `linked` to suggest, or `unknown_ref` that the store never issued; `why` in words."""

    ticket: Ticket | None = None
    linked: str | None = None
    unknown_ref: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for: the mail, what it says, whose it is."""

    facts: MailFacts
    reading: Reading
    customer: Customer | None
    requester: str
    numbers: tuple[OtherNumber, ...] = ()
    robot: bool = False


def find_ticket(session: Session, look: Look, tokens: Tokens, *, now: datetime) -> Match:
    """Looks for the case, the surest sign first; a sign whose company does not fit only links."""
    by_mark = next((t for a in look.facts.envelope_to if (t := tokens.ticket_of_recipient(a))), None)
    if by_mark and (ticket := living(session, by_mark)):
        return Match(ticket, why="sent to the ticket's own bounce address")
    threaded = _by_thread(session, look, tokens)
    if threaded.ticket:
        return threaded
    if _reference(look):
        return _by_reference(session, look, threaded.linked)
    if threaded.linked:
        return threaded
    if look.robot or look.reading.says_new:
        return Match() if look.robot else _same_fault(session, now, look)
    number = _by_number(session, look)
    if number.ticket:
        return number
    same = _same_fault(session, now, look)
    if same.ticket:
        return same
    subject = _by_subject(session, now, look)
    return subject if subject.ticket else (number if number.linked else same)


def thread_refs(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """The tickets of those of the Message-IDs that belong to one; asked once where the caller holds them (REFS)."""
    held: dict[str, str | None] = session.info.get(REFS, {})
    if lacking := [i for i in ids if i not in held]:
        found = dict(map(tuple, ask(session, _REFS, ids=lacking)))
        held.update({i: found.get(i) for i in lacking})
    return {i: ticket for i in ids if (ticket := held[i])}


def living(session: Session, ticket_id: str) -> Ticket | None:
    """The ticket of that ID, or the one that it was merged into."""
    for _ in range(5):
        merged = session.get(TicketMerge, ticket_id)
        if merged is None:
            break
        ticket_id = merged.into_id
    return session.get(Ticket, ticket_id)


def _by_thread(session: Session, look: Look, tokens: Tokens) -> Match:
    """By Message-IDs. A forwarded mail answers nobody, so its thread counts for machines' reports only."""
    facts = look.facts
    ids = [*facts.reported_ids, *(() if facts.forwarded and not look.robot else facts.thread), facts.message_id]
    ids = [i for i in dict.fromkeys(ids) if i][:_MAX_THREAD]
    if not ids:
        return Match()
    refs = thread_refs(session, ids)
    linked: str | None = None
    for message_id in ids:
        ticket_id = refs.get(message_id) or tokens.ticket_of_message_id(message_id)
        ticket = living(session, ticket_id) if ticket_id else None
        if ticket is None:
            continue
        if (look.robot or same_company(ticket, look)) and not look.reading.says_new:
            return Match(
                ticket, why=f"answers {message_id}" if message_id != facts.message_id else "another mail answers this one"
            )
        linked = linked or ticket.id
    why = "answers a mail of this ticket, but says it is another fault or is another company's"
    return Match(linked=linked, why=why) if linked else Match()


def _reference(look: Look) -> str | None:
    """Our ticket ID as named by the writer; of a forwarded mail the thread headers do not name one."""
    if not look.facts.forwarded or not look.reading.ticket_ref:
        return look.reading.ticket_ref
    named = [f for f in look.reading.findings if f.field is Field.TICKET_REF and f.status is FindingStatus.FILLED]
    return look.reading.ticket_ref if not named or any(f.rule != "ref.thread" for f in named) else None


def _by_reference(session: Session, look: Look, linked: str | None) -> Match:
    ref = look.reading.ticket_ref or ""
    ticket = living(session, ref)
    if ticket and same_company(ticket, look):
        return Match(ticket, why=f"names {ref}")
    if ticket:
        return Match(linked=ticket.id, why=f"names {ref}, which is another company's ticket")
    kind = "was never issued here" if well_formed(ref) else "is mistyped or another system's"
    return Match(linked=linked, unknown_ref=ref, why=f"names {ref}, which {kind}")


def _by_number(session: Session, look: Look) -> Match:
    """By the number that the case has in the customer's own system."""
    for number in look.numbers:
        ticket_id = ticket_of_number(session, number)
        ticket = living(session, ticket_id) if ticket_id else None
        if ticket is None or not same_company(ticket, look):
            continue
        if _other_service(session, ticket, look.reading):
            return Match(linked=ticket.id, why=f"bears their number {number.written}, but names another service")
        return Match(ticket, why=f"bears their number {number.written}")
    return Match()


def _by_subject(session: Session, now: datetime, look: Look) -> Match:
    """An answer whose program kept no thread: same customer, same subject, marked as an answer."""
    subject = bare(look.facts.subject)
    if look.customer is None or not is_reply(look.facts.subject) or len(subject) < _MIN_SUBJECT:
        return Match()
    rows = session.exec(
        select(Ticket)
        .where(Ticket.customer_id == look.customer.id, col(Ticket.last_contact_at) >= now - _SUBJECT_WINDOW)
        .where(col(Ticket.state).not_in(_CLOSED))
        .order_by(col(Ticket.last_contact_at).desc())
        .limit(50)
    ).all()
    for ticket in rows:
        if bare(ticket.subject) == subject and not _other_service(session, ticket, look.reading):
            return Match(ticket, why="an answer with the ticket's subject, of the same customer")
    return Match()


def _other_service(session: Session, ticket: Ticket, reading: Reading) -> bool:
    if not reading.service_ids:
        return False
    known = set(session.exec(select(TicketService.service_id).where(TicketService.ticket_id == ticket.id)).all())
    return bool(known) and not known & set(reading.service_ids)


def _same_fault(session: Session, now: datetime, look: Look) -> Match:
    reading, customer = look.reading, look.customer
    if customer is None or reading.intent is not Intent.REPORT or not reading.service_ids:
        return Match()
    services = list(reading.service_ids)
    if not (found := ask(session, _LATELY, customer=customer.id, services=services, since=now - _WINDOW)):
        return Match()
    same = select(Ticket).where(col(Ticket.id).in_([i for (i,) in found]))
    rows = session.exec(same.order_by(col(Ticket.opened_at).desc())).all()
    for ticket in rows:
        if not reading.says_new and _same_start(ticket, reading):
            return Match(ticket, why="same customer, service and start time, within 24 h")
    return Match(linked=rows[0].id, why="same service lately: same fault?")


def _same_start(ticket: Ticket, reading: Reading) -> bool:
    entry = ticket.report.get(Field.START_TIME.value)
    if not entry or reading.start_time is None:
        return False
    return abs(datetime.fromisoformat(entry["values"][0]) - datetime.fromisoformat(iso(reading.start_time))) <= _WINDOW


def same_company(ticket: Ticket, look: Look) -> bool:
    """Whether the sender may speak in this case: his company's, or his own where it has none."""
    if look.customer is not None and ticket.customer_id is not None:
        return look.customer.id == ticket.customer_id
    return bool(look.requester) and ticket.customer_id is None and look.requester == ticket.requester

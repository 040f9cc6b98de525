"""What an agent changes about which contact belongs where: accept, split off, merge; each with its events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.errors import NotFoundError, UserError
from models.reading import Reading
from models.store import Store
from models.tables import Contact, Event, ReadingRecord, ThreadRef, Ticket, TicketService
from models.tables_mail import Acceptance, OtherRef, ParentProposal, TicketMerge
from models.tables_users import Audit
from models.words import ContactState, TicketEvent, Verdict
from tickets import report as reports
from tickets.ids import next_ticket_id
from tickets.review import for_review
from tickets.states import begin, transition
from tickets.stored import stored_reading

# Held mail that an agent lets through was written by a person; of all else only the ticket is wanted, never an answer.
_ANSWERED = frozenset({Verdict.UNWANTED.value})


def accept_contact(store: Store, contact_id: int, *, actor: str, now: datetime) -> None:
    """Makes a ticket of a contact that got none: it is taken again, read and filed as accepted."""
    with store.write() as session:
        contact = session.get(Contact, contact_id, with_for_update=True)
        if contact is None:
            raise NotFoundError(f"there is no contact {contact_id}")
        if contact.ticket_id or contact.state == ContactState.RECEIVED.value:
            raise UserError(f"contact {contact_id} has its ticket already, or is being filed")
        forged = "dmarc" in contact.reason
        verdict = Verdict.PERSON if contact.verdict in _ANSWERED and not forged else Verdict.ACCEPTED
        session.merge(Acceptance(contact_id=contact_id, verdict=verdict.value, actor=actor, at=now))
        session.add(
            Audit(at=now, actor=actor, action="contact-accepted", detail={"contact": contact_id, "was": contact.verdict})
        )
        contact.state, contact.tries, contact.lease_owner, contact.lease_until = ContactState.RECEIVED.value, 0, "", None
        session.add(contact)


def split_contact(store: Store, contact_id: int, *, actor: str, now: datetime) -> str:
    """Moves a contact to a ticket of its own and gives that; both reports are put together again from their contacts."""
    with store.write() as session:
        contact = session.get(Contact, contact_id, with_for_update=True)
        old = session.get(Ticket, contact.ticket_id, with_for_update=True) if contact and contact.ticket_id else None
        if contact is None or old is None:
            raise NotFoundError(f"contact {contact_id} belongs to no ticket")
        if len(_contacts(session, old.id)) < 2:
            raise UserError(f"contact {contact_id} is the only one of {old.id}")
        new = Ticket(
            id=next_ticket_id(session, contact.arrived_at),
            customer_id=old.customer_id,
            company=old.company,
            requester=contact.from_address or old.requester,
            subject=contact.subject,
            linked_ticket=old.id,
            opened_at=contact.arrived_at,
            last_contact_at=now,
        )
        session.add(new)
        session.flush()
        begin(session, new, now=now, actor=actor, contact_id=contact_id)
        contact.ticket_id = new.id
        session.add(contact)
        if contact.message_id and (ref := session.get(ThreadRef, contact.message_id)):
            ref.ticket_id = new.id
            session.add(ref)
        session.flush()
        for ticket in (old, new):
            _put_together(session, ticket)
        for_review(new, f"split off from {old.id}: check the report")
        _event(session, old, now, actor, "split", f"contact {contact_id} was split off into {new.id}", contact_id)
        _event(session, new, now, actor, "opened", f"split off from {old.id}", contact_id)
        detail = {"contact": contact_id, "from": old.id, "to": new.id}
        session.add(Audit(at=now, actor=actor, action="contact-split", detail=detail))
        return new.id


def merge_tickets(store: Store, source_id: str, target_id: str, *, actor: str, now: datetime) -> None:
    """Moves all of one ticket into another of the same customer; what names the first means the second from now on."""
    with store.write() as session:
        source = session.get(Ticket, source_id, with_for_update=True)
        target = session.get(Ticket, target_id, with_for_update=True)
        if source is None or target is None:
            raise NotFoundError(f"there is no ticket {source_id if source is None else target_id}")
        join_tickets(session, source, target, actor=actor, now=now)


def join_tickets(session: Session, source: Ticket, target: Ticket, *, actor: str, now: datetime, why: str = "") -> None:
    """The merging itself, in the caller's transaction. Raises UserError naming what stands against it."""
    _may_merge(session, source, target)
    told = f"merged into {target.id}" + (f": {why}" if why else "")
    transition(session, source, TicketEvent.MERGE, now=now, actor=actor, why=told)
    for table in (Contact, ThreadRef, OtherRef):
        session.connection().execute(update(table).where(col(table.ticket_id) == source.id).values(ticket_id=target.id))
    session.add(TicketMerge(ticket_id=source.id, into_id=target.id, at=now, actor=actor))
    proposal = session.get(ParentProposal, source.id)
    if proposal:
        proposal.state, proposal.actor = "merged", actor
    source.merged_into, source.linked_ticket = target.id, target.id
    source.review, source.reminder_due_at = False, None
    session.flush()
    _put_together(session, target)
    target.opened_at = min(target.opened_at, source.opened_at)
    target.last_contact_at = max(target.last_contact_at, source.last_contact_at)
    _event(session, target, now, actor, "merged", f"{source.id} was merged into this ticket" + (f": {why}" if why else ""))
    session.add(Audit(at=now, actor=actor, action="ticket-merged", detail={"from": source.id, "to": target.id}))


def decide_parent(store: Store, ticket_id: str, *, same_cause: bool, actor: str, now: datetime) -> None:
    """An agent's word on a proposed parent."""
    with store.write() as session:
        row = session.get(ParentProposal, ticket_id, with_for_update=True)
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        if row is None or ticket is None or row.state != "proposed":
            raise NotFoundError(f"no parent is proposed for {ticket_id}")
        row.state, row.actor, row.at = ("accepted" if same_cause else "refused"), actor, now
        ticket.linked_ticket = row.parent_id if same_cause else ticket.linked_ticket
        why = f"same cause as {row.parent_id}" if same_cause else f"not the same cause as {row.parent_id}"
        _event(session, ticket, now, actor, "parent", why)


def _may_merge(session: Session, source: Ticket, target: Ticket) -> None:
    if source.id == target.id:
        raise UserError(f"{source.id} cannot be merged into itself")
    if source.customer_id != target.customer_id or (source.customer_id is None and source.requester != target.requester):
        raise UserError(f"{source.id} and {target.id} are of different customers")
    for t in (source, target):
        if session.get(TicketMerge, t.id):
            raise UserError(f"{t.id} was merged into another ticket already")


def _contacts(session: Session, ticket_id: str) -> list[int]:
    rows = session.exec(select(Contact.id).where(Contact.ticket_id == ticket_id).order_by(col(Contact.id))).all()
    return [r for r in rows if r is not None]


def _put_together(session: Session, ticket: Ticket) -> None:
    """The report from the readings of the ticket's contacts, in order; what no contact told (an agent's words) stays."""
    report: reports.Report = {
        k: v for k, v in ticket.report.items() if isinstance(v, dict) and v.get("contact") is None and v.get("values")
    }
    for contact_id in _contacts(session, ticket.id):
        record = session.get(ReadingRecord, contact_id)
        reading: Reading | None = stored_reading(record) if record else None
        if reading:
            report = reports.merge(report, reading, contact_id).report
    ticket.report = report
    ticket.missing = [f.value for f in reports.missing(report)]
    impact = reports.impact_of(report)
    ticket.impact = impact.value if impact else None
    for row in session.exec(select(TicketService).where(TicketService.ticket_id == ticket.id)).all():
        session.delete(row)
    session.flush()
    session.add_all(TicketService(ticket_id=ticket.id, service_id=s) for s in reports.service_ids(report))
    ticket.version += 1
    session.add(ticket)


def _event(
    session: Session, ticket: Ticket, now: datetime, actor: str, kind: str, why: str, contact_id: int | None = None
) -> None:
    session.add(Event(ticket_id=ticket.id, at=now, actor=actor, kind=kind, why=why, contact_id=contact_id))

"""An agent's word on a report: fields corrected or accepted, the case worked out anew, and the way back.

Each word is kept twice: in the ticket's report (no later mail takes it away), and as a labelled value of the contact it
was read from, by which rule sets are judged.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from models.clock import iso
from models.directory import Directory
from models.errors import RefusedError, StaleError, UserError
from models.label_store import drop_label, label_of, put_label
from models.tables import Event, ReadingRecord, Ticket, TicketService
from models.tables_desk import Correction
from models.words import Field, TicketEvent
from tickets import report as reports
from tickets.corrected_mail import tell_of_changes
from tickets.mailing import Work
from tickets.policy import load_policy
from tickets.priority import rank_ticket
from tickets.review import for_review, settle
from tickets.states import transition

# Report field -> its name in the line of `intake read`, and whether that is a list.
LABELS: dict[Field, tuple[str, bool]] = {
    Field.SERVICE_ID: ("service_ids", True),
    Field.CIRCUIT_ID: ("circuit_ids", True),
    Field.IP_ADDRESS: ("ip_addresses", True),
    Field.IMPACT: ("impact", False),
    Field.START_TIME: ("start_time", False),
    Field.FAULT_PATTERN: ("fault_pattern", False),
    Field.DESCRIPTION: ("description", False),
    Field.TEST_RESULTS: ("has_test_results", False),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field and its values, canonical; none empties it. `raw` is what the agent selected or typed."""

    field: Field
    values: tuple[str, ...]
    raw: str = ""
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What a decision did: the name under which it can be undone, and what the customer is told, in words."""

    batch: str
    told: str


def check_version(session_ticket: Ticket, version: int, work: Work) -> None:
    """Raises StaleError, naming who did what, where the case is not the one that the agent has before him."""
    if session_ticket.version == version:
        return
    last = work.session.exec(
        select(Event).where(Event.ticket_id == session_ticket.id, Event.actor != work.actor).order_by(col(Event.id).desc())
    ).first()
    what = f": {last.actor}, {last.at:%H:%M} UTC, {last.kind.replace('_', ' ')} {last.why}".rstrip() if last else ""
    raise StaleError(f"The case has changed since you opened it{what}. Nothing of yours is lost: look, and save it again.")


def correct(work: Work, ticket: Ticket, directory: Directory, changes: Sequence[Change], *, contact_id: int | None) -> Done:
    """Sets fields of the report. Raises UserError where nothing would change."""
    real = [c for c in changes if list(c.values) != _values(ticket, c.field) or _confirm(ticket, c.field)]
    if not real:
        raise UserError("This is what stands in the report already.")
    return _decide(work, ticket, directory, real, contact_id, "corrected")


def accept(work: Work, ticket: Ticket, directory: Directory, fields: Sequence[Field], *, contact_id: int | None) -> Done:
    """Confirms fields as they stand."""
    changes = [Change(f, tuple(_values(ticket, f)), _raw(ticket, f)) for f in fields if _values(ticket, f)]
    return _decide(work, ticket, directory, changes, contact_id, "accepted")


def accept_case(work: Work, ticket: Ticket, directory: Directory, *, contact_id: int | None) -> Done:
    """Confirms everything that was read; the case leaves the queue, and escalates by age from now on."""
    fields = [f for f in LABELS if _values(ticket, f)]
    reasons, before = list(ticket.review_reasons), ticket.review
    done = _decide(work, ticket, directory, [Change(f, tuple(_values(ticket, f)), _raw(ticket, f)) for f in fields],
                   contact_id, "accepted")  # fmt: skip
    ticket.review, ticket.review_reasons, ticket.accepted = False, [], True
    work.event(ticket, "reviewed", "accepted as read" + (f"; settled: {'; '.join(reasons)}" if reasons else ""), was=before)
    work.session.add(ticket)
    return done


def undo(work: Work, ticket: Ticket, directory: Directory, batch: str) -> Done:
    """Takes a decision back. Raises RefusedError where a field of it has been changed again since."""
    rows = work.session.exec(
        select(Correction)
        .where(Correction.ticket_id == ticket.id, Correction.batch == batch)
        .where(col(Correction.undone_at).is_(None))
    ).all()  # fmt: skip
    if not rows:
        raise RefusedError("There is nothing to undo here any more.")
    for row in rows:
        if ticket.report.get(row.field) != row.after:
            raise RefusedError(f"The {row.field.replace('_', ' ')} has been changed again since; correct it instead.")
    had_missing = bool(ticket.missing)
    report = dict(ticket.report)
    for row in rows:
        if row.before is None:
            report.pop(row.field, None)
        else:
            report[row.field] = row.before
        _label_back(work, row)
        row.undone_at = work.now
        work.session.add(row)
    fields = [Field(r.field) for r in rows]
    told = _work_out(work, ticket, directory, report, fields, had_missing, tell=any(r.kind == "corrected" for r in rows))
    ticket.review_reasons, ticket.review = list(rows[0].reasons_before or ()), rows[0].review_before
    work.event(ticket, "undone", "taken back: " + ", ".join(f.value for f in fields))
    return Done("", told)


def last_batch(work_session: Any, ticket_id: str, actor: str, since: datetime) -> str:
    """The newest decision of this agent on the ticket that can still be undone, or an empty string."""
    row = work_session.exec(
        select(Correction)
        .where(Correction.ticket_id == ticket_id, Correction.actor == actor, Correction.at > since)
        .where(col(Correction.undone_at).is_(None))
        .order_by(col(Correction.id).desc())
    ).first()
    return row.batch if row else ""


def _decide(
    work: Work, ticket: Ticket, directory: Directory, changes: Sequence[Change], contact_id: int | None, kind: str
) -> Done:
    batch, had_missing = secrets.token_urlsafe(9), bool(ticket.missing)
    report, reasons, review = dict(ticket.report), list(ticket.review_reasons), ticket.review
    for change in changes:
        before = ticket.report.get(change.field.value)
        after = _entry(change, before, contact_id, work, kind)
        if after is None:
            report.pop(change.field.value, None)
        else:
            report[change.field.value] = after
        row = Correction(
            ticket_id=ticket.id, contact_id=contact_id, field=change.field.value, kind=kind, before=before, after=after,
            batch=batch, actor=work.actor, at=work.now, reasons_before=reasons, review_before=review,
        )  # fmt: skip
        if contact_id is not None:
            row.label_before = _label(work, contact_id, change, before, kind)
        work.session.add(row)
    fields = [c.field for c in changes]
    told = _work_out(work, ticket, directory, report, fields, had_missing, tell=kind == "corrected")
    if kind == "corrected":
        said = ", ".join(f"{c.field.value} = {', '.join(c.values) or 'nothing'}" for c in changes)
        work.event(ticket, "corrected", said[:500], batch=batch)
    return Done(batch, told)


def _work_out(
    work: Work, ticket: Ticket, directory: Directory, report: reports.Report, fields: Sequence[Field], had: bool, *, tell: bool
) -> str:
    """Everything that follows from the report: what is missing, services, priority, reasons, state and the mail."""
    ticket.report = report
    ticket.missing = [f.value for f in reports.missing(report)]
    if Field.SERVICE_ID in fields:
        _services(work, ticket, directory)
    rank_ticket(work.session, ticket, directory, load_policy(work.session).priority, now=work.now, actor=work.actor)
    settle(ticket, fields)
    if had and not ticket.missing:
        ticket.reminder_due_at = None
        why = f"nothing is missing any more: {work.actor} filled it in"
        transition(work.session, ticket, TicketEvent.COMPLETE, now=work.now, actor=work.actor, why=why)
    ticket.version += 1
    work.session.add(ticket)
    return tell_of_changes(work, ticket, had_missing=had) if tell else ""


def _services(work: Work, ticket: Ticket, directory: Directory) -> None:
    for row in work.session.exec(select(TicketService).where(TicketService.ticket_id == ticket.id)).all():
        work.session.delete(row)
    work.session.flush()
    for name in reports.service_ids(ticket.report):
        work.session.add(TicketService(ticket_id=ticket.id, service_id=name))
        service = directory.service_by_id.get(name)
        if service is None:
            for_review(ticket, f"service {name} is not in the directory")
        elif ticket.customer_id and service.customer != ticket.customer_id:
            for_review(ticket, f"service {name} is another customer's")


def _entry(
    change: Change, before: dict[str, Any] | None, contact_id: int | None, work: Work, kind: str
) -> dict[str, Any] | None:
    """An agent's entry names no contact, so that putting a report together again leaves it alone; `of` says where he saw it."""
    if not change.values:
        return None
    kept = {k: v for k, v in (before or {}).items() if kind == "accepted" and k in ("earliest", "latest", "spans")}
    of = contact_id if kind == "corrected" or not before else before.get("contact") or before.get("of")
    entry = {**kept, "values": list(change.values), "raw": change.raw, "confirm": False, "contact": None, "of": of}
    if change.spans:
        entry["spans"] = [list(s) for s in change.spans]
    by = {"by": work.actor, "at": iso(work.now), "how": kind}
    return entry | (by if kind == "corrected" or not (before or {}).get("by") else {k: (before or {}).get(k, "") for k in by})


def _label(work: Work, contact_id: int, change: Change, before: dict[str, Any] | None, kind: str) -> list[Any] | None:
    """Labels the contact, and gives what was its label before ([] for none), or None where it gets none."""
    reading = work.session.get(ReadingRecord, contact_id)
    if reading is None:
        return None
    name, many = LABELS[change.field]
    read = reading.data.get(name)
    if kind == "accepted" and not read:
        return None
    value: Any
    if many:
        others = set((before or {}).get("values") or ()) - set(read or ())
        value = [v for v in change.values if v not in others]
        if kind == "accepted" and set(value) - set(read or ()):
            return None
    elif change.field is Field.TEST_RESULTS:
        value = bool(change.values)
    else:
        value = change.values[0] if change.values else None
        if kind == "accepted" and value != read:
            return None
    old = label_of(work.session, contact_id, name)
    put_label(work.session, contact_id, name, value, actor=work.actor, now=work.now)
    return old


def _label_back(work: Work, row: Correction) -> None:
    if row.contact_id is None or row.label_before is None:
        return
    name, _ = LABELS[Field(row.field)]
    if row.label_before:
        put_label(work.session, row.contact_id, name, row.label_before[0], actor=work.actor, now=work.now)
    else:
        drop_label(work.session, row.contact_id, name)


def _values(ticket: Ticket, field: Field) -> list[str]:
    return list((ticket.report.get(field.value) or {}).get("values") or ())


def _confirm(ticket: Ticket, field: Field) -> bool:
    return bool((ticket.report.get(field.value) or {}).get("confirm"))


def _raw(ticket: Ticket, field: Field) -> str:
    return str((ticket.report.get(field.value) or {}).get("raw") or "")

"""The Reason for Outage report: requested, drafted from the timeline, reviewed, approved, sent within its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.clock import iso
from models.documents import ActionLine, RfoDocument, TimelineLine
from models.durations import length
from models.errors import RefusedError, UserError
from models.tables import Event, Outbox
from models.tables_life import OutboxFile, PreventiveAction, Problem, ProblemTicket, Rfo, TicketMark
from models.words import EscalationCause, Field, MailEvent, Priority, RfoState
from tickets.escalation import escalate, matrix_of
from tickets.mailing import Work, in_words, tell_customer, tell_staff
from tickets.plan import LifeCase
from tickets.report import recorded
from tickets.states import DONE, look_again
from tickets.webhook_events import HookEvent, emit

RfoAct = Callable[[Work, LifeCase, Rfo], object]
FIELDS: tuple[str, ...] = ("title", "summary", "cause", "resolution", "actions")
# What of a ticket's history a customer reads in its RFO, in his words.
_TOLD: Mapping[str, str] = {
    "opened": "Ticket opened",
    "joined": "Further message from you",
    "escalated": "Escalated",
    "acknowledged": "Escalation acknowledged",
}
_STATES = {
    "in_progress": "Work started",
    "deferred": "Deferred by agreement",
    "resolved": "Service restored",
    "reopened": "Ticket reopened",
    "awaiting_customer": "We asked for information",
    "closed": "Ticket closed",
}


def refusal(case: LifeCase) -> str:
    """Why there is no RFO for this case, in words for the customer; empty where there is one."""
    if case.state not in DONE:
        return "the ticket is not resolved yet"
    if case.priority not in (Priority.CRITICAL, Priority.MAJOR):
        return f"the incident's priority is {case.priority.value.capitalize()}; a report is made for Critical and Major ones"
    return ""


def request(work: Work, case: LifeCase, *, by: str, channel: str) -> Rfo | None:
    """Takes a request: due in business days from now, answered at once. None: it goes to a person, with a clear answer.

    A second request while one is open changes nothing and is answered with the date.
    """
    ticket, why = case.ticket, refusal(case)
    if why:
        work.event(ticket, "rfo", f"requested by {by}, not possible: {why}")
        work.review(ticket, f"{by} asks for an RFO, but {why}")
        key = f"rfo-no:{ticket.id}:{work.contact_id or iso(work.now)}"
        tell_customer(work, ticket, MailEvent.RFO_NOT_POSSIBLE, key, {"note": why[0].upper() + why[1:] + "."}, counted=False)
        return None
    row = case.rfo if case.rfo and case.rfo.state != RfoState.SENT.value else None
    if row is None:
        due = case.policy.calendar_of(ticket.customer_id).add(work.now, length(case.policy.care.rfo_due))
        row = Rfo(
            ticket_id=ticket.id,
            state=RfoState.REQUESTED.value,
            requested_at=work.now,
            requested_by=by,
            channel=channel,
            contact_id=work.contact_id,
            due_at=due,
        )
        row.body = draft(work.session, case)
        work.session.add(row)
        work.session.flush()
        case.rfo = row
        work.event(ticket, "rfo", f"requested by {by}, due {in_words(due)}", rfo=row.id)
        work.review(ticket, f"an RFO is due {in_words(due)}")
        look_again(ticket, work.now)
    key = f"rfo-requested:{row.id}:{work.contact_id or iso(work.now)}"
    tell_customer(work, ticket, MailEvent.RFO_REQUESTED, key, {"due": in_words(row.due_at)}, counted=False)
    return row


def draft(session: Session, case: LifeCase) -> dict[str, object]:
    """What the report can already say: from the ticket, its history, and its problem if it has one."""
    ticket = case.ticket
    problem = problem_of(session, ticket.id)
    actions = _actions(session, problem)
    known = {row["field"]: str(row["value"]) for row in recorded(ticket.report)}
    return {
        "title": ticket.subject or known.get(Field.DESCRIPTION.value, "Incident")[:120],
        "summary": known.get(Field.DESCRIPTION.value, ""),
        "cause": problem.root_cause if problem else "",
        "resolution": ticket.resolution,
        "actions": [asdict(a) for a in actions],
    }


def edit(work: Work, case: LifeCase, row: Rfo, body: Mapping[str, str], *, version: int) -> None:
    """An editor's new text, in review from now. Raises RefusedError when another was faster or it is approved already."""
    if row.state not in (RfoState.REQUESTED.value, RfoState.REVIEW.value):
        raise RefusedError(f"the RFO of {row.ticket_id} is {row.state}; it is not edited any more")
    if row.version != version:
        raise RefusedError(f"the RFO of {row.ticket_id} was changed by {row.edited_by} meanwhile; load it again")
    row.body = {**row.body, **{k: v.strip() for k, v in body.items() if k in FIELDS and k != "actions"}}
    if "actions" in body:
        row.body["actions"] = parse_actions(body["actions"])
    row.version, row.edited_by, row.state = version + 1, work.actor, RfoState.REVIEW.value
    work.session.add(row)
    work.event(case.ticket, "rfo", f"edited, version {row.version}", rfo=row.id)


def approve(work: Work, case: LifeCase, row: Rfo, draw: Callable[[RfoDocument], bytes], *, provider: str) -> Outbox | None:
    """Approved by another person than its editor, drawn as PDF and sent to the customer. Raises RefusedError, UserError."""
    if row.state != RfoState.REVIEW.value:
        raise RefusedError(f"the RFO of {row.ticket_id} is {row.state}; it is approved from review")
    if row.edited_by == work.actor:
        raise RefusedError("who wrote an RFO does not approve it; ask a colleague")
    empty = [name for name in ("summary", "cause", "resolution") if not str(row.body.get(name, "")).strip()]
    if empty:
        raise UserError(f"the RFO of {row.ticket_id} does not tell yet: {', '.join(empty)}")
    row.state, row.approved_by, row.approved_at = RfoState.APPROVED.value, work.actor, work.now
    row.reviewed_by = work.actor
    row.pdf = draw(document(work.session, case, row, provider=provider, issued_at=work.now))
    work.event(case.ticket, "rfo", "approved", rfo=row.id)
    context = {"due": in_words(row.due_at), "note": str(row.body.get("summary", ""))}
    mail = tell_customer(work, case.ticket, MailEvent.RFO, f"rfo:{row.id}", context, counted=False)
    if mail is not None:
        mail.automatic = False
        row.outbox_id, row.sent_at, row.state = mail.id, work.now, RfoState.SENT.value
        work.session.add(
            OutboxFile(outbox_id=mail.id or 0, name=f"RFO-{row.ticket_id}.pdf", media_type="application/pdf", data=row.pdf)
        )
        work.event(case.ticket, "rfo", f"sent to {mail.to_address}", rfo=row.id, outbox=mail.id)
        emit(work.session, HookEvent.RFO_SENT, ticket_id=row.ticket_id, now=work.now, data={"rfo": row.id})
    work.session.add(row)
    look_again(case.ticket, work.now)
    work.session.add(case.ticket)
    return mail


def remind(work: Work, case: LifeCase, number: str) -> None:
    """A reminder to whoever is responsible, and to the console; once each."""
    row = case.rfo
    assert row is not None
    _once(work, case, f"rfo:{row.id}:reminder:{number}")
    why = f"the RFO is due {in_words(row.due_at)}"
    work.event(case.ticket, "rfo", f"reminder {number}: {why}", rfo=row.id)
    work.review(case.ticket, why)
    _to_staff(work, case, row, f"reminder:{number}")


def overdue(work: Work, case: LifeCase) -> None:
    """The promise is broken: shown, and escalated."""
    row = case.rfo
    assert row is not None
    _once(work, case, f"rfo:{row.id}:overdue")
    why = f"the RFO was due {in_words(row.due_at)} and is overdue"
    work.event(case.ticket, "rfo", why, rfo=row.id)
    work.review(case.ticket, why)
    found = matrix_of(case)
    level = case.ticket.escalation_level + 1
    if found and found.row.level(level):
        escalate(work, case, level, EscalationCause.RFO, why)
    _to_staff(work, case, row, "overdue")


def document(
    session: Session, case: LifeCase, row: Rfo, *, provider: str, issued_at: datetime, is_draft: bool = False
) -> RfoDocument:
    """The report as a value; its timeline is that of the ticket's events alone."""
    ticket, start = case.ticket, case.ticket.report.get(Field.START_TIME.value)
    began = datetime.fromisoformat(start["values"][0]) if start and start["values"] else None
    end = ticket.resolved_at
    known = {r["field"]: str(r["value"]) for r in recorded(ticket.report)}
    return RfoDocument(
        provider=provider,
        ticket=ticket.id,
        customer=ticket.company or ticket.requester,
        number=f"RFO-{ticket.id.removeprefix('INC-')}-{row.id}",
        issued_at=issued_at,
        title=str(row.body.get("title", "")),
        services=tuple(case.services),
        impact=known.get(Field.IMPACT.value, "Not known"),
        priority=ticket.priority.capitalize(),
        began_at=began,
        opened_at=ticket.opened_at,
        ended_at=end,
        duration=span_words(end - (began or ticket.opened_at)) if end else "",
        summary=str(row.body.get("summary", "")),
        cause=str(row.body.get("cause", "")),
        resolution=str(row.body.get("resolution", "")),
        actions=tuple(ActionLine(**a) for a in row.body.get("actions", [])),
        timeline=_timeline(session, ticket.id),
        draft=is_draft,
    )


def parse_actions(text: str) -> list[dict[str, str]]:
    """One preventive action a line: what | who | until when. Raises UserError naming the line."""
    out = []
    for number, line in enumerate((x for x in text.splitlines() if x.strip()), 1):
        parts = [p.strip() for p in line.split("|")]
        if len(parts) != 3 or not all(parts):
            raise UserError(f"preventive action {number}: write what | who | until when, each of them")
        out.append(dict(zip(("what", "owner", "due"), parts, strict=True)))
    return out


def span_words(span: timedelta) -> str:
    """`2 d 3 h 5 min`; parts of nothing are left out."""
    total = max(0, int(span.total_seconds() // 60))
    parts = ((total // 1440, "d"), (total // 60 % 24, "h"), (total % 60, "min"))
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "under a minute"


def problem_of(session: Session, ticket_id: str) -> Problem | None:
    return session.exec(
        select(Problem)
        .join(ProblemTicket, col(ProblemTicket.problem_id) == col(Problem.id))
        .where(ProblemTicket.ticket_id == ticket_id, Problem.state != "dismissed")
        .order_by(col(Problem.id).desc())
    ).first()


def _actions(session: Session, problem: Problem | None) -> list[ActionLine]:
    if problem is None:
        return []
    rows = session.exec(select(PreventiveAction).where(PreventiveAction.problem_id == problem.id)).all()
    return [ActionLine(a.what, a.owner, f"{a.due_at:%d %B %Y}" + (" (done)" if a.done_at else "")) for a in rows]


def _timeline(session: Session, ticket_id: str) -> tuple[TimelineLine, ...]:
    lines: list[TimelineLine] = []
    for e in session.exec(select(Event).where(Event.ticket_id == ticket_id).order_by(col(Event.at), col(Event.id))):
        if e.kind in _TOLD:
            what = _TOLD[e.kind] + (f" to level {e.data['level']}" if e.kind == "escalated" and "level" in e.data else "")
            lines.append(TimelineLine(e.at, what))
        elif e.kind == "state" and e.data.get("to") in _STATES:
            lines.append(TimelineLine(e.at, _STATES[e.data["to"]]))
    return tuple(lines)


def _once(work: Work, case: LifeCase, mark: str) -> None:
    work.session.add(TicketMark(ticket_id=case.ticket.id, mark=mark, at=work.now))
    case.marks[mark] = work.now


def _to_staff(work: Work, case: LifeCase, row: Rfo, key: str) -> None:
    found = matrix_of(case)
    level = found.row.level(max(1, case.ticket.escalation_level)) if found else None
    for person in level.persons if level else []:
        way = next((w for w in person.ways if w.by.value == "mail"), None)
        if way:
            context = {"due": in_words(row.due_at), "links": {"ticket": work.settings.page(f"/rfo/{row.id}")}}
            tell_staff(work, case.ticket, MailEvent.RFO_DUE, way.to, person.name, f"rfo:{row.id}:{key}:{way.to}", context)

"""The review queue as read from the database: what waits for a decision, by impact and age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import case
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from models.tables import Contact, Ticket
from models.tables_desk import DeskCase, DeskPresence
from models.words import Impact, TicketState, Verdict
from tickets.desk import PRESENT, present
from tickets.review import ReviewKind, kinds_of
from tickets.set_aside import Kind, items

# More than an agent can look through; the counts then say "or more".
MOST = 1000
_OVER = (TicketState.CLOSED.value, TicketState.MERGED.value)
_RANK = {Impact.SERVICE_AFFECTING.value: 0, "": 1, Impact.DEGRADATION.value: 2, Impact.NON_SERVICE_AFFECTING.value: 3}
_LAST = 4
_SHOWN = (
    Ticket.id, Ticket.review_reasons, Ticket.impact, Ticket.priority, Ticket.company, Ticket.requester, Ticket.subject,
    Ticket.opened_at, Ticket.state, Ticket.provisional, Ticket.missing,
)  # fmt: skip


@dataclass(slots=True)
class Case:
    """One line of the queue; `ref` is a ticket ID or, for a mail that has no ticket, `c12`."""

    ref: str
    kinds: tuple[ReviewKind, ...]
    reasons: list[str]
    impact: str
    priority: str
    company: str
    subject: str
    since: datetime
    state: str = ""
    provisional: bool = False
    missing: list[str] = field(default_factory=list)
    assigned_to: str = ""
    snoozed_until: datetime | None = None
    snoozed_by: str = ""
    snooze_why: str = ""
    watched_by: list[str] = field(default_factory=list)

    @property
    def rank(self) -> tuple[int, datetime]:
        return (_RANK.get(self.impact, _LAST) if self.priority else _LAST, self.since)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; `who` is mine, free or all."""

    kind: str = ""
    impact: str = ""
    who: str = "all"
    snoozed: bool = False
    words: str = ""

    def url(self, **other: str) -> str:
        """The list with these filters, and some of them otherwise."""
        now = {
            "kind": self.kind,
            "impact": self.impact,
            "whose": self.who,
            "asleep": "1" if self.snoozed else "",
            "q": self.words,
        }
        return "/review?" + urlencode({k: v for k, v in (now | other).items() if v and v != "all"})

    def takes(self, line: Case, user: str, now: datetime) -> bool:
        asleep = line.snoozed_until is not None and line.snoozed_until > now
        if asleep is not self.snoozed or (self.kind and self.kind not in line.kinds):
            return False
        if self.impact and (line.impact or "unknown") != self.impact:
            return False
        if self.who == "mine" and line.assigned_to != user:
            return False
        if self.who == "free" and line.assigned_to:
            return False
        told = " ".join((line.ref, line.company, line.subject, *line.reasons)).casefold()
        return self.words.casefold() in told


@dataclass(frozen=True, slots=True)
class Queue:
    lines: list[Case]
    kinds: dict[str, int]
    asleep: int
    mine: int
    total: int
    more: bool


def queue(session: Session, filters: Filters, user: str, now: datetime) -> Queue:
    """The cases that fit, worst and oldest first, and how many there are of each kind."""
    found = [*_tickets(session), *_contacts(session)]
    _desk(session, found, now)
    found.sort(key=lambda c: c.rank)
    awake = [c for c in found if not (c.snoozed_until and c.snoozed_until > now)]
    kinds = Counter(k.value for c in awake for k in c.kinds)
    lines = [c for c in found if filters.takes(c, user, now)]
    mine = sum(c.assigned_to == user for c in awake)
    return Queue(lines, dict(kinds), len(found) - len(awake), mine, len(awake), len(found) >= MOST)


def next_ref(session: Session, user: str, now: datetime, after: str = "") -> str:
    """The case to open next: none that sleeps, is another's, or is open on another's screen; an empty string for none."""
    lines = queue(session, Filters(), user, now).lines
    order = [c.ref for c in lines]
    at = order.index(after) + 1 if after in order else 0
    for line in (*lines[at:], *lines[:at]):
        others = [w for w in line.watched_by if w != user]
        if line.ref != after and line.assigned_to in ("", user) and not others:
            return line.ref
    return ""


def page_of(session: Session, ref: str) -> str:
    """Where a case is decided: at its newest contact, or at the ticket where it has none."""
    if ref.startswith("c"):
        return f"/contacts/{ref[1:]}"
    contact = session.exec(select(func.max(Contact.id)).where(Contact.ticket_id == ref)).one()
    return f"/contacts/{contact}" if contact else f"/tickets/{ref}"


def mark(session: Session, now: datetime) -> str:
    """Changes whenever the queue would look different: by arrangement, by presence, and when a case wakes."""
    changed = session.exec(select(func.max(DeskCase.changed_at))).one()
    here = session.exec(select(DeskPresence.ref, DeskPresence.user_name).where(DeskPresence.seen_at > now - PRESENT)).all()
    asleep = session.exec(select(func.count()).select_from(DeskCase).where(col(DeskCase.snoozed_until) > now)).one()
    return f"{changed}{sorted(here)}{asleep}"


def _tickets(session: Session) -> list[Case]:
    order = case({k: v for k, v in _RANK.items() if k}, value=col(Ticket.impact), else_=_RANK[""])
    # A thousand whole tickets would take longer to make than all the rest of the page.
    ask = sql_select(*(col(c) for c in _SHOWN)).where(col(Ticket.review).is_(True), col(Ticket.state).not_in(_OVER))
    rows = session.connection().execute(ask.order_by(order, col(Ticket.opened_at)).limit(MOST)).all()
    verdicts: dict[str, list[str]] = {}
    told = select(Contact.ticket_id, Contact.verdict).where(
        col(Contact.ticket_id).in_([t.id for t in rows]), Contact.verdict != Verdict.PERSON.value
    )
    for ticket_id, verdict in session.exec(told):
        verdicts.setdefault(ticket_id or "", []).append(verdict)
    return [_ticket(t, verdicts.get(t.id, [])) for t in rows]


def _ticket(t: Any, verdicts: Sequence[str]) -> Case:
    return Case(
        t.id, kinds_of(t.review_reasons, verdicts), list(t.review_reasons), t.impact or "", t.priority,
        t.company or t.requester, t.subject, t.opened_at, t.state, t.provisional, list(t.missing),
    )  # fmt: skip


def _contacts(session: Session) -> list[Case]:
    """Mails without a ticket: held as unwanted, or not processed at all."""
    out = []
    for kind, shown in ((Kind.HELD, ReviewKind.HOLD), (Kind.UNPROCESSABLE, ReviewKind.UNPROCESSABLE)):
        for i in items(session, kind, limit=200):
            if not i.ticket:
                out.append(Case(i.ref, (shown,), [i.why], "", "", i.who, i.subject, i.at))
    return out


def _desk(session: Session, found: Sequence[Case], now: datetime) -> None:
    refs = [c.ref for c in found]
    known = {r.ref: r for r in session.exec(select(DeskCase).where(col(DeskCase.ref).in_(refs)))}
    here = present(session, refs, now)
    for line in found:
        if row := known.get(line.ref):
            line.assigned_to, line.snoozed_until = row.assigned_to, row.snoozed_until
            line.snoozed_by, line.snooze_why = row.snoozed_by, row.snooze_why
        line.watched_by = here.get(line.ref, [])

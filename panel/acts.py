"""What a customer may do about a ticket of his: a table of acts, each a small function on the form as sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.errors import UserError
from models.tables import Ticket
from models.words import DeferralState
from panel.answering import check_answer
from panel.files import too_many
from panel.form import MOST_LOGS, MOST_WORDS, Sent
from panel.report import Given
from panel.sessions import Visitor
from panel.site import PanelSite
from panel.submitting import submit
from tickets import deferral
from tickets.clock_pass import load_case
from tickets.filing import FilingSettings
from tickets.mailing import Work
from tickets.plan import LifeCase
from tickets.reopening import ENDED, too_late
from tickets.rfo import refusal
from tickets.states import LIVE
from tickets.submissions import Act

Do = Callable[[PanelSite, Visitor, Ticket, Sent], None]


@dataclass(frozen=True, slots=True)
class TicketAct:
    """`do` works in transactions of its own; what stands against it comes to `sent.wrong`, beside its field."""

    name: str
    do: Do


def possible(session: Session, case: LifeCase, settings: FilingSettings, now: datetime) -> frozenset[str]:
    """What can be done about a ticket as it is now."""
    ticket = case.ticket
    live = ticket.state in {s.value for s in LIVE}
    late = too_late(session, ticket, now, settings.reopen_days)
    rules = {
        "add": ticket.state != "merged" and not late,
        "answer": live and bool(ticket.missing),
        "escalate": live,
        "rfo": not refusal(case),
        "reopen": ticket.state in ENDED and not late,
        "works": ticket.state == "resolved",
        "agree": _offered(case),
        "decline": _offered(case),
    }
    return frozenset(name for name, holds in rules.items() if holds)


def consent(site: PanelSite, ticket_id: str, *, agrees: bool, way: str, who: str) -> str:
    """The customer's answer to our offer to defer; gives why it came too late, else nothing."""
    try:
        with site.store.write() as session:
            ticket = session.get(Ticket, ticket_id, with_for_update=True)
            if ticket is None:
                return "There is no such ticket any more."
            work = Work(session, site.clock(), site.life, "customer", answer_to=who)
            case = load_case(session, ticket)
            if agrees:
                deferral.customer_agrees(work, case, way, who=who)
            else:
                deferral.decline(work, case, "the customer wants it worked on now")
            ticket.version += 1
            session.add(ticket)
            session.flush()
            queued = work.queued
    except UserError as e:
        return f"This offer is over ({e}). We keep working on your ticket."
    for row in queued:
        site.hint(row)
    return ""


def _offered(case: LifeCase) -> bool:
    return (
        case.deferral is not None and case.deferral.state == DeferralState.OFFERED.value and not case.deferral.customer_consent
    )


def _submits(act: Act, name: str, ask: str = "") -> Do:
    """An act with words and files; `ask` says what is wrong where it needs words and has none."""

    def do(site: PanelSite, visitor: Visitor, ticket: Ticket, sent: Sent) -> None:
        words, logs = sent[name].strip(), sent["logs"].strip("\n") if act is Act.ADD else ""
        if ask and not (words or logs or (act is Act.ADD and sent.files)):
            sent.wrong[name] = ask
        if len(words) > MOST_WORDS or len(logs) > MOST_LOGS:
            sent.wrong[name] = f"This is too long; {MOST_WORDS} characters fit in here, {MOST_LOGS} in the log."
        if why := too_many(sent.files):
            sent.wrong["files"] = why
        if not sent.wrong:
            _file(site, visitor, ticket, sent, act, name, Given(description=words, logs=logs))

    return do


def _answer(site: PanelSite, visitor: Visitor, ticket: Ticket, sent: Sent) -> None:
    directory = site.directory()
    customer = directory.customer_by_id.get(ticket.customer_id or "")
    given = check_answer(sent, ticket.missing, directory, customer, site.clock())
    if given is not None:
        _file(site, visitor, ticket, sent, Act.ANSWER, "answer", given)


def _file(site: PanelSite, visitor: Visitor, ticket: Ticket, sent: Sent, act: Act, name: str, given: Given) -> None:
    customer = next((c for c in visitor.customers if c.id == ticket.customer_id), None)
    try:
        submit(
            site, given, act=act, number=sent.number or ticket.id, address=visitor.address, name=visitor.name,
            customer=customer, at=site.clock(), files=sent.files, ticket=ticket.id,
        )  # fmt: skip
    except UserError as e:
        text = str(e)
        sent.wrong[name] = text[:1].upper() + text[1:] + "."


def _consents(agrees: bool) -> Do:
    def do(site: PanelSite, visitor: Visitor, ticket: Ticket, sent: Sent) -> None:
        if why := consent(site, ticket.id, agrees=agrees, way="the customers' pages", who=visitor.address):
            sent.wrong["offer"] = why

    return do


ACTS: Mapping[str, TicketAct] = {
    a.name: a
    for a in (
        TicketAct("add", _submits(Act.ADD, "words", "Please write something, paste a log, or choose a file.")),
        TicketAct("answer", _answer),
        TicketAct("escalate", _submits(Act.ESCALATE, "reason", "Please say why, so that the next level can act on it.")),
        TicketAct("rfo", _submits(Act.RFO, "rfo")),
        TicketAct("reopen", _submits(Act.REOPEN, "still", "Please tell us what does not work.")),
        TicketAct("works", _submits(Act.WORKS, "works")),
        TicketAct("agree", _consents(True)),
        TicketAct("decline", _consents(False)),
    )
}

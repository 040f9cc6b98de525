"""The list of tickets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session, select

from console.listing.filters import NOTHING_IN_IT, as_text, choice, contains, days, exactly, one_of, words, yes_no
from console.listing.rows import (
    customer_cell,
    in_order,
    priority_cell,
    service_cell,
    several,
    ticket_cell,
    word_cell,
)
from console.listing.spec import Cell, Column, Condition, ListSpec, Sort, View, column
from models.search import Kind
from models.tables import Ticket, TicketService, ticket_is_open
from models.words import MANDATORY, Impact, Priority, TicketState


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: Ticket
    services: tuple[str, ...]


def _load(session: Session, keys: Sequence[Any]) -> list[TicketRow]:
    tickets = session.exec(select(Ticket).where(column(Ticket.id).in_(keys))).all()
    services: dict[str, list[str]] = defaultdict(list)
    for row in session.exec(select(TicketService).where(column(TicketService.ticket_id).in_(keys))):
        services[row.ticket_id].append(row.service_id)
    rows = [TicketRow(t, tuple(sorted(services[t.id]))) for t in tickets]
    return in_order(keys, rows, lambda r: r.ticket.id)


def _state(value: str) -> Condition:
    return ticket_is_open() if value == "any-open" else column(Ticket.state) == value


def _missing(value: str) -> Condition:
    missing = as_text(column(Ticket.missing))
    if value in ("something", "nothing"):
        return missing == NOTHING_IN_IT if value == "nothing" else missing != NOTHING_IN_IT
    return contains(missing, f'"{value}"')


def of_service(service_id: str) -> Condition:
    """Whether a ticket is about this service, its ID in any case as far as it is written in capitals on file."""
    named: Select[Any] = select(TicketService.ticket_id).where(
        column(TicketService.service_id).in_({service_id, service_id.upper()})
    )
    return column(Ticket.id).in_(named)


_COLUMNS: tuple[Column[TicketRow], ...] = (
    Column("Ticket", lambda r: ticket_cell(r.ticket.id)),
    Column("Priority", lambda r: priority_cell(r.ticket.priority, provisional=r.ticket.provisional)),
    Column("Impact", lambda r: word_cell(r.ticket.impact, "not known"), whole=True),
    Column("Company", lambda r: customer_cell(r.ticket.customer_id, r.ticket.company or r.ticket.requester)),
    Column("Services", lambda r: several([service_cell(s) for s in r.services]), whole=True),
    Column("Subject", lambda r: Cell(r.ticket.subject or "(no subject)"), snippet=True),
    Column("Missing", lambda r: Cell(", ".join(words(m) for m in r.ticket.missing)), whole=True),
    Column(
        "State",
        lambda r: Cell(words(r.ticket.state), more=(Cell("review", pill="review"),) if r.ticket.review else ()),
        whole=True,
    ),
    Column("Opened", lambda r: Cell(at=r.ticket.opened_at)),
    Column("Last contact", lambda r: Cell(at=r.ticket.last_contact_at)),
)
TICKETS: ListSpec[TicketRow] = ListSpec(
    name="tickets",
    title="Tickets",
    path="/tickets",
    key=column(Ticket.id),
    load=_load,
    key_of=lambda r: r.ticket.id,
    columns=_COLUMNS,
    sorts=(
        Sort("newest", "newest first", (column(Ticket.opened_at), column(Ticket.id))),
        Sort("oldest", "oldest first", (column(Ticket.opened_at), column(Ticket.id)), descending=False),
        Sort("latest", "latest contact first", (column(Ticket.last_contact_at), column(Ticket.id))),
        Sort("silent", "longest without contact first", (column(Ticket.last_contact_at), column(Ticket.id)), descending=False),
    ),
    filters=(
        choice("state", "State", (("any-open", "any open"), *((s.value, words(s.value)) for s in TicketState)), _state),
        one_of("priority", "Priority", column(Ticket.priority), list(Priority)),
        choice(
            "impact",
            "Impact",
            (*((i.value, words(i.value)) for i in Impact), ("unknown", "not known")),
            lambda v: column(Ticket.impact).is_(None) if v == "unknown" else column(Ticket.impact) == v,
        ),
        yes_no("review", "For review", column(Ticket.review).is_(True), column(Ticket.review).is_(False)),
        choice(
            "missing",
            "Missing",
            (("something", "something"), ("nothing", "nothing"), *((m.value, words(m.value)) for m in MANDATORY)),
            _missing,
        ),
        yes_no(
            "missed",
            "Promise missed",
            as_text(column(Ticket.breaches)) != NOTHING_IN_IT,
            as_text(column(Ticket.breaches)) == NOTHING_IN_IT,
        ),
        exactly("customer", "Customer ID", lambda v: column(Ticket.customer_id) == v),
        exactly("service", "Service ID", of_service),
        *days(column(Ticket.opened_at), "Opened"),
    ),
    views=(
        View("All", ""),
        View("Open", "state=any-open"),
        View("For review", "review=yes"),
        View("Something missing", "state=any-open&missing=something"),
        View("Promise missed", "state=any-open&missed=yes"),
    ),
    index=Kind.TICKET,
    texts=lambda session, keys: [(r.ticket.id, _words_of(r.ticket)) for r in _load(session, keys)],
    search_hint="Ticket, service or circuit ID, company, sender, words of the report",
    empty="No ticket yet. Each report by mail, phone or panel becomes one; `intake send FILE.eml` hands a mail in.",
)


def _words_of(ticket: Ticket) -> str:
    told = [e.get("values", []) for e in ticket.report.values() if isinstance(e, dict)]
    values = [str(v) for some in told if isinstance(some, list) for v in some]
    return "\n".join((*values, ticket.resolution, ticket.company, ticket.requester, ticket.subject))

"""The lists of customers and services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import String, literal_column
from sqlmodel import Session, func, select

from console.listing.filters import as_text, choice, contains, exactly, yes_no
from console.listing.rows import customer_cell, in_order, service_cell, several
from console.listing.spec import Cell, Column, ListSpec, Sort, column
from models.tables import CustomerRecord, ServiceRecord, Ticket, TicketService, ticket_is_open

_FEW = 10


@dataclass(frozen=True, slots=True)
class CustomerRow:
    customer: CustomerRecord
    services: int
    open: int


@dataclass(frozen=True, slots=True)
class ServiceRow:
    service: ServiceRecord
    company: str
    open: int


def _customers(session: Session, keys: Sequence[Any]) -> list[CustomerRow]:
    if not keys:
        return []
    found = session.exec(select(CustomerRecord).where(column(CustomerRecord.id).in_(keys))).all()
    owned = _counts(
        session,
        select(ServiceRecord.customer, func.count())
        .where(column(ServiceRecord.customer).in_(keys))
        .group_by(ServiceRecord.customer),
    )
    open_now = _counts(
        session,
        select(Ticket.customer_id, func.count())
        .where(column(Ticket.customer_id).in_(keys), ticket_is_open())
        .group_by(column(Ticket.customer_id)),
    )
    rows = [CustomerRow(c, owned.get(c.id, 0), open_now.get(c.id, 0)) for c in found]
    return in_order(keys, rows, lambda r: r.customer.id)


def _services(session: Session, keys: Sequence[Any]) -> list[ServiceRow]:
    if not keys:
        return []
    found = session.exec(
        select(ServiceRecord, CustomerRecord.name)
        .join(CustomerRecord, column(CustomerRecord.id) == column(ServiceRecord.customer))
        .where(column(ServiceRecord.id).in_(keys))
    ).all()
    # Of many services not by their index: one of them may have had thousands of tickets, and few are open.
    named = column(TicketService.service_id) if len(keys) <= _FEW else func.coalesce(column(TicketService.service_id), "")
    open_now = _counts(
        session,
        select(TicketService.service_id, func.count())
        .where(named.in_(keys))
        .where(column(TicketService.ticket_id).in_(select(Ticket.id).where(ticket_is_open())))
        .group_by(TicketService.service_id),
    )
    return in_order(keys, [ServiceRow(s, name, open_now.get(s.id, 0)) for s, name in found], lambda r: r.service.id)


def _counts(session: Session, ask: Any) -> dict[str, int]:
    return {str(r[0]): int(r[1]) for r in session.exec(ask)}


def _open_cell(number: int, name: str, key: str) -> Cell:
    if not number:
        return Cell("0", quiet=True)
    return Cell(str(number), href=f"/tickets?state=any-open&{name}={quote(key, safe='')}")


CUSTOMERS: ListSpec[CustomerRow] = ListSpec(
    name="customers",
    title="Customers",
    path="/customers",
    key=column(CustomerRecord.id),
    load=_customers,
    key_of=lambda r: r.customer.id,
    columns=(
        Column("Customer", lambda r: customer_cell(r.customer.id, r.customer.name)),
        Column("ID", lambda r: Cell(r.customer.id)),
        Column("Domains", lambda r: Cell(", ".join(r.customer.domains))),
        Column("Contacts", lambda r: several([Cell(c.get("email") or c.get("phone") or "") for c in r.customer.contacts])),
        Column("Time zone", lambda r: Cell(r.customer.timezone)),
        Column(
            "Services",
            lambda r: Cell(str(r.services), href=f"/services?customer={quote(r.customer.id, safe='')}" if r.services else ""),
        ),
        Column("Open tickets", lambda r: _open_cell(r.open, "customer", r.customer.id)),
    ),
    sorts=(
        Sort("name", "by name", (column(CustomerRecord.name), column(CustomerRecord.id)), descending=False),
        Sort("id", "by ID", (column(CustomerRecord.id),), descending=False),
    ),
    filters=(
        yes_no(
            "domains",
            "Has a mail domain",
            as_text(column(CustomerRecord.domains)) != "[]",
            as_text(column(CustomerRecord.domains)) == "[]",
        ),
    ),
    like=(
        column(CustomerRecord.name),
        column(CustomerRecord.id),
        as_text(column(CustomerRecord.domains)),
        as_text(column(CustomerRecord.contacts)),
    ),
    search_hint="Name, ID, domain, contact",
    empty="No customer on file. `intake directory import FILE` takes JSON, CSV or NetBox.",
)
SERVICES: ListSpec[ServiceRow] = ListSpec(
    name="services",
    title="Services",
    path="/services",
    key=column(ServiceRecord.id),
    load=_services,
    key_of=lambda r: r.service.id,
    columns=(
        Column("Service", lambda r: service_cell(r.service.id)),
        Column("Customer", lambda r: customer_cell(r.service.customer, r.company)),
        Column("Product", lambda r: Cell(r.service.product)),
        Column("Site", lambda r: Cell(r.service.site)),
        Column("Redundant", lambda r: Cell("yes" if r.service.redundant else "no", quiet=not r.service.redundant)),
        Column("Circuits", lambda r: several([Cell(c) for c in r.service.circuits], 2)),
        Column("Open tickets", lambda r: _open_cell(r.open, "service", r.service.id)),
    ),
    sorts=(
        Sort("id", "by ID", (column(ServiceRecord.id),), descending=False),
        Sort("site", "by site", (column(ServiceRecord.site), column(ServiceRecord.id)), descending=False),
    ),
    filters=(
        exactly("customer", "Customer ID", lambda v: column(ServiceRecord.customer) == v),
        exactly("site", "Site", lambda v: contains(column(ServiceRecord.site), v)),
        yes_no("redundant", "Redundant", column(ServiceRecord.redundant).is_(True), column(ServiceRecord.redundant).is_(False)),
        choice(
            "activated",
            "Activated",
            (("yes", "yes"), ("no", "not told")),
            lambda v: column(ServiceRecord.activated).is_not(None) if v == "yes" else column(ServiceRecord.activated).is_(None),
        ),
    ),
    # A column that the database derives (migration 0011): ID, product, site, circuits and prefixes in one text.
    like=(literal_column("service.words", String()),),
    search_hint="Service or circuit ID, prefix, product, site",
    empty="No service on file. `intake directory import FILE` takes JSON, CSV or NetBox.",
)

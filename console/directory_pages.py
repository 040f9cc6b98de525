"""One service and one customer: what is on file, who is called when, what happened, and what other carriers plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session, col, func, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.listing.directory import SERVICES
from console.listing.fetch import fetch
from console.listing.mails import notices_list
from console.listing.query import parse
from console.listing.spec import ListPage, ListSpec
from console.listing.tickets import TICKETS
from console.site import Site
from models.directory import Service
from models.matrix_file import MatrixVersion
from models.tables import CustomerRecord, ServiceRecord, Ticket, TicketService
from models.tables_life import Problem
from models.tables_mail import CarrierNotice, NoticeService
from models.words import Priority
from tickets.handover import channels_of
from tickets.policy import Policy, load_policy
from tickets.problems import ALIVE

_SHOWN = 10
# Which notices are shown, in this order, each with its heading.
_WINDOWS = (("now", "Now"), ("planned", "Planned"), ("past", "Past"))


@dataclass(frozen=True, slots=True)
class Chronic:
    """How often a service failed lately, and whether that is too often."""

    service: str
    tickets: int
    days: int
    limit: int

    @property
    def flagged(self) -> bool:
        return self.tickets >= self.limit


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One level of a matrix: after how long, for each priority, and who."""

    level: int
    title: str
    ages: tuple[str, ...]
    persons: tuple[str, ...]


def add_directory_pages(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))
    notices = notices_list(site.clock)

    @app.get("/services/{service_id}", response_class=HTMLResponse)
    def service_page(request: Request, service_id: str, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            service = session.get(ServiceRecord, service_id)
            customer = session.get(CustomerRecord, service.customer) if service else None
            if service is None or customer is None:
                raise HTTPException(404, "There is no such service.")
            policy = load_policy(session)
            context = {
                "who": who, "s": service, "customer": customer, "tickets_spec": TICKETS, "notices_spec": notices,
                "chronic": chronic(session, policy, [service.id], site.clock())[0],
                "problems": problems_of(session, service),
                "channels": channels_of(session, _service(service)),
                "history": _page(session, TICKETS, service=service.id),
                "notices": [(title, _page(session, notices, window=w, service=service.id)) for w, title in _WINDOWS],
                **_matrix(policy, service.customer, [service.id]),
            }  # fmt: skip
        return site.pages.TemplateResponse(request, "service.html", context)

    @app.get("/customers/{customer_id}", response_class=HTMLResponse)
    def customer_page(request: Request, customer_id: str, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            customer = session.get(CustomerRecord, customer_id)
            if customer is None:
                raise HTTPException(404, "There is no such customer.")
            policy = load_policy(session)
            services = _page(session, SERVICES, customer=customer.id)
            owned = session.exec(select(ServiceRecord.id).where(ServiceRecord.customer == customer.id).limit(2000)).all()
            flagged = [c for c in chronic(session, policy, owned, site.clock()) if c.flagged]
            context = {
                "who": who, "c": customer, "services": services, "services_spec": SERVICES, "tickets_spec": TICKETS,
                "notices_spec": notices, "chronic": sorted(flagged, key=lambda c: -c.tickets)[:20],
                "open": _page(session, TICKETS, customer=customer.id, state="any-open"),
                "history": _page(session, TICKETS, customer=customer.id),
                "notices": [
                    (title, found) for w, title in _WINDOWS if (found := _of_services(session, notices, w, owned)).rows
                ],
                **_matrix(policy, customer.id, []),
            }  # fmt: skip
        return site.pages.TemplateResponse(request, "customer.html", context)


def chronic(session: Session, policy: Policy, services: Sequence[str], now: datetime) -> list[Chronic]:
    """How many tickets each service had in the days that the policy names."""
    care = policy.care
    counted = dict(
        session.exec(
            select(TicketService.service_id, func.count())
            .join(Ticket, col(Ticket.id) == col(TicketService.ticket_id))
            .where(col(TicketService.service_id).in_(services), col(Ticket.opened_at) > now - timedelta(days=care.chronic_days))
            .group_by(TicketService.service_id)
        ).all()
    )
    return [Chronic(s, counted.get(s, 0), care.chronic_days, care.chronic_tickets) for s in services]


def problems_of(session: Session, service: ServiceRecord) -> list[Problem]:
    """Problems under work that concern the service, one of its circuits, its site or its customer."""
    scopes = [f"service:{service.id}", *(f"circuit:{c}" for c in service.circuits), f"customer:{service.customer}"]
    scopes += [f"site:{service.site}"] if service.site else []
    asked = select(Problem).where(col(Problem.scope).in_(scopes), col(Problem.state).in_(ALIVE))
    return list(session.exec(asked.order_by(col(Problem.id).desc()).limit(_SHOWN)).all())


def _page(session: Session, spec: ListSpec[Any], **values: str) -> ListPage[Any]:
    return fetch(session, spec, parse(spec, values), size=_SHOWN)


def _of_services(session: Session, notices: ListSpec[Any], when: str, services: Sequence[str]) -> ListPage[Any]:
    """Notices of a window that touch any of these services."""
    touching = col(CarrierNotice.id).in_(select(NoticeService.notice_id).where(col(NoticeService.service_id).in_(services)))
    return _page(session, replace(notices, base=(*notices.base, touching)), window=when)


def _matrix(policy: Policy, customer: str, services: Sequence[str]) -> dict[str, object]:
    found = policy.matrix_for(customer, services)
    targets = policy.targets_for(customer, services)
    promised = [(k, [a.words if (a := targets.of(k, p)) else "none" for p in Priority]) for k in ("response", "repair")]
    return {"matrix": found, "levels": _lines(found), "priorities": list(Priority), "promised": promised}


def _lines(found: MatrixVersion | None) -> list[MatrixLine]:
    if found is None:
        return []
    return [
        MatrixLine(
            level.level,
            level.title,
            tuple(a.words if found.row.by_age and (a := level.age(p)) else "by hand" for p in Priority),
            tuple(f"{p.name} ({', '.join(f'{w.by.value} {w.to}' for w in p.ways)})" for p in level.persons),
        )
        for level in found.row.levels
    ]


def _service(s: ServiceRecord) -> Service:
    return Service(s.id, s.customer, s.product, s.site, tuple(s.circuits), tuple(s.prefixes), s.redundant, s.activated)

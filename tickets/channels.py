"""The address or number that a customer used narrows the services that he may mean (docs/domain.md, welcome message)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from models.directory import Customer, Directory
from models.reading import Reading
from models.words import Field, Intent
from tickets import report as reports
from tickets.handover import services_of_channel
from tickets.report import Report

# More than so many are no help in a question.
MAX_CHOICES = 8


def candidates(session: Session, used: Iterable[str], customer: Customer | None, directory: Directory) -> list[str]:
    """The customer's own services for which what he used was handed out; none where it is for everybody."""
    if customer is None:
        return []
    found = [s for value in used for s in services_of_channel(session, value, directory)]
    own = {s.id for s in directory.services_by_customer.get(customer.id, ())}
    return [s for s in dict.fromkeys(found) if s in own]


def narrow(report: Report, reading: Reading, services: list[str], contact_id: int | None) -> tuple[Report, str]:
    """Takes the only candidate as the service, to be confirmed, or offers few; gives the report and what was done."""
    if not services or reading.intent is not Intent.REPORT or reports.service_ids(report):
        return report, ""
    if len(services) == 1:
        entry = {"values": services, "raw": "", "confirm": True, "contact": contact_id}
        return report | {
            Field.SERVICE_ID.value: entry
        }, f"{services[0]}: the address or number used is for it alone; to confirm"
    if len(services) <= MAX_CHOICES:
        return report | {"choices": services}, f"the address or number used is for {', '.join(services)}"
    return report, ""

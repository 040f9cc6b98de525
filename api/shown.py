"""What goes out as JSON: each field with its meaning, and nothing of ours that is not named here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from models.tables import Contact, Event, ServiceRecord, Ticket
from models.tables_life import Escalation, Rfo
from models.words import EscalationCause, Impact, Pattern, Priority, RfoState, TicketState, Urgency


class ReportOut(BaseModel):
    service_ids: list[str]
    circuit_ids: list[str]
    ip_addresses: list[str]
    impact: Impact | None
    start_time: datetime | None
    description: str | None
    fault_pattern: Pattern | None
    test_results: str | None

    @classmethod
    def of(cls, report: dict[str, Any]) -> ReportOut:
        def many(name: str) -> list[str]:
            entry = report.get(name)
            return list(entry["values"]) if isinstance(entry, dict) and entry.get("values") else []

        def one(name: str) -> Any:
            return next(iter(many(name)), None)

        return cls(
            service_ids=many("service_id"), circuit_ids=many("circuit_id"), ip_addresses=many("ip_address"),
            impact=one("impact"), start_time=one("start_time"), description=one("description"),
            fault_pattern=one("fault_pattern"), test_results="\n".join(many("test_results")) or None,
        )  # fmt: skip


class TicketOut(BaseModel):
    id: str
    state: TicketState
    priority: Priority
    impact: Impact | None
    urgency: Urgency
    provisional: bool = Field(description="The priority waits for the impact to be known.")
    customer: str | None
    company: str
    requester: str
    subject: str
    report: ReportOut
    missing: list[str] = Field(description="Mandatory fields that nobody has told yet.")
    review: bool
    review_reasons: list[str] = Field(description="Why a person must look; empty for a customer's own token.")
    linked_ticket: str | None
    parent_ticket: str | None
    merged_into: str | None
    escalation_level: int
    resolution: str
    opened_at: datetime
    last_contact_at: datetime
    response_due_at: datetime | None
    responded_at: datetime | None
    repair_due_at: datetime | None
    resolved_at: datetime | None
    version: int

    @classmethod
    def of(cls, t: Ticket, *, ours: bool) -> TicketOut:
        """`ours`: for somebody of ours; a customer does not read what we note for ourselves."""
        return cls(
            id=t.id, state=TicketState(t.state), priority=Priority(t.priority), impact=Impact(t.impact) if t.impact else None,
            urgency=Urgency(t.urgency), provisional=t.provisional, customer=t.customer_id, company=t.company,
            requester=t.requester, subject=t.subject, report=ReportOut.of(t.report), missing=list(t.missing),
            review=t.review if ours else False, review_reasons=list(t.review_reasons) if ours else [],
            linked_ticket=t.linked_ticket if ours else None, parent_ticket=t.parent_ticket if ours else None,
            merged_into=t.merged_into, escalation_level=t.escalation_level, resolution=t.resolution, opened_at=t.opened_at,
            last_contact_at=t.last_contact_at, response_due_at=t.response_due_at, responded_at=t.responded_at,
            repair_due_at=t.repair_due_at, resolved_at=t.resolved_at, version=t.version,
        )  # fmt: skip


class EventOut(BaseModel):
    id: int
    at: datetime
    actor: str
    kind: str
    why: str
    contact: int | None

    @classmethod
    def of(cls, e: Event) -> EventOut:
        return cls(id=e.id or 0, at=e.at, actor=e.actor, kind=e.kind, why=e.why, contact=e.contact_id)


class ContactOut(BaseModel):
    id: int
    channel: str
    state: str
    verdict: str
    reason: str
    ticket: str | None
    sender: str
    subject: str
    arrived_at: datetime
    filed_at: datetime | None
    reading: dict[str, Any] | None = Field(default=None, description="What was read, with evidence; only of a single contact.")

    @classmethod
    def of(cls, c: Contact, reading: dict[str, Any] | None = None, *, ours: bool) -> ContactOut:
        """A customer reads neither why we took it for what it is, nor our evidence."""
        return cls(
            id=c.id or 0, channel=c.channel, state=c.state, verdict=c.verdict, reason=c.reason if ours else "",
            ticket=c.ticket_id, sender=c.from_address or c.envelope_from, subject=c.subject, arrived_at=c.arrived_at,
            filed_at=c.filed_at, reading=reading if ours else None,
        )  # fmt: skip


class ServiceOut(BaseModel):
    id: str
    customer: str
    product: str
    site: str
    redundant: bool
    activated: datetime | None
    circuits: list[str]
    prefixes: list[str]

    @classmethod
    def of(cls, s: ServiceRecord) -> ServiceOut:
        return cls(**s.model_dump())


class RfoOut(BaseModel):
    id: int
    ticket: str
    state: RfoState
    requested_at: datetime
    requested_by: str
    due_at: datetime
    sent_at: datetime | None
    approved_by: str
    body: dict[str, Any]
    version: int

    @classmethod
    def of(cls, r: Rfo, *, ours: bool) -> RfoOut:
        """A customer reads the text once it was sent."""
        return cls(
            id=r.id or 0, ticket=r.ticket_id, state=RfoState(r.state), requested_at=r.requested_at,
            requested_by=r.requested_by, due_at=r.due_at, sent_at=r.sent_at, approved_by=r.approved_by if ours else "",
            body=r.body if ours or r.sent_at else {}, version=r.version,
        )  # fmt: skip


class EscalationOut(BaseModel):
    id: int
    ticket: str
    cycle: int
    level: int
    title: str
    cause: EscalationCause
    actor: str
    reason: str
    at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str

    @classmethod
    def of(cls, e: Escalation) -> EscalationOut:
        return cls(
            id=e.id or 0, ticket=e.ticket_id, cycle=e.cycle, level=e.level, title=e.title, cause=EscalationCause(e.cause),
            actor=e.actor, reason=e.reason, at=e.at, acknowledged_at=e.acknowledged_at, acknowledged_by=e.acknowledged_by,
        )  # fmt: skip


class RuleSetOut(BaseModel):
    id: int
    name: str
    digest: str
    active: bool
    created_at: datetime
    rules: dict[str, Any] | None = Field(default=None, description="The set itself; only of a single one.")


class ReadingOut(BaseModel):
    """The line of `intake read` (docs/formats.md)."""

    id: str
    received_at: datetime
    intent: str
    service_ids: list[str]
    circuit_ids: list[str]
    ip_addresses: list[str]
    impact: Impact | None
    start_time: datetime | None
    fault_pattern: Pattern | None
    has_test_results: bool
    ticket_ref: str | None
    description: str | None
    missing: list[str]
    action: str
    language: str
    text: str
    evidence: dict[str, list[dict[str, Any]]]

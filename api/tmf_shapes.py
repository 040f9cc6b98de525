"""Trouble tickets as TMF621 v5 and MEF 113 write them, to and from ours (docs/api.md has the table)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.shapes import Instant, Line, Name, TicketIn, Words
from api.shown import ReportOut
from models.clock import iso
from models.tables import Event, Ticket
from models.words import Impact, Pattern, Priority, TicketState, Urgency

BASE = "/tmf-api/troubleTicket/v5"
BUYER = "buyer"
Observed = Literal["down", "degraded", "intermittent"]
STATUS: Mapping[TicketState, str] = {
    TicketState.NEW: "acknowledged",
    TicketState.OPEN: "inProgress",
    TicketState.IN_PROGRESS: "inProgress",
    TicketState.REOPENED: "inProgress",
    TicketState.AWAITING_CUSTOMER: "pending",
    TicketState.DEFERRED: "held",
    TicketState.RESOLVED: "resolved",
    TicketState.CLOSED: "closed",
    TicketState.MERGED: "cancelled",
}
SELLER_PRIORITY = {Priority.CRITICAL: "critical", Priority.MAJOR: "high", Priority.MINOR: "medium", Priority.LOW: "low"}
SELLER_SEVERITY = {
    Impact.SERVICE_AFFECTING: "extensive",
    Impact.DEGRADATION: "significant",
    Impact.NON_SERVICE_AFFECTING: "moderate",
}
_IMPACT: Mapping[str, Impact] = {
    "down": Impact.SERVICE_AFFECTING, "degraded": Impact.DEGRADATION, "intermittent": Impact.DEGRADATION,
}  # fmt: skip
_URGENCY = {"critical": Urgency.HIGH, "high": Urgency.HIGH, "medium": Urgency.MEDIUM, "low": Urgency.LOW}
_ROLES = frozenset({"product", "service", "productid", "affectedproduct", "affectedservice", "circuit"})


def _https(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("is no https address")
    return text


class Loose(BaseModel):
    """Their documents carry what other parties add; what we do not know is left alone."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True, str_strip_whitespace=True)


class EntityRef(Loose):
    id: Name
    type: Line = Field(default="EntityRef", alias="@type")


class RelatedEntity(Loose):
    role: Line = ""
    entity: EntityRef | None = None
    # MEF 113 puts the ID beside the role.
    id: Line = ""
    type: Line = Field(default="RelatedEntity", alias="@type")

    @property
    def known_as(self) -> str:
        return self.entity.id if self.entity else self.id


class ExternalIdentifier(Loose):
    id: Line = ""
    owner: Line = ""
    type: Line = Field(default="ExternalIdentifier", alias="@type")


class Note(Loose):
    text: Words = ""
    author: Line = ""
    type: Line = Field(default="Note", alias="@type")


class ContactInformation(Loose):
    role: Line = ""
    emailAddress: Annotated[str, Field(max_length=254)] = ""


class TroubleTicketIn(Loose):
    """TroubleTicket_FVO, with the fields of MEF 113."""

    type: Line = Field(default="TroubleTicket", alias="@type")
    description: Annotated[Words, Field(min_length=1)]
    severity: Annotated[Line, Field(min_length=1)]
    ticketType: Annotated[Line, Field(min_length=1)]
    name: Line = ""
    priority: Line = ""
    observedImpact: Observed | None = None
    issueStartDate: Instant | None = None
    requestedResolutionDate: Instant | None = None
    externalIdentifier: Annotated[list[ExternalIdentifier], Field(max_length=20)] = Field(default_factory=list)
    externalId: Line = ""
    relatedEntity: Annotated[list[RelatedEntity], Field(max_length=50)] = Field(default_factory=list)
    note: Annotated[list[Note], Field(max_length=50)] = Field(default_factory=list)
    relatedContactInformation: Annotated[list[ContactInformation], Field(max_length=10)] = Field(default_factory=list)

    def as_report(self) -> TicketIn:
        """The same as a report of ours. Raises ValidationError for what ours does not take."""
        reporter = next((c.emailAddress for c in self.relatedContactInformation if "reporter" in c.role.lower()), "")
        external = self.externalId or next((e.id for e in self.externalIdentifier if e.id), "")
        words = [self.description, *(n.text for n in self.note if n.text)]
        return TicketIn(
            description="\n\n".join(words)[:20_000],
            subject=self.name,
            service_ids=[r.known_as for r in self.relatedEntity if r.known_as and r.role.lower() in _ROLES],
            impact=_IMPACT.get(self.observedImpact or ""),
            start_time=self.issueStartDate,
            fault_pattern=Pattern.INTERMITTENT if self.observedImpact == "intermittent" else None,
            urgency=_URGENCY.get(self.priority.lower()),
            requester=reporter,
            external_id=external,
        )

    def of_buyer(self) -> dict[str, Any]:
        """What is the buyer's word and is given back as it was."""
        asked = iso(self.requestedResolutionDate) if self.requestedResolutionDate else ""
        external = self.externalId or next((e.id for e in self.externalIdentifier if e.id), "")
        said = {
            "severity": self.severity, "ticketType": self.ticketType, "priority": self.priority,
            "observedImpact": self.observedImpact or "", "requestedResolutionDate": asked, "externalId": external,
        }  # fmt: skip
        return {k: v for k, v in said.items() if v}


class TroubleTicketChange(Loose):
    """TroubleTicket_MVO: what the buyer may change; a note is read as something new from the customer."""

    description: Annotated[Words, Field(min_length=1)] | None = None
    severity: Line | None = None
    ticketType: Line | None = None
    priority: Line | None = None
    observedImpact: Observed | None = None
    issueStartDate: Instant | None = None
    relatedEntity: Annotated[list[RelatedEntity], Field(max_length=50)] | None = None
    note: Annotated[list[Note], Field(max_length=50)] | None = None
    status: Literal["closed", "cancelled", "inProgress"] | None = None
    statusChangeReason: Line = ""

    def fields(self) -> dict[str, Any]:
        """The fields of our report that change."""
        found: dict[str, Any] = {}
        if self.description is not None:
            found["description"] = self.description
        if self.observedImpact is not None:
            found["impact"] = _IMPACT[self.observedImpact]
            if self.observedImpact == "intermittent":
                found["fault_pattern"] = Pattern.INTERMITTENT
        if self.issueStartDate is not None:
            found["start_time"] = self.issueStartDate
        if self.relatedEntity is not None:
            found["service_ids"] = [r.known_as for r in self.relatedEntity if r.known_as and r.role.lower() in _ROLES]
        return found

    def of_buyer(self) -> dict[str, Any]:
        names = ("severity", "ticketType", "priority", "observedImpact")
        return {n: v for n in names if (v := getattr(self, n))}


class HubIn(Loose):
    callback: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_https)]
    query: Annotated[str, Field(max_length=300)] = ""


def trouble_ticket(t: Ticket, buyer: Mapping[str, Any], notes: list[Event]) -> dict[str, Any]:
    """Our ticket as theirs; fields that nobody has told are left out."""
    report = ReportOut.of(t.report)
    intermittent = report.fault_pattern is Pattern.INTERMITTENT and t.impact == Impact.DEGRADATION.value
    observed = {Impact.SERVICE_AFFECTING.value: "down", Impact.DEGRADATION.value: "degraded"}.get(t.impact or "")
    state, log = TicketState(t.state), [(at, TicketState(s)) for at, s in t.state_log]
    whole: dict[str, Any] = {
        "@type": "TroubleTicket",
        "id": t.id,
        "href": f"{BASE}/troubleTicket/{t.id}",
        "name": t.subject,
        "description": report.description or t.subject or "not told yet",
        "severity": buyer.get("severity", ""),
        "ticketType": buyer.get("ticketType", "assistance"),
        "priority": buyer.get("priority", ""),
        "observedImpact": "intermittent" if intermittent else observed,
        "issueStartDate": iso(report.start_time) if report.start_time else None,
        "sellerPriority": SELLER_PRIORITY[Priority(t.priority)],
        "sellerSeverity": SELLER_SEVERITY.get(Impact(t.impact)) if t.impact else None,
        "status": STATUS[state],
        "statusChangeDate": log[-1][0] if log else iso(t.opened_at),
        "statusChangeHistory": [
            {"@type": "StatusChange", "status": STATUS[s], "statusChangeDate": at} for at, s in log
        ],
        "creationDate": iso(t.opened_at),
        "lastUpdate": iso(t.last_contact_at),
        "requestedResolutionDate": buyer.get("requestedResolutionDate"),
        "expectedResolutionDate": iso(t.repair_due_at) if t.repair_due_at else None,
        "resolutionDate": iso(t.resolved_at) if t.resolved_at else None,
        "relatedEntity": [
            {"@type": "RelatedEntity", "role": "Product", "entity": {"@type": "EntityRef", "id": s}} for s in report.service_ids
        ],
        "note": [
            {"@type": "Note", "id": str(e.id), "date": iso(e.at), "author": e.actor, "text": e.why} for e in notes
        ],
    }  # fmt: skip
    if external := buyer.get("externalId"):
        whole["externalIdentifier"] = [{"@type": "ExternalIdentifier", "id": external, "externalIdentifierType": "buyer"}]
    if t.merged_into:
        related = {"@type": "TroubleTicketRelationship", "id": t.merged_into, "relationshipType": "duplicate"}
        whole["troubleTicketRelationship"] = [related]
    return {k: v for k, v in whole.items() if v not in (None, "", [])}


def event_of(kind: str, event_id: int, at: datetime, body: Mapping[str, Any]) -> dict[str, Any]:
    """A notification as TMF621 writes it."""
    return {
        "@type": kind,
        "eventId": str(event_id),
        "eventTime": iso(at),
        "eventType": kind,
        "correlationId": str(body["id"]),
        "title": f"{body['id']}: {body['status']}",
        "event": {"troubleTicket": dict(body)},
    }

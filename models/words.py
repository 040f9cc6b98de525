"""The words of the domain as enumerations, each stored by its value (source: docs/domain.md)."""

from __future__ import annotations

from enum import StrEnum


class Field(StrEnum):
    """A report field, or another thing that is read from a contact."""

    SERVICE_ID = "service_id"
    START_TIME = "start_time"
    DESCRIPTION = "description"
    IMPACT = "impact"
    CIRCUIT_ID = "circuit_id"
    FAULT_PATTERN = "fault_pattern"
    TEST_RESULTS = "test_results"
    IP_ADDRESS = "ip_address"
    INTENT = "intent"
    TICKET_REF = "ticket_ref"
    OTHER_REF = "other_ref"


# Section 1 of docs/domain.md: what an email or a call must tell, in the order in which it is asked for.
MANDATORY: tuple[Field, ...] = (Field.SERVICE_ID, Field.START_TIME, Field.DESCRIPTION, Field.IMPACT)


class Impact(StrEnum):
    """What the fault does to the customer's live traffic; the order of the members is worst first."""

    SERVICE_AFFECTING = "service_affecting"
    DEGRADATION = "degradation"
    NON_SERVICE_AFFECTING = "non_service_affecting"


class Pattern(StrEnum):
    """Whether the fault comes and goes or stays."""

    INTERMITTENT = "intermittent"
    CONSTANT = "constant"


class Intent(StrEnum):
    """What the writer wants."""

    REPORT = "report"
    UPDATE = "update"
    ESCALATION = "escalation"
    RFO_REQUEST = "rfo_request"
    QUESTION = "question"
    AUTOMATIC = "automatic"
    UNWANTED = "unwanted"


class Action(StrEnum):
    """What the reading alone suggests to do with the contact."""

    ACKNOWLEDGE = "acknowledge"
    ASK = "ask"
    APPEND = "append"
    NONE = "none"


class FindingStatus(StrEnum):
    """What the resolver decided about a candidate."""

    FILLED = "filled"
    CONFIRM = "confirm"
    OPEN = "open"
    REFUSED = "refused"


class ZoneKind(StrEnum):
    """What a stretch of the canonical text is."""

    SUBJECT = "subject"
    PROSE = "prose"
    FORM = "form"
    LOG = "log"
    QUOTED = "quoted"
    FORWARDED = "forwarded"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"


class Channel(StrEnum):
    """The way a contact came in."""

    EMAIL = "email"
    PHONE = "phone"
    PANEL = "panel"


class ContactState(StrEnum):
    """received -> filed, or unprocessable after three failed tries (still with a ticket)."""

    RECEIVED = "received"
    FILED = "filed"
    UNPROCESSABLE = "unprocessable"


class Verdict(StrEnum):
    """Which contact becomes what; each contact has exactly one once it is filed."""

    PERSON = "person"
    DUPLICATE = "duplicate"
    OWN_MAIL = "own_mail"
    LOOP = "loop"
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"
    BULK = "bulk"
    MAINTENANCE = "maintenance"
    MACHINE_FAULT = "machine_fault"
    UNWANTED = "unwanted"
    STRANGER = "stranger"
    UNREADABLE = "unreadable"


class TicketState(StrEnum):
    """Where the case stands."""

    NEW = "new"
    AWAITING_CUSTOMER = "awaiting_customer"
    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Urgency(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Priority(StrEnum):
    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    LOW = "low"


class MailEvent(StrEnum):
    """What a mail of ours tells the customer; names a folder under templates/mail/."""

    TICKET_OPENED = "ticket-opened"
    INFORMATION_NEEDED = "information-needed"
    INFORMATION_RECEIVED = "information-received"
    FOLLOW_UP_FILED = "follow-up-filed"
    REMINDER = "reminder"
    UNREADABLE = "unreadable"


class OutboxState(StrEnum):
    """queued -> sent | failed; held waits for an agent or for a cap to pass."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"

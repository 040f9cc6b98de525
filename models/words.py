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
    API = "api"


class ContactState(StrEnum):
    """received -> filed, or unprocessable after three failed tries (still with a ticket); deleted leaves an empty row."""

    RECEIVED = "received"
    FILED = "filed"
    UNPROCESSABLE = "unprocessable"
    DELETED = "deleted"


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
    UNVERIFIED = "unverified"
    REPEATED = "repeated"
    ACCEPTED = "accepted"


class TicketState(StrEnum):
    """Where the case stands; tickets/states.py says what leads from one to the other."""

    NEW = "new"
    AWAITING_CUSTOMER = "awaiting_customer"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DEFERRED = "deferred"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"


class TicketEvent(StrEnum):
    """What happens to a ticket and may move it to another state."""

    ASK = "ask"
    CUSTOMER_WROTE = "customer_wrote"
    RESPOND = "respond"
    TAKE = "take"
    DEFER = "defer"
    WAKE = "wake"
    IMPACT_CHANGED = "impact_changed"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    SILENCE = "silence"
    CLOSE = "close"
    REOPEN = "reopen"
    MERGE = "merge"
    UNMERGE = "unmerge"
    COMPLETE = "complete"


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
    TICKETS_OPENED = "tickets-opened"
    ESCALATED = "escalated"
    ESCALATION_LIMITED = "escalation-limited"
    ESCALATION_NOTICE = "escalation-notice"
    DEFERRAL_OFFERED = "deferral-offered"
    DEFERRAL_AGREED = "deferral-agreed"
    STATUS_UPDATE = "status-update"
    RESOLVED = "resolved"
    CLOSED = "closed"
    KNOWN_OUTAGE = "known-outage"
    RFO_REQUESTED = "rfo-requested"
    RFO_NOT_POSSIBLE = "rfo-not-possible"
    RFO = "rfo"
    RFO_DUE = "rfo-due"
    WELCOME = "welcome"
    RECORD_CORRECTED = "record-corrected"
    PANEL_SIGN_IN = "panel-sign-in"


class EscalationCause(StrEnum):
    """Why a ticket went to a level of its matrix."""

    AGE = "age"
    BREACH = "breach"
    CUSTOMER = "customer"
    AGENT = "agent"
    UNREACHABLE = "unreachable"
    RFO = "rfo"


class NoticeWay(StrEnum):
    """How a person of a level is reached."""

    MAIL = "mail"
    SMS = "sms"
    CALL = "call"


class NoticeState(StrEnum):
    """queued -> sent -> acknowledged; a way that fails is failed and the next one is taken."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"


class DeferralState(StrEnum):
    """offered -> agreed -> ended, or declined by a side, or ended because the impact is another."""

    OFFERED = "offered"
    AGREED = "agreed"
    ENDED = "ended"
    DECLINED = "declined"


class RfoState(StrEnum):
    """requested -> review -> approved -> sent."""

    REQUESTED = "requested"
    REVIEW = "review"
    APPROVED = "approved"
    SENT = "sent"


class ProblemKind(StrEnum):
    """How a problem was found."""

    REACTIVE = "reactive"
    CHRONIC = "chronic"
    TREND = "trend"
    OUTAGE = "outage"


class ProblemState(StrEnum):
    """proposed (by the clock) -> open -> known_error -> resolved, or dismissed by a person."""

    PROPOSED = "proposed"
    OPEN = "open"
    KNOWN_ERROR = "known_error"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class OutboxState(StrEnum):
    """queued -> sent | failed -> deleted; held waits for an agent or a cap; uncertain is a text message of unknown fate."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DELETED = "deleted"
    HELD = "held"
    UNCERTAIN = "uncertain"


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"

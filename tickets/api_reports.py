"""Files what another system sends, through the same steps as a mail: the request kept as it came, reading, ticket, answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import select

from models.directory import Directory
from models.errors import NotFoundError, RefusedError
from models.mail import MailFacts
from models.reading import Finding, Reading, Step, Zone
from models.store import Store
from models.tables import Contact, Outbox, ReadingRecord, Ticket
from models.tables_api import ExternalId
from models.words import (
    MANDATORY,
    Action,
    Channel,
    ContactState,
    Field,
    FindingStatus,
    Impact,
    Intent,
    Pattern,
    Verdict,
    ZoneKind,
)
from tickets.filing_base import Filed, FilingSettings
from tickets.filing_steps import CaseFiling
from tickets.match import Match, living
from tickets.recipients import Recipients
from tickets.report import LABELS
from tickets.requester import Requester
from tickets.review import for_review

MAILBOX = "api"
RULE, VERSION = "api.field", "1"
_MAX_DESCRIPTION = 4000


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. `values` are the fields as given; `words` is what was written freely; `requester` is whom we answer.

    `join` is the ticket it is about. `key` names the request: what has the same one is filed once.
    """

    key: str
    token: str
    actor: str
    raw: bytes
    words: str
    at: datetime
    customer: str = ""
    requester: str = ""
    subject: str = ""
    values: Mapping[Field, Sequence[str]] | None = None
    join: str = ""
    intent: Intent = Intent.REPORT
    is_new: bool = False
    urgency: str = ""
    external_id: str = ""
    answers: bool = True
    unread: str = ""


class KnownExternalId(RefusedError):
    """This token has a ticket under that external ID already."""

    def __init__(self, ticket: str, external_id: str) -> None:
        super().__init__(f"{external_id!r} is {ticket} already")
        self.ticket = ticket


def request_key(token: str, key: str) -> str:
    return hashlib.sha256(f"{token}\n{key}".encode(errors="replace")).hexdigest()


def reading_of(sent: Sent, base: Reading) -> Reading:
    """The reading of a request: its fields outweigh what its words say of the same thing."""
    given = {f: [v for v in vs if v] for f, vs in (sent.values or {}).items()}
    text, zones, findings = base.text, list(base.zones), list(base.findings)
    for field, values in given.items():
        if not values:
            continue
        findings = [_outweighed(f) if f.field is field else f for f in findings]
        for value in values:
            line = f"{LABELS[field]}: {value}"
            start = len(text) + bool(text)
            text += ("\n" if text else "") + line
            zones.append(Zone(ZoneKind.FORM, max(0, start - 1), len(text)))
            at = start + len(LABELS[field]) + 2
            findings.append(_finding(field, value, (at, at + len(value))))
    full = _resolved(replace(base, text=text, zones=tuple(zones), findings=tuple(findings)), given, sent)
    known = (bool(full.service_ids), full.start_time is not None, bool(full.description), full.impact is not None)
    report = sent.intent is Intent.REPORT
    missing = tuple(f for f, there in zip(MANDATORY, known, strict=True) if not there) if report else ()
    action = Action.APPEND if not report else Action.ASK if missing else Action.ACKNOWLEDGE
    return replace(full, missing=missing, action=action)


def file_sent(store: Store, sent: Sent, reading: Reading, *, directory: Directory, settings: FilingSettings) -> Filed:
    """Keeps the request as a contact and files it in one short write transaction; a repeat gives what the first one gave.

    `directory` is what the token may know. Raises NotFoundError for a ticket to join that is not there, KnownExternalId.
    """
    customer = directory.customer_by_id.get(sent.customer)
    with store.write() as session:
        store.lock(session, customer.id if customer else sent.token)
        before = session.exec(select(Contact).where(Contact.mailbox == MAILBOX, Contact.dedupe_key == sent.key)).first()
        if before is not None:
            return Filed(Verdict(before.verdict), before.ticket_id, None)
        if sent.external_id and (known := session.get(ExternalId, (sent.token, sent.external_id, ""))):
            raise KnownExternalId(known.ticket_id, sent.external_id)
        if sent.join and living(session, sent.join) is None:
            raise NotFoundError(f"there is no ticket {sent.join}")
        writer = sent.requester or sent.actor
        contact = Contact(
            channel=Channel.API.value, mailbox=MAILBOX, dedupe_key=sent.key, envelope_from=writer, raw=sent.raw,
            arrived_at=sent.at, state=ContactState.RECEIVED.value,
        )  # fmt: skip
        session.add(contact)
        session.flush()
        facts = MailFacts(
            from_address=writer, envelope_from=writer, envelope_to=(), subject=sent.subject, message_id="", received_at=sent.at
        )
        record = ReadingRecord(
            contact_id=contact.id or 0, rule_set=reading.rule_set, data=reading.as_row(),
            zones=[[z.kind.value, z.start, z.end] for z in reading.zones], created_at=sent.at,
        )  # fmt: skip
        session.autoflush = False
        filing = _Requested(
            session=session, contact=contact, facts=facts, reading=reading, whole=reading, record=record, directory=directory,
            customer=customer, requester=Requester(sent.requester, ""), now=sent.at, settings=settings, failed="", doubt="",
            sent=sent,
        )  # fmt: skip
        return filing.run()


@dataclass
class _Requested(CaseFiling):
    sent: Sent | None = None

    @property
    def _sent(self) -> Sent:
        assert self.sent is not None
        return self.sent

    def run(self) -> Filed:
        filed = super().run()
        if filed.ticket_id and self._sent.external_id:
            row = ExternalId(owner=self._sent.token, value=self._sent.external_id, kind="", ticket_id=filed.ticket_id)
            self.session.merge(row)
        return filed

    def _judge(self, accepted: Verdict | None, repeat: str) -> tuple[Verdict, str, list[dict[str, object]]]:
        known = self.customer is not None
        whose = f"for {self.customer.name}" if self.customer else "for nobody who is on file"
        reason = f"sent by {self._sent.actor} {whose}"
        return (Verdict.PERSON if known else Verdict.STRANGER), reason, [{"check": "api", "hit": not known, "reason": reason}]

    def _match(self, verdict: Verdict) -> Match:
        if self._sent.join:
            return Match(living(self.session, self._sent.join), why=f"{self._sent.actor} names this ticket")
        return Match() if self._sent.is_new else super()._match(verdict)

    def _recipients(self, ticket: Ticket) -> Recipients:
        return Recipients(self._sent.requester)

    def _rank(self, ticket: Ticket) -> None:
        ticket.stated_urgency = self._sent.urgency or ticket.stated_urgency
        super()._rank(ticket)

    def _for_review(self, ticket: Ticket, opened: bool, verdict: Verdict, match: Match) -> None:
        super()._for_review(ticket, opened, verdict, match)
        if self._sent.unread:
            for_review(ticket, f"the words of the request could not be read: {self._sent.unread}")

    def _react(self, ticket: Ticket, opened: bool) -> Outbox | None:
        """What the words ask for besides waits for a person where there is nobody to answer."""
        return super()._react(ticket, opened) if self._sent.requester and self._sent.answers else None

    def _answer(self, ticket: Ticket, opened: bool, verdict: Verdict, had_missing: bool, answered: bool) -> Outbox | None:
        """The answer of the API itself says what is missing; a mail goes out where somebody is named for it."""
        if not self._sent.requester or not self._sent.answers:
            return None
        return super()._answer(ticket, opened, verdict, had_missing, answered)


def _resolved(base: Reading, given: Mapping[Field, list[str]], sent: Sent) -> Reading:
    def one(field: Field) -> str:
        return next(iter(given.get(field, ())), "")

    start, tests = one(Field.START_TIME), one(Field.TEST_RESULTS)
    return replace(
        base,
        intent=sent.intent,
        service_ids=tuple(given.get(Field.SERVICE_ID) or base.service_ids),
        circuit_ids=tuple(given.get(Field.CIRCUIT_ID) or base.circuit_ids),
        ip_addresses=tuple(given.get(Field.IP_ADDRESS) or base.ip_addresses),
        impact=Impact(one(Field.IMPACT)) if one(Field.IMPACT) else base.impact,
        fault_pattern=Pattern(one(Field.FAULT_PATTERN)) if one(Field.FAULT_PATTERN) else base.fault_pattern,
        start_time=datetime.fromisoformat(start) if start else base.start_time,
        description=(one(Field.DESCRIPTION) or base.description)[:_MAX_DESCRIPTION],
        has_test_results=bool(tests) or base.has_test_results,
        test_results=tests or base.test_results,
        ticket_ref=None,
        unreadable=(),
    )


def _finding(field: Field, value: str, span: tuple[int, int]) -> Finding:
    steps = (Step("a field of the request", 1.0),)
    at = value if field is Field.START_TIME else None
    return Finding(field, value, value, (span,), RULE, VERSION, 1.0, steps, FindingStatus.FILLED, at, at)


def _outweighed(f: Finding) -> Finding:
    if f.status not in (FindingStatus.FILLED, FindingStatus.CONFIRM):
        return f
    return replace(f, status=FindingStatus.REFUSED, detail="the request gives this as a field")

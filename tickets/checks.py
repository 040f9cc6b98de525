"""The ordered checks of a contact: each a named row whose answer, hit or miss, is stored with the contact.

The rows stand in the order in which they decide; the first hit gives the verdict (source: RFC 3834 and RFC 5230,
docs/architecture.md).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from models.directory import Customer
from models.mail import MailFacts
from models.reading import Reading
from models.words import Field, Intent, Verdict

MAX_HOPS = 50
_ROBOT_LOCAL = re.compile(
    r"^(mailer-daemon|postmaster|listserv|majordomo|abuse|root|no[-_.]?reply.*|do[-_.]?not[-_.]?reply.*|bounces?([-+].*)?|"
    r"owner-.+|.+-request|.+-bounces)$"
)
_LIST_HEADERS = ("list-id", "list-post", "list-help", "list-subscribe", "list-unsubscribe", "list-owner", "x-mailing-list")
_ROBOT_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-fc-machinegenerated",
)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a check may look at."""

    facts: MailFacts
    reading: Reading
    customer: Customer | None
    own_addresses: frozenset[str]
    own_lists: frozenset[str]
    ours_came_back: bool
    authserv_id: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`find` gives the reason of a hit, or an empty string."""

    name: str
    describes: str
    verdict: Verdict
    find: Callable[[Case], str]


def _own_mail(c: Case) -> str:
    return "a mail that we sent came back to us" if c.ours_came_back else ""


def _own_sender(c: Case) -> str:
    for what, address in (("From", c.facts.from_address), ("envelope sender", c.facts.envelope_from)):
        if strip_tag(address) in c.own_addresses:
            return f"{what} is our own address {address}"
    return ""


def _loop(c: Case) -> str:
    return f"{c.facts.hops} Received lines, more than {MAX_HOPS}" if c.facts.hops > MAX_HOPS else ""


def _bounce(c: Case) -> str:
    if c.facts.report_type == "delivery-status":
        return "delivery status notification (RFC 3464)"
    if c.facts.values("x-failed-recipients"):
        return "has X-Failed-Recipients"
    return_path = [v.strip() for v in c.facts.values("return-path")[:1]]
    if return_path == ["<>"]:
        return "Return-Path is empty"
    return ""


def marked_as_machine(c: Case) -> str:
    """Why the header lines say that no person wrote this, or an empty string."""
    for value in c.facts.values("auto-submitted"):
        word = re.sub(r"\(.*?\)", "", value).split(";")[0].strip().lower()
        if word != "no":
            return f"Auto-Submitted: {word}"
    for name in _ROBOT_HEADERS:
        if c.facts.values(name):
            return f"has {name}"
    for value in c.facts.values("x-auto-response-suppress"):
        if {x.strip().lower() for x in value.split(",")} & {"all", "autoreply"}:
            return f"X-Auto-Response-Suppress: {value.strip()}"
    if c.facts.report_type or c.facts.content_type == "multipart/report":
        return "multipart/report"
    local = c.facts.from_address.partition("@")[0]
    if _ROBOT_LOCAL.match(local):
        return f"sender {c.facts.from_address} is a robot's address"
    if not c.facts.envelope_from and not c.facts.from_address:
        return "no sender at all"
    return ""


def marked_as_bulk(c: Case) -> str:
    """Why this came through a list, or an empty string; our own group mailboxes do not count."""
    for value in (*c.facts.values("precedence"), *c.facts.values("x-precedence")):
        if value.strip().lower() in {"bulk", "junk", "list", "auto_reply"}:
            return f"Precedence: {value.strip().lower()}"
    for name in _LIST_HEADERS:
        for value in c.facts.values(name):
            if not any(own in value.lower() or own.replace("@", ".") in value.lower() for own in c.own_lists):
                return f"has {name}"
    return ""


def _machine_fault(c: Case) -> str:
    why = marked_as_machine(c) or marked_as_bulk(c)
    fault = c.reading.intent is Intent.REPORT and bool(c.reading.service_ids)
    return f"{why}, but it reads as a fault of a customer on file" if why and fault and c.customer else ""


def _maintenance(c: Case) -> str:
    if c.reading.intent is not Intent.AUTOMATIC:
        return ""
    causes = [step.cause for f in c.reading.findings if f.field is Field.INTENT for step in f.steps]
    return next((f"reads as {cause}" for cause in causes if re.search("maintenance|planned work", cause)), "")


def _automatic(c: Case) -> str:
    return "reads as an automatic message" if c.reading.intent is Intent.AUTOMATIC else ""


def _dmarc(c: Case) -> str:
    for value in c.facts.values("authentication-results")[:1]:
        server, _, results = value.partition(";")
        if c.authserv_id and server.split()[:1] == [c.authserv_id] and re.search(r"\bdmarc\s*=\s*fail\b", results, re.I):
            return "our front says dmarc=fail"
    return ""


def _unwanted(c: Case) -> str:
    return "reads as unwanted mail" if c.reading.intent is Intent.UNWANTED else ""


def _unreadable(c: Case) -> str:
    return "could not be read: " + ", ".join(c.reading.unreadable) if c.reading.unreadable and not _has_words(c) else ""


def _stranger(c: Case) -> str:
    return "" if c.customer else f"sender {c.facts.from_address or '(none)'} is not on file"


def _has_words(c: Case) -> bool:
    return bool(c.reading.description or c.reading.service_ids or c.reading.ticket_ref)


def strip_tag(address: str) -> str:
    """The address in lower case without its `+tag`."""
    local, at, domain = address.lower().partition("@")
    return local.partition("+")[0] + at + domain


CHECKS: tuple[Check, ...] = (
    Check("own-mail", "one of our own mails came back", Verdict.OWN_MAIL, _own_mail),
    Check("own-sender", "the sender is one of our own addresses", Verdict.OWN_MAIL, _own_sender),
    Check("loop", "went through too many servers", Verdict.LOOP, _loop),
    Check("bounce", "a notification that a mail was not delivered", Verdict.BOUNCE, _bounce),
    Check("dmarc", "our front found the sender forged", Verdict.UNWANTED, _dmarc),
    Check("machine-fault", "machine-made, but a fault of a customer", Verdict.MACHINE_FAULT, _machine_fault),
    Check("maintenance", "another carrier's maintenance notice", Verdict.MAINTENANCE, _maintenance),
    Check("auto-reply", "header lines say that a machine wrote it", Verdict.AUTO_REPLY, marked_as_machine),
    Check("bulk", "came through a list or in bulk", Verdict.BULK, marked_as_bulk),
    Check("automatic-text", "the text says that a machine wrote it", Verdict.AUTO_REPLY, _automatic),
    Check("unwanted", "spam or advertising", Verdict.UNWANTED, _unwanted),
    Check("unreadable", "no text that could be read", Verdict.UNREADABLE, _unreadable),
    Check("stranger", "the sender is not on file", Verdict.STRANGER, _stranger),
)
ANSWERED: frozenset[Verdict] = frozenset({Verdict.PERSON, Verdict.STRANGER, Verdict.UNREADABLE})
OPENS: frozenset[Verdict] = ANSWERED | {Verdict.MACHINE_FAULT}
MAY_JOIN: frozenset[Verdict] = OPENS | {Verdict.BOUNCE, Verdict.AUTO_REPLY}


def judge(case: Case) -> tuple[Verdict, str, list[dict[str, object]]]:
    """Walks the table: the verdict, its reason, and every row asked with its answer."""
    rows: list[dict[str, object]] = []
    for check in CHECKS:
        reason = check.find(case)
        rows.append({"check": check.name, "hit": bool(reason), "reason": reason or "no: " + check.describes})
        if reason:
            return check.verdict, reason, rows
    return Verdict.PERSON, "a person on file wrote it", rows

"""From an opened mail to the facts that policy needs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from models.mail import MailFacts

if TYPE_CHECKING:
    from app.reader import Job
    from parsers import OpenedMail

_MAX_DATE_DRIFT = timedelta(days=5)
_BY = re.compile(r"\bby\s+([\w.-]+)")
_REPORT_TYPE = re.compile(r"report-type=\"?([\w-]+)", re.I)
_ADDRESS = re.compile(r"[^\s<>;,]+@[^\s<>;,]+")


def facts_of(opened: OpenedMail, job: Job) -> MailFacts:
    """Facts of one stored mail; its bytes are searched for the parts of a delivery status notification."""
    headers = tuple((n.lower(), v) for n, v in opened.headers)
    whole_type = next((v for n, v in headers if n == "content-type"), "")
    report = _REPORT_TYPE.search(whole_type)
    failed_id, failed_address = _failed(job.raw) if report else ("", "")
    return MailFacts(
        from_address=opened.from_address.lower(),
        from_name=opened.from_name,
        envelope_from=job.envelope_from.lower(),
        envelope_to=tuple(job.envelope_to.lower().split(",")),
        subject=opened.subject,
        message_id=opened.message_id,
        received_at=reference_time(opened, job.arrived_at, job.own_addresses),
        headers=headers,
        reply_to=opened.reply_to.lower(),
        to=tuple(a.lower() for a in (*opened.to, *opened.cc)),
        in_reply_to=opened.in_reply_to,
        references=opened.references,
        content_type=opened.content_type.lower(),
        report_type=report[1].lower() if report else "",
        failed_message_id=failed_id,
        failed_address=failed_address,
        hops=sum(n == "received" for n, _ in headers),
    )


def reference_time(opened: OpenedMail, arrived_at: datetime, own_addresses: tuple[str, ...]) -> datetime:
    """What "this morning" refers to: our front's topmost Received, else a Date within 5 days, else the arrival."""
    top = next((v for n, v in opened.headers if n.lower() == "received"), "")
    by = _BY.search(top)
    domains = {a.partition("@")[2] for a in own_addresses}
    if by and any(by[1].lower() == d or by[1].lower().endswith("." + d) for d in domains):
        stamp = _date(top.rpartition(";")[2])
        if stamp:
            return stamp
    if opened.date and opened.date.tzinfo and abs(opened.date - arrived_at) <= _MAX_DATE_DRIFT:
        return opened.date
    return arrived_at


def _date(text: str) -> datetime | None:
    try:
        stamp: datetime = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError):
        return None
    return stamp if stamp.tzinfo else None


def _failed(raw: bytes) -> tuple[str, str]:
    """Message-ID and recipient of the mail that a DSN reports on (RFC 3464): its last Message-ID, its Final-Recipient."""
    text = raw[-65536:].decode("latin-1")
    ids = re.findall(r"^message-id:\s*(<[^<>\s]+>)", text, re.I | re.M)
    final = re.search(r"^(?:final|original)-recipient:\s*[\w-]+\s*;\s*(\S+)", text, re.I | re.M)
    address = _ADDRESS.search(final[1]) if final else None
    return (ids[-1] if ids else ""), (address[0] if address else "")

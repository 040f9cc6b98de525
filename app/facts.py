"""From an opened mail to the facts that policy needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from models.directory import Directory
from models.mail import MailFacts
from models.subjects import is_forward

if TYPE_CHECKING:
    from app.reader import Job
    from parsers import OpenedMail

T = TypeVar("T")
MAX_THREAD = 20
_MAX_DATE_DRIFT = timedelta(days=5)
_BY = re.compile(r"\bby\s+([\w.-]+)")
_REPORT_TYPE = re.compile(r"report-type=\"?([\w-]+)", re.I)


def facts_of(opened: OpenedMail, job: Job, directory: Directory) -> MailFacts:
    """Facts of one stored mail: its header lines, and what a machine's report or a carrier's notice in it says."""
    from parsers.dsn import find_report
    from parsers.forwards import find_original
    from parsers.notices import calendar_parts, find_notice

    headers = tuple((n.lower(), v) for n, v in opened.headers)
    whole_type = next((v for n, v in headers if n == "content-type"), "")
    kind = _REPORT_TYPE.search(whole_type)
    report = _tried(lambda: find_report(opened, job.raw))
    calendars = _tried(lambda: calendar_parts(opened, job.raw)) or []
    return MailFacts(
        from_address=opened.from_address.lower(),
        from_name=opened.from_name,
        envelope_from=job.envelope_from.lower(),
        envelope_to=tuple(x for x in job.envelope_to.lower().split(",") if x),
        subject=opened.subject,
        message_id=opened.message_id,
        received_at=reference_time(opened, job.arrived_at, job.own_addresses),
        headers=headers,
        reply_to=opened.reply_to.lower(),
        to=tuple(a.lower() for a in (*opened.to, *opened.cc)),
        in_reply_to=opened.in_reply_to,
        references=opened.references[-MAX_THREAD:],
        content_type=opened.content_type.lower(),
        report_type=kind[1].lower() if kind else "",
        failed_message_id=report.message_ids[0] if report and report.message_ids else "",
        failed_address=report.address if report else "",
        hops=sum(n == "received" for n, _ in headers),
        sender=opened.sender.lower(),
        cc=tuple(a.lower() for a in opened.cc),
        null_sender=_null_sender(job.envelope_from, headers),
        many_from=sum(n == "from" for n, _ in headers) > 1,
        calendar_method=next((method for method, _ in calendars if method), ""),
        report=report,
        notice=_tried(lambda: find_notice(opened, calendars, directory)),
        original=_tried(lambda: find_original(opened)),
        forwarded=is_forward(opened.subject),
    )


def _tried(find: Callable[[], T | None]) -> T | None:
    """What is found; a reader of machine mail that stumbles costs only what it would have found."""
    try:
        return find()
    except Exception:
        return None


def _null_sender(envelope_from: str, headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether the envelope sender is `<>`, or the Return-Path where a mailbox server has kept it there."""
    path = next((v.strip() for n, v in headers if n == "return-path"), "")
    return path == "<>" or (not envelope_from and not path)


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

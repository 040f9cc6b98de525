"""From a checked form to a filed contact: read, then filed in one transaction; the ticket stands when the page answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from models.directory import Customer, Directory
from models.reading import Reading
from models.words import Intent
from panel.files import Upload
from panel.message import as_message, whole_body, words_of
from panel.report import Given, empty_reading, reading_of
from panel.site import PanelSite
from tickets.filing import Filed
from tickets.submissions import Act, Submission, file_submission, submission_key

_INTENTS: Mapping[Act, Intent] = MappingProxyType(
    {
        Act.REPORT: Intent.REPORT,
        Act.ADD: Intent.UPDATE,
        Act.ANSWER: Intent.UPDATE,
        Act.ESCALATE: Intent.ESCALATION,
        Act.RFO: Intent.RFO_REQUEST,
        Act.REOPEN: Intent.UPDATE,
        Act.WORKS: Intent.UPDATE,
    }
)
_TITLES: Mapping[Act, str] = MappingProxyType(
    {
        Act.ADD: "More information",
        Act.ANSWER: "Answer to our question",
        Act.ESCALATE: "Escalation asked for",
        Act.RFO: "RFO asked for",
        Act.REOPEN: "It does not work",
        Act.WORKS: "It works",
    }
)


def submit(
    site: PanelSite,
    given: Given,
    *,
    act: Act,
    number: str,
    address: str,
    name: str,
    customer: Customer | None,
    at: datetime,
    files: Sequence[Upload] = (),
    ticket: str = "",
    is_new: bool = False,
    urgency: str = "",
    how: str = "signed in",
) -> Filed:
    """Files it, once for each form number, and hints at the confirmation. Raises what `file_submission` raises."""
    directory = site.directory()
    base, unread = read_words(site, given, files, address=address, customer=customer, directory=directory, at=at)
    reading = reading_of(given, base, intent=_INTENTS[act], is_new=is_new, joins=bool(ticket))
    subject = subject_of(given, act, ticket)
    body = whole_body(given, (("Ticket", ticket), ("Urgency", urgency)))
    submission = Submission(
        key=submission_key(address, number),
        address=address,
        customer=customer.id if customer else "",
        subject=subject,
        raw=as_message(address, name, subject, body or _TITLES.get(act, ""), files, at),
        at=at,
        act=act,
        name=name,
        join=ticket,
        is_new=is_new,
        urgency=urgency,
        how=how,
        files=tuple(f.name for f in files),
        unread=unread,
    )
    filed = file_submission(site.store, submission, reading, directory=directory, settings=site.filing)
    if filed.outbox_id:
        site.hint(filed.outbox_id)
    return filed


def read_words(
    site: PanelSite,
    given: Given,
    files: Sequence[Upload],
    *,
    address: str,
    customer: Customer | None,
    directory: Directory,
    at: datetime,
) -> tuple[Reading, str]:
    """What the parser reads in the words and in attached logs, by what this customer may know; and why it could not."""
    words = words_of(given)
    texts = [f for f in files if f.media_type == "text/plain"]
    if not words.strip() and not texts:
        return empty_reading("", at), ""
    raw = as_message(address, "", "", words, texts, at)
    found = site.read(raw, address, at, directory, customer.id if customer else "")
    return (found, "") if found is not None else (empty_reading(words, at), "not read in time")


def subject_of(given: Given, act: Act, ticket: str) -> str:
    """One line that tells the case apart in a list of mails."""
    if act is not Act.REPORT:
        return f"{_TITLES[act]}: {ticket}"
    words = " ".join(given.description.split())
    short = words if len(words) <= 80 else words[:77].rsplit(" ", 1)[0] + "..."
    return ": ".join(p for p in (", ".join(given.services), short) if p)

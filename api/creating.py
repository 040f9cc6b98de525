"""A request becomes a contact and a ticket: read first, outside any transaction, then filed like a mail."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from api.door import Api
from api.problems import wrong_field
from api.shapes import ContactIn, TicketIn
from models.clock import iso
from models.directory import Directory, canonical
from models.errors import ParseTimeout
from models.reading import Reading
from models.token_store import Bearer
from models.words import Field, Intent
from tickets.api_reports import Sent, file_sent, reading_of, request_key
from tickets.filing import Filed

# Clocks of two systems are never quite the same.
_DRIFT = timedelta(minutes=5)


def create_ticket(api: Api, who: Bearer, given: TicketIn, raw: bytes, key: str) -> Filed:
    """Files a report. Raises a problem naming the field that cannot be used."""
    now, directory = api.clock(), api.directory()
    customer = _customer(who, given.customer, given.requester, directory)
    if given.start_time and given.start_time > now + _DRIFT:
        raise wrong_field("body.start_time", f"lies in the future; it is {iso(now)} now")
    sent = Sent(
        key=request_key(who.id, key or secrets.token_hex(16)),
        token=who.id,
        actor=who.actor,
        raw=raw,
        words="\n\n".join(p for p in (given.description, given.test_results) if p),
        at=now,
        customer=customer,
        requester=given.requester,
        subject=given.subject or _first_line(given.description),
        values={
            Field.SERVICE_ID: _spelled(given.service_ids, directory),
            Field.CIRCUIT_ID: given.circuit_ids,
            Field.IP_ADDRESS: given.ip_addresses,
            Field.IMPACT: [given.impact.value] if given.impact else [],
            Field.START_TIME: [iso(min(given.start_time, now))] if given.start_time else [],
            Field.FAULT_PATTERN: [given.fault_pattern.value] if given.fault_pattern else [],
            Field.DESCRIPTION: [given.description],
            Field.TEST_RESULTS: [given.test_results] if given.test_results else [],
        },
        is_new=given.is_new,
        urgency=given.urgency.value if given.urgency else "",
        external_id=given.external_id,
    )
    return _filed(api, who, sent, directory)


def add_contact(api: Api, who: Bearer, ticket_id: str, given: ContactIn, raw: bytes, key: str, owner: str) -> Filed:
    """Files something new on a ticket; its words say what is wanted, as those of a mail do."""
    directory = api.directory()
    if given.requester:
        owner = _customer(who, owner, given.requester, directory)
    sent = Sent(
        key=request_key(who.id, key or secrets.token_hex(16)), token=who.id, actor=who.actor, raw=raw, words=given.text,
        at=api.clock(), customer=owner, requester=given.requester, subject=_first_line(given.text), join=ticket_id,
        intent=Intent.UPDATE,
    )  # fmt: skip
    return _filed(api, who, sent, directory)


def view_of(whole: Directory, who: Bearer) -> Directory:
    """What of the directory this token may know."""
    return whole.seen_by(whole.customer_by_id.get(who.customer)) if who.customer else whole


def _filed(api: Api, who: Bearer, sent: Sent, directory: Directory) -> Filed:
    try:
        base = api.reader.words(sent.words, sender=sent.requester, customer=who.customer, at=sent.at, directory=directory)
    except ParseTimeout as e:
        # The fields stand; what the words would have added, a person reads.
        base = Reading(sent.words, (), (), "", "en", sent.intent, sent.at)
        sent = replace(sent, unread=str(e))
    reading = reading_of(sent, base)
    return file_sent(api.store, sent, reading, directory=view_of(directory, who), settings=api.filing)


def _customer(who: Bearer, wanted: str, requester: str, directory: Directory) -> str:
    """Whose ticket it is: the token's customer, or the one that is named, or that of the address."""
    of_address = {c.id for c in directory.customers_of_address(requester)} if requester else set()
    if who.customer:
        if wanted and wanted != who.customer:
            raise wrong_field("body.customer", "this token is bound to another customer")
        if requester and who.customer not in of_address:
            raise wrong_field("body.requester", "is not on file for this customer")
        return who.customer
    if wanted and wanted not in directory.customer_by_id:
        raise wrong_field("body.customer", f"there is no customer {wanted!r} in the directory")
    return wanted or (of_address.pop() if len(of_address) == 1 else "")


def _spelled(given: list[str], directory: Directory) -> list[str]:
    """Service IDs as the directory spells them; one that it does not know stays as it was given."""
    known = directory.service_by_canonical
    return list(dict.fromkeys(found.id if (found := known.get(canonical(s))) else s for s in given))


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:120]

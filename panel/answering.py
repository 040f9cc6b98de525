"""The answer to our question as a form: one part for each field that is missing, the same on the page and behind a link."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from models.directory import Customer, Directory, Service, canonical
from models.words import Field, Impact
from panel.form import MOST_WORDS, Sent, check_start
from panel.report import Given, Start


def services_to_pick(directory: Directory, customer: Customer | None) -> tuple[Service, ...]:
    """What a sender on file may choose from; a stranger writes the ID himself."""
    return directory.services_by_customer.get(customer.id, ()) if customer else ()


def check_answer(
    sent: Sent, missing: Sequence[str], directory: Directory, customer: Customer | None, now: datetime
) -> Given | None:
    """What was answered of what is missing; None, with `sent.wrong` filled, where nothing can be used."""
    services = _services(sent, missing, directory, customer)
    start = _start(sent, missing, now)
    impact = sent["impact"] if Field.IMPACT in missing and sent["impact"] in {i.value for i in Impact} else ""
    words = sent["description"].strip() if Field.DESCRIPTION in missing else ""
    if len(words) > MOST_WORDS:
        sent.wrong["description"] = f"{len(words)} characters are too many; {MOST_WORDS} fit in here."
    if not sent.wrong and not (services or start or impact or words):
        sent.wrong["answer"] = "Please answer at least one of these."
    if sent.wrong:
        return None
    return Given(services=services, start=start, impact=Impact(impact) if impact else None, description=words)


def _services(sent: Sent, missing: Sequence[str], directory: Directory, customer: Customer | None) -> tuple[str, ...]:
    text = sent["service"].strip()[:100] if Field.SERVICE_ID in missing else ""
    if not text:
        return ()
    if customer is None:
        # Whether such a service exists is not told to somebody who is not on file.
        return (" ".join(text.upper().split()),)
    own = {canonical(s.id): s.id for s in services_to_pick(directory, customer)}
    if canonical(text) not in own:
        sent.wrong["service"] = "This is none of your services. Please choose one of the list."
        return ()
    return (own[canonical(text)],)


def _start(sent: Sent, missing: Sequence[str], now: datetime) -> Start | None:
    if Field.START_TIME not in missing or not sent["began"]:
        return None
    return check_start(sent, now)

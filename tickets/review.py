"""What puts a ticket before a person: each reason once, in words; its kind; and when a reason is settled."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from models.tables import Ticket
from models.words import Field, Verdict

TO_CONFIRM = "to confirm: "
ANSWER_WAITS = "its answer waits for an agent"


class ReviewKind(StrEnum):
    """Why a case stands in the review queue."""

    CONFIRM = "confirm"
    CONFLICT = "conflict"
    HOLD = "hold"
    VERDICT = "verdict"
    UNPROCESSABLE = "unprocessable"
    DELIVERY = "delivery"
    LOOK = "look"


# The first row whose words begin the reason gives its kind.
_KINDS: tuple[tuple[ReviewKind, tuple[str, ...]], ...] = (
    (ReviewKind.CONFIRM, (TO_CONFIRM.strip(),)),
    (ReviewKind.UNPROCESSABLE, ("could not be processed",)),
    (ReviewKind.HOLD, (ANSWER_WAITS,)),
    (ReviewKind.DELIVERY, ("mail to ", "our mail to ", "no address to answer")),
    (ReviewKind.CONFLICT, ("start time:", "impact rose", "service ", "the directory knows", "many tickets")),
)
_OF_VERDICT: dict[str, ReviewKind] = {
    Verdict.UNREADABLE.value: ReviewKind.UNPROCESSABLE,
    Verdict.MACHINE_FAULT.value: ReviewKind.VERDICT,
    Verdict.UNVERIFIED.value: ReviewKind.VERDICT,
    Verdict.REPEATED.value: ReviewKind.VERDICT,
    Verdict.STRANGER.value: ReviewKind.VERDICT,
}


def for_review(ticket: Ticket, reason: str) -> None:
    """Marks the ticket for a person, with the reason."""
    ticket.review = True
    if reason not in ticket.review_reasons:
        ticket.review_reasons = [*ticket.review_reasons, reason]


def kinds_of(reasons: Collection[str], verdicts: Collection[str] = ()) -> tuple[ReviewKind, ...]:
    """The kinds of a case, the most pressing first; one without reasons is to be looked at."""
    found = {kind for reason in reasons for kind, starts in _KINDS if reason.startswith(starts)}
    found |= {_OF_VERDICT[v] for v in verdicts if v in _OF_VERDICT}
    return tuple(k for k in ReviewKind if k in found) or (ReviewKind.LOOK,)


def settle(ticket: Ticket, decided: Collection[Field]) -> None:
    """Takes away the reasons that a person's word on these fields has settled; without any the ticket leaves the queue,
    unless its service is down and nobody has accepted it yet."""
    kept = [r for reason in ticket.review_reasons if (r := _left(reason, ticket, decided))]
    ticket.review_reasons = kept
    if not kept and not ticket.provisional and ticket.impact != "service_affecting":
        ticket.review = False


def _left(reason: str, ticket: Ticket, decided: Collection[Field]) -> str:
    """What is left of a reason; empty when it is settled."""
    if reason.startswith(TO_CONFIRM):
        names = [n for n in reason.removeprefix(TO_CONFIRM).split(", ") if n not in {f.value for f in decided}]
        return TO_CONFIRM + ", ".join(names) if names else ""
    if reason.startswith("start time:") and Field.START_TIME in decided:
        return ""
    if reason.startswith("impact rose") and Field.IMPACT in decided:
        return ""
    if reason.startswith("service "):
        entry = ticket.report.get(Field.SERVICE_ID.value) or {}
        return reason if reason.split()[1] in (entry.get("values") or ()) else ""
    if reason.startswith("the customer's answer left something open") and not ticket.missing:
        return ""
    return reason

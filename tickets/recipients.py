"""To whom an answer goes. Who is on file decides, never what a header wishes."""

from __future__ import annotations

from dataclasses import dataclass

from models.directory import Directory
from models.mail import MailFacts, strip_tag
from models.tables import Ticket
from tickets.checks import is_robot_address
from tickets.requester import Requester

MAX_CC = 10


@dataclass(frozen=True, slots=True)
class Recipients:
    """`to` is empty where there is nobody to answer."""

    to: str
    cc: tuple[str, ...] = ()


def recipients(
    facts: MailFacts, requester: Requester, ticket: Ticket, directory: Directory, *, own: frozenset[str], lists: frozenset[str]
) -> Recipients:
    """Reply-To where it is on file for the case's customer, else From; of a form or a forwarded mail its writer."""
    to = requester.address
    if requester.how == "sender" and _on_file(facts.reply_to, ticket, directory):
        to = facts.reply_to
    if not to or strip_tag(to) in own | lists:
        return Recipients("")
    return Recipients(to, _copies(facts, to, ticket, directory, own | lists))


def _copies(facts: MailFacts, to: str, ticket: Ticket, directory: Directory, ours: frozenset[str]) -> tuple[str, ...]:
    """Of those who got the customer's mail in copy, who is on file for the same customer; no robots, none of our own."""
    wanted = [
        a
        for a in dict.fromkeys(facts.cc)
        if a not in (to, facts.from_address)
        and strip_tag(a) not in ours
        and not is_robot_address(a)
        and _on_file(a, ticket, directory)
    ]
    return tuple(wanted[:MAX_CC])


def _on_file(address: str, ticket: Ticket, directory: Directory) -> bool:
    return bool(address) and ticket.customer_id in {c.id for c in directory.customers_of_address(address)}

"""Who the customer behind a mail is: the sender, the writer of a forwarded mail, or who filled in a form of ours."""

from __future__ import annotations

from dataclasses import dataclass

from models.directory import Customer, Directory
from models.mail import MailFacts
from models.reading import Reading


@dataclass(frozen=True, slots=True)
class Requester:
    """`how` is sender, forwarded (by an agent of ours) or form."""

    address: str
    name: str
    how: str = "sender"


def requester_of(facts: MailFacts, own: frozenset[str], forms: frozenset[str]) -> Requester:
    """Who asks. A form's Reply-To is believed for forms of ours only, a forwarded head for mail of our own domains only."""
    if facts.from_address in forms:
        return Requester(facts.reply_to if facts.reply_to not in own else "", "", "form")
    if forwarded_by_agent(facts, own) and facts.original and facts.original.address not in own:
        return Requester(facts.original.address, facts.original.name, "forwarded")
    return Requester(facts.from_address, facts.from_name)


def forwarded_by_agent(facts: MailFacts, own: frozenset[str]) -> bool:
    """Whether somebody of our own domains, but none of our mailboxes, hands on a mail of somebody else."""
    domains = {a.rpartition("@")[2] for a in own}
    mine = facts.from_address.rpartition("@")[2] in domains and facts.from_address not in own
    return mine and facts.original is not None and facts.original.address.rpartition("@")[2] not in domains


def customer_for(address: str, reading: Reading, directory: Directory) -> tuple[Customer | None, str]:
    """The customer of an address, and why a person should look where the address is on file for several of them."""
    candidates = directory.customers_of_address(address) if address else ()
    if len(candidates) < 2:
        return (candidates[0] if candidates else None), ""
    named = {s.customer for x in reading.service_ids if (s := directory.service_by_id.get(x))}
    fitting = [c for c in candidates if c.id in named]
    if len(fitting) == 1:
        return fitting[0], ""
    names = ", ".join(c.name for c in candidates)
    return (fitting or list(candidates))[0], f"{address} writes for several customers: {names}"

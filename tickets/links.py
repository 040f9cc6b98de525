"""Signed links in our mails: a page with a button each, because mail scanners follow links and press nothing.

A link to a customer names the mail that it stands in, so it is bound to that mail's ticket and address and ends with it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from sqlmodel import Session, select

from models.tables import Outbox, Ticket
from models.words import MailEvent
from tickets.caps import STRANGER
from tickets.match import living
from tickets.tokens import Tokens


class LinkPurpose(StrEnum):
    """What the page behind a link does when its button is pressed. The first is for persons of ours."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    AGREE = "agree"
    DECLINE = "decline"
    ESCALATE = "escalate"
    WORKS = "works"
    REOPEN = "reopen"


_P, _E = LinkPurpose, MailEvent
# Which mail offers what, beside the answer to a question, which stands wherever something is missing.
OFFERS: Mapping[str, tuple[LinkPurpose, ...]] = {
    _E.TICKET_OPENED.value: (_P.ESCALATE,),
    _E.INFORMATION_RECEIVED.value: (_P.ESCALATE,),
    _E.FOLLOW_UP_FILED.value: (_P.ESCALATE,),
    _E.STATUS_UPDATE.value: (_P.ESCALATE,),
    _E.DEFERRAL_OFFERED.value: (_P.AGREE, _P.DECLINE),
    _E.RESOLVED.value: (_P.WORKS, _P.REOPEN),
}
_FOR_STAFF = frozenset({_E.ESCALATION_NOTICE.value, _E.RFO_DUE.value})
_LEFT = re.compile(r"inc-\d{4}-\d{6,}\.[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class CustomerLink:
    """A link whose mark is right: the mail that it stands in, and the ticket as it is now (the one it was merged into)."""

    mail: Outbox
    ticket: Ticket

    def expired(self, now: datetime, days: int) -> bool:
        return now - self.mail.created_at > timedelta(days=days)


def mark(tokens: Tokens, purpose: LinkPurpose, row: str) -> str:
    """The signature of a link: 128 bits over its purpose and its row."""
    text = f"link:{purpose.value}:{row}"
    return tokens.sign(text) + tokens.sign("again:" + text)


def link(tokens: Tokens, public_url: str, purpose: LinkPurpose, row: str) -> str:
    """A link of a mail to a person of ours."""
    return f"{public_url.rstrip('/')}/link/{purpose.value}/{quote(row, safe='')}/{mark(tokens, purpose, row)}"


def is_signed(tokens: Tokens, purpose: LinkPurpose, row: str, given: str) -> bool:
    """Whether this link was made by us; compared in constant time."""
    return hmac.compare_digest(mark(tokens, purpose, row).encode(), given.encode())


def mail_links(tokens: Tokens, public_url: str, row: Outbox) -> dict[str, str]:
    """The links that stand in this mail to a customer, by their names in the templates."""
    left = row.message_id.strip("<>").partition("@")[0].rpartition(".")[0]
    if row.event in _FOR_STAFF or not row.ticket_id or not _LEFT.fullmatch(left):
        return {}
    context = row.context
    stranger = not context.get("on_file") or row.dedupe_key.startswith(STRANGER + ":")
    wanted = [LinkPurpose.ANSWER] if context.get("missing") else []
    wanted += [p for p in OFFERS.get(row.event, ()) if not (stranger and p is LinkPurpose.ESCALATE)]
    base = public_url.rstrip("/")
    links = {p.value: f"{base}/panel/link/{p.value}/{left}/{mark(tokens, p, left)}" for p in wanted}
    return links if stranger else links | {"ticket": f"{base}/panel/tickets/{row.ticket_id}"}


def find_link(session: Session, tokens: Tokens, purpose: str, left: str, given: str) -> CustomerLink | None:
    """What a customer's link stands for; None for one that we have not made, or whose mail or ticket is gone."""
    known = {p.value for p in LinkPurpose if p is not LinkPurpose.ACKNOWLEDGE}
    if purpose not in known or not _LEFT.fullmatch(left) or not is_signed(tokens, LinkPurpose(purpose), left, given):
        return None
    mail = session.exec(select(Outbox).where(Outbox.message_id == tokens.message_id_of(left))).first()
    ticket = living(session, mail.ticket_id) if mail and mail.ticket_id else None
    return CustomerLink(mail, ticket) if mail and ticket else None

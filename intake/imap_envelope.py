"""The envelope of a fetched mail: the server delivered it long ago, and its header lines tell for whom and from whom."""

from __future__ import annotations

import re
from datetime import datetime

from intake.imap_settings import Mailbox
from intake.own import OwnAddresses
from intake.raw import RawMail, header_fields

# The servers' own lines come before what the writer has put into To and Cc.
_RECIPIENTS = (("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"), ("to", "cc"))
_ADDRESS = re.compile(r"[^\s<>()\",;:]+@[^\s<>()\",;:]+")
_MOST = 100


def fetched_mail(
    raw: bytes,
    mailbox: Mailbox,
    own: OwnAddresses,
    *,
    received_at: datetime | None,
    now: datetime,
    defect: str = "",
    key: str = "",
) -> RawMail:
    """The mail as the SMTP listener would have taken it.

    It is kept under the first of our addresses that it names anywhere: copies of one mail that lie in two mailboxes are
    one contact, as one mail to two recipients over SMTP is.
    """
    fields = header_fields(raw)
    delivered, written = (_addresses(fields, names) for names in _RECIPIENTS)
    ours = [a for a in (*delivered, *written) if own.mailbox_of(a)]
    default = mailbox.address or own.mailbox_of(mailbox.user) or own.addresses[0]
    return RawMail(
        raw=raw,
        mailbox=own.mailbox_for(ours) or default,
        envelope_from=_sender(fields),
        envelope_to=tuple(dict.fromkeys(a for a in delivered if own.mailbox_of(a))) or tuple(dict.fromkeys(ours)) or (default,),
        peer=mailbox.name,
        arrived_at=min(received_at or now, now),
        defect=defect,
        key=key,
    )


def _addresses(fields: list[tuple[str, str]], names: tuple[str, ...]) -> list[str]:
    found = [a for name, value in fields if name in names for a in _ADDRESS.findall(value)]
    return found[:_MOST]


def _sender(fields: list[tuple[str, str]]) -> str:
    """The topmost Return-Path, empty for `<>`; else From, since a mail without Return-Path is no bounce for that."""
    for wanted in ("return-path", "from"):
        for name, value in fields:
            if name == wanted:
                address = _ADDRESS.search(value)
                return address.group() if address else ""
    return ""

"""Our own text that a mail answers, so that words between its lines are told from it."""

from __future__ import annotations

import re
from datetime import datetime
from email.parser import BytesHeaderParser

from sqlmodel import Session, col, select

from models.tables import Outbox, ThreadRef

_MESSAGE_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_MAX_HEADER_BYTES = 65536


def headers_only(raw: bytes) -> bytes:
    """The head of a mail, without its body."""
    head = raw[:_MAX_HEADER_BYTES]
    end = re.search(rb"\r?\n\r?\n", head)
    return head[: end.end()] if end else head


def question_of(session: Session, raw: bytes, *, before: datetime | None = None) -> str | None:
    """The text of the last mail of ours in the thread that this mail is a reply to; as it stood at `before`, if given."""
    headers = BytesHeaderParser().parsebytes(headers_only(raw))
    text = " ".join(str(headers.get(n, "")) for n in ("In-Reply-To", "References"))
    ids = _MESSAGE_ID.findall(text[:10_000])[-20:]
    if not ids:
        return None
    refs = select(ThreadRef.ticket_id).where(col(ThreadRef.message_id).in_(ids))
    query = select(Outbox.body_text).where(col(Outbox.ticket_id).in_(refs)).order_by(col(Outbox.id).desc()).limit(1)
    return session.exec(query.where(col(Outbox.created_at) < before) if before else query).first()

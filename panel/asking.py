"""The mails with sign-in links: written after the page has answered, so that no answer tells who is on file."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from models.directory import Directory
from models.store import Store
from models.tables import Outbox
from models.tables_panel import PanelAsk
from models.words import MailEvent, OutboxState
from panel.sessions import LINK_LIFE, digest
from tickets.mailing import LifeSettings

_BATCH = 100


def send_links(store: Store, directory: Directory, life: LifeSettings, now: datetime) -> list[int]:
    """Queues a mail for each wish that was not seen to yet and comes from an address on file; gives the outbox rows."""
    with store.write() as session:
        rows = session.exec(
            select(PanelAsk)
            .where(col(PanelAsk.done).is_(False), col(PanelAsk.at) > now - LINK_LIFE)
            .order_by(col(PanelAsk.id))
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        mails = [_mail(session, row, directory, life, now) for row in rows]
        session.flush()
        return [m.id for m in mails if m is not None and m.id is not None]


def _mail(session: Session, row: PanelAsk, directory: Directory, life: LifeSettings, now: datetime) -> Outbox | None:
    row.done = True
    session.add(row)
    customers = directory.customers_of_address(row.address)
    if not customers:
        return None
    token = secrets.token_urlsafe(32)
    row.token_hash = digest(token)
    tokens = life.answers.tokens
    person = next((p.name for c in customers for p in c.contacts if p.email.casefold() == row.address), "")
    mail = Outbox(
        event=MailEvent.PANEL_SIGN_IN.value,
        dedupe_key=f"panel-sign-in:{row.id}",
        message_id=tokens.message_id("panel"),
        to_address=row.address,
        envelope_from=tokens.bounce_address,
        context={
            "provider": life.answers.provider,
            "greeting_name": person,
            "links": {"sign_in": life.page(f"/panel/enter/{token}")},
        },
        state=OutboxState.QUEUED.value,
        counted=False,
        created_at=now,
        due_at=now,
    )
    session.add(mail)
    return mail

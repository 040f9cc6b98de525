"""Delivery of outbox rows: claimed by a lease, written once, sent outside any transaction, then marked."""

from __future__ import annotations

from datetime import datetime

from models.clock import Clock
from models.errors import DeliveryDeferred, DeliveryRefused, LeaseLost, NotFoundError, UserError
from models.store import Store
from models.tables import Outbox
from models.words import MailEvent, OutboxState
from outbound.compose import ComposeSettings, compose
from outbound.context import context_of
from outbound.headers import one_line
from outbound.outbox import Lease, claim, hold, mark_failed, mark_later, mark_sent
from outbound.render import Rendered, render
from outbound.senders import Sender

__all__ = ["claim", "deliver_one"]


def deliver_one(
    store: Store, row_id: int, *, owner: str, clock: Clock, sender: Sender, settings: ComposeSettings
) -> OutboxState:
    """Sends one queued row and returns its state afterwards: sent, queued (tried again later) or failed.

    `owner` is a name of this worker that no other has. The row need not be claimed before. Raises LeaseLost if
    another worker has it, or took it over meanwhile, or it is not due; nothing was marked then.
    """
    with store.read() as session:
        row = session.get(Outbox, row_id)
    if row is None:
        raise NotFoundError(f"there is no outbox row {row_id}")
    if row.state != OutboxState.QUEUED:
        return OutboxState(row.state)
    problem: Exception | None = None
    written: Rendered | None = None
    if row.raw is None:
        try:
            written, row.raw = _write(row, settings, clock())
        # An error of ours here must not leave the row queued without a trace: it backs off and ends with a person.
        except Exception as e:
            problem = e
    with store.write() as session:
        lease = hold(session, row, written, now=clock(), owner=owner)
    problem = problem or _send(row, sender)
    return _mark(store, lease, problem, clock())


def _write(row: Outbox, settings: ComposeSettings, now: datetime) -> tuple[Rendered, bytes]:
    """The mail as words and as bytes; a mail an agent wrote himself stands in the row and needs no template."""
    if row.body_text and not row.automatic:
        rendered = Rendered(row.subject, row.body_text)
    else:
        context = context_of(row.context, provider=settings.provider_name, ticket=row.ticket_id)
        rendered = render(_event(row.event), context)
    return rendered, compose(row, settings, rendered, date=now)


def _event(name: str) -> MailEvent:
    try:
        return MailEvent(name)
    except ValueError as e:
        raise UserError(f"there is no mail for the event {one_line(name, 60)!r}") from e


def _send(row: Outbox, sender: Sender) -> Exception | None:
    """What went wrong, if anything; an unforeseen error is our own trouble and is tried again like any other."""
    try:
        sender.send(row.envelope_from, row.to_address, row.raw or b"")
    except Exception as e:
        return e
    return None


def _mark(store: Store, lease: Lease, problem: Exception | None, now: datetime) -> OutboxState:
    with store.write() as session:
        if problem is None:
            return mark_sent(session, lease, now)
        if isinstance(problem, DeliveryRefused | UserError):
            return mark_failed(session, lease, now, _words(problem))
        return mark_later(session, lease, now, _words(problem))


def _words(problem: Exception) -> str:
    known = isinstance(problem, DeliveryDeferred | DeliveryRefused | UserError | LeaseLost)
    return one_line(str(problem) if known else f"{type(problem).__name__}: {problem}", 300)

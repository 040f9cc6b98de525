"""Delivery of outbox rows: written and leased in one go, sent outside any transaction, then marked in one go."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from models.clock import Clock
from models.errors import DeliveryDeferred, DeliveryRefused, LeaseLost, NoSmarthost, NotFoundError, UserError
from models.store import Store
from models.tables import Outbox
from models.tables_life import OutboxFile
from models.tuning_file import MailTextRow
from models.words import MailEvent, OutboxState
from outbound.compose import ComposeSettings, compose
from outbound.context import MailContext, context_of
from outbound.headers import one_line
from outbound.other_way import OtherWay
from outbound.outbox import Lease, Written, lease_rows, mark_failed, mark_later, mark_sent, release, renew
from outbound.own_texts import TextError, render_own
from outbound.render import Rendered, render
from outbound.senders import Sender

log = structlog.get_logger("outbound.deliver")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leased row, ready to go: its envelope and bytes, or what kept it from being written."""

    lease: Lease
    envelope_from: str
    to: str
    raw: bytes
    problem: Exception | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a parcel; no `problem` means that the next hop has taken it."""

    parcel: Parcel
    problem: Exception | None


OwnTexts = Callable[[Session], Mapping[str, MailTextRow]]
"""The texts that stand in the place of shipped ones, by event, as they are in force."""


def _none(_session: Session) -> Mapping[str, MailTextRow]:
    return {}


@dataclass
class Delivery:
    """The steps of one worker's delivery. `owner` is a name of this worker that no other has."""

    store: Store
    owner: str
    clock: Clock
    sender: Sender
    settings: ComposeSettings
    other_ways: Sequence[OtherWay] = ()
    own_texts: OwnTexts = _none
    _turn: Iterable[int] = field(default_factory=itertools.count)

    def prepare(self, ids: Sequence[int]) -> list[Parcel]:
        """Writes those of the rows that are due and leases them; others' rows and finished ones are left out."""
        now = self.clock()
        with self.store.read() as session:
            rows = _due(session, ids, now)
            files = _files(session, rows)
            own = self.own_texts(session)
        written: dict[int, Written] = {}
        problems: dict[int, Exception] = {}
        for row in rows:
            if row.raw is None:
                try:
                    written[row.id or 0] = _write(row, files.get(row.id or 0, ()), self.settings, now, own.get(row.event))
                # An error of ours must not leave the row queued without a trace: it backs off and ends with a person.
                except Exception as e:
                    problems[row.id or 0] = e
        if not rows:
            return []
        owner = f"{self.owner}/{next(iter(self._turn))}"
        with self.store.write() as session:
            ready = lease_rows(session, [r.id or 0 for r in rows], written, now=self.clock(), owner=owner)
        parcels = []
        for row in rows:
            i = row.id or 0
            if i in ready or i in problems:
                parcel = Parcel(Lease(i, owner), row.envelope_from, row.to_address, ready.get(i, b""), problems.get(i))
                parcels.append(parcel)
        return parcels

    def send(self, parcel: Parcel) -> Outcome:
        """Sends one parcel; an unforeseen error is our own trouble and is tried again like any other."""
        if parcel.problem is not None:
            return Outcome(parcel, parcel.problem)
        try:
            self.sender.send(parcel.envelope_from, parcel.to, parcel.raw)
        except Exception as e:
            return Outcome(parcel, e)
        return Outcome(parcel, None)

    def mark(self, outcomes: Sequence[Outcome]) -> dict[int, OutboxState]:
        """Writes down what became of the parcels, in one transaction; a row whose lease is over is left out."""
        now = self.clock()
        states: dict[int, OutboxState] = {}
        with self.store.write() as session:
            sent = [o.parcel.lease for o in outcomes if o.problem is None]
            states |= dict.fromkeys(mark_sent(session, sent, now), OutboxState.SENT)
            for outcome in outcomes:
                if outcome.problem is not None:
                    try:
                        states[outcome.parcel.lease.row_id] = self._mark(session, outcome.parcel.lease, outcome.problem, now)
                    except LeaseLost:
                        continue
        return states

    def renew(self, parcels: Iterable[Parcel]) -> None:
        """Keeps the leases of parcels that are still under way."""
        with self.store.write() as session:
            renew(session, {p.lease.owner for p in parcels}, self.clock())

    def release(self, parcels: Iterable[Parcel]) -> None:
        """Gives parcels back that were not offered to anybody."""
        with self.store.write() as session:
            release(session, [p.lease for p in parcels])

    def _mark(self, session: Session, lease: Lease, problem: Exception, now: datetime) -> OutboxState:
        words = _words(problem)
        if isinstance(problem, DeliveryRefused | UserError):
            elsewhere = isinstance(problem, DeliveryRefused) and problem.bad_address
            return mark_failed(session, lease, now, words, other_ways=self.other_ways if elsewhere else ())
        return mark_later(session, lease, now, words, wait=problem.wait if isinstance(problem, NoSmarthost) else None)


def deliver_one(delivery: Delivery, row_id: int) -> OutboxState:
    """Sends one queued row and returns its state afterwards: sent, queued (tried again later) or failed.

    Raises LeaseLost if another worker has it, or took it over meanwhile, or it is not due; nothing was marked then.
    """
    with delivery.store.read() as session:
        state = session.exec(select(Outbox.state).where(Outbox.id == row_id)).first()
    if state is None:
        raise NotFoundError(f"there is no outbox row {row_id}")
    if state != OutboxState.QUEUED:
        return OutboxState(state)
    marked = delivery.mark([delivery.send(parcel) for parcel in delivery.prepare([row_id])])
    if row_id not in marked:
        raise LeaseLost(f"outbox row {row_id} is with another worker, or not due")
    return marked[row_id]


def _due(session: Session, ids: Sequence[int], now: datetime) -> list[Outbox]:
    query = select(Outbox).where(
        col(Outbox.id).in_(ids), Outbox.channel == "email", Outbox.state == OutboxState.QUEUED.value, col(Outbox.due_at) <= now
    )
    rows = session.exec(query.order_by(col(Outbox.id))).all()
    return [row for row in rows if row.lease_until is None or row.lease_until <= now]


def _files(session: Session, rows: Sequence[Outbox]) -> dict[int, list[OutboxFile]]:
    """The files of those mails that a person or a document brought; automatic answers have none."""
    found: dict[int, list[OutboxFile]] = {}
    ids = [row.id for row in rows if row.raw is None]
    for file in session.exec(select(OutboxFile).where(col(OutboxFile.outbox_id).in_(ids)).order_by(col(OutboxFile.id))):
        found.setdefault(file.outbox_id, []).append(file)
    return found


def _write(
    row: Outbox, files: Sequence[OutboxFile], settings: ComposeSettings, now: datetime, own: MailTextRow | None
) -> Written:
    """The mail as words and as bytes; a mail an agent wrote himself stands in the row and needs no template."""
    if row.body_text and not row.automatic:
        rendered = Rendered(row.subject, row.body_text)
    else:
        links = {**row.context.get("links", {}), **settings.links(row)}
        context = context_of({**row.context, "links": links}, provider=settings.provider_name, ticket=row.ticket_id or "")
        rendered = _rendered(_event(row.event), context, own)
    return Written(rendered, compose(row, settings, rendered, date=now, files=files))


def _rendered(event: MailEvent, context: MailContext, own: MailTextRow | None) -> Rendered:
    """In the house's own words; a case for which these do not do goes out in the shipped ones."""
    if own:
        try:
            return render_own(context, own)
        except TextError as e:
            log.warning("own_text_failed", event_name=event.value, part=e.part, why=str(e))
    return render(event, context)


def _event(name: str) -> MailEvent:
    try:
        return MailEvent(name)
    except ValueError as e:
        raise UserError(f"there is no mail for the event {one_line(name, 60)!r}") from e


def _words(problem: Exception) -> str:
    known = isinstance(problem, DeliveryDeferred | DeliveryRefused | UserError | LeaseLost)
    return one_line(str(problem) if known else f"{type(problem).__name__}: {problem}", 300)

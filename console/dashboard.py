"""The dashboard: volumes, how well is read, how fast is answered, what waits, and how the listeners stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import ColumnElement, literal
from sqlalchemy import select as sql_select
from sqlmodel import Session, case, col, func, select

from console import plots
from console.auth import SignedIn
from console.dashboard_charts import Chart, Kept
from console.guard import EVERYBODY
from console.listing.filters import words
from console.listing.spec import column
from console.site import Site
from models.mailboxes import MailboxState
from models.tables import Contact, Outbox, Ticket, ticket_is_open
from models.tables_imap import ImapMailbox
from models.tables_phone import PhoneCall
from models.tables_rules import LabelledValue
from models.words import Channel, ContactState, OutboxState

RANGES = (7, 30, 90)
_MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number of things that wait, and the list of them; `more` when there are more than were counted."""

    label: str
    number: int
    path: str
    more: bool


@dataclass(frozen=True, slots=True)
class Health:
    """One listener: whether all is well, and what is known of it."""

    name: str
    ok: bool
    detail: str
    at: datetime | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of so many values that a person has judged, so many were right as read."""

    field: str
    judged: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.judged


def add_dashboard(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))
    kept = Kept()

    @app.get("/dashboard", response_class=HTMLResponse)
    def dashboard(request: Request, who: SignedIn = user, days: int = 30) -> Response:
        now = site.clock()
        chosen = days if days in RANGES else 30
        first = now.astimezone(UTC).date() - timedelta(days=chosen - 1)
        labels = [first + timedelta(days=n) for n in range(chosen)]
        with site.store.read() as session:
            past = kept.of(session, labels)
            context = {
                "who": who, "days": chosen, "ranges": RANGES, "counted": past.counted, "waiting": waiting(session),
                "ages": ages(session, now), "health": [*asked(site), *listeners(session)],
                "charts": past.charts, "figures": past.figures,
                "accuracy": _accuracy_chart(accuracy(session, datetime.combine(first, time(), UTC))),
                "uncounted": past.uncounted,
            }  # fmt: skip
        return site.pages.TemplateResponse(request, "dashboard.html", context)


def waiting(session: Session) -> list[Waiting]:
    """What waits now, each a link to its list."""
    asked_for = (
        ("tickets open", ticket_is_open(), "/tickets?state=any-open"),
        ("tickets for review", col(Ticket.review).is_(True), "/tickets?review=yes"),
        ("contacts being read", col(Contact.state) == ContactState.RECEIVED.value, "/contacts?state=received"),
        ("not processable", col(Contact.state) == ContactState.UNPROCESSABLE.value, "/set-aside?kind=unprocessable"),
        ("mails waiting", col(Outbox.state) == OutboxState.QUEUED.value, "/outbox?state=queued&sort=oldest"),
        ("mails held", col(Outbox.state) == OutboxState.HELD.value, "/outbox?state=held"),
        ("mails failed", col(Outbox.state) == OutboxState.FAILED.value, "/set-aside?kind=undeliverable"),
    )
    return [_waiting(session, label, where, path) for label, where, path in asked_for]


def _waiting(session: Session, label: str, where: ColumnElement[bool], path: str) -> Waiting:
    number = _some(session, where)
    return Waiting(label, min(number, _MOST_COUNTED), path, number > _MOST_COUNTED)


def _some(session: Session, *where: ColumnElement[bool]) -> int:
    some = sql_select(literal(1)).where(*where).limit(_MOST_COUNTED + 1).subquery()
    return int(session.connection().execute(sql_select(func.count()).select_from(some)).scalar_one())


def ages(session: Session, now: datetime) -> list[tuple[str, int]]:
    """Open tickets by their age."""
    day, week = now - timedelta(days=1), now - timedelta(days=7)
    opened, still = column(Ticket.opened_at), ticket_is_open()
    return [
        ("under a day", _some(session, still, opened > day)),
        ("a day to a week", _some(session, still, opened <= day, opened > week)),
        ("over a week", _some(session, still, opened <= week)),
    ]


def accuracy(session: Session, since: datetime) -> list[Accuracy]:
    """Per field, from what agents confirmed and corrected."""
    right = func.sum(case((col(LabelledValue.confirmed).is_(True), 1), else_=0))
    rows = session.exec(
        select(LabelledValue.field, func.count(), right).where(col(LabelledValue.at) >= since).group_by(LabelledValue.field)
    ).all()
    return [Accuracy(field, judged, int(good)) for field, judged, good in sorted(rows)]


def asked(site: Site) -> list[Health]:
    """What `/readyz` asks."""
    out = []
    for name, check in site.checks.items():
        try:
            ok, detail = check()
        except Exception as e:  # a check that fails is the answer, not an error page
            ok, detail = False, type(e).__name__
        out.append(Health(words(name), ok, detail))
    return out


def listeners(session: Session) -> list[Health]:
    """When each way in last brought something: SMTP, each mailbox, the phone, the panel."""
    last = {c: _last(session, c) for c in Channel}
    boxes = session.exec(select(ImapMailbox).order_by(col(ImapMailbox.name))).all()
    call = session.exec(select(func.max(PhoneCall.started_at, type_=col(PhoneCall.started_at).type))).one()  # type: ignore[attr-defined]
    return [
        Health("mail", True, "last contact" if last[Channel.EMAIL] else "no contact yet", last[Channel.EMAIL]),
        *(_mailbox(b) for b in boxes),
        Health("phone", True, "last call" if call else "no call yet", call),
        Health("panel", True, "last contact" if last[Channel.PANEL] else "no contact yet", last[Channel.PANEL]),
    ]


def _mailbox(box: ImapMailbox) -> Health:
    well = box.state not in (MailboxState.DOWN.value, MailboxState.REFUSED.value) and not box.unaccounted
    return Health(f"mailbox {box.name}", well, box.detail or words(box.state), box.scanned_at, "/mailboxes")


def _last(session: Session, channel: Channel) -> datetime | None:
    return session.exec(
        select(Contact.arrived_at).where(Contact.channel == channel.value).order_by(col(Contact.arrived_at).desc()).limit(1)
    ).first()


def _accuracy_chart(found: list[Accuracy]) -> Chart | None:
    if not found:
        return None
    rows = [(words(a.field), a.share, f"{a.share:.0%} of {a.judged:,}") for a in found]
    says = "Of the values that agents confirmed or corrected in this time, so many were right as they had been read."
    table = tuple((words(a.field), f"{a.judged:,}", f"{a.right:,}", f"{a.share:.1%}") for a in found)
    return Chart("Accuracy from corrections", plots.shares(rows, "c3"), says, ("Field", "Judged", "Right", "Share"), table)

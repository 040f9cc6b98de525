"""The dashboard: volumes, how well is read, how fast is answered, what waits, and how the listeners stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import ColumnElement, literal
from sqlalchemy import select as sql_select
from sqlmodel import Session, case, col, func, select

from console import plots
from console.auth import SignedIn
from console.guard import EVERYBODY
from console.listing.filters import words
from console.listing.spec import column
from console.plots import Plot, Series
from console.site import Site
from models.mailboxes import MailboxState
from models.tables import Contact, Outbox, Ticket, ticket_is_open
from models.tables_imap import ImapMailbox
from models.tables_lists import DayCounted
from models.tables_phone import PhoneCall
from models.tables_rules import LabelledValue
from models.words import MANDATORY, Channel, ContactState, OutboxState
from tickets.day_figures import Figure, figures_since, percentile

RANGES = (7, 30, 90)
_MOST_COUNTED = 100_000
Day = Mapping[tuple[str, str], int]


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


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot with its sentence, which says the same in words, and the table of its numbers."""

    title: str
    plot: Plot
    says: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def add_dashboard(app: FastAPI, site: Site) -> None:
    user = Depends(site.guard.may(EVERYBODY))

    @app.get("/dashboard", response_class=HTMLResponse)
    def dashboard(request: Request, who: SignedIn = user, days: int = 30) -> Response:
        now = site.clock()
        chosen = days if days in RANGES else 30
        first = now.astimezone(UTC).date() - timedelta(days=chosen - 1)
        labels = [first + timedelta(days=n) for n in range(chosen)]
        with site.store.read() as session:
            by_day = figures_since(session, first)
            counted = session.exec(select(func.max(DayCounted.counted_at, type_=col(DayCounted.counted_at).type))).one()  # type: ignore[attr-defined]
            context = {
                "who": who, "days": chosen, "ranges": RANGES, "counted": counted, "waiting": waiting(session),
                "ages": ages(session, now), "health": [*asked(site), *listeners(session)],
                "charts": charts(labels, by_day), "figures": totals(by_day),
                "accuracy": _accuracy_chart(accuracy(session, datetime.combine(first, time(), UTC))),
                "uncounted": sum(1 for d in labels if d.isoformat() not in by_day),
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


def totals(by_day: Mapping[str, Day]) -> dict[str, str]:
    """The figures of the whole range in words."""
    whole: Counter[tuple[str, str]] = Counter()
    for day in by_day.values():
        whole.update(day)
    buckets = _buckets(whole)
    reports = whole[Figure.REPORTS, ""]
    return {
        "contacts": f"{sum(n for (name, _), n in whole.items() if name == Figure.CONTACTS):,}",
        "reports": f"{reports:,}",
        "untouched": f"{whole[Figure.UNTOUCHED, ''] / reports:.0%}" if reports else "none yet",
        "p50": seconds_words(percentile(buckets, 0.5)),
        "p95": seconds_words(percentile(buckets, 0.95)),
        "opened": f"{whole[Figure.OPENED, '']:,}",
        "resolved": f"{whole[Figure.RESOLVED, '']:,}",
    }


def charts(labels: list[date], by_day: Mapping[str, Day]) -> list[Chart]:
    names = [f"{d:%d %b}" for d in labels]
    days = [by_day.get(d.isoformat()) for d in labels]
    return [_volumes(names, days), _untouched(names, days), _missing(days), _answers(names, days), _flow(names, days)]


def _numbers(days: list[Day | None], name: str, part: str = "") -> tuple[float | None, ...]:
    return tuple(None if d is None else d.get((name, part), 0) for d in days)


def _volumes(names: list[str], days: list[Day | None]) -> Chart:
    series = [Series(c.value, f"c{n}", _numbers(days, Figure.CONTACTS, c.value)) for n, c in enumerate(Channel, 1)]
    sums = [int(sum(v or 0 for v in s.numbers)) for s in series]
    says = ", ".join(f"{n:,} by {s.name}" for n, s in zip(sums, series, strict=True))
    return _chart("Contacts by channel", plots.stacked(names, series, "by"), f"{says}.", names, series)


def _untouched(names: list[str], days: list[Day | None]) -> Chart:
    shares = tuple(_share(d, Figure.UNTOUCHED) for d in days)
    percent = tuple(None if v is None else 100 * v for v in shares)
    series = [Series("read without a touch, %", "c1", percent)]
    says = "Reports of persons in which nothing was missing, nothing waited to be confirmed and nobody corrected a value."
    return _chart("Read without a touch", plots.lines(names, series, top=100, unit=" %"), says, names, series)


def _share(day: Day | None, figure: Figure, part: str = "") -> float | None:
    reports = day.get((Figure.REPORTS, ""), 0) if day else 0
    return day.get((figure, part), 0) / reports if day and reports else None


def _missing(days: list[Day | None]) -> Chart:
    whole: Counter[tuple[str, str]] = Counter()
    for day in days:
        whole.update(day or {})
    reports = whole[Figure.REPORTS, ""]
    found = [(words(f.value), whole[Figure.MISSING, f.value]) for f in MANDATORY]
    rows = [(name, n / reports if reports else 0.0, f"{n:,} of {reports:,}") for name, n in found]
    says = "How often each field that a report must tell was not told, or could not be read, at first."
    return Chart(
        "Missing fields", plots.shares(rows, "c2"), says, ("Field", "Missing", "Share"),
        tuple((n, told, f"{s:.1%}") for n, s, told in rows),
    )  # fmt: skip


def _answers(names: list[str], days: list[Day | None]) -> Chart:
    buckets = [_buckets(d or {}) for d in days]
    series = [
        Series("median", "c1", tuple(percentile(b, 0.5) for b in buckets)),
        Series("95 %", "c2", tuple(percentile(b, 0.95) for b in buckets)),
    ]
    table = tuple(
        (n, seconds_words(series[0].numbers[i]), seconds_words(series[1].numbers[i]), f"{sum(buckets[i].values()):,}")
        for i, n in enumerate(names)
    )
    says = "From the acceptance of a contact to the sending of its first answer: half of them, and 95 of 100, within this time."
    return Chart("Answer times", plots.times(names, series), says, ("Day", "Median", "95 %", "Answers"), table)


def _flow(names: list[str], days: list[Day | None]) -> Chart:
    series = [Series("opened", "c1", _numbers(days, Figure.OPENED)), Series("resolved", "c3", _numbers(days, Figure.RESOLVED))]
    says = "The backlog grows on days on which more tickets are opened than resolved."
    return _chart("Tickets opened and resolved", plots.lines(names, series), says, names, series)


def _accuracy_chart(found: list[Accuracy]) -> Chart | None:
    if not found:
        return None
    rows = [(words(a.field), a.share, f"{a.share:.0%} of {a.judged:,}") for a in found]
    says = "Of the values that agents confirmed or corrected in this time, so many were right as they had been read."
    table = tuple((words(a.field), f"{a.judged:,}", f"{a.right:,}", f"{a.share:.1%}") for a in found)
    return Chart("Accuracy from corrections", plots.shares(rows, "c3"), says, ("Field", "Judged", "Right", "Share"), table)


def _chart(title: str, plot: Plot, says: str, names: list[str], series: list[Series]) -> Chart:
    rows = tuple((n, *(_number(s.numbers[i]) for s in series)) for i, n in enumerate(names))
    return Chart(title, plot, says, ("Day", *(s.name for s in series)), rows)


def _number(value: float | None) -> str:
    return "not counted" if value is None else f"{value:,.0f}"


def _buckets(day: Day) -> dict[int, int]:
    return {int(part): n for (name, part), n in day.items() if name == Figure.ANSWER}


def seconds_words(seconds: float | None) -> str:
    """A time as a person says it."""
    if seconds is None:
        return "none yet"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"

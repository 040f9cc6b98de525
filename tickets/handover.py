"""What a customer is handed when a service is activated: the welcome message and the escalation matrix, dated, by version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.calendar_file import DAYS
from models.directory import Directory, Service
from models.documents import MatrixDocument, MatrixLine
from models.errors import NotFoundError
from models.matrix_file import MatrixVersion
from models.store import Store
from models.tables import Outbox, ServiceRecord
from models.tables_life import MatrixIssue, OutboxFile, SupportChannel, WelcomeSent
from models.words import MailEvent, OutboxState, Priority
from tickets.calendars import Calendar
from tickets.mailing import LifeSettings
from tickets.policy import Policy, load_policy

Draw = Callable[[MatrixDocument], bytes]
# A service that was active long before it was put on file is not welcomed.
FRESH = timedelta(days=7)
_KINDS = {"email": "Email", "phone": "Phone", "panel": "Control panel"}
_DAY_WORDS = dict(zip(DAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))


def channels_of(session: Session, service: Service) -> list[tuple[str, str]]:
    """The addresses and numbers that are for this service, its customer, or everybody: (kind in words, value)."""
    rows = session.exec(select(SupportChannel).order_by(col(SupportChannel.kind), col(SupportChannel.value))).all()
    fits = [r for r in rows if not (r.customers or r.services) or service.customer in r.customers or service.id in r.services]
    return [(_KINDS.get(r.kind, r.kind.capitalize()), r.value) for r in fits]


def services_of_channel(session: Session, value: str, directory: Directory) -> list[str]:
    """The services for which this address or number was handed out; none when it is for everybody."""
    row = session.get(SupportChannel, value.lower())
    if row is None or not (row.customers or row.services):
        return []
    theirs = [s.id for c in row.customers for s in directory.services_by_customer.get(c, ())]
    return list(dict.fromkeys([*row.services, *theirs]))


def welcome_context(session: Session, directory: Directory, service_id: str, addresses: Iterable[str]) -> dict[str, object]:
    """What the welcome message of a service says. Raises NotFoundError for a service that is not on file."""
    service = directory.service_by_id.get(service_id)
    if service is None:
        raise NotFoundError(f"there is no service {service_id}")
    channels = channels_of(session, service) or [("Email", a) for a in addresses]
    rows = [("Service ID", service.id), ("Product", service.product), ("Site", service.site), *channels]
    return {"service": service.id, "facts": [{"label": k, "value": v} for k, v in rows if v]}


def send_welcome(
    store: Store,
    directory: Directory,
    service_id: str,
    settings: LifeSettings,
    draw: Draw,
    *,
    own: Iterable[str],
    now: datetime,
) -> list[int]:
    """Queues the welcome message to each person on file of the service's customer, once; gives the outbox rows.

    The escalation matrix goes with it, where the service has one. A second call queues nothing.
    """
    with store.read() as session:
        if session.get(WelcomeSent, service_id):
            return []
    pdf = issue_matrix(store, directory, service_id, draw, provider=settings.answers.provider, now=now)
    try:
        with store.write() as session:
            context = welcome_context(session, directory, service_id, own)
            customer = directory.customer_by_id[directory.service_by_id[service_id].customer]
            to = list(dict.fromkeys(p.email for p in customer.contacts))
            session.add(WelcomeSent(service_id=service_id, at=now, addresses=to))
            session.flush()
            names = {p.email: p.name for p in customer.contacts}
            rows = [_queue(session, settings, a, {**context, "greeting_name": names[a]}, service_id, now) for a in to]
            session.flush()
            for row in rows if pdf else ():
                name = f"escalation-matrix-{service_id}.pdf"
                session.add(OutboxFile(outbox_id=row.id or 0, name=name, media_type="application/pdf", data=pdf or b""))
            return [r.id for r in rows if r.id is not None]
    except IntegrityError:  # another machine has welcomed it
        return []


def welcome_new(
    store: Store, directory: Directory, settings: LifeSettings, draw: Draw, *, own: Iterable[str], now: datetime
) -> list[int]:
    """Welcomes services that were activated lately and have not been welcomed."""
    with store.read() as session:
        done = select(WelcomeSent.service_id)
        due = session.exec(
            select(ServiceRecord.id)
            .where(col(ServiceRecord.activated) <= now, col(ServiceRecord.activated) > now - FRESH)
            .where(col(ServiceRecord.id).not_in(done))
            .order_by(col(ServiceRecord.id))
            .limit(50)
        ).all()
    return [r for s in due for r in send_welcome(store, directory, s, settings, draw, own=own, now=now)]


def issue_matrix(
    store: Store, directory: Directory, service_id: str, draw: Draw, *, provider: str, now: datetime
) -> bytes | None:
    """The matrix of a service as a document, drawn once for each version; None where the service has none."""
    with store.read() as session:
        service = directory.service_by_id.get(service_id)
        if service is None:
            raise NotFoundError(f"there is no service {service_id}")
        policy = load_policy(session)
        found = policy.matrix_for(service.customer, [service_id])
        if found is None or not found.row.levels:
            return None
        had = _issued(session, service_id, found)
        channels = tuple(channels_of(session, service))
    if had:
        return had.pdf
    company = directory.customer_by_id[service.customer].name
    pdf = draw(matrix_document(policy, found, service, company, channels, provider=provider, now=now))
    try:
        with store.write() as session:
            session.add(
                MatrixIssue(service_id=service_id, matrix=found.row.name, version=found.version, issued_at=now, pdf=pdf)
            )
        return pdf
    except IntegrityError:  # another machine was faster; its document is the one
        with store.read() as session:
            had = _issued(session, service_id, found)
        return had.pdf if had else pdf


def matrix_document(
    policy: Policy,
    matrix: MatrixVersion,
    service: Service,
    customer: str,
    channels: tuple[tuple[str, str], ...],
    *,
    provider: str,
    now: datetime,
) -> MatrixDocument:
    """The document's words, from the matrix and targets in force."""
    targets = policy.targets_for(service.customer, [service.id])
    promised = {k: tuple(a.words if (a := targets.of(k, p)) else "" for p in Priority) for k in ("response", "repair")}
    by_age = matrix.row.by_age
    lines = tuple(
        MatrixLine(
            level.level,
            level.title,
            tuple((p.name, tuple(f"{w.by.value} {w.to}" for w in p.ways)) for p in level.persons),
            tuple(a.words if by_age and (a := level.age(p)) else "" for p in Priority),
        )
        for level in matrix.row.levels
    )
    return MatrixDocument(
        provider=provider,
        service=service.id,
        customer=customer,
        name=matrix.row.name,
        version=matrix.version,
        issued_at=now,
        priorities=tuple(p.value.capitalize() for p in Priority),
        lines=lines,
        response=promised["response"],
        repair=promised["repair"],
        channels=channels,
        hours=hours_words(policy.calendar(matrix.row.calendar)),
    )


def hours_words(calendar: Calendar) -> str:
    """`Mon-Fri 09:00-17:00 (Europe/Berlin), public holidays of DE closed`."""
    hours = {d: ", ".join(f"{a}-{b}" for a, b in calendar.row.hours.get(d, [])) for d in DAYS}
    groups: list[list[str]] = []
    for day in (d for d in DAYS if hours[d]):
        joined = groups and hours[groups[-1][-1]] == hours[day] and DAYS.index(day) == DAYS.index(groups[-1][-1]) + 1
        if joined:
            groups[-1].append(day)
        else:
            groups.append([day])
    parts = [_DAY_WORDS[g[0]] + (f"-{_DAY_WORDS[g[-1]]}" if len(g) > 1 else "") + " " + hours[g[0]] for g in groups]
    closed = f", closed on public holidays of {calendar.row.country}" if calendar.row.country else ""
    return "; ".join(parts) + f" ({calendar.row.zone}){closed}"


def _issued(session: Session, service_id: str, found: MatrixVersion) -> MatrixIssue | None:
    return session.exec(
        select(MatrixIssue).where(
            MatrixIssue.service_id == service_id, MatrixIssue.matrix == found.row.name, MatrixIssue.version == found.version
        )
    ).first()


def _queue(
    session: Session, settings: LifeSettings, to: str, context: dict[str, object], service_id: str, now: datetime
) -> Outbox:
    tokens = settings.answers.tokens
    row = Outbox(
        event=MailEvent.WELCOME.value,
        dedupe_key=f"welcome:{service_id}:{to}",
        message_id=tokens.message_id(service_id),
        to_address=to,
        envelope_from=tokens.bounce_address,
        context={"provider": settings.answers.provider, **context},
        state=OutboxState.QUEUED.value,
        automatic=False,
        counted=False,
        created_at=now,
        due_at=now,
    )
    session.add(row)
    return row

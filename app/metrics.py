"""`/metrics`: what all processes have counted, and what stands in the database now."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import Session, col, func, select

from app.house import House
from models.beats import living
from models.tables import Contact, Outbox, Ticket
from models.tables_rules import LabelledValue
from models.words import OutboxState
from tickets.work import backlog, oldest_waiting

_LATELY = timedelta(minutes=5)
_COUNTED = 100_000
Line = tuple[str, dict[str, str], float]
HELP: dict[str, tuple[str, str]] = {
    "intake_accepted_total": ("counter", "Contacts taken in and kept, by channel."),
    "intake_processed_total": ("counter", "Contacts filed, by verdict."),
    "intake_processing_failed_total": ("counter", "Tries of filing that failed and are repeated."),
    "intake_outbox_total": ("counter", "Mails of ours by what became of a try."),
    "intake_refused_total": ("counter", "Mails put off by the listener because too many wait."),
    "intake_read_seconds": ("histogram", "Reading of one mail."),
    "intake_clock_pass_seconds": ("gauge", "How long the clock's last pass took."),
    "intake_up": ("gauge", "1 for each process that has spoken within 30 s, by its parts."),
    "intake_clock_skew_seconds": ("gauge", "By how much a process's clock is ahead of the database's."),
    "intake_contacts_5m": ("gauge", "Contacts of the last 5 minutes, by channel, state and verdict."),
    "intake_answers_5m": ("gauge", "Mails of ours made in the last 5 minutes, by event and state."),
    "intake_backlog": ("gauge", "Contacts that wait to be filed (counted up to 100,000)."),
    "intake_backlog_age_seconds": ("gauge", "Age of the oldest contact that waits."),
    "intake_outbox_due": ("gauge", "Mails of ours that are due and not sent."),
    "intake_outbox_age_seconds": ("gauge", "Since when the oldest of them is due."),
    "intake_clock_lag_seconds": ("gauge", "By how much the clock is behind with what is due for tickets."),
    "intake_labels": ("gauge", "Values that people have judged, by field, right or wrong."),
}


def add_metrics(app: FastAPI, house: House) -> None:
    """The page for Prometheus; without a token only this machine may read it."""

    @app.get("/metrics", name="metrics")
    def metrics(request: Request) -> Response:
        if not _may_read(request, house.settings.metrics_token):
            return PlainTextResponse("INTAKE_METRICS_TOKEN is asked for as a bearer token\n", status_code=401)
        return PlainTextResponse(render(lines(house)), media_type="text/plain; version=0.0.4; charset=utf-8")


def lines(house: House) -> list[Line]:
    now = house.clock()
    with house.store.read() as session:
        return [*_processes(session, now), *_flow(session, now), *_queues(session, now), *_accuracy(session)]


def render(found: list[Line]) -> str:
    """Prometheus' text format: the lines of one metric stand together under their HELP and TYPE."""
    out: list[str] = []
    for family, (kind, words) in HELP.items():
        own = [x for x in found if x[0] == family or (kind == "histogram" and x[0].startswith(family + "_"))]
        if own:
            out += [f"# HELP {family} {words}", f"# TYPE {family} {kind}"]
            out += [f"{name}{_labels(labels)} {value:g}" for name, labels, value in own]
    return "\n".join(out) + "\n"


def _labels(labels: dict[str, str]) -> str:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'

    return "{" + ",".join(f"{k}={quoted(v)}" for k, v in labels.items()) + "}" if labels else ""


def _may_read(request: Request, token: str) -> bool:
    if token:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    try:
        forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        return request.client is not None and ip_address(request.client.host).is_loopback and not forwarded
    except ValueError:
        return False


def _processes(session: Session, now: datetime) -> Iterator[Line]:
    for row in living(session, now):
        who = {"process": row.host}
        yield "intake_up", who | {"parts": ",".join(row.parts), "version": row.version}, 1.0
        yield "intake_clock_skew_seconds", who, row.skew_s
        for name, labels, value in row.samples:
            yield name, {**labels, **who}, value


def _flow(session: Session, now: datetime) -> Iterator[Line]:
    since = now - _LATELY
    contacts: Any = select(Contact.channel, Contact.state, Contact.verdict, func.count()).where(col(Contact.arrived_at) > since)
    for channel, state, verdict, count in session.exec(contacts.group_by(Contact.channel, Contact.state, Contact.verdict)):
        yield "intake_contacts_5m", {"channel": channel, "state": state, "verdict": verdict or "none"}, float(count)
    newest = session.exec(select(func.max(Outbox.id))).one() or 0
    # By number, because the table has no index on the time alone: at most the last 50,000.
    mails: Any = select(Outbox.event, Outbox.state, func.count()).where(col(Outbox.id) > newest - 50_000)
    mails = mails.where(col(Outbox.created_at) > since).group_by(Outbox.event, Outbox.state)
    for event, state, count in session.exec(mails):
        yield "intake_answers_5m", {"event": event, "state": state}, float(count)


def _queues(session: Session, now: datetime) -> Iterator[Line]:
    yield "intake_backlog", {}, float(backlog(session, at_most=_COUNTED))
    yield "intake_backlog_age_seconds", {}, _age(oldest_waiting(session), now)
    due = (Outbox.state == OutboxState.QUEUED.value, col(Outbox.due_at) <= now)
    some = select(Outbox.id).where(*due).limit(_COUNTED).subquery()
    yield "intake_outbox_due", {}, float(session.exec(select(func.count()).select_from(some)).one())
    first = session.exec(select(Outbox.due_at).where(*due).order_by(col(Outbox.due_at)).limit(1)).first()
    yield "intake_outbox_age_seconds", {}, _age(first, now)
    next_due = session.exec(
        select(Ticket.next_due_at).where(col(Ticket.next_due_at) <= now).order_by(col(Ticket.next_due_at)).limit(1)
    ).first()
    yield "intake_clock_lag_seconds", {}, _age(next_due, now)


def _accuracy(session: Session) -> Iterator[Line]:
    rows: Any = select(LabelledValue.field, LabelledValue.confirmed, func.count())
    for field, right, count in session.exec(rows.group_by(LabelledValue.field, LabelledValue.confirmed)):
        yield "intake_labels", {"field": field, "right": "yes" if right else "no"}, float(count)


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0

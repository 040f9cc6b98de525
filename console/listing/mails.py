"""The lists of mails of ours, of what is set aside, and of other carriers' notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, exists, func, or_
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, select

from console.listing.filters import as_text, choice, contains, days, exactly, one_of, words, yes_no
from console.listing.rows import in_order, service_cell, several, ticket_cell
from console.listing.spec import Cell, Column, Condition, ListSpec, Sort, View, column
from models.clock import Clock
from models.tables import Contact, Outbox
from models.tables_mail import CarrierNotice, NoticeService
from models.words import ContactState, MailEvent, OutboxState, Verdict
from tickets.carrier_notices import NoticeLine
from tickets.set_aside import Kind, SetAside, contact_item, mail_item

_WIDE = (Outbox.raw, Outbox.body_text, Outbox.context)


def _mails(session: Session, keys: Sequence[Any]) -> list[Outbox]:
    ask = select(Outbox).options(*(defer(c) for c in _WIDE)).where(column(Outbox.id).in_(keys))  # type: ignore[arg-type]
    return in_order(keys, session.exec(ask).all(), lambda m: m.id)


def _mail_state(m: Outbox) -> Cell:
    why = (Cell(m.last_error, quiet=True),) if m.last_error and m.state != OutboxState.SENT.value else ()
    return Cell(m.state, pill="p-critical" if m.state == OutboxState.FAILED.value else "", more=why)


def _mail_cell(m: Outbox) -> Cell:
    return Cell(words(m.event), href=f"/contacts/{m.contact_id}" if m.contact_id else "")


_RECENT = (column(Outbox.created_at), column(Outbox.id))
OUTBOX: ListSpec[Outbox] = ListSpec(
    name="outbox",
    title="Outbox",
    path="/outbox",
    key=column(Outbox.id),
    load=_mails,
    key_of=lambda m: str(m.id),
    columns=(
        Column("No.", lambda m: Cell(str(m.id))),
        Column("Message", _mail_cell),
        Column("By", lambda m: Cell(m.channel)),
        Column("To", lambda m: Cell(m.to_address)),
        Column("Subject", lambda m: Cell(m.subject)),
        Column("Ticket", lambda m: ticket_cell(m.ticket_id)),
        Column("State", _mail_state),
        Column("Tries", lambda m: Cell(str(m.tries))),
        Column("Due", lambda m: Cell(at=m.due_at)),
        Column("Sent", lambda m: Cell(at=m.sent_at)),
    ),
    sorts=(Sort("newest", "newest first", _RECENT), Sort("oldest", "oldest first", _RECENT, descending=False)),
    filters=(
        one_of("state", "State", column(Outbox.state), list(OutboxState)),
        one_of("event", "Message", column(Outbox.event), list(MailEvent)),
        exactly("recipient", "To", lambda v: column(Outbox.to_address).in_({v, v.lower()}), hint="whole address or number"),
        exactly("ticket", "Ticket", lambda v: column(Outbox.ticket_id) == v.upper()),
        yes_no("automatic", "Automatic", column(Outbox.automatic).is_(True), column(Outbox.automatic).is_(False)),
        *days(column(Outbox.created_at), "Written"),
    ),
    views=(
        View("All", ""),
        View("Waiting", "state=queued&sort=oldest"),
        View("Held", "state=held"),
        View("Failed", "state=failed"),
    ),
    empty="No message of ours yet. Each answer, reminder and notice stands here before it goes out.",
)


def _set_aside_contacts(kind: Kind, base: tuple[Condition, ...], empty: str) -> ListSpec[SetAside]:
    def load(session: Session, keys: Sequence[Any]) -> list[SetAside]:
        ask = select(Contact).options(defer(Contact.raw), defer(Contact.checks)).where(column(Contact.id).in_(keys))  # type: ignore[arg-type]
        return [contact_item(c, kind) for c in in_order(keys, session.exec(ask).all(), lambda c: c.id)]

    recent = (column(Contact.arrived_at), column(Contact.id))
    return ListSpec(
        name=f"set-aside-{kind.value}",
        title=TITLES[kind],
        path="/set-aside",
        key=column(Contact.id),
        load=load,
        key_of=lambda i: i.ref[1:],
        columns=_set_aside_columns("From"),
        sorts=(Sort("newest", "newest first", recent), Sort("oldest", "oldest first", recent, descending=False)),
        filters=(
            exactly("sender", "Sender", lambda v: contains(column(Contact.from_address), v)),
            exactly("subject", "Subject", lambda v: contains(column(Contact.subject), v)),
            *days(column(Contact.arrived_at), "Arrived"),
        ),
        base=base,
        empty=empty,
        fixed=(("kind", kind.value),),
    )


def _failed(session: Session, keys: Sequence[Any]) -> list[SetAside]:
    return [mail_item(m) for m in _mails(session, keys)]


def _set_aside_columns(who: str) -> tuple[Column[SetAside], ...]:
    return (
        Column("Item", lambda i: Cell(i.ref, href=f"/set-aside/{i.ref}")),
        Column(who, lambda i: Cell(i.who or "(nobody)")),
        Column("Subject", lambda i: Cell(i.subject or "(no subject)")),
        Column("Why", lambda i: Cell(i.why)),
        Column("Ticket", lambda i: ticket_cell(i.ticket)),
        Column("Since", lambda i: Cell(at=i.at)),
    )


TITLES = {
    Kind.UNPROCESSABLE: "Could not be processed",
    Kind.HELD: "Held: unwanted, unanswered",
    Kind.UNDELIVERABLE: "Could not be delivered",
}
SET_ASIDE: dict[Kind, ListSpec[SetAside]] = {
    Kind.UNPROCESSABLE: _set_aside_contacts(
        Kind.UNPROCESSABLE,
        (column(Contact.state) == ContactState.UNPROCESSABLE.value,),
        "Every mail could be read. One that fails three times comes here, and has a ticket all the same.",
    ),
    Kind.HELD: _set_aside_contacts(
        Kind.HELD,
        (
            column(Contact.verdict) == Verdict.UNWANTED.value,
            column(Contact.state) == ContactState.FILED.value,
            column(Contact.ticket_id).is_(None),
        ),
        "No mail is held. Unwanted mail comes here and gets no answer; one click files it as a person's.",
    ),
    Kind.UNDELIVERABLE: ListSpec(
        name="set-aside-undeliverable",
        title=TITLES[Kind.UNDELIVERABLE],
        path="/set-aside",
        key=column(Outbox.id),
        load=_failed,
        key_of=lambda i: i.ref[1:],
        columns=_set_aside_columns("To"),
        sorts=(Sort("newest", "newest first", _RECENT), Sort("oldest", "oldest first", _RECENT, descending=False)),
        filters=(
            exactly("recipient", "To", lambda v: contains(column(Outbox.to_address), v)),
            *days(column(Outbox.created_at), "Written"),
        ),
        base=(column(Outbox.state) == OutboxState.FAILED.value,),
        empty="Every mail of ours could be delivered.",
        fixed=(("kind", Kind.UNDELIVERABLE.value),),
    ),
}


def _notices(session: Session, keys: Sequence[Any]) -> list[NoticeLine]:
    found = session.exec(select(CarrierNotice).where(column(CarrierNotice.id).in_(keys))).all()
    pairs = session.exec(select(NoticeService).where(column(NoticeService.notice_id).in_(keys))).all()
    lines = [NoticeLine(n, tuple(sorted(p.service_id for p in pairs if p.notice_id == n.id))) for n in found]
    return in_order(keys, lines, lambda x: x.notice.id)


def _latest_word() -> Condition:
    """Whether no later mail of the same carrier under the same reference has replaced it."""
    later = aliased(CarrierNotice)
    same = and_(
        column(later.sender_domain) == column(CarrierNotice.sender_domain),
        column(later.reference) == column(CarrierNotice.reference),
        column(later.id) > column(CarrierNotice.id),
    )
    return or_(column(CarrierNotice.reference) == "", ~exists().where(same))


def window(clock: Clock, when: str) -> Condition:
    """Whether the window of a notice is `planned`, `now`, `past` or `unread`."""
    starts, ends, now = column(CarrierNotice.starts_at), column(CarrierNotice.ends_at), clock()
    return {
        "planned": starts > now,
        "now": and_(starts <= now, or_(ends.is_(None), ends > now)),
        "past": ends <= now,
        "unread": starts.is_(None),
    }[when]


def _window_cell(line: NoticeLine) -> Cell:
    n = line.notice
    if n.starts_at is None:
        return Cell("not read", quiet=True)
    return Cell(at=n.starts_at, more=(Cell("until"), Cell(at=n.ends_at)) if n.ends_at else ())


def notices_list(clock: Clock) -> ListSpec[NoticeLine]:
    """The list of carriers' notices, each by its latest word."""
    starts = func.coalesce(column(CarrierNotice.starts_at), column(CarrierNotice.at), type_=column(CarrierNotice.at).type)
    served = select(NoticeService.notice_id)
    return ListSpec(
        name="notices",
        title="Planned work of other carriers",
        path="/notices",
        key=column(CarrierNotice.id),
        load=_notices,
        key_of=lambda x: str(x.notice.id),
        columns=(
            Column("Carrier", lambda x: Cell(x.notice.carrier, href=f"/contacts/{x.notice.contact_id}")),
            Column("Reference", lambda x: Cell(x.notice.reference or x.notice.subject)),
            Column("Status", lambda x: Cell(words(x.notice.status), pill="plain")),
            Column("Window", _window_cell),
            Column("Impact", lambda x: Cell(x.notice.impact or "not told", quiet=not x.notice.impact)),
            Column("Our services", lambda x: several([service_cell(s) for s in x.services], 5)),
            Column("Circuits", lambda x: several([Cell(c) for c in x.notice.circuits], 3)),
        ),
        sorts=(
            Sort("newest", "newest first", (column(CarrierNotice.id),)),
            Sort("window", "by window, the next first", (starts, column(CarrierNotice.id)), descending=False),
        ),
        filters=(
            choice(
                "window",
                "Window",
                (("planned", "still to come"), ("now", "now"), ("past", "past"), ("unread", "not read")),
                lambda v: window(clock, v),
            ),
            exactly("status", "Status", lambda v: column(CarrierNotice.status) == v.lower()),
            exactly("carrier", "Carrier", lambda v: contains(column(CarrierNotice.carrier), v)),
            exactly(
                "service",
                "Our service",
                lambda v: column(CarrierNotice.id).in_(served.where(column(NoticeService.service_id).in_({v, v.upper()}))),
            ),
        ),
        views=(
            View("All", ""),
            View("Now", "window=now"),
            View("Still to come", "window=planned&sort=window"),
            View("Past", "window=past"),
        ),
        base=(_latest_word(),),
        like=(
            column(CarrierNotice.carrier),
            column(CarrierNotice.reference),
            column(CarrierNotice.subject),
            as_text(column(CarrierNotice.circuits)),
        ),
        search_hint="Carrier, reference, subject, circuit",
        empty="No notice yet. Carriers' notices to our addresses are listed here, never as faults.",
    )

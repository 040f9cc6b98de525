"""How the fetched mailboxes stand: their states, the states of their messages, and the alarms about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Update, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import text
from sqlmodel import Session, col, func, select

from models.tables_imap import ImapMailbox, ImapMessage, MailboxAlarm

# Without a finished look at the mailbox for so long it counts as dead, whatever the reason.
DEAD_AFTER = timedelta(minutes=5)


class MailboxState(StrEnum):
    """new -> connecting -> fetching <-> watching; down or refused until the next try."""

    NEW = "new"
    CONNECTING = "connecting"
    FETCHING = "fetching"
    WATCHING = "watching"
    DOWN = "down"
    REFUSED = "refused"
    STOPPED = "stopped"


class MessageState(StrEnum):
    """What became of a message; `trying` is none of the final ones."""

    TRYING = "trying"
    STORED = "stored"
    PROCESSED = "processed"
    DUPLICATE = "duplicate"
    TOO_LARGE = "too_large"
    POISON = "poison"
    OLDER = "older"
    GONE = "gone"


class AlarmKind(StrEnum):
    """What an operator must see about a mailbox."""

    DOWN = "down"
    REFUSED = "refused"
    STUCK = "stuck"
    UNACCOUNTED = "unaccounted"
    NOT_MOVED = "not_moved"
    RENUMBERED = "renumbered"
    SECRET_EXPIRES = "secret_expires"  # noqa: S105  (no secret)


# Those that mean "mail may be waiting unseen"; the others only warn.
DEADLY: frozenset[str] = frozenset(
    {AlarmKind.DOWN.value, AlarmKind.REFUSED.value, AlarmKind.STUCK.value, AlarmKind.UNACCOUNTED.value}
)


@dataclass(frozen=True, slots=True)
class MailboxLine:
    """One mailbox with what its messages became and its open alarms."""

    row: ImapMailbox
    totals: dict[str, int]
    alarms: tuple[MailboxAlarm, ...]

    @property
    def balanced(self) -> bool:
        """Every message on the server is accounted for or still to be taken."""
        return self.row.on_server == sum(self.row.accounted.values()) + self.row.waiting


def mailbox_lines(session: Session) -> list[MailboxLine]:
    """All mailboxes that were ever fetched, by name."""
    totals: dict[str, dict[str, int]] = {}
    counted = select(ImapMessage.mailbox, ImapMessage.state, func.count()).group_by(
        col(ImapMessage.mailbox), col(ImapMessage.state)
    )
    for name, state, count in session.exec(counted):
        totals.setdefault(name, {})[state] = count
    alarms = open_alarms(session)
    rows = session.exec(select(ImapMailbox).order_by(col(ImapMailbox.name))).all()
    return [MailboxLine(r, totals.get(r.name, {}), tuple(a for a in alarms if a.mailbox == r.name)) for r in rows]


def open_alarms(session: Session, names: Iterable[str] | None = None) -> list[MailboxAlarm]:
    """The alarms that still hold, the oldest first; of these mailboxes only, if names are given."""
    query = select(MailboxAlarm).where(col(MailboxAlarm.cleared_at).is_(None)).order_by(col(MailboxAlarm.id))
    if names is not None:
        query = query.where(col(MailboxAlarm.mailbox).in_(list(names)))
    return list(session.exec(query).all())


def past_alarms(session: Session, limit: int) -> list[MailboxAlarm]:
    """The alarms that are over, the latest first."""
    query = select(MailboxAlarm).where(col(MailboxAlarm.cleared_at).is_not(None))
    return list(session.exec(query.order_by(col(MailboxAlarm.id).desc()).limit(limit)).all())


def messages_in(session: Session, states: Sequence[MessageState], limit: int) -> list[ImapMessage]:
    """The latest messages in these states."""
    query = select(ImapMessage).where(col(ImapMessage.state).in_([s.value for s in states]))
    return list(session.exec(query.order_by(col(ImapMessage.taken_at).desc()).limit(limit)).all())


def raise_alarm(session: Session, mailbox: str, kind: AlarmKind, detail: str, now: datetime) -> bool:
    """Opens the alarm, or renews its words if it is open. True when it is new."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert(MailboxAlarm) if dialect == "postgresql" else sqlite.insert(MailboxAlarm)
    values = {"mailbox": mailbox, "kind": kind.value, "detail": detail[:2000], "raised_at": now}
    statement = insert.values(**values).on_conflict_do_nothing(
        index_elements=["mailbox", "kind"], index_where=text("cleared_at IS NULL")
    )
    if session.connection().execute(statement).rowcount:
        return True
    session.connection().execute(_open(mailbox, (kind,)).values(detail=detail[:2000]))
    return False


def clear_alarms(session: Session, mailbox: str, kinds: Sequence[AlarmKind], now: datetime) -> int:
    """Closes the open alarms of these kinds; how many there were."""
    return session.connection().execute(_open(mailbox, kinds).values(cleared_at=now)).rowcount


def _open(mailbox: str, kinds: Sequence[AlarmKind]) -> Update:
    return update(MailboxAlarm).where(
        col(MailboxAlarm.mailbox) == mailbox,
        col(MailboxAlarm.kind).in_([k.value for k in kinds]),
        col(MailboxAlarm.cleared_at).is_(None),
    )

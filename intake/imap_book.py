"""The book of one mailbox: who fetches it, how far it was taken, and what became of each message.

All entries about messages are made under the lease: whoever has lost it writes nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from intake.keep import Kept
from models.clock import Clock
from models.errors import LeaseLost
from models.mailboxes import AlarmKind, MailboxState, MessageState, clear_alarms, raise_alarm
from models.store import Store
from models.tables_imap import ImapMailbox, ImapMessage

LEASE = timedelta(minutes=3)
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message; `mail_at` is its place among the mails that are kept with it, if it is kept."""

    uid: int
    state: MessageState
    size: int = 0
    detail: str = ""
    mail_at: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Messages on the server against rows of ours."""

    on_server: int
    waiting: int
    by_state: dict[str, int]
    missing: tuple[int, ...]


class Book:
    """The rows of one mailbox."""

    def __init__(self, store: Store, name: str, owner: str, clock: Clock) -> None:
        self._store, self._name, self._owner, self._clock = store, name, owner, clock

    def lease(self) -> bool:
        """Takes the mailbox for LEASE, or says that another process has it."""
        now = self._clock()
        with self._store.write() as session:
            self._insert(session, ImapMailbox, {"name": self._name, "since": now, **_EMPTY}, ["name"])
            free = or_(
                col(ImapMailbox.lease_until).is_(None),
                col(ImapMailbox.lease_until) < now,
                col(ImapMailbox.lease_owner) == self._owner,
            )
            taken = session.connection().execute(
                update(ImapMailbox)
                .where(col(ImapMailbox.name) == self._name, free)
                .values(lease_owner=self._owner, lease_until=now + LEASE)
            )
            return bool(taken.rowcount)

    def renew(self) -> None:
        """Holds the mailbox for another LEASE. Raises LeaseLost."""
        with self._store.write() as session:
            self._update(session, lease_until=self._clock() + LEASE)

    def release(self) -> None:
        """Lets another process have the mailbox at once."""
        with self._store.write() as session:
            session.connection().execute(self._mine().values(lease_owner="", lease_until=None))

    def state(self, state: MailboxState, detail: str = "") -> None:
        """Notes how the mailbox stands. Raises LeaseLost."""
        with self._store.write() as session:
            row = session.get(ImapMailbox, self._name)
            changed = {} if row is not None and row.state == state.value else {"since": self._clock()}
            self._update(session, state=state.value, detail=detail[:2000], **changed)

    def scanned(self) -> None:
        """Everything that was there has been taken."""
        with self._store.write() as session:
            self._update(session, scanned_at=self._clock(), lease_until=self._clock() + LEASE)

    def watermark(self, uidvalidity: int) -> tuple[int, int]:
        """(last UID taken under this UIDVALIDITY, the UIDVALIDITY before or 0); begins anew where it has changed."""
        with self._store.write() as session:
            row = session.get(ImapMailbox, self._name)
            assert row is not None
            if row.uidvalidity == uidvalidity:
                return row.last_uid, uidvalidity
            before = row.uidvalidity
            self._update(session, uidvalidity=uidvalidity, last_uid=0)
            return 0, before

    def enter(self, session: Session, uidvalidity: int, outcomes: Sequence[Outcome], kept: Sequence[Kept], upto: int) -> None:
        """Writes outcomes and watermark into the transaction that keeps the mails. Raises LeaseLost."""
        values: dict[str, Any] = {"lease_until": self._clock() + LEASE}
        if upto:
            values["last_uid"] = case((col(ImapMailbox.last_uid) < upto, upto), else_=col(ImapMailbox.last_uid))
        self._update(session, **values)
        rows = [self._row(uidvalidity, o, kept) for o in outcomes]
        for begin in range(0, len(rows), _ROWS):
            self._upsert(session, rows[begin : begin + _ROWS])

    def enter_alone(self, uidvalidity: int, outcomes: Sequence[Outcome], upto: int) -> None:
        """The same where no mail is kept with them."""
        with self._store.write() as session:
            self.enter(session, uidvalidity, outcomes, (), upto)

    def trying(self, uidvalidity: int, uid: int) -> int:
        """Counts a try to fetch this message, before the try; gives how many there are now."""
        with self._store.write() as session:
            self._update(session, lease_until=self._clock() + LEASE)
            row = session.get(ImapMessage, (self._name, uidvalidity, uid))
            tries = (row.tries if row else 0) + 1
            outcome = Outcome(uid, MessageState.TRYING)
            self._upsert(session, [self._row(uidvalidity, outcome, ()) | {"tries": tries}])
            return tries

    def unsettled(self, uidvalidity: int) -> dict[int, str]:
        """Messages whose mails are safe but that were not moved or marked yet: UID and state."""
        query = select(ImapMessage.uid, ImapMessage.state).where(
            ImapMessage.mailbox == self._name, ImapMessage.uidvalidity == uidvalidity, col(ImapMessage.settled_at).is_(None)
        )
        with self._store.read() as session:
            return {u: s for u, s in session.exec(query) if s != MessageState.TRYING.value}

    def settled(self, uidvalidity: int, uids: Iterable[int], *, gone: bool = False) -> None:
        """They were moved or marked; or, `gone`, somebody else had moved or deleted them before."""
        now, ordered = self._clock(), sorted(uids)
        stored = MessageState.GONE if gone else MessageState.PROCESSED
        with self._store.write() as session:
            for begin in range(0, len(ordered), _ROWS):
                these = (
                    col(ImapMessage.mailbox) == self._name,
                    col(ImapMessage.uidvalidity) == uidvalidity,
                    col(ImapMessage.uid).in_(ordered[begin : begin + _ROWS]),
                )
                run = session.connection().execute
                run(update(ImapMessage).where(*these).values(settled_at=now))
                run(update(ImapMessage).where(*these, col(ImapMessage.state) == "stored").values(state=stored.value))

    def account(self, uidvalidity: int, on_server: Sequence[int], watermark: int) -> Account:
        """Compares what is on the server with the rows, and notes the result. Raises LeaseLost."""
        query = select(ImapMessage.uid, ImapMessage.state).where(
            ImapMessage.mailbox == self._name, ImapMessage.uidvalidity == uidvalidity
        )
        with self._store.read() as session:
            states = {u: s for u, s in session.exec(query) if s != MessageState.TRYING.value}
        by_state: dict[str, int] = {}
        for uid in on_server:
            if uid in states:
                by_state[states[uid]] = by_state.get(states[uid], 0) + 1
        missing = tuple(u for u in on_server if u <= watermark and u not in states)
        waiting = sum(u > watermark and u not in states for u in on_server)
        account = Account(len(on_server), waiting, by_state, missing)
        with self._store.write() as session:
            self._update(
                session,
                on_server=account.on_server,
                waiting=waiting,
                unaccounted=len(missing),
                accounted=by_state,
                reconciled_at=self._clock(),
            )
        return account

    def alarm(self, kind: AlarmKind, detail: str) -> bool:
        """Opens or renews an alarm about this mailbox; True when it is new."""
        with self._store.write() as session:
            return raise_alarm(session, self._name, kind, detail, self._clock())

    def clear(self, *kinds: AlarmKind) -> int:
        with self._store.write() as session:
            return clear_alarms(session, self._name, kinds, self._clock())

    def _row(self, uidvalidity: int, outcome: Outcome, kept: Sequence[Kept]) -> dict[str, Any]:
        mine = kept[outcome.mail_at] if outcome.mail_at is not None else None
        repeated = mine is not None and mine.repeated and outcome.state is MessageState.STORED
        state = MessageState.DUPLICATE if repeated else outcome.state
        now = self._clock()
        return {
            "mailbox": self._name,
            "uidvalidity": uidvalidity,
            "uid": outcome.uid,
            "state": state.value,
            "contact_id": mine.contact_id if mine else None,
            "size": outcome.size,
            "detail": outcome.detail[:2000],
            "taken_at": now,
            "settled_at": now if state in _NOTHING_TO_MOVE else None,
        }

    def _upsert(self, session: Session, rows: list[dict[str, Any]]) -> None:
        insert = postgresql.insert(ImapMessage) if not self._store.is_sqlite else sqlite.insert(ImapMessage)
        statement = insert.values([{"tries": 0, **r} for r in rows])
        fresh = {n: statement.excluded[n] for n in rows[0] if n not in _KEY}
        session.connection().execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=fresh))

    def _insert(self, session: Session, table: Any, values: dict[str, Any], key: list[str]) -> None:
        insert = postgresql.insert(table) if not self._store.is_sqlite else sqlite.insert(table)
        session.connection().execute(insert.values(**values).on_conflict_do_nothing(index_elements=key))

    def _mine(self) -> Any:
        return update(ImapMailbox).where(col(ImapMailbox.name) == self._name, col(ImapMailbox.lease_owner) == self._owner)

    def _update(self, session: Session, **values: Any) -> None:
        if not session.connection().execute(self._mine().values(**values)).rowcount:
            raise LeaseLost(f"mailbox {self._name} is another process's now")


_KEY = ("mailbox", "uidvalidity", "uid")
_EMPTY: dict[str, Any] = {
    "uidvalidity": 0,
    "last_uid": 0,
    "state": MailboxState.NEW.value,
    "detail": "",
    "lease_owner": "",
    "on_server": 0,
    "waiting": 0,
    "unaccounted": 0,
    "accounted": {},
}
# Nothing is done on the server with these.
_NOTHING_TO_MOVE = frozenset({MessageState.GONE, MessageState.OLDER, MessageState.POISON})

"""The fetched mailboxes of an installation: started with `serve`, watched each minute, tried by `doctor`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog
from sqlmodel import Session

from app.house import House
from app.liveness import process_name
from intake.imap import Link
from intake.imap_settings import Mailbox, parse_mailboxes
from intake.imap_tokens import Tokens
from intake.imap_watch import Mailboxes, Pace, Surroundings
from intake.keep import Keeper
from intake.own import OwnAddresses
from models.mailboxes import DEAD_AFTER, DEADLY, AlarmKind, clear_alarms, mailbox_lines, open_alarms, raise_alarm
from models.tables_imap import ImapMailbox

log = structlog.get_logger("intake.mailboxes")
_WARN_BEFORE = timedelta(days=30)
_RENUMBERED_SHOWN = timedelta(hours=24)


def configured(house: House) -> tuple[Mailbox, ...]:
    """The mailboxes of INTAKE_IMAP_URLS. Raises SettingError."""
    return parse_mailboxes(house.settings.imap_urls)


def supervisor(house: House, keeper: Keeper) -> Mailboxes:
    """The threads that fetch them; not yet started."""
    s = house.settings
    own = OwnAddresses(s.addresses, s.bounces)
    return Mailboxes(configured(house), Surroundings(house.store, keeper, own, house.clock, Pace(), process_name()))


def healthy(house: House) -> tuple[bool, str]:
    """Whether every mailbox is fetched and every message in it accounted for."""
    names = [m.name for m in configured(house)]
    with house.store.read() as session:
        dead = [a for a in open_alarms(session, names) if a.kind in DEADLY]
        rows = {line.row.name: line.row for line in mailbox_lines(session)}
    if dead:
        return False, "; ".join(f"{a.mailbox}: {a.kind}: {a.detail}" for a in dead)
    return True, "; ".join(f"{n}: {_standing(rows.get(n))}" for n in names)


def probe(house: House, mailbox: Mailbox) -> tuple[bool, str]:
    """Signs in and opens the folder; then the last reconciliation."""
    link = Link(mailbox, Tokens(mailbox.token, house.clock) if mailbox.token else None)
    try:
        link.open()
        folder = link.select()
    finally:
        link.close()
    with house.store.read() as session:
        row = session.get(ImapMailbox, mailbox.name)
    wrong = row is not None and row.unaccounted > 0
    return not wrong, f"signed in, {folder.exists} messages on the server now; {_standing(row)}"


def watch_mailboxes(house: House) -> Iterable[int]:
    """A duty: names mailboxes that nobody fetches, and secrets that end soon."""
    boxes = configured(house)
    with house.store.read() as session:
        known = {a.mailbox for a in open_alarms(session)}
    if not boxes and not known:
        return ()
    with house.store.write() as session:
        for name in known - {b.name for b in boxes}:
            clear_alarms(session, name, tuple(AlarmKind), house.clock())
        for box in boxes:
            _watch_fetching(house, session, box)
            _watch_secret(house, session, box)
        for alarm in open_alarms(session):
            if alarm.kind == AlarmKind.RENUMBERED.value and alarm.raised_at < house.clock() - _RENUMBERED_SHOWN:
                clear_alarms(session, alarm.mailbox, (AlarmKind.RENUMBERED,), house.clock())
    return ()


def _watch_fetching(house: House, session: Session, box: Mailbox) -> None:
    now, row = house.clock(), session.get(ImapMailbox, box.name)
    if row is None or (row.lease_until is not None and row.lease_until > now):
        return
    last = max(t for t in (row.scanned_at, row.lease_until, row.since) if t is not None)
    if now - last > DEAD_AFTER and raise_alarm(session, box.name, AlarmKind.STUCK, f"nobody has fetched it since {last}", now):
        log.error("mailbox_dead", mailbox=box.name, error="nobody fetches it", since=str(last))


def _watch_secret(house: House, session: Session, box: Mailbox) -> None:
    now = house.clock()
    if box.secret_expires is None or box.secret_expires - now.date() > _WARN_BEFORE:
        clear_alarms(session, box.name, (AlarmKind.SECRET_EXPIRES,), now)
        return
    days = (box.secret_expires - now.date()).days
    words = f"its secret {'expires' if days >= 0 else 'expired'} on {box.secret_expires}: {abs(days)} days"
    if raise_alarm(session, box.name, AlarmKind.SECRET_EXPIRES, words, now):
        log.warning("mailbox_secret_expires", mailbox=box.name, on=str(box.secret_expires), days=days)


def _standing(row: ImapMailbox | None) -> str:
    if row is None:
        return "not fetched yet"
    states = ", ".join(f"{count} {state}" for state, count in sorted(row.accounted.items())) or "none"
    return f"{row.state}; last reconciliation: {row.on_server} on the server = {states}, " + (
        f"{row.waiting} waiting, {row.unaccounted} unaccounted"
    )

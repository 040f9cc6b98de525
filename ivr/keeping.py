"""Recordings are fetched, by their SID only, and kept; then they are deleted where they came from, as set."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import structlog
from sqlmodel import col, select

from ivr.carrier import Account
from models.clock import Clock
from models.errors import DeliveryDeferred, DeliveryRefused
from models.store import Store
from models.tables_phone import Recording

log = structlog.get_logger("ivr.keeping")
_SID = re.compile(r"RE[0-9a-f]{32}")
_BACKOFF = tuple(timedelta(seconds=s) for s in (20, 60, 300, 900, 3600, 14400))


class Keeping:
    """Fetches from the carrier's account, if there is one, or from the folder of our own exchange."""

    def __init__(self, store: Store, clock: Clock, account: Account | None, folder: Path | None) -> None:
        self.store, self.clock, self.account, self.folder = store, clock, account, folder

    def fetch_due(self, *, delete: bool, limit: int = 20) -> None:
        """Fetches recordings that are due; without an account of ours only those of our exchange."""
        now = self.clock()
        with self.store.read() as session:
            due = session.exec(
                select(Recording.sid).where(Recording.state == "expected", col(Recording.due_at) <= now).limit(limit)
            ).all()
            kept = session.exec(
                select(Recording.sid)
                .where(Recording.state == "kept", col(Recording.at_carrier).is_(True))
                .limit(limit if delete and self.account else 0)
            ).all()
        for sid in due:
            self.fetch(sid, delete=delete)
        for sid in kept:
            self._delete(sid)

    def fetch(self, sid: str, *, delete: bool) -> None:
        """Fetches one recording and keeps it; what fails is due again later, six times."""
        own = self._own(sid)
        if own is None and self.account is None:
            return
        try:
            kind, media = ("audio/wav", own.read_bytes()) if own else self._carriers(sid)
        except (DeliveryDeferred, DeliveryRefused, OSError) as e:
            self._missed(sid, str(e), final=isinstance(e, DeliveryRefused))
            return
        with self.store.write() as session:
            row = session.get(Recording, sid, with_for_update=True)
            if row is None or row.state == "kept":
                return
            row.state, row.content_type, row.media, row.last_error = "kept", kind[:60], media, ""
            row.at_carrier = own is None
            session.add(row)
        if own:
            own.unlink(missing_ok=True)
        elif delete:
            self._delete(sid)

    def _own(self, sid: str) -> Path | None:
        path = self.folder / f"{sid}.wav" if self.folder and _SID.fullmatch(sid) else None
        return path if path and path.is_file() and not path.is_symlink() else None

    def _carriers(self, sid: str) -> tuple[str, bytes]:
        assert self.account
        return self.account.fetch(sid)

    def _missed(self, sid: str, why: str, *, final: bool) -> None:
        with self.store.write() as session:
            row = session.get(Recording, sid, with_for_update=True)
            if row is None or row.state != "expected":
                return
            final = final or row.tries >= len(_BACKOFF)
            row.due_at = self.clock() + _BACKOFF[min(row.tries, len(_BACKOFF) - 1)]
            row.tries, row.last_error, row.state = row.tries + 1, why[:300], "failed" if final else row.state
            session.add(row)

    def _delete(self, sid: str) -> None:
        assert self.account
        try:
            self.account.delete(sid)
        except DeliveryDeferred as e:
            log.warning("recording_not_deleted", recording=sid, why=str(e))
            return
        with self.store.write() as session:
            row = session.get(Recording, sid, with_for_update=True)
            if row:
                row.at_carrier = False
                session.add(row)

"""The process that fetches directories from NetBox and takes imports over, with progress."""

from __future__ import annotations

import structlog

from app.house import House
from app.netbox import fetch_netbox
from models.directory_file import dump_directory, parse_directory
from models.directory_plan import plan
from models.directory_store import import_directory, read_directory
from models.errors import IntakeError, UserError
from models.import_store import DONE, FAILED, SHOWN, claim_import, imports_wait, note
from models.tables_rules import DirectoryImport
from models.tables_users import Audit
from tickets.policy import save_matrices

log = structlog.get_logger("intake.imports")
EVERY_S = 1.0


class Imports:
    """Does one waiting import at a time."""

    def __init__(self, house: House) -> None:
        self._house = house

    def work(self) -> None:
        house = self._house
        if not imports_wait(house.store):
            return
        with house.store.write() as session:
            row = claim_import(session, house.clock())
            if row is None:
                return
            session.refresh(row)
            session.expunge(row)
        try:
            self._fetched(row) if row.state == "fetched" else self._taken(row)
        except Exception as e:  # the import is told as failed, the house goes on
            if not isinstance(e, IntakeError):
                log.exception("import_failed", number=row.id)
            why = str(e) if isinstance(e, IntakeError) else f"{type(e).__name__}: {e}"
            with house.store.write() as session:
                note(session, row, state=FAILED, result={**row.result, "error": why[:500]}, finished_at=house.clock())

    def _fetched(self, row: DirectoryImport) -> None:
        s, store = self._house.settings, self._house.store
        if not s.netbox_url:
            raise UserError("INTAKE_NETBOX_URL is not set")
        new = fetch_netbox(s.netbox_url, s.netbox_token, lambda count: self._told(row, count, 0))
        old = read_directory(store)
        with store.write() as session:
            found = plan(old, new, replace=row.replace)
            note(session, row, state=SHOWN, text=dump_directory(new), seen=old.version, result=found, done=0, total=0)

    def _taken(self, row: DirectoryImport) -> None:
        store, now = self._house.store, self._house.clock
        new = parse_directory(row.text, row.name)
        row.done = 0
        done = import_directory(store, new, replace=row.replace, progress=lambda n, of: self._told(row, n, of))
        with store.write() as session:
            if new.matrices:
                save_matrices(session, new.matrices, read_directory(store), author=row.actor, now=now())
            counts = {"added": done.added, "changed": done.changed, "removed": done.removed, "unchanged": done.unchanged}
            note(session, row, state=DONE, text="", result={**row.result, "did": counts}, finished_at=now())
            session.add(Audit(at=now(), actor=row.actor, action="directory-imported", detail={"import": row.id, **counts}))

    def _told(self, row: DirectoryImport, count: int, total: int) -> None:
        row.done += count
        with self._house.store.write() as session:
            note(session, row, done=row.done, total=total, beat_at=self._house.clock())

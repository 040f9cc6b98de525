"""A console over a store with contacts that were really read, for the tests of the rule pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from sqlalchemy import delete

from models.clock import utc_now
from models.directory_file import load_directory
from models.directory_store import import_directory, read_directory
from models.tables import Contact, ReadingRecord
from models.tables_rules import DirectoryImport, ReplayRun
from parsers import read_mail
from tests.flows.test_console import Site
from tests.running import CORPUS

# Words that no lexicon knows.
RULE = {
    "id": "own.custard", "field": "impact", "kind": "phrase", "meaning": "degradation", "values": "mopsy custard", "weight": "0.8",
    "window": "40", "boost": "0.2", "enabled": "1", "hit": "our line went mopsy custard", "miss": "custard for breakfast",
}  # fmt: skip
OWN = ("noc@halverlink.example",)


class RuleSite(Site):
    """`take` stores a mail as if it had come in, read by the shipped rules."""

    def _fill(self) -> None:
        super()._fill()
        with self.store.write() as session:
            session.connection().execute(delete(ReplayRun))
            session.connection().execute(delete(DirectoryImport))

    def directory(self) -> None:
        import_directory(self.store, load_directory(CORPUS / "directory.json"))

    def take(self, raw: bytes, *, key: str, at: datetime | None = None, sender: str = "ada@x.example") -> int:
        now = at or utc_now()
        reading = read_mail(raw, directory=read_directory(self.store), own_addresses=OWN, received_at=now)
        with self.store.write() as session:
            contact = Contact(mailbox="r", dedupe_key=key, raw=raw, arrived_at=now, subject=key, state="filed", verdict="person",
                              from_address=sender)  # fmt: skip
            session.add(contact)
            session.flush()
            assert contact.id
            row = ReadingRecord(
                contact_id=contact.id,
                rule_set=reading.rule_set,
                data=reading.as_row(),
                zones=[[z.kind.value, z.start, z.end] for z in reading.zones],
                created_at=now,
            )
            session.add(row)
            return contact.id


def mail(body: str, *, sender: str = "ada@x.example", subject: str = "fault") -> bytes:
    return f"From: {sender}\r\nTo: {OWN[0]}\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()


@contextmanager
def served(path: Path) -> Iterator[RuleSite]:
    site = RuleSite(path)
    site.thread.start()
    while not site.server.started:
        threading.Event().wait(0.02)
    try:
        yield site
    finally:
        site.app.state.closing.set()
        site.server.should_exit = True
        site.thread.join()
        site.store.close()


def post(client: httpx.Client, path: str, **data: str) -> httpx.Response:
    return client.post(path, data={"csrf": token(client), **data})


def token(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/outbox").text)
    assert found
    return found[1]


def ago(days: float) -> datetime:
    return utc_now() - timedelta(days=days)

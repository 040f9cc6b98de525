"""The next few contacts are read while those before are filed; what there is no time for is given back and comes again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contact_reader import ContactReader
from app.house import House
from app.reader import Job
from app.settings import Settings
from app.worker import Worker
from models.clock import utc_now
from models.directory import Directory
from models.errors import ParseTimeout
from models.mail import MailFacts
from models.reading import Reading
from models.rule_store import ActiveRules
from models.tables import Contact
from tests.unit.tickets.makers import facts, reading

RAW = b"From: Ada <ada@ostwind.example>\r\nSubject: LNK-1001 down\r\n\r\nLNK-1001 is down since 09:00 UTC."


class Child:
    """Reads what it is given at once, and says so; a mail that is empty kills it."""

    def __init__(self) -> None:
        self.begun = {n: threading.Event() for n in range(1, 10)}

    def start(self) -> None:
        self.begun[9].set()

    def stop(self) -> None:
        self.begun[9].clear()

    def read(self, job: Job, directory: Directory, rules: ActiveRules) -> tuple[MailFacts, Reading, Reading | None]:
        self.begun[int(job.envelope_from)].set()
        if not job.raw:
            raise ParseTimeout("the reading process died")
        return facts(), reading(), None


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(Settings(data_dir=tmp_path, mail_addresses="noc@desk.example"))
    yield made
    made.store.close()


def contacts(*raws: bytes) -> list[Contact]:
    return [
        Contact(
            id=n, mailbox="noc@desk.example", dedupe_key=f"k{n}", raw=raw, envelope_from=str(n), arrived_at=utc_now(), tries=1
        )
        for n, raw in enumerate(raws, 1)
    ]


def test_the_next_few_are_read_while_the_caller_still_has_the_first(house: House) -> None:
    child = Child()
    reader = ContactReader(house, lambda *_: None, child=child)
    reader.start()
    few = reader.ahead(contacts(*[RAW] * 5), Directory(), ActiveRules(), at_once=2)
    assert [r.contact_id for r in next(few).read] == [1, 2]
    assert child.begun[4].wait(10)
    assert not child.begun[5].is_set()
    assert [[r.contact_id for r in f.read] for f in few] == [[3, 4], [5]]
    reader.stop()
    assert not child.begun[9].is_set()


def test_who_cannot_be_read_is_told_of_and_the_others_go_on(house: House) -> None:
    failed: dict[int, str] = {}
    reader = ContactReader(house, lambda i, e: failed.update({i: str(e)}), child=Child())
    few = list(reader.ahead(contacts(RAW, b"", RAW), Directory(), ActiveRules(), at_once=2))
    assert [[r.contact_id for r in f.read] for f in few] == [[1], [3]]
    assert failed == {2: "the reading process died"}
    reader.stop()


def test_beyond_the_time_only_the_first_is_read(house: House) -> None:
    reader = ContactReader(house, lambda *_: None, child=Child(), reads_for_s=-1)
    few = list(reader.ahead(contacts(*[RAW] * 5), Directory(), ActiveRules(), at_once=2))
    assert [[r.contact_id for r in f.read] for f in few] == [[1], [], []]
    assert [f.unread for f in few] == [[2], [3, 4], [5]]
    assert list(reader.ahead([], Directory(), ActiveRules(), at_once=2)) == []
    reader.stop()


def test_a_worker_without_time_to_read_files_them_all_one_after_the_other(house: House) -> None:
    worker = Worker(house, reads_for_s=-1)
    with house.store.write() as session:
        given = contacts(RAW, RAW.replace(b"1001", b"1002"), RAW.replace(b"1001", b"1003"))
        for one in given:
            one.tries, one.envelope_from = 0, "ada@ostwind.example"
        session.add_all(given)
    worker.start()
    filed = worker.file_all([1, 2, 3])
    worker.stop()
    assert [f.contact_id for f in filed] == [1, 2, 3]
    with house.store.read() as session:
        kept = [session.get(Contact, n) for n in (1, 2, 3)]
    assert [(c.state, c.tries) for c in kept if c] == [("filed", 1)] * 3

"""The data as a whole: moved to another database, backed up and restored, erased."""

from __future__ import annotations

import json
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from app.backups import back_up, restore
from app.copying import copy_all, fingerprint, tables
from app.house import House
from app.settings import load_settings
from models.errors import UserError
from models.store import Store, ensure_schema
from models.tables import Contact, CustomerRecord, Event, Outbox, ReadingRecord, Ticket
from models.tables_users import Audit
from models.words import ContactState
from tests.servers import PostgresCluster
from tickets.purge import Retention, erase_person, known_of, purge

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA = "ada@firm.example"
WORDS = b"From: ada@firm.example\r\n\r\nThe line is down. \xff\x00"


def fill(store: Store, *, at: datetime = NOW, count: int = 3, first: int = 1) -> None:
    """Closed cases of one writer, each with its contact, reading, answer and history."""
    with store.write() as session:
        session.merge(CustomerRecord(id="K1", name="Firm Größe", domains=["firm.example"]))
        for n in range(first, first + count):
            ticket = f"INC-2026-{n:06}"
            session.add(Ticket(id=ticket, requester=ADA, subject=f"s{n}", state="closed", opened_at=at, last_contact_at=at))
            session.flush()
            session.add(Contact(id=n, mailbox="a", dedupe_key=f"k{n}", raw=WORDS, arrived_at=at, from_address=ADA,
                                state="filed", ticket_id=ticket))  # fmt: skip
            session.flush()
            session.add(ReadingRecord(contact_id=n, rule_set="x", data={"text": "The line is down", "b": 1.5}, created_at=at))
            session.add(Event(ticket_id=ticket, at=at, actor="t", kind="opened", why="Ada said so"))
            session.add(Outbox(id=n, ticket_id=ticket, event="ticket-opened", dedupe_key=f"d{n}", message_id=f"<{n}@x>",
                               to_address=ADA, envelope_from="", raw=b"To: Ada", body_text="Dear Ada", state="sent",
                               created_at=at, due_at=at))  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(load_settings(data_dir=tmp_path / "data", mail_addresses="noc@desk.example"), clock=lambda: NOW)
    fill(made.store)
    return made


def test_an_installation_moves_to_postgresql_and_back_with_all_its_rows(
    house: House, tmp_path: Path, postgres: PostgresCluster
) -> None:
    away, back = Store(postgres.new_database()), Store(f"sqlite:///{tmp_path}/back.db")
    seen: list[str] = []
    found = copy_all(house.store, away, lambda table, done, whole: seen.append(f"{table} {done}/{whole}"))
    assert found["contact"][0] == 3
    assert "contact 3/3" in seen
    assert copy_all(away, back) == found
    with away.write() as session:
        # The numbers go on where they were.
        session.add(Contact(mailbox="a", dedupe_key="new", raw=b"x", arrived_at=NOW))
        session.flush()
    with pytest.raises(UserError, match="not empty"):
        copy_all(house.store, away)
    away.close()
    back.close()


def test_a_backup_taken_beside_writers_is_proven_and_restores_the_same(house: House, tmp_path: Path) -> None:
    about = back_up(house, tmp_path / "b.tgz")
    assert about["tables"]["contact"][0] == 3
    assert (tmp_path / "b.tgz").stat().st_mode & 0o077 == 0, "the backup holds the key: nobody else may read it"
    with pytest.raises(UserError, match="exists"):
        back_up(house, tmp_path / "b.tgz")
    url = f"sqlite:///{tmp_path}/other/intake.db"
    restore(url, tmp_path / "other", tmp_path / "b.tgz")
    restored = Store(url)
    with house.store.engine.connect() as a, restored.engine.connect() as b:
        assert [fingerprint(a, t) for t in tables()] == [fingerprint(b, t) for t in tables()]
    assert (tmp_path / "other/secret.key").read_bytes() == (tmp_path / "data/secret.key").read_bytes()
    with pytest.raises(UserError, match="not empty"):
        restore(url, tmp_path / "other", tmp_path / "b.tgz")
    restored.close()


def test_a_backup_of_postgresql_restores_into_sqlite(tmp_path: Path, postgres: PostgresCluster) -> None:
    settings = load_settings(data_dir=tmp_path, database_url=postgres.new_database(), mail_addresses="noc@desk.example")
    house = House(settings, clock=lambda: NOW)
    fill(house.store)
    back_up(house, tmp_path / "b.tgz")
    restore(f"sqlite:///{tmp_path}/x/intake.db", tmp_path / "x", tmp_path / "b.tgz")
    house.store.close()


@pytest.mark.parametrize("harm", ["no archive", "another row", "another key"])
def test_a_backup_that_is_not_whole_is_refused(house: House, tmp_path: Path, harm: str) -> None:
    file, other = tmp_path / "b.tgz", tmp_path / "other"
    back_up(house, file)
    if harm == "no archive":
        file.write_bytes(b"nothing of the kind")
    elif harm == "another key":
        other.mkdir()
        (other / "secret.key").write_text("of another installation")
    else:
        unpacked = tmp_path / "u"
        with tarfile.open(file) as archive:
            archive.extractall(unpacked, filter="data")
        about = json.loads((unpacked / "about.json").read_text())
        about["tables"]["contact"][1] = "0" * 64
        (unpacked / "about.json").write_text(json.dumps(about))
        with tarfile.open(file, "w:gz") as archive:
            for name in ("intake.db", "secret.key", "about.json"):
                archive.add(unpacked / name, name)
    with pytest.raises(UserError, match=r"no backup of ours|not what was backed up|another installation"):
        restore(f"sqlite:///{other}/intake.db", other, file)


def test_old_data_is_erased_by_class_and_leaves_a_tombstone(database_url: str) -> None:
    store = Store(database_url)
    ensure_schema(store)
    fill(store, at=NOW - timedelta(days=800))
    fill(store, at=NOW - timedelta(days=100), first=10)
    fill(store, at=NOW - timedelta(days=1), first=20)
    done = purge(store, Retention(raw_days=90, ticket_days=730), now=NOW, actor="me")
    assert done == {"raw mail": 6, "sent mail": 6, "webhook bodies": 0, "tickets": 3, "web sessions": 0}
    with store.read() as session:
        old, middle, fresh = (session.get_one(Contact, n) for n in (1, 10, 20))
        assert (old.raw, old.from_address, old.state) == (b"", "", ContactState.DELETED.value)
        assert (middle.raw, middle.from_address) == (b"", ADA)
        assert fresh.raw == WORDS
        assert session.get_one(Ticket, "INC-2026-000001").requester == ""
        assert session.get_one(Ticket, "INC-2026-000010").requester == ADA
        assert {a.detail["what"] for a in session.exec(select(Audit))} == {"raw mail", "sent mail", "tickets"}
    assert purge(store, Retention(), now=NOW, actor="me")["tickets"] == 0, "done twice"
    assert purge(store, Retention(0, 0, 0), now=NOW, actor="me") == {}
    store.close()


def test_a_purge_stops_when_told_and_goes_on_later(house: House) -> None:
    later = NOW + timedelta(days=1000)
    assert list(purge(house.store, Retention(), now=later, actor="me", goes=lambda *_: False)) == ["raw mail"]
    assert purge(house.store, Retention(), now=later, actor="me")["tickets"] == 3


def test_one_person_is_exported_and_erased_without_a_trace_of_the_address(house: House) -> None:
    with house.store.read() as session:
        kinds = [row["kind"] for row in known_of(session, ADA)]
    assert kinds == ["contact"] * 3 + ["mail to this address"] * 3 + ["ticket"] * 3
    erase_person(house.store, ADA, now=NOW, actor="me")
    with house.store.read() as session:
        assert not list(known_of(session, ADA))
        assert session.exec(select(Audit.action)).one() == "person-erased"
        assert ADA not in json.dumps([a.detail for a in session.exec(select(Audit))])
    with pytest.raises(UserError, match="nothing is kept"):
        erase_person(house.store, ADA, now=NOW, actor="me")
    with house.store.engine.connect() as connection:
        rows = [str(row) for table in tables() for row in connection.execute(table.select())]
    assert rows
    assert not [row for row in rows if ADA in row.lower()]
    house.store.close()

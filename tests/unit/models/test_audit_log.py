"""The audit log's chain: whole with many writers, broken by any change, and the first broken row has a name."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import command
from sqlalchemy import text

from models.audit_log import CALLER, Chain, record, verify
from models.store import Store, _alembic, ensure_schema, migrate
from models.tables_users import Audit

NOW = datetime(2026, 5, 4, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    s = Store(database_url)
    ensure_schema(s)
    yield s
    s.close()


def checked(store: Store, head: str = "") -> Chain:
    with store.read() as session:
        return verify(session, known_head=head)


def write(store: Store, n: int) -> None:
    with store.write() as session:
        record(
            session, "rules-activated", at=NOW, actor=f"ana-{n}", subject="rules:7", before={"a": [1.5, None]}, after={}, n=n
        )


def test_many_writers_make_one_whole_chain(store: Store) -> None:
    assert checked(store) == Chain(0, "")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: write(store, n), range(60)))
    found = checked(store)
    assert found.whole
    assert found.rows == 60
    assert checked(store, f"60:{found.head}").whole


def test_a_row_added_in_the_middle_of_a_transaction_holds_nobody_up(store: Store) -> None:
    """The chain's lock is taken at the end: another writer gets through while the first still works."""
    if store.is_sqlite:
        pytest.skip("SQLite has one writer anyway")
    with store.write() as slow:
        slow.add(Audit(at=NOW, actor="slow", action="x"))
        slow.flush()
        write(store, 1)
    with store.read() as session:
        rows = session.execute(text("SELECT actor FROM audit ORDER BY seq")).all()
    assert [r.actor for r in rows] == ["ana-1", "slow"]
    assert checked(store).whole


def test_a_transaction_that_fails_leaves_no_gap(store: Store) -> None:
    write(store, 1)

    def fail() -> None:
        with store.write() as session:
            record(session, "x", at=NOW, actor="a")
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    write(store, 2)
    assert checked(store) == Chain(2, checked(store).head)


def test_the_callers_address_is_kept(store: Store) -> None:
    token = CALLER.set("192.0.2.7")
    try:
        write(store, 1)
    finally:
        CALLER.reset(token)
    with store.read() as session:
        assert session.execute(text("SELECT ip FROM audit")).scalar_one() == "192.0.2.7"


@pytest.mark.parametrize(
    ("tamper", "broken", "why"),
    [
        ("UPDATE audit SET actor = 'mallory' WHERE seq = 3", 3, "row 3 (rules-activated by mallory) is not as it was written"),
        ("UPDATE audit SET ip = '198.51.100.1' WHERE seq = 2", 2, "row 2"),
        ("""UPDATE audit SET after = '{"b": 1}' WHERE seq = 4""", 4, "row 4"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE seq = 1", 1, "row 1"),
        ("DELETE FROM audit WHERE seq = 2", 2, "row 2 is missing"),
        ("DELETE FROM audit WHERE seq = 5", 5, "ends at row 4, but 5 rows were written"),
        ("DELETE FROM audit", 1, "ends at row 0, but 5 rows were written"),
        ("UPDATE audit SET seq = 9 WHERE seq = 5", 5, "row 5 is missing"),
    ],
)
def test_tampering_names_the_first_broken_row(store: Store, tamper: str, broken: int, why: str) -> None:
    for n in range(5):
        write(store, n)
    assert checked(store).whole
    with store.engine.begin() as connection:
        connection.execute(text(tamper))
    found = checked(store)
    assert not found.whole
    assert found.broken == broken
    assert why in found.why


def test_a_chain_that_was_written_anew_does_not_pass_a_head_noted_before(store: Store) -> None:
    for n in range(3):
        write(store, n)
    head = f"3:{checked(store).head}"
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit"))
        connection.execute(text("DELETE FROM meta WHERE name = 'audit.head'"))
    for n in (7, 8, 9, 10):
        write(store, n)
    assert checked(store).whole
    assert checked(store, head).broken == 3


def test_the_upgrade_chains_what_was_there_and_the_downgrade_gives_it_back(database_url: str) -> None:
    store = Store(database_url)
    command.upgrade(_alembic(store.engine), "0011")
    with store.engine.begin() as connection:
        for n in range(3):
            connection.execute(
                text("INSERT INTO audit (at, actor, action, detail) VALUES (:at, :a, 'signed-in', '{\"n\": 1}')"),
                {"at": datetime(2026, 1, 1, tzinfo=UTC) if not store.is_sqlite else "2026-01-01 00:00:00.000000", "a": f"u{n}"},
            )
    migrate(store)
    assert checked(store).whole
    assert checked(store).rows == 3
    write(store, 4)
    assert checked(store).rows == 4
    command.downgrade(_alembic(store.engine), "0011")
    with store.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() == 4
    migrate(store)
    assert checked(store).whole
    store.close()

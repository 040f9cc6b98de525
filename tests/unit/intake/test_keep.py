"""The keeper: group commit, one bad row, a store that refuses, and an orderly end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from intake.keep import BATCH, Keeper, Kept
from intake.raw import RawMail
from models.errors import OwnError
from models.store import Store, ensure_schema
from models.tables import Contact

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class SlowStore(Store):
    """Holds the first transaction until it may go, so that what comes meanwhile makes one batch."""

    def __init__(self, url: str) -> None:
        super().__init__(url, busy_timeout_s=0.05)
        self.writes = 0
        self.go = Event()
        self.go.set()

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.writes += 1
        assert self.go.wait(20)
        with super().write() as session:
            yield session

    def ids(self) -> list[int | None]:
        with self.read() as session:
            return list(session.exec(select(Contact.id).order_by("id")))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SlowStore]:
    opened = SlowStore(f"sqlite:///{tmp_path}/k.db")
    ensure_schema(opened)
    opened.go.clear()
    opened.writes = 0
    yield opened
    opened.close()


def _mail(number: int) -> RawMail:
    raw = b"Message-ID: <%d@k.example>\r\nFrom: a@k.example\r\n\r\nx\r\n" % number
    return RawMail(raw, "support@isp.example", "a@k.example", ("support@isp.example",), "192.0.2.1", NOW)


def _plug(store: SlowStore, keeper: Keeper) -> Future[Kept]:
    """One mail whose transaction has begun."""
    first = keeper.keep(_mail(0))
    while store.writes == 0:
        Event().wait(0.002)
    return first


def test_waiting_mails_are_kept_in_one_transaction_and_told_in_order(store: SlowStore) -> None:
    told: list[int] = []
    keeper = Keeper(store, lambda: NOW, told.append)
    futures = [_plug(store, keeper)] + [keeper.keep(_mail(n)) for n in range(1, BATCH + 1)]
    assert not futures[0].done()
    store.go.set()
    keeper.stop()
    assert store.writes == 2
    assert told == store.ids() == [f.result().contact_id for f in futures]


def test_a_repeat_within_a_batch_is_one_row(store: SlowStore) -> None:
    told: list[int] = []
    keeper = Keeper(store, lambda: NOW, told.append)
    futures = [_plug(store, keeper), *(keeper.keep(_mail(1)) for _ in range(3))]
    store.go.set()
    keeper.stop()
    assert [f.result().repeated for f in futures] == [False, False, True, True]
    assert len(store.ids()) == len(told) == 2


def test_one_bad_row_costs_only_itself(store: SlowStore) -> None:
    keeper = Keeper(store, lambda: NOW, lambda _: None)
    _plug(store, keeper)
    bad = replace(_mail(2), arrived_at=NOW.replace(tzinfo=None))
    futures = [keeper.keep(m) for m in (_mail(1), bad, _mail(3))]
    store.go.set()
    keeper.stop()
    assert [f.exception() is None for f in futures] == [True, False, True]
    assert len(store.ids()) == 3


def test_a_store_that_refuses_fails_the_batch_after_one_more_try(store: SlowStore, tmp_path: Path) -> None:
    keeper = Keeper(store, lambda: NOW, lambda _: None)
    other = sqlite3.connect(tmp_path / "k.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    futures = [_plug(store, keeper), *(keeper.keep(_mail(n)) for n in range(1, 11))]
    store.go.set()
    assert all(isinstance(f.exception(20), OperationalError) for f in futures)
    assert store.writes == 3
    assert keeper.trouble == (NOW, "OperationalError")
    other.close()
    assert keeper.keep(_mail(1)).result(20).repeated is False
    keeper.stop()
    assert keeper.trouble is None


def test_who_gave_up_waiting_before_the_transaction_is_left_out(store: SlowStore) -> None:
    keeper = Keeper(store, lambda: NOW, lambda _: None)
    first = _plug(store, keeper)
    second = keeper.keep(_mail(1))
    assert second.cancel()
    assert not first.cancel()
    store.go.set()
    keeper.stop()
    assert store.ids() == [first.result().contact_id]


def test_a_failing_hint_loses_nothing_and_after_the_end_nothing_is_taken(store: SlowStore) -> None:
    def broken(_: int) -> None:
        raise RuntimeError("on purpose")

    store.go.set()
    keeper = Keeper(store, lambda: NOW, broken)
    assert keeper.keep(_mail(1)).result(20)
    assert keeper.keep(_mail(2)).result(20)
    keeper.stop()
    keeper.stop()
    with pytest.raises(OwnError):
        keeper.keep(_mail(3))


def test_a_mail_without_id_repeats_only_on_the_same_day(store: SlowStore) -> None:
    store.go.set()
    keeper = Keeper(store, lambda: NOW, lambda _: None)
    alarm = replace(_mail(0), raw=b"From: alarm@k.example\r\n\r\nLink down\r\n")
    results = [keeper.keep(replace(alarm, arrived_at=NOW + timedelta(hours=h))).result(20) for h in (0, 1, 24)]
    keeper.stop()
    assert [r.repeated for r in results] == [False, True, False]


def test_nul_and_lone_surrogates_are_no_obstacle(store: SlowStore) -> None:
    store.go.set()
    keeper = Keeper(store, lambda: NOW, lambda _: None)
    raw = b"Subject: a\x00b\xff\r\nFrom: \x00@\x00\r\nMessage-ID: \x00\r\n\r\n\x00"
    odd = replace(_mail(0), raw=raw, envelope_from="\udcff\x00@k.example", peer="\x00")
    assert keeper.keep(odd).result(20)
    keeper.stop()
    with store.read() as session:
        contact = session.exec(select(Contact)).one()
    assert contact.raw == raw
    assert "\x00" not in contact.subject + contact.envelope_from + contact.peer + contact.message_id + contact.from_address

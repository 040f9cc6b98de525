"""What the clock finds out about mailboxes: nobody fetches one, a secret ends soon, one is no longer configured."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.house import House
from app.mailboxes import healthy, watch_mailboxes
from app.settings import load_settings
from intake.imap_book import Book
from models.mailboxes import open_alarms

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def _kinds(house: House) -> set[str]:
    with house.store.read() as session:
        return {a.kind for a in open_alarms(session)}


@pytest.mark.parametrize(("expires", "alarm"), [("2026-12-20", True), ("2026-11-01", True), ("2027-01-20", False)])
def test_a_secret_that_ends_soon_is_warned_of_once(tmp_path: Path, expires: str, alarm: bool) -> None:
    house = House(
        load_settings(
            data_dir=tmp_path, mail_addresses="noc@isp.example", imap_urls=f"imaps://u:p@h/INBOX?secret_expires={expires}"
        ),
        clock=lambda: NOW,
    )
    watch_mailboxes(house)
    watch_mailboxes(house)
    assert _kinds(house) == ({"secret_expires"} if alarm else set())
    assert healthy(house)[0]


def test_a_mailbox_that_nobody_fetches_is_named_and_a_removed_one_forgotten(tmp_path: Path) -> None:
    now = [NOW]
    settings = load_settings(data_dir=tmp_path, mail_addresses="noc@isp.example", imap_urls="imaps://u:p@h/INBOX")
    house = House(settings, clock=lambda: now[0])
    assert Book(house.store, "u@h/INBOX", "dead host", house.clock).lease()
    now[0] += timedelta(minutes=7)
    watch_mailboxes(house)
    assert _kinds(house) == set()
    now[0] += timedelta(minutes=2)
    watch_mailboxes(house)
    assert _kinds(house) == {"stuck"}
    ok, detail = healthy(house)
    assert not ok
    assert "u@h/INBOX: stuck" in detail
    other = House(settings.model_copy(update={"imap_urls": ""}), clock=house.clock)
    watch_mailboxes(other)
    assert _kinds(other) == set()

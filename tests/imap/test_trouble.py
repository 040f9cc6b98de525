"""Links that break, servers that restart, other people at work in the mailbox: nothing lost, nothing doubled."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dovecot import PASSWORD, Dovecot
from tests.imap.fetching import QUICK, Fetching, mail
from tests.proxy import Proxy


@pytest.fixture
def fetching(tmp_path: Path) -> Iterator[Fetching]:
    house = Fetching(f"sqlite:///{tmp_path}/intake.db")
    yield house
    house.close()


@pytest.fixture
def proxy(dovecot: Dovecot) -> Iterator[Proxy]:
    between = Proxy(dovecot.imaps)
    yield between
    between.close()


def _ids(fetching: Fetching) -> list[str]:
    return sorted(c.message_id for c in fetching.contacts())


def _wanted(count: int) -> list[str]:
    return sorted(f"<m{n}@kunde.example>" for n in range(count))


def test_a_link_cut_in_the_middle_of_fetching_loses_and_doubles_nothing(
    dovecot: Dovecot, proxy: Proxy, fetching: Fetching
) -> None:
    dovecot.fill([mail(n, size=20_000) for n in range(60)])
    proxy.cut_after = 400_000
    fetching.start(dovecot.url(port=proxy.port))
    fetching.until_states(processed=60)
    assert proxy.connections > 1
    assert _ids(fetching) == _wanted(60)
    assert dovecot.count("Processed") == 60


def test_a_link_that_hangs_is_noticed(dovecot: Dovecot, proxy: Proxy, fetching: Fetching) -> None:
    fetching.start(dovecot.url(port=proxy.port))
    fetching.until(lambda: bool(fetching.lines()) and fetching.lines()[0].row.detail == "by IDLE")
    proxy.hang()
    dovecot.deliver([mail(0)])
    fetching.until_states(processed=1)
    assert proxy.connections == 2


def test_a_server_killed_and_started_again_is_found_again(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.fill([mail(n) for n in range(5)])
    fetching.start(dovecot.url())
    fetching.until_states(processed=5)
    dovecot.stop(signal.SIGKILL)
    fetching.until(lambda: fetching.lines()[0].row.state == "down")
    fetching.until(lambda: "down" in fetching.alarms())
    dovecot.fill([mail(n) for n in range(5, 8)])
    dovecot.start()
    fetching.until_states(processed=8)
    fetching.until(lambda: not fetching.alarms())
    assert "down" in fetching.past()
    assert _ids(fetching) == _wanted(8)


def test_a_changed_uidvalidity_is_looked_through_again_without_doubles(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.fill([mail(n) for n in range(4)])
    fetching.start(dovecot.url("processed=keyword:$Intake"))
    fetching.until_states(processed=4)
    fetching.stop()
    inbox = dovecot.path / "mail" / "support"
    for file in inbox.glob("dovecot*"):
        file.unlink()
    (inbox / "dovecot-uidlist").write_text("3 V7 N1 G0000000000000000000000000000000a\n")
    dovecot._give_away()
    dovecot.fill([mail(4)])
    fetching.start(dovecot.url("processed=keyword:$Intake"))
    fetching.until_states(processed=5, duplicate=4)
    assert _ids(fetching) == _wanted(5)
    assert fetching.alarms() == {"renumbered"}


def test_what_others_move_or_delete_meanwhile_is_accounted_for(dovecot: Dovecot, proxy: Proxy, fetching: Fetching) -> None:
    dovecot.fill([mail(n, size=20_000) for n in range(40)])
    proxy.cut_after = 150_000
    fetching.start(dovecot.url(port=proxy.port))
    other = dovecot.client(folder="INBOX")
    other.create_folder("Mine")
    other.move(other.search()[20:25], "Mine")
    other.delete_messages(other.search()[-5:])
    other.expunge()
    fetching.until(lambda: dovecot.count("INBOX") == 0)
    fetching.until(lambda: bool(fetching.lines()[0].row.reconciled_at) and fetching.lines()[0].row.on_server == 0)
    assert fetching.lines()[0].balanced
    assert fetching.states().total() - fetching.states()["gone"] + dovecot.count("Mine") <= 40
    assert len(set(_ids(fetching))) == len(_ids(fetching)) >= 30
    other.logout()


def test_mail_that_is_too_large_is_kept_by_its_header_and_set_aside(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.fill([mail(0), mail(1, size=300_000), mail(2)])
    fetching.start(dovecot.url("max_mb=0.1"))
    fetching.until_states(processed=2, too_large=1)
    fetching.until(lambda: dovecot.count("TooLarge") == 1)
    (large,) = [c for c in fetching.contacts() if c.last_error]
    assert large.message_id == "<m1@kunde.example>"
    assert large.last_error.startswith("too large: 0.3 MiB, over 0.1")
    assert len(large.raw) < 1000


def test_a_wrong_password_raises_the_alarm_once_and_a_corrected_one_is_used(
    dovecot: Dovecot, fetching: Fetching, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    dovecot.fill([mail(0)])
    fetching.start(dovecot.url(f"password_file={secret}", password=""))
    fetching.until(lambda: fetching.alarms() == {"refused"})
    (line,) = fetching.lines()
    assert line.row.state == "refused"
    assert PASSWORD not in line.row.detail
    tries = (dovecot.path / "dovecot.log").read_text().count("auth failed")
    assert tries == 1
    secret.write_text(PASSWORD + "\n")
    fetching.until_states(processed=1)
    fetching.until(lambda: not fetching.alarms())


def test_a_certificate_that_cannot_be_verified_is_no_link(dovecot: Dovecot, fetching: Fetching) -> None:
    fetching.start(f"imaps://support:{PASSWORD}@127.0.0.1:{dovecot.imaps}/INBOX")
    fetching.until(lambda: bool(fetching.lines()) and "certificate verify failed" in fetching.lines()[0].row.detail)
    assert (dovecot.path / "dovecot.log").read_text().count("Info: Login:") == 1  # the harness itself


def test_only_one_of_two_hosts_fetches_and_the_other_takes_over(dovecot: Dovecot, fetching: Fetching, tmp_path: Path) -> None:
    first = fetching.start(dovecot.url())
    fetching.until(lambda: bool(fetching.lines()) and fetching.lines()[0].row.state == "watching")
    owner = fetching.lines()[0].row.lease_owner
    fetching.start(dovecot.url())
    dovecot.deliver([mail(0)])
    fetching.until_states(processed=1)
    assert fetching.lines()[0].row.lease_owner == owner
    first.stop()
    fetching.until(lambda: fetching.lines()[0].row.lease_owner not in ("", owner))
    dovecot.deliver([mail(1)])
    fetching.until_states(processed=2)
    assert _ids(fetching) == _wanted(2)


@pytest.mark.parametrize("capability", ["IMAP4rev1 UIDPLUS AUTH=PLAIN", "IMAP4rev1 AUTH=PLAIN"])
def test_a_server_without_move_and_idle(tmp_path: Path, capability: str, fetching: Fetching) -> None:
    server = Dovecot(tmp_path, capability=capability)
    server.start()
    try:
        server.fill([mail(n) for n in range(3)])
        fetching.start(server.url("poll=0.3"))
        fetching.until_states(processed=3)
        server.deliver([mail(3)])
        fetching.until_states(processed=4)
        assert server.count("Processed") == 4
        assert server.count("INBOX") == (0 if "UIDPLUS" in capability else 4)
        assert _ids(fetching) == _wanted(4)
    finally:
        fetching.stop()
        server.stop()


def test_a_row_that_is_missing_is_an_alarm_and_mended(dovecot: Dovecot, fetching: Fetching) -> None:
    from sqlalchemy import text

    dovecot.fill([mail(n) for n in range(5)])
    fetching.start(dovecot.url("processed=keyword:$Intake"))
    fetching.until_states(processed=5)
    with fetching.store.write() as session:
        session.connection().execute(text("DELETE FROM imap_message WHERE uid = 3"))
    fetching.until(lambda: "unaccounted" in fetching.past())
    fetching.until_states(processed=4, duplicate=1)
    assert len(fetching.contacts()) == 5
    assert fetching.lines()[0].row.last_uid == 5


def test_a_catch_up_of_two_thousand(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.fill([mail(n) for n in range(2000)])
    fetching.start(dovecot.url())
    fetching.until_states(processed=2000)
    assert _ids(fetching) == _wanted(2000)
    assert dovecot.count("INBOX") == 0
    fetching.until(lambda: fetching.lines()[0].balanced)


def test_old_mail_stays_where_a_first_day_is_set(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.fill([mail(0), mail(1)])
    fetching.start(dovecot.url("since=2999-01-01"))
    fetching.until_states(older=2)
    assert fetching.contacts() == []
    assert dovecot.count("INBOX") == 2


def test_a_mailbox_nobody_looks_at_in_time_is_cut(dovecot: Dovecot, proxy: Proxy, tmp_path: Path) -> None:
    pace = replace(QUICK, read_timeout=600.0, stuck_after=2.0)
    fetching = Fetching(f"sqlite:///{tmp_path}/stuck.db", pace)
    try:
        fetching.start(dovecot.url(port=proxy.port))
        fetching.until(lambda: bool(fetching.lines()) and fetching.lines()[0].row.detail == "by IDLE")
        proxy.hang()
        dovecot.deliver([mail(0)])
        fetching.until_states(processed=1)
    finally:
        fetching.close()


@pytest.fixture
def plain(dovecot: Dovecot) -> Iterator[Proxy]:
    """A proxy that sees what is said."""
    between = Proxy(dovecot.imap)
    yield between
    between.close()


def _plain_url(proxy: Proxy) -> str:
    return f"imap://support:{PASSWORD}@127.0.0.1:{proxy.port}/INBOX?tls=none"


def test_a_mail_whose_text_breaks_the_protocol_is_set_aside_and_the_rest_goes_on(
    dovecot: Dovecot, plain: Proxy, fetching: Fetching
) -> None:
    dovecot.fill([mail(0), mail(1) + b"the-poison\r\n", mail(2)])
    plain.rewrite = lambda said: said.replace(b"BODY[] {", b"BODY[] ((") if b"the-poison" in said else said
    fetching.start(_plain_url(plain))
    fetching.until_states(processed=2, poison=1)
    (odd,) = [c for c in fetching.contacts() if c.last_error]
    assert odd.last_error.startswith("could not be fetched: ")
    assert odd.message_id == "<m1@kunde.example>"
    assert _ids(fetching) == _wanted(3)
    fetching.until(lambda: fetching.lines()[0].row.accounted == {"poison": 1})


def test_a_mail_over_which_the_link_dies_each_time_is_set_aside(dovecot: Dovecot, plain: Proxy, fetching: Fetching) -> None:
    dovecot.fill([mail(0), mail(1) + b"the-poison\r\n", mail(2)])

    def cut(said: bytes) -> bytes:
        if b"the-poison" in said:
            raise OSError("cut on purpose")
        return said

    plain.rewrite = cut
    fetching.start(_plain_url(plain))
    fetching.until_states(processed=2, poison=1)
    assert len(fetching.contacts()) == 3

"""What becomes of mails in a real mailbox: stored once, then moved or marked, whatever others do to them."""

from __future__ import annotations

from tests.dovecot import Dovecot
from tests.imap.fetching import Fetching, mail


def test_mail_is_kept_whole_and_then_moved(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.deliver([mail(1), mail(2)])
    fetching.start(dovecot.url())
    fetching.until_states(processed=2)
    one, _ = fetching.contacts()
    assert one.raw.endswith(mail(1))
    assert (one.mailbox, one.envelope_to, one.envelope_from) == (
        "support@isp.example",
        "support@isp.example",
        "anna@kunde.example",
    )
    assert (one.state, one.message_id, one.channel) == ("received", "<m1@kunde.example>", "email")
    assert (dovecot.count("INBOX"), dovecot.count("Processed")) == (0, 2)
    assert sorted(fetching.told) == [c.id for c in fetching.contacts()]
    fetching.until(lambda: fetching.lines()[0].row.state == "watching" and fetching.lines()[0].balanced)


def test_mail_that_comes_while_idle_is_fetched(dovecot: Dovecot, fetching: Fetching) -> None:
    fetching.start(dovecot.url())
    fetching.until(lambda: bool(fetching.lines()) and fetching.lines()[0].row.detail == "by IDLE")
    for number in range(3):
        dovecot.deliver([mail(number)])
        fetching.until_states(processed=number + 1)


def test_seen_set_by_others_and_keyword_mode(dovecot: Dovecot, fetching: Fetching) -> None:
    dovecot.deliver([mail(n) for n in range(4)])
    client = dovecot.client(folder="INBOX")
    client.add_flags([1, 2], [b"\\Seen"])
    fetching.start(dovecot.url("processed=keyword:$Intake"))
    fetching.until_states(processed=4)
    client.select_folder("INBOX")
    flags = client.get_flags(client.search())
    assert all(b"$Intake" in f for f in flags.values())
    assert [b"\\Seen" in flags[u] for u in sorted(flags)] == [True, True, False, False]
    client.logout()
    fetching.until(lambda: fetching.lines()[0].row.accounted == {"processed": 4})
    dovecot.deliver([mail(9)])
    fetching.until_states(processed=5)
    assert len(fetching.contacts()) == 5

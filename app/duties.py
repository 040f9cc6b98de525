"""What the clock does each minute: a table of duties, each safe to run twice and on many machines at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from app.house import House
from app.mailboxes import watch_mailboxes
from app.panel import tend_panel
from app.phone import phone_ends
from app.webhooks import tend_webhooks
from models.label_store import purge_labels
from outbound.pdf import matrix_pdf
from outbound.sms import reconcile_texts
from tickets.caps import clear_old_alarms
from tickets.clock_pass import clock_pass
from tickets.day_figures import count_days
from tickets.handover import welcome_new
from tickets.hourly import first_in_hour
from tickets.notices import follow_mails, send_calls
from tickets.policy import load_policy
from tickets.proactive import find_outages, find_patterns
from tickets.reminders import queue_reminders

# A duty does its due work and gives the outbox rows it has queued.
Duty = Callable[[House], Iterable[int]]


def remind(house: House) -> Iterable[int]:
    """One reminder to customers who owe an answer."""
    return queue_reminders(house.store, now=house.clock(), settings=house.filing.answers)


def end_alarms(house: House) -> Iterable[int]:
    """Alarms that nothing has renewed for an hour are over."""
    with house.store.write() as session:
        clear_old_alarms(session, house.clock())
    return ()


def keep_promises(house: House) -> Iterable[int]:
    """Whatever is due for a ticket: targets, levels, notices, deferrals, updates, RFOs, closing."""
    return clock_pass(house.store, house.life, now=house.clock())


def reach_persons(house: House) -> Iterable[int]:
    """Texts and calls that wait, and what became of the mails of escalations."""
    send_calls(house.store, house.caller, now=house.clock())
    follow_mails(house.store, now=house.clock())
    return ()


def watch_for_outages(house: House) -> Iterable[int]:
    """Proposes an outage where many write about one circuit, site or customer."""
    find_outages(house.store, house.directory.get(), now=house.clock())
    return ()


def watch_for_patterns(house: House) -> Iterable[int]:
    """Proposes chronic services and rising trends, once an hour on one machine."""
    if first_in_hour(house.store, "patterns", now=house.clock()):
        find_patterns(house.store, house.directory.get(), now=house.clock())
    return ()


def welcome_services(house: House) -> Iterable[int]:
    """The welcome message and the escalation matrix of services that were activated."""
    directory, own = house.directory.get(), house.settings.addresses
    return welcome_new(house.store, directory, house.life, matrix_pdf, own=own, now=house.clock())


def tend_phone(house: House) -> Iterable[int]:
    """Calls without an end, recordings to fetch, words that came late, text messages of unknown fate."""
    ends = phone_ends(house)
    ends.sweep()
    ends.fetch_due(delete=house.settings.phone_delete_at_carrier)
    ends.file_transcripts()
    return reconcile_texts(house.store, house.texts, house.clock)


def count_figures(house: House) -> Iterable[int]:
    """The dashboard's figures of the days that are due."""
    count_days(house.store, now=house.clock())
    return ()


def keep_panel(house: House) -> Iterable[int]:
    """Sign-in mails that wait, and what of the customers' pages is over."""
    return tend_panel(house, house.directory.get)


def keep_webhooks(house: House) -> Iterable[int]:
    """Alarms of webhooks that are off; their log is kept for a month."""
    return tend_webhooks(house)


def end_labels(house: House) -> Iterable[int]:
    """Labelled examples that are older than they may be kept, once an hour on one machine."""
    if first_in_hour(house.store, "labels", now=house.clock()):
        with house.store.write() as session:
            if days := load_policy(session).labels.keep_days:
                purge_labels(session, house.clock() - timedelta(days=days))
    return ()


DUTIES: tuple[Duty, ...] = (
    remind,
    end_alarms,
    reach_persons,
    keep_promises,
    welcome_services,
    watch_for_outages,
    watch_for_patterns,
    watch_mailboxes,
    tend_phone,
    count_figures,
    keep_panel,
    keep_webhooks,
    end_labels,
)

"""What the forms of the policy call each value and how they explain it."""

from __future__ import annotations

import re
from dataclasses import dataclass

LENGTH = "Lengths: 15min, 4h, 1d by the clock; 8bh, 30bmin in business hours; 2bd in business days."


@dataclass(frozen=True, slots=True)
class Ask:
    """One value of a form: its label, its explanation, and how it is typed."""

    path: str
    label: str
    help: str = ""
    form: str = "line"


# Kinds whose values stand one below the other: heading, then the values. A path ending in `.*` is one value for each priority.
SECTIONS: dict[str, tuple[tuple[str, tuple[Ask, ...]], ...]] = {
    "care": (
        (
            "Updates and closing",
            (
                Ask("update_every.*", "Update the customer every", "While a ticket is worked on; empty: no updates."),
                Ask("close_after", "Close a resolved ticket after", "Silence after which it is closed."),
                Ask("warn_at", "Warn at this part of a target", "0.75: when three quarters of the time are over."),
            ),
        ),
        (
            "Escalation",
            (
                Ask("notice_every.*", "Repeat a notice every", "Until a person answers; empty: the usual interval."),
                Ask("notice_rounds", "Rounds through the ways of a person", "Then the next level is told; 1 to 10."),
                Ask("customer_escalates_every", "A customer may escalate a ticket every",
                    "A request that comes sooner is answered, and nothing goes up."),
                Ask("deferral", "Put work off to business hours", "offer: by policy; agent: a person agrees; never.", "choice"),
            ),
        ),
        (
            "Reason for Outage (RFO)",
            (
                Ask("rfo_due", "An RFO is due after", "Counted from the request."),
                Ask("rfo_reminders", "Remind of it after", "One length a line.", "area"),
            ),
        ),
        (
            "Patterns over many tickets",
            (
                Ask("chronic_tickets", "Chronic from so many tickets of a service", "At least 2."),
                Ask("chronic_days", "Days in which they make it chronic"),
                Ask("trend_tickets", "A trend from so many tickets", "At least 3."),
                Ask("trend_days", "Days of a trend"),
                Ask("trend_factor", "Times the usual number of a trend", "Above 1."),
                Ask("outage_contacts", "An outage from so many contacts", "About one circuit, site or customer; at least 2."),
                Ask("outage_minutes", "Minutes in which they look like an outage"),
            ),
        ),
        (
            "Working hours",
            (
                Ask("calendar", "Calendar of the contact centre", "Deferral, RFO dates and closing count by it.", "calendar"),
                Ask("customer_calendars", "Customers with a calendar of their own", "Their dates count by it.", "pairs"),
            ),
        ),
    ),
    "limits": (
        (
            "Automatic mails",
            (
                Ask("cap_per_hour", "To one address in an hour", "More mails wait."),
                Ask("cap_per_day", "To one address in a day", "More mails wait."),
                Ask("breaker_per_hour", "In an hour to all addresses not on file", "More wait, and an alarm shows."),
                Ask("breaker_per_domain", "The same for one domain", "A domain that is not on file."),
                Ask("first_ack_hours", "First answer is free for so many hours", "It does not count, once for each service."),
            ),
        ),
        (
            "Reminders and floods",
            (
                Ask("remind_affecting_minutes", "Repeat a question after so many minutes", "If service-affecting; once."),
                Ask("remind_others_minutes", "The same for other faults", "Minutes; once."),
                Ask("flood_tickets", "Tickets of a sender in an hour answered singly", "More are answered together."),
                Ask("reopen_days", "A reply reopens an ended ticket within", "Days."),
            ),
        ),
    ),
    "phone": (
        (
            "Who is rung",
            (
                Ask("agents", "Agents", "Numbers (+4930555010) or sip:NAME@HOST that ring at once, one a line.", "area"),
                Ask("overflow", "Overflow", "Those that ring when the agents do not answer, one a line.", "area"),
            ),
        ),
    ),
    "labels": (("Labelled examples", (Ask("keep_days", "Delete after so many days", "0: never."),)),),
}  # fmt: skip
CHOICES: dict[str, tuple[str, ...]] = {"deferral": ("offer", "agent", "never")}
DAYS: dict[str, str] = {
    **{"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"},
    **{"sat": "Saturday", "sun": "Sunday"},
}
TITLES: dict[str, tuple[str, str]] = {
    "calendar": ("Calendar", "Working hours: what business hours and business days are counted by."),
    "matrix": ("Escalation matrix", "Who is told when a ticket grows old or misses a target, level by level, and how."),
    "targets": ("Targets", "What is promised by priority: how soon the first answer comes, and how soon a fault is repaired."),
    "priority": ("Priority", "A ticket's priority follows from what the fault does and how urgent it is."),
    "care": ("Care", "How a case is looked after between its opening and its end."),
    "limits": ("Caps and limits", "What is left empty is as the settings have it."),
    "phone": ("Agent numbers", "What is left empty is as the settings have it."),
    "labels": ("Labelled examples", "For how long examples that were labelled by people are kept."),
    "id-formats": ("Forms of IDs", "The forms of service IDs by which new ones are known."),
}
_ROWS = {
    "levels": "Level",
    "persons": "person",
    "ways": "way",
    "closed": "Closed day",
    "open": "Open day",
    "customer_calendars": "Customer",
}
_WORDS = {"key": "customer", "value": "calendar", "to": "address or number", "by": "kind", "after": "age", **DAYS}


def change_words(path: str) -> str:
    """The path of a change in words; a name that stands in it may have dots of its own."""
    return re.sub(r"\.(?=\S)", ", ", path.replace("levels.", "level ")).replace("_", " ")


def place_words(path: str) -> str:
    """A path in words: `levels.1.persons.0.name` is `Level 2, person 1, name`."""
    out: list[str] = []
    keys = path.split(".")
    # Of a pair of hours the day and the row say enough, of a cell its row and column.
    for n, key in enumerate(keys[:3] if keys[0] == "hours" else keys):
        if key.isdecimal():
            out[-1] += f" {int(key) + 1}"
        elif keys[0] == "cells" and n == 2:
            out.append(f"{key} urgency")
        elif n + 1 < len(keys) and key in _ROWS:
            out.append(_ROWS[key])
        elif len(keys) == 1 or key not in ("hours", "cells"):
            out.append(_WORDS.get(key, key.replace("_", " ")))
    words = ", ".join(out)
    return words[:1].upper() + words[1:]

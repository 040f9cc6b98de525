"""Mistakes of a document, each brought to the field of the form that it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping

from console.policy_shape import Laid
from models.errors import UserError
from tickets.policy import DocumentError

# Words of a complaint about a document as a whole -> the field that it is shown beside; {0}, {1} are what the brackets caught.
_WHERE: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words), place)
    for words, place in (
        (r"level (\d+) is not later than level \d+ for (\w+)", "levels.{0}.after.{1}"),
        (r"has no levels", "levels"),
        (r"levels must run", "levels"),
        (r"is for nobody", "default"),
        (r"overlap: both are for default", "default"),
        (r"overlap: both are for (service|customer)", "{0}s"),
        (r"names (service|customer) ", "{0}s"),
        (r"counts by calendar", "calendar"),
        (r"no public holidays are known for '[^']*', '", "subdivision"),
        (r"no public holidays are known", "country"),
        (r"the cell (\w+) x (\w+) is missing", "cells.{0}.{1}"),
        (r"^(cap_per_hour) is above", "{0}"),
    )
)
# A mistake of a row as a whole -> the part of the row.
_WITHIN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"is no (mail address|number in international form)"), "to"),
    (re.compile(r"has no way to be reached"), "ways"),
    (re.compile(r"has no persons"), "persons"),
)
# Where `care` names calendars.
_CALENDAR = re.compile(r"calendar|customer_calendars\.\d+\.value")
_HOURS = re.compile(r"^(\w{3}): (\S+?)-(\S+) (overlaps|ends)")


def mistakes(error: UserError, form: Laid, kind: str, name: str) -> dict[str, str]:
    """What is wrong, by field; empty where it is about something that the form does not have."""
    if isinstance(error, DocumentError):
        return beside(form, error.places)
    words = str(error)
    if not _ours(words, kind, name):
        return {}
    if kind == "care" and (gone := re.search(r"calendar ('[^']*')", words)):
        named = [p for p, value in form.values.items() if repr(value) == gone[1] and _CALENDAR.fullmatch(p)]
        return dict.fromkeys(named[:1], words)
    return beside(form, {"": words})


def beside(form: Laid, places: Mapping[str, str]) -> dict[str, str]:
    """Each mistake at its field, or at the list that it is about."""
    out: dict[str, str] = {}
    for place, words in places.items():
        if found := _place(form, place, words):
            out.setdefault(found, words)
    return out


def _ours(words: str, kind: str, name: str) -> bool:
    """Whether a complaint about how documents fit together is about this one."""
    return words.startswith("care ") if kind == "care" else repr(name) in words


def _place(form: Laid, place: str, words: str) -> str:
    if not place:
        return _whole(form, words)
    if place == "hours" and (found := _HOURS.match(words)):
        return _span(form, found[1], found[2], found[3])
    if inner := next((p for pattern, p in _WITHIN if pattern.search(words)), ""):
        return f"{place}.{inner}"
    if place in form.values:
        return place
    below = [path for path in form.values if path.startswith(place + ".")]
    named = next((p for p in below if repr(form.values[p]) in words), "")
    if named or place in form.counts or place == "hours":
        return named or place
    above = [p for p in (*form.values, *form.counts) if place.startswith(p + ".")]
    return max(above, key=len, default="") or (below[0] if below else "")


def _whole(form: Laid, words: str) -> str:
    for pattern, place in _WHERE:
        if found := pattern.search(words):
            # Levels are counted from 1 in words, from 0 in paths.
            said = [str(int(x) - 1) if x.isdecimal() else x for x in found.groups()]
            path = place.format(*said)
            return path if path in form.values or path in form.counts else ""
    return ""


def _span(form: Laid, day: str, opens: str, closes: str) -> str:
    """The hours of a day that are meant, at their opening."""
    for n in range(form.counts.get(f"hours.{day}", 0)):
        path = f"hours.{day}.{n}"
        if (form.values[f"{path}.0"], form.values[f"{path}.1"]) == (opens, closes):
            return f"{path}.0"
    return f"hours.{day}"

"""What a form says: its values as typed, what is wrong beside each field, and what is given once nothing is wrong."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from models.words import Impact, Pattern, Urgency
from panel.files import MOST_BYTES, Upload, checked
from panel.report import Given, Start

MOST_WORDS, MOST_LOGS = 8_000, 60_000
_SKEW = timedelta(minutes=2)
_OLDEST = timedelta(days=366)
_NUMBER = re.compile(r"[A-Za-z0-9_-]{16,64}")
LISTS = ("circuits", "drop")


@dataclass
class Sent:
    """A form as it came: one value for each name, lists for the names in LISTS; files that can be taken."""

    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def all(self, name: str) -> list[str]:
        return self.lists.get(name, [])

    @property
    def number(self) -> str:
        """The form's own number; one that is no number of ours counts as none."""
        return self["draft"] if _NUMBER.fullmatch(self["draft"]) else ""


def new_number() -> str:
    return secrets.token_urlsafe(18)


async def read_form(request: Request) -> Sent:
    """The form of a request. What is too much of it is cut or named, never an error page."""
    async with request.form(max_files=20, max_fields=300, max_part_size=1_000_000) as form:
        sent = Sent()
        for name, value in form.multi_items():
            if isinstance(value, str):
                words = value.replace("\r\n", "\n").replace("\0", "")
                if name in LISTS:
                    sent.lists.setdefault(name, []).append(words[:200])
                else:
                    sent.values[name] = words
        await _take_files(form, sent)
    return sent


async def _take_files(form: FormData, sent: Sent) -> None:
    problems = []
    for item in form.getlist("files"):
        if isinstance(item, UploadFile) and item.filename:
            taken, why = checked(item.filename, await item.read(MOST_BYTES + 1))
            if taken:
                sent.files.append(taken)
            else:
                problems.append(why)
    if problems:
        sent.wrong["files"] = " ".join(problems)


def check_report(sent: Sent, services: Sequence[str], circuits: Sequence[str], now: datetime) -> Given:
    """What the support form gives; fills `sent.wrong` beside each field that cannot be used."""
    description, logs = _words(sent, "description", MOST_WORDS), _words(sent, "logs", MOST_LOGS)
    if not description.strip():
        sent.wrong["description"] = "Please tell us what is going wrong. One or two sentences are enough."
    start = check_start(sent, now)
    impact = _one_of(sent, "impact", {i.value for i in Impact} | {"unsure"}, "Please choose the impact that fits best.")
    pattern = _one_of(sent, "pattern", {p.value for p in Pattern} | {""}, "Please choose one of these.")
    _one_of(sent, "urgency", {u.value for u in Urgency} | {""}, "Please choose one of these.")
    chosen = [c for c in sent.all("circuits") if c in circuits]
    return Given(
        services=tuple(services),
        start=start,
        impact=Impact(impact) if impact in {i.value for i in Impact} else None,
        pattern=Pattern(pattern) if pattern else None,
        circuits=tuple(chosen),
        description=description.strip(),
        logs=logs.strip("\n"),
    )


def check_start(sent: Sent, now: datetime) -> Start | None:
    """When it began: now, at a time of a zone, or not known. None where it is not known or something is wrong."""
    match sent["began"]:
        case "now":
            return Start(now - timedelta(minutes=5), now, "now")
        case "unknown":
            return None
        case "at":
            return _at(sent, now)
    sent.wrong["began"] = "Please say when it began, or that you do not know."
    return None


def _at(sent: Sent, now: datetime) -> Start | None:
    try:
        day, at = date.fromisoformat(sent["date"].strip()), time.fromisoformat(sent["time"].strip())
    except ValueError:
        sent.wrong["began"] = "Please give the date as 2026-05-31 and the time as 14:05."
        return None
    if at.tzinfo is not None:
        at = at.replace(tzinfo=None)
    zone = zone_of(sent["zone"])
    if zone is None:
        sent.wrong["zone"] = "This is no time zone that we know. Write Europe/Berlin, America/New_York or UTC."
        return None
    local = datetime.combine(day, at.replace(second=0, microsecond=0))
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    raw = f"{local:%Y-%m-%d %H:%M} {zone.key}"
    utc = ZoneInfo("UTC")
    if first.astimezone(utc).astimezone(zone).replace(tzinfo=None) != local:
        sent.wrong["began"] = (
            f"At {local:%H:%M} on {local:%d %B} the clocks went forward in {zone.key}: this time did not exist."
        )
        return None
    earliest, latest = sorted((first.astimezone(utc), second.astimezone(utc)))
    if earliest > now + _SKEW:
        sent.wrong["began"] = f"This lies in the future: now it is {now.astimezone(zone):%Y-%m-%d %H:%M} in {zone.key}."
        return None
    if earliest < now - _OLDEST:
        sent.wrong["began"] = "This is more than a year ago. Please look at the year."
        return None
    latest = min(latest, now) if latest > earliest else min(earliest, now)
    return Start(min(earliest, now), max(latest, min(earliest, now)), raw)


def zone_of(name: str) -> ZoneInfo | None:
    """The zone of this name, however it is written; None where there is none."""
    known = _zones().get(name.strip().casefold())
    try:
        return ZoneInfo(known) if known else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


@cache
def _zones() -> dict[str, str]:
    return {z.casefold(): z for z in available_timezones()}


@cache
def zone_names() -> tuple[str, ...]:
    """What is offered: UTC and the cities of the world."""
    areas = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(z for z in available_timezones() if z.partition("/")[0] in areas))


def first_values(number: str, now: datetime, zone: str) -> dict[str, str]:
    """A fresh form."""
    local = now.astimezone(zone_of(zone) or ZoneInfo("UTC"))
    return {"draft": number, "zone": zone, "date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "pattern": "", "urgency": ""}


def _words(sent: Sent, name: str, most: int) -> str:
    words = sent[name]
    if len(words) > most:
        what = "Please attach it as a file." if name == "logs" else "Please shorten it, or put the rest below as a log."
        sent.wrong[name] = f"{len(words)} characters are too many; {most} fit in here. {what}"
    return words[:most]


def _one_of(sent: Sent, name: str, values: set[str], why: str) -> str:
    if sent[name] not in values:
        sent.wrong[name] = why
        return ""
    return sent[name]

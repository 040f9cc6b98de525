"""One utterance or key press -> the value that was asked for; None means: ask again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr import speech_answers, speech_ids, speech_times
from models.directory import Directory
from models.errors import UserError

Value = str | bool | None
AGENT = "agent"
SLOTS = frozenset("service_id circuit_id ticket_id impact start_time fault_pattern yes_no menu description".split())


def hear(
    asked: str, *, speech: str | None, digits: str | None, confidence: float, now: datetime, timezone: str, directory: Directory
) -> Value:
    """The value of the slot `asked`, "agent" when the caller wants a person, None when it must be asked again.

    `confidence` (0 to 1) decides nothing: recognizers report it unreliably, and some good answers have a low one.
    """
    if digits:
        return _keyed(asked, digits.strip().strip("#*"), now, timezone, directory)
    if not speech or not speech.strip():
        return None
    if speech_answers.wants_person(speech, strict=asked == "description"):
        return AGENT
    return _spoken(asked, speech, now, timezone, directory)


def _keyed(asked: str, digits: str, now: datetime, timezone: str, directory: Directory) -> Value:
    match asked:
        case "service_id":
            return speech_ids.service_from_digits(digits, directory)
        case "circuit_id":
            return speech_ids.circuit_from_digits(digits, directory)
        case "ticket_id":
            return speech_ids.ticket_from_digits(digits, now)
        case "start_time":
            return speech_times.from_digits(digits, now, timezone)
    return speech_answers.KEYS.get(asked, {}).get(digits)


def _spoken(asked: str, speech: str, now: datetime, timezone: str, directory: Directory) -> Value:
    match asked:
        case "service_id":
            return speech_ids.service_from_speech(speech, directory)
        case "circuit_id":
            return speech_ids.circuit_from_speech(speech, directory)
        case "ticket_id":
            return speech_ids.ticket_from_speech(speech, now)
        case "start_time":
            return speech_times.from_speech(speech, now, timezone)
    return speech_answers.answer(asked, speech)


def hear_lines(lines: Iterable[str], directory: Directory) -> Iterator[dict[str, object]]:
    """One {"id", "value"} per line of calls. Raises UserError that names the number of a line that cannot be used."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield {"id": row["id"], "value": _hear_row(row, directory)}
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as e:
            raise UserError(f"line {number}: not an utterance that can be read ({type(e).__name__}: {e})") from e


def _hear_row(row: Mapping[str, Any], directory: Directory) -> Value:
    now = datetime.fromisoformat(row["now"])
    if row["asked"] not in SLOTS:
        raise ValueError(f"unknown slot {row['asked']!r}")
    ZoneInfo(row["timezone"])
    for name in ("speech", "digits"):
        if not isinstance(row.get(name), str | None):
            raise TypeError(f"{name} must be text or null")
    return hear(
        row["asked"],
        speech=row.get("speech"),
        digits=row.get("digits"),
        confidence=float(row.get("confidence") or 0.0),
        now=now if now.tzinfo else now.replace(tzinfo=UTC),
        timezone=row["timezone"],
        directory=directory,
    )

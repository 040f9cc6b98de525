"""Start time from keys (HHMM) and from speech; numbers are put in figures here, the calendar is the parser's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from ivr.speech_clock import figures
from ivr.speech_tokens import plain
from models.clock import iso
from models.words import FindingStatus
from parsers.times import parse_expression

_CORRECTION = re.compile(
    r"\b(?:no )?(?:sorry|i mean|i meant|make (?:that|it)|wait|actually|rather|correction|scratch that"
    r"|my mistake)(?: no)?(?: (?:i mean|make (?:that|it)))?\b"
    r"|(?<=[\w ])\bno\b(?= (?:it was|at|it's|\w+ (?:o'clock|past|to|minutes|hours)|\w+$))"
)
_UNKNOWN = re.compile(
    r"\b(?:don't|do not|didn't|couldn't|can't|cannot|wouldn't) (?:really |actually |exactly )?(?:know|tell"
    r"|say|remember|recall)\b|\bno (?:idea|clue)\b"
    r"|\bnot (?:really |quite |too )?sure\b|\bdunno\b|\bhard to say\b"
)
_TIME = r"\d{1,2}:\d\d(?: [ap]m)?|\d{1,2} [ap]m"
_NUMBER = r"\d+(?::\d\d)?(?: [ap]m)?"
_DAY = re.compile(
    r"\b(?:yesterday|today|this|last|on)?(?: )?(?:morning|afternoon|evening|night|mon|tues|wednes|thurs"
    r"|fri|satur|sun)(?:day)?\b|\byesterday\b|\btoday\b"
)
_DAYS_AGO = re.compile(r"\b(\d{1,2}) days? ago\b")
_OPENING = re.compile(
    r"^(?:(?:well|um+|uh|er|erm|oh|so|yeah|yes|hi|hello|ok|okay|right|i think|i guess|i'd say|it was|it) )+(?=\S)"
)
_TRAILING = re.compile(r"(?: (?:please|thanks|thank you|i think|i guess|i believe|or something|or so))+$")
_JUST = re.compile(
    r"\b(?:just|only) (?:now|this (?:minute|second|moment)|started|happened|gone down|went down)\b|^(?:right )?now$"
)
_ONLY_JUST = re.compile(
    r"(?:it |it's |that )?(?:(?:just|right|only just|happened|started|began|just started|right about) )*(?:just|right) now"
)
# A figure among words of another kind ("my name is Peter Six") is no time unless it is said as one.
_STRAY = re.compile(r"\b(?:name|names|name's|speaking|calling from|this is|floor|room|department|order|site|office)\b")
_CLOCKED = rf"{_TIME}|\b(?:at|around|about|since|from|ago|minutes?|hours?|days?)\b"
MINUTE = timedelta(minutes=1)


def from_digits(digits: str, now: datetime, timezone: str) -> str | None:
    """HHMM on the caller's clock: the middle of the latest such minute that has begun; None for anything else."""
    if not re.fullmatch(r"(?:[01]\d|2[0-3])[0-5]\d", digits):
        return None
    zone, at = ZoneInfo(timezone), clock(int(digits[:2]), int(digits[2:]))
    today = now.astimezone(zone).date()
    found: list[datetime] = []
    for day in (today - timedelta(days=1), today):
        for fold in (0, 1):
            local = datetime.combine(day, at.replace(fold=fold), tzinfo=zone)
            instant = datetime.fromtimestamp(local.timestamp(), tz=zone)
            # A time that the change to summer time skips comes back as another one.
            if instant.time() == at and instant <= now:
                found.append(instant)
    return iso(min(max(found, key=datetime.timestamp) + MINUTE / 2, now)) if found else None


def from_speech(speech: str, now: datetime, timezone: str) -> str | None:
    """The start time that the words tell, as an instant in UTC not after `now`; None when they do not tell one."""
    text = expression(speech)
    if _UNKNOWN.search(plain(speech)) and not re.search(r"\d", text):
        return None
    if _ONLY_JUST.fullmatch(text):
        return iso(now - 2 * MINUTE)
    if _STRAY.search(text) and not re.search(_CLOCKED, text):
        return None
    text = _dated(text, now, timezone)
    finding = parse_expression(text, received_at=now, timezone=timezone)
    if finding is not None and finding.status is not FindingStatus.REFUSED:
        return iso(min(datetime.fromisoformat(finding.value), now))
    return iso(now - 2 * MINUTE) if _JUST.search(text) else None


def _dated(text: str, now: datetime, timezone: str) -> str:
    """ "2 days ago at 3 pm" names a day and its hour: the day as a date."""
    match = _DAYS_AGO.search(text)
    if not match:
        return text
    day = now.astimezone(ZoneInfo(timezone)).date() - timedelta(days=int(match[1]))
    rest = (text[: match.start()] + " " + text[match.end() :]).strip()
    return f"{day.day} {day:%B} {rest}" if re.search(_TIME, rest) or re.search(r"\bnoon\b|\bmidnight\b", rest) else text


def expression(speech: str) -> str:
    """What the parser gets: figures for numbers, without small talk, with the caller's corrections carried out."""
    text = re.sub(r"[,;!?]", " ", speech.lower().replace("’", "'"))
    text = re.sub(r"\s+", " ", _CORRECTION.sub(" | ", text))
    said = [figures(p) for p in text.split("|") if p.strip()]
    result = said[0] if said else ""
    for correction in said[1:]:
        result = _corrected(result, correction)
    result = _TRAILING.sub("", _OPENING.sub("", result.strip()))
    return re.sub(r"\bjust now (?:like |maybe |about )*(?=.*\bago\b)", "", result)


def _corrected(before: str, after: str) -> str:
    """A mere number replaces the last one said; a new time keeps the day that was said, another expression replaces all."""
    bare = re.fullmatch(rf"(?:it was |it's |at |about |around |more like |like )*({_NUMBER})", after.strip())
    numbers = list(re.finditer(_NUMBER, before))
    if bare and numbers:
        old, new = numbers[-1], bare[1]
        if old.group()[-2:] in ("am", "pm") and new[-2:] not in ("am", "pm"):
            new += " " + old.group()[-2:]
        return before[: old.start()] + new + before[old.end() :]
    day = _DAY.search(before)
    if day and re.search(_TIME, after) and not _DAY.search(after):
        return f"{day.group().strip()} {after}"
    return after

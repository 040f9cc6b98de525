"""Spoken and keyed service, circuit and ticket IDs; the first two are resolved against the directory only."""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from datetime import UTC, datetime

from ivr.speech_symbols import MAX_READINGS, Run, runs
from ivr.speech_tokens import cut, parts, plain, words
from ivr.speech_words import DIGITS, LETTERS
from models.directory import Directory, canonical

Resolve = Callable[[str], str | None]
_TICKET = re.compile(r"(INC)?(20\d\d)?([1-9]\d{6,8}|\d{6})")
# "Two thousand twenty six" is a year, and not the year 2000 with a number behind it.
_OLDEST = 10
_NUMBER = re.compile(r"[1-9]\d{6,8}|\d{6}")
_TICKET_WORDS = {"ink": "inc", "incident": "inc", "inc": "inc", "ticket": "inc"}
_GROUP = re.compile(r"[^\W\d_]{2,}")
_CODE = 3
_CIRCUIT = re.compile(r"(?=(?:\W*\w){6})(?=(?:.*?\d){3})(?=.*[A-Z])[A-Z0-9/._-]+")


def service_from_speech(text: str, directory: Directory) -> str | None:
    """The one service on file whose ID the words spell, whole or by its digits alone."""
    chunks = _chunks(directory)
    found = _spoken(text, lambda s: _service(s, directory), chunks)
    if not found and not set(words(text)).isdisjoint(places := _places(directory)):
        found = _spoken(" ".join(places.get(t.lower(), t) for t in cut(text)), lambda s: _service(s, directory), chunks)
    return _one(found)


def service_from_digits(digits: str, directory: Directory) -> str | None:
    """The one service on file that has exactly these digits."""
    return _service(digits, directory)


def circuit_from_digits(digits: str, directory: Directory) -> str | None:
    """The one circuit on file that has exactly these digits."""
    return _circuit(digits, directory)


def circuit_from_speech(text: str, directory: Directory) -> str | None:
    """The circuit as the directory writes it, else as spelled when it can be written in one way only."""
    chunks = _chunks(directory)
    found = _spoken(text, lambda s: _circuit(s, directory), chunks)
    return _one(found) if found else _one(_circuits_off_file(text, chunks))


def ticket_from_digits(digits: str, now: datetime) -> str | None:
    """Year and number, or the number alone (this year)."""
    return _ticket(digits, now)


def ticket_from_speech(text: str, now: datetime) -> str | None:
    """A ticket number: year and number, or the number alone with this year, unless the caller says last year's."""
    tokens = [_TICKET_WORDS.get(t.lower(), t) for t in cut(text)]
    low = words(text)
    year = now.astimezone(UTC).year - int("last" in low and "year" in low)
    found = _said(tokens, lambda s: _ticket(s, now, year), frozenset({"inc"}), lambda a, r: _corrected_ticket(a, r))
    return _one(found)


def _service(symbols: str, directory: Directory) -> str | None:
    key = canonical(symbols)
    if key in directory.service_by_canonical:
        return directory.service_by_canonical[key].id
    hits = directory.services_by_digits.get(key, ()) if key.isdigit() else ()
    return hits[0].id if len(hits) == 1 else None


def _circuit(symbols: str, directory: Directory) -> str | None:
    key = canonical(symbols)
    if key in directory.circuit_spelling:
        return directory.circuit_spelling[key]
    if not key.isdigit() or len(key) < 5:
        return None
    hits = {c for k, c in directory.circuit_spelling.items() if re.sub(r"\D", "", k) == key}
    return hits.pop() if len(hits) == 1 else None


def _ticket(symbols: str, now: datetime, year: int | None = None) -> str | None:
    """`INC-YYYY-NNNNNN`; a number of more than six digits never begins with zero, so such a one was misheard."""
    this_year = now.astimezone(UTC).year
    match = _TICKET.fullmatch(symbols)
    if not match or (not match[2] and match[3][:4] in (str(this_year), str(this_year - 1)) and len(match[3]) > 6):
        return None
    said = int(match[2]) if match[2] else year or this_year
    return f"INC-{said}-{match[3]}" if this_year - _OLDEST < said <= this_year else None


def _chunks(directory: Directory) -> frozenset[str]:
    """The letter groups of the IDs on file: callers say them as one word."""
    written = (s.id for s in directory.services)
    ids = (*directory.service_by_canonical, *directory.circuit_spelling, *written)
    return frozenset(g.lower() for i in ids for g in _GROUP.findall(i))


def _places(directory: Directory) -> dict[str, str]:
    """Words of the sites that begin with a letter group of their service's ID: "Chicago" may be said for its CHI."""
    out: dict[str, str] = {}
    for service in directory.services:
        groups = [g.lower() for g in _GROUP.findall(service.id) if len(g) >= _CODE]
        for word in words(service.site):
            out.update((word, g) for g in groups if word.startswith(g) and word != g)
    return out


# "Four two or three": he does not know it himself.
_EITHER = re.compile(r"\bor (?:(?:maybe|perhaps|possibly|it's|is it|was it|it could be|could be) )*(\w+)")


def unsure(text: str) -> bool:
    """Whether the words give one symbol or another; "or rather" and the like are corrections."""
    return any(w in LETTERS or w in DIGITS or w.isdigit() for w in _EITHER.findall(plain(text)) if w != "are")


def _spoken(text: str, resolve: Resolve, chunks: Set[str]) -> set[str]:
    if unsure(text):
        return set()
    return _said(cut(text), resolve, chunks, _corrected)


def _said(tokens: list[str], resolve: Resolve, chunks: Set[str], correct: Callable[[Set[str], Set[str]], set[str]]) -> set[str]:
    """Every ID that the words can stand for after the caller's corrections."""
    before: set[str] = set()
    for part in parts(tokens):
        stretches = _stretches(runs(part, chunks))
        if not stretches:
            continue
        whole = {s for s in stretches if resolve(s) and (not s.isdigit() or not _letters(before))}
        restated = {s for r in stretches for s in _restated(r, resolve)} if before else set()
        before = whole or correct(before, restated or stretches)
    return {hit for s in before if (hit := resolve(s))}


def _letters(readings: Set[str]) -> set[str]:
    """The letters with which the readings begin."""
    return {m.group() for s in readings if (m := re.match(r"[^\W\d_]+", s))}


def _stretches(found: list[Run]) -> set[str]:
    """Readings of each run, and of neighbours that belong together; digits after unknown letters do not stand alone."""
    out: set[str] = set()
    before: frozenset[str] = frozenset()
    for run in found:
        spelled = {s for s in before if s and s.isalpha()}
        joined = {a + b for a in spelled for b in run.readings if b[:1].isdigit()}
        alone = {s for s in run.readings if s and not (s.isdigit() and spelled == before and spelled)}
        out |= joined | alone
        before = run.readings
    return set(sorted(out)[: MAX_READINGS * 4])


def _restated(symbols: str, resolve: Resolve) -> set[str]:
    """ "it ends in one three: one one eight ... one three": the whole after its own ending."""
    return {symbols[n:] for n in range(1, 5) if resolve(symbols[n:]) and symbols[n:].endswith(symbols[:n])}


def _corrected(before: Set[str], after: Set[str]) -> set[str]:
    """What was said so far with its end replaced or continued; the letters stay unless new ones were said."""
    out: set[str] = set()
    for a in after:
        out |= {b[:n] + a for b in before for n in range(len(_head(b)), len(b) + 1)} if a.isdigit() else {a}
        if a.isdigit() and (not before or not _letters(before)):
            out.add(a)
    return out


def _head(symbols: str) -> str:
    match = re.match(r"[^\W\d_]+", symbols)
    return match.group() if match else ""


def _corrected_ticket(before: Set[str], after: Set[str]) -> set[str]:
    """Like `_corrected`, but a whole number keeps the year and an ending keeps the length of the number."""
    out: set[str] = set()
    for a in after:
        for b in before:
            year = re.match(r"(?:INC)?(?:20\d\d(?=\d{2})|20\d\d$)?", b)
            head = year.group() if year else ""
            if not a.isdigit() or len(a) >= 10:
                out.add(a)
            elif _NUMBER.fullmatch(a):
                out.add(head + a)
            else:
                out |= {b[:n] + a for n in range(len(head), len(b) + 1) if n - len(head) + len(a) == 6}
    return out or set(after)


def _circuits_off_file(text: str, chunks: Set[str]) -> set[str]:
    """An ID that is not on file is taken only when it was said in one go and all of it is known symbols."""
    last = parts(cut(text))[-1:]
    found = [r for part in last for r in runs(part, chunks, marks=True)]
    spelled = {_settled(s) for r in found for s in r.readings}
    if len(parts(cut(text))) > 1 or sum(any(ch.isdigit() for ch in next(iter(r.readings))) for r in found) != 1:
        return set()
    longest = max((len(s) for s in spelled), default=0)
    return {s for s in spelled if len(s) == longest and _CIRCUIT.fullmatch(s)}


def _settled(symbols: str) -> str:
    """The letter O between or after digits is a zero, a zero among letters is an O."""
    symbols = re.sub(r"(?<=\d)O(?=[\dO]|$)", "0", symbols)
    return re.sub(r"(?<=[A-Z])0(?=[A-Z])", "O", symbols)


def _one(found: Set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None

"""What an agent types or selects, to the canonical values of a field; what cannot be one is refused in words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from rapidfuzz.distance import OSA

from console.known import Known
from models.clock import iso
from models.directory import Directory, canonical
from models.errors import UserError
from models.reading import Reading
from models.words import Field, Impact, Pattern

_SEPARATORS = re.compile(r"[,;\s]+")
_EDGES = " \t\r\n.,;:()[]{}<>\"'`"
_MOST = 20
IMPACTS = {
    Impact.SERVICE_AFFECTING.value: "Service Affecting",
    Impact.DEGRADATION.value: "Degradation",
    Impact.NON_SERVICE_AFFECTING.value: "Non-Service Affecting",
}
PATTERNS = {Pattern.CONSTANT.value: "Constant", Pattern.INTERMITTENT.value: "Intermittent"}


@dataclass(frozen=True, slots=True)
class Words:
    """What was given, and what it is judged by: `sender` and `received_at` are the contact's, `anyway` takes an unknown ID."""

    text: str
    known: Known
    customer: str | None
    sender: str
    received_at: datetime
    now: datetime
    anyway: bool = False

    @property
    def directory(self) -> Directory:
        return self.known.directory


def values_of(field: Field, words: Words) -> tuple[str, ...]:
    """The values, none for empty words. Raises UserError saying what is wrong and what to do."""
    if not words.text.strip():
        return ()
    if len(words.text) > 4000:
        raise UserError("At most 4,000 characters.")
    return _READERS[field](words)


def near(text: str, directory: Directory, customer: str | None, most: int = 5) -> list[str]:
    """The customer's own service IDs, those nearest to the text first."""
    own = directory.services_by_customer.get(customer or "", ())
    wanted = canonical(text)
    return [s.id for s in sorted(own, key=lambda s: (OSA.distance(canonical(s.id), wanted), s.id))[:most]]


def _services(words: Words) -> tuple[str, ...]:
    whole = words.directory.service_by_canonical.get(canonical(words.text))
    if whole:
        return (whole.id,)
    given = [t for x in _SEPARATORS.split(words.text) if (t := x.strip(_EDGES))]
    found = [s.id for t in given if (s := words.directory.service_by_canonical.get(canonical(t)))]
    unknown = [t for t in given if canonical(t) not in words.directory.service_by_canonical]
    shaped = [t for t in unknown if any(c.isdigit() for c in t)]
    if words.anyway:
        found += [t.upper() for t in shaped]
    elif shaped or not found:
        name = (shaped or [words.text.strip()])[0][:60]
        own = near(name, words.directory, words.customer, 3)
        hint = f" Near to it, of this customer: {', '.join(own)}." if own else ""
        raise UserError(f"{name} is not in the directory.{hint}")
    return _some(found)


def _circuits(words: Words) -> tuple[str, ...]:
    known = words.directory.circuit_spelling
    whole = known.get(canonical(words.text))
    if whole:
        return (whole,)
    parts = [p.strip(_EDGES) for p in re.split(r"[,;\n]+", words.text)]
    found = [known.get(canonical(p)) or " ".join(p.split()) for p in parts if p]
    bad = next((f for f in found if not any(c.isdigit() for c in f) or len(f) > 80), "")
    if bad:
        raise UserError(f"{bad[:80]!r} is no circuit ID: it has no digit, or more than 80 characters.")
    return _some(found)


def _addresses(words: Words) -> tuple[str, ...]:
    found = []
    for part in (p.strip(_EDGES) for p in _SEPARATORS.split(words.text)):
        if not part:
            continue
        try:
            found.append(str(ipaddress.ip_network(part, strict=False) if "/" in part else ipaddress.ip_address(part)))
        except ValueError as e:
            raise UserError(f"{part[:60]!r} is no IP address or prefix; write 203.0.113.5 or 2001:db8::/48.") from e
    return _some(found)


def _impact(words: Words) -> tuple[str, ...]:
    named = {canonical(v): k for k, v in IMPACTS.items()}
    value = named.get(canonical(words.text)) or (r.value if (r := _read(words).impact) else "")
    if not value:
        raise UserError("These words tell no impact; choose Service Affecting, Degradation or Non-Service Affecting.")
    return (value,)


def _pattern(words: Words) -> tuple[str, ...]:
    named = {canonical(v): k for k, v in PATTERNS.items()}
    value = named.get(canonical(words.text)) or (r.value if (r := _read(words).fault_pattern) else "")
    if not value:
        raise UserError("These words tell no fault pattern; choose Constant or Intermittent.")
    return (value,)


def _start(words: Words) -> tuple[str, ...]:
    text = words.text.strip().removesuffix("UTC").strip()
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        read = _read(words).start_time
        if read is None:
            raise UserError(
                "These words tell no start time; write it as 2026-05-04 14:30 (UTC) or 2026-05-04T14:30+02:00."
            ) from None
        at = read
    if at > words.now:
        raise UserError(f"{at.astimezone(UTC):%d %b %Y %H:%M} UTC lies in the future; a fault that is reported has begun.")
    return (iso(at),)


def _plain(words: Words) -> tuple[str, ...]:
    text = " ".join(words.text.split())
    if len(text) > 2000:
        raise UserError("At most 2,000 characters.")
    return (text,)


def _some(found: list[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(found))
    if len(unique) > _MOST:
        raise UserError(f"At most {_MOST} values; these are {len(unique)}.")
    return unique


def _read(words: Words) -> Reading:
    """The words read as a contact of their own, by the rule set in force."""
    from parsers import read_text

    known, sender = words.known, words.sender or None
    return read_text(
        words.text[:500], directory=known.directory, sender=sender, received_at=words.received_at, rules=known.rules
    )


_READERS: Mapping[Field, Callable[[Words], tuple[str, ...]]] = {
    Field.SERVICE_ID: _services,
    Field.CIRCUIT_ID: _circuits,
    Field.IP_ADDRESS: _addresses,
    Field.IMPACT: _impact,
    Field.FAULT_PATTERN: _pattern,
    Field.START_TIME: _start,
    Field.DESCRIPTION: _plain,
    Field.TEST_RESULTS: _plain,
}

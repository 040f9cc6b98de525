"""What an import would change: what is new, what changes in which part, what vanishes, and what looks like a slip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import Any

from models.directory import Customer, Directory, Service, canonical

_MOST = 200


def plan(old: Directory, new: Directory, *, replace: bool) -> dict[str, Any]:
    """As plain JSON: counts, the first changes, the names of vanished services, warnings."""
    have, want = _rows(old), _rows(new)
    added = [k for k in want if k not in have]
    changed = [k for k in want if k in have and have[k] != want[k]]
    gone = [k for k in have if k not in want]
    return {
        "added": len(added),
        "changed": len(changed),
        "unchanged": len(want) - len(added) - len(changed),
        "vanished": len(gone),
        "removes": replace,
        "new": [f"{kind} {i}" for kind, i in added[:_MOST]],
        "changes": [[f"{kind} {i}", *parts] for kind, i in changed[:_MOST] for parts in _parts(have[kind, i], want[kind, i])],
        "gone": [f"{kind} {i}" for kind, i in gone[:_MOST]],
        "warnings": list(_warnings(new))[:_MOST],
        "matrices": len(new.matrices),
    }


def _rows(directory: Directory) -> dict[tuple[str, str], Customer | Service]:
    out: dict[tuple[str, str], Customer | Service] = {("customer", c.id): c for c in directory.customers}
    return out | {("service", s.id): s for s in directory.services}


def _parts(old: Customer | Service, new: Customer | Service) -> Iterator[list[str]]:
    for f in fields(old):
        a, b = getattr(old, f.name), getattr(new, f.name)
        if a != b:
            yield [f.name, _words(a), _words(b)]


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_words(v) for v in value)
    return ", ".join(str(v) for v in asdict(value).values() if v) if hasattr(value, "email") else str(value or "")


def _warnings(new: Directory) -> Iterator[str]:
    yield from _alike("service", ((canonical(s.id), s.id) for s in new.services), "are the same ID, written in two ways")
    circuits = ((canonical(c), s.id) for s in new.services for c in s.circuits)
    yield from _alike("circuit", circuits, "share a circuit", {s.id: s.customer for s in new.services})
    prefixes = ((p, s.id) for s in new.services for p in s.prefixes)
    yield from _alike("prefix", prefixes, "share a prefix", {s.id: s.customer for s in new.services})


def _alike(kind: str, pairs: Iterable[tuple[str, str]], what: str, customers: dict[str, str] | None = None) -> Iterator[str]:
    """IDs that fall together; with customers, only those of different ones."""
    seen: dict[str, list[str]] = {}
    for key, one in pairs:
        seen.setdefault(key, []).append(one)
    for key, ids in seen.items():
        if len(set(ids)) > 1 and (customers is None or len({customers[i] for i in ids}) > 1):
            yield f"{', '.join(sorted(set(ids))[:5])} {what}" + (f" ({kind} {key})" if customers else "")

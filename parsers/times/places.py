"""Zones named by a place: "Berliner Zeit", "hora de Madrid", "po beogradskom vremenu"."""

from __future__ import annotations

from collections.abc import Callable

from parsers.times.zones import city_zone

# What follows a place, and what goes before it.
_TIME_OF = frozenset("time zeit tijd vreme vremenu време времену времени saatiyle saati".split())
_OF_PLACE = frozenset("po по hora horario heure ora orario czasu времени".split())


def place_zone(text: Callable[[int], str], i: int, atoms: int) -> tuple[str, int] | None:
    """The place whose time is meant at atom `i`, perhaps in brackets, and the index behind it."""
    for k in (i + 1, i + 2):
        if text(k) in _TIME_OF:
            name = " ".join(text(n) for n in range(i, k))
            return (name, k + 1) if city_zone(name) else None
    if text(i) == "(" and (inside := place_zone(text, i + 1, atoms)) and text(inside[1]) == ")":
        return inside[0], inside[1] + 1
    if text(i) in _OF_PLACE and i + 1 < atoms:
        k = i + 2 if text(i + 1) in ("de", "di", "d'", "по") else i + 1
        return (text(k), k + 2 if text(k + 1) in _TIME_OF else k + 1) if city_zone(text(k)) else None
    return None

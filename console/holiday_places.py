"""Countries and regions whose public holidays are known, for the form of a calendar."""

from __future__ import annotations

from functools import lru_cache

import holidays
from holidays.registry import COUNTRIES


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Code and name, by name."""
    named = ((codes[1], name.replace("_", " ").title()) for name, codes in COUNTRIES.items())
    return tuple(sorted(named, key=lambda pair: pair[1]))


@lru_cache(maxsize=64)
def regions(country: str) -> tuple[tuple[str, str], ...]:
    """Code and name of a country's regions with holidays of their own; none for a country that is not known."""
    if country not in dict(countries()):
        return ()
    found = holidays.country_holidays(country)
    names = found.get_subdivision_aliases()
    return tuple((code, (names.get(code) or [code])[0]) for code in found.subdivisions)


def named_holidays(country: str, region: str, year: int) -> list[str]:
    """The public holidays of a year, as `25 Dec Christmas Day`; none for a place that is not known."""
    if country not in dict(countries()) or (region and region not in dict(regions(country))):
        return []
    found = holidays.country_holidays(country, subdiv=region or None, years=year, language="en_US")
    return [f"{day:%d %b} {name}" for day, name in sorted(found.items())]

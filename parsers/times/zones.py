"""Time zones as customers name them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# Fixed offsets in minutes. A literal "PDT" in winter keeps its literal offset.
OFFSETS: dict[str, int] = {
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "zulu": 0,
    "ut": 0,
    "wet": 0,
    "west": 60,
    "cet": 60,
    "cest": 120,
    "mez": 60,
    "mesz": 120,
    "met": 60,
    "mest": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "trt": 180,
    "sast": 120,
    "cat": 120,
    "eat": 180,
    "wat": 60,
    "gst": 240,
    "pkt": 300,
    "uzt": 300,
    "npt": 345,
    "ict": 420,
    "wib": 420,
    "sgt": 480,
    "hkt": 480,
    "myt": 480,
    "pht": 480,
    "awst": 480,
    "jst": 540,
    "kst": 540,
    "acst": 570,
    "acdt": 630,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "edt": -240,
    "cdt": -300,
    "mdt": -360,
    "pdt": -420,
    "akst": -540,
    "akdt": -480,
    "hst": -600,
    "adt": -180,
    "nst": -210,
    "ndt": -150,
    "brt": -180,
    "brst": -120,
    "art": -180,
    "clt": -240,
    "clst": -180,
    "cot": -300,
    "pet": -300,
    "uyt": -180,
    "est": -300,
    "pst": -480,
}
# Zones with the daylight saving rule left to the season, and words of speech.
REGIONS: dict[str, str] = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "atlantic": "America/Halifax",
    "moscow": "Europe/Moscow",
    "msk": "Europe/Moscow",
}
# Abbreviations with several meanings: (prefix of the customer's zone, offset in minutes); the last row is the usual one.
AMBIGUOUS: dict[str, tuple[tuple[str, int], ...]] = {
    "ist": (("Europe/Dublin", 60), ("Asia/Jerusalem", 120), ("", 330)),
    "cst": (("Asia/", 480), ("Australia/", 570), ("", -360)),
    "bst": (("Asia/Dhaka", 360), ("", 60)),
    "mst": (("Asia/", 480), ("", -420)),
    "ast": (("Asia/", 180), ("", -240)),
    "est": (("Australia/", 600), ("", -300)),
    "gst": (("Atlantic/", -120), ("", 240)),
}
AMERICAN = frozenset("et ct mt pt edt cdt mdt pdt est cst mst pst eastern central mountain pacific akst akdt hst".split())
# Safe in any case of letters; the others are also common words ("et", "ist", "art", "cat").
LOWER_OK = frozenset(
    "utc gmt zulu cet cest mez mesz eest msk sgt hkt jst aest aedt edt cdt mdt pdt sast pkt brt "
    "eastern central pacific mountain".split()
)
CITIES: dict[str, str] = {
    "ташкенту": "Asia/Tashkent",
    "москве": "Europe/Moscow",
    "московское": "Europe/Moscow",
    "beograd": "Europe/Belgrade",
    "beogradu": "Europe/Belgrade",
    "mosk": "Europe/Moscow",
    "wien": "Europe/Vienna",
    "munich": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "lyon": "Europe/Paris",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome",
    "roma": "Europe/Rome",
    "warszawa": "Europe/Warsaw",
    "warszawie": "Europe/Warsaw",
    "moscow": "Europe/Moscow",
    "moskau": "Europe/Moscow",
    "moskva": "Europe/Moscow",
    "lissabon": "Europe/Lisbon",
    "wiener": "Europe/Vienna",
    "pekinger": "Asia/Shanghai",
    "tokio": "Asia/Tokyo",
    "varsovie": "Europe/Warsaw",
    "lisboa": "Europe/Lisbon",
    "brasilia": "America/Sao_Paulo",
    "londres": "Europe/London",
    "paris": "Europe/Paris",
    "seattle": "America/Los_Angeles",
    "miami": "America/New_York",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "dallas": "America/Chicago",
    "uk": "Europe/London",
    "german": "Europe/Berlin",
    "french": "Europe/Paris",
    "spanish": "Europe/Madrid",
    "japan": "Asia/Tokyo",
    "india": "Asia/Kolkata",
    "indian": "Asia/Kolkata",
    "serbian": "Europe/Belgrade",
    "british": "Europe/London",
    "irish": "Europe/Dublin",
    "dutch": "Europe/Amsterdam",
    "italian": "Europe/Rome",
    "portuguese": "Europe/Lisbon",
    "polish": "Europe/Warsaw",
    "turkish": "Europe/Istanbul",
    "turkey": "Europe/Istanbul",
    "swiss": "Europe/Zurich",
    "gulf": "Asia/Dubai",
    "uae": "Asia/Dubai",
    "new york": "America/New_York",
    "ny": "America/New_York",
    **dict.fromkeys(("московскому", "московского", "московском"), "Europe/Moscow"),
    **dict.fromkeys(("киевскому", "киевского", "киеву"), "Europe/Kyiv"),
    **dict.fromkeys(("минскому", "минску"), "Europe/Minsk"),
    **dict.fromkeys(("ташкентскому", "ташкентское"), "Asia/Tashkent"),
    **dict.fromkeys(("алматинскому", "алматы"), "Asia/Almaty"),
    **dict.fromkeys(("beogradskom", "beogradskog", "београдском", "београдског", "београду"), "Europe/Belgrade"),
    **dict.fromkeys(("podgorickom", "подгоричком"), "Europe/Podgorica"),
    **dict.fromkeys(("zagrebackom", "загребачком"), "Europe/Zagreb"),
    **dict.fromkeys(("sarajevskom", "сарајевском"), "Europe/Sarajevo"),
    **dict.fromkeys(("warszawskiego", "polskiego"), "Europe/Warsaw"),
    **dict.fromkeys(("londynskiego", "londonskom", "лондонскому"), "Europe/London"),
    "moskiewskiego": "Europe/Moscow",
    "kijowskiego": "Europe/Kyiv",
    "ciudad de mexico": "America/Mexico_City",
}
OFFSET_RE = re.compile(r"\s*\(?(?:(?:utc|gmt)\s?)?([+-])(\d{1,2})(?::?(\d\d))?\)?(?![\d:.])")


@cache
def _city_table() -> dict[str, str]:
    table = {name.rsplit("/", 1)[-1].replace("_", " ").lower(): name for name in sorted(available_timezones()) if "/" in name}
    return table | CITIES


def city_zone(word: str) -> str | None:
    """IANA zone of a city in lower case without diacritics, or None."""
    table = _city_table()
    return table.get(word) or (table.get(word[:-2]) if word.endswith("er") else None)


@cache
def load(name: str | None) -> ZoneInfo | None:
    """The zone of that IANA name, or None for a name that does not exist."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def of_offset(sign: str, hours: str, minutes: str | None) -> tzinfo | None:
    """The fixed zone of an offset as written, or None beyond fourteen hours."""
    total = int(hours) * 60 + int(minutes or 0)
    return timezone(timedelta(minutes=total if sign == "+" else -total)) if total <= 840 else None


def of_word(word: str, customer: str | None) -> tuple[tzinfo, bool] | None:
    """Zone of an abbreviation or a spoken word, and whether its meaning was picked by the customer's zone."""
    if word in AMBIGUOUS:
        rows = AMBIGUOUS[word]
        minutes = next(offset for prefix, offset in rows if (customer or "").startswith(prefix) or not prefix)
        return timezone(timedelta(minutes=minutes)), customer is None
    if word in OFFSETS:
        return timezone(timedelta(minutes=OFFSETS[word])), False
    zone = load(REGIONS.get(word) or city_zone(word))
    return (zone, False) if zone else None


def describe(zone: tzinfo) -> str:
    """A short name for people."""
    return str(zone.key) if isinstance(zone, ZoneInfo) else str(zone.tzname(datetime(2026, 1, 1, tzinfo=zone)))

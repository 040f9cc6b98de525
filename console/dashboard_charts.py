"""What the dashboard draws of the counted days: charts with their sentences and tables, and the figures of the whole range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from console import plots
from console.listing.filters import words
from console.plots import Plot, Series
from models.tables_lists import DayCounted
from models.words import MANDATORY, Channel
from tickets.day_figures import Figure, figures_since, percentile

Day = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot with its sentence, which says the same in words, and the table of its numbers."""

    title: str
    plot: Plot
    says: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What the counted days show."""

    counted: datetime | None
    charts: list[Chart]
    figures: dict[str, str]
    uncounted: int


class Kept:
    """What was last drawn of each range of days; drawn anew as soon as one of them was counted again."""

    def __init__(self) -> None:
        self._drawn: dict[int, tuple[tuple[object, ...], Past]] = {}

    def of(self, session: Session, labels: list[date]) -> Past:
        asked = sql_select(col(DayCounted.day), col(DayCounted.counted_at)).where(col(DayCounted.day) >= labels[0].isoformat())
        state = [(str(d), at) for d, at in session.connection().execute(asked.order_by(col(DayCounted.day)))]
        drawn = self._drawn.get(len(labels))
        key = (labels[0], *state)
        if drawn is None or drawn[0] != key:
            drawn = self._drawn[len(labels)] = (key, _past(figures_since(session, labels[0]), labels, state))
        return drawn[1]


def _past(by_day: Mapping[str, Day], labels: list[date], state: list[tuple[str, datetime]]) -> Past:
    uncounted = sum(1 for d in labels if d.isoformat() not in by_day)
    return Past(max((at for _, at in state), default=None), charts(labels, by_day), totals(by_day), uncounted)


def totals(by_day: Mapping[str, Day]) -> dict[str, str]:
    """The figures of the whole range in words."""
    whole: Counter[tuple[str, str]] = Counter()
    for day in by_day.values():
        whole.update(day)
    buckets = _buckets(whole)
    reports = whole[Figure.REPORTS, ""]
    return {
        "contacts": f"{sum(n for (name, _), n in whole.items() if name == Figure.CONTACTS):,}",
        "reports": f"{reports:,}",
        "untouched": f"{whole[Figure.UNTOUCHED, ''] / reports:.0%}" if reports else "none yet",
        "p50": seconds_words(percentile(buckets, 0.5)),
        "p95": seconds_words(percentile(buckets, 0.95)),
        "opened": f"{whole[Figure.OPENED, '']:,}",
        "resolved": f"{whole[Figure.RESOLVED, '']:,}",
    }


def charts(labels: list[date], by_day: Mapping[str, Day]) -> list[Chart]:
    names = [f"{d:%d %b}" for d in labels]
    days = [by_day.get(d.isoformat()) for d in labels]
    return [_volumes(names, days), _untouched(names, days), _missing(days), _answers(names, days), _flow(names, days)]


def _numbers(days: list[Day | None], name: str, part: str = "") -> tuple[float | None, ...]:
    return tuple(None if d is None else d.get((name, part), 0) for d in days)


def _volumes(names: list[str], days: list[Day | None]) -> Chart:
    series = [Series(c.value, f"c{n}", _numbers(days, Figure.CONTACTS, c.value)) for n, c in enumerate(Channel, 1)]
    sums = [int(sum(v or 0 for v in s.numbers)) for s in series]
    says = ", ".join(f"{n:,} by {s.name}" for n, s in zip(sums, series, strict=True))
    return _chart("Contacts by channel", plots.stacked(names, series, "by"), f"{says}.", names, series)


def _untouched(names: list[str], days: list[Day | None]) -> Chart:
    shares = tuple(_share(d, Figure.UNTOUCHED) for d in days)
    percent = tuple(None if v is None else 100 * v for v in shares)
    series = [Series("read without a touch, %", "c1", percent)]
    says = "Reports of persons in which nothing was missing, nothing waited to be confirmed and nobody corrected a value."
    return _chart("Read without a touch", plots.lines(names, series, top=100, unit=" %"), says, names, series)


def _share(day: Day | None, figure: Figure, part: str = "") -> float | None:
    reports = day.get((Figure.REPORTS, ""), 0) if day else 0
    return day.get((figure, part), 0) / reports if day and reports else None


def _missing(days: list[Day | None]) -> Chart:
    whole: Counter[tuple[str, str]] = Counter()
    for day in days:
        whole.update(day or {})
    reports = whole[Figure.REPORTS, ""]
    found = [(words(f.value), whole[Figure.MISSING, f.value]) for f in MANDATORY]
    rows = [(name, n / reports if reports else 0.0, f"{n:,} of {reports:,}") for name, n in found]
    says = "How often each field that a report must tell was not told, or could not be read, at first."
    return Chart(
        "Missing fields", plots.shares(rows, "c2"), says, ("Field", "Missing", "Share"),
        tuple((n, told, f"{s:.1%}") for n, s, told in rows),
    )  # fmt: skip


def _answers(names: list[str], days: list[Day | None]) -> Chart:
    buckets = [_buckets(d or {}) for d in days]
    series = [
        Series("median", "c1", tuple(percentile(b, 0.5) for b in buckets)),
        Series("95 %", "c2", tuple(percentile(b, 0.95) for b in buckets)),
    ]
    table = tuple(
        (n, seconds_words(series[0].numbers[i]), seconds_words(series[1].numbers[i]), f"{sum(buckets[i].values()):,}")
        for i, n in enumerate(names)
    )
    says = "From the acceptance of a contact to the sending of its first answer: half of them, and 95 of 100, within this time."
    return Chart("Answer times", plots.times(names, series), says, ("Day", "Median", "95 %", "Answers"), table)


def _flow(names: list[str], days: list[Day | None]) -> Chart:
    series = [Series("opened", "c1", _numbers(days, Figure.OPENED)), Series("resolved", "c3", _numbers(days, Figure.RESOLVED))]
    says = "The backlog grows on days on which more tickets are opened than resolved."
    return _chart("Tickets opened and resolved", plots.lines(names, series), says, names, series)


def _chart(title: str, plot: Plot, says: str, names: list[str], series: list[Series]) -> Chart:
    rows = tuple((n, *(_number(s.numbers[i]) for s in series)) for i, n in enumerate(names))
    return Chart(title, plot, says, ("Day", *(s.name for s in series)), rows)


def _number(value: float | None) -> str:
    return "not counted" if value is None else f"{value:,.0f}"


def _buckets(day: Day) -> dict[int, int]:
    return {int(part): n for (name, part), n in day.items() if name == Figure.ANSWER}


def seconds_words(seconds: float | None) -> str:
    """A time as a person says it."""
    if seconds is None:
        return "none yet"
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"

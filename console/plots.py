"""Plots as SVG: geometry worked out here, drawn by templates/console/_plots.html, coloured by classes of dashboard.css."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 10, 14, 34
_MOST_LABELS = 6
# So far from the edge a label's middle stays, that it is not cut.
_HALF_LABEL = 30
_ROW = 34


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers side by side, None where there is none; `css` names the colour, `name` the thing."""

    name: str
    css: str
    numbers: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    css: str
    title: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points, and the points that stand alone."""

    css: str
    paths: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn; `y_ticks` and `x_ticks` carry the axes' labels."""

    width: int
    height: int
    left: int
    bottom: float
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    boxes: tuple[Box, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    legend: tuple[Series, ...] = ()


def stacked(labels: Sequence[str], series: Sequence[Series], unit: str) -> Plot:
    """A bar for each label, its parts upon one another."""
    totals = [sum(s.numbers[n] or 0 for s in series) for n in range(len(labels))]
    steps = _steps(max([*totals, 1]))
    scale = _span() / steps[-1]
    slot = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    boxes = []
    for n, label in enumerate(labels):
        y, x = float(HEIGHT - _BOTTOM), round(_LEFT + (n + 0.1) * slot, 1)
        for s in series:
            number = s.numbers[n] or 0
            y -= number * scale
            if number:
                title = f"{label}: {number:,.0f} {unit} {s.name}"
                boxes.append(Box(x, round(y, 1), round(slot * 0.8, 1), round(number * scale, 1), s.css, title))
    ticks = tuple(Tick(HEIGHT - _BOTTOM - s * scale, f"{s:,.0f}") for s in steps)
    return _plot(labels, ticks, boxes=tuple(boxes), legend=tuple(series))


def lines(labels: Sequence[str], series: Sequence[Series], *, top: float | None = None, unit: str = "") -> Plot:
    """A line for each series; days without a number leave a gap."""
    highest = top or max([n for s in series for n in s.numbers if n is not None] or [1])
    steps = _steps(highest)
    scale = _span() / steps[-1]
    strokes = tuple(_stroke(s, len(labels), lambda v: HEIGHT - _BOTTOM - v * scale) for s in series)
    ticks = tuple(Tick(HEIGHT - _BOTTOM - s * scale, f"{s:,.0f}{unit}") for s in steps)
    return _plot(labels, ticks, strokes=strokes, legend=tuple(series))


# Seconds and their names on the axis of times, which is logarithmic.
_TIMES = (
    *((0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"), (21600, "6 h")),
    *((86400, "1 day"), (604800, "1 week")),
)


def times(labels: Sequence[str], series: Sequence[Series]) -> Plot:
    """Lines of seconds on a logarithmic axis."""
    numbers = [n for s in series for n in s.numbers if n is not None]
    low = max([t for t, _ in _TIMES if t <= min([*numbers, 1])] or [_TIMES[0][0]])
    high = min([t for t, _ in _TIMES if t >= max([*numbers, 10])] or [_TIMES[-1][0]])
    scale = _span() / math.log(high / low)

    def y(seconds: float) -> float:
        return HEIGHT - _BOTTOM - math.log(min(high, max(low, seconds)) / low) * scale

    ticks = tuple(Tick(y(t), name) for t, name in _TIMES if low <= t <= high)
    return _plot(labels, ticks, strokes=tuple(_stroke(s, len(labels), y) for s in series), legend=tuple(series))


def shares(rows: Sequence[tuple[str, float, str]], css: str) -> Plot:
    """Lying bars of 0 to 100 %, each with its name and words beside it."""
    left, width = 140, WIDTH - 140 - 190
    boxes = tuple(
        Box(left, n * _ROW + 6, round(width * max(0.0, min(1.0, share)), 1), _ROW - 12, css, f"{name}: {told}")
        for n, (name, share, told) in enumerate(rows)
    )
    names = tuple(Tick(n * _ROW + _ROW / 2 + 4, name) for n, (name, _, _) in enumerate(rows))
    told = tuple(Tick(n * _ROW + _ROW / 2 + 4, text) for n, (_, _, text) in enumerate(rows))
    return Plot(WIDTH, len(rows) * _ROW + 4, left, width, names, told, boxes)


def _plot(
    labels: Sequence[str],
    y_ticks: tuple[Tick, ...],
    *,
    boxes: tuple[Box, ...] = (),
    strokes: tuple[Stroke, ...] = (),
    legend: tuple[Series, ...],
) -> Plot:
    every = max(1, math.ceil(len(labels) / _MOST_LABELS))
    slot = (WIDTH - _LEFT - _RIGHT) / max(1, len(labels))
    # Counted from the end, so that the newest day has its label.
    shown = [n for n in range(len(labels)) if (len(labels) - 1 - n) % every == 0]
    x_ticks = tuple(Tick(round(min(_LEFT + (n + 0.5) * slot, WIDTH - _HALF_LABEL), 1), labels[n]) for n in shown)
    return Plot(WIDTH, HEIGHT, _LEFT, HEIGHT - _BOTTOM, y_ticks, x_ticks, boxes, strokes, legend)


def _stroke(series: Series, count: int, y: object) -> Stroke:
    assert callable(y)
    slot = (WIDTH - _LEFT - _RIGHT) / max(1, count)
    points = [None if v is None else (round(_LEFT + (n + 0.5) * slot, 1), round(y(v), 1)) for n, v in enumerate(series.numbers)]
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    paths = tuple(" ".join(f"{x},{y_}" for x, y_ in run) for run in runs if len(run) > 1)
    dots = tuple(run[0] for run in runs if len(run) == 1)
    return Stroke(series.css, paths, dots)


def _steps(highest: float) -> list[float]:
    """From 0 to at least the highest number in three to six round steps."""
    raw = max(highest, 1) / 4
    power = 10 ** math.floor(math.log10(raw))
    step = max(1.0, next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw))
    return [step * n for n in range(math.ceil(highest / step) + 1)] if highest > 0 else [0, step]


def _span() -> int:
    return HEIGHT - _TOP - _BOTTOM


__all__ = ["Plot", "Series", "lines", "shares", "stacked", "times"]

"""From scores to probabilities: isotonic regression (pool adjacent violators), shrunk towards the score itself.

A block of cases with n members, r of them right and mean score s gets the probability (r + K s) / (n + K): few cases leave the
score as it is, many decide for themselves. The fitted figures are in-sample; `crossed` says what they are worth elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.rule_file import Curve

# Weight of the score as prior, in cases.
PRIOR = 5.0
# Below so many cases the curve is called shrunk rather than isotonic.
FEW = 30
_EDGE = 0.005
_FOLDS = 5
_BINS = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One value that was read: its raw score, and whether it was right."""

    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """Brier score (mean squared error) and expected calibration error over ten bins, both better when smaller."""

    cases: int
    brier: float
    ece: float


@dataclass(slots=True)
class _Block:
    low: float
    high: float
    n: float
    right: float
    score: float

    @property
    def p(self) -> float:
        return (self.right + PRIOR * self.score / self.n) / (self.n + PRIOR)


def fit(cases: Sequence[Case]) -> Curve:
    """The curve of one field; without cases one that leaves scores as they are."""
    if not cases:
        return Curve()
    blocks: list[_Block] = []
    for case in sorted(cases, key=lambda c: c.score):
        if blocks and blocks[-1].high == case.score:
            last = blocks[-1]
            last.n, last.right, last.score = last.n + 1, last.right + case.right, last.score + case.score
        else:
            blocks.append(_Block(case.score, case.score, 1, float(case.right), case.score))
        while len(blocks) > 1 and blocks[-2].p >= blocks[-1].p:
            _pool(blocks)
    # Adding to a block moves its prior too, so that one pass may leave two blocks out of order.
    while (i := next((i for i, (a, b) in enumerate(pairwise(blocks)) if a.p >= b.p), None)) is not None:
        tail = blocks[i + 2 :]
        blocks = blocks[: i + 2]
        _pool(blocks)
        blocks += tail
    return Curve(method="isotonic" if len(cases) >= FEW else "shrunk", cases=len(cases), points=_points(blocks))


def _pool(blocks: list[_Block]) -> None:
    last = blocks.pop()
    before = blocks[-1]
    before.high, before.n = last.high, before.n + last.n
    before.right, before.score = before.right + last.right, before.score + last.score


def _points(blocks: Sequence[_Block]) -> tuple[tuple[float, float], ...]:
    """The corners of the curve; below the lowest case it falls to nothing, above the highest it stays."""
    out: list[tuple[float, float]] = [(0.0, 0.0)] if blocks[0].low > 0 else []
    for b in blocks:
        p = round(min(1 - _EDGE, max(_EDGE, b.p)), 4)
        for x in dict.fromkeys((b.low, b.high)):
            out.append((round(x, 4), p))
    return tuple(out)


def quality(curve: Curve, cases: Sequence[Case]) -> Quality:
    """How well the curve's probabilities fit what was right."""
    if not cases:
        return Quality(0, 0.0, 0.0)
    told = [(curve.at(c.score), c.right) for c in cases]
    brier = sum((p - right) ** 2 for p, right in told) / len(told)
    ece = 0.0
    for b in range(_BINS):
        inside = [(p, right) for p, right in told if b == min(_BINS - 1, int(p * _BINS))]
        if inside:
            ece += abs(sum(p for p, _ in inside) - sum(right for _, right in inside)) / len(told)
    return Quality(len(told), brier, ece)


def crossed(cases: Sequence[Case]) -> Quality:
    """The same for cases that the curve has not seen: five folds, each judged by the curve of the other four."""
    folds = [[c for i, c in enumerate(cases) if i % _FOLDS == k] for k in range(_FOLDS)]
    parts = [quality(fit([c for j, f in enumerate(folds) if j != k for c in f]), folds[k]) for k in range(_FOLDS) if folds[k]]
    total = sum(p.cases for p in parts)
    if not total:
        return Quality(0, 0.0, 0.0)
    return Quality(total, _mean(parts, "brier", total), _mean(parts, "ece", total))


def _mean(parts: Iterable[Quality], name: str, total: int) -> float:
    return sum(float(getattr(p, name)) * p.cases for p in parts) / total

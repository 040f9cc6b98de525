from __future__ import annotations

import random

import pytest

from parsers.calibration import Case, crossed, fit, quality
from parsers.rule_file import Curve


def drawn(count: int) -> list[Case]:
    """Values whose scores say more than they hold: right in score squared of the cases."""
    dice = random.Random(7)
    scores = [dice.choice((0.3, 0.5, 0.6, 0.8, 0.9)) for _ in range(count)]
    return [Case(s, dice.random() < s * s) for s in scores]


def test_the_curve_rises_and_comes_near_the_truth():
    curve = fit(drawn(4000))
    assert curve.method == "isotonic"
    values = [curve.at(x / 100) for x in range(101)]
    assert values == sorted(values)
    for score in (0.3, 0.5, 0.6, 0.8, 0.9):
        assert curve.at(score) == pytest.approx(score * score, abs=0.05)


def test_calibrated_beats_raw_on_cases_it_has_not_seen():
    cases = drawn(600)
    raw = quality(Curve(), cases)
    unseen = crossed(cases)
    assert unseen.cases == 600
    assert unseen.ece < raw.ece / 2
    assert unseen.brier < raw.brier


def test_few_cases_hardly_move_the_score():
    curve = fit([Case(0.6, True), Case(0.6, True)])
    assert curve.method == "shrunk"
    assert 0.6 < curve.at(0.6) < 0.75
    assert fit([Case(0.9, False)]).at(0.9) > 0.6


def test_nothing_is_ever_certain_and_nothing_is_lost():
    curve = fit([Case(1.0, True)] * 5000 + [Case(0.0, False)] * 5000)
    assert curve.at(1.0) < 1
    assert curve.at(0.0) > 0
    assert fit([]) == Curve()
    assert Curve().at(0.4) == 0.4

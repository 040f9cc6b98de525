"""A phone line with its carrier, and how the tests walk a call over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ivr.walk import Stop, Walk
from tests.calls.phone import (
    Phone,
)

WORDS = "The link to Hamburg is down since this morning, ping to 192.0.2.7 fails, light level is minus forty."


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    p = Phone(tmp_path)
    yield p
    p.close()


# One entry for each prompt of a complete report by keypad: what is heard, and what the caller does.
KEYPAD: tuple[tuple[str, dict[str, Any]], ...] = (
    ("To report a problem", {"keys": "1"}),
    ("digits of your service ID", {"keys": "104233#"}),
    ("Service S, V, C. 1, 0, 4. 2, 3, 3.", {"keys": "1"}),
    ("When did it start", {"keys": "3"}),
    ("hour and the minute", {"keys": "0915#"}),
    ("today at 9:15, UTC plus 2", {"keys": "1"}),
    ("If the service is down", {"keys": "1"}),
    ("circuit ID", {"keys": "#"}),
    ("comes and goes", {"keys": "2"}),
    ("After the tone", {"seconds": 21, "transcript": WORDS}),
    ("as a text message", {"keys": "1"}),
    ("To file this, press 1", {"keys": "1"}),
)


def heard(stop: Stop) -> str:
    return " ".join(stop.says)


def do(walk: Walk, what: dict[str, Any]) -> Stop:
    return walk.record(**what) if "seconds" in what else walk.answer(**what)


def walked(walk: Walk, steps: tuple[tuple[str, dict[str, Any]], ...]) -> Stop:
    stop = walk.start()
    for expected, what in steps:
        assert expected in heard(stop)
        stop = do(walk, what)
    return stop

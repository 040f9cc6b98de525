"""Bare answers of callers, forms and inline replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from parsers.times import parse_expression

RECEIVED = datetime(2026, 7, 30, 8, 0, tzinfo=UTC)  # A Thursday, 09:00 in London.

ROWS = [
    ("about an hour ago", "2026-07-30T07:00"), ("ten minutes ago no make that twenty", "2026-07-30T07:40"), ("half past eight", "2026-07-30T07:30"),
    ("half past nine last night", "2026-07-29T20:30"), ("yesterday evening quarter to six", "2026-07-29T16:45"), ("oh four thirty zulu", "2026-07-30T04:30"),
    ("since 8 this morning", "2026-07-30T07:00"), ("fourteen oh five", "2026-07-29T13:05"), ("0730", "2026-07-30T06:30"),
    ("three p m eastern", "2026-07-29T19:00"), ("the twenty eighth of july at ten forty one p m u t c", "2026-07-28T22:41"),
    ("half seven this morning", "2026-07-30T06:30"), ("this morning at seven thirty", "2026-07-30T06:30"), ("it started yesterday", "2026-07-29T11:00"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_answer_is_read(text: str, expected: str) -> None:
    found = parse_expression(text, received_at=RECEIVED, timezone="Europe/London")
    assert found is not None
    gap = datetime.fromisoformat(found.value.replace("Z", "+00:00")) - datetime.fromisoformat(expected + "+00:00")
    assert abs(gap.total_seconds()) < 90


@pytest.mark.parametrize("text", ["2575", "I don't know I only just came in", "", "DIA-118560", "yes", "\x00\ud800", "9" * 400])
def test_no_answer_is_none(text: str) -> None:
    assert parse_expression(text, received_at=RECEIVED, timezone="Nowhere/Else", header_offset=timedelta(hours=2)) is None

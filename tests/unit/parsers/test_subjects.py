"""Which of several services a value belongs to."""

from __future__ import annotations

import pytest

from models.words import Field

ONE, TWO = "LX-0040712", "LX-0040713"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (
            "LX-0040712 is down since 9:00, LX-0040713 is slow since 10:15.",
            {("impact", "service_affecting"): ONE, ("impact", "degradation"): TWO, ("start", "09:00"): ONE, ("start", "10:15"): TWO},
        ),
        (
            "LX-0040712 has been dead since 9:00. On LX-0040713 we see 20 % packet loss.",
            {("impact", "service_affecting"): ONE, ("impact", "degradation"): TWO, ("start", "09:00"): ONE},
        ),
        (
            "Service\tSince\tState\nLX-0040712\t09:00\tdown\nLX-0040713\t10:15\tslow\n",
            {("impact", "service_affecting"): ONE, ("impact", "degradation"): TWO},
        ),
        (
            "Service ID: LX-0040712\nImpact: service affecting\nStart: 09:00\n\nService ID: LX-0040713\nImpact: degradation\nStart: 10:15\n",
            {("impact", "service_affecting"): ONE, ("impact", "degradation"): TWO, ("start", "09:00"): ONE, ("start", "10:15"): TWO},
        ),
        ("LX-0040712 and LX-0040713 are both down since 9:00.", {("impact", "service_affecting"): None, ("start", "09:00"): None}),
        ("LX-0040712 is down since 9:00.", {("impact", "service_affecting"): None, ("start", "09:00"): None}),
    ],
)  # fmt: skip
def test_values_are_tied_to_their_service(read, text, want) -> None:
    got: dict[tuple[str, str], str | None] = {}
    for f in read(text).findings:
        if f.field is Field.IMPACT:
            got.setdefault(("impact", f.value), f.subject)
        elif f.field is Field.START_TIME:
            got.setdefault(("start", f.value[11:16]), f.subject)
    assert {k: got.get(k, "absent") for k in want} == want

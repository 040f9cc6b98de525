"""Shares of what gets lost, whatever the order of the words."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.impact.shares import Share, shares

WORDS = (
    *("we", "lose", "lost", "packets", "three", "out", "of", "ten", "half", "12", "percent", "per", "cent", "all", "every"),
    *("other", "not", "arrive", "never", "pings", "verlieren", "pakete", "von", "drei", "zwei", "die", "het", "helft"),
)


def some(words: list[str]) -> list[Share]:
    """Bounded: a share that ends where it begins would be found for ever."""
    return list(islice(shares(words, [1] * len(words)), 20))


def told(words: str) -> list[tuple[str, float]]:
    given = words.split()
    return [(" ".join(given[s.first : s.last]), round(s.lost, 2)) for s in some(given)]


@pytest.mark.parametrize(("words", "want"), [
    ("three out of ten packets get lost", [("three out of ten packets get lost", 0.3)]),
    ("every other ping never arrives", [("every other ping never arrives", 0.5)]),
    ("we lose packets three out of ten and more", [("three out of ten", 0.3)]),
    ("half of the people are at lunch", []),
    ("all packets arrive", []),
])  # fmt: skip
def test_a_share_and_its_words(words: str, want: list[tuple[str, float]]) -> None:
    assert told(words) == want


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=10))
def test_each_share_ends_behind_its_beginning_and_before_the_next(words: list[str]) -> None:
    end = 0
    for share in some(words):
        assert end <= share.first < share.last <= len(words)
        assert 0 < share.lost <= 1
        end = share.last

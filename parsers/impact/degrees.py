"""Words that make less of a hard state: "almost dead", "does not get above 2 Mbit"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from parsers.impact.quantities import NUMBERS

# All words are folded; each counts in its own language only: "fast" is English too.
_ALMOST: Mapping[str, frozenset[str]] = {
    "en": frozenset("almost nearly".split()),
    "de": frozenset("fast beinahe nahezu".split()),
    "nl": frozenset("bijna haast vrijwel nagenoeg".split()),
    "fr": frozenset("presque quasiment quasi".split()),
    "es": frozenset("casi".split()),
    "pt": frozenset("quase".split()),
    "it": frozenset("quasi pressoche".split()),
    "pl": frozenset("prawie niemal nieomal".split()),
    "ru": frozenset("почти".split()),
    "sr": frozenset("skoro gotovo maltene скоро готово малтене".split()),
    "tr": frozenset("neredeyse hemen".split()),
}
_OVER = frozenset(
    "above over beyond past exceed exceeds more than uber mehr als boven meer dan de do que oltre piu di i gli"
    " выше больше более preko iznad vise powyzej ponad wiecej niz ustune uzerine преко изнад више".split()
)
_UNITS = ("kb", "mb", "gb", "kilob", "meg", "gig", "kbit", "mbit", "gbit", "кб", "мб", "гб", "мег", "гиг", "percent", "prozent")
_REACH, _NEAR = 5, 2


def almost(words: Sequence[str], first: int, at: int, language: str) -> bool:
    """Whether the state at `at`, in a clause from `first` on, is told to be nearly so."""
    return not _ALMOST.get(language, frozenset()).isdisjoint(words[max(first, at - _NEAR) : at])


def limited(words: Sequence[str], at: int, last: int) -> bool:
    """ "It does not get above 2 Mbit": what is denied from `at` on is only that more passes than a figure."""
    return any(words[i] in _OVER and _is_rate(words[i + 1 : last]) for i in range(at, min(last, at + _REACH)))


def _is_rate(behind: Sequence[str]) -> bool:
    """Whether a figure with a unit of speed follows, with a word between at most ("2", "Mbit"; "as 2 Mbit"; "2mbit")."""
    for i, word in enumerate(behind[:_NEAR]):
        if word[0].isdigit() or word in NUMBERS:
            return word.lstrip("0123456789").startswith(_UNITS) or any(
                w.startswith(_UNITS) for w in behind[i + 1 : i + 1 + _NEAR]
            )
    return False

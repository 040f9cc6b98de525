"""Why a statement on the traffic does not count: where it stands, its mood, its tense, and whom or what it is about."""

from __future__ import annotations

from models.words import ZoneKind
from parsers.impact.lexicon import Mark
from parsers.impact.office import about_office
from parsers.impact.scan import REFUSED, Line

_ABOUT = frozenset({"maybe", "perhaps"})
_STATED = frozenset({"hard", "hard_event", "soft", "good_noun", "good_verb"})
_DONE = frozenset({"good_verb", "hard", "hard_event", "soft"})
_SPAN = frozenset("for fur voor pendant durante por per na на za за".split())
_AFTER = frozenset(
    "after since following nach seit na sinds apres depuis suite tras despues desde apos depois dopo dal dalla dalle"
    " po od после с со nakon posle након после".split()
)
_NEAR = 3
_AND, _SUBJECT = frozenset("and und en et y e i и ve".split()), 10


def reason_of(line: Line, mark: Mark) -> str:
    """Why a statement does not count, by zone, mood and tense."""
    if line.sentence.kind in REFUSED:
        return "quoted" if line.sentence.kind is ZoneKind.QUOTED else line.sentence.kind.value
    first, last = line.clause_of(mark)
    if line.sentence.question and mark.cls != "stated_sa" and len(line.sentence.words) < 25:
        return "hedged"
    if mark.cls in _DONE and _of_office(line, mark, first, last):
        return "about a paper"
    if mark.cls in _STATED and line.has("foreign", first, last) and not line.has("line_noun", first, last):
        return "about something else"
    before = [m for m in line.states if first <= m.first < mark.first and not line.aside(m, mark)]
    if any(m.cls == "third" for m in before):
        return "third party"
    if any(m.cls == "hedge" and not _estimate(line, m, mark) for m in before):
        return "hedged"
    if _planned(line) and not any(c.cls == "since" and not _for(line, c) for c in line.courses):
        return "planned"
    lasting = any(c.cls in {"since", "still", "const"} for c in line.courses)
    if not lasting and (line.has("past", first, mark.first + 1) or line.has("restored")):
        return "past"
    return ""


def _planned(line: Line) -> bool:
    """Whether works are told that are not over; "after the maintenance" they are."""
    words = [t.word for t in line.sentence.words]
    works = (m for m in line.states if m.cls == "planned")
    return any(_AFTER.isdisjoint(words[max(0, m.first - _NEAR) : m.first]) for m in works)


def _for(line: Line, course: Mark) -> bool:
    """ "We plan to shut it down for an hour": a span behind planned works is theirs."""
    planned = next((m for m in line.states if m.cls == "planned"), course)
    return planned.first < course.first and line.sentence.words[course.first].word in _SPAN


def _of_office(line: Line, mark: Mark, first: int, last: int) -> bool:
    """ "The attachment was too large and did not get through": what follows "and" has the same subject."""
    words = [t.word for t in line.sentence.words]
    if first and words[first - 1] in _AND and not any(m.cls == "good_noun" and first <= m.first < last for m in line.states):
        first = max(0, first - _SUBJECT)
    return about_office(words, first, last, mark.first, mark.cls)


def _estimate(line: Line, hedge: Mark, mark: Mark) -> bool:
    """ "Maybe a tenth of the bandwidth" guesses a figure, not the fault."""
    return hedge.last == mark.first and line.sentence.words[hedge.first].word in _ABOUT and mark.cls == "soft"

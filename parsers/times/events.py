"""Times of events that a fault began with: "since your card swap at 23:30", "from the minute we opened (9 am)"."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.times import marks
from parsers.times.atoms import Atom

_REACH, _EVENT, _NEAR = 11, 9, 3
_NO_EVENT = frozenset({"failed", "began", "good", "not", "junk", "clock", "date"})
_HAPPENS = frozenset({None, "planned work", marks.HOURS})
# "Since your card swap": a word for since, then whose, then what happened, then when.
_OWNERS = frozenset(
    "we i wir ich ik the a an your our this that der die das dem den deinem ihrer ihrem ihren eurer eurem unserer unserem"
    " einem einer de het een jullie uw onze le la les l' un une votre vos notre nos cette cet el los las su sus vuestra vuestro"
    " nuestra nuestro esta este o os as um uma vossa vosso nossa nosso il lo gli i una vostra vostro nostra nostro"
    " questa vase vaseg nase naseg te tog waszej waszego panstwa naszej naszego tej tego вашей вашего нашей нашего"
    " этой этого ваше вашег наше нашег".split()
)
_MOMENTS = frozenset("minute moment second instant augenblick minuut momento momentu trenutka momenta момента минуты".split())
_ELIDED = ("l'", "dell'", "d'", "un'", "quell'")
# These say where from as often as since when.
_FROM = marks.SPAN_WORDS - {"desde", "od", "с", "со"}


def since_event(atoms: Sequence[Atom], before: Sequence[int]) -> int | None:
    """The index of the word for since, where an event stands between it and the time; `before` is nearest first."""
    told = False
    for place, k in enumerate(before[:_REACH]):
        atom = atoms[k]
        if "since" in atom.tags and place:
            first = atoms[before[place - 1]].text
            named = first in _OWNERS or atom.text.rpartition(" ")[2] in _OWNERS or first.startswith(_ELIDED)
            named = named and atom.text not in _FROM
            said = not _MOMENTS.isdisjoint(atom.text.split()) or (named and place <= _EVENT and not told)
            return k if said and not any("good" in a.tags for a in atoms[max(0, k - _NEAR) : k]) else None
        if atom.tags.keys() & _NO_EVENT or atom.text == ",":
            return None
        told = told or atom.tags.get("other") not in _HAPPENS
    return None


def of_nothing(atoms: list[Atom], k: int) -> bool:
    """ "Today nothing is broken" tells no fault."""
    return any(a.text in marks.NOTHING for a in atoms[max(0, k - 3) : k])

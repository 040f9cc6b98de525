"""What each state word of a sentence says about the customer's traffic, with the reason if it does not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.reading import Span
from models.words import Impact, ZoneKind
from parsers.impact.lexicon import Mark
from parsers.impact.limits import capped, nearly
from parsers.impact.moods import reason_of
from parsers.impact.negation import NEGATIONS, POST_REACH, STATES, negator
from parsers.impact.scan import Line
from parsers.impact.shares import shares

SA, DG, NSA = Impact.SERVICE_AFFECTING, Impact.DEGRADATION, Impact.NON_SERVICE_AFFECTING
_BACKUP = frozenset({"backup"})
_SECOND_PATH = frozenset({"backup", "carry"})
# "Nijedan paket ne prolazi": two words for no make one.
_DOUBLED, _OWN_NOT = frozenset({"sr", "pl", "ru"}), frozenset("ne nije nema nie не нет nisu неће није нема".split())
_TOLD = frozenset({"hard", "hard_event", "soft", "good_noun", "good_verb"})
_ZERO = frozenset({"0", "zero", "nil", "none", "null"})
_ALL = 0.995
_TROUBLE = frozenset({"hard", "hard_event", "soft", "stated_dg", "stated_sa"})
_NO_ONE = frozenset(
    "no none nobody kein keine keiner niemand geen niemand aucun aucune personne ningun ninguna nadie nenhum nenhuma"
    " ninguem nessun nessuna nessuno nijedan nijedna niko zaden zadna nikt никто ниодин hicbir kimse".split()
)
# What all goes over the line, and those who live by it.
_TRAFFIC = (
    *("traffic", "verkehr", "verkeer", "trafic", "traffico", "trafego", "ruch", "трафик", "saobracaj"),
    *("саобраћај", "саобраћа", "trafik", "production", "produktion", "productie", "produccion", "producao", "produzione"),
    *("produkcj", "производств", "proizvodnj", "uretim", "betrieb", "operation", "exploitation", "esercizio"),
)
_SERVICE_WORDS = frozenset({"it", "this", "we", "us", "nobody", "nothing", "that", "yet"})


class Tier(StrEnum):
    LABEL = "label"
    STATED = "stated"
    SCOPE = "scope"
    STATE = "state"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `reason` says why it does not count ("" counts), `about` is the first ID-like word of its sentence,
    `share` is how much is lost, 0 to 1, where the statement tells it."""

    value: Impact
    tier: Tier
    rule: str
    span: Span
    kind: ZoneKind
    reason: str = ""
    backup: bool = False
    also: bool = False
    alive: bool = False
    present: bool = False
    sentence: int = -1
    about: str = ""
    share: float = -1.0


def _contracted(line: Line) -> Line:
    """ "doesn't" and the like count as negations."""
    extra = [
        Mark(i, i + 1, "neg", "en", "neg.en")
        for i, t in enumerate(line.sentence.words)
        if t.word.endswith("n't") and not any(m.first <= i < m.last for m in line.states)
    ]
    return line if not extra else Line(line.sentence, tuple(sorted((*line.states, *extra))), line.courses)


def _value(line: Line, mark: Mark, negated: bool) -> tuple[Impact, Tier, str] | None:
    """Class, tier and rule of a mark, or None if it says nothing."""
    match mark.cls, negated:
        case ("stated_sa", False) | ("stated_dg", False) | ("stated_nsa", _):
            value = {"stated_sa": SA, "stated_dg": DG}.get(mark.cls, NSA)
            return value, Tier.STATED, f"impact.stated.{value.value}"
        case "stated_sa", True:
            return NSA, Tier.STATED, "impact.stated.negated"
        case ("hard" | "hard_event", False):
            return SA, Tier.STATE, "impact.state.down"
        case "soft", False:
            return DG, Tier.STATE, "impact.state.poor"
        case ("good_noun", True):
            return SA, Tier.STATE, "impact.state.missing"
        case ("good_verb", True):
            return _broken(line, mark)
        case "exceed", True:
            return (DG, Tier.STATE, "impact.state.capped") if capped(line, mark) else None
        case "affect", True:
            strong = line.has("user", *line.clause_of(mark)) or _plain_subject(line, mark) or _nobody(line, mark)
            return NSA, Tier.SCOPE if strong else Tier.NUMBER, "impact.scope.unaffected"
        case (("carry" | "unaffected"), False):
            return NSA, Tier.SCOPE, f"impact.scope.{mark.cls}"
        case "unaffected", True:
            return None
    return None


def _nobody(line: Line, mark: Mark) -> bool:
    """ "No ward noticed": whoever they are, there is none of them."""
    near = line.sentence.words[max(0, mark.first - 3) : max(0, mark.first - 1)]
    return any(t.word in _NO_ONE for t in near)


def _plain_subject(line: Line, mark: Mark) -> bool:
    first, _ = line.clause_of(mark)
    before = [t.word for t in line.sentence.words[first : mark.first]]
    noun = line.sentence.words[mark.first].word
    return noun.startswith(("impact", "influence", "auswirk", "consequence")) or any(
        w in _SERVICE_WORDS or w.startswith(_TRAFFIC) for w in before
    )


def _broken(line: Line, mark: Mark) -> tuple[Impact, Tier, str]:
    """ "does not work" is down, "does not work properly" and "does not get above 2" are poor."""
    _, last = line.clause_of(mark)
    if capped(line, mark):
        return DG, Tier.STATE, "impact.state.capped"
    if line.has("poorly", mark.first, last):
        return DG, Tier.STATE, "impact.state.poorly"
    return SA, Tier.STATE, "impact.state.broken"


def _flaps(line: Line) -> bool:
    return any(c.cls == "int" for c in line.courses)


def statements(line: Line) -> Iterator[Statement]:
    """All that one sentence says, in order."""
    line = _contracted(line)
    told = list(_shares(line))
    yield from told
    if not line.states:
        return
    alive = line.has("alive")
    for mark in line.states:
        if any(s.span[0] <= line.span(mark)[0] < s.span[1] for s in told) and mark.cls in _TOLD:
            continue
        neg = negator(line, mark) if mark.cls in STATES or mark.cls in {"carry", "backup"} else None
        if mark.lang in _DOUBLED and line.sentence.words[mark.first].word in _OWN_NOT:
            neg = None
        if mark.cls in {"hard", "soft", "stated_dg"} and (neg is not None or _nought(line, mark)):
            value = DG if mark.cls != "hard" else SA
            yield Statement(value, Tier.STATE, "impact.negated", line.span(mark), line.sentence.kind, "negated", alive=alive)
            continue
        if mark.cls == "alive":
            yield _alive(line, mark)
            continue
        if mark.cls == "future":
            yield Statement(SA, Tier.STATE, "impact.planned", line.span(mark), line.sentence.kind, "planned")
            continue
        if mark.cls == "carry" and neg is None and _denied(line, mark):
            continue
        found = _value(line, mark, neg is not None)
        if found is None:
            continue
        yield _statement(line, mark, neg, found, alive)
    yield from _alarm_only(line)


def _nought(line: Line, mark: Mark) -> bool:
    """ "Packet loss 0 %", "loss: 0.0": named, and there is none."""
    behind = line.sentence.words[mark.last : mark.last + 2]
    if not behind or behind[0].word not in _ZERO:
        return False
    fraction = len(behind) > 1 and behind[1].start == behind[0].end + 1 and behind[1].word.isdigit()
    return not fraction or not behind[1].word.strip("0")


def _shares(line: Line) -> Iterator[Statement]:
    """ "Three of ten packets get lost": the figure tells the class, the words around it count no more."""
    words = [t.word for t in line.sentence.words]
    for share in shares(words, line.sentence.clause):
        if share.lost <= 0:
            continue
        mark = Mark(share.first, share.last, "share", "", "impact.share")
        value = SA if share.lost >= _ALL else DG
        reason = reason_of(line, mark) or ("comes and goes" if value is SA and _flaps(line) else "")
        yield Statement(
            value,
            Tier.STATE,
            "impact.number.share",
            line.span(mark),
            line.sentence.kind,
            reason,
            present=True,
            share=share.lost,
        )


def _denied(line: Line, mark: Mark) -> bool:
    """ "На резерв переключиться не можем": a negation right behind the words for the other path."""
    reach = POST_REACH if mark.lang != "en" else 1
    _, last = line.clause_of(mark)
    near = [m for m in line.states if m.cls in NEGATIONS and mark.last <= m.first < min(last, mark.last + reach)]
    # "... y aquí ni se nota": a negation that has a word of its own behind it denies that one.
    clause = line.sentence.clause
    own = {
        m.last
        for m in near
        for x in line.states
        if x.cls in STATES
        and mark.last < m.first < m.last <= x.first < m.last + POST_REACH
        and clause[x.first] == clause[m.first]
    }
    return any(m.last not in own for m in near)


def _alarm_only(line: Line) -> Iterator[Statement]:
    """An alarm, a lamp or counters while everything works."""
    works = next((m for m in line.states if m.cls == "alive"), None)
    if works is None or not line.has("weak") or any(m.cls in _TROUBLE for m in line.states):
        return
    reason = reason_of(line, works)
    yield Statement(NSA, Tier.SCOPE, "impact.scope.alarm_only", line.span(works), line.sentence.kind, reason, alive=True)


def _alive(line: Line, mark: Mark) -> Statement:
    """ "Still works": no class by itself, but it bounds the others."""
    return Statement(NSA, Tier.NUMBER, "impact.alive", line.span(mark), line.sentence.kind, reason_of(line, mark), alive=True)


def _of_some(line: Line, mark: Mark, first: int) -> bool:
    """ "Some users are cut off", "a few destinations are unreachable"."""
    return any(
        (m.cls == "partial" and first <= m.first < mark.first) or (m.cls == "half" and m.last == mark.first)
        for m in line.states
    )


def _statement(line: Line, mark: Mark, neg: Mark | None, found: tuple[Impact, Tier, str], alive: bool) -> Statement:
    value, tier, rule = found
    first, last = line.clause_of(mark)
    if tier is Tier.STATE and value is SA and _of_some(line, mark, first):
        value, rule = DG, "impact.state.partial"
    elif tier is Tier.STATE and value is SA and any(m.cls == "half" and not first <= m.first < last for m in line.states):
        value, rule = DG, "impact.state.half"
    elif tier is Tier.STATE and value is SA and nearly(line, mark, neg):
        value, rule = DG, "impact.state.nearly"
    reason = reason_of(line, mark)
    people = mark.cls == "good_verb" and any(m.cls == "user" and first <= m.first < last for m in line.states)
    if not reason and tier is Tier.STATE and value is SA and _flaps(line) and not people:
        reason = "comes and goes"
    start, end = line.span(mark)
    if neg is not None:
        start, end = min(start, line.span(neg)[0]), max(end, line.span(neg)[1])
    second = _SECOND_PATH if value is DG else _BACKUP
    backup = tier is Tier.STATE and any(m.cls in second and first <= m.first < last for m in line.states)
    return Statement(
        value,
        tier,
        rule,
        (start, end),
        line.sentence.kind,
        reason,
        backup,
        line.has("also", first, last),
        alive,
        mark.cls != "hard_event",
        line.sentence.start,
    )

"""Whether the fault comes and goes or stays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models.reading import Finding, Span, Step
from models.words import Field, FindingStatus, Pattern, ZoneKind
from parsers.impact.labels import Label
from parsers.impact.lexicon import Mark
from parsers.impact.negation import negator
from parsers.impact.quantities import NUMBERS
from parsers.impact.scan import REFUSED, Line, Scan
from parsers.impact.states import SA, Statement

# A form that begins with one of these says no itself; a second one before it ("nijedan link se ne diže") takes nothing back.
_OWN_NOT = frozenset(
    "ne nije nie not no never nicht niet pas non nao sin sem hic ningun ninguna nenhum nenhuma nessun nessuna aucun aucune"
    " keinem keiner geen nijednom zadnym hicbir".split()
)
_NEG_REACH = 4
_CLOCK = re.compile(
    r"\b(?:[01]?\d|2[0-3])[:.hu][0-5]\d\b(?![.\d])"
    r"|\b[0-2]\d[0-5]\d ?(?:z|utc|gmt|bst|local|hrs?|[cemp][sd]?t|[cew]es?t|ist)\b|\b\d{1,2} ?(?:[ap]m|uhr|uur|heures?|h)\b"
    r"|\b(?:verso le|vers|alle|a las|às|as|gegen|um|om|rond|o|około|oko|в|у|около|око|at|saat) \d{1,2}\b"
    r"|\b(?:this morning|last night|overnight|heute (?:früh|morgen|nacht)|vannacht|vanochtend|vanmorgen|ce matin"
    r"|cette nuit|hier soir|esta mañana|anoche"
    r"|esta noche|esta manhã|hoje de manhã|esta noite|stanotte|stamattina|ieri sera|jutros|noćas|sinoć|јутрос|ноћас|синоћ"
    r"|dziś rano|w nocy|сегодня утром"
    r"|ночью|утром|bu sabah|dün gece)\b",
    re.I,
)
# "From 01:19 to 06:47" is over.
_ENDED = re.compile(
    r"\b\d?\d[:.h][0-5]\d\s?(?:[ap]m)?\s?(?:\w{2,4}\s)?(?:-|–|to|till?|until|bis|tot|à|jusqu\S+|hasta|a|até|alle|do|до)"
    r"\s?(?:las |as |les )?\d?\d[:.h][0-5]\d\b",
    re.I,
)
# "Turned off and on twice" is what the writer did, "every hour costs us money" a manner of speaking, "still no news" about us.
_SWITCHED = frozenset(
    "turned turning turn switched switch powered power cycled rebooted plugged unplugged taken restarted restart"
    " restarting rebooting plugging cycling switching".split()
)
# "Has stopped bouncing".
_CEASED = frozenset(
    "stopped ceased quit aufgehort gestopt arrete dejado parado deixou smesso przestal перестал престао".split()
)
_NO_ONE = frozenset("ningun ninguna nessun nessuna aucun aucune nenhum nenhuma nijednom nijedan zadnej zadnym hicbir".split())
# "After bouncing our side".
_HANDLED, _OURS = ("bounc", "flapp", "cycl", "reset"), (["our"], ["my"], ["the"], ["it"], ["both"])
_COUNTERS = frozenset({"flaps", "flap", "resets", "drops", "retrains", "bounces"})
_COSTS = frozenset(
    "costs cost counts matters kostet zahlt kost telt coute compte cuesta cuenta custa conta costa kosta steje"
    " kosztuje liczy news reply answer word update nouvelle nouvelles reponse antwort nachricht ruckmeldung respuesta"
    " noticias resposta risposta notizie odgovora odgovor odpowiedzi стоит ответа новостей mal".split()
)
# "Share the update every 30 minutes" is what the writer asks for.
_EACH = ("every", "each", "jed", "all", "tou", "toda", "cada", "ogni", "elk", "svak", "co", "кажд", "сваки", "her")
_ASKED_FOR = tuple(
    "updat informe inform infos report notif share ring call messag keep statu ruckmeld meld bescheid bericht tenez tenir"
    " nouvel avis actualiza aggiorna atualiza aktualiz obavest obaves javlja сообща информир обновл обавешт јавља bilgi guncel"
    " terugkoppel".split()
)
# "It stays there for some minutes and then it is 9 again".
_WHILE = re.compile(
    r"^(?:\S+ ){0,3}(?:s|sec|secs|seconds?|min|mins|minutes?|moments?|sekunden?|minuten?|seconden|secondes?|segundos?|minutos?"
    r"|secondi|minuti|sekund\w*|minut\w*|секунд\w*|минут\w*|saniye|dakika) (?:\S+ )?(?:then|dann|danach|dan|daarna|puis|ensuite"
    r"|luego|despues|depois|poi|onda|zatim|potem|потом|затем|онда|sonra)\b"
)
_WHILE_REACH = 8
_HARD_RULES = frozenset({"impact.state.down", "impact.state.missing", "impact.state.broken"})


@dataclass(frozen=True, slots=True)
class Course:
    """One statement on the course of the fault."""

    value: Pattern
    rule: str
    span: Span
    score: float
    cause: str
    reason: str = ""


def _negated(line: Line, mark: Mark) -> bool:
    first = max(line.clause_of(mark)[0], mark.first - _NEG_REACH)
    words = line.sentence.words
    if any(t.word in _OWN_NOT or t.word in _NO_ONE for t in words[mark.first : mark.last]):
        return False
    if any(w.word in _CEASED for w in words[max(first, mark.first - 2) : mark.first]):
        return True
    if any(words[i].word.endswith("n't") for i in range(first, mark.first)):
        return True
    return any(m.cls == "neg" and first <= m.first < mark.first and m.last <= mark.first for m in line.states)


def _reason(line: Line, mark: Mark) -> str:
    if line.sentence.kind in REFUSED:
        return "quoted"
    first, last = line.clause_of(mark)
    words = [t.word for t in line.sentence.words]
    if mark.cls == "int" and not _SWITCHED.isdisjoint(words[max(first, mark.first - 8) : mark.first]):
        return "what the writer did"
    if mark.cls == "int" and words[mark.first].startswith(_EACH) and _is_asked(words[max(first, mark.first - 5) : mark.first]):
        return "what the writer asks for"
    if mark.cls == "int" and words[mark.first].startswith(_HANDLED) and words[mark.last : mark.last + 1] in _OURS:
        return "what the writer did"
    if mark.cls == "int" and _is_counter(line, mark):
        return "a counter"
    if not _COSTS.isdisjoint(words[mark.last : min(last, mark.last + 5)]):
        return "a manner of speaking"
    hedges = [m for m in line.states if m.cls == "hedge" and first <= m.first < mark.first and not line.aside(m, mark)]
    if any(not _counted(words[m.last : mark.first]) for m in hedges):
        return "hedged"
    if mark.cls == "const" and _WHILE.search(" ".join(words[mark.last : mark.last + _WHILE_REACH])):
        return "for a while only"
    if line.has("planned") and not any(c.cls == "since" for c in line.courses):
        return "planned"
    return ""


def _is_counter(line: Line, mark: Mark) -> bool:
    """ "flaps: 27" is what a router counts since it was started."""
    words, at = line.sentence.words, mark.last
    return mark.last - mark.first == 1 and words[mark.first].word in _COUNTERS and at < len(words) and words[at].word.isdigit()


def _counted(between: Sequence[str]) -> bool:
    """ "Maybe ten times a day" guesses how often, not whether."""
    return bool(between) and all(w.isdigit() or w in NUMBERS or w == "or" for w in between)


def _is_asked(before: Sequence[str]) -> bool:
    return any(w.startswith(_ASKED_FOR) for w in before)


def _well(line: Line, mark: Mark) -> bool:
    """ "It has been perfect ever since" tells of a lasting good state."""
    first, last = line.clause_of(mark)
    return any(m.cls == "well" and first <= m.first < last and negator(line, m) is None for m in line.states)


def said(line: Line) -> list[Course]:
    """What a sentence says outright."""
    out = []
    for mark in line.courses:
        if mark.cls not in {"int", "const"}:
            continue
        negated = _negated(line, mark)
        value = Pattern.INTERMITTENT if (mark.cls == "int") is not negated else Pattern.CONSTANT
        reason = _reason(line, mark)
        if negated and mark.cls == "const":
            reason = reason or "negated"
        if mark.cls == "const" and _well(line, mark):
            reason = reason or "it is well since then"
        score = 0.8 if line.sentence.kind is not ZoneKind.SUBJECT else 0.7
        out.append(Course(value, f"pattern.{mark.cls}", line.span(mark), score, "said so", reason))
    return out


def lasting(line: Line, rows: Sequence[Statement]) -> list[Course]:
    """A hard state of this sentence that began and still lasts."""
    hard = [s for s in rows if s.value is SA and not s.reason and s.rule in _HARD_RULES and s.present]
    marks = [c for c in line.courses if c.cls in {"since", "still"} and not _well(line, c)]
    if not hard or not marks or line.has("restored") or any(c.cls == "const" and _well(line, c) for c in line.courses):
        return []
    return [Course(Pattern.CONSTANT, "pattern.lasting", hard[0].span, 0.65, "a hard state that lasts")]


def apart(text: str, scan: Scan, rows: Sequence[Statement]) -> list[Course]:
    """A present hard state in one sentence, its start in another."""
    live = [line for line in scan.lines if line.sentence.kind not in REFUSED]
    if any(c.cls == "const" and _well(line, c) for line in live for c in line.courses):
        return []
    begun = any(c.cls == "since" for line in live for c in line.courses) or _CLOCK.search(text)
    if not begun or _ENDED.search(text) or any(line.has("restored") for line in live):
        return []
    hard = [s for s in rows if s.value is SA and not s.reason and s.present and s.rule in _HARD_RULES][:1]
    return [Course(Pattern.CONSTANT, "pattern.lasting", s.span, 0.55, "a hard state with a start and no end") for s in hard]


def labelled(label: Label, value: Pattern | None) -> list[Course]:
    return [Course(value, "pattern.label", label.span, 0.9, "labelled")] if value else []


def decide(courses: Sequence[Course]) -> Course | None:
    """Labels, then what is said, then what follows; "comes and goes" beats a constant that merely follows."""
    live = [c for c in courses if not c.reason]
    votes = Counter((c.score, c.value) for c in live)
    return max(live, key=lambda c: (c.score, votes[c.score, c.value], c.value is Pattern.INTERMITTENT)) if live else None


def findings(text: str, courses: Sequence[Course], version: str) -> list[Finding]:
    """The decision first, then the other candidates."""
    best = decide(courses)
    out = []
    for c in sorted(courses, key=lambda c: c is not best):
        status = FindingStatus.REFUSED if c.reason else FindingStatus.OPEN
        detail = c.reason or "another statement weighs more"
        steps = [Step(c.cause, c.score if not c.reason else 0.1)]
        if c is best:
            status, detail = FindingStatus.FILLED, c.cause
            if any(not o.reason and o.value is not c.value and o.score == c.score for o in courses):
                steps.append(Step("the text also says the opposite", -0.1))
        score = sum(s.delta for s in steps)
        raw = text[c.span[0] : c.span[1]]
        out.append(
            Finding(
                Field.FAULT_PATTERN,
                c.value.value,
                raw,
                (c.span,),
                c.rule,
                version,
                round(score, 3),
                tuple(steps),
                status,
                detail=detail,
            )
        )
    return out

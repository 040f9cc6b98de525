"""Collects neighbouring parts into one expression, across commas, prepositions and a line break."""

from __future__ import annotations

from dataclasses import replace

from parsers.times.atoms import Atom
from parsers.times.expr import STRETCH, Expr
from parsers.times.grammar import Grammar
from parsers.times.lexicon import LASTING_UNITS, NARROW

_JOINERS = frozenset([",", "(", ")", "-", ".", ":", "|", "/", "[", "]", "\n", "@", "'", "~", "*", "=", "+", '"'])
_STARTERS = frozenset("num clock date weakdate month day weekday part partday qty just epoch half pre unit".split())
_DAYS = frozenset(["day", "weekday", "part", "partday"])
_SKIPPED = frozenset(["fill", "approx", "hourpre", "at"])
_BEFORE = frozenset("before vor voor avant antes prima pre пре przed до раньше незадолго".split())
_AFTER = frozenset("after nach na apres despues depois dopo posle после po позже вскоре".split())
_RANGE = frozenset("to until till - bis and und a y et e i и do до tot en al ate alle hasta jusqu'a fino and".split())


def expressions(atoms: list[Atom], *, bare: bool = False) -> list[Expr]:
    """The time expressions of the atoms, in order."""
    grammar = Grammar(atoms, bare=bare)
    found: list[Expr] = []
    i = 0
    while i < len(atoms):
        expr = None if _STARTERS.isdisjoint(atoms[i].tags) else _grow(grammar, i)
        if expr is None:
            i += 1
            continue
        found.append(expr)
        i = max(expr.j, i + 1)
    return found


def _grow(grammar: Grammar, i: int) -> Expr | None:
    expr = _take(grammar, Expr(i, i, approx=_approx_before(grammar, i), lean=_lean(grammar, i)), i)
    while expr is not None:
        k = _next(grammar, expr.j)
        longer = _take(grammar, expr, k) if k is not None else None
        if longer is None:
            break
        expr = longer
    if expr is None or expr.empty:
        return None
    return _ends(grammar, expr)


def _approx_before(grammar: Grammar, i: int) -> bool:
    return any(
        grammar.tag(k, "approx")
        for k in (i - 1, i - 2)
        if not (k == i - 2 and grammar.text(i - 1).isalpha() and not grammar.tag(i - 1, "fill"))
    )


def _lean(grammar: Grammar, i: int) -> int:
    """ "Shortly before five", "kurz nach neun"."""
    words = {w for k in (i - 1, i - 2) if grammar.tag(k, "approx") for w in grammar.text(k).split()}
    return -1 if words & _BEFORE else 1 if words & _AFTER else 0


def _next(grammar: Grammar, k: int) -> int | None:
    """The next atom that may carry on, past joining words and punctuation."""
    for n in range(k, min(k + 6, len(grammar.atoms))):
        atom = grammar.atoms[n]
        if "break" in atom.tags:
            return None
        if _carries_on(grammar, n, adjacent=n == k):
            return n
        if not (atom.text in _JOINERS or not _SKIPPED.isdisjoint(atom.tags)):
            return None
        if atom.text == "." and not _abbreviated(grammar, n - 1):
            return None
    return None


def _carries_on(grammar: Grammar, n: int, *, adjacent: bool) -> bool:
    tags = grammar.atoms[n].tags
    if not _DAYS.isdisjoint(tags):
        return True
    if not _STARTERS.isdisjoint(tags) and (grammar.clock(n) or grammar.date(n)):
        return True
    return grammar.zone(n, after_clock=adjacent) is not None


def _abbreviated(grammar: Grammar, n: int) -> bool:
    return (
        grammar.text(n) in ("ca", "c", "m", "godz", "hr", "kl", "approx", "uhr")
        or grammar.tag(n, "month")
        or grammar.tag(n, "date")
    )


def _take(grammar: Grammar, expr: Expr, i: int) -> Expr | None:
    """The expression with the part at atom `i` added, or None when it does not fit."""
    tags = grammar.atoms[i].tags
    approx = expr.approx or any(grammar.tag(k, "approx") for k in range(expr.j, i))
    base = expr if approx == expr.approx else replace(expr, approx=approx)
    for taken in (_take_age(grammar, base, i), _take_date(grammar, base, i), _take_clock(grammar, base, i)):
        if taken:
            return taken
    epoch = tags.get("epoch")
    if isinstance(epoch, int) and expr.empty:
        return replace(base, j=i + 1, epoch=epoch)
    return _take_day(grammar, base, i) or _take_zone(grammar, base, i)


def _take_age(grammar: Grammar, expr: Expr, i: int) -> Expr | None:
    if not expr.empty:
        return None
    if grammar.tag(i, "just"):
        return replace(expr, j=i + 1, age=(0, 600), lasting="ago")
    found = grammar.age(i)
    if not found:
        return None
    if "clock" in grammar.atoms[i].tags and grammar.tag(i - 1, "since") and not grammar.tag(i + 1, "ago"):
        return None
    age, k = found
    if grammar.tag(k, "plus") and grammar.tag(i - 1, "since") and grammar.clock(i):
        return None
    if grammar.tag(k - 1, "oclock") and (grammar.tag(k, "partday") or grammar.tag(k, "part")) and k - i >= 2:
        return None
    before = i - 1
    while grammar.tag(before, "approx") or grammar.text(before) in (
        "the",
        "a",
        "least",
        "at",
        "over",
        "almost",
        "well",
        "de",
        "den",
        "unos",
        "unas",
        "uns",
        "umas",
    ):
        before -= 1
    lasting = _lasting(grammar, before, k)
    if not lasting:
        return None
    while grammar.tag(k, "ago") or grammar.tag(k, "approx"):
        k += 1
    return replace(expr, j=k, age=age, lasting=lasting, approx=expr.approx or before < i - 1)


def _lasting(grammar: Grammar, before: int, k: int) -> str:
    after = k + 1 if grammar.tag(k, "approx") else k
    if grammar.tag(after, "ago") and not (grammar.tag(after, "oclock")):
        return "ago"
    if grammar.tag(before, "agopre"):
        return "ago"
    if grammar.tag(before, "lasting") or grammar.text(k - 1) in LASTING_UNITS or grammar.text(before) in STRETCH:
        return "lasting"
    if (grammar.tag(after, "now") and not grammar.tag(before, "over")) or grammar.tag(after, "sinceafter"):
        return "lasting"
    if grammar.tag(before, "failed") and grammar.tag(before - 1, "perfect"):
        return "lasting"
    return "weak" if grammar.tag(before, "lastweak") else ""


def _take_date(grammar: Grammar, expr: Expr, i: int) -> Expr | None:
    found = grammar.date(i) if expr.date is None else None
    if not found:
        return None
    date, k, weak = found
    if grammar.tag(i, "clock") and grammar.tag(i, "date") is False:
        return None
    return replace(expr, j=k, date=date, weakdate=weak)


def _take_clock(grammar: Grammar, expr: Expr, i: int) -> Expr | None:
    found = grammar.clock(i) if expr.clock is None and expr.age is None else None
    if not found:
        return None
    clock, k = found
    zone = clock.zone or expr.zone
    return replace(
        expr,
        j=k,
        clock=clock,
        zone=zone,
        spoken=grammar.text(i).replace(" ", "").isalpha() or grammar.tag(i + 1, "to") or grammar.tag(i + 1, "past"),
    )


def _take_day(grammar: Grammar, expr: Expr, i: int) -> Expr | None:
    tags = grammar.atoms[i].tags
    if expr.age:
        return None
    partday, day, weekday, part = tags.get("partday"), tags.get("day"), tags.get("weekday"), tags.get("part")
    if isinstance(partday, tuple) and expr.part in NARROW and expr.day in (None, partday[1]):
        return replace(expr, j=i + 1, day=expr.day if expr.has_day else partday[1], night=False)
    if isinstance(partday, tuple) and expr.part is None and expr.day in (None, partday[1]):
        return replace(
            expr, j=i + 1, part=partday[0], day=expr.day if expr.has_day else partday[1], night=partday == ("night", 0)
        )
    if isinstance(day, int) and expr.day in (None, 0):
        return replace(expr, j=i + 1, day=day)
    if isinstance(weekday, int) and expr.weekday is None:
        both = isinstance(part, str) and expr.part is None
        return replace(expr, j=i + 1, weekday=weekday, part=str(part) if both else expr.part)
    return _take_part(grammar, expr, i, part) if isinstance(part, str) else None


def _take_part(grammar: Grammar, expr: Expr, i: int, part: str) -> Expr | None:
    """A part of a day; alone it counts where it names its day by itself or follows a word for since."""
    if part == "weekend":
        return replace(expr, j=i + 1, part=part, weekday=5) if expr.empty else None
    if part in NARROW and expr.part in ("morning", "night", "afternoon"):
        return replace(expr, j=i + 1, part=part, night=False)
    if expr.part is None and (expr.has_day or expr.clock):
        return replace(expr, j=i + 1, part=part)
    if not expr.empty:
        return None
    before = i - 1
    while grammar.tag(before, "fill") and not grammar.tag(before, "since"):
        before -= 1
    if part in NARROW or grammar.tag(before, "since"):
        return replace(expr, j=i + 1, part=part, day=None if part in NARROW else 0, night=part == "night")
    return replace(expr, j=i + 1, part=part) if part in ("lunch", "noon") else None


def _take_zone(grammar: Grammar, expr: Expr, i: int) -> Expr | None:
    if expr.zone or expr.empty or not (expr.clock or expr.has_day):
        return None
    found = grammar.zone(i, after_clock=expr.clock is not None)
    return replace(expr, j=found[1], zone=found[0]) if found else None


def _ends(grammar: Grammar, expr: Expr) -> Expr:
    """A second clock behind "to", "-", "and" is the end of the range; "onwards" belongs to the expression."""
    k = expr.j
    if expr.clock and grammar.text(k) in _RANGE and (found := grammar.clock(k + 1) if k + 1 < len(grammar.atoms) else None):
        joint = grammar.text(expr.i - 1) in ("between", "zwischen", "tussen", "entre", "tra", "izmedu", "между", "miedzy")
        expr = replace(expr, j=found[1], end_clock=found[0] if joint else None, over=not joint)
        zone = grammar.zone(expr.j, after_clock=True)
        if zone and not expr.zone:
            expr = replace(expr, j=zone[1], zone=zone[0])
        if expr.clock and expr.clock.half is None and found[0].half and expr.clock.hour <= 12:
            expr = replace(expr, clock=replace(expr.clock, half=found[0].half))
    return replace(
        expr,
        approx=expr.approx
        or (
            grammar.tag(expr.j, "approx")
            and grammar.text(expr.j) in ("or so", "or thereabouts", "ish", "- ish", "civari", "sularinda")
        ),
    )

"""Composes atoms into expressions: a date, a clock, a part of a day, a zone, or an age."""

from __future__ import annotations

from dataclasses import replace

from parsers.times.atoms import Atom, ClockLit, DateLit
from parsers.times.expr import STRETCH, Age
from parsers.times.places import place_zone


def _clockable(atom: Atom) -> int | None:
    value = atom.num()
    return int(value) if value is not None and value == int(value) and 0 <= value <= 24 else None


def _shift(hour: int, minutes: int) -> ClockLit:
    total = (hour * 60 + minutes) % 1440 if hour != 0 or minutes >= 0 else 1440 + minutes
    return ClockLit(total // 60, total % 60)


class Grammar:
    """Walks the atoms once; `bare` accepts weak clocks, as in an answer that consists of a time only."""

    def __init__(self, atoms: list[Atom], *, bare: bool = False) -> None:
        self.atoms = atoms
        self.bare = bare

    def tag(self, i: int, kind: str) -> bool:
        return 0 <= i < len(self.atoms) and kind in self.atoms[i].tags

    def text(self, i: int) -> str:
        return self.atoms[i].text if 0 <= i < len(self.atoms) else ""

    def _num(self, i: int) -> int | None:
        return _clockable(self.atoms[i]) if 0 <= i < len(self.atoms) else None

    # Clocks

    def clock(self, i: int) -> tuple[ClockLit, int] | None:
        """The clock that begins at atom `i`, with the index behind it."""
        for rule in (self._worded, self._marked, self._literal):
            found = rule(i)
            if found:
                return self._tail(*found)
        return None

    def _worded(self, i: int) -> tuple[ClockLit, int] | None:
        atom, hour = self.atoms[i], self._num(i + 1)
        pre = atom.tags.get("pre")
        if isinstance(pre, int) and hour and hour <= 12 and not self.tag(i + 2, "unit_only"):
            return _shift(hour, pre), i + 2
        if "half" in atom.tags and hour and hour <= 12 and not self.tag(i + 2, "unit"):
            dutch = "dutch" in self.atoms[i + 1].tags
            return _shift(hour, -30 if dutch else 30), i + 2
        return self._past(i)

    def _past(self, i: int) -> tuple[ClockLit, int] | None:
        value = self.atoms[i].num()
        if value is None or not 1 <= value < 60 or value != int(value):
            return None
        k = i + 2 if self.tag(i + 1, "unit") else i + 1
        hour = self._num(k + 1)
        if hour is None or not 1 <= hour <= 12 or (self.tag(k + 2, "unit") and not self.tag(k + 2, "oclock")):
            return None
        if self.tag(k, "past"):
            return _shift(hour, int(value)), k + 2
        words = not self.text(i).isdigit() or value in (5, 10, 15, 20, 25)
        if self.tag(k, "to") and value in (20, 25) and self._told(i):
            return _shift(hour, -int(value)), k + 2
        return (
            (_shift(hour, -int(value)), k + 2) if self.tag(k, "to") and words and value >= 5 and self._to_hour(i, k) else None
        )

    def _told(self, i: int) -> bool:
        """ "Since 20 to 2", in figures: a span of hours has "from"."""
        k = i - 1
        while self.tag(k, "approx"):
            k -= 1
        return self.text(k) in ("since", "at", "ever since", "started", "began")

    def _to_hour(self, i: int, k: int) -> bool:
        """Keep "10 to 15 minutes" and "from 5 to 9" from being read as a clock."""
        return not (self.text(i).isdigit() and self.text(k + 1).isdigit() and not self.tag(k - 1, "unit")) and not self.tag(
            k + 2, "unit"
        )

    def _marked(self, i: int) -> tuple[ClockLit, int] | None:
        hour = self._num(i)
        if hour is None or hour > 24:
            return None
        two = len(self.text(i)) == 2
        if self.tag(i + 1, "am") or self.tag(i + 1, "pm"):
            return (ClockLit(hour, 0, half="am" if self.tag(i + 1, "am") else "pm"), i + 2) if 1 <= hour <= 12 else None
        named = self.text(i + 1) not in ("h", "hours", "hrs") or (self.text(i + 1) == "h" and self._towards(i))
        if self.tag(i + 1, "oclock") and named and not self._aged(i):
            minute = self.atoms[i + 2].num() if i + 2 < len(self.atoms) and self.text(i + 2).isdigit() else None
            if minute is not None and minute < 60 and len(self.text(i + 2)) == 2:
                return ClockLit(hour % 24, int(minute), two=two), i + 3
            return ClockLit(hour % 24, 0, two=two, weak=self.tag(i + 1, "unit")), i + 2
        return self._after_word(i, hour % 24, two)

    def _towards(self, i: int) -> bool:
        """ "Hier soir vers 19 h" is a clock, "depuis 2 h" is an age."""
        k = i - 1
        while self.tag(k, "approx"):
            if self.text(k) == "vers":
                return True
            k -= 1
        return self.text(k) == "a" or any(self.tag(k, kind) for kind in ("day", "partday", "weekday", "date"))

    def _aged(self, i: int) -> bool:
        return self.tag(i + 1, "unit") and (self.tag(i + 2, "ago") or self.tag(i - 1, "agopre") or self.tag(i - 1, "lastweak"))

    def _after_word(self, i: int, hour: int, two: bool) -> tuple[ClockLit, int] | None:
        """A lone hour: "since 9", "a las 9", "at 9 this morning"; nothing that counts or measures."""
        nxt = self.atoms[i + 1] if i + 1 < len(self.atoms) else None
        if nxt and (set(nxt.tags) & {"unit", "month", "num", "junk", "weakdate"} or nxt.text in "%/-:") and nxt.text != "\n":
            return None
        k = i - 1
        towards = False
        while self.tag(k, "approx") or self.text(k) in ("the", "ca", "."):
            towards = towards or self.tag(k, "at")
            k -= 1
        lone = (
            self.tag(i, "ord")
            or (self.text(i) == "once" and not self.tag(k, "hourpre"))
            or self.text(i) in ("a", "an", "one", "un", "una", "uma", "een", "ein", "eine", "une")
        )
        near = self.tag(i + 1, "partday") or self.tag(i + 1, "part") or self.tag(i + 1, "zone") or self.text(i + 1) in ("in",)
        suffixed = self.text(i + 1) == "'" and any(self.tag(n, "sinceafter") for n in (i + 2, i + 3))
        cued = suffixed or towards or self.tag(k, "since") or self.tag(k, "at") or self.tag(k, "hourpre")
        if lone or not (cued or (near and self.tag(i - 1, "partday")) or (near and k >= 0) or self.bare):
            return None
        following = self.text(i + 1)
        plain = (
            nxt is None
            or not following.isalpha()
            or set(nxt.tags)
            & {"day", "partday", "part", "weekday", "zone", "fill", "oclock", "plus", "since", "approx", "sinceafter", "local"}
        )
        return (
            (ClockLit(hour, 0, two=two, weak=not (self.tag(k, "since") or self.tag(k, "hourpre") or near)), i + 1)
            if plain
            else None
        )

    def _literal(self, i: int) -> tuple[ClockLit, int] | None:
        clock = self.atoms[i].tags.get("clock")
        if not isinstance(clock, ClockLit):
            return None
        if "qty" in self.atoms[i].tags and (
            self.tag(i + 1, "ago") or self.tag(i - 1, "agopre") or (self.tag(i - 1, "lasting") and not self.tag(i - 1, "since"))
        ):
            return None
        military = "military" in self.atoms[i].tags
        if clock.weak and not self._confirmed(i, military):
            return None
        return replace(clock, weak=clock.weak and not military and not self.tag(i - 1, "since")), i + 1

    def _confirmed(self, i: int, military: bool) -> bool:
        """Whether something beside a weak literal ("9.05", "0915") says that it is a clock."""
        after = self.tag(i + 1, "zone") or self.tag(i + 1, "oclock") or self.tag(i + 1, "am") or self.tag(i + 1, "pm")
        part = self.tag(i + 1, "partday") or self.tag(i + 1, "part") or self.tag(i + 1, "day")
        part = part or self.tag(i - 1, "weekday") or (self.tag(i - 1, "day") and not self.tag(i - 1, "part"))
        year = military and 1990 <= int(self.text(i)[:4]) <= 2100
        if after and not (self.tag(i + 1, "unit") and not self.tag(i + 1, "oclock")):
            return True
        if self.tag(i + 1, "unit") or self.tag(i + 1, "month") or self.tag(i - 1, "month") or year:
            return False
        k = i - 1
        while self.tag(k, "approx") or self.text(k) in (".", ":"):
            if self.tag(k, "at"):
                return True
            k -= 1
        verb = self.tag(k, "failed") or self.tag(k, "began") or self.tag(k, "other")
        return self.bare or part or self.tag(k, "since") or self.tag(k, "at") or self.tag(k, "hourpre") or verb

    def _tail(self, clock: ClockLit, k: int) -> tuple[ClockLit, int]:
        plus = self.atoms[k].tags.get("plus") if k < len(self.atoms) else None
        if isinstance(plus, int) and clock.minute == 0:
            clock, k = replace(_shift(clock.hour, plus), two=clock.two), k + 1
        zone_follows = self.text(k) in ("hora", "heure", "ora") and self.text(k + 1) in ("de", "di")
        if self.tag(k, "oclock") and not zone_follows and not (self.tag(k, "unit") and self.tag(k + 1, "ago")):
            k += 1
        for half in ("am", "pm"):
            if self.tag(k, half) and clock.half is None and 1 <= clock.hour <= 12:
                clock, k = replace(clock, half=half, weak=False), k + 1
        return clock, k

    # Dates

    def date(self, i: int) -> tuple[DateLit, int, bool] | None:
        """The date that begins at atom `i`, the index behind it, and whether it may be something else."""
        tags = self.atoms[i].tags
        for kind in ("date", "weakdate"):
            lit = tags.get(kind)
            if isinstance(lit, DateLit):
                return lit, i + 1, kind == "weakdate"
        return self._month_date(i) or self._day_of_month(i)

    def _day_of_month(self, i: int) -> tuple[DateLit, int, bool] | None:
        """ "On the 12th", "el dia 12 a las 9:15": a day of this month or the last one."""
        day, behind = self.atoms[i].num(), self.text(i + 1)
        if day is None or not 1 <= day <= 31 or day != int(day) or self.tag(i + 1, "month") or self.tag(i + 1, "unit"):
            return None
        if "ord" in self.atoms[i].tags:
            named = self.text(i - 1) in ("the", "on", "since", "from") and not (behind.isalpha() and not self.atoms[i + 1].tags)
            return (DateLit(None, 0, int(day)), i + 1, False) if named and behind not in ("of", "time", "floor") else None
        k = i + 2 if behind == "." else i + 1
        clocked = (self.tag(k, "at") or self.tag(k, "hourpre")) and self.tag(k + 1, "clock")
        named = (
            self.text(i - 1) in ("dia", "giorno", "dnia", "dana", "am", "le", "el", "il", "op de") or self.text(k) == "числа"
        )
        return (DateLit(None, 0, int(day)), k, False) if clocked and named else None

    def _month_date(self, i: int) -> tuple[DateLit, int, bool] | None:
        k = i + 1
        first, month = self.atoms[i].num(), self.atoms[i].tags.get("month")
        if isinstance(month, int) and "month" in self.atoms[i].tags and self.tag(k, "num"):
            day = self.atoms[k].num() or 0
        elif first is not None and first == int(first) and 1 <= first <= 31:
            while self.text(k) in ("of", "de", ".", "-", "/") and k < i + 3:
                k += 1
            found = self.atoms[k].tags.get("month") if k < len(self.atoms) else None
            if not isinstance(found, int):
                return None
            month, day = found, first
        else:
            return None
        if not 1 <= day <= 31 or self.tag(k + 1, "unit"):
            return None
        return self._with_year(month, int(day), k + 1)

    def _with_year(self, month: int, day: int, k: int) -> tuple[DateLit, int, bool]:
        skip = k + 1 if self.text(k) in (",", "de", ".") else k
        year = self.atoms[skip].num() if skip < len(self.atoms) else None
        if year is not None and 1990 <= year <= 2100:
            return DateLit(int(year), month, day), skip + 1, False
        return DateLit(None, month, day), k, False

    # Ages

    def age(self, i: int) -> tuple[Age, int] | None:
        """A quantity of time that begins at atom `i`: shortest, longest, and the index behind it."""
        tags = self.atoms[i].tags
        qty = tags.get("qty")
        if isinstance(qty, int):
            return (qty, qty), i + 1
        if "unit" in tags and "num" not in tags:
            return self._one_unit(i)
        low = self.atoms[i].num()
        if low is None or "ord" in tags:
            return None
        after = self.atoms[i + 1].tags.get("qty") if low == 1 and i + 1 < len(self.atoms) else None
        if isinstance(after, int) and "num" not in self.atoms[i + 1].tags:
            return (after, after), i + 2
        k, high = i + 1, low
        if self.text(k) in ("-", "or", "to", "oder", "ou", "o", "of", "ili", "bis", "a", "до", "или", "lub") and self.tag(
            k + 1, "num"
        ):
            high, k = self.atoms[k + 1].num() or low, k + 2
        if self.text(k) in ("of", "de", "good", "full", "more"):
            k += 1
        unit = self.atoms[k].tags.get("unit") if k < len(self.atoms) else None
        if not isinstance(unit, int) or high < low:
            return None
        return (low * unit, high * unit), k + 1

    def _one_unit(self, i: int) -> tuple[Age, int] | None:
        """ "The past hour": one unit without a number, behind a word for the last stretch of time."""
        unit = self.atoms[i].tags.get("unit")
        named = self.text(i - 1) in STRETCH or self.text(i - 1).split(" ")[-1] in STRETCH
        return ((unit, unit), i + 1) if isinstance(unit, int) and unit in (60, 3600) and named else None

    # Zones

    def zone(self, i: int, *, after_clock: bool) -> tuple[str, int] | None:
        """The zone that begins at atom `i`; lower-case and spoken ones only behind a clock."""
        if not 0 <= i < len(self.atoms):
            return None
        tags = self.atoms[i].tags
        word = tags.get("zone") or (tags.get("lowzone") if after_clock and self.bare else None)
        if isinstance(word, str) and (after_clock or word not in ("central", "eastern", "mountain", "pacific", "atlantic")):
            return word, i + 2 if self.text(i + 1) in ("time", "zeit") else i + 1
        if "local" in tags:
            return "local", i + 1
        return place_zone(self.text, i, len(self.atoms))

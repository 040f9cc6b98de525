"""What the words around an expression say about it: a label, a cue, or another event."""

from __future__ import annotations

import re

from parsers.times import marks
from parsers.times.atoms import Atom
from parsers.times.events import of_nothing, since_event
from parsers.times.expr import Expr
from parsers.times.form_labels import label_of
from parsers.times.lexicon import TimeWords
from parsers.times.verdict import Context


class Reader:
    """Answers for one text; `folded` has the length of the text."""

    def __init__(self, folded: str, atoms: list[Atom], words: TimeWords) -> None:
        self.folded = folded
        self.words = words
        self.atoms = atoms

    def context(self, expr: Expr) -> Context:
        """The words around `expr`, the nearest decides."""
        kind, label = label_of(self.folded, self.atoms[expr.i].start, self.words)
        if kind == "header" or self._wrote(expr):
            return Context(against="the header of a quoted mail")
        if kind in ("end", "other"):
            return Context(against=f"labelled '{label}', not the start")
        if kind == "start":
            tool = marks.TOOL_RE.search(self.folded, self.atoms[expr.j - 1].end, self.atoms[expr.j - 1].end + 200)
            hint = re.search(r"\b(utc|gmt|cet|cest|edt|est|pdt|pst)\b", label)
            return (
                Context(against="the start of a test")
                if tool
                else Context(label=label, weight=0.5, hint=hint[1] if hint else None)
            )
        return self._cued(expr)

    def _wrote(self, expr: Expr) -> bool:
        for k in range(expr.j, min(expr.j + 18, len(self.atoms))):
            if "break" in self.atoms[k].tags:
                return False
            if "wrote" in self.atoms[k].tags and any(a.text == ":" for a in self.atoms[k : k + 4]):
                return True
        return False

    def _short(self, k: int) -> bool:
        """Whether the full stop at `k` belongs to an abbreviation or a date."""
        before = self.atoms[k - 1] if k else None
        return before is not None and (before.text in marks.SHORT or bool(before.tags.keys() & {"date", "month"}))

    def _before(self, i: int) -> list[int]:
        """Indexes of the atoms before `i` in its sentence, nearest first."""
        out: list[int] = []
        for k in range(i - 1, max(-1, i - 1 - marks.REACH), -1):
            atom = self.atoms[k]
            if atom.text in marks.STOPS and not (atom.text == "." and self._short(k)):
                break
            out.append(k)
        return out

    def _after(self, j: int) -> list[int]:
        out: list[int] = []
        for k in range(j, min(len(self.atoms), j + marks.REACH_AFTER)):
            if self.atoms[k].text in marks.STOPS:
                break
            out.append(k)
        return out

    def _other(self, k: int) -> str:
        reason = self.atoms[k].tags.get("other")
        if not isinstance(reason, str):
            return ""
        if reason == "planned work" and any("after" in self.atoms[n].tags for n in range(max(0, k - 5), k)):
            return ""
        return reason

    def _cued(self, expr: Expr) -> Context:
        if expr.age is not None and expr.lasting != "ago" and expr.age[1] < marks.BREAK:
            return Context(against="how long a break lasts")
        if expr.i and self.atoms[expr.i - 1].text in marks.TIMES:
            return Context(against="how often it happened")
        if expr.lasting == "ago" and self._words(max(0, expr.i - 2), expr.i) in ("as of", "as at"):
            return Context(against="the time of the message")
        before = self._before(expr.i)
        since = self._since(expr, before)
        if since is None and (event := since_event(self.atoms, before)) is not None:
            if self._works_again(expr):
                return Context(against="the end of a fault")
            return Context(cue=f"'{self.atoms[event].text} ...'", weight=0.4)
        if since is not None:
            failed = any("failed" in self.atoms[k].tags for k in before)
            return (
                Context(against="the end of a fault")
                if not failed and self._works_again(expr)
                else self._judge_since(before, since, expr)
            )
        if "whole" in self.atoms[expr.i].tags:
            if expr.part is None and not self._lasts(before):
                return Context()
            reason = self._nearest_reason(before, expr)
            return Context(against=reason) if reason else Context(cue=f"'{self._raw(expr)}'", weight=0.35)
        if expr.lasting == "weak" and (
            self._lasts(before) or self._down_for(expr, before) or self._lasts(self._after(expr.j)[:4])
        ):
            return Context(cue=f"'for {self._raw(expr)}'", weight=0.4)
        if expr.lasting == "weak" and any(self.atoms[k].text in marks.THEN for k in before[:3]):
            return Context(against="how long a break lasts")
        if expr.lasting == "ago" or expr.lasting == "lasting":
            reason = self._nearest_reason(before, expr)
            return Context(against=reason) if reason else Context(cue=f"'{self._raw(expr)}'", weight=0.35)
        return self._nearest(before, expr)

    def _lasts(self, before: list[int]) -> bool:
        """Whether "for two hours" stands behind a present perfect, so that it still lasts."""
        for k in before:
            tags = self.atoms[k].tags
            if "over" in tags or self._other(k) in ("planned work", "the end of a fault"):
                return False
            if "perfect" in tags:
                return True
        return False

    def _down_for(self, expr: Expr, before: list[int]) -> bool:
        """ "Is down for two hours", in the English of many: a present state right before a span that is not short."""
        state = next((k for k in before[:5] if "failed" in self.atoms[k].tags), None)
        present = state is not None and marks.PRESENT.search(self._words(max(0, state - 2), state + 1))
        return bool(present) and expr.age is not None and expr.age[0] >= marks.NOT_SHORT

    def _words(self, first: int, last: int) -> str:
        return " ".join(a.text for a in self.atoms[first:last])

    def _works_again(self, expr: Expr) -> bool:
        """Whether the clause behind the time says that all is well again."""
        after = self._after(expr.j)[:14]
        if any(t.keys() & {"not", "failed"} and "good" not in t for t in (self.atoms[k].tags for k in after)):
            return False
        good = [k for k in after if "good" in self.atoms[k].tags]
        return (any("again" in self.atoms[k].tags for k in after) and bool(good)) or any(self._fully_again(k) for k in after)

    def _fully_again(self, k: int) -> bool:
        """Whether the words at `k` tell a repair, or health with its "again"."""
        atom = self.atoms[k]
        return self._other(k) == "the end of a fault" or (
            "good" in atom.tags and not self.words.sets["again"].isdisjoint(atom.text.split())
        )

    def _raw(self, expr: Expr) -> str:
        return " ".join(self.folded[self.atoms[expr.i].start : self.atoms[expr.j - 1].end].split())

    def _since(self, expr: Expr, before: list[int]) -> int | None:
        if expr.lasting in ("ago",):
            return None
        if "since" in self.words.phrases.get(self.atoms[expr.i].text.split(" ")[0], ()) and " " in self.atoms[expr.i].text:
            return expr.i
        for k in before[:5]:
            atom = self.atoms[k]
            if "since" in atom.tags:
                return k
            if atom.text == "." and self._short(k):
                continue
            if not (
                atom.tags.keys() & {"fill", "approx", "after", "hourpre"}
                or atom.text in ",(:\n'-"
                or atom.text in ("right", "shortly", "exactly")
            ):
                break
        after = expr.j
        if after < len(self.atoms) and "sinceafter" in self.atoms[after].tags:
            return after
        if (
            after + 1 < len(self.atoms)
            and self.atoms[after].text in ("'", "-", "den", "dan", "ten", "tan", "ta", "te", "da", "de")
            and "sinceafter" in self.atoms[after + 1].tags
        ):
            return after + 1
        return None

    def _denies(self, k: int) -> bool:
        return "not" in self.atoms[k].tags or self.atoms[k].text.endswith((" not", "n't"))

    def _judge_since(self, before: list[int], since: int, expr: Expr) -> Context:
        word = self.atoms[since].text
        if any(self._other(k) == "another party" for k in before):
            return Context(against="another party")
        if word in marks.BETWEEN and any(self.atoms[k].text.split(" ")[0] in marks.EACH for k in before):
            return Context(against="what comes again and again")
        if word in marks.BETWEEN and not self._broke(before, expr):
            return Context(against="planned work")
        earlier = [k for k in before if k < since]
        for k in earlier[:7]:
            tags = self.atoms[k].tags
            if ("failed" in tags and "good" not in tags) or "began" in tags:
                break
            if "good" in tags and not any(self._denies(n) for n in range(max(0, k - 3), k)):
                return Context(against="the end of a fault")
            if self._denies(k):
                break
            if self._other(k) == "the end of a fault":
                return Context(against="the end of a fault")
        if word in marks.SPAN_WORDS:
            reasons = [r for k in [*earlier, *self._after(expr.j)[:4]] if (r := self._other(k))]
            reasons = reasons if not self._said_is(earlier) else [r for r in reasons if r != marks.HOURS]
            kept = [r for r in reasons if r in ("planned work", "a working hour or an appointment", "a test or a restart")]
            if kept and not any("failed" in self.atoms[k].tags for k in earlier[:6]):
                return Context(against=kept[0])
        if since and self.atoms[since - 1].text in marks.TIMES:
            return Context(cue=marks.COUNTED, weight=0.27)
        weight = 0.4 if word not in ("a", "u", "o") else 0.2
        return Context(cue=f"'{word}'", weight=weight)

    def _said_is(self, before: list[int]) -> bool:
        """ "Today it is line A: from 16:35 ...": "it is" names no hour here."""
        hours = [k for k in before if self._other(k) == marks.HOURS]
        return bool(hours) and all(self.atoms[k].text == "it is" for k in hours)

    def _broke(self, before: list[int], expr: Expr) -> bool:
        """Whether "between eight and twelve" is told of a fault and not of an appointment."""
        around = [*before, *self._after(expr.j)]
        if any(self._other(k) == "planned work" for k in around):
            return False
        return any(self.atoms[k].tags.keys() & {"failed", "began"} for k in around)

    def _nearest_reason(self, before: list[int], expr: Expr) -> str:
        for k in before[:6]:
            tags = self.atoms[k].tags
            if tags.keys() & {"failed", "began"} and "good" not in tags:
                return ""
            reason = self._other(k)
            if reason and reason != "a deadline":
                return reason
        return ""

    def _nearest(self, before: list[int], expr: Expr) -> Context:
        """The nearest telling word decides; a deadline word counts only right before the time."""
        for place, k in enumerate(before):
            tags, reason = self.atoms[k].tags, self._other(k)
            adjacent = all(self.atoms[n].tags.keys() & {"fill", "approx"} or self.atoms[n].text == "," for n in before[:place])
            if reason in (marks.HOURS, "a call or a message") and self._found_dead(expr):
                return Context(cue=f"'{self.atoms[k].text}'", weight=0.33)
            if reason == "a test or a restart" and self.atoms[k - 1 : k] and self._by_itself(k):
                return Context(cue=f"'{self.atoms[k].text}'", weight=0.33)
            if reason == "a deadline" and adjacent and self._well_until(expr, before[place:]):
                return Context(cue=f"'{self.atoms[k].text}'", weight=0.33)
            if reason and (reason != "a deadline" or adjacent) and not (reason in marks.STRICT and place > 9):
                if not (tags.keys() & {"failed", "began"} and adjacent and reason != "a deadline"):
                    return Context(against=reason)
            elif "began" in tags:
                planned = any(self._other(n) == "planned work" for n in before)
                if any(self.atoms[n].text in marks.AHEAD for n in before[place : place + 5]):
                    return Context(against="a deadline")
                return Context(against="planned work") if planned else Context(cue=f"'{self.atoms[k].text}'", weight=0.35)
            elif "failed" in tags:
                if any(self._fully_again(n) for n in self._after(expr.j)[:1]):
                    return Context(against="the end of a fault")
                if any(self.atoms[n].text in marks.FUTURE for n in before[place:]):
                    return Context(against="planned work")
                if any(self.atoms[n].text in marks.IFS for n in before[place : place + 6]):
                    return Context(against="a supposition")
                return Context(cue=f"'{self.atoms[k].text}'", weight=0.33 if adjacent else 0.27)
        return self._behind(expr)

    def _found_dead(self, expr: Expr) -> bool:
        """ "We opened at half past eight and found that nothing would load": what was found began by then."""
        after = self._after(expr.j)[:16]
        return any(self.atoms[k].text in marks.FOUND for k in after[:8]) and any(
            self.atoms[k].tags.keys() & {"failed", "not"} for k in after
        )

    def _by_itself(self, k: int) -> bool:
        """ "It rebooted itself" is no restart of the writer's."""
        return any(a.text in marks.ITSELF for a in [*self.atoms[max(0, k - 2) : k], *self.atoms[k + 1 : k + 4]])

    def _well_until(self, expr: Expr, before: list[int]) -> bool:
        """ "It worked until 9:04", "until 9:04 all was well": the end of health is the start of the fault."""
        if self.atoms[before[0]].text not in marks.UNTIL:
            return False
        near = [*before[1:8], *self._after(expr.j)[:6]]
        return any(self._other(k) == marks.WELL for k in near) and not any(
            self._other(k) in ("planned work", "the end of a fault") or "not" in self.atoms[k].tags for k in near
        )

    def _behind(self, expr: Expr) -> Context:
        supposed, inside = False, 0
        for k in self._after(expr.j):
            tags = self.atoms[k].tags
            inside += (self.atoms[k].text == "(") - (self.atoms[k].text == ")")
            if inside > 0:
                continue
            supposed = supposed or self.atoms[k].text in marks.IFS
            if reason := self._other(k):
                return Context(against=reason) if reason != "a deadline" else Context()
            if tags.keys() & {"failed", "began"} and not of_nothing(self.atoms, k):
                cued = Context(cue=f"'{self.atoms[k].text}'", weight=0.26)
                return Context(against="a supposition") if supposed else cued
        return Context()

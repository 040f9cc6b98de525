"""The words before and behind a time, up to the ends of its sentence."""

from __future__ import annotations

from parsers.times import marks
from parsers.times.atoms import Atom
from parsers.times.expr import Expr
from parsers.times.lexicon import TimeWords


class Around:
    """Looks around the expressions of one text; `folded` has the length of the text."""

    def __init__(self, folded: str, atoms: list[Atom], words: TimeWords) -> None:
        self.folded = folded
        self.words = words
        self.atoms = atoms

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

    def _words(self, first: int, last: int) -> str:
        return " ".join(a.text for a in self.atoms[first:last])

    def _raw(self, expr: Expr) -> str:
        return " ".join(self.folded[self.atoms[expr.i].start : self.atoms[expr.j - 1].end].split())

    def _denies(self, k: int) -> bool:
        return "not" in self.atoms[k].tags or self.atoms[k].text.endswith((" not", "n't"))

    def _nothing(self, k: int) -> bool:
        """ "Today nothing is broken"."""
        return any(self.atoms[n].text in marks.NOTHING for n in range(max(0, k - 3), k))

    def _by_itself(self, k: int) -> bool:
        """ "It rebooted itself" is no restart of the writer's."""
        return any(a.text in marks.ITSELF for a in [*self.atoms[max(0, k - 2) : k], *self.atoms[k + 1 : k + 4]])

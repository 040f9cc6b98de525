"""What the words around an expression say about it: a label, a cue, or another event."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.times import cues
from parsers.times.atoms import Atom
from parsers.times.fold import fold
from parsers.times.grammar import Expr

_STOPS = frozenset([".", "!", "?", ";", "\n\n", "\n"])
_REACH = 16
_REACH_AFTER = 40
_SHORT = frozenset(["ca", "c", "approx", "cca", "godz", "tel", "m", "no", "nr"])
_LABEL_RE = re.compile(r"^[\s>|*#\-]*(?:\d{1,2}[.)]\s*)?(.*?)[\s:.…|?=\-*_]*$")
_PAREN_RE = re.compile(r"\(.*?\)|\(.*$|\.\.+")
_SPAN_WORDS = frozenset("from between ab von vom da dal dalle de des desde od od oko с со от zwischen entre tussen".split())
_STRICT = frozenset(["a deadline", "a call or a message", "a working hour or an appointment"])
_TOOL_RE = re.compile(r"\n\s*host:.{0,40}loss%")


def _set(words: str) -> frozenset[str]:
    return frozenset(re.sub(r"[^\w']+", " ", fold(word)).strip() for word in words.split("|"))


_START_LABELS, _END_LABELS, _HEADER_LABELS = _set(cues.LABELS), _set(cues.END_LABELS), _set(cues.HEADER_LABELS)
_LABEL_HEADS = (
    "start ",
    "outage start",
    "fault start",
    "incident start",
    "time of ",
    "when did",
    "since ",
    "started ",
    "first ",
    "begin",
    "pocetak ",
    "почетак ",
    "начало ",
    "inicio ",
    "inizio ",
    "debut ",
    "poczatek ",
    "baslangic ",
    "storungsbeginn",
    "aanvang ",
)


@dataclass(frozen=True, slots=True)
class Context:
    """`label` and `cue` speak for a start, `against` names another event, `hint` a zone that the label carries."""

    label: str = ""
    cue: str = ""
    weight: float = 0.0
    against: str = ""
    hint: str | None = None


def _label_kind(raw: str) -> str:
    plain = re.sub(r"[^\w']+", " ", _PAREN_RE.sub(" ", raw)).strip()
    pieces = [re.sub(r"[^\w']+", " ", piece).strip() for piece in _PAREN_RE.sub(" ", raw).split("/")]
    for name in (plain, *pieces):
        if name in _HEADER_LABELS:
            return "header"
        if name in _END_LABELS:
            return "end"
        if name in _START_LABELS or (len(name) < 42 and name.startswith(_LABEL_HEADS)):
            return "start"
    return ""


def label_of(folded: str, start: int) -> tuple[str, str]:
    """Kind of label in front of position `start` ("start", "end", "header" or ""), and the label as written."""
    lines = folded[max(0, start - 220) : start].split("\n")
    head = lines[-1]
    if not head.strip(" >|\t*-"):
        above = [line for line in lines[:-1] if line.strip(" >|\t")]
        head = above[-1] if above and above[-1].rstrip().endswith((":", "?")) else ""
    elif not re.search(r"[:|=?]\s*(?:[a-z]{2,10},?\s*)?$|\.\.+\s*$|\t\s*$| {3,}$|\t", head):
        return "", ""
    cells = re.split(r"\t+|\|", head.rstrip(" |\t"))
    raw = (_LABEL_RE.match(cells[-1] if len(cells) > 1 else head) or [None, head])[1] or ""
    raw = re.sub(r"[:=].*$", "", raw) if raw.count(":") == 1 else raw
    return _label_kind(raw), raw.strip()


class Reader:
    """Answers for one text; `folded` has the length of the text."""

    def __init__(self, folded: str, atoms: list[Atom]) -> None:
        self.folded = folded
        self.atoms = atoms

    def context(self, expr: Expr) -> Context:
        """The words around `expr`, the nearest decides."""
        kind, label = label_of(self.folded, self.atoms[expr.i].start)
        if kind == "header" or self._wrote(expr):
            return Context(against="the header of a quoted mail")
        if kind == "end":
            return Context(against=f"labelled '{label}', not the start")
        if kind == "start":
            tool = _TOOL_RE.search(self.folded, self.atoms[expr.j - 1].end, self.atoms[expr.j - 1].end + 60)
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
        return before is not None and (before.text in _SHORT or bool(before.tags.keys() & {"date", "month"}))

    def _before(self, i: int) -> list[int]:
        """Indexes of the atoms before `i` in its sentence, nearest first."""
        out: list[int] = []
        for k in range(i - 1, max(-1, i - 1 - _REACH), -1):
            atom = self.atoms[k]
            if atom.text in _STOPS and not (atom.text == "." and self._short(k)):
                break
            out.append(k)
        return out

    def _after(self, j: int) -> list[int]:
        out: list[int] = []
        for k in range(j, min(len(self.atoms), j + _REACH_AFTER)):
            if self.atoms[k].text in _STOPS:
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
        before = self._before(expr.i)
        since = self._since(expr, before)
        if since is not None:
            return self._judge_since(before, since)
        if expr.lasting == "ago" or expr.lasting == "lasting":
            reason = self._nearest_reason(before, expr)
            return Context(against=reason) if reason else Context(cue=f"'{self._raw(expr)}'", weight=0.35)
        return self._nearest(before, expr)

    def _raw(self, expr: Expr) -> str:
        return " ".join(self.folded[self.atoms[expr.i].start : self.atoms[expr.j - 1].end].split())

    def _since(self, expr: Expr, before: list[int]) -> int | None:
        if expr.lasting in ("ago",):
            return None
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

    def _judge_since(self, before: list[int], since: int) -> Context:
        word = self.atoms[since].text
        earlier = [k for k in before if k < since]
        for k in earlier[:7]:
            tags = self.atoms[k].tags
            if ("failed" in tags and "good" not in tags) or "began" in tags:
                break
            if "good" in tags and not any("not" in self.atoms[n].tags for n in range(max(0, k - 3), k)):
                return Context(against="the end of a fault")
            if "not" in tags:
                break
        if word in _SPAN_WORDS:
            reasons = [r for k in earlier if (r := self._other(k))]
            kept = [r for r in reasons if r in ("planned work", "a working hour or an appointment", "a test or a restart")]
            if kept and not any("failed" in self.atoms[k].tags for k in earlier[:6]):
                return Context(against=kept[0])
        weight = 0.4 if word not in ("a", "u", "o") else 0.2
        return Context(cue=f"'{word}'", weight=weight)

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
            if reason and (reason != "a deadline" or adjacent) and not (reason in _STRICT and place > 9):
                if not (tags.keys() & {"failed", "began"} and adjacent and reason != "a deadline"):
                    return Context(against=reason)
            elif "began" in tags:
                planned = any(self._other(n) == "planned work" for n in before)
                return Context(against="planned work") if planned else Context(cue=f"'{self.atoms[k].text}'", weight=0.35)
            elif "failed" in tags:
                return Context(cue=f"'{self.atoms[k].text}'", weight=0.33 if adjacent else 0.27)
        return self._behind(expr)

    def _behind(self, expr: Expr) -> Context:
        for k in self._after(expr.j):
            tags = self.atoms[k].tags
            if reason := self._other(k):
                return Context(against=reason) if reason != "a deadline" else Context()
            if tags.keys() & {"failed", "began"}:
                return Context(cue=f"'{self.atoms[k].text}'", weight=0.26)
        return Context()

"""Form lines and table columns: which field a stretch of text is labelled as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.reading import Zone
from models.words import ZoneKind
from parsers.rules import Rule, RuleSet

_LINE = re.compile(
    r"^[>\s]*(?:\d{1,2}[.)]\s+|[-*•]\s+|\|\s*)?(?P<label>[^\W\d_][^:\n\t|?]{0,60}?)\s*(?P<sep>\?|::?|:|\s\.{2,}:?|\.{3,}:?"
    r"|\t|\s{3,}|\s=\s|\|)\s*(?P<value>.*)$"
)
_COLUMN = re.compile(r"\S+(?: \S+)*")

# An answer below our own question is worth as much as a label of the customer.
ANSWER_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Labelled:
    """A value with the field its label names; `negative` labels name what is no ID of ours.

    `weight` is what the label adds to the score of a value under it; an answer to our own question has no rule.
    """

    field: str
    label: str
    start: int
    end: int
    rule: Rule | None = None
    weight: float = ANSWER_WEIGHT


def find_labelled(text: str, zones: Sequence[Zone], rules: RuleSet) -> tuple[Labelled, ...]:
    """Every labelled stretch of the text: 'Label: value', a label with its answer below, and table cells."""
    lines = _offsets(text)
    out: list[Labelled] = []
    for i, (start, line) in enumerate(lines):
        m = _LINE.match(line) if 3 < len(line) < 400 else None
        rule = rules.label_rule(m.group("label")) if m else None
        if m is None or rule is None:
            continue
        value = m.group("value").strip(" .*|")
        if value and not re.fullmatch(r"[\W_]*|\(.*\)[\W_]*", value):
            a = start + m.start("value")
            out.append(
                Labelled(
                    rule.field, m.group("label"), a, _with_continuation(lines, i, a + len(m.group("value"))), rule, rule.weight
                )
            )
        elif m.group("sep").strip() in (":", "?", "::", ":") or value:
            answer = _answer_below(lines, i, rules, quoted=line.lstrip().startswith(">"))
            if answer:
                out.append(Labelled(rule.field, m.group("label"), *answer, rule, rule.weight))
    return (*out, *_table_cells(lines, rules))


def _offsets(text: str) -> list[tuple[int, str]]:
    out: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        out.append((at, line))
        at += len(line) + 1
    return out


def _with_continuation(lines: list[tuple[int, str]], i: int, end: int) -> int:
    for start, line in lines[i + 1 : i + 5]:
        if not re.match(r"^\s{4,}\S", line) or (_LINE.match(line.strip()) and ":" in line[:45]):
            break
        end = start + len(line)
    return end


def _answer_below(lines: list[tuple[int, str]], i: int, rules: RuleSet, *, quoted: bool) -> tuple[int, int] | None:
    first: tuple[int, int] | None = None
    for start, line in lines[i + 1 : i + 7]:
        bare = line.strip(" >\t")
        if not bare:
            if first:
                break
            continue
        if quoted and line.lstrip().startswith(">"):
            break
        m = _LINE.match(line)
        if m and m.group("sep").strip() and rules.label_field(m.group("label")):
            break
        first = (first[0] if first else start, start + len(line))
        if not quoted:
            break
    return first


def _table_cells(lines: list[tuple[int, str]], rules: RuleSet) -> list[Labelled]:
    out: list[Labelled] = []
    header: list[tuple[int, int, str, Rule | None]] = []
    for start, line in lines:
        cells = _cells(line)
        if len(cells) < 2:
            if not line.strip(" -|+="):
                continue
            header = []
            continue
        fields = [rules.label_rule(line[a:b]) for a, b in cells]
        if sum(f is not None for f in fields) >= 2 and not any(c.isdigit() for c in line):
            header = [(a, b, line[a:b], f) for (a, b), f in zip(cells, fields, strict=True)]
            continue
        for n, (a, b) in enumerate(cells if header else []):
            head = header[n] if len(cells) == len(header) else min(header, key=lambda h: abs(h[0] - a))
            if head[3]:
                out.append(Labelled(head[3].field, head[2], start + a, start + b, head[3], head[3].weight))
    return out


def _cells(line: str) -> list[tuple[int, int]]:
    if "\t" in line or "|" in line or "   " in line.strip() or "  " in line.strip():
        return [m.span() for m in re.finditer(r"[^\s|](?:[^\t|\n]*?[^\s|])??(?=\s*[\t|]|\s{2,}|\s*$)", line)]
    return []


def in_quote(kind: ZoneKind) -> bool:
    return kind in (ZoneKind.QUOTED, ZoneKind.SIGNATURE, ZoneKind.DISCLAIMER)

"""Where a mail is signed: a delimiter, a closing, the writer's own name, lines of contact data at the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.words import ZoneKind
from parsers.log_lines import is_log
from parsers.zone_lines import Line, paint
from parsers.zone_marks import CONTACT_LINE, SENT_FROM, SIGN_OFF

# What is longer is no greeting: only behind something said is a name a signature.
_GREETING = 30


def mark_signature(lines: list[Line], names: frozenset[str] = frozenset()) -> None:
    said = signed = False
    for i, line in enumerate(lines):
        if line.kind is not ZoneKind.PROSE:
            continue
        delimiter = bool(re.match(r"^-- ?$", line.text) or SENT_FROM.match(line.text))
        closing = bool(i and len(line.text) < 70 and SIGN_OFF.match(line.text))
        named = said and line.text.strip(" ,.-/|").lower() in names
        said = said or len(line.text) > _GREETING
        if not (delimiter or closing or named):
            continue
        if named and not (delimiter or closing):
            paint(_paragraph(lines[i:]), ZoneKind.SIGNATURE)
            signed = True
            continue
        rest = [x for x in lines[i + 1 :] if x.text.strip() and x.kind is ZoneKind.PROSE]
        if delimiter:
            paint([line, *rest], ZoneKind.SIGNATURE)
            return
        _sign([line, *rest[:16]])
    if not signed:
        _mark_contacts(lines)


def _paragraph(lines: Sequence[Line]) -> list[Line]:
    """The lines up to the first blank one."""
    end = next((n for n, x in enumerate(lines) if not x.text.strip()), len(lines))
    return list(lines[:end])


def _sign(rest: list[Line]) -> None:
    """Paints a signature after its greeting, but not a log or a postscript that follows it."""
    for n, line in enumerate(rest):
        if (
            re.match(r"(?i)^\s*p\.?\s?s\.?[:\s]", line.text)
            or n > 14
            or (is_log(line.text) and not CONTACT_LINE.search(line.text))
        ):
            return
        if n > 2 and len(line.text) > 90 and "|" not in line.text and not CONTACT_LINE.search(line.text):
            return
        line.kind = ZoneKind.SIGNATURE


def _mark_contacts(lines: list[Line]) -> None:
    last = [x for x in lines if x.text.strip() and x.kind is ZoneKind.PROSE][-6:]
    for n in range(len(last) - 1, 0, -1):
        text = last[n].text
        if text.count("|") > 1 and text.count("|") == last[n - 1].text.count("|"):
            break
        if (
            not CONTACT_LINE.search(text)
            or len(text) > 160
            or re.search(r"[.!?]\s+[A-Z]|\b(?:call|ring|phone me|reach)\b", text)
        ):
            break
        if re.match(r"^\s*[^|:]{3,30}:\s", text) and not re.match(r"(?i)^\s*(?:tel|fax|phone|mob|www|remote)", text):
            break
        last[n].kind = ZoneKind.SIGNATURE

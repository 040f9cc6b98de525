"""The form label in front of a time: of a start, of an end, or of the head of a mail."""

from __future__ import annotations

import re

from parsers.times.lexicon import TimeWords

_LABEL_RE = re.compile(r"^[\s>|*#\-]*(?:\d{1,2}[.)]\s*)?(.*?)[\s:.…|?=\-*_]*$")
_PAREN_RE = re.compile(r"\(.*?\)|\(.*$|\.\.+")
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


def _label_kind(raw: str, words: TimeWords) -> str:
    plain = re.sub(r"[^\w']+", " ", _PAREN_RE.sub(" ", raw)).strip()
    pieces = [re.sub(r"[^\w']+", " ", piece).strip() for piece in _PAREN_RE.sub(" ", raw).split("/")]
    for name in (plain, *pieces):
        if name in words.sets["label_header"]:
            return "header"
        if name in words.sets["label_end"]:
            return "end"
        if name in words.sets["label_start"] or (len(name) < 42 and name.startswith(_LABEL_HEADS)):
            return "start"
    return ""


def label_of(folded: str, start: int, words: TimeWords) -> tuple[str, str]:
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
    return _label_kind(raw, words), raw.strip()

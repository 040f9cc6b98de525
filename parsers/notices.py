# ruff: noqa: E501 (patterns read better on one line)
"""Other carriers' notices of planned work: who, which reference, when, on which circuits, read by labels and tables."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from models.directory import Directory, canonical
from models.mail import Notice
from models.subjects import is_reply
from parsers.id_scan import scan
from parsers.maintnote import calendar_method, read_maintnote
from parsers.mime import OpenedMail
from parsers.notice_times import instants, window, zone_in
from parsers.rules import default_rules

MAX_CIRCUITS = 200
_HEAD = re.compile(
    r"(?i)\b(?:planned|scheduled|emergency|urgent|unscheduled|network|essential|preventive|routine|service|fibre|fiber|upcoming)\s+"
    r"(?:\w+\s+)?(?:works?|maintenance|outage|activity|event|change)\b|\bmaintenance (?:notif|notice|window|advisory|announce|ticket|event|alert)"
    r"|\bmaintenance\b.*\b(?:notif|notice|schedul|planned|reminder|cancel|complet|postpon|resched|start)|\bplanned work\b|\bpwic?\d{4,}"
    r"|\bgeplante (?:arbeiten|wartung)|\bwartungs(?:arbeiten|ankündigung|fenster)|\btravaux (?:programmés|planifiés)|\btrabajos programados"
)
_ROWS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("reference", re.compile(
        r"(?i)^(?:(?:maintenance|change|work|planned work|pw|event|notification|outage|case|ticket|project|our|carrier|provider|zayo|colt|gtt|ntt|reference|"
        r"nhc|crq|tt)[\s_-]*)*(?:order|ticket|case|request|reference|ref|id|no|nr|number|num|#)+[\s_-]*(?:id|no|nr|number|num|#|\(s\))*\.?$")),
    ("start", re.compile(
        r"(?i)^(?:(?:planned|scheduled|maintenance|service|work|window|outage|activity|event|actual|revised|new|estimated)[\s_-]*)*(?:window|period)?\s*"
        r"(?:start(?:s|ing)?|begin(?:s|ning)?|from|primary date|commenc\w+)(?:[\s_-]*(?:date|time|and|&|/|of|window|at|on|\([^)]*\)))*$")),
    ("end", re.compile(
        r"(?i)^(?:(?:planned|scheduled|maintenance|service|work|window|outage|activity|event|actual|revised|new|estimated)[\s_-]*)*(?:window|period)?\s*"
        r"(?:end(?:s|ing)?|finish(?:es)?|until|to|complet\w+|stop)(?:[\s_-]*(?:date|time|and|&|/|of|window|at|on|\([^)]*\)))*$")),
    ("window", re.compile(
        r"(?i)^(?:(?:planned|scheduled|maintenance|service|work|time|outage|activity|primary|1st|first|new|revised)[\s_-]*)*"
        r"(?:window|date(?:s)?(?: (?:and|&|/) time)?|schedule|slot|when|activity date|time ?frame|period)(?:\s*(?:#?\d|\([^)]*\)|date|time|and))*$")),
    ("impact", re.compile(
        r"(?i)^(?:(?:expected|estimated|customer|service|anticipated|potential|traffic)[\s_-]*)*(?:impact|outage|risk|downtime|effect|interruption)"
        r"(?:[\s_-]*(?:type|level|duration|description|time))*$")),
    ("circuits", re.compile(
        r"(?i)^(?:(?:your|our|affected|impacted|customer|the|colt|alt|legacy|related|list of)[\s_-]*)*(?:circuits?|services?|orders?|trunks?|assets?|objects?|"
        r"products?|links?|ports?|cross connects?|connections?|cid|sid)(?:\s*\(s\))?(?:[\s_-]*(?:ids?|no|numbers?|refs?|references?|names?|list|affected|impacted|\(s\)|\(sid\)|#))*$")),
)  # fmt: skip
_PAIR = re.compile(r"^\s*(?:[*•|-]\s*)?([^\W\d_][^:|\t\n]{1,48}?)\s*(?:[::|]+|\t+|\s{2,}|\.{3,})\s*(.*?)\s*\|?\s*$")
_CODE = re.compile(r"[A-Za-z0-9][\w./:()#-]{3,44}")
_STATUSES = (
    ("cancelled", re.compile(r"(?i)\bcancel")),
    ("rescheduled", re.compile(r"(?i)\bre-?schedul|\bpostpon|\bnew date")),
    (
        "completed",
        re.compile(
            r"(?i)\b(?:has been |been |is |was |work |maintenance |notification:? )?(?:completed|completion|finished|closed)\b"
        ),
    ),
    ("in progress", re.compile(r"(?i)\b(?:has (?:now )?(?:started|begun|commenced)|in progress|started|starting now)\b")),
    ("emergency", re.compile(r"(?i)\bemergency|\burgent|\bunscheduled")),
)


def calendar_parts(opened: OpenedMail, raw: bytes) -> list[tuple[str, str]]:
    """Method and text of each calendar part."""
    if b"text/calendar" not in raw.lower() and b".ics" not in raw:
        return []
    out: list[tuple[str, str]] = []
    for part in email.message_from_bytes(raw[:2_000_000]).walk():
        name = str(part.get_param("name") or "").lower()
        if part.get_content_type() != "text/calendar" and not name.endswith(".ics"):
            continue
        data = part.get_payload(decode=True)
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data or "")
        method = part.get_param("method")
        out.append(((str(method).upper() if method else "") or calendar_method(text), text))
    return out


def find_notice(opened: OpenedMail, calendars: list[tuple[str, str]], directory: Directory) -> Notice | None:
    """The notice in this mail, or None. A calendar entry comes first; the text adds what it lacks."""
    told = next((n for _, text in calendars if (n := read_maintnote(text))), None)
    body = opened.body[:60_000]
    if told is None and (is_reply(opened.subject) or not (_HEAD.search(opened.subject) or _HEAD.search(body[:1500]))):
        return None
    read = _from_text(opened, body, directory)
    if told is None:
        return read
    return replace(
        told,
        carrier=told.carrier or read.carrier,
        starts_at=told.starts_at or read.starts_at,
        ends_at=told.ends_at or read.ends_at,
        circuits=tuple(dict.fromkeys((*_spelled(told.circuits, directory), *read.circuits)))[:MAX_CIRCUITS],
    )


def _from_text(opened: OpenedMail, body: str, directory: Directory) -> Notice:
    rows = list(_labelled(body.splitlines()[:1500]))
    start, end = _window(rows, body)
    circuits = _circuits(rows, body, directory)
    labels = {name for name, _, _ in rows}
    sure = bool(_HEAD.search(opened.subject)) and start is not None and (bool(circuits) or len(labels) >= 2)
    return Notice(
        carrier=opened.from_name or opened.from_address.rpartition("@")[2],
        reference=_reference(rows, opened.subject),
        status=_status(opened.subject, body),
        impact=next((v for n, _, v in rows if n == "impact" and v), "")[:200],
        starts_at=start,
        ends_at=end,
        circuits=circuits,
        sure=sure,
    )


def _labelled(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """Kind, label and value of each labelled row; an empty value is taken from the lines below, up to a blank one."""
    for i, line in enumerate(lines):
        pair = _PAIR.match(line)
        label, value = (pair[1].strip(), pair[2]) if pair else (line.strip().rstrip(":"), "")
        kind = next((n for n, p in _ROWS if p.fullmatch(label)), "") if 1 < len(label) <= 48 else ""
        if not kind:
            continue
        if not value:
            below = lines[i + 1 : i + (40 if kind == "circuits" else 3)]
            while below and not below[0].strip():
                below = below[1:]
            stop = next((n for n, x in enumerate(below) if not x.strip()), len(below))
            value = "\n".join(x.strip() for x in below[:stop])
        yield kind, label, value


def _window(rows: list[tuple[str, str, str]], body: str) -> tuple[datetime | None, datetime | None]:
    for kind, label, value in rows:
        if kind == "window" and (found := window(value, zone=zone_in(label))):
            return found
    starts = [x for k, label, v in rows if k == "start" for x in _instants(v, label)]
    ends = [x for k, label, v in rows if k == "end" for x in _instants(v, label)]
    if starts:
        return starts[0], next((e for e in ends if e > starts[0]), None)
    found = window(body)
    return found if found else (None, None)


def _instants(value: str, label: str) -> list[datetime]:

    return [i.at for i in instants(value, zone=zone_in(label))][:1]


def _reference(rows: list[tuple[str, str, str]], subject: str) -> str:
    for kind, _, value in rows:
        found = _CODE.match(value.strip("[]# ")) if kind == "reference" else None
        if found and any(c.isdigit() for c in found[0]):
            return found[0].rstrip(".:)")
    codes = [c.strip(".:()#") for c in _CODE.findall(subject) if sum(x.isdigit() for x in c) >= 4]
    return next((c for c in codes if not re.fullmatch(r"[\d.:/-]*(?:20\d\d)[\d.:/-]*", c)), "")


def _status(subject: str, body: str) -> str:
    for text in (subject, body[:400]):
        for status, pattern in _STATUSES:
            if pattern.search(text) and not (text is not subject and status in ("in progress", "completed")):
                return status
    return "planned"


def _circuits(rows: list[tuple[str, str, str]], body: str, directory: Directory) -> tuple[str, ...]:
    """Known circuits and services wherever they stand, then what stands under a circuit label as written."""
    out = [w.value for w in scan(body, directory, default_rules(), 99) if w.how in ("exact", "lookalike")]
    known = {canonical(c) for c in out}
    for kind, label, value in rows:
        if kind != "circuits" or re.search(r"(?i)\b(?:name|list of)\b", label):
            continue
        for line in value.splitlines():
            for piece in re.split(r"[,;|]|\s{2,}|\band\b", line)[:6]:
                code = re.match(r"[*•-]?\s*([A-Z0-9/][\w./:-]*(?:\s?/\s?/?[A-Z]{2,5}\s?/?)?)", piece.strip())
                written = code[1].strip() if code else ""
                if sum(c.isdigit() for c in written) >= 3 and 4 < len(written) < 45 and canonical(written) not in known:
                    known.add(canonical(written))
                    out.append(written)
    return tuple(dict.fromkeys(out))[:MAX_CIRCUITS]


def _spelled(circuits: tuple[str, ...], directory: Directory) -> tuple[str, ...]:
    return tuple(directory.circuit_spelling.get(canonical(c), c) for c in circuits)

# ruff: noqa: E501 (patterns read better on one line)
"""Delivery reports and receipts: in the form of RFC 3464 and RFC 8098, and in the free words of servers that know neither."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message

from models.mail import Report
from parsers.mime import OpenedMail
from parsers.mime_parts import header_text, one_line

MAX_IDS = 10
_MAX_PARTS = 50
_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s]{1,200}>")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<!\d)([45]\d\d)[ -](?=\S)")
_DAEMON = re.compile(r"(?i)^(?:mailer-daemon|mailerdaemon|mdaemon|mail-daemon|postmaster|mail\.?delivery|bounce(?:s|-\S*)?)@")
_SUBJECT = re.compile(
    r"(?i)undeliver|non[- ]?deliver|deliver\w*\s+(?:status|fail|has failed|report|problem)|delivery notification|returned (?:mail|to sender)"
    r"|mail (?:delivery )?(?:failed|failure|system error)|failure notice|message (?:could not be|not) delivered|nicht zustellbar"
    r"|unzustellbar|zustellung|non remis|échec de (?:la )?remise|no se puede entregar|no entregad|non recapitat|mancato recapito"
    r"|onbestelbaar|niet (?:bezorgd|afgeleverd)|não entregue|niedostarcz|nie dostarcz|недоставлен|не доставлен|teslim edilemedi"
)
_WORDS = re.compile(
    r"(?i)could not be delivered|couldn't be delivered|was not delivered|wasn't delivered|unable to deliver|undeliverable"
    r"|permanent(?:ly)? (?:fatal )?(?:error|fail)|did not reach|delivery (?:to the following|has failed|failed)|i'm afraid i wasn't able"
    r"|returned to (?:sender|you)|user unknown|no such user|mailbox (?:unavailable|is full|not found)|address (?:not found|rejected)"
    r"|konnte nicht zugestellt|n'a pas pu être|no se pudo entregar|kon niet worden bezorgd"
)
_DELAYED = re.compile(
    r"(?i)\bdelayed?\b|warning only|still being retried|not yet been delivered|will (?:be retried|keep trying)|deferred"
)
_QUOTED_HEAD = re.compile(r"(?im)^[>\s]*(?:original-)?message-id:\s*(<[^<>\s]+>)")
_RECEIPT_SUBJECT = re.compile(
    r"(?i)^\s*(?:read|gelesen|lu|leído|letto|gelezen|lida|lido|przeczytano|pročitano|прочитано|okundu|not read|ungelesen gelöscht)\s*:"
)


def find_report(opened: OpenedMail, raw: bytes) -> Report | None:
    """What the mail reports of one of ours, or None when it is no report."""
    message = email.message_from_bytes(raw[:2_000_000])
    parts = list(_parts(message))
    fields = [f for p in parts if p.get_content_type() in ("message/delivery-status", "message/global-delivery-status")
              for f in _groups(p)]  # fmt: skip
    if fields:
        return _dsn(fields, parts, opened)
    receipt = next((p for p in parts if p.get_content_type() == "message/disposition-notification"), None)
    if receipt is not None:
        values = _merged(_groups(receipt))
        ids = _ID.findall(values.get("original-message-id", ""))
        return Report(
            "receipt", _address(values.get("final-recipient", "")), "", values.get("disposition", ""), _ids(ids, parts)
        )
    return _free(opened, parts, raw)


def _parts(message: Message) -> Iterator[Message]:
    for n, part in enumerate(message.walk()):
        if n >= _MAX_PARTS:
            return
        yield part


def _groups(part: Message) -> list[dict[str, str]]:
    """The groups of fields of a status part; a server that forgot the blank line still gives one."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        payload = [email.message_from_string(str(payload))]
    return [{k.lower(): one_line(header_text(v)) for k, v in p.items()} for p in payload if isinstance(p, Message)]


def _merged(groups: list[dict[str, str]]) -> dict[str, str]:
    out: dict[str, str] = {}
    for g in groups:
        out = {**g, **out}
    return out


def _dsn(groups: list[dict[str, str]], parts: list[Message], opened: OpenedMail) -> Report:
    about = [g for g in groups if "final-recipient" in g or "original-recipient" in g or "action" in g] or groups
    order = {"failed": 0, "delayed": 1}
    worst = min(
        about, key=lambda g: order.get(g.get("action", "failed").split()[0].lower() if g.get("action") else "failed", 2)
    )
    action = (worst.get("action") or "failed").split()[0].lower()
    status = _STATUS.search(worst.get("status", "")) or _STATUS.search(worst.get("diagnostic-code", ""))
    kind = action if action in ("failed", "delayed") else "delivered"
    if status and kind == "failed" and status[1].startswith("4."):
        kind = "delayed" if "delayed" in action else "failed"
    whole = _merged(groups)
    address = _address(worst.get("original-recipient", "")) or _address(worst.get("final-recipient", ""))
    final = _address(worst.get("final-recipient", ""))
    why = worst.get("diagnostic-code") or worst.get("status") or opened.subject
    envelope = _address(whole.get("x-postfix-sender", ""))
    return Report(kind, final or address, status[1] if status else "", why[:300], _ids((), parts), envelope)


def _ids(first: tuple[str, ...] | list[str], parts: list[Message]) -> tuple[str, ...]:
    """Message-IDs of the returned mail: of the message or the header lines that came back, the likeliest first."""
    found = list(first)
    for p in parts:
        kind = p.get_content_type()
        if kind in ("message/rfc822", "message/global"):
            inner = p.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                found += _ID.findall(header_text(inner[0].get("Message-ID", "")))
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            found += _QUOTED_HEAD.findall(_text(p))
    outer = parts[0] if parts else None
    if outer is not None:
        for name in ("In-Reply-To", "References"):
            found += _ID.findall(header_text(outer.get(name, ""))[:4000])
    return tuple(dict.fromkeys(found))[:MAX_IDS]


def _free(opened: OpenedMail, parts: list[Message], raw: bytes) -> Report | None:
    """A bounce without the standard form: qmail, Exim, old Sendmail, Notes, Exchange 5.5, and webmails."""
    body = opened.body[:20_000]
    failed = opened.header("x-failed-recipients")
    daemon = bool(_DAEMON.match(opened.from_address)) or opened.header("return-path").strip() == "<>"
    if _RECEIPT_SUBJECT.match(opened.subject) and daemon:
        return Report("receipt", opened.from_address, "", opened.subject, _ids((), parts))
    spoken = bool(_SUBJECT.search(opened.subject)) and bool(_WORDS.search(body))
    words_alone = daemon and bool(_WORDS.search(body))
    if not (failed or (spoken and (daemon or _machine(opened))) or words_alone):
        return None
    head = re.split(r"(?im)^[-_ ]*(?:below this line is a copy|original message|this is a copy of the message|------ )", body)[
        0
    ]
    addresses = _ADDRESS.findall(failed) or [a for a in _ADDRESS.findall(head) if not _DAEMON.match(a.lower())]
    status, reply = _STATUS.search(body), _REPLY.search(head)
    code = status[1] if status else (f"{reply[1][0]}.0.0" if reply else "")
    delayed = code.startswith("4.") or (not code and bool(_DELAYED.search(opened.subject)))
    line = next(
        (x.strip() for x in head.splitlines() if _STATUS.search(x) or _REPLY.search(x) or _WORDS.search(x)), opened.subject
    )
    text = raw[:1_000_000].decode("latin-1")
    ids = [i for i in _QUOTED_HEAD.findall(text) if i != opened.message_id] + _QUOTED_HEAD.findall(body)
    address = next((a.lower() for a in addresses if a.lower() not in (*opened.to, opened.from_address)), "")
    return Report("delayed" if delayed else "failed", address, code, one_line(line)[:300], _ids(ids, parts))


def _machine(opened: OpenedMail) -> bool:
    auto = opened.header("auto-submitted").lower()
    return bool(auto) and not auto.startswith("no")


def _address(value: str) -> str:
    found = _ADDRESS.search(value.rpartition(";")[2])
    return found[0].lower() if found else ""


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    return data.decode("latin-1") if isinstance(data, bytes) else str(part.get_payload())

"""Signs in the headers and the text that no person wrote this mail, or that nobody here wants it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.words import Intent
from parsers.case import Case
from parsers.mime import OpenedMail

_ROBOT = re.compile(r"(?i)^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?[+=-].*|listserv|majordomo)@")
_BOUNCER = re.compile(r"(?i)^(?:mailer-daemon|postmaster)@")


@dataclass(frozen=True, slots=True)
class Sign:
    intent: Intent
    why: str


def machine_sign(case: Case) -> Sign | None:
    """The first sign that holds, strongest first; None for a person's mail."""
    mail, subject = case.mail, case.mail.subject
    body = case.read_text[len(subject) :]
    at = len(subject)
    if mail.content_type == "multipart/report" or _BOUNCER.match(mail.from_address) or _null_path(mail):
        return Sign(Intent.AUTOMATIC, "a delivery report")
    auto = mail.header("auto-submitted").lower()
    if auto.startswith("auto-replied") or mail.header("x-autoreply") or mail.header("x-autorespond"):
        return Sign(Intent.AUTOMATIC, "an automatic reply (header)")
    if subject and case.says("intent.auto_subject", subject[:80]) and not _is_report(case, body):
        return Sign(Intent.AUTOMATIC, "an automatic reply (subject)")
    if _maintenance(case, subject, body):
        return Sign(Intent.AUTOMATIC, "a notice of planned work")
    listed = _listed(mail)
    if listed and not _known_fault(case):
        return Sign(Intent.UNWANTED, listed)
    if not _known_fault(case) and _unwanted(case, body):
        return Sign(Intent.UNWANTED, "advertising or fraud")
    if len(case.hits("intent.auto_body", body, at)) >= 2 and not _is_report(case, body):
        return Sign(Intent.AUTOMATIC, "an automatic text")
    if auto and auto != "no" and not _known_fault(case) and not _is_report(case, body):
        return Sign(Intent.AUTOMATIC, "marked as automatic")
    return None


def _null_path(mail: OpenedMail) -> bool:
    return mail.header("return-path").strip() == "<>" and bool(
        mail.header("auto-submitted") or mail.header("x-failed-recipients")
    )


def _listed(mail: OpenedMail) -> str:
    for name in ("list-id", "list-unsubscribe", "list-post"):
        if mail.header(name):
            return f"sent through a list ({name})"
    return "sent in bulk" if mail.header("precedence").lower() in ("bulk", "list", "junk") else ""


def _known_fault(case: Case) -> bool:
    """A sender on file who names a service, or a symptom, in his own words."""
    return case.customer is not None and case.says("symptom.words", case.words_text) and not _bulk_head(case.mail)


def _bulk_head(mail: OpenedMail) -> bool:
    return bool(mail.header("list-id") and mail.header("list-unsubscribe"))


def _is_report(case: Case, body: str) -> bool:
    symptoms = case.hits("symptom.words", body, len(case.mail.subject))
    return case.customer is not None and len(symptoms) >= 2 and not case.mail.header("auto-submitted") and not _away(case, body)


def _away(case: Case, body: str) -> bool:
    return case.says("intent.auto_body", body, len(case.mail.subject))


def _maintenance(case: Case, subject: str, body: str) -> bool:
    at = len(subject)
    head = case.says("intent.maintenance", subject)
    text = case.says("intent.maintenance", body, at)
    formal = len({h.text.lower() for h in case.hits("intent.maintenance_body", body, at)})
    reply = bool(case.mail.in_reply_to) or bool(re.match(r"(?i)\s*(?:re|aw|sv|antw)\s*:", subject))
    if reply or case.customer is not None:
        return head and formal >= 4 and not reply
    return (head and formal >= 1) or (text and formal >= 2) or (head and text)


def _unwanted(case: Case, body: str) -> bool:
    words = {h.text.lower(): h.strength for h in case.hits("intent.unwanted", case.text)}
    needed = case.rules.number("threshold.intent.bulk")
    return sum(words.values()) >= (needed if case.customer is None else needed + 2)

"""What the writer wants, from headers, cues and whether a ticket is named."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.reading import Finding, Step
from models.words import Action, Field, FindingStatus, Intent, ZoneKind
from parsers.case import Case
from parsers.findings import finding
from parsers.ids import is_reply_subject
from parsers.machine import machine_sign
from parsers.rules import Hit

_NEVER_NEW = re.compile(r"(?i)\b(?:any|no|without|not a|is it a|it's not a|kein\w*)\s+(?:new|other|another)\b")


@dataclass(frozen=True, slots=True)
class Wish:
    intent: Intent
    why: str


def says_new(case: Case) -> bool:
    """Whether the new text calls this another fault than the one in the thread."""
    text = _prose(case)
    hits = case.rules.lexicon("intent.new").hits(text)
    if not hits or _NEVER_NEW.search(text):
        return False
    strong = [h for h in hits if len(h.text.split()) > 1]
    return bool(strong) and (is_reply_subject(case.mail.subject) or _mentions_thread(case))


def _mentions_thread(case: Case) -> bool:
    return any(z.kind is ZoneKind.QUOTED for z in case.zones) or bool(re.search(r"INC-\d{4}-", case.text))


def find_intent(case: Case, ref: str | None, *, new: bool) -> tuple[Wish, Finding]:
    """The wish and the finding that records why."""
    wish = _decide(case, ref, new=new)
    steps = [Step(wish.why, 0.8)]
    f = finding(
        Field.INTENT,
        wish.intent.value,
        "",
        (0, 0),
        f"intent.{wish.intent.value}",
        case.rules.version,
        steps,
        FindingStatus.FILLED,
    )
    return wish, f


def _decide(case: Case, ref: str | None, *, new: bool) -> Wish:
    sign = machine_sign(case)
    if sign:
        return Wish(sign.intent, sign.why)
    lex = case.rules.lexicon
    text = _prose(case)
    subject = case.mail.subject if not is_reply_subject(case.mail.subject) else ""
    whole = f"{subject}\n{text}"
    symptom = lex("symptom.words").found(_without(lex("intent.rfo").hits(whole), whole))
    if lex("intent.rfo").found(whole) and (ref or _past(case, whole)):
        return Wish(Intent.RFO_REQUEST, "asks for the cause in writing")
    if not new and lex("intent.escalation").found(_spoken(case)) and (ref or _reported_before(_spoken(case))):
        return Wish(Intent.ESCALATION, "asks for more urgency on a ticket")
    if ref and not new:
        return Wish(Intent.UPDATE, "names our ticket")
    if _resolved_only(case, text):
        return Wish(Intent.UPDATE, "says that it works again")
    question = lex("intent.question").found(whole) or "?" in text
    if question and (
        not symptom or re.search(r"(?i)\bnothing is wrong\b|\bonly asking\b|\bjust asking\b|nur eine frage", text)
    ):
        return Wish(Intent.QUESTION, "asks something and names no fault")
    return Wish(Intent.REPORT, "a fault report unless shown otherwise")


def action_for(intent: Intent, ref: str | None, missing: bool) -> Action:
    """What the reading suggests to do with the contact."""
    if intent in (Intent.AUTOMATIC, Intent.UNWANTED):
        return Action.NONE
    if ref or intent in (Intent.UPDATE, Intent.ESCALATION, Intent.RFO_REQUEST):
        return Action.APPEND
    return Action.ASK if missing and intent is Intent.REPORT else Action.ACKNOWLEDGE


def _prose(case: Case) -> str:
    subject_end = case.zones[0].end if case.zones and case.zones[0].kind is ZoneKind.SUBJECT else 0
    return re.sub(r"[ \t]*\n[ \t]*", "\n", case.words_text[subject_end:])


def _spoken(case: Case) -> str:
    """The prose and the subject, without form rows that merely name an escalation step."""
    return "\n".join(case.text[z.start : z.end] for z in case.zones if z.kind in (ZoneKind.SUBJECT, ZoneKind.PROSE))


def _without(hits: list[Hit], text: str) -> str:
    for h in hits:
        text = text[: h.start] + " " * (h.end - h.start) + text[h.end :]
    return text


def _past(case: Case, text: str) -> bool:
    asked = re.search(r"(?i)\b(?:rfo|rca|report|bericht|rapport|informe|relazione|relatório|izveštaj|raport|отч[её]т)\b", text)
    return bool(asked) and not re.search(r"(?i)\bstill (?:down|dead|out|off)\b", text)


def _reported_before(text: str) -> bool:
    return bool(
        re.search(
            r"(?i)\bescalat|\beskal|\bescalad|\b(?:ticket|case|reported|called|opened)\b.{0,80}\b(?:ago|yesterday|hours|days|times|still|already)\b",
            text,
        )
    )


def _resolved_only(case: Case, text: str) -> bool:
    if not case.rules.lexicon("intent.resolved").found(text) or not is_reply_subject(case.mail.subject):
        return False
    return bool(re.search(r"(?i)\bclose|\bclosed\b|schließen|fermer|cerrar|chiudere|sluiten|zatvor|zamkn|закры|kapat", text))

"""What the writer wants, from headers, cues and whether a ticket is named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.reading import Finding, Step
from models.words import Action, Field, FindingStatus, Intent, ZoneKind
from parsers.case import Case
from parsers.findings import finding
from parsers.ids import is_reply_subject
from parsers.machine import machine_sign
from parsers.rules import Hit
from parsers.zones import masked

_NEVER_NEW = re.compile(r"(?i)\b(?:any|no|without|not a|is it a|it's not a|kein\w*)\s+(?:new|other|another)\b")


_TOPICS = frozenset(
    "bgp speed throughput latency delay jitter bandwidth alarm temperature redundancy speed hits black mtu".split()
)
_BACK = 160
_ALONE = frozenset({"unrelated", "separately", "отдельно"})
_NOT_ASKED = frozenset({"about planned work"})
# "No problem with the line" names no symptom.
_DENIED = re.compile(
    r"(?i)\b(?:no|not|without|nothing|none|kein\w*|nicht|ohne|geen|niet|zonder|pas|aucun\w*|sans|no|sin|ningun\w*|sem"
    r"|nenhum\w*|não|nessun\w*|senza|non|nema"
    r"|bez|nije|nie|żadn\w*|нет|без|не|нема|није)\s+(?:\w+\s+){0,2}$"
)


# "Please tell me whether the upgrade interrupts the service": what is asked about is no symptom.
_ASKED = re.compile(
    r"(?i)\b(?:whether|(?:tell|know|advise|confirm|say|clarify|wonder|wondering|ask)\b[^.!?\n]{0,30}\bif|(?:sagen|wissen|mitteilen|mit)"
    r"\b[^.!?\n]{0,30}\bob|(?:dire|savoir|indiquer|préciser)\b[^.!?\n]{0,20}\bsi|(?:decir\w*|saber|indicar\w*|confirmar\w*)"
    r"\b[^.!?\n]{0,20}\bsi|(?:dizer|saber|informar|indicar|confirmar)\b[^.!?\n]{0,20}\bse|(?:dire|dirmi|sapere|indicare)"
    r"\b[^.!?\n]{0,20}\bse|(?:weten|zeggen|aangeven)\b[^.!?\n]{0,20}\bof|(?:reći|recite|znati|javite)\b[^.!?\n]{0,20}\bda li"
    r"|(?:рећи|реците|знати|јавите)\b[^.!?\n]{0,20}\bда ли|(?:powiedzieć|wiedzieć|informację|informacje)\b[^.!?\n]{0,20}\bczy"
    r"|(?:сообщите|подскажите|узнать|скажите)\b[^.!?\n]{0,60}\bли)\b[^.!?;\n]{0,60}$"
)


# A monitoring robot that has told a second person escalates nothing with us.
_BY_ITSELF = re.compile(r"(?i)\b(?:problem|alarm|alert|event|trigger)\w*\s+(?:has been|was|is)\s+escalated\b")
_SUPPOSED = re.compile(
    r"(?i)\b(?:what if|suppose|supposing|hypothetical\w*|was (?:wäre|passiert),? wenn|angenommen|stel dat|supposons"
    r"|et si|supongamos"
    r"|qué pasa si|suponhamos|e se|supponiamo|pretpostavimo|šta ako|претпоставимо|шта ако|załóżmy|co jeśli|предположим"
    r"|что если"
    r"|diyelim ki)\b"
)


# "Nothing broken, just a quick one."
_ONLY_ASKS = re.compile(
    r"(?i)\bnothing(?:'s| is| has)? (?:is )?(?:wrong|broken|down|amiss|urgent|failed)\b|\b(?:only|just) (?:asking"
    r"|a question|curious"
    r"|a quick (?:one|question|query))\b|\bno (?:fault|outage|problem) (?:here|today|at all|to report)\b"
    r"|nur eine (?:kurze )?frage"
    r"|nichts kaputt|rien de cassé|simple question|aucune panne|nada roto|solo una (?:pregunta|domanda)|niente di rotto"
    r"|nessun guasto|só uma (?:pergunta|dúvida)|nada avariado|alleen een vraag|niets kapot|samo pitanje|ništa nije pokvareno"
    r"|tylko pytanie|nic się nie zepsuło|только вопрос|ничего не сломалось|sadece (?:bir )?soru"
)


@dataclass(frozen=True, slots=True)
class Wish:
    intent: Intent
    why: str


def says_new(case: Case) -> bool:
    """Whether the new text calls this another fault than the one in the thread."""
    text = _prose(case)
    hits = case.hits("intent.new", text)
    if not hits or _NEVER_NEW.search(text):
        return False
    strong = [h for h in hits if len(h.text.split()) > 1 or h.text.lower() in _ALONE]
    return bool(strong) and (is_reply_subject(case.mail.subject) or _mentions_thread(case))


def _mentions_thread(case: Case) -> bool:
    return any(z.kind is ZoneKind.QUOTED for z in case.zones) or bool(re.search(r"INC-\d{4}-", case.text))


def find_intent(
    case: Case, ref: str | None, *, new: bool, named: Finding | None = None, told: Sequence[Finding] = ()
) -> tuple[Wish, Finding]:
    """The wish and the finding that records why.

    `named` is what a rule of the set names outright in a person's mail, `told` what was read of the state of a service
    and of the start of a fault.
    """
    wish = _decide(case, ref, told, new=new)
    if named and wish.intent not in (Intent.AUTOMATIC, Intent.UNWANTED):
        wish = Wish(Intent(named.value), f"rule {named.rule}")
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


def _decide(case: Case, ref: str | None, told: Sequence[Finding], *, new: bool) -> Wish:
    sign = machine_sign(case)
    if sign:
        return Wish(sign.intent, sign.why)
    text = _prose(case)
    whole = text if is_reply_subject(case.mail.subject) else case.words_text
    rfo = case.hits("intent.rfo", whole)
    faulty = any(f.status is FindingStatus.FILLED for f in told)
    symptom = faulty or _symptom(case, _without(rfo, whole))
    if rfo and (ref or _past(case, whole)):
        return Wish(Intent.RFO_REQUEST, "asks for the cause in writing")
    if not new and case.says("intent.escalation", _spoken(case)) and (ref or _reported_before(_spoken(case))):
        return Wish(Intent.ESCALATION, "asks for more urgency on a ticket")
    if ref and not new:
        return Wish(Intent.UPDATE, "names our ticket")
    if _resolved_only(case, text):
        return Wish(Intent.UPDATE, "says that it works again")
    question = case.says("intent.question", whole) or "?" in text
    if question and (not symptom or _ONLY_ASKS.search(text)):
        return Wish(Intent.QUESTION, "asks something and names no fault")
    if (
        question
        and _SUPPOSED.search(whole)
        and not any(f.field is Field.IMPACT and f.status is FindingStatus.FILLED for f in told)
    ):
        return Wish(Intent.QUESTION, "asks what would be")
    planned = [f for f in told if f.field is Field.IMPACT and f.value != "non_service_affecting"]
    if not faulty and any(f.rule == "impact.planned" for f in planned) and all(f.detail in _NOT_ASKED for f in planned):
        return Wish(Intent.QUESTION, "tells of planned work and names no fault")
    return Wish(Intent.REPORT, "a fault report unless shown otherwise")


def _symptom(case: Case, text: str) -> bool:
    """Whether a symptom is named and not denied; a question may well be about speed or BGP."""
    asks = "?" in text
    hits = (h for h in case.hits("symptom.words", text) if not (asks and h.text.lower() in _TOPICS))
    return any(not _DENIED.search(text[: h.start]) and not _ASKED.search(text[max(0, h.start - _BACK) : h.start]) for h in hits)


def action_for(intent: Intent, ref: str | None, missing: bool) -> Action:
    """What the reading suggests to do with the contact."""
    if intent in (Intent.AUTOMATIC, Intent.UNWANTED):
        return Action.NONE
    if ref or intent in (Intent.UPDATE, Intent.ESCALATION, Intent.RFO_REQUEST):
        return Action.APPEND
    return Action.ASK if missing and intent is Intent.REPORT else Action.ACKNOWLEDGE


def _prose(case: Case) -> str:
    subject_end = case.zones[0].end if case.zones and case.zones[0].kind is ZoneKind.SUBJECT else 0
    return " " * subject_end + case.words_text[subject_end:]


def _spoken(case: Case) -> str:
    """The prose and the subject, without form rows that merely name an escalation step; same offsets."""
    return masked(case.text, case.zones, (ZoneKind.SUBJECT, ZoneKind.PROSE))


def _without(hits: list[Hit], text: str) -> str:
    for h in hits:
        text = text[: h.start] + " " * (h.end - h.start) + text[h.end :]
    return text


def _past(case: Case, text: str) -> bool:
    asked = re.search(r"(?i)\b(?:rfo|rca|report|bericht|rapport|informe|relazione|relatório|izveštaj|raport|отч[её]т)\b", text)
    return bool(asked) and not re.search(r"(?i)\bstill (?:down|dead|out|off)\b", text)


def _reported_before(text: str) -> bool:
    return not _BY_ITSELF.search(text) and bool(
        re.search(
            r"(?i)\bescalat|\beskal|\bescalad|\b(?:ticket|case|reported|called|opened)\b.{0,80}\b(?:ago|yesterday|hours"
            r"|days|times|still|already)\b",
            text,
        )
    )


def _resolved_only(case: Case, text: str) -> bool:
    if not case.says("intent.resolved", text) or not is_reply_subject(case.mail.subject):
        return False
    return bool(re.search(r"(?i)\bclose|\bclosed\b|schließen|fermer|cerrar|chiudere|sluiten|zatvor|zamkn|закры|kapat", text))

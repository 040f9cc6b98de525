"""Keys and plain words for the slots with few answers: menu, yes or no, impact, fault pattern; and "a person, please"."""

from __future__ import annotations

import re

from ivr.speech_impact import impact, pattern
from ivr.speech_tokens import cut, parts, plain
from ivr.speech_words import DIGITS
from models.words import Impact, Pattern

KEYS: dict[str, dict[str, str | bool]] = {
    "impact": {"1": Impact.SERVICE_AFFECTING.value, "2": Impact.DEGRADATION.value, "3": Impact.NON_SERVICE_AFFECTING.value},
    "fault_pattern": {"1": Pattern.INTERMITTENT.value, "2": Pattern.CONSTANT.value},
    "yes_no": {"1": True, "2": False},
    "menu": {"1": "report", "2": "update", "0": "agent"},
}

_ROLE = (
    r"(?:person|human(?: being)?|agent|operator|representative|rep|advis[eo]r|receptionist|supervisor"
    r"|technician|engineer|staff)s?"
)
_DESK = r"(?:the |your )?(?:tech(?:nical)? support|support|customer (?:service|care|support)|help ?desk|noc)"
_PERSON = (
    rf"(?:(?:a|an|the|some|your|one of your|any|another|real|live|actual|proper|living|service|support"
    rf"|noc|duty|network|field|shift|technical|tech) )*(?:{_ROLE}|somebody|someone)"
)
_ASKS = re.compile(
    rf"\b(?:speak|talk|chat|transferred|connected)(?: directly| straight)? (?:to|with) (?:{_PERSON}|{_DESK})\b"
    rf"|\b(?:connect|transfer|put|pass|hand) me\b.{{0,20}}\b(?:{_PERSON}|through)\b"
    rf"|\b(?:get|give|find|fetch) me {_PERSON}\b"
    rf"|\b(?:i|we)(?:'d| would)? (?:just )?(?:want|need|like|prefer) (?:a |an |the |some |real |live |actual )*{_ROLE}\b"
)
_ALONE = re.compile(rf"{_PERSON}|{_DESK}")
_POLITE = re.compile(r"\b(?:please|thanks|thank you|um+|uh|er|hello|hi|yes|just|can i have|could i have|now|ok|okay|no)\b")
_REFUSED = re.compile(r"\b(?:don't|do not|didn't|already|haven't|never|can't|cannot|nobody|no one|couldn't)\b")

_NEW = re.compile(
    r"\b(?:new|another|different|fresh)\b|\b(?:open|raise|create|log|start|make|file|lodge) (?:a|an|me a|up a)\b"
    r"|\breport(?:ing)? (?:a|an|some|my|our|the|that)\b|\b(?:don't|do not|haven't) (?:have|got"
    r"|got any) (?:a |any )?(?:ticket|case|number|reference)"
    r"|\bto report\b|^report(?:ing)?\b|\bnot (?:an )?(?:existing|update)"
)
_OLD = re.compile(
    r"(?<!not )(?<!not an )\b(?:existing|update|updates|updating|already|follow(?:ing)? up|chas(?:e|ing)"
    r"|status|earlier|previous|progress)\b"
    r"|\b(?:my|our|the|this|that|about a|have a|have an open|got a|on a|an open|open|old) (?:ticket|case|incident|reference)\b"
    r"|\b(?:i|we) (?:reported|called|rang|opened|raised|logged)\b|\b(?:ticket|case|reference) number\b"
)
_NOT_NEW = re.compile(r"\bnot (?:a )?new\b|\bnothing new\b|\bnew information\b|\bnew details?\b")
_FAULT = re.compile(
    r"\b(?:faults?|faulty|problems?|issues?|outages?|trouble|down|broken|offline|dead|slow)\b|\b(?:not"
    r"|isn't|doesn't|stopped) work(?:ing)?\b|\bnothing (?:works|is working)\b"
    r"|\b(?:no|lost (?:our|the|my|all)) (?:internet|service|connection|connectivity|network|signal|phones?)\b"
)

_UNSURE = re.compile(
    r"\b(?:not (?:really |too |quite )?sure|no idea|don't know|do not know|dunno|couldn't say|can't (?:say"
    r"|tell)|maybe|perhaps|possibly)\b"
    r"|\bis (?:that|it) (?:right|correct)\b|\bsay that again\b"
)
_NO = re.compile(
    r"\b(?:no|nope|nah|negative|wrong|incorrect|false|never|uh uh|nay|not (?:right|correct|really|quite"
    r"|true|it|that|at all|exactly)|absolutely not"
    r"|certainly not|of course not|(?:(?:it|that)(?:'s| is) not|isn't|ain't|doesn't|wasn't)(?: (?:quite"
    r"|really))?(?: (?:right|correct|true|it))?|don't think so)\b"
)
_YES = re.compile(
    r"\b(?:yes|yeah|yep|yup|yah|ya|yea|aye|correct|right|roger|affirmative|indeed|exactly|sure|uh huh|mm hm+|mhm"
    r"|absolutely|definitely|certainly|of course"
    r"|perfect|true|spot on|you got it|it is|that's it|that is it|that's the one|you bet|think so"
    r"|believe so|guess so|precisely|positive)\b"
)
_LET_GO = re.compile(
    r"\b(?:(?:that's|it's|that is|it is|is|all|sounds|looks|seems) (?:fine|good|okay|ok|right|great)|go ahead|please do|go on"
    r"|carry on|works for me)\b"
)
_WEAK_YES = re.compile(r"^(?:ok|okay|fine|all right|alright|good)(?: (?:then|thanks|thank you|please|fine|good))*$")
_LEADING = re.compile(r"^(?:(?:well|so|um+|uh|er|right|ok|okay|sure) )+(?=no|not|nah|that's not|it's not)")
_NOT_A_NO = re.compile(r"\b(?:no problem|no doubt|no worries|why not|not wrong|not incorrect)\b")

_OPTION = re.compile(r"(?:(?:option|number|press|key|choice|choose|the|it's|that's|select|i'd say|is|um|uh|digit) )*(\w+)")

_GREETING = re.compile(
    r"\b(?:hello|hi|hey|good (?:morning|afternoon|evening)|can (?:you|anyone|anybody) hear me"
    r"|are you (?:still )?there|is (?:anyone|anybody|someone|somebody)"
    r" there|testing|test|one two|sorry|what|pardon|um+|uh+|er+|erm|yes|yeah|no|ok|okay|please|thanks"
    r"|thank you|bye|goodbye|hang on|hold on|wait"
    r"|one (?:moment|second)|just a (?:moment|second|minute)|i don't know|don't know|no idea|not sure|(?:i"
    r"|we) have a (?:problem|issue|fault)|what do i say"
    r"|(?:there's|there is) a (?:problem|issue|fault)|help|me|my|well|so|now|do i (?:speak|talk) now"
    r"|is this (?:on|recording|working)|say that again"
    r"|(?:can|could) you repeat that|repeat|the|it|is|a|and|like|anybody|anyone|there|can you|i)\b"
)


def wants_person(speech: str, *, strict: bool) -> bool:
    """Whether the caller asks for a person. `strict` is for free text, where staff may be part of the story."""
    text = plain(speech)
    rest = re.sub(r"\s+", " ", _POLITE.sub(" ", text)).strip()
    if _ALONE.fullmatch(rest):
        return True
    if strict and len(text.split()) > 12:
        return False
    match = _ASKS.search(text)
    return bool(match) and not _REFUSED.search(text[: match.end()] if match else text)


def answer(asked: str, speech: str) -> str | bool | None:
    """The value of a slot with few answers, or of the description; None when the words do not tell."""
    if asked == "description":
        return describe(speech)
    option = _OPTION.fullmatch(plain(speech))
    key = DIGITS.get(option[1], option[1]) if option and option[1] not in ("no", "oh", "o") else ""
    if key in KEYS.get(asked, {}):
        return KEYS[asked][key]
    if asked == "yes_no":
        return yes_no(speech)
    if asked == "menu":
        return menu(speech)
    return impact(speech) if asked == "impact" else pattern(speech)


def menu(speech: str) -> str | None:
    """report, update or None; the kind of ticket decides before a mere word of trouble does."""
    text = plain(speech)
    not_new = bool(_NOT_NEW.search(text))
    new, old = not not_new and bool(_NEW.search(text)), not_new or bool(_OLD.search(text))
    if new != old:
        return "report" if new else "update"
    if new and re.search(
        r"\breport(?:ing)? a new|\bnot (?:an )?(?:existing|update)|(?:don't|haven't)\b.*\b(?:ticket|case)", text
    ):
        return "report"
    return "report" if not new and _FAULT.search(text) else None


def yes_no(speech: str) -> bool | None:
    """True, False, or None where the words say both or neither; after a correction only the last word counts."""
    whole = _verdict(plain(speech))
    if whole is not None or not re.search(r"\b(?:sorry|wait|i mean|i meant|actually|make that)\b", plain(speech)):
        return whole
    last = re.split(r"\b(?:sorry|wait|i mean|i meant|actually|make that)\b", plain(speech))[-1].strip()
    return _verdict(last)


def _verdict(text: str) -> bool | None:
    if _UNSURE.search(text):
        return None
    text = _LEADING.sub("", _NOT_A_NO.sub(" ", text))
    refused = bool(_NO.search(text))
    rest = _NO.sub(" ", text)
    agreed = bool(_YES.search(rest)) or bool(_WEAK_YES.search(text)) or bool(_LET_GO.search(rest))
    return agreed if refused != agreed else None


def describe(speech: str) -> str | None:
    """The words as they are when they say something: two words at least beside greetings and small talk."""
    rest = _GREETING.sub(" ", plain(speech)).split()
    return speech.strip() if len(rest) >= 2 or (rest and re.search(r"down|offline|slow|dead|outage|broken", rest[0])) else None


def last_part(speech: str) -> str:
    """The words after the caller's last correction."""
    found = parts(cut(speech))
    return " ".join(found[-1]).lower() if found else ""

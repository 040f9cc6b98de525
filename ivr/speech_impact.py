"""Impact and fault pattern from what a caller says, mis-heard class names included."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from ivr.speech_tokens import plain
from models.words import Impact, Pattern

_CLOSE = 80.0
_SOUNDS = str.maketrans("vczdbgkq", "fsstpkkk")
_SURE = 88.0
_NEGATION = frozenset("non not none no isn't isnt never ain't nun nan nonn without doesn't un nor hardly".split())
_DOUBTFUL = frozenset("on an in mon mom known one noon name nine and none".split()) - _NEGATION
_DENIED = re.compile(
    r"\b(?:not|isn't|aren't|no|never|without|wasn't|nothing(?:'s| is)|neither)(?: (?:really|actually"
    r"|completely|totally|a|any|much|that|it's|is|at|all|just|so))*$"
)

_NOTHING = re.compile(
    r"\bnothing (?:works|is working|loads|at all|goes|gets|comes)\b|\b(?:down|dead|offline|outage|cut off"
    r"|knocked out|unreachable|blackout|isolated|off (?:the )?air|gone dark|inoperable)\b"
    r"|\b(?:is|are|'s|went|gone|completely|totally|all) out\b(?! of)"
    r"|\b(?:lost|no) (?:all |the |our |any |whole )*(?:internet|service|services|connection|connectivity"
    r"|connections|traffic|signal|dial tone|phones|network|link|data|line|access)\b"
    r"|\b(?:nobody|no one|none of us|noone|no user|no customers?) (?:\w+ )?can\b"
    r"|\b(?:can't|cannot|can not|couldn't|unable to) (?:\w+ )?(?:work|connect|get (?:online|out|on|in"
    r"|anything)|access|reach|pay|trade|operate|do anything|call|make|use|take|send|receive|open|log|sell"
    r"|serve)\b"
    r"|\b(?:not|isn't|aren't|stopped|doesn't|don't|won't|quit|no longer) (?:\w+ )?work(?:ing|s)?\b"
    r"|\blost (?:the |our )?(?:whole |entire )?(?:sites?|office|building|branch|line|circuit|link|uplink)\b"
    r"|\b(?:loss of|no) (?:signal|light|service|sync|carrier|connectivity)\b"
    r"|\bnot (?:a|one|any) (?:single )?\w+ (?:has |have )?(?:gets?|got|goes|gone|comes?|makes? it|made it|went|passes) "
    r"(?:\w+ )?(?:through|across|over|in|out|by)\b|\bnothing (?:at all )?(?:passes|moves|arrives|flows)\b"
    r"|\b(?:total|complete|full) (?:loss|failure|outage)\b|\bnot (?:a thing|one thing) works\b"
)
_POORLY = re.compile(
    r"\b(?:slow|slower|slowly|slowness|sluggish|crawling|crawl|laggy|lag|lagging|latency|jitter"
    r"|packet loss|packets|breaking up|break up|choppy|patchy|dropping|drops?|dropouts?"
    r"|cutting out|cuts out|degraded|degrading|poor|bad quality|stutter\w*|freez\w+|buffering|partial"
    r"|partially|timing out|time outs?|timeouts|unstable|flaky|unreliable|crackl\w+|robotic"
    r"|half (?:the )?speed|reduced|worse|weak|garbled|distorted|impaired|limited|spotty|stall\w*)\b"
    r"|\b(?:quality|performance|speeds?|throughput|voice|audio|line) (?:is|are|was|were|has been) (?:\w+ )?"
    r"(?:terrible|awful|horrible|bad|low)\b"
    r"|\b(?:terrible|awful|horrible|bad) (?:quality|performance|speeds?|throughput|audio)\b|\blike (?:a )?robots?\b"
    r"|\b(?:below|under|less than|a fraction of) (?:what|the|our) (?:\w+ )?"
    r"(?:pay|paid|order|ordered|contract|contracted|speed|rate)\b"
    r"|\b(?:twice|(?:three|four|five|six|ten|many|several|\d+) times) (?:as long|the time|longer|slower)\b"
    r"|\btakes? (?:\w+ ){0,3}(?:ages|forever|an eternity|much longer|way longer|far longer)\b"
    r"|\b(?:not as fast|not at full speed|less bandwidth|low speed)\b"
)
_SPARED = re.compile(
    r"\b(?:backup|back up|standby|secondary|failover|failed over|redundan\w+|protection path)\b"
    r"|\b(?:just|only) (?:an? )?(?:alarm|question|query|enquiry|inquiry|request|warning|notice)\b"
    r"|^(?:um |uh |well |er )*none(?: at all| whatsoever| really| so far| yet)?(?=$| (?:it's|just|this|only))"
    r"|\bno (?:user |customer |service |real |business )*(?:impact|effect|users? (?:is |are )?affected"
    r"|one is affected)\b"
    r"|\bnothing(?:'s| is| was)? (?:\w+ )?(?:affected|impacted)\b|\b(?:informational|for (?:your )?information)\b"
    r"|\b(?:nobody|no one|users?|customers?|staff)(?: \w+)? (?:notices|noticed|notice|affected)\b"
    r"|\b(?:works|working|running|runs|is|are) (?:\w+ )?(?:fine|normally|perfectly|okay|ok|normal)\b"
    r"|\b(?:doesn't|does not|not|isn't|aren't|don't|didn't) (?:\w+ )?(?:affect\w*|impact\w*)\b"
)
_STILL = re.compile(
    r"\b(?:but|still|just about|barely|sort of|kind of) (?:\w+ )?(?:works|working|usable|up|online|got"
    r"|have|get|running|connected)\b|\bit works\b|\bsome (?:of|things|sites|calls|pages|users)\b"
)
_BACKUP_LOST = re.compile(
    r"\b(?:backup|back up|secondary|standby|failover)\b(?: \w+){0,3} (?:too|also|as well|down|dead|failed"
    r"|didn't|doesn't|isn't)\b|\bno (?:backup|failover|redundancy)\b|\bneither\b|\bboth\b.*\bdown\b"
)
_AFFECTED = re.compile(
    r"\b(?:everyone|everybody|all (?:our |the |my )?(?:users|customers|staff|sites)|users are"
    r"|customers are) (?:is |are )?affected\b"
    r"|\b(?:affect(?:s|ing)?|impact(?:s|ing)?) (?:our|the|my|all|every|everyone) ?(?:\w+ )?"
    r"(?:service|services|business|users|customers|production|operations?|sites?)\b"
)
_UNTOLD = re.compile(r"\b(?:don't know|no idea|not sure|complicated|can't (?:say|tell)|hard to say|depends|dunno)\b")

_COMES = re.compile(
    r"\b(?:comes? (?:up )?and go(?:es)?|coming and going|on and off|off and on|on off|up and down"
    r"|in and out|now and (?:then|again)|sometimes|sporadic\w*|flapping|flaps|occasional\w*"
    r"|random\w*|once in a while|from time to time|every (?:few|couple of|so often|now|other|\w+ minutes"
    r"|\w+ hours?|hour|minute)|comes? back|came back|keeps? (?:dropping|going|cutting|disconnecting|losing"
    r"|coming)"
    r"|on again off again|bouncing|here and there|at times|not all the time|not always|periodic\w*|works (?:for a|again))\b"
)
_STAYS = re.compile(
    r"\b(?:all the time|the (?:whole|entire) time|permanent\w*|continu\w+|non ?stop|solid|solidly|steady"
    r"|steadily|always|ever since|persistent\w*|without (?:a )?(?:break|interruption|pause)"
    r"|(?:stays?|stayed|staying|remains?|been) (?:\w+ )?(?:down|off|dead|out|like that)|still (?:down|dead"
    r"|off|out)|(?:hasn't|has not|never|doesn't|does not|didn't|not|won't) (?:\w+ )?(?:come|came|comes"
    r"|coming) back"
    r"|(?:hasn't|never) (?:stopped|recovered|gone away)|completely down|hard down|round the clock|doesn't (?:go away|stop))\b"
)
_NEVER_BACK = re.compile(
    r"\b(?:hasn't|has not|never|doesn't|does not|didn't|not|won't) (?:\w+ )?(?:comes?|came|coming) (?:back"
    r"|and go\w*)\b|\bnot (?:every|random|sporadic|occasional)\w*"
)


def impact(speech: str) -> str | None:
    """The class that the words name, else the one that they describe; None where they do neither or contradict themselves."""
    text = plain(speech)
    named = _named_affecting(text.split()) or _named_degradation(text)
    if named:
        return named.value
    found = _described(text)
    return found.value if found else None


def _described(text: str) -> Impact | None:
    if _BACKUP_LOST.search(text) and _NOTHING.search(text):
        return Impact.SERVICE_AFFECTING
    poor = _asserted(_POORLY, text)
    if _SPARED.search(text) and not _asserted(_AFFECTED, text):
        return (
            None
            if re.search(r"\bbut\b.*", text) and poor and _NOTHING.search(text)
            else Impact.DEGRADATION
            if poor
            else Impact.NON_SERVICE_AFFECTING
        )
    dead = _asserted(_NOTHING, text) or _asserted(_AFFECTED, text)
    if dead and not poor and not _STILL.search(text):
        return Impact.SERVICE_AFFECTING
    if poor and not dead:
        return Impact.DEGRADATION
    return Impact.DEGRADATION if poor and _STILL.search(text) else None


def _asserted(what: re.Pattern[str], text: str) -> bool:
    """Whether one of the expressions stands in the text without a negation right before it."""
    return any(not _DENIED.search(text[: m.start()].rstrip()) for m in what.finditer(text))


def _named_affecting(tokens: list[str]) -> Impact | None:
    """ "service affecting" with or without a negation, by likeness of both words; an unclear word before it decides nothing."""
    for at, token in enumerate(tokens):
        for first in (at - 1, at - 2):
            if first < 0 or not _like(token, "affecting", 66.0) or not _like("".join(tokens[first:at]), "service", 65.0):
                continue
            before = tokens[max(first - 3, 0) : first]
            if _NEGATION & set(before) or re.match(r"n[ou]n?.?service", tokens[first]):
                return Impact.NON_SERVICE_AFFECTING
            return None if before and before[-1] in _DOUBTFUL else Impact.SERVICE_AFFECTING
        if _like(token, "nonserviceaffecting", _SURE):
            return Impact.NON_SERVICE_AFFECTING
    return None


def _named_degradation(text: str) -> Impact | None:
    at = _place_like(text, "degradation")
    if at is None or _DENIED.search(text[:at].rstrip()) or _asserted(_NOTHING, text) or _BACKUP_LOST.search(text):
        return None
    return Impact.DEGRADATION


def pattern(speech: str) -> str | None:
    """intermittent or constant; None where the words name neither or both. Denying one of two answers names the other."""
    text = plain(speech)
    if _UNTOLD.search(text):
        return None
    comes, not_comes = _stated(text, "intermittent")
    stays, not_stays = _stated(text, "constant")
    rest = _NEVER_BACK.sub(" ", text)
    comes = comes or bool(_COMES.search(rest)) or (not_stays and not stays)
    stays = stays or _asserted(_STAYS, text) or bool(_NEVER_BACK.search(text)) or (not_comes and not comes)
    if comes == stays:
        return None
    return Pattern.INTERMITTENT.value if comes else Pattern.CONSTANT.value


def _stated(text: str, name: str) -> tuple[bool, bool]:
    """Whether the class is named as true, and whether it is named as untrue."""
    at = _place_like(text, name)
    if at is None:
        return False, False
    denied = bool(_DENIED.search(text[:at].rstrip()))
    return not denied, denied


def _place_like(text: str, name: str) -> int | None:
    """Where one to three words, written together, sound like the name."""
    tokens = text.split()
    for length in (1, 2, 3):
        for at in range(len(tokens) - length + 1):
            if tokens[at] not in _NEGATION and _like("".join(tokens[at : at + length]), name, _CLOSE):
                return len(" ".join(tokens[:at]))
    return None


def _like(heard: str, name: str, least: float) -> bool:
    return fuzz.ratio(heard, name) >= least or (heard[:1] == name[:1] and _skeleton(heard) == _skeleton(name))


def _skeleton(word: str) -> str:
    """The consonants of a word with voiced and unvoiced ones made equal: "surface" and "service" sound alike."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[aeiouyhw]", "", word.translate(_SOUNDS)))

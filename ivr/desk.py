"""A caller at a keyboard: the same calls as a carrier's, for `intake call` and the phone simulator."""

from __future__ import annotations

import re

from ivr.walk import Stop, Walk

_KEYS = re.compile(r"[0-9*#]+")
_WORDS_A_SECOND = 2.5
_OUTCOMES = {"answered": "completed", "busy": "busy", "no answer": "no-answer"}
OUTCOMES = tuple(_OUTCOMES)


def wants(stop: Stop) -> str:
    """What the call waits for, in a few words."""
    match stop.kind:
        case "gather" if stop.one_key:
            return "one key, or words" if stop.speech else "one key"
        case "gather":
            return "keys and #, or words" if stop.speech else "keys and #"
        case "record":
            return f"a message of at most {stop.attributes.get('maxLength', '110')} seconds, as words"
        case "dial":
            return "ringing " + ", ".join(t for t, _ in stop.targets)
        case "enqueue":
            return "waiting in the queue " + ", ".join(t for t, _ in stop.targets)
    return "the call is over"


def give(walk: Walk, *, keys: str = "", speech: str = "", outcome: str = "") -> Stop:
    """Does at this stop what the caller, or the agents, did; words at a recording are its transcript.

    A recording made here has no sound: the carrier would say that it is absent, and so do we.
    """
    keys, speech = "".join(_KEYS.findall(keys)), speech.strip()
    match walk.stop.kind:
        case "gather":
            return walk.answer(keys=keys, speech="" if keys or not walk.stop.speech else speech)
        case "record":
            seconds = max(2, round(len(speech.split()) / _WORDS_A_SECOND)) if speech else 0
            return walk.record(seconds=seconds, keys=keys, transcript=speech, kept=False)
        case "dial" | "enqueue":
            return walk.connected(_OUTCOMES.get(outcome, "no-answer"))
    return walk.stop


def is_keys(text: str) -> bool:
    return bool(_KEYS.fullmatch(text.replace(" ", "")))

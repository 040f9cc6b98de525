"""What a caller can do at every prompt: ask for a person, hear it again, hear more, or start over."""

from __future__ import annotations

import re
from enum import StrEnum

from ivr.speech_answers import wants_person
from ivr.speech_tokens import plain
from ivr.words import Input


class Universal(StrEnum):
    PERSON = "person"
    REPEAT = "repeat"
    HELP = "help"
    START_OVER = "start over"


_POLITE = r"(?:please|sorry|pardon|could you|can you|would you|um|uh|hey|the|thanks|thank you| )*"
_SAID: tuple[tuple[Universal, re.Pattern[str]], ...] = (
    (
        Universal.REPEAT,
        re.compile(
            rf"{_POLITE}(?:repeat(?: that| it| the (?:options|question|menu))?|say (?:that|it) again|again"
            rf"|come again|once more|one more time|i (?:didn't|did not) (?:hear|catch|get) (?:that|it)|what was that){_POLITE}"
        ),
    ),
    (Universal.HELP, re.compile(rf"{_POLITE}(?:help(?: me)?|what can i (?:say|do)|what are (?:my|the) options){_POLITE}")),
    (
        Universal.START_OVER,
        re.compile(rf"{_POLITE}(?:start over|start again|from the (?:start|beginning)|(?:go back to )?main menu){_POLITE}"),
    ),
)


def universal(given: Input, *, one_key: bool, free_text: bool = False) -> Universal | None:
    """The universal command in this input, if there is one: 0 and * in a one-key state, a lone 0 or * where an ID is keyed."""
    keys = given.keys.rstrip("#")
    if keys == "0" or (keys == "*" and not one_key):
        return Universal.PERSON
    if keys == "*":
        return Universal.REPEAT
    if not given.speech.strip() or keys:
        return None
    if wants_person(given.speech, strict=free_text):
        return Universal.PERSON
    text = plain(given.speech)
    return next((name for name, pattern in _SAID if pattern.fullmatch(text)), None)

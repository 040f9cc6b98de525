"""The language of the writer's own words, out of those that the desk can expect."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sr", "hr", "bs", "sl", "ru", "uk", "tr", "sv", "da", "no", "fi", "cs", "sk", "hu", "ro", "bg", "el", "ja", "zh", "ko")
_MASK = re.compile(r"\S*[\d@/\\_<>|=#]\S*|https?\S+")
_SAME = {"hr": "sr", "bs": "sr"}
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


def language_of(words: str) -> str:
    """Two letters, or 'unknown' for fewer than five words."""
    text = re.sub(r"\s+", " ", _MASK.sub(" ", words)).strip()
    if len(text.split()) < 5 and len(_CJK.findall(text)) < 8:
        return "unknown"
    code = str(_identifier().classify(text[:3000])[0])
    return _SAME.get(code, code)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = set(identifier.labels() if callable(identifier.labels) else identifier.labels)
    identifier.set_languages([x for x in LANGUAGES if x in known])
    return identifier

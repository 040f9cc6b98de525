"""The language of the writer's own words, out of those that the desk can expect."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "sr",
    "hr",
    "bs",
    "sl",
    "ru",
    "uk",
    "tr",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "sk",
    "hu",
    "ro",
    "bg",
    "el",
    "ja",
    "zh",
    "ko",
)
_MASKED = re.compile(r"[\d@/\\_<>|=#]|^https?")
_SAME = {"hr": "sr", "bs": "sr"}
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


def language_of(words: str) -> str:
    """Two letters, or 'unknown' for fewer than five words."""
    text = " ".join(w for w in words[:20_000].split() if not _MASKED.search(w))
    if len(text.split()) < 5 and len(_CJK.findall(text)) < 8:
        return "unknown"
    code = str(_identifier().classify(text[:3000])[0])
    return _SAME.get(code, code)


@cache
def _identifier() -> Any:
    from py3langid import langid

    module: Any = langid
    identifier = module.LanguageIdentifier.from_model_file(module.MODEL_FILE)
    known = set(identifier.labels() if callable(identifier.labels) else identifier.labels)
    identifier.set_languages([x for x in LANGUAGES if x in known])
    return identifier

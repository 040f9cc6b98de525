# ruff: noqa: E501 (patterns read better on one line)
"""Subject lines: the prefixes that mail programs put before an answer or a forwarded mail, in the languages of our customers."""

from __future__ import annotations

import re

# Outlook, Notes, Thunderbird, Apple Mail and webmails, by language.
REPLY = (
    *(
        "re",
        "aw",
        "antw",
        "antwort",
        "sv",
        "vs",
        "vá",
        "odp",
        "odg",
        "ynt",
        "yan",
        "rif",
        "ref",
        "res",
        "resp",
        "r",
        "bls",
        "atb",
    ),
    *(
        "ats",
        "vast",
        "ri",
        "ress",
        "reply",
        "svar",
        "απ",
        "σχετ",
        "отв",
        "отг",
        "одг",
        "ha",
        "回复",
        "回覆",
        "答复",
        "返信",
        "회신",
        "תשובה",
        "رد",
    ),
)
FORWARD = (
    *(
        "fw",
        "fwd",
        "wg",
        "tr",
        "rv",
        "enc",
        "i",
        "doorst",
        "vb",
        "vl",
        "pd",
        "iltm",
        "ilt",
        "yml",
        "továbbítás",
        "tov",
        "prosl",
    ),
    *(
        "fs",
        "prz",
        "pren",
        "trs",
        "rtr",
        "πρθ",
        "пер",
        "пересл",
        "прослеђено",
        "转发",
        "轉寄",
        "転送",
        "전달",
        "הועבר",
        "إعادة توجيه",
    ),
)
_TAG = r"\[[^\]\n]{1,60}\]"
_COUNT = r"(?:\s*[\[(^]?\d{1,3}[\])]?)?"


def _prefix(words: tuple[str, ...]) -> str:
    return "(?:" + "|".join(sorted(map(re.escape, words), key=len, reverse=True)) + rf"){_COUNT}\s*[:：]"


_REPLY = re.compile(rf"^\s*(?:{_TAG}\s*)*{_prefix(REPLY)}", re.IGNORECASE)
_FORWARD = re.compile(rf"^\s*(?:{_TAG}\s*)*{_prefix(FORWARD)}", re.IGNORECASE)
_ANY = re.compile(rf"^\s*(?:{_prefix(REPLY)}|{_prefix(FORWARD)})\s*", re.IGNORECASE)
_OURS = re.compile(r"\[?\s*INC-\d{4}-\d{6,}\s*\]?", re.IGNORECASE)


def is_reply(subject: str) -> bool:
    """Whether the outermost prefix is that of an answer."""
    return bool(_REPLY.match(subject))


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix is that of a forwarded mail."""
    return bool(_FORWARD.match(subject))


def bare(subject: str) -> str:
    """The subject without prefixes, our ticket IDs and what stands in brackets before it, case folded; to compare two."""
    text = _OURS.sub(" ", subject)
    while True:
        cut = re.sub(rf"^\s*{_TAG}\s*", "", _ANY.sub("", text))
        if cut == text:
            return " ".join(text.split()).casefold()
        text = cut

"""From text to atoms: words with their calendar meanings, and numbers read as dates and clocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from parsers.lexicons import Where, refusal
from parsers.times import zones
from parsers.times.fold import fold
from parsers.times.lexicon import ClockLit, TimeWords, default_words

__all__ = ["Atom", "ClockLit", "DateLit", "month_number", "scan"]


@dataclass(frozen=True, slots=True)
class DateLit:
    """A date as written; `swap` is the other reading of day and month."""

    year: int | None
    month: int
    day: int
    swap: bool = False


@dataclass(slots=True)
class Atom:
    """One token or phrase; `tags` maps each possible meaning to its value."""

    start: int
    end: int
    text: str
    tags: dict[str, object] = field(default_factory=dict)

    def num(self) -> float | None:
        value = self.tags.get("num")
        return float(value) if isinstance(value, int | float) else None


_TOKEN = re.compile(
    r"""(?P<plain>(?!(?:utc|gmt)\b)[^\W\d_]+(?:'[^\W\d_]+)?(?=[\s,!?)]|\.\s))
     |(?P<junk>(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+|(?:[0-9a-f]{1,4}:){3,}[0-9a-f:/]*|[0-9a-f]*::[0-9a-f:/]*
         |\d+(?:\.\d+){3,}[\d:./]*|[+-]?\d+(?:[.,]\d+)?\s?(?:%|dbm?\b|ms\b|mbps\b|mbit|gbit|mbytes|kbit|km\b|m\b|/\s?\d+\.\d+))
     |(?P<off>(?:utc|gmt)\s?[+-]\s?\d{1,2}(?::?\d\d)?(?!\d))
     |(?P<ymd>\d{4}([-./])\d{1,2}\5\d{1,2}(?:t(?=\d\d:)|(?!\d)))
     |(?P<dmy>\d{1,2}([-./])\d{1,2}\7(?:\d{4}|\d\d)(?![\d.:]\d|\d))
     |(?P<dmony>\d{1,2}[-/ ]?[a-z]{3,9}[-/]\d{2,4}(?!\d))
     |(?P<clock>\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?!:?\d)(?:z\b|\s?[+-]\d\d:?\d\d\b)?(?:\s?[ap]\.?m\b\.?)?)
     |(?P<ish>\d{1,2}(?:[:.]\d\d)?\s?-?ish\b)
     |(?P<ampm>\d{1,2}(?:[.]\d\d)?\s?[ap]\.?m(?![a-z])\.?)
     |(?P<hclock>\d{1,2}\s?h\s?\d\d(?!\d)|\d{1,2}u\d\d(?!\d)|\d{1,2}[hu](?![a-z\d]))
     |(?P<dm>\d{1,2}\.\d{1,2}\.(?!\d))
     |(?P<dot>\d{1,2}\.\d\d(?![\d]|\.\d|/))
     |(?P<slash>\d{1,2}/\d{1,2}(?![\d/]))
     |(?P<mil>\d{3,4}z\b|\d{4}(?![\w]|[-.,/:]\d))
     |(?P<epoch>1[6-9]\d{8}(?:\d{3})?(?:[.,]\d{1,6})?(?!\w))
     |(?P<ord>\d{1,2}(?:st|nd|rd|th|er|ere|eme|e|de|ste)\b)
     |(?P<num>\d+(?:[.,]\d+)?(?![\w]))
     |(?P<id>[^\W\d_]\w*[-_/]?\d[\w./:-]*|\d\w*)
     |(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)
     |(?P<nl>\n[ \t>|]*\n)|(?P<punct>[^\s\w]+?|\n|_+)""",
    re.VERBOSE,
)
_MONTHS = 12
_FRENCH = frozenset("le la les des est une et nous depuis pas du sur bonjour plus notre".split())
_GERMANIC = frozenset("der die das und ist nicht wir het een niet ein auf mit sehr zijn wij heute seit".split())


def month_number(name: str) -> int | None:
    """The number of a month by its name or abbreviation, folded."""
    return default_words().months.get(name)


def _date(a: str, b: str, year: str | None) -> DateLit | None:
    first, second = int(a), int(b)
    full = None if year is None else int(year) + (2000 if len(year) == 2 else 0)
    if 1 <= second <= 12 and 1 <= first <= 31:
        return DateLit(full, second, first, swap=first <= 12 and first != second)
    return DateLit(full, first, second) if 1 <= first <= 12 and 1 <= second <= 31 else None


def _clock(raw: str, *, weak: bool = False) -> ClockLit | None:
    digits = re.findall(r"\d+", raw)
    half = "am" if re.search(r"a\.?m", raw) else "pm" if re.search(r"p\.?m", raw) else None
    zone = re.search(r"z|[+-]\d\d:?\d\d$", raw)
    hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
    second = int(digits[2]) if len(digits) > 2 and raw.count(":") > 1 else None
    if hour > (12 if half else 24) or minute > 59 or (half and hour == 0) or (hour == 24 and minute):
        return None
    return ClockLit(hour % 24, minute, second, half, weak, len(digits[0]) == 2, zone.group() if zone else None)


def _literal(kind: str, raw: str, words: TimeWords) -> dict[str, object]:
    digits = re.findall(r"\d+", raw)
    out: dict[str, object] = {}
    if kind == "ymd":
        date = DateLit(int(digits[0]), int(digits[1]), int(digits[2]))
        out = {"date": date} if 1 <= date.month <= 12 and 1 <= date.day <= 31 else {}
    elif kind == "dmony":
        month = words.months.get(re.sub(r"[^a-z]", "", raw))
        out = {"date": DateLit(int(digits[1]) + (2000 if int(digits[1]) < 100 else 0), month, int(digits[0]))} if month else {}
    elif kind in ("dmy", "dm", "slash"):
        date_ = _date(digits[0], digits[1], digits[2] if kind == "dmy" else None)
        if kind == "dm" and int(digits[1]) > _MONTHS:
            date_ = None
        out = {"weakdate" if kind == "slash" else "date": date_} if date_ else {}
        if kind == "dm" and not date_ and (clock := _clock(raw, weak=True)):
            out["clock"] = clock
    elif kind in ("clock", "ampm", "hclock", "dot"):
        if found := _clock(raw, weak=kind == "dot" or raw.endswith(("h", "u"))):
            out["clock"] = found
        if raw.endswith("h"):
            out["qty"] = int(digits[0]) * 3600
    elif kind == "mil":
        out = _military(raw, digits[0])
    elif kind == "epoch":
        out = {"epoch": int(digits[0][:10])}
    elif kind == "ord":
        out = {"num": int(digits[0]), "ord": True}
    elif kind == "num" and len(raw) <= 6:
        out = {"num": float(raw.replace(",", "."))}
    return out


def _military(raw: str, digits: str) -> dict[str, object]:
    hour, minute = int(digits[:-2]), int(digits[-2:])
    out: dict[str, object] = {} if raw.endswith("z") else {"num": int(digits)}
    if hour < 24 and minute < 60:
        weak = not raw.endswith("z")
        out["clock"] = ClockLit(hour, minute, None, None, weak, True, None if weak else "z")
        out["military"] = True
    return out


def scan(text: str, words: TimeWords | None = None, where: Where | None = None) -> list[Atom]:
    """The atoms of `text` in order; spans are code points of `text`. `where` tells the surroundings to rules that ask."""
    words = words or default_words()
    folded = fold(text)
    tokens: list[Atom] = []
    for match in _TOKEN.finditer(folded):
        kind = match.lastgroup or ""
        if kind == "ish":
            tokens += _about(match, words)
            continue
        atom = Atom(match.start(), match.end(), match.group())
        if kind == "off":
            atom.tags = {"zone": atom.text}
        elif kind == "nl":
            atom.tags, atom.text = {"break": True}, "\n\n"
        elif atom.text == "\n" and _wrapped(folded, atom.start):
            continue
        elif kind in ("plain", "punct", "word"):
            pass
        else:
            atom.tags = _literal(kind, atom.text, words) if kind not in ("junk", "id") else {"junk": True}
        tokens.append(atom)
    return _phrases(tokens, text, words, where)


def _about(match: re.Match[str], words: TimeWords) -> list[Atom]:
    """ "6ish" is about six."""
    digits = re.match(r"[\d:.]+", match.group())
    raw = digits.group() if digits else match.group()
    start = match.start()
    tags = _literal("dot" if "." in raw else "clock" if ":" in raw else "num", raw, words)
    return [Atom(start, start, "about", {"approx": True}), Atom(start, match.end(), raw, tags)]


def _wrapped(folded: str, at: int) -> bool:
    """Whether the line break at `at` is one that a mail program put into a sentence."""
    line = folded.rfind("\n", 0, at) + 1
    following = folded[at + 1 : at + 40].lstrip(" \t>")[:1]
    return at - line >= 45 or (following.islower() and ":" not in folded[at + 1 : at + 24])


def _french(tokens: list[Atom]) -> bool:
    words = {token.text for token in tokens}
    return len(words & _FRENCH) > len(words & _GERMANIC)


def _phrases(tokens: list[Atom], text: str, words: TimeWords, where: Where | None) -> list[Atom]:
    phrases, longest = words.phrases, words.longest
    out: list[Atom] = []
    i = 0
    french = None
    while i < len(tokens):
        token = tokens[i]
        if token.text == "hier":
            french = _french(tokens) if french is None else french
            if not french:
                out.append(token)
                i += 1
                continue
        for n in range(min(longest.get(token.text, 0), len(tokens) - i), 0, -1):
            key = token.text if n == 1 else " ".join(t.text for t in tokens[i : i + n])
            if key in phrases:
                tags = _admitted(key, token.start, tokens[i + n - 1].end, words, where)
                out.append(_phrase(token.start, tokens[i + n - 1].end, key, tags, text))
                i += n
                break
        else:
            out.append(token)
            i += 1
    return out


def _admitted(key: str, start: int, end: int, words: TimeWords, where: Where | None) -> dict[str, object]:
    """The meanings of a phrase that count at this place, by the zones, languages, context words and vetoes of their rules."""
    tags = words.phrases[key]
    if where is None or not words.conditional:
        return tags
    asked = ((kind, words.conditional.get((key, kind))) for kind in tags)
    against = {kind for kind, rule in asked if rule is not None and refusal(rule, start, end, where)[0]}
    return {kind: value for kind, value in tags.items() if kind not in against} if against else tags


def _phrase(start: int, end: int, key: str, tags: dict[str, object], text: str) -> Atom:
    upper = text[start:end].isupper()
    if "zone" in tags and not upper and str(tags["zone"]) not in zones.LOWER_OK:
        tags = {k: v for k, v in tags.items() if k != "zone"} | {"lowzone": tags["zone"]}
    return Atom(start, end, key, dict(tags))

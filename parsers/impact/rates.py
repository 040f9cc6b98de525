"""Speeds and delays against what they should be: "45 of 500 Mbit/s", "capped at 15 Mbps", "normally 10 ms, now 250 ms"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from models.reading import Span

_NUM = r"(\d{1,5}(?:[.,]\d+)?)"
_UNIT = (
    r"(?:(?P<{0}>[kmgt])(?:i?b(?:it)?s?(?:/s\w*|ps)|bits?\b(?:/s\w*)?|\b(?=\s+(?:line|link|circuit)))"
    r"|(?P<{0}w>kilobits?|mega(?:bits?)?\b"
    r"|megs?\b|giga(?:bits?)?\b|gigs?\b)(?:\s*(?:per second|a second|/s))?|(?P<{0}c>[кмг])бит\S*|(?P<{0}m>мегабит\S*"
    r"|гигабит\S*))"
)
_RATE = re.compile(
    rf"(?<![\w.,])(?:(\d{{1,5}}(?:[.,]\d+)?)\s?(?:-|–|to|bis|à|a|do|до|tot)\s?)?{_NUM}\s?-?{_UNIT.format('u')}", re.I
)
_BARE = re.compile(
    rf"(?i)\b(?:nur noch|nur|gerade (?:ein)?mal|only|just|seulement|solo|sólo|maar|slechts|apenas|soltanto"
    rf"|samo|само|tylko|только|всего"
    rf"|sadece|of|than|statt|von|sur|des|de|lugar|vez|su|invece di|od|umesto|z|ze|zamiast|из|вместо|od|од|уместо|be"
    rf"|sein|in plaats van)\s+(?:\w+\s+)?{_NUM}(?![\w:%.,]*\w)(?!\s?(?:ms|%|min|sec|hour|h\b|x\b))"
    rf"|(?<![\w.,:]){_NUM}(?=\s+(?:down|up|instead|statt|yerine|(?:of|out of|von|van|sur|des|de|dos|das|del|dei|su|od|z"
    rf"|ze|из|од)(?:\s\w+)?\s\d))"
)
_SCALE = {"k": 0.001, "m": 1.0, "g": 1000.0, "t": 1e6, "к": 0.001, "м": 1.0, "г": 1000.0}
_LITTLE = re.compile(
    r"(?i)\b(?:only|nur(?: noch)?|maar|slechts|seulement|solo|sólo|solamente|apenas|soltanto|samo|само|tylko|sadece"
    r"|всего|только|just"
    r"|(?:a )?mere|merely|barely|scarcely|hardly|kaum|gerade (?:ein)?(?:mal|noch)|maximal|höchstens|hooguit|amper|à peine"
    r"|au (?:plus|mieux|maximum)"
    r"|como (?:mucho|máximo)|no máximo|al massimo|appena|najviše|jedva|највише|једва|najwyżej|zaledwie|ledwo|не более"
    r"|не больше|едва|максимум"
    r"|en fazla|ancak|zar zor|tops? out at|max(?:es|ed|ing)? out at|peaks? at|capped at|stuck at|hover\w* (?:at|around)"
    r"|no(?:t| longer)? (?:\w+ )?(?:more than"
    r"|above|over|beyond|past|past)|never (?:exceeds?|more than|goes? (?:above|over|past|beyond))|(?:does|do)(?:n't"
    r"| not) (?:exceed|go (?:above|over|past|beyond)|reach"
    r"|get (?:above|over|past|beyond))|at (?:most|best)|nie mehr als|nicht (?:mehr als|über)|niet meer dan|pas plus de"
    r"|no (?:más|pasa) de|não (?:mais|passa) (?:de|do que)"
    r"|non (?:più|supera|oltre)(?: di| i)?|ne više od|не више од|nie więcej niż|nie przekracza|не превышает|not even"
    r"|nicht einmal|niet eens|même pas|ni siquiera|nem sequer|nemmeno"
    r"|ni|ни|nawet nie|даже не|(?:down|dropp?e?d?|drops|fell|fallen|falls|sunk|reduced|shrunk|collapsed|gesunken"
    r"|gefallen|eingebrochen|gezakt|gedaald|tombé\w*|caíd\w*|cayó|caiu|sces\w*|cal\w+o"
    r"|pa(?:o|la|lo)|па(?:о|ла|ло)|spad\w*|упал\w*|просел\w*|düş\w*) (?:back )?(?:to|auf|naar|à|a|para|do|na|до|на))\s+"
    r"(?:(?:about|around|roughly|some|etwa|rund|ca\.?|zo'n|ongeveer|environ|unos|cerca de|circa|oko|око|około|около"
    r"|примерно)\s+)?$"
)
_AGAINST = re.compile(
    r"(?i)\b(?:of|out of|instead|rather|left|should|supposed|promis\w*|normal\w*|usual\w*|used to|where|expect\w*|nominal\w*"
    r"|compared|against|versus|vs|statt|anstatt|von|sollte\w*|sonst|üblich\w*|eigentlich|in plaats|van de|hoort|sur"
    r"|au lieu|devrait|d'habitude|normalement|de los|en lugar|debería\w*|en vez|dos|em vez|deveria\w*|su|invece|anziché"
    r"|dovrebbe\w*|dei|di solito"
    r"|od|umesto|trebalo|inače|од|уместо|требало|иначе|z|zamiast|powinn\w*|zwykle|из|вместо|должн\w*|обычно"
    r"|yerine|olması|normalde)\b"
)
# What was bought is no measure; beside a word for what comes out of it, it is one.
_BOUGHT = re.compile(
    r"(?i)\b(?:but|contract\w*|pay\w*|paid|order\w*|sold|(?:on|over|via) (?:a|an|our|the)|gebucht\w*|bezahl\w*"
    r"|vertrag\w*|betalen|contrat|paie|payons|contratad\w*"
    r"|pagamos|contratt\w*|paghiamo|ugovor\w*|plaćam\w*|уговор\w*|плаћам\w*|umow\w*|płacim\w*|договор\w*|плат\w*"
    r"|sözleşme\w*)\b"
)
_COMES = re.compile(
    r"(?i)\b(?:gets?|getting|got|see|seeing|measur\w*|reach\w*|receiv\w*|gives?|deliver\w*|speed|tests?|shows?"
    r"|throughput|download\w*|upload\w*|bekomm\w*|kommen|erreich\w*"
    r"|mess\w*|krijg\w*|halen|haal|meten|avons|obten\w*|mesur\w*|recib\w*|llega\w*|tenemos|medimos|receb\w*|chega\w*"
    r"|temos|ricev\w*|arriva\w*|abbiamo|misur\w*|dobij\w*"
    r"|imamo|merimo|добиј\w*|имамо|меримо|mamy|dostaj\w*|mierz\w*|получ\w*|имеем|замер\w*|скорост\w*|alıyor\w*|ölç\w*"
    r"|hız\w*)\b"
)
_OTHERWISE = re.compile(
    r"(?i)\b(?:upgrade\w*|quot\w*|offer\w*|invoice\w*|statement|bill\w*|moved|price\w*|increase\w*|raise|extend\w*"
    r"|migrat\w*|add(?:itional)?|would like|angebot\w*|erhöh\w*|offerte\w*|aanbod|augment\w*|devis"
    r"|aument\w*|presupuest\w*|orçament\w*|preventiv\w*|poveća\w*|ponud\w*|повећа\w*|понуд\w*|zwiększ\w*|ofert\w*"
    r"|увелич\w*|предложен\w*|teklif|back to|again|restored|fixed|now gives?)\b"
)
_ENOUGH_LESS = 0.8
# Signs before a figure in which its word stands, and in a sentence that a person writes; longer ones are logs.
_NEAR, _LONGEST = 80, 900
_MS = re.compile(rf"(?<![\w.,]){_NUM}\s?(?:ms\b|msec\b|millis\w*|milli?s?e[ck]\w*|мс\b|миллисек\w*)", re.I)
_BASE = re.compile(
    r"(?i)\b(?:normal\w*|usual\w*|used to|should(?: be| stay)?|supposed|instead of|rather than|where|otherwise"
    r"|typical\w*|baseline|before|up from|compared (?:to|with)|against|was|from"
    r"|sonst|üblich\w*|statt|vorher|sollte\w*|von|gewoonlijk|anders|in plaats van|hoort|d'habitude|habituel\w*"
    r"|au lieu de|normalement|contre|de lo normal|en lugar de|en vez de|antes"
    r"|habitual\w*|em vez de|di solito|invece di|prima|contro|inače|umesto|obično|иначе|уместо|обично|zwykle|zamiast"
    r"|wcześniej|обычно|вместо|раньше|было|normalde|yerine|önce)\b"
    rf"(?:\s+(?:\w+\s+){{0,3}}?){_NUM}(?![\d.,:]*[:\d])(?!\s?(?:%|min|sec|hour|h\b|[kmg]b))"
    rf"|{_NUM}\s?(?:ms|msec|мс)?\s+(?:yerine|is normal|are normal|is usual|(?:ist|sind) normal|normally|usually"
    rf"|normalement|normaal|normalmente|inače|обычно|zwykle)\b"
)
_BETTER = re.compile(
    r"(?i)\b(?:back to|again|recovered|restored|dropped to|down from|down to|improved|wieder|de nouveau|de nuevo"
    r"|di nuovo|opet|znowu|снова)\b"
)
_SENTENCE = re.compile(r"[.!?](?=\s)|\n\s*\n|;|\n(?=[A-ZÀ-ÝА-Я-])")


def _pieces(part: str) -> Iterator[Span]:
    at = 0
    for cut in _SENTENCE.finditer(part):
        if cut.start() - at < _LONGEST:
            yield at, cut.start()
        at = cut.end()
    if len(part) - at < _LONGEST:
        yield at, len(part)


def _value(number: str) -> float:
    return float(number.replace(",", "."))


def slow(part: str) -> Iterator[Span]:
    """Where a speed is told to be too low."""
    if not _RATE.search(part):
        return
    for start, end in _pieces(part):
        yield from _slow(part, start, end)


def _slow(part: str, start: int, end: int) -> Iterator[Span]:
    hits = list(_RATE.finditer(part, start, end))
    if not hits or _OTHERWISE.search(part, start, end):
        return
    few = next((h for h in hits if _LITTLE.search(part[max(start, h.start() - _NEAR) : h.start()])), None)
    if few:
        yield few.span()
        return
    rates = [_value(h[2]) * _SCALE[(h["u"] or h["uw"] or h["uc"] or h["um"]).lower()[0]] for h in hits]
    if len(hits) == 1:
        scale = rates[0] / _value(hits[0][2]) if _value(hits[0][2]) else 1.0
        bare = [m for m in _BARE.finditer(part, start, end) if not any(h.start() <= m.start() < h.end() for h in hits)]
        near = [m for m in bare if abs(m.start() - hits[0].end()) < 40 or abs(hits[0].start() - m.end()) < 40]
        rates += [_value(m[1] or m[2]) * scale for m in near]
    if len(rates) > 1 and 0 < min(rates) < _ENOUGH_LESS * max(rates) and _set_against(part, start, end):
        yield hits[0].span()


def _set_against(part: str, start: int, end: int) -> bool:
    """Whether one figure is measured by the other."""
    if _BOUGHT.search(part, start, end):
        return bool(_COMES.search(part, start, end))
    return bool(_AGAINST.search(part, start, end))


def late(part: str, factor: float) -> Iterator[Span]:
    """Where a delay is told to have grown by the factor."""
    if not _MS.search(part):
        return
    for start, end in _pieces(part):
        hits = list(_MS.finditer(part, start, end))
        if not hits or _BETTER.search(part, start, end):
            continue
        for base in _BASE.finditer(part, start, end):
            usual = _value(base[1] or base[2])
            now: Sequence[float] = [_value(h[1]) for h in hits if not base.start() <= h.start() < base.end()]
            if usual > 0 and now and max(now) >= factor * usual:
                yield hits[0].span()
                break

"""Words and bounds by which the surroundings of a time are judged."""

from __future__ import annotations

import re

STOPS = frozenset([".", "!", "?", ";", "\n\n", "\n"])
REACH = 16
REACH_AFTER = 40
SHORT = frozenset(["ca", "c", "approx", "cca", "godz", "tel", "m", "no", "nr"])
SPAN_WORDS = frozenset("from between ab von vom da dal dalle de des desde od od oko с со от zwischen entre tussen".split())
BETWEEN = frozenset("between zwischen tussen entre tra izmedu између miedzy между".split())
PRESENT = re.compile(r"\b(?:is|are|'s|'re|we're|it's)\b")
EACH = frozenset(
    "every each jeden jede jeweils elke iedere chaque cada ogni svake svako svaki сваки сваке kazdy kazdej co her "
    "каждый каждую каждые".split()
)
TIMES = frozenset("times mal keer fois veces vezes volte puta пута razy kez kere раз раза".split())
NOT_SHORT = 600
BREAK = 91
FUTURE = frozenset(["will be", "will", "shall", "going to"])
HOURS = "a working hour or an appointment"
FOUND = frozenset(
    "found find discovered noticed saw realised realized festgestellt gemerkt constate decouvert encontramos vimos".split()
)
ITSELF = frozenset(
    "itself themselves spontaneously selbst allein zelf spontaan lui-meme solo sola sozinho sozinha sam sama сам сама".split()
)
WELL = "a time when all was well"
UNTIL = frozenset("until till bis tot jusqu'a jusque jusqu'au hasta ate do до kadar".split()) | {
    *("up to", "bis zum", "ate as", "fino a", "fino alle"),
}
STRICT = frozenset(["a deadline", "a call or a message", "a working hour or an appointment"])
TOOL_RE = re.compile(r"\n\s*host:.{0,120}loss%")
IFS = frozenset(["if", "falls", "in case", "should"])
COUNTED = "counted from then on"
# "Before the campaign starts on Monday" names a deadline.
AHEAD = frozenset("before bevor ehe avant antes prima przed zanim до прежде voordat".split())
# "Then nothing for ten minutes, then all is well again."
THEN = frozenset(
    "then dann danach dan daarna puis poi luego despues depois entao potem zatim onda потом затем онда sonra".split()
)
# The day is one that was named before.
THAT_DAY = re.compile(
    r"\b(?:(?:that|(?:the )?same) (?:day|morning|afternoon|evening|night)|a[mn] (?:selben|gleichen|diesem|dem) (?:tag|abend)"
    r"|ce jour ?- ?la|le meme jour|ese (?:mismo )?dia|(?:nesse|naquele|no mesmo) dia|(?:quel|quello stesso|lo stesso) giorno"
    r"|(?:die|dezelfde) dag|tego (?:samego )?dnia|(?:o|ayni) gun"
    r"|в (?:тот|этот) (?:же )?день|(?:tog|istog) dana|(?:тог|истог) дана)\b"
)
NOTHING = frozenset("nothing nichts rien nada niente niets nic nista ништа ничего hicbir".split())

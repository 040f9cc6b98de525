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
# "An hour perfect, then for ten minutes nothing".
THEN = frozenset(
    "then dann danach dan daarna puis ensuite alors luego despues depois poi dopo potem potom onda zatem потом затем онда"
    " затим sonra".split()
)
SINCE_THEN = re.compile(
    r"\b(?:(?:ever )?since (?:then|that)|ever since|seitdem|seither|sindsdien|sedertdien|depuis (?:lors|ce moment)|et depuis"
    r"|desde entonces|desde (?:esa hora|ese momento)|desde entao|da allora|da quel momento|od tada|od tog trenutka|од тада"
    r"|od tego czasu|od tamtej (?:pory|chwili)|odtad|с тех пор|с того момента|o zamandan beri|o saatten beri)\b"
)
SINCE_REACH = 200
NOTHING = frozenset("nothing nichts niets niks rien nada niente nulla nista ничего ништа nic hicbir".split())
IFS = frozenset(["if", "falls", "in case", "should"])
COUNTED = "counted from then on"
# "Before the campaign starts on Monday" names a deadline.
AHEAD = frozenset("before bevor ehe avant antes prima przed zanim до прежде voordat".split())

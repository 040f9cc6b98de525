"""What callers say for letters, digits and marks, as tables; nothing here knows a provider's ID scheme."""

from __future__ import annotations


def _table(rows: str) -> dict[str, str]:
    """Lines of `symbol: words` as a dictionary word -> symbol."""
    pairs = (line.split(":") for line in rows.strip().splitlines())
    return {word: symbol.strip() for symbol, words in pairs for word in words.split()}


# Spelling alphabet with renderings measured in speech-to-text, then the letter names as they are heard.
LETTERS = _table("""
A: a ay alpha alfa alphas elva able
B: b be bee bravo
C: c see sea cee charlie charley charly
D: d dee delta
E: e ee echo eco ecco
F: f ef eff foxtrot vostrot fox
G: g gee jee golf gulf
H: h aitch haitch hotel
I: i eye aye india indian
J: j jay juliet juliett juliette
K: k kay kilo kilos
L: l el ell elle lima leema lema
M: m em mike mic mick
N: n en november
O: o oh owe oscar oskar
P: p pee pea papa poppa pappa popup
Q: q cue queue kew quebec québec
R: r ar are romeo
S: s es ess sierra siera cierra
T: t tee tea tango
U: u you yew ewe uniform
V: v vee victor viktor vector
W: w whiskey whisky
X: x ex eks xray
Y: y why wye yankee
Z: z zee zed zet zulu
""")

# Names that are heard for two letters: the directory tells which was meant.
OTHER_LETTERS = {"ay": "I", "aye": "A"}

DIGITS = _table("""
0: zero oh o nought naught nil null
1: one won wun
2: two to too
3: three tree free
4: four for fore fower
5: five fife
6: six sicks
7: seven
8: eight ate ait
9: nine niner
""")

TEENS = {
    w: n
    for n, w in enumerate("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), start=10)
}
TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)} | {
    "fourty": 40
}
SCALES = {"hundred": 100, "thousand": 1000}
REPEATS = {"double": 2, "treble": 3, "triple": 3, "quadruple": 4}
MARKS = {
    "dash": "-", "hyphen": "-", "minus": "-", "slash": "/", "stroke": "/", "dot": ".", "point": ".", "underscore": "_",
    "space": "", "-": "-", "/": "/", "_": "_",
}  # fmt: skip

# Words that may stand between two symbols of one ID without parting it.
FILLERS = frozenset(
    "um uh er erm eh ah hm hmm well ok okay so then and followed by capital letter letters number numbers digit digits the is "
    "it it's its that that's id like".split()
)

# Symbols that are more often plain words: they may be dropped where a run of symbols begins or ends.
PROSE_START = frozenset("a i o oh see you why are be to too for aye well won free ate".split())
PROSE_END = frozenset("a i see you why are be".split())

# After these the caller replaces what he has just said; after a pause he may also go on with it.
CORRECTIONS = tuple(
    (
        "no sorry, sorry no, no wait, wait no, no no, no i mean, "
        "sorry i mean, sorry i meant, i mean, i meant, no actually, actually no, "
        "actually, or rather, correction, scratch that, strike that, no make that, "
        "make that, no make it, let me start again, start again, i'll start again, no it's, "
        "no that's wrong, that's wrong, my mistake, sorry, pardon, excuse me, "
        "hang on, hold on, wait, one moment, one second, just a second, "
        "just a moment, let me see, bear with me, no"
    ).split(", ")
)

"""Which word negates a state word, and whether it is about it at all."""

from __future__ import annotations

from parsers.impact.lexicon import Mark
from parsers.impact.scan import Line

_NEG_REACH = 6
_NOUN_REACH = 4
POST_REACH = 3
# The verb stands second and the negation far behind it: "es geht seit heute früh gar nichts".
_VERB_SECOND, _VERB_SECOND_REACH = frozenset({"de", "nl"}), 6
_STANDING = frozenset("steht stehen stand standen liegt liegen ruht staat staan stond ligt liggen lag".split())
_PREPOSITIONS = frozenset({"of", "on", "in", "at", "for", "from", "with", "to", "under", "about", "by"})
_GETTING = frozenset({"have", "has", "get", "gets", "got", "any", "see", "receive", "getting", "having", "single"})
_ASKING = frozenset({"what", "which", "whether", "know", "tell", "sure", "say", "why", "who", "ob", "si", "если", "что"})
_ARTICLES = frozenset({"the", "a", "an", "your", "our", "their", "this", "its"})
_NOUN_FIRST = frozenset({"tr", "ru"})
_THINGS = frozenset({"nothing", "nobody", "none", "never", "no one"})
_NONE = frozenset(
    "no not kein keine keinen keiner geen aucun aucune pas ningun ninguna nessun nessuna nenhum nenhuma nijedan nijednu"
    " nikakve zadnych zadnej zadnego никаких ни hicbir".split()
)
_NOBODY = frozenset({"nobody", "none", "no one", "no"})
_ABLE = frozenset("able get gets got getting manage manages managed seems seem needs has have unable trying tried".split())
# "Do not reply to this address" tells the reader what to do.
_TOLD_TO = frozenset("reply replying answer respond open forward access use call reach log contact send".split())
NEGATIONS = frozenset({"neg", "neg_post"})
STATES = frozenset({"hard", "hard_event", "soft", "good_noun", "good_verb", "affect", "exceed", "stated_sa", "stated_dg"})
_WANTED = frozenset({"good_noun", "good_verb", "affect", "exceed"})


def negator(line: Line, mark: Mark) -> Mark | None:
    """The word that negates a mark, if any."""
    first, last = line.clause_of(mark)
    if mark.cls == "good_verb" and (inside := _inside(line, mark)) is not None:
        return inside
    never = next((m for m in line.states if m.cls == "never" and first <= m.first < last), None)
    if never is not None:
        return never if mark.cls != "good_noun" else None
    reach = _NOUN_REACH if mark.cls == "good_noun" else _NEG_REACH
    for neg in reversed(line.states):
        if neg.cls in NEGATIONS and max(first, mark.first - reach) <= neg.first < mark.first:
            asked = mark.cls in _WANTED and _request(line, first, neg)
            return neg if _binds(line, neg, mark) and not asked else None
    return _after(line, mark, last)


def _inside(line: Line, mark: Mark) -> Mark | None:
    """ "Takes no cards": the word for none stands between the verb and what it does."""
    words = line.sentence.words
    at = next((i for i in range(mark.first + 1, mark.last - 1) if words[i].word in _NONE), None)
    return Mark(at, at + 1, "neg", mark.lang, "neg.inside") if at is not None else None


def _request(line: Line, first: int, neg: Mark) -> bool:
    """ "Please do not reply" and "Do not reply to this address" ask for something."""
    words = line.sentence.words
    before = [t.word for t in words[first : neg.first]]
    behind = {t.word for t in words[neg.last : neg.last + 2]}
    plain = before in ([], ["do"]) and words[neg.first].word in ("don't", "not", "dont", "never")
    return "please" in before or (plain and not behind.isdisjoint(_TOLD_TO))


def _after(line: Line, mark: Mark, last: int) -> Mark | None:
    """A negation behind the word: "geht nicht", "İnternet yok"."""
    if mark.cls not in _WANTED and not (mark.cls == "hard" and (mark.lang == "tr" or _stands(line, mark))):
        return None
    stop = min(last, mark.last + (_VERB_SECOND_REACH if mark.lang in _VERB_SECOND else POST_REACH))
    noun = mark.cls == "good_noun"
    behind = (m for m in line.states if m.cls == "neg_post" and mark.last <= m.first < stop)
    return next((m for m in behind if (m.lang in _NOUN_FIRST if noun else m.lang == mark.lang)), None)


def _stands(line: Line, mark: Mark) -> bool:
    """ "Die Kasse steht nicht still": the verb stands before what denies it."""
    return mark.lang in _VERB_SECOND and line.sentence.words[mark.last - 1].word in _STANDING


def _binds(line: Line, neg: Mark, mark: Mark) -> bool:
    """Whether a negation before a mark is about this mark."""
    words = [t.word for t in line.sentence.words[neg.last : mark.first]]
    if any(m.cls in STATES and neg.last <= m.first < mark.first and m.cls != mark.cls for m in line.states):
        return False
    if any(w in _ASKING for w in words):
        return False
    if mark.lang != "en" or neg.lang != "en":
        return True
    word = line.sentence.words[neg.first].word
    if mark.cls == "good_noun":
        if word in {"not", "cannot", "cant"} or word.endswith("n't"):
            return any(w in _GETTING for w in words)
        return word not in _THINGS and not any(w in _PREPOSITIONS for w in words)
    if mark.cls != "good_verb":
        return True
    if word in _NOBODY and words and words[-1] == "to" and _ABLE.isdisjoint(words):
        # "There is nobody in the office to use it".
        return False
    return words[-1] not in _ARTICLES if words else word != "no"

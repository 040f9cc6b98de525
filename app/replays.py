"""The process that does the replays which the console asks for."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import structlog

from app.backtest import EVIDENCE, Corpus, Row, Tally, changes, judge
from app.house import House
from app.replay import replay
from app.stored import corpus_of
from models.replay_store import CANCELLED, DONE, FAILED, advance, claim_replay, finish, give_back, replays_wait, upload_of
from models.rule_store import find_rules
from models.tables_rules import ReplayRun

if TYPE_CHECKING:
    from parsers.rules import RuleSet

log = structlog.get_logger("intake.replays")
EVERY_S = 1.0
_TELL_EVERY_S = 0.5
_MOST_CASES = 500
_SLOW_TEXTS = 40
# Which rules never find anything is said of so many contacts at most, and of no fewer than so many.
_SILENT_TEXTS = 300
_SILENT_FROM = 20
# A rule that costs more than this for a mail makes workers slow.
SLOW_MS = 2.0


class Replays:
    """Does one queued replay at a time, on half of the processors."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = threading.Event()

    def stop(self) -> None:
        self._stop.set()

    def work(self) -> None:
        """Takes the next queued replay, if there is one, and does it."""
        store, clock = self._house.store, self._house.clock
        if not replays_wait(store):
            return
        with store.write() as session:
            run = claim_replay(session, clock())
            if run is None:
                return
            session.expunge(run)
        begun = time.monotonic()
        try:
            state, result = self._done(run)
        except Exception as e:  # the run is told as failed, the house goes on
            log.exception("replay_failed", run=run.id)
            state, result = FAILED, {"error": f"{type(e).__name__}: {e}"[:500]}
        result |= {"seconds": round(time.monotonic() - begun, 1)}
        with store.write() as session:
            if state == CANCELLED and self._stop.is_set():
                give_back(session, run)
            else:
                finish(session, run, state, result, clock())

    def _done(self, run: ReplayRun) -> tuple[str, dict[str, Any]]:
        from parsers.rules import default_rules, parse_rules

        house = self._house
        with house.store.read() as session:
            upload = upload_of(session, run.id or 0)
        corpus = corpus_of(house.store, house.settings.addresses, run.source or {"limit": run.total}, upload)
        texts = (self._text(run.against), run.text or self._text(run.digest))
        told = _Told(self, run, 2 * len(corpus.items))
        sides = []
        for text in texts:
            part = replay(corpus.items, corpus.directory, text, told, processes=max(1, (os.cpu_count() or 2) // 2))
            if not part.whole:
                return CANCELLED, {}
            sides.append(part.rows)
        before, after = (parse_rules(t) if t else default_rules() for t in texts)
        result = compared(corpus, sides[0], sides[1], before, after)
        self.going(run, 2 * len(corpus.items), 2 * len(corpus.items))
        return DONE, {**result, "slow": _slow(sides[1], after), "silent": _silent(sides[1], after)}

    def _text(self, digest: str) -> str:
        if not digest:
            return ""
        with self._house.store.read() as session:
            return str(find_rules(session, digest).body["text"])

    def going(self, run: ReplayRun, done: int, total: int) -> bool:
        """Notes the progress; False when the run was cancelled or the house closes."""
        with self._house.store.write() as session:
            return advance(session, run, done=done, total=total, now=self._house.clock()) and not self._stop.is_set()


class _Told:
    """Tells the progress of a run now and then."""

    def __init__(self, replays: Replays, run: ReplayRun, total: int) -> None:
        self._replays, self._run, self._total = replays, run, total
        self._done, self._told = 0, 0.0

    def __call__(self, count: int) -> bool:
        self._done += count
        if time.monotonic() - self._told < _TELL_EVERY_S:
            return True
        self._told = time.monotonic()
        return self._replays.going(self._run, self._done, self._total)


def compared(
    corpus: Corpus, before: dict[str, Row], after: dict[str, Row], old_rules: RuleSet, new_rules: RuleSet
) -> dict[str, Any]:
    """Per field gained, lost and changed values, the cases, and what is right before and after where that is known."""
    counts: dict[str, Counter[str]] = {}
    cases = []
    for name, key, old, new in changes(before, after):
        what = "gained" if not old else "lost" if not new else "changed"
        counts.setdefault(key, Counter())[what] += 1
        right = _right(corpus, before, after, name, key)
        cases.append([name, key, old, new, what, right])
    judged = {}
    if corpus.gold:
        a, b = judge(corpus, before), judge(corpus, after)
        judged = {
            key: [_figures(key, a[key], old_rules), _figures(key, b[key], new_rules)]
            for key in a
            if a[key].correct + a[key].wrong + a[key].missed
        }
    fields = {key: dict(c) for key, c in counts.items()}
    # The cases that people have labelled first, then by field: what got worse must not hide behind the limit.
    cases.sort(key=lambda c: (_ORDER.index(c[5]), c[1]))
    more = max(0, len(cases) - _MOST_CASES)
    labelled = sum(name in after for name in corpus.gold)
    return {
        "read": len(after),
        "labelled": labelled,
        "fields": fields,
        "cases": cases[:_MOST_CASES],
        "more": more,
        "judged": judged,
    }


_ORDER = ("worse", "better", "")


def _right(corpus: Corpus, before: dict[str, Row], after: dict[str, Row], name: str, key: str) -> str:
    """Better or worse where the truth is known; empty where it is not, or where both are right or both wrong."""
    if name not in corpus.gold or key not in corpus.gold[name]:
        return ""
    one = Corpus(corpus.directory, (), {name: {key: corpus.gold[name][key]}})
    tallies = [judge(one, {name: side[name]}).get(key) for side in (before, after)]
    if None in tallies:
        return ""
    was, now = (bool(t and not (t.wrong or t.missed)) for t in tallies)
    return "" if was == now else "better" if now else "worse"


def _figures(key: str, t: Tally, rules: RuleSet) -> list[float | None]:
    fit = t.quality(rules.curve(EVIDENCE.get(key, "")))
    shares = [t.correct, t.wrong, t.missed, round(t.precision, 4), round(t.recall, 4), round(t.f1, 4)]
    return [*shares, *((round(fit.brier, 4), round(fit.ece, 4)) if fit.cases else (None, None))]


def _slow(read: dict[str, Row], rules: RuleSet) -> list[list[Any]]:
    from parsers.explain import costs

    found = costs([row["text"] for row in list(read.values())[:_SLOW_TEXTS]], rules)
    return [[rule_id, round(1000 * s, 2)] for rule_id, s in found.items() if 1000 * s >= SLOW_MS]


def _silent(read: dict[str, Row], rules: RuleSet) -> list[str]:
    from parsers.explain import silent

    texts = [row["text"] for row in list(read.values())[:_SILENT_TEXTS]]
    return silent(texts, rules) if len(texts) >= _SILENT_FROM else []

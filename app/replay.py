"""Reads many mails by one rule set, over all processors, with progress; an interrupt gives what was read so far."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field

from app.backtest import Item, Row
from models.directory import Directory

# Below this a pool costs more than it saves.
_POOL_FROM = 80
_CHUNK = 12
# Mails that come in now go before mails that are read again.
_NICE = 5
Progress = Callable[[int], bool]
"""Called with the number of mails just read; gives False to stop."""


@dataclass(slots=True)
class Replay:
    """What was read; `whole` is False when it was stopped before the end."""

    rows: dict[str, Row] = field(default_factory=dict)
    whole: bool = True


def replay(
    items: Sequence[Item], directory: Directory, rules_text: str, progress: Progress, *, processes: int | None = None
) -> Replay:
    """Reads all items by the rule set of this text (the shipped one if empty)."""
    out = Replay()
    count = processes or os.cpu_count() or 1
    try:
        if count == 1 or len(items) < _POOL_FROM:
            _prepare(directory, rules_text, worker=False)
            for item in items:
                out.rows.update(_read([item]))
                if not progress(1):
                    out.whole = False
                    break
            return out
        for part in _parts(items, directory, rules_text, count):
            out.rows.update(part)
            if not progress(len(part)):
                out.whole = False
                break
    except KeyboardInterrupt:
        out.whole = False
    return out


def _parts(items: Sequence[Item], directory: Directory, rules_text: str, count: int) -> Iterator[dict[str, Row]]:
    chunks = [items[i : i + _CHUNK] for i in range(0, len(items), _CHUNK)]
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_prepare, initargs=(directory, rules_text))
    waiting: set[Future[dict[str, Row]]] = set()
    try:
        todo = iter(chunks)
        # A few chunks ahead of each process, so that to stop does not have to wait for the whole queue.
        for chunk in todo:
            waiting.add(pool.submit(_read, chunk))
            if len(waiting) < 3 * count:
                continue
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (f.result() for f in done)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (f.result() for f in done)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# What a process reads by, set once when it starts.
_state: list[tuple[Directory, object]] = []


def _prepare(directory: Directory, rules_text: str, worker: bool = True) -> None:
    from parsers.rules import default_rules, parse_rules

    if worker:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.nice(_NICE)
    _state[:] = [(directory, parse_rules(rules_text) if rules_text else default_rules())]


def _read(items: Sequence[Item]) -> dict[str, Row]:
    from parsers import read_mail
    from parsers.rules import RuleSet

    directory, rules = _state[0]
    assert isinstance(rules, RuleSet)
    out: dict[str, Row] = {}
    for item in items:
        reading = read_mail(
            item.raw,
            directory=directory,
            own_addresses=item.own,
            received_at=item.received_at,
            previous_question=item.question,
            rules=rules,
            customer_address=item.customer_address,
        )
        out[item.name] = reading.as_row()
    return out

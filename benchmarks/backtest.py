"""How fast rule sets are replayed and switched on.

python -m benchmarks.backtest [MAILS]
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from app.backtest import Item, load_corpus
from app.replay import replay
from models.directory import Directory
from parsers import read_mail
from parsers.rules import parse_rules, shipped_text

OPEN = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "open"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
    corpus = load_corpus(OPEN)
    items: list[Item] = []
    while len(items) < count:
        items += [replace(i, name=f"{len(items)}-{i.name}") for i in corpus.items]
    items = items[:count]
    for processes in (1, 2):
        begun = time.perf_counter()
        run = replay(items, corpus.directory, "", lambda _: True, processes=processes)
        took = time.perf_counter() - begun
        rate = len(run.rows) / took
        print(f"replay with {processes}: {len(run.rows)} mails in {took:.1f} s, {rate:.0f} mails/s")
    text = shipped_text()
    begun = time.perf_counter()
    rules = parse_rules(text)
    checked = 1000 * (time.perf_counter() - begun)
    begun = time.perf_counter()
    read_mail(b"Subject: x\n\nThe line is down since 9:00.", directory=Directory(), rules=rules)
    first = 1000 * (time.perf_counter() - begun)
    print(f"switching on: {len(rules.rules)} rules checked in {checked:.0f} ms, first reading {first:.0f} ms")


if __name__ == "__main__":
    main()

"""Fits the shipped probabilities on the open corpus and the development half of the own one, and writes them.

python -m benchmarks.shipped_calibration

The held-out half is not looked at, so that `make accuracy` and a backtest on it tell what the probabilities are worth.
"""

from __future__ import annotations

from collections.abc import Callable

from app.backtest import EVIDENCE, Corpus, judge, load_corpus
from app.replay import replay
from benchmarks.accuracy import CORPUS, OPEN, is_development, own_addresses
from parsers.calibration import Case, crossed, fit, quality
from parsers.rule_file import as_text
from parsers.rules import DEFAULT_FOLDER

_PARTS: tuple[tuple[str, Callable[[str], bool]], ...] = (("open", lambda _: True), ("own", is_development))


def part(name: str, keep: Callable[[str], bool]) -> Corpus:
    folder = OPEN if name == "open" else CORPUS / name
    whole = load_corpus(folder, tuple(own_addresses(sorted((folder / "mails").glob("*.eml")))))
    items = tuple(i for i in whole.items if keep(i.name))
    return Corpus(whole.directory, items, {k: v for k, v in whole.gold.items() if keep(k)})


def main() -> None:
    scored: dict[str, list[Case]] = {}
    for name, keep in _PARTS:
        corpus = part(name, keep)
        read = replay(corpus.items, corpus.directory, "", lambda _: True)
        for key, tally in judge(corpus, read.rows).items():
            if key in EVIDENCE:
                scored.setdefault(EVIDENCE[key], []).extend(tally.scored)
    curves = {name: fit(cases) for name, cases in scored.items()}
    for name, cases in scored.items():
        seen, unseen = quality(curves[name], cases), crossed(cases)
        worth = f"Brier {seen.brier:.4f} ECE {seen.ece:.4f}  unseen {unseen.brier:.4f} {unseen.ece:.4f}"
        print(f"{name:16} {len(cases):4} cases  {worth}")
    (DEFAULT_FOLDER / "calibration.json").write_text(as_text("calibration", (), curves), encoding="utf-8")


if __name__ == "__main__":
    main()

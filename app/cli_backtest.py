"""Commands that judge rule sets on mails: backtest and calibrate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import backtest as tests
from app.house import House
from app.replay import Replay, replay
from app.settings import load_settings
from app.stored import stored_corpus
from models.errors import UserError

if TYPE_CHECKING:
    from parsers.calibration import Case
    from parsers.rules import RuleSet

_OWN = Annotated[list[str] | None, typer.Option("--own", help="One of the provider's own addresses.")]
_RULES = Annotated[Path | None, typer.Option("--rules", help="Rule set file; default: the set in force.")]
_PROCESSES = Annotated[int | None, typer.Option("--processes", min=1, help="Processes that read; default one per processor.")]
_SLOW_MS = 0.5


def backtest(
    corpus: Annotated[
        Path | None, typer.Argument(help="Folder with directory.json, gold.jsonl and mails/; default: stored contacts.")
    ] = None,
    rules: _RULES = None,
    against: Annotated[Path | None, typer.Option("--against", help="Another rule set file: show what differs.")] = None,
    own: _OWN = None,
    last: Annotated[int, typer.Option("--last", min=1, help="So many of the newest stored contacts.")] = 1000,
    processes: _PROCESSES = None,
) -> None:
    """Reads labelled mails and judges each field: precision, recall, F1, calibration; and what another set changes."""
    from app.cli_rules import checked, in_force

    if corpus:
        loaded = tests.load_corpus(corpus, tuple(own or ()))
    else:
        settings = load_settings()
        loaded = stored_corpus(House(settings).store, tuple(own or settings.addresses), last)
    first = checked(rules) if rules else in_force()
    run = _watched(loaded, first, "reading", processes)
    if loaded.gold:
        _table(loaded, run, first)
    else:
        typer.echo(f"{len(run.rows)} contacts read; nobody has said yet what is true of them")
    for rule_id, ms in _slow(run, first):
        typer.echo(f"slow: rule {rule_id} takes {ms:.2f} ms a mail")
    if against and run.whole:
        other = _watched(loaded, checked(against), "reading with the other set", processes)
        for mail, key, before, after in tests.changes(run.rows, other.rows):
            typer.echo(f"{mail} {key}: {before} -> {after}")


def calibrate(
    corpora: Annotated[list[Path], typer.Argument(help="Folders with directory.json, gold.jsonl and mails/.")],
    rules: _RULES = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the calibrated rule set here; default: figures only.")
    ] = None,
    own: _OWN = None,
    processes: _PROCESSES = None,
) -> None:
    """Fits probabilities to scores, field by field (isotonic, shrunk towards the score), and writes them into a rule set."""
    from app.cli_rules import checked, in_force
    from parsers.calibration import crossed, fit, quality
    from parsers.rule_file import as_text
    from parsers.rules import default_rules

    base = (checked(rules) if rules else in_force()) or default_rules()
    scored: dict[str, list[Case]] = {}
    for folder in corpora:
        loaded = tests.load_corpus(folder, tuple(own or ()))
        run = _watched(loaded, base, f"reading {folder.name}", processes)
        if not run.whole:
            raise UserError("interrupted; nothing was written")
        for key, tally in tests.judge(loaded, run.rows).items():
            if key in tests.EVIDENCE:
                scored.setdefault(tests.EVIDENCE[key], []).extend(tally.scored)
    curves = dict(base.calibration) | {name: fit(cases) for name, cases in scored.items() if cases}
    typer.echo(f"{'field':16} {'method':9} {'cases':>6} {'Brier':>7} {'ECE':>7}   unseen: {'Brier':>7} {'ECE':>7}")
    for name, cases in scored.items():
        if cases:
            seen, unseen = quality(curves[name], cases), crossed(cases)
            typer.echo(
                f"{name:16} {curves[name].method:9} {len(cases):6} {seen.brier:7.4f} {seen.ece:7.4f}"
                f"           {unseen.brier:7.4f} {unseen.ece:7.4f}"
            )
    if out:
        _write(out, as_text(base.name, base.rules, curves))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as e:
        raise UserError(f"{path}: cannot be written ({e.strerror})") from e


def _table(loaded: tests.Corpus, run: Replay, rules: RuleSet | None) -> None:
    from parsers.rules import default_rules

    used = rules or default_rules()
    if not run.whole:
        typer.echo(f"interrupted: {len(run.rows)} of {len(loaded.items)} mails were read")
    head = f"{'field':18} {'correct':>8} {'wrong':>6} {'missed':>7} {'prec':>7} {'rec':>7} {'F1':>7} {'Brier':>7} {'ECE':>6}"
    typer.echo(f"{head}  not right in")
    for name, t in tests.judge(loaded, run.rows).items():
        fit = t.quality(used.curve(tests.EVIDENCE.get(name, "")))
        told = f"{fit.brier:7.3f} {fit.ece:6.3f}" if fit.cases else f"{'-':>7} {'-':>6}"
        figures = f"{100 * t.precision:7.1f} {100 * t.recall:7.1f} {100 * t.f1:7.1f}"
        typer.echo(f"{name:18} {t.correct:8} {t.wrong:6} {t.missed:7} {figures} {told}  {' '.join(t.cases[:12])}")


def _slow(run: Replay, rules: RuleSet | None) -> Iterable[tuple[str, float]]:
    from parsers.explain import costs
    from parsers.rules import default_rules

    texts = [row["text"] for row in list(run.rows.values())[:50]]
    found = costs(texts, rules or default_rules())
    return [(rule_id, 1000 * s) for rule_id, s in sorted(found.items(), key=lambda x: -x[1]) if 1000 * s >= _SLOW_MS]


def _watched(loaded: tests.Corpus, rules: RuleSet | None, label: str, processes: int | None) -> Replay:
    with typer.progressbar(length=len(loaded.items), label=label, file=typer.get_text_stream("stderr"), show_eta=True) as bar:

        def seen(count: int) -> bool:
            bar.update(count)
            return True

        return replay(loaded.items, loaded.directory, rules.text() if rules else "", seen, processes=processes)

"""A replay reads stored contacts just as `intake read` reads their mails under the same version."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from app.backtest import changes
from app.house import House
from app.replay import replay
from app.replays import Replays
from app.settings import load_settings
from app.stored import stored_corpus
from models.clock import utc_now
from models.directory_file import dump_directory
from models.directory_store import read_directory
from models.replay_store import ask_replay, seen_replay
from models.rule_store import keep_rules
from parsers.rules import shipped_text
from tests.flows.rule_site import OWN, RuleSite, served
from tests.running import CORPUS, Running

NAMES = ("001", "003", "004", "005", "008", "012", "019", "025", "033", "041", "056", "063")


def version_text() -> str:
    """The shipped set with a label more, an impact that weighs nothing, and without its words for what comes and goes."""
    rules = json.loads(shipped_text())
    by_id = {r["id"]: r for r in rules["rules"]}
    by_id["label.service_id"]["values"].append("gizmo code")
    by_id["weight.impact.state"]["values"] = ["0.01"]
    by_id["impact.soft.en"]["enabled"] = False
    return json.dumps(rules)


def read(running: Running, path: Path, *more: str) -> dict[str, dict[str, Any]]:
    """What `intake read` prints of the mails, by name."""
    mails = [str(CORPUS / "mails" / f"{n}.eml") for n in NAMES]
    done = running.command("read", *mails, "--directory", str(path / "directory.json"), "--own", OWN[0], *more)
    return {row.pop("id"): row for row in map(json.loads, done.stdout.splitlines())}


def stored(site: RuleSite, fresh: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The mails as contacts that came in at the time by which they are read; number of the contact -> name of the mail."""
    taken = {}
    for name in NAMES:
        raw = (CORPUS / "mails" / f"{name}.eml").read_bytes()
        taken[str(site.take(raw, key=name, at=datetime.fromisoformat(fresh[name]["received_at"])))] = name
    return taken


def test_a_replay_equals_a_fresh_reading_under_that_version(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(version_text())
    running = Running(tmp_path, f"sqlite:///{tmp_path}/none.db")
    with served(tmp_path) as site:
        site.directory()
        (tmp_path / "directory.json").write_text(dump_directory(read_directory(site.store)))
        shipped = read(running, tmp_path)
        under_version = read(running, tmp_path, "--rules", str(tmp_path / "mine.json"))
        taken = stored(site, shipped)
        corpus = stored_corpus(site.store, OWN, len(NAMES))
        rows = replay(corpus.items, corpus.directory, version_text(), lambda _count: True, processes=1).rows
        again = {taken[key]: json.loads(json.dumps(row)) for key, row in rows.items()}
        assert again == under_version
        # What the replay of the console tells is the difference of the two fresh readings, and there is one.
        with site.store.write() as session:
            digest = keep_rules(session, "mine", version_text(), utc_now()).digest
            ask_replay(session, digest, "", limit=len(NAMES), actor="lea", now=utc_now())
        house = House(load_settings(database_url=site.store.url, mail_addresses=OWN[0]))
        Replays(house).work()
        house.store.close()
        with site.store.read() as session:
            run = seen_replay(session, digest)
        assert run
        told = {(taken[name], key, json.dumps(a), json.dumps(b)) for name, key, a, b, *_ in run.result["cases"]}
        fresh = changes(shipped, under_version)
        assert told == {(name, key, json.dumps(a), json.dumps(b)) for name, key, a, b in fresh}
        assert told

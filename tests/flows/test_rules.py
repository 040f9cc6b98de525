"""Rule sets from outside: a bad one names itself, a good one is in force with the next mail, and back again."""

from __future__ import annotations

import json
import smtplib
from pathlib import Path

from sqlmodel import select

from models.store import Store
from models.tables import ReadingRecord
from tests.running import CORPUS, Running

NOC = "noc@halverlink.example"
MAIL = "From: goran@drinska-pekara.example\r\nTo: noc@halverlink.example\r\nSubject: x\r\n\r\nGizmo code: DIA-118220\r\nIt is down.\r\n"


def send(running: Running, number: int) -> None:
    with smtplib.SMTP("127.0.0.1", running.smtp) as smtp:
        smtp.sendmail("goran@drinska-pekara.example", [NOC], MAIL + str(number))


def rule_sets_used(running: Running) -> list[str]:
    store = Store(running.env["INTAKE_DATABASE_URL"])
    with store.read() as session:
        used = session.exec(select(ReadingRecord.rule_set).order_by(ReadingRecord.contact_id)).all()  # type: ignore[arg-type]
    store.close()
    return list(used)


def changed_rules(running: Running, path: Path) -> Path:
    """The shipped set with one more label."""
    rules = json.loads(running.command("rules", "export").stdout)
    next(r for r in rules["rules"] if r["id"] == "label.service_id")["values"].append("gizmo code")
    path.write_text(json.dumps(rules))
    return path


def test_a_set_is_in_force_with_the_next_mail_and_is_rolled_back(running: Running, tmp_path: Path) -> None:
    file = changed_rules(running, tmp_path / "mine.json")
    send(running, 1)
    running.settled(1)
    assert "rule set 1" in running.command("rules", "import", str(file)).stdout
    running.command("rules", "activate", "1")
    send(running, 2)
    running.settled(2)
    assert "shipped is in force" in running.command("rules", "rollback").stdout
    send(running, 3)
    running.settled(3)
    shipped, mine, again = rule_sets_used(running)
    assert shipped == again != mine
    assert "ACTIVE" not in running.command("rules", "list").stdout


def test_a_bad_set_names_its_rule_and_changes_nothing(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db")
    file = changed_rules(running, tmp_path / "bad.json")
    rules = json.loads(file.read_text())
    lexicon = next(r for r in rules["rules"] if r["kind"] == "lexicon")
    lexicon["examples"]["hit"] = ["words that no rule has ever heard of"]
    file.write_text(json.dumps(rules))
    refused = running.command("rules", "import", str(file), check=False)
    assert refused.returncode == 1
    assert lexicon["id"] in refused.stderr
    assert "Traceback" not in refused.stderr
    file.write_text('{"rules": [{"id": "x.y", "kind": "nonsense"}]}')
    assert "x.y" in running.command("rules", "import", str(file), check=False).stderr
    assert running.command("rules", "list", "--json").stdout == ""


def test_a_backtest_counts_and_shows_what_another_set_changes(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db")
    rules = json.loads(running.command("rules", "export").stdout)
    rules["rules"] = [r for r in rules["rules"] if r["id"] != "label.impact"]
    weaker = tmp_path / "weaker.json"
    weaker.write_text(json.dumps(rules))
    done = running.command("rules", "backtest", str(CORPUS), "--own", NOC, "--against", str(weaker))
    line = next(x for x in done.stdout.splitlines() if x.startswith("service_ids"))
    assert int(line.split()[1]) > 90
    assert " -> " in done.stdout
    missing = running.command("rules", "backtest", str(tmp_path), check=False)
    assert (missing.returncode, "gold.jsonl" in missing.stderr) == (1, True)

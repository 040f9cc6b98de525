"""Rule sets from outside: a bad one names itself, a good one is in force with the next mail, and back again."""

from __future__ import annotations

import json
import smtplib
from pathlib import Path

from sqlmodel import select

from models.clock import utc_now
from models.label_store import put_label
from models.replay_store import ask_replay
from models.rule_store import active_digest, find_rules, history, keep_rules
from models.store import Store
from models.tables import ReadingRecord
from models.tables_rules import ReplayRun
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
    unseen = running.command("rules", "activate", "1", check=False)
    assert (unseen.returncode, "no replay of this rule set" in unseen.stderr) == (1, True), unseen.stderr
    assert "replay 1: 1 contacts read by both" in running.command("rules", "replay", "1").stdout
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


def test_without_a_replay_a_set_is_in_force_for_a_reason_only_and_never_with_examples_that_fail(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db")
    text = changed_rules(running, tmp_path / "mine.json").read_text()
    rules = json.loads(text)
    lexicon = next(r for r in rules["rules"] if r["kind"] == "lexicon")
    lexicon["examples"]["hit"] = ["words that no rule has ever heard of"]
    running.import_directory()
    with running.store() as store, store.write() as session:
        keep_rules(session, "good", text, utc_now())
        keep_rules(session, "bad", json.dumps(rules), utc_now())
    assert running.command("rules", "activate", "1", "--reason", " ", check=False).returncode == 1
    assert "1 is in force" in running.command("rules", "activate", "1", "--reason", "the night is long").stdout
    bad = running.command("rules", "activate", "2", "--reason", "all the same", check=False)
    assert (bad.returncode, lexicon["id"] in bad.stderr) == (1, True), bad.stderr
    with running.store() as store, store.read() as session:
        assert active_digest(session) == find_rules(session, "1").digest
        detail = history(session, 1)[0].detail
    assert (detail["reason"], detail["despite"]) == ("the night is long", "no replay of this rule set has been seen")


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


def test_a_calibrated_set_tells_probabilities_and_is_a_set_like_any_other(tmp_path: Path) -> None:
    running = Running(tmp_path, f"sqlite:///{tmp_path}/i.db")
    out = tmp_path / "calibrated.json"
    done = running.command("rules", "calibrate", str(CORPUS), "--own", NOC, "--out", str(out), "--processes", "1")
    line = next(x for x in done.stdout.splitlines() if x.startswith("service_id"))
    assert int(line.split()[2]) > 90
    curves = json.loads(out.read_text())["calibration"]
    assert all(p for x, p in curves["impact"]["points"] if x > 0)
    assert "rule set 1" in running.command("rules", "import", str(out)).stdout


def test_stored_contacts_are_judged_by_what_people_said_of_them(running: Running, tmp_path: Path) -> None:
    send(running, 1)
    running.settled(1)
    said = running.command("rules", "backtest").stdout
    assert "1 contacts read; nobody has said" in said
    store = Store(running.env["INTAKE_DATABASE_URL"])
    with store.write() as session:
        put_label(session, 1, "service_ids", ["DIA-118220"], actor="lea", now=utc_now())
        put_label(session, 1, "impact", "degradation", actor="lea", now=utc_now())
    store.close()
    lines = {x.split()[0]: x.split() for x in running.command("rules", "backtest").stdout.splitlines()}
    assert lines["service_ids"][1:4] == ["1", "0", "0"]
    assert lines["impact"][1:4] == ["0", "1", "0"]
    assert lines["start_time"][1:4] == ["0", "0", "0"]
    weaker = tmp_path / "weaker.json"
    rules = json.loads(running.command("rules", "export").stdout)
    next(r for r in rules["rules"] if r["id"] == "weight.impact.state")["values"] = ["0.01"]
    weaker.write_text(json.dumps(rules))
    assert "1 impact: service_affecting -> None" in running.command("rules", "backtest", "--against", str(weaker)).stdout


def test_a_replay_is_done_in_the_background_and_tells_each_changed_case(running: Running, tmp_path: Path) -> None:
    send(running, 1)
    running.settled(1)
    file = changed_rules(running, tmp_path / "mine.json")
    rules = json.loads(file.read_text())
    next(r for r in rules["rules"] if r["id"] == "weight.impact.state")["values"] = ["0.01"]
    file.write_text(json.dumps(rules))
    running.command("rules", "import", str(file))
    store = Store(running.env["INTAKE_DATABASE_URL"])
    with store.write() as session:
        run = ask_replay(session, find_rules(session, "1").digest, "", limit=100, actor="lea", now=utc_now()).id

    def state() -> str:
        with store.read() as session:
            found = session.get(ReplayRun, run)
            assert found
            return found.state

    running.until(lambda: state() not in ("queued", "running"))
    with store.read() as session:
        done = session.get(ReplayRun, run)
        assert done
        assert (done.state, done.result["slow"], done.result["fields"]["impact"]) == ("done", [], {"lost": 1})
        assert ["1", "impact", "service_affecting", None, "lost", ""] in done.result["cases"]
    store.close()

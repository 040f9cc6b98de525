"""The files under deploy/: systemd takes the units, the container files are whole and name settings that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.serve import PARTS
from app.settings import Settings
from tests.running import ROOT

DEPLOY = ROOT / "deploy"
SETTINGS = {f"INTAKE_{n.upper()}" for n in Settings.model_fields}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed: apt-get install systemd")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("*.*"):
        text = unit.read_text().replace("/opt/intake/.venv/bin/intake", "/bin/true")
        (tmp_path / unit.name.replace("@.", "@smtp.")).write_text(re.sub(r"^(User|Group)=.*\n", "", text, flags=re.M))
    units = sorted(str(p) for p in tmp_path.glob("*.service")) + sorted(str(p) for p in tmp_path.glob("*.timer"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    assert not [line for line in done.stderr.splitlines() if str(tmp_path) in line or "intake" in line], done.stderr


def test_every_unit_runs_unprivileged_and_names_parts_that_exist() -> None:
    for unit in (DEPLOY / "systemd").glob("*.service"):
        text = unit.read_text()
        assert "User=intake" in text
        assert "NoNewPrivileges=yes" in text
        for parts in re.findall(r"--only ([\w,]+)", text):
            assert set(parts.split(",")) <= set(PARTS)


def test_container_files_name_settings_and_parts_that_exist() -> None:
    for file in (*(DEPLOY / "container").iterdir(), DEPLOY / "systemd" / "intake.env"):
        text = file.read_text()
        named = {n.removesuffix("_FILE") for n in re.findall(r"INTAKE_[A-Z_]+", text)}
        assert named <= SETTINGS, file.name
        for parts in re.findall(r'--only, "?([\w,]+)', text):
            assert set(parts.split(",")) <= set(PARTS)
    container = (DEPLOY / "container" / "Containerfile").read_text()
    assert re.search(r"^USER intake$", container, re.M)


def test_the_compose_file_is_valid_and_gives_every_secret_a_file() -> None:
    yaml = pytest.importorskip("yaml")
    compose = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        for secret in service.get("secrets", []):
            assert compose["secrets"][secret]["file"].startswith("secrets/"), name
        for other in service.get("depends_on", {}):
            assert other in compose["services"]
    rules = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text())
    assert all({"alert", "expr", "annotations"} <= set(r) for g in rules["groups"] for r in g["rules"])


def test_the_dashboard_is_whole() -> None:
    board = json.loads((DEPLOY / "monitoring" / "grafana.json").read_text())
    assert len({p["id"] for p in board["panels"]}) == len(board["panels"]) >= 10

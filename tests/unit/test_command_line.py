"""The table of commands names every command, and the module that it stands in."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from app.cli import PARTS, command_line
from app.settings import reached_at


def commands(words: list[str]) -> set[str]:
    group = typer.main.get_group(command_line(words))
    return set(group.commands)


def test_without_a_name_all_commands_are_there() -> None:
    assert commands([]) == {name for _, names in PARTS for name in names}
    assert commands(["nonsense"]) == commands([])


def test_a_command_brings_its_own_module_only() -> None:
    for _, names in PARTS:
        for name in names:
            assert commands([name]) == set(names)


def test_a_module_with_one_command_is_called_by_its_name() -> None:
    done = subprocess.run([sys.executable, "-m", "app", "call", "--help"], capture_output=True, text=True, check=True)
    assert "call" in done.stdout
    wrong = subprocess.run([sys.executable, "-m", "app", "nonsense"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, "nonsense" in wrong.stderr) == (2, True)


@pytest.mark.parametrize(
    ("host", "at"),
    [("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1"), ("[::]", "::1"), ("::", "::1"), ("[::1]", "::1"), ("192.0.2.7", "192.0.2.7")],
)
def test_a_listener_on_all_addresses_is_reached_over_loopback(host: str, at: str) -> None:
    assert reached_at(host) == at

"""Own prompts in the place of the shipped ones, and the hours at which people are in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.hours import parse_hours
from ivr.voice import MAX_CHARS, Voice, prompt_names
from ivr.words import Say
from models.errors import SettingError


@pytest.mark.parametrize("name", sorted(prompt_names()))
def test_every_prompt_can_be_an_own_one(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.txt").write_text("Our own words of {{ provider }}.")
    assert Voice("Desk", tmp_path).sentence(Say(name)) == "Our own words of Desk."


def test_prompts_without_an_own_file_stay_as_shipped(tmp_path: Path) -> None:
    (tmp_path / "end.txt").write_text("Bye.")
    assert Voice("Desk", tmp_path).sentence(Say("menu")) == Voice("Desk").sentence(Say("menu"))


@pytest.mark.parametrize(("file", "text", "told"), [
    ("menue.txt", "x", "menue.txt is no prompt; there are again, apology"),
    ("menu.txt", "{{ servise }}", "menu.txt: unknown variable servise"),
    ("menu.txt", "{% if %}", "menu.txt: Expected an expression"),
    ("menu.txt", "  \n", "menu.txt says nothing"),
    ("menu.txt", "{{ ''.__class__.__mro__ }}", "menu.txt: access to attribute"),
])  # fmt: skip
def test_an_own_prompt_that_cannot_be_used_names_itself(tmp_path: Path, file: str, text: str, told: str) -> None:
    (tmp_path / file).write_text(text)
    with pytest.raises(SettingError, match=told):
        Voice("Desk", tmp_path)


def test_a_folder_that_is_none_is_told_and_a_sentence_has_an_end(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is not a folder"):
        Voice("Desk", tmp_path / "none")
    (tmp_path / "end.txt").write_text("word " * 2000)
    assert len(Voice("Desk", tmp_path).sentence(Say("end"))) <= MAX_CHARS


WEDNESDAY = datetime(2026, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(("hours", "zone", "at", "is_open"), [
    ("", "UTC", 3, True), ("Mon-Fri 08:00-18:00", "UTC", 7, False), ("Mon-Fri 08:00-18:00", "UTC", 8, True), ("Mon-Fri 08:00-18:00", "UTC", 18, False),
    ("Mon-Fri 08:00-18:00", "Europe/Berlin", 6, True), ("Sat-Mon 00:00-24:00", "UTC", 12, False), ("Thu 10:00-11:00, wed 09:00-10:00", "UTC", 9, True),
])  # fmt: skip
def test_hours_are_those_of_the_zone(hours: str, zone: str, at: int, is_open: bool) -> None:
    assert parse_hours(hours, zone).open(WEDNESDAY + timedelta(hours=at)) is is_open


def test_a_call_back_out_of_hours_is_due_after_the_next_opening() -> None:
    due = parse_hours("Mon-Fri 08:00-18:00", "UTC").due(
        WEDNESDAY + timedelta(days=2, hours=20, minutes=7), timedelta(minutes=30)
    )
    assert due == datetime(2026, 5, 11, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("wrong", ["always", "Mon 8-18", "Mon 18:00-08:00", "Mon-Xyz 08:00-18:00", "Mon 08:00-25:00"])
def test_hours_that_are_none_name_the_setting(wrong: str) -> None:
    with pytest.raises(SettingError, match="INTAKE_PHONE_HOURS"):
        parse_hours(wrong, "UTC")
    with pytest.raises(SettingError, match="INTAKE_PHONE_TIMEZONE"):
        parse_hours("", "Mars/Olympus")

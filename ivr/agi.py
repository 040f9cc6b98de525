"""The exchange's side of a FastAGI connection: commands out, results in (Asterisk Gateway Interface, over TCP)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from models.errors import OwnError

_REPLY = re.compile(r"(\d{3})(?:[ -]result=(-?\d*)(?:\s*\((.*?)\))?)?(.*)", re.DOTALL)
_MAX_LINE = 8192
_MAX_LINES = 200
ALL_KEYS = "0123456789*#"


class HungUp(Exception):
    """The caller, or the exchange, has ended the call."""


class AgiFault(OwnError):
    """The exchange does not speak AGI, or could not do what it was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`result` is the number after `result=`, `note` what stands behind it in brackets, `rest` the rest of the line."""

    code: int
    result: int
    note: str = ""
    rest: str = ""

    @property
    def key(self) -> str:
        """The key that was pressed, where the result is the code of one."""
        return chr(self.result) if self.result > 0 and chr(self.result) in ALL_KEYS else ""


class Channel:
    """One call at the exchange. Every method raises HungUp once the caller is gone."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._in, self._out = incoming, outgoing
        self.facts = self._head()

    def _head(self) -> Mapping[str, str]:
        """The lines `agi_name: value` up to an empty one."""
        facts: dict[str, str] = {}
        for _ in range(_MAX_LINES):
            line = self._line()
            if not line:
                return facts
            name, colon, value = line.partition(":")
            if not colon or not name.startswith("agi_"):
                raise AgiFault(f"the exchange begins with {line[:60]!r}, which is no AGI")
            facts[name.removeprefix("agi_")] = value.strip()
        raise AgiFault("the exchange's head never ends")

    def _line(self) -> str:
        raw = self._in.readline(_MAX_LINE)
        if not raw:
            raise HungUp
        return raw.decode("utf-8", "replace").rstrip("\r\n")

    def command(self, *words: str) -> Reply:
        """One command and its reply. Raises AgiFault for one that the exchange refuses."""
        text = " ".join(words)
        if "\n" in text or "\r" in text or "\x00" in text:
            raise AgiFault(f"a command of several lines: {text[:60]!r}")
        try:
            self._out.write(text.encode() + b"\n")
            self._out.flush()
        except OSError as e:
            raise HungUp from e
        reply = self._reply()
        if reply.code == 511:
            raise HungUp
        if reply.code != 200:
            raise AgiFault(f"{words[0]}: the exchange answers {reply.code}{reply.rest[:100]}")
        return reply

    def _reply(self) -> Reply:
        while True:
            line = self._line()
            if line == "HANGUP":
                # Sent beside the replies; the reply of the command still comes, and is of no use.
                raise HungUp
            match = _REPLY.fullmatch(line)
            if not match:
                continue
            code = int(match[1])
            if code == 520 and line.startswith("520-"):
                while not self._line().startswith("520 "):
                    pass
            return Reply(code, int(match[2]) if match[2] not in (None, "", "-") else 0, match[3] or "", match[4] or "")

    def answer(self) -> None:
        self._alive(self.command("ANSWER"))

    def play(self, file: str, keys: str = ALL_KEYS) -> str:
        """Plays a sound (its name without ending) until it ends or a key is pressed; gives the key."""
        return self._alive(self.command("STREAM FILE", file, quoted(keys))).key

    def wait_key(self, seconds: float) -> str:
        return self._alive(self.command("WAIT FOR DIGIT", str(int(seconds * 1000)))).key

    def record(self, file: str, *, keys: str, seconds: int, silence: int) -> str:
        """Records into FILE.wav after a tone; gives the key that ended it. HungUp leaves what was recorded."""
        reply = self.command("RECORD FILE", file, "wav", quoted(keys), str(seconds * 1000), "BEEP", f"s={silence}")
        if "hangup" in reply.note or reply.result < 0:
            raise HungUp
        return reply.key

    def execute(self, application: str, arguments: str) -> None:
        """Runs an application of the dialplan; -2 means that there is none of this name."""
        reply = self.command("EXEC", application, quoted(arguments))
        if reply.result == -1:
            raise HungUp
        if reply.result == -2:
            raise AgiFault(f"the exchange has no application {application}")

    def variable(self, name: str) -> str:
        reply = self.command("GET VARIABLE", name)
        return reply.note if reply.result == 1 else ""

    def set_variable(self, name: str, value: str) -> None:
        self.command("SET VARIABLE", name, quoted(value))

    def hang_up(self) -> None:
        self.command("HANGUP")

    def _alive(self, reply: Reply) -> Reply:
        if reply.result < 0:
            raise HungUp
        return reply


def quoted(text: str) -> str:
    """An argument in quotes; quotes and backslashes in it are escaped."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

"""An exchange for tests: the side of Asterisk in the AGI protocol, over a real socket, with a caller who follows a script.

It answers as Asterisk 22 does: results are key codes, a sound that is not there is -1, HANGUP comes beside the replies, a
command on a dead channel is 511, and Dial runs the agent's script in a connection of its own before it bridges.
"""

from __future__ import annotations

import re
import shlex
import socket
import wave
from dataclasses import dataclass, field
from pathlib import Path

HANG_UP = "hang up"
_ENDINGS = ("wav", "wav16")


@dataclass
class Exchange:
    """`script` has one entry for each question: keys ("!1" presses over the prompt), "" for silence, a number of seconds for
    a recording, or HANG_UP. `agent` is what the agent presses, or "" for nobody who answers."""

    port: int
    script: list[str | int]
    agent: str = ""
    callerid: str = "00491705550101"
    unique: str = "1778059200.1"
    commands: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    hung_up: bool = False

    def call(self) -> None:
        """The whole call, until one side hangs up."""
        self._serve({"uniqueid": self.unique, "callerid": self.callerid, "channel": "PJSIP/caller-1", "network_script": "call"})

    def _serve(self, facts: dict[str, str], keys: list[str] | None = None) -> dict[str, str]:
        """One connection; `keys` makes it the agent's. Gives the variables that were set in it."""
        done: dict[str, str] = {}
        with socket.create_connection(("127.0.0.1", self.port), timeout=120) as s:
            stream = s.makefile("rwb")
            head = "".join(f"agi_{k}: {v}\n" for k, v in facts.items())
            stream.write(head.encode() + b"agi_network: yes\n\n")
            stream.flush()
            pressed = list(keys or ())
            pending: list[str] = []
            while line := stream.readline().decode().rstrip("\n"):
                self.commands.append(line)
                reply = self._reply(shlex.split(line), pending, pressed if keys is not None else None, done)
                stream.write(reply.encode() + b"\n")
                stream.flush()
                if self.hung_up and keys is None and "HANGUP\n" in reply:
                    return done
        return done

    def _reply(self, words: list[str], pending: list[str], agent: list[str] | None, done: dict[str, str]) -> str:
        match words:
            case ["ANSWER"]:
                return "200 result=0"
            case ["STREAM", "FILE", name, keys]:
                return self._play(name, keys, pending, agent)
            case ["WAIT", "FOR", "DIGIT", _ms]:
                return f"200 result={ord(pending.pop(0)) if pending else 0}"
            case ["RECORD", "FILE", name, "wav", keys, _ms, "BEEP", silence]:
                assert silence.startswith("s="), silence
                return self._record(name, keys)
            case ["EXEC", "Dial", arguments]:
                return self._dial(arguments)
            case ["EXEC", "Queue", arguments]:
                assert re.fullmatch(r"\w+,,,,\d+", arguments)
                self.variables["QUEUESTATUS"] = "" if self.agent else "TIMEOUT"
                return "200 result=0"
            case ["EXEC", _application, _arguments]:
                return "200 result=-2"
            case ["GET", "VARIABLE", name]:
                value = self.variables.get(name, "")
                return f"200 result=1 ({value})" if value else "200 result=0"
            case ["SET", "VARIABLE", name, value]:
                done[name] = value
                return "200 result=1"
            case ["HANGUP"]:
                self.hung_up = True
                return "200 result=1"
        return "510 Invalid or unknown command"

    def _play(self, name: str, keys: str, pending: list[str], agent: list[str] | None) -> str:
        if not any(Path(f"{name}.{e}").is_file() for e in _ENDINGS):
            return "200 result=-1 endpos=0"
        if not keys:
            return "200 result=0 endpos=8000"
        if agent is not None:
            pending[:] = agent
            return "200 result=0 endpos=8000"
        pending.clear()
        given = self.script.pop(0) if self.script else HANG_UP
        if given == HANG_UP:
            return self._gone()
        text = str(given)
        pending += text.lstrip("!")
        if text.startswith("!") and pending:
            return f"200 result={ord(pending.pop(0))} endpos=800"
        return "200 result=0 endpos=8000"

    def _gone(self) -> str:
        self.hung_up = True
        return "HANGUP\n200 result=-1 endpos=0"

    def _record(self, name: str, keys: str) -> str:
        given = self.script.pop(0) if self.script else HANG_UP
        seconds = 6 if given == HANG_UP else int(given)
        with wave.open(f"{name}.wav", "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(8000)
            sound.writeframes(b"\1\0" * 8000 * seconds)
        if given == HANG_UP:
            self.hung_up = True
            return f"HANGUP\n200 result=-1 (hangup) endpos={8000 * seconds}"
        return f"200 result={ord(keys[0])} (dtmf) endpos={8000 * seconds}"

    def _dial(self, arguments: str) -> str:
        legs, _ring, options = arguments.split(",")
        gosub = re.fullmatch(r"U\(intake-whisper\^(CA[0-9a-f]{32})\)", options)
        assert gosub, options
        assert all(leg.startswith("PJSIP/") for leg in legs.split("&")), legs
        if not self.agent:
            self.variables["DIALSTATUS"] = "NOANSWER"
            return "200 result=0"
        done = self._serve({"network_script": "whisper", "arg_1": gosub[1], "uniqueid": "2"}, [self.agent])
        self.variables["DIALSTATUS"] = "ANSWER"
        self.variables["bridged"] = "no" if done.get("GOSUB_RESULT") == "CONTINUE" else "yes"
        return "200 result=0"

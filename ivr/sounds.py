"""Sentences as sound files for the exchange, made once by the command that the settings name."""

from __future__ import annotations

import hashlib
import os
import secrets
import shlex
import subprocess
import wave
from pathlib import Path

from models.errors import OwnError, SettingError

# What an exchange plays without a codec of its own, and the ending by which it knows it.
_ENDINGS = {8000: "wav", 16000: "wav16"}
_TIMEOUT_S = 20
_MAX_CHARS = 1200


class SoundFault(OwnError):
    """A sentence could not be made into sound."""


class Sounds:
    """Files in `folder`, one for each sentence; `command` is a program with {text} and {file} among its arguments."""

    def __init__(self, command: str, folder: Path) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as e:
            raise SettingError(f"INTAKE_PBX_TTS_COMMAND: {e}") from e
        if "{text}" not in self._words or not any("{file}" in w for w in self._words):
            raise SettingError("INTAKE_PBX_TTS_COMMAND: {text} must be an argument of its own, and {file} be in one")
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def of(self, sentence: str) -> str:
        """The path of the sentence's sound without its ending. Raises SoundFault."""
        text = " ".join(sentence.split())[:_MAX_CHARS]
        name = hashlib.sha256("\0".join([*self._words, text]).encode()).hexdigest()[:32]
        path = self._folder / name
        if not any(path.with_suffix(f".{e}").exists() for e in _ENDINGS.values()):
            self._make(text, path)
        return str(path)

    def _make(self, text: str, path: Path) -> None:
        made = path.with_name(f"{path.name}-{secrets.token_hex(4)}.making.wav")
        # A sentence that begins with a dash is no option of the program.
        words = [text.lstrip("-") or "." if w == "{text}" else w.replace("{file}", str(made)) for w in self._words]
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL)
            os.replace(made, path.with_suffix(f".{_ending(made)}"))
        except subprocess.CalledProcessError as e:
            raise SoundFault(f"INTAKE_PBX_TTS_COMMAND: {words[0]} ends with {e.returncode}: {e.stderr[-200:]!r}") from e
        except (OSError, subprocess.TimeoutExpired) as e:
            raise SoundFault(f"INTAKE_PBX_TTS_COMMAND: {words[0]}: {e}") from e
        finally:
            made.unlink(missing_ok=True)


def _ending(path: Path) -> str:
    try:
        with wave.open(str(path), "rb") as sound:
            form = (sound.getframerate(), sound.getsampwidth(), sound.getnchannels())
    except (OSError, wave.Error, EOFError) as e:
        raise SoundFault(f"INTAKE_PBX_TTS_COMMAND made no WAV file: {e}") from e
    if form[0] not in _ENDINGS or form[1:] != (2, 1):
        raise SoundFault(f"INTAKE_PBX_TTS_COMMAND made {form[0]} Hz, {8 * form[1]} bits, {form[2]} channels; needed are "
                         "8000 or 16000 Hz, 16 bits, 1 channel")  # fmt: skip
    return _ENDINGS[form[0]]

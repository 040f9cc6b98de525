"""A phone line of one's own: walks a call of an Asterisk exchange through the same signed webhooks as a carrier's calls."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.agi import AgiFault, Channel, HungUp
from ivr.line import SOURCE
from ivr.sounds import SoundFault, Sounds
from ivr.walk import Act, CallBroken, Stop, Walk

log = structlog.get_logger("ivr.exchange")
_NUMBER = re.compile(r"(?:\+|00)?(\d{5,15})")
_TARGET = re.compile(r"\+?[0-9]{2,16}|sip:[A-Za-z0-9._+-]+@[A-Za-z0-9.:-]+")
# What the exchange says of a leg, in the carrier's words.
_OUTCOMES = {"ANSWER": "completed", "BUSY": "busy", "NOANSWER": "no-answer", "CANCEL": "canceled"}
_WHISPER = "intake-whisper"
# Sounds that every Asterisk brings; heard when our own line cannot be reached.
_APOLOGY = "an-error-has-occurred"


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """`trunk` is the endpoint through which agents' numbers are called, `recordings` a folder that both sides see.

    `queue_s` is how long a caller waits in the exchange's queue, in seconds.
    """

    trunk: str
    recordings: Path
    queue_s: int = 180


class Calls:
    """All calls of the exchange; a call's `walk` makes its webhooks."""

    def __init__(self, settings: ExchangeSettings, sounds: Sounds, walk: Callable[[str, str], Walk]) -> None:
        self._settings, self._sounds, self._walk = settings, sounds, walk
        self._whispers: dict[str, Whisper] = {}

    def take(self, channel: Channel) -> None:
        """One connection: a call, or what an agent hears before he takes one."""
        script = channel.facts.get("network_script", "").partition("?")[0].strip("/")
        if script == "whisper":
            self._whisper(channel)
        else:
            self._call(channel)

    def _call(self, channel: Channel) -> None:
        sid = call_sid(channel.facts.get("uniqueid", "") + channel.facts.get("channel", ""))
        walk = self._walk(sid, caller(channel.facts.get("callerid", "")))
        began = time.monotonic()
        leg = _Leg(self, channel, walk)
        try:
            channel.answer()
            leg.run(walk.start(**{SOURCE: "exchange"}))
        except HungUp:
            leg.save_recording()
        except (CallBroken, AgiFault, SoundFault) as e:
            log.error("exchange_call_failed", call=sid, why=str(e))
            _apologise(channel)
        finally:
            self._whispers.pop(sid, None)
            _end(walk, round(time.monotonic() - began))

    def _whisper(self, channel: Channel) -> None:
        """The agent hears who it is; without key 1 his leg is hung up, and the next one has the call."""
        sid = channel.facts.get("arg_1", "")
        asked = self._whispers.get(sid)
        try:
            if asked is None:
                return
            stop = asked.walk.whisper(asked.target)
            keys = gather(channel, self._sounds, stop)
            if keys == "1":
                asked.accepted = True
            else:
                channel.set_variable("GOSUB_RESULT", "CONTINUE")
        except HungUp:
            pass
        except (CallBroken, AgiFault, SoundFault) as e:
            # The agent did not hear who it is, and has the caller all the same.
            log.error("exchange_whisper_failed", call=sid, why=str(e))
            if asked:
                asked.accepted = True


@dataclass
class Whisper:
    walk: Walk
    target: int = 0
    accepted: bool = False


class _Leg:
    """The caller's leg of one call."""

    def __init__(self, calls: Calls, channel: Channel, walk: Walk) -> None:
        self._calls, self._channel, self._walk = calls, channel, walk
        self._settings, self._sounds = calls._settings, calls._sounds
        self._recording = ""

    def run(self, stop: Stop) -> None:
        """From stop to stop until the line hangs up. Raises HungUp when the caller does."""
        while True:
            match stop.kind:
                case "gather":
                    keys = gather(self._channel, self._sounds, stop)
                    stop = self._walk.answer(keys=keys)
                case "record":
                    play(self._channel, self._sounds, stop.acts, keys="")
                    stop = self._record(stop)
                case "dial":
                    play(self._channel, self._sounds, stop.acts, keys="")
                    stop = self._walk.connected(self._dial(stop))
                case "enqueue":
                    play(self._channel, self._sounds, stop.acts, keys="")
                    stop = self._walk.connected(self._queue(stop))
                case _:
                    play(self._channel, self._sounds, stop.acts, keys="")
                    self._channel.hang_up()
                    return

    def _record(self, stop: Stop) -> Stop:
        self._recording = "RE" + secrets.token_hex(16)
        given = stop.attributes
        key = self._channel.record(
            str(self._settings.recordings / self._recording),
            keys=given.get("finishOnKey", "#"),
            seconds=int(given.get("maxLength", "110")),
            silence=int(given.get("timeout", "4")),
        )
        sid, self._recording = self._recording, ""
        return self._walk.record(seconds=self._length(sid), sid=sid, keys=key)

    def save_recording(self) -> None:
        """The caller hung up in his message: what is there of it is reported."""
        if self._recording and (seconds := self._length(self._recording)):
            try:
                self._walk.recorded_at_the_end(seconds=seconds, sid=self._recording)
            except CallBroken as e:
                log.error("exchange_recording_not_told", call=self._walk.sid, why=str(e))

    def _length(self, sid: str) -> int:
        try:
            with wave.open(str(self._settings.recordings / f"{sid}.wav"), "rb") as sound:
                return round(sound.getnframes() / sound.getframerate())
        except (OSError, wave.Error, EOFError):
            return 0

    def _dial(self, stop: Stop) -> str:
        """Rings all targets at once; the first who takes it has the call. Gives the outcome in the carrier's words."""
        legs = "&".join(self._endpoint(t) for t, _ in stop.targets if _TARGET.fullmatch(t))
        if not legs:
            return "failed"
        asked = Whisper(self._walk)
        self._calls._whispers[self._walk.sid] = asked
        ring = int(stop.attributes.get("timeout", "30"))
        try:
            self._channel.execute("Dial", f"{legs},{ring},U({_WHISPER}^{self._walk.sid})")
        except HungUp:
            if asked.accepted:
                # He spoke to an agent until he hung up: that is told before the end is.
                self._walk.connected("completed")
            raise
        outcome = _OUTCOMES.get(self._channel.variable("DIALSTATUS"), "failed")
        return "no-answer" if outcome == "completed" and not asked.accepted else outcome

    def _endpoint(self, target: str) -> str:
        if target.startswith("sip:"):
            return f"PJSIP/{self._settings.trunk}/{target}"
        return f"PJSIP/{target}@{self._settings.trunk}"

    def _queue(self, stop: Stop) -> str:
        """Waits in the exchange's own queue of this name (queues.conf), with the music that it has."""
        name = re.sub(r"[^A-Za-z0-9_-]", "", stop.targets[0][0] if stop.targets else "")
        self._channel.execute("Queue", f"{name},,,,{self._settings.queue_s}")
        return "no-answer" if self._channel.variable("QUEUESTATUS") else "completed"


def gather(channel: Channel, sounds: Sounds, stop: Stop) -> str:
    """Plays the question, which a key stops, and collects keys as the document says; an empty string is silence."""
    given = stop.attributes
    most, ending = int(given.get("numDigits", "0")), given.get("finishOnKey", "#")
    keys = play(channel, sounds, stop.acts)
    wait = int(given.get("timeout", "5"))
    while not (most and len(keys) >= most):
        if ending and keys.endswith(ending):
            break
        key = channel.wait_key(wait)
        if not key:
            break
        keys += key
    return keys


def play(channel: Channel, sounds: Sounds, acts: tuple[Act, ...], keys: str = "0123456789*#") -> str:
    """Plays one after the other; a key that was pressed ends it all, and is given."""
    for act in acts:
        match act.kind:
            case "say":
                key = channel.play(sounds.of(act.value), keys)
            case "play":
                key = channel.play(act.value, keys) if re.fullmatch(r"[A-Za-z0-9/_-]+", act.value) else ""
            case _:
                key = channel.wait_key(min(float(act.value or 1), 30))
        if key:
            return key
    return ""


def call_sid(unique: str) -> str:
    """A CallSid for a call of the exchange: the same for the same call, in the carrier's form."""
    return "CA" + hashlib.sha256(unique.encode()).hexdigest()[:32]


def caller(given: str) -> str:
    """The caller's number in E.164 where the exchange gives it with its country code, else as a withheld one."""
    match = _NUMBER.fullmatch(given.strip())
    return "+" + match[1] if match and given.strip().startswith(("+", "00")) else ""


def _apologise(channel: Channel) -> None:
    try:
        channel.play(_APOLOGY, "")
        channel.hang_up()
    except (HungUp, AgiFault):
        pass


def _end(walk: Walk, seconds: int) -> None:
    try:
        walk.hang_up(seconds=seconds)
    except CallBroken as e:
        # The sweep closes it a quarter of an hour from now.
        log.error("exchange_end_not_told", call=walk.sid, why=str(e))

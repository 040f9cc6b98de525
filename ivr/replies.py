"""What a call hears next, written as the carrier's answer; the apologies among them need no store."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from ivr import carrier
from ivr.callers import caller_of
from ivr.carrier import Account, Fields, SpeechSettings, Urls
from ivr.hours import Hours
from ivr.prompts import spell, summary
from ivr.voice import Voice
from ivr.words import Ask, Bye, Call, Connect, Listen, Prompts, Record, Say, World, call_from_row
from models.clock import Clock
from models.directory import Directory
from models.store import Store
from models.tables_phone import PhoneCall


@dataclass(frozen=True)
class LineSettings:
    """`public_url` is the address at which the carrier reaches us, `attempts` how many groups are tried in turn."""

    public_url: str
    account: Account
    tokens: tuple[str, ...]
    speech: SpeechSettings
    hours: Hours
    records: bool
    queue_s: int
    delete_at_carrier: bool

    @property
    def attempts(self) -> int:
        return len([g for g in self.speech.groups if g]) + bool(self.speech.queue)


class Replies:
    """The answers of one line."""

    def __init__(
        self, store: Store, clock: Clock, settings: LineSettings, voice: Voice, directory: Callable[[], Directory]
    ) -> None:
        self.store, self.clock, self.settings, self.voice, self.directory = store, clock, settings, voice, directory

    def render(self, call: Call, prompts: Prompts, token: str, sid: str, directory: Directory) -> str:
        more = {"summary": ""}
        sentences = [self.voice.sentence(s, more) for s in prompts.says]
        then = prompts.then
        assert not isinstance(then, Ask)
        return carrier.answer(sentences, then, self.urls(token, sid), self.settings.speech, self._hints(call, then, directory))

    def _hints(self, call: Call, then: Listen | object, directory: Directory) -> list[str]:
        """Words that the recognizer should expect: those of the caller's own services where an ID is asked for."""
        if not isinstance(then, Listen) or not then.speech:
            return []
        if then.speech == "short":
            return ["yes", "no", "agent", "repeat", "down", "degraded", "non service affecting"]
        caller = caller_of(call.number, directory)
        own = directory.services_by_customer.get(caller.customer.id, ()) if caller else ()
        if then.speech != "id":
            return []
        spelled = [re.sub(r"[^\w ]+", "", spell(s.id)) for s in own]
        return ["$OOV_CLASS_ALPHANUMERIC_SEQUENCE", "$OOV_CLASS_DIGIT_SEQUENCE", *(" ".join(s.split()) for s in spelled[:100])]

    def urls(self, token: str, sid: str) -> Urls:
        base, t, call = self.settings.public_url.rstrip("/") + "/voice", quote(token), quote(sid)
        return Urls(
            step=f"{base}/step?token={t}",
            recording=f"{base}/recording",
            transcription=f"{base}/transcription",
            dial=f"{base}/dial?token={t}",
            whisper=f"{base}/dial?leg=whisper&call={call}",
            queue=f"{base}/queue?token={t}",
            wait=f"{base}/queue?wait=1",
        )

    def whispered(self, sid: str) -> str:
        """What the agent hears of this call before he takes it."""
        with self.store.read() as session:
            row = session.get(PhoneCall, sid)
        call = call_from_row(row.draft) if row else Call()
        world = World(self.directory(), self.clock())
        told = summary(call, world)
        accept = f"{self.settings.public_url.rstrip('/')}/voice/dial?leg=accept"
        return carrier.whisper(self.voice.sentence(Say("whisper"), {"summary": told}), accept, self.settings.speech)

    def wait(self, fields: Fields) -> str:
        """Said over and over to who waits in the queue; after the limit he leaves it."""
        seconds = int(fields.get("QueueTime")) if fields.get("QueueTime").isdigit() else 0
        if seconds >= self.settings.queue_s:
            return carrier.leave()
        minutes = str(seconds // 60) if seconds >= 60 else ""
        return carrier.waiting(self.voice.sentence(Say("queue"), {"waiting": minutes}), self.settings.speech)

    def apology(self, *, tried: bool = False) -> str:
        """Needs no store: a sentence, then a person, or, where none is to be had, a recording whose callback is kept."""
        s = self.settings
        urls = replace(self.urls("", ""), dial=f"{s.public_url.rstrip('/')}/voice/fallback?tried=1")
        urls = replace(urls, step=f"{s.public_url.rstrip('/')}/voice/fallback?recorded=1", queue=urls.dial)
        reachable = s.attempts > 0 and s.hours.open(self.clock()) and not tried
        if reachable:
            return carrier.answer([self.voice.sentence(Say("apology"))], Connect(), urls, s.speech)
        return carrier.answer([self.voice.sentence(Say("voicemail"))], Record(), urls, s.speech)

    def goodbye(self) -> str:
        return carrier.answer([self.voice.sentence(Say("end"))], Bye(), self.urls("", ""), self.settings.speech)

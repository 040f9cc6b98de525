"""The other side of the line: does what a carrier does with our answers. The simulator, `intake call` and the private
exchange walk calls with it, through the same signed webhooks as the carrier."""

from __future__ import annotations

import secrets
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx

from ivr.carrier import sign
from models.clock import utc_now
from models.errors import OwnError

_MAX_DOCUMENTS = 80
_ENDING = "#"


class CallBroken(OwnError):
    """The line did not answer as a phone line must; the message says what it did."""


class Poster(Protocol):
    """Posts fields to a webhook at its public URL, signed, and gives the answer's body."""

    def __call__(self, url: str, fields: Mapping[str, str]) -> str: ...


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the caller hears: `kind` is say (words), play (a sound) or pause (seconds)."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a call waits: `kind` is gather, record, dial, enqueue or hangup; `acts` is what was heard on the way there.

    `targets` are the legs of a dial (number or address, and the URL of what the agent hears first) or the queue's name.
    """

    kind: str
    acts: tuple[Act, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[tuple[str, str], ...] = ()

    @property
    def says(self) -> tuple[str, ...]:
        return tuple(a.value for a in self.acts if a.kind == "say")

    @property
    def speech(self) -> bool:
        return "speech" in self.attributes.get("input", "")

    @property
    def one_key(self) -> bool:
        return self.attributes.get("numDigits") == "1"


class Sender(Protocol):
    """What sends a form: a client of httpx, or something that opens one for each."""

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Response: ...


def signed_poster(client: Sender, token: str, reach: Callable[[str], str] = lambda url: url) -> Poster:
    """Posts with the carrier's signature over the public URL; `reach` says where that URL is served."""

    def post(url: str, fields: Mapping[str, str]) -> str:
        try:
            answer = client.post(reach(url), data=dict(fields), headers={"X-Twilio-Signature": sign(token, url, fields)})
        except httpx.HTTPError as e:
            raise CallBroken(f"{urlsplit(url).path}: {type(e).__name__}: {e}") from e
        if answer.status_code >= 300:
            raise CallBroken(f"{urlsplit(url).path} answers {answer.status_code}: {answer.text[:200]}")
        return answer.text

    return post


class Walk:
    """One call, driven from outside: `start`, then an answer at each stop, then `hang_up`."""

    def __init__(
        self,
        post: Poster,
        *,
        public_url: str,
        account: str,
        number: str = "",
        called: str = "",
        sid: str = "",
        tells_end: bool = True,
    ) -> None:
        """Without `tells_end` the end is told by `hang_up` only, when the last words have been spoken."""
        self.sid = sid or "CA" + secrets.token_hex(16)
        self._post, self._base = post, public_url.rstrip("/") + "/voice/"
        self._standard = {
            "CallSid": self.sid,
            "AccountSid": account,
            "From": number or "anonymous",
            "To": called or "+10000000000",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
        }
        self._here, self.stop = self._base + "incoming", Stop("hangup")
        self.documents, self.over, self._tells_end = 0, False, tells_end

    @property
    def called(self) -> str:
        return self._standard["To"]

    def as_row(self) -> dict[str, Any]:
        """The call between two requests of the simulator, as plain JSON."""
        return {
            "standard": self._standard,
            "here": self._here,
            "stop": asdict(self.stop),
            "documents": self.documents,
            "over": self.over,
        }

    @classmethod
    def from_row(cls, post: Poster, row: Mapping[str, Any], *, public_url: str) -> Walk:
        """The call back from `as_row`; only rows that we have signed may come here."""
        walk = cls(post, public_url=public_url, account="", sid=row["standard"]["CallSid"])
        walk._standard, walk._here = dict(row["standard"]), row["here"]
        stop = row["stop"]
        walk.stop = Stop(
            stop["kind"], tuple(Act(**a) for a in stop["acts"]), stop["attributes"], tuple((t, u) for t, u in stop["targets"])
        )
        walk.documents, walk.over = row["documents"], row["over"]
        return walk

    def start(self, **more: str) -> Stop:
        """The call rings; `more` are fields beside those of every call, such as headers of an exchange."""
        return self._go(self._base + "incoming", {"CallStatus": "ringing", **more})

    def answer(self, *, keys: str = "", speech: str = "") -> Stop:
        """Keys or words at a gather; neither is silence. The key that ends an input is not sent on, as carriers do."""
        given = {"Digits": keys.removesuffix(_ENDING)} if keys else {}
        given |= {"SpeechResult": speech, "Confidence": "0.9"} if speech and not keys else {}
        if keys and self.stop.one_key:
            given["Digits"] = keys[:1] if keys != _ENDING else ""
        return self._go(self._action(), {"CallStatus": "in-progress", **(given or {"Digits": ""})})

    def record(self, *, seconds: int, sid: str = "", keys: str = "", transcript: str = "", kept: bool = True) -> Stop:
        """A recording of so many seconds (0: nothing was said), with its callbacks; not `kept` is one without a file."""
        sid = sid or "RE" + secrets.token_hex(16)
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self._standard['AccountSid']}/Recordings/{sid}"
        facts = {"RecordingSid": sid, "RecordingUrl": url, "RecordingDuration": str(seconds)}
        attributes, action = self.stop.attributes, self._action()
        if seconds and attributes.get("recordingStatusCallback"):
            status = {"RecordingStatus": "completed" if kept else "absent"}
            self._post(attributes["recordingStatusCallback"], self._standard | facts | status)
        if not seconds:
            # A recording of silence has no file: the next verb would run, and there is none, so carriers call the action.
            facts = {}
        after = self._go(action, {"CallStatus": "in-progress", **facts, "Digits": keys})
        if transcript and attributes.get("transcribeCallback"):
            words = {"TranscriptionText": transcript, "TranscriptionStatus": "completed", "TranscriptionSid": "TR" + sid[2:]}
            self._post(attributes["transcribeCallback"], self._standard | facts | words)
        return after

    def recorded_at_the_end(self, *, seconds: int, sid: str) -> None:
        """The caller hung up in the middle of his message: its file is there all the same."""
        url = self.stop.attributes.get("recordingStatusCallback")
        if url and seconds:
            facts = {"RecordingSid": sid, "RecordingDuration": str(seconds), "RecordingStatus": "completed"}
            self._post(url, self._standard | facts)

    def connected(self, outcome: str) -> Stop:
        """The end of the agents' leg, or of the queue: completed, busy, no-answer, failed."""
        result = (
            {"DialCallStatus": outcome}
            if self.stop.kind == "dial"
            else {"QueueResult": "bridged" if outcome == "completed" else "leave"}
        )
        return self._go(self._action(), {"CallStatus": "in-progress", **result})

    def whisper(self, target: int = 0) -> Stop:
        """What the agent at this target hears before he is put through."""
        url = self.stop.targets[target][1]
        return self._read(self._post(url, self._standard | {"CallSid": "CA" + secrets.token_hex(16)}), url)

    def hang_up(self, *, seconds: int = 0) -> None:
        """The caller is gone: the carrier tells so, whatever the call was doing."""
        if not self.over:
            self._end(seconds)

    def _end(self, seconds: int = 0) -> None:
        self.over = True
        ended = {"CallStatus": "completed", "CallDuration": str(seconds), "SequenceNumber": "0"}
        self._post(self._base + "status", self._standard | ended | {"Timestamp": format_datetime(utc_now())})

    def _action(self) -> str:
        return urljoin(self._here, self.stop.attributes.get("action", self._here))

    def _go(self, url: str, fields: Mapping[str, str]) -> Stop:
        self.documents += 1
        if self.documents > _MAX_DOCUMENTS:
            raise CallBroken(f"the call goes round in circles ({_MAX_DOCUMENTS} documents)")
        self._here = url
        self.stop = self._read(self._post(url, self._standard | dict(fields)), url)
        if self.stop.kind == "hangup" and self._tells_end:
            self._end()
        return self.stop

    def _read(self, document: str, url: str) -> Stop:
        try:
            root = ET.fromstring(document)  # noqa: S314  (an answer of our own)
        except ET.ParseError as e:
            raise CallBroken(f"{urlsplit(url).path} does not answer with XML: {e}") from e
        acts: list[Act] = []
        for verb in root:
            match verb.tag:
                case "Say" | "Play" | "Pause":
                    acts.append(_act(verb))
                case "Gather":
                    return Stop("gather", (*acts, *(_act(inner) for inner in verb)), verb.attrib)
                case "Record":
                    return Stop("record", tuple(acts), verb.attrib)
                case "Dial":
                    targets = tuple((_text(leg), leg.attrib.get("url", "")) for leg in verb)
                    return Stop("dial", tuple(acts), verb.attrib, targets)
                case "Enqueue":
                    return Stop("enqueue", tuple(acts), verb.attrib, ((_text(verb), verb.attrib.get("waitUrl", "")),))
                case "Redirect":
                    following = self._go(urljoin(url, _text(verb)), {"CallStatus": "in-progress"})
                    return replace(following, acts=(*acts, *following.acts))
                case "Leave" | "Hangup" | "Reject":
                    return Stop("hangup", tuple(acts))
        return Stop("hangup", tuple(acts))


def _act(verb: ET.Element) -> Act:
    value = verb.attrib.get("length", "1") if verb.tag == "Pause" else _text(verb)
    return Act(verb.tag.lower(), value)


def _text(say: ET.Element) -> str:
    return " ".join(" ".join(say.itertext()).split())

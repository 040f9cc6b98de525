"""Twilio, and nothing of it elsewhere in this folder: signatures checked, answers written as TwiML, recordings fetched."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Dial, Gather, Say, VoiceResponse

from ivr.prompts import PAUSE
from ivr.words import Bye, Connect, Listen, Record
from models.errors import DeliveryDeferred, DeliveryRefused

MAX_TWIML = 64 * 1024
API = "https://api.twilio.com"
_RECORDING = re.compile(r"RE[0-9a-f]{32}")
_PAUSE_MS = "400ms"
_MAX_REDIRECTS = 3
_MAX_MEDIA = 20_000_000
# Numbers that carriers put in the place of a withheld one (ANONYMOUS, RESTRICTED, ... on the keypad).
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})


class Fields:
    """The fields of a post, blank and repeated ones kept, in the form that the signature check asks for."""

    def __init__(self, body: bytes) -> None:
        self._pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(dict(self._pairs))

    def __len__(self) -> int:
        return len(self._pairs)

    def getlist(self, name: str) -> list[str]:
        return [v for n, v in self._pairs if n == name]

    def get(self, name: str, default: str = "") -> str:
        return next((v for n, v in self._pairs if n == name), default)


def signed(tokens: Sequence[str], url: str, fields: Fields, signature: str | None) -> bool:
    """Whether one of the tokens signed this post to this URL; False where there is no token or no signature."""
    if not signature or not url or not signature.isascii():
        return False
    # All tokens are tried, so that the time taken does not tell which one fits.
    fits = [RequestValidator(t).validate(url.partition("#")[0], fields, signature) for t in tokens]
    return any(fits)


def sign(token: str, url: str, params: Mapping[str, str]) -> str:
    """The signature of a post of our own making, as the simulator and the private exchange send it."""
    return str(RequestValidator(token).compute_signature(url, dict(params)))


def caller_number(given: str) -> str:
    """The number called from in E.164, or nothing where it is withheld or not a number."""
    number = given.strip()
    return number if re.fullmatch(r"\+[1-9]\d{6,14}", number) and number not in WITHHELD else ""


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """Voice, language and recognition; `models` are by profile: short, id, free."""

    language: str
    voice: str
    models: Mapping[str, str]
    timeout_s: int
    own_number: str
    ring_s: int
    groups: tuple[tuple[str, ...], ...]
    queue: str
    transcribe: bool


@dataclass(frozen=True, slots=True)
class Urls:
    """Where the carrier goes from here; all absolute."""

    step: str
    recording: str
    transcription: str
    dial: str
    whisper: str
    queue: str
    wait: str


Then = Listen | Record | Connect | Bye


def answer(sentences: Sequence[str], then: Then, urls: Urls, s: SpeechSettings, hints: Sequence[str] = ()) -> str:
    """One TwiML document: what is said, and what the carrier does then."""
    response = VoiceResponse()
    match then:
        case Listen():
            gather = response.gather(**_listening(then, urls, s, hints))
            _speak(gather, sentences, s)
        case Record():
            _speak(response, sentences, s)
            response.record(
                action=urls.step,
                method="POST",
                max_length=then.seconds,
                timeout=then.silence,
                finish_on_key="#0*",
                play_beep=True,
                recording_status_callback=urls.recording,
                recording_status_callback_event="completed absent",
                **({"transcribe": True, "transcribe_callback": urls.transcription} if s.transcribe else {}),
            )
        case Connect():
            _speak(response, sentences, s)
            _connect(response, then, urls, s)
        case Bye():
            _speak(response, sentences, s)
            response.hangup()
    return checked(str(response))


def _listening(then: Listen, urls: Urls, s: SpeechSettings, hints: Sequence[str]) -> dict[str, object]:
    given: dict[str, object] = {
        "input": "dtmf speech" if then.speech else "dtmf",
        "action": urls.step,
        "method": "POST",
        "timeout": then.seconds,
        "finish_on_key": "#",
        "action_on_empty_result": True,
        "barge_in": then.barge_in,
    }
    if then.digits:
        given["num_digits"] = then.digits
    if then.speech:
        # With a model named the pause that ends speech must be a number of seconds (Twilio warning 13335).
        given |= {"language": s.language, "speech_timeout": s.timeout_s, "profanity_filter": False}
        if s.models.get(then.speech):
            given["speech_model"] = s.models[then.speech]
        if hints:
            given["hints"] = ",".join(h[:100] for h in hints[:500])
    return given


def _connect(response: VoiceResponse, then: Connect, urls: Urls, s: SpeechSettings) -> None:
    if s.queue and then.attempt == 0:
        response.enqueue(s.queue[:64], action=urls.queue, method="POST", wait_url=urls.wait, wait_url_method="POST")
        return
    groups = [g for g in s.groups if g]
    group = groups[min(then.attempt - bool(s.queue), len(groups) - 1)]
    extra = {"caller_id": s.own_number} if s.own_number else {}
    dial = Dial(action=urls.dial, method="POST", timeout=s.ring_s, answer_on_bridge=True, **extra)
    for target in group:
        leg = dial.sip if target.startswith("sip:") else dial.number
        leg(target, url=urls.whisper, method="POST")
    response.append(dial)


def whisper(sentence: str, accept_url: str, s: SpeechSettings) -> str:
    """What an agent hears before he is put through; a machine that answers presses no key and is hung up on."""
    response = VoiceResponse()
    gather = response.gather(input="dtmf", num_digits=1, timeout=8, action=accept_url, method="POST")
    _speak(gather, [sentence, sentence], s)
    response.hangup()
    return checked(str(response))


def waiting(sentence: str, s: SpeechSettings) -> str:
    response = VoiceResponse()
    _speak(response, [sentence], s)
    response.pause(length=20)
    return checked(str(response))


def leave() -> str:
    response = VoiceResponse()
    response.leave()
    return str(response)


def nothing() -> str:
    return str(VoiceResponse())


def hangup(sentence: str, s: SpeechSettings) -> str:
    response = VoiceResponse()
    if sentence:
        _speak(response, [sentence], s)
    response.hangup()
    return checked(str(response))


def _speak(parent: VoiceResponse | Gather, sentences: Sequence[str], s: SpeechSettings) -> None:
    say = Say("", language=s.language, **({"voice": s.voice} if s.voice else {}))
    parts = [p.strip() for sentence in sentences for p in (*sentence.split(PAUSE), PAUSE) if p.strip()]
    # The library keeps only the last of two texts in a row, so there is a break between any two.
    for part in parts[:-1] if parts and parts[-1] == PAUSE else parts:
        say.break_(strength="medium") if part == PAUSE else say.append(part)
        if part != PAUSE:
            say.break_(time=_PAUSE_MS)
    if parts:
        parent.append(say)


def checked(document: str) -> str:
    """The document as it is, if it is not longer than the carrier takes."""
    if len(document.encode()) > MAX_TWIML:
        raise ValueError(f"the answer has {len(document)} characters, more than the carrier takes")
    return document


class ToOurAddress(TwilioHttpClient):  # type: ignore[misc]
    """Sends the library's requests to another scheme and host, as set by INTAKE_TWILIO_API_URL."""

    def __init__(self, base: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._base = base.rstrip("/")

    def request(self, method: str, url: str, *args: object, **given: object) -> TwilioResponse:
        parts = urlsplit(url)
        return super().request(method, self._base + parts.path + (f"?{parts.query}" if parts.query else ""), *args, **given)


@dataclass(frozen=True, slots=True)
class Account:
    """How we reach our account."""

    sid: str
    token: str
    api_url: str = API
    timeout_s: float = 10.0

    def client(self) -> Client:
        return Client(self.sid, self.token, http_client=ToOurAddress(self.api_url, self.timeout_s))

    def check(self, number: str = "") -> str:
        """Signs in; gives the account's name, and sees that a number is one of its own.

        Raises DeliveryRefused for a token that does not sign in, an account that is closed or suspended, or a strange number;
        DeliveryDeferred for trouble.
        """
        try:
            found = self.client().api.accounts(self.sid).fetch()
            own = not number or self.client().incoming_phone_numbers.list(phone_number=number, limit=1)
        except (TwilioException, OSError) as e:
            if getattr(e, "status", 0) in (401, 403, 404):
                raise DeliveryRefused("does not sign in") from e
            raise DeliveryDeferred(f"the carrier cannot be asked ({type(e).__name__}: {e})"[:300]) from e
        if found.status != "active":
            raise DeliveryRefused(f"the account is {found.status}")
        if not own:
            raise DeliveryRefused(f"the account has no number {number}")
        return str(found.friendly_name)

    def fetch(self, recording: str) -> tuple[str, bytes]:
        """Content type and bytes of a recording, by its SID only: no posted URL is ever followed.

        Raises DeliveryDeferred if it should be tried again (not there yet, trouble), DeliveryRefused if that is of no use.
        """
        if not _RECORDING.fullmatch(recording):
            raise DeliveryRefused(f"{recording[:40]!r} is no recording")
        url = f"{self.api_url.rstrip('/')}/2010-04-01/Accounts/{self.sid}/Recordings/{recording}.wav"
        home = urlsplit(self.api_url).netloc
        try:
            with httpx.Client(timeout=self.timeout_s, follow_redirects=False) as client:
                for _ in range(_MAX_REDIRECTS + 1):
                    place = urlsplit(url)
                    ours = place.netloc == home or (place.scheme == "https" and (place.hostname or "").endswith(".twilio.com"))
                    if not ours and place.scheme != "https":
                        raise DeliveryRefused(f"the recording was said to lie at {place.scheme}://{place.netloc}")
                    found = client.get(url, auth=(self.sid, self.token) if ours else None)
                    if not found.is_redirect:
                        break
                    url = str(found.next_request.url) if found.next_request else url
        except httpx.HTTPError as e:
            raise DeliveryDeferred(f"{type(e).__name__}: {e}") from e
        if found.status_code in (404, 429) or found.status_code >= 500 or found.is_redirect:
            raise DeliveryDeferred(f"the carrier answers {found.status_code}")
        if found.status_code != 200 or len(found.content) > _MAX_MEDIA:
            raise DeliveryRefused(f"the carrier answers {found.status_code} with {len(found.content)} bytes")
        return found.headers.get("content-type", "audio/x-wav"), found.content

    def delete(self, recording: str) -> None:
        """Deletes a recording at the carrier. Raises DeliveryDeferred."""
        try:
            self.client().recordings(recording).delete()
        except (TwilioException, OSError) as e:
            if getattr(e, "status", 0) != 404:
                raise DeliveryDeferred(f"{type(e).__name__}: {e}"[:300]) from e

"""The phone line put together from the settings."""

from __future__ import annotations

import hashlib
import secrets
import threading
from datetime import timedelta
from functools import cache
from pathlib import Path

import structlog

from app.house import House
from app.policies import OwnLine, OwnVoice
from app.settings import Settings, split
from ivr.callers import caller_of, textable
from ivr.carrier import Account, SpeechSettings
from ivr.deeds import Deeds
from ivr.ends import Ends
from ivr.hear import hear
from ivr.hours import parse_hours
from ivr.line import Line
from ivr.replies import LineSettings
from ivr.words import Call, Deed, Said, State
from models.errors import DeliveryDeferred, DeliveryRefused, RuleError
from models.rule_store import active_rules
from parsers.rules import RuleSet, parse_rules

log = structlog.get_logger("app.phone")


def phone_line(house: House) -> Line:
    """The line of this installation. Raises SettingError for hours or prompts that cannot be used."""
    s = house.settings
    if not split(s.twilio_auth_tokens):
        log.warning("no_phone_carrier", why="INTAKE_TWILIO_AUTH_TOKENS is not set: only the phone simulator can call")
    voice = OwnVoice(house.store, s.provider_name, s.voice_templates_dir)
    return OwnLine(
        house.store,
        house.clock,
        line_settings(s),
        voice,
        _deeds(house),
        house.directory.get,
    )


def warm_up(line: Line) -> None:
    """Does once what the first caller would wait for: directory, rules, the readers of words, number plans."""
    directory, now = line.directory(), line.clock()
    said = Said("description", "the line is down since 08:00 UTC", "", "speech", State.DESC.value)
    call = Call(number="+4930555010", said=(said,))
    with line.store.read() as session:
        line.deeds.reading(session, "warm-up", call, Deed.FILE, directory, now)
    caller_of(call.number, directory)
    textable(call.number)
    for asked, words in (("start_time", "twenty minutes ago"), ("service_id", "one two three four"), ("impact", "down")):
        hear(asked, speech=words, digits=None, confidence=0.0, now=now, timezone="UTC", directory=directory)


def warm_up_aside(line: Line) -> None:
    """The same beside the start of everything else: a caller who comes earlier waits, or hears an apology."""

    def work() -> None:
        try:
            warm_up(line)
            log.info("phone_warm")
        except Exception:  # callers and mails come all the same
            log.exception("phone_not_warm")

    threading.Thread(target=work, name="phone-warm-up", daemon=True).start()


def phone_ends(house: House) -> Ends:
    """What closes calls and fetches recordings; without an account nothing is fetched."""
    s = house.settings
    account = line_settings(s).account if s.twilio_account_sid and split(s.twilio_auth_tokens) else None
    folder = (s.pbx_recordings_dir or s.data_dir / "pbx").absolute()
    return Ends(house.store, house.clock, _deeds(house), house.directory.get, account, folder)


def line_settings(s: Settings) -> LineSettings:
    models = {"short": s.phone_speech_model_short, "id": s.phone_speech_model_id, "free": s.phone_speech_model_free}
    tokens = voice_tokens(s)
    speech = SpeechSettings(
        language=s.phone_language,
        voice=s.phone_voice,
        models=models,
        timeout_s=s.phone_speech_timeout,
        own_number=s.phone_number,
        ring_s=s.phone_ring_seconds,
        groups=(split(s.phone_agents), split(s.phone_overflow)),
        queue=s.phone_queue,
        transcribe=s.phone_transcribe,
    )
    return LineSettings(
        public_url=s.public_url,
        account=Account(account_sid(s), tokens[0], s.twilio_api_url),
        tokens=tokens,
        speech=speech,
        hours=parse_hours(s.phone_hours, s.phone_timezone),
        records=s.phone_description == "recording",
        queue_s=s.phone_queue_seconds,
        delete_at_carrier=s.phone_delete_at_carrier,
    )


def try_account(s: Settings) -> tuple[bool, str]:
    """Signs in to the carrier with each token; names those that fail by their place, never by themselves."""
    tokens = split(s.twilio_auth_tokens)
    if not s.twilio_account_sid or not tokens:
        lacks = "INTAKE_TWILIO_ACCOUNT_SID: texts and recordings stay" if tokens else "INTAKE_TWILIO_AUTH_TOKENS: no call comes"
        return bool(tokens), f"without {lacks}"
    number = s.phone_number if s.phone_number.startswith("+") else ""
    found: list[str] = []
    wrong: list[str] = []
    for place, token in enumerate(tokens, 1):
        which = f"token {place} of {len(tokens)}"
        try:
            found.append(f"{which} signs in to {Account(s.twilio_account_sid, token, s.twilio_api_url).check(number)}")
        except (DeliveryRefused, DeliveryDeferred) as e:
            wrong.append(f"{which}: {e}")
    return not wrong, "; ".join(wrong or found)


def voice_tokens(s: Settings) -> tuple[str, ...]:
    """The tokens whose signatures count; where none is set, one of our own, known to the simulator of this machine only."""
    return split(s.twilio_auth_tokens) or (_own_token(s.data_dir.absolute()),)


def account_sid(s: Settings) -> str:
    """The account as set, else an invented one for the simulator."""
    return s.twilio_account_sid or "AC" + hashlib.sha256(b"simulator").hexdigest()[:32]


@cache
def _own_token(folder: Path) -> str:
    path = folder / "simulator.token"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{secrets.token_hex(4)}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(16))
        try:
            path.hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text().strip()


def _deeds(house: House) -> Deeds:
    s = house.settings
    wait = timedelta(minutes=s.phone_callback_minutes)
    return Deeds(house.store, house.filing, parse_hours(s.phone_hours, s.phone_timezone), wait, _Rules(house).get)


class _Rules:
    """The active rule set, read again when another one is active."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._held: tuple[str, RuleSet | None] = ("", None)

    def get(self) -> RuleSet | None:
        with self._house.store.read() as session:
            active = active_rules(session)
        if active.digest != self._held[0]:
            try:
                self._held = (active.digest, parse_rules(active.text, active.digest) if active.text else None)
            except RuleError:
                self._held = (active.digest, None)
        return self._held[1]

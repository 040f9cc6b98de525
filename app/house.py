"""Puts the parts together from the settings: store, marks, sender."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path

from app.memory import freeze
from app.meter import Meter
from app.settings import Settings, need_addresses, split
from app.traces import Traces
from models.clock import Clock, utc_now
from models.directory import Directory
from models.directory_store import directory_version, read_directory
from models.rule_store import ActiveRules, active_digest, active_rules
from models.store import Store, ensure_schema
from outbound.compose import ComposeSettings
from outbound.senders import FolderSender, Sender
from outbound.signing import signer
from outbound.smarthost import SmarthostPool
from outbound.smarthost_url import parse_urls
from outbound.sms import FolderTexts, TextSender, TextSettings, TwilioTexts, carrier_client
from outbound.staff_calls import StaffCaller
from tickets.answers import AnswerSettings
from tickets.caps import Caps
from tickets.filing import FilingSettings
from tickets.links import mail_links
from tickets.mailing import LifeSettings
from tickets.notices import Caller
from tickets.tokens import Tokens


@dataclass
class House:
    """What every process of an installation shares."""

    settings: Settings
    clock: Clock = utc_now
    # Nobody waits for what this process writes.
    bulk: bool = False

    @cached_property
    def store(self) -> Store:
        """The database, its schema made if it is empty. Raises SchemaError for an older one."""
        # With key, database and smarthost elsewhere nothing else makes it, and the listener asks for its free space.
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        store = Store(self.settings.database, bulk=self.bulk)
        ensure_schema(store)
        return store

    @cached_property
    def meter(self) -> Meter:
        return Meter()

    @cached_property
    def traces(self) -> Traces:
        s = self.settings
        return Traces(s.otlp_url, service=s.provider_name, secret=secret_key(s))

    @cached_property
    def directory(self) -> DirectoryCache:
        """The directory, one for all parts of this process."""
        return DirectoryCache(self.store)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(secret_key(self.settings), need_addresses(self.settings).bounces)

    @cached_property
    def filing(self) -> FilingSettings:
        s = self.settings
        return FilingSettings(
            own_addresses=frozenset((*s.addresses, s.sender)),
            own_lists=frozenset(split(s.own_lists)),
            trusted_forms=frozenset(split(s.trusted_forms)),
            authserv_id=s.authserv_id,
            answers=self.answering,
            bounce_address=s.bounces,
            reopen_days=s.reopen_days,
            flood_tickets=s.flood_tickets,
            public_url=s.public_url,
        )

    @cached_property
    def answering(self) -> AnswerSettings:
        s = self.settings
        return AnswerSettings(
            provider=s.provider_name,
            tokens=self.tokens,
            caps=Caps(s.cap_per_hour, s.cap_per_day, s.breaker_per_hour, s.breaker_per_domain),
            first_ack=timedelta(hours=s.first_ack_hours),
            remind_affecting=timedelta(minutes=s.remind_affecting_minutes),
            remind_others=timedelta(minutes=s.remind_others_minutes),
            hold=s.hold_answers,
        )

    @cached_property
    def life(self) -> LifeSettings:
        return LifeSettings(self.filing.answers, self.settings.public_url)

    @cached_property
    def composing(self) -> ComposeSettings:
        s = self.settings
        links = partial(mail_links, self.tokens, s.public_url)
        known = ComposeSettings(s.sender, s.provider_name, self.tokens.loop_mark, links=links)
        if not s.dkim_key_file:
            return known
        sign = signer(domain=s.dkim_domain or s.sender.rpartition("@")[2], selector=s.dkim_selector, key_file=s.dkim_key_file)
        return replace(known, sign=sign)

    @cached_property
    def sender(self) -> Sender:
        if self.settings.smarthost_url:
            s = self.settings
            return SmarthostPool(parse_urls(s.smarthost_url), clock=self.clock, ca_file=s.smarthost_ca_file)
        return FolderSender(self.settings.data_dir.absolute() / "outbox")

    @cached_property
    def texting(self) -> TextSettings:
        s = self.settings
        return TextSettings(s.provider_name, s.sender, s.phone_number, f"{s.public_url.rstrip('/')}/voice/status")

    @cached_property
    def texts(self) -> TextSender:
        s = self.settings
        tokens = split(s.twilio_auth_tokens)
        if s.twilio_account_sid and tokens and s.phone_number:
            return TwilioTexts(s.twilio_account_sid, tokens[0], s.twilio_api_url)
        return FolderTexts(s.data_dir.absolute() / "outbox")

    @cached_property
    def caller(self) -> Caller | None:
        """Texts and calls to our own persons; None where the phone's sender is not set, and their mail is all there is."""
        s = self.settings
        tokens = split(s.twilio_auth_tokens)
        if not (s.twilio_account_sid and tokens and s.phone_number):
            return None
        client = carrier_client(s.twilio_account_sid, tokens[0], s.twilio_api_url)
        return StaffCaller(client, s.provider_name, s.phone_number, language=s.phone_language, voice=s.phone_voice)


class DirectoryCache:
    """The directory, read again when another version stands in the database; for any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: Directory | None = None
        self._reading = threading.Lock()

    def get(self) -> Directory:
        with self._store.read() as session:
            version = directory_version(session)
        held = self._held
        if held is None or held.version != version:
            with self._reading:
                held = self._held
                if held is None or held.version != version:
                    self._held = held = read_directory(self._store)
                    freeze()
        return held


class RulesCache:
    """The rule set in force; its text is read again when another one is."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held = ActiveRules()

    def get(self) -> ActiveRules:
        with self._store.read() as session:
            if active_digest(session) != self._held.digest:
                self._held = active_rules(session)
        return self._held


def secret_key(settings: Settings) -> bytes:
    """The key of all marks and signed links: as set, else made once and kept in the data directory (mode 0600)."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = Path(settings.data_dir) / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(32))
            path.hardlink_to(made)
        except FileExistsError:
            pass
        finally:
            made.unlink(missing_ok=True)
    return path.read_text().strip().encode()

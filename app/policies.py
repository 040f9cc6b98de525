"""What administrators have set in the console, where it meets the parts that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.house import House
from console.tuning import Tuning
from ivr.deeds import Deeds
from ivr.line import Line
from ivr.prompts import VARIABLES
from ivr.replies import LineSettings, Replies
from ivr.voice import SHIPPED, Voice, prompt_names
from ivr.words import Say
from models.clock import Clock, monotonic
from models.directory import Directory
from models.errors import UserError
from models.store import Store
from tickets.policy import Policy, load_policy

log = structlog.get_logger("app.policies")


# The policy is asked for several times in one answer to the carrier.
HELD_S = 1.0
_held: WeakKeyDictionary[Store, tuple[float, Policy]] = WeakKeyDictionary()


def in_force(store: Store) -> Policy | None:
    """The policy, at most a second old; while the store is away the last one known, or none: a call goes on without it."""
    known = _held.get(store)
    if known and monotonic() - known[0] < HELD_S:
        return known[1]
    try:
        with store.read() as session:
            policy = load_policy(session)
    except SQLAlchemyError as e:
        log.warning("policy_not_read", why=str(e)[:200])
        return known[1] if known else None
    _held[store] = (monotonic(), policy)
    return policy


class OwnVoice(Voice):
    """The spoken sentences, each in the words in force: the console's, else the own folder's, else the shipped ones."""

    def __init__(self, store: Store, provider: str, own: Path | None = None) -> None:
        super().__init__(provider, own)
        self._store = store

    def sentence(self, say: Say, more: Mapping[str, str] | None = None) -> str:
        policy = in_force(self._store)
        row = policy.prompts.get(say.prompt) if policy else None
        if row:
            try:
                return self.in_words(row.text, say, more)
            except UserError as e:
                log.warning("own_prompt_failed", prompt=say.prompt, why=str(e))
        return super().sentence(say, more)


class _OwnNumbers:
    """Who is rung is asked of the console's numbers first."""

    store: Store

    @property
    def settings(self) -> LineSettings:
        policy, given = in_force(self.store), self._given
        if policy is None:
            return given
        row = policy.phone
        agents, overflow = (*given.speech.groups, (), ())[:2]
        groups = (tuple(row.agents) or agents, tuple(row.overflow) or overflow)
        return replace(given, speech=replace(given.speech, groups=groups))

    @settings.setter
    def settings(self, value: LineSettings) -> None:
        self._given = value


class _OwnReplies(_OwnNumbers, Replies):
    """Replies that ring the numbers in force."""


class OwnLine(_OwnNumbers, Line):
    """The phone line with the numbers in force."""

    def __init__(
        self, store: Store, clock: Clock, settings: LineSettings, voice: Voice, deeds: Deeds, directory: Callable[[], Directory]
    ) -> None:
        super().__init__(store, clock, settings, voice, deeds, directory)
        self.replies = _OwnReplies(store, clock, settings, voice, directory)


def tuning(house: House) -> Tuning:
    """What the pages for admins are told of this installation."""
    s = house.settings
    folder = s.voice_templates_dir
    prompts = {n: _source(n, folder) for n in sorted(prompt_names())}
    voice = Voice(s.provider_name, folder)

    def say(name: str, text: str) -> str:
        made = voice.in_words(text, Say(name), dict.fromkeys(VARIABLES, "x"))
        if not made:
            raise UserError("says nothing")
        return voice.in_words(text, Say(name), _EXAMPLE)

    limits = (
        *("cap_per_hour", "cap_per_day", "breaker_per_hour", "breaker_per_domain", "first_ack_hours", "flood_tickets"),
        *("reopen_days", "remind_affecting_minutes", "remind_others_minutes"),
    )
    settings = {n: str(getattr(s, n)) for n in limits} | {"agents": s.phone_agents, "overflow": s.phone_overflow}
    settings["netbox"] = s.netbox_url if s.netbox_token else ""
    return Tuning(own_addresses=s.addresses, settings=settings, prompts=prompts, prompt_variables=VARIABLES, say=say)


_EXAMPLE = {
    "state": "service", "why": "no-match", "strikes": "1", "service": "D, I, A. | 1, 1, 8. | 2, 2, 0.",
    "when": "today at 9:20, UTC",
    "impact": "degraded", "described": "yes", "textable": "yes", "emailable": "yes", "number": "yes", "verified": "yes",
    "ticket": "I, N, C. | 2, 0, 2, 6. | 0, 0, 0. | 1, 2, 8.", "status": "It is being worked on", "urgent": "yes",
    "waiting": "2", "choices": "Press 1 for D, I, A. | 1, 1, 8. | 2, 2, 0.", "summary": "service D I A 1 1 8 2 2 0, degraded",
}  # fmt: skip


def _source(name: str, folder: Path | None) -> str:
    own = folder / f"{name}.txt" if folder else None
    return (own if own and own.is_file() else SHIPPED / f"{name}.txt").read_text()

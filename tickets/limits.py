"""Caps, reminders and other limits as an administrator has set them, in the place of what the settings say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlmodel import Session

from tickets.caps import Caps
from tickets.policy import load_policy

if TYPE_CHECKING:
    from tickets.answers import AnswerSettings
    from tickets.filing import FilingSettings

_T = TypeVar("_T")


def caps_in_force(session: Session, caps: Caps) -> Caps:
    """The caps with what was set over them."""
    row = load_policy(session).limits
    return Caps(
        _first(row.cap_per_hour, caps.per_hour),
        _first(row.cap_per_day, caps.per_day),
        _first(row.breaker_per_hour, caps.strangers_per_hour),
        _first(row.breaker_per_domain, caps.domain_per_hour),
    )


def filing_in_force(session: Session, settings: FilingSettings) -> FilingSettings:
    """What a contact is filed by, with what was set over it."""
    row = load_policy(session).limits
    return replace(
        settings,
        answers=answers_in_force(session, settings.answers),
        flood_tickets=_first(row.flood_tickets, settings.flood_tickets),
        reopen_days=_first(row.reopen_days, settings.reopen_days),
    )


def answers_in_force(session: Session, settings: AnswerSettings) -> AnswerSettings:
    row = load_policy(session).limits
    affecting, others, first = row.remind_affecting_minutes, row.remind_others_minutes, row.first_ack_hours
    return replace(
        settings,
        caps=caps_in_force(session, settings.caps),
        first_ack=settings.first_ack if first is None else timedelta(hours=first),
        remind_affecting=settings.remind_affecting if affecting is None else timedelta(minutes=affecting),
        remind_others=settings.remind_others if others is None else timedelta(minutes=others),
    )


def _first(own: _T | None, given: _T) -> _T:
    return given if own is None else own

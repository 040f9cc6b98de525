"""What each prompt is told: the variables of templates/voice/, worked out from the call."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.words import Call, Say, State, World

# In a prompt's text this is a pause of the length of a breath.
PAUSE = "|"
VARIABLES: dict[str, str] = {
    "provider": "Name of the provider, from the settings.",
    "state": "State of the call, such as `service`.",
    "why": "In `again`: `no-input` or `no-match`.",
    "strikes": "How often this question was asked in vain: `1`, `2` ...",
    "service": "The service ID as it is read out, in groups.",
    "service_twice": "Not empty if the ID should be read more slowly, because the caller refused it once.",
    "suggested": "The service that the number called from suggests, as it is read out.",
    "choices": "For `service-pick`: one sentence for each service to choose from.",
    "when": "The start time, or the time of a call-back, as it is spoken.",
    "impact": "The impact as it is spoken; empty if unknown.",
    "described": "Not empty if there is a description.",
    "textable": "Not empty if a text message can be sent to the number called from.",
    "emailable": "Not empty if there is an e-mail address on file for the caller.",
    "number": "Not empty if we see the number called from.",
    "ticket": "The ticket number as it is read out, in groups.",
    "status": "For `ticket-status`: where the ticket stands.",
    "verified": "Not empty once the caller has given the ticket and its service ID.",
    "urgent": "Not empty if the ticket is service affecting, or its impact unknown.",
    "keys_only": "Not empty if only the keypad is listened to.",
    "holder": "In `escalate-done`: who has the ticket now; empty where the caller did not show whose it is.",
    "next_level": "In `escalate-done`: the level after that, with its title; empty at the top.",
    "again": "In `escalate-done`: when the caller may ask next, if he asked before within the hour.",
    "waiting": "In `queue`: minutes waited so far.",
    "summary": "In `whisper`: what is known, in one sentence.",
}
IMPACTS = {
    "service_affecting": "service affecting",
    "degradation": "degraded",
    "non_service_affecting": "not affecting service",
}
_GROUP = 3


def says(call: Call, world: World) -> tuple[Say, ...]:
    """The prompt of the state of the call."""
    return (Say(call.state.value, tuple(sorted(values(call, world).items()))),)


def values(call: Call, world: World) -> dict[str, str]:
    """The variables of a prompt, all of them text, as the call stands."""
    when = call.value("start_time")
    impact = call.value("impact")
    return {
        "state": call.state.value,
        "strikes": str(call.strikes),
        "service": spell(call.value("service_id")),
        "service_twice": "yes" if call.spelled else "",
        "suggested": spell(call.suggested),
        "choices": " ".join(f"Press {n} for {spell(s)}" for n, s in enumerate(call.choices, 1)),
        "when": spoken_time(datetime.fromisoformat(when), call.timezone, world.now) if when else "",
        "impact": IMPACTS.get(impact, ""),
        "described": "yes" if call.value("description") else "",
        "textable": "yes" if call.textable else "",
        "emailable": "yes" if call.emailable else "",
        "number": "yes" if call.number else "",
        "ticket": spell(call.ticket or call.existing),
        "status": call.status if call.state is State.TKT_STATUS and call.verified else "",
        "verified": "yes" if call.verified else "",
        "urgent": "yes" if impact in ("service_affecting", "") else "",
        "keys_only": "yes" if keys_only(call) else "",
    }


def keys_only(call: Call) -> bool:
    """Whether nothing listens to words: on an exchange of ours, and for a service ID that was misheard."""
    return not call.hears or (call.keys_only and call.state is State.SVC)


def spell(identifier: str) -> str:
    """An ID as it is read out: letters and digits one by one, digits in groups of three, a pause between groups."""
    groups: list[str] = []
    for part in re.findall(r"[^\W\d_]+|\d+", identifier):
        size = len(part) if part.isalpha() or len(part) == 4 else _GROUP
        groups += [part[i : i + size].upper() for i in range(0, len(part), size)]
    return f" {PAUSE} ".join(", ".join(group) + "." for group in groups)


def spoken_time(at: datetime, timezone: str, now: datetime) -> str:
    """ "today at 9:20, UTC+1"."""
    zone = ZoneInfo(timezone)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    day = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days) or f"{local:%A}, {local.day} {local:%B}"
    return f"{day} at {local.hour}:{local.minute:02d}, {_offset(local)}"


def _offset(local: datetime) -> str:
    shift = local.utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC {'plus' if minutes > 0 else 'minus'} {hours}" + (f" {rest}" if rest else "")


def summary(call: Call, world: World) -> str:
    """What an agent is told before he takes the call."""
    told = values(call, world)
    parts = [
        f"ticket {told['ticket']}" if told["ticket"] else "no ticket yet",
        f"service {told['service']}" if told["service"] else "service unknown",
        told["impact"] or "impact unknown",
        f"since {told['when']}" if told["when"] else "",
        call.why,
    ]
    return ", ".join(p for p in parts if p)

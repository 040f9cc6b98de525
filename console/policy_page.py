"""The page of one document: its form, the same as text, what is wrong, what it would change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from fastapi import Request
from fastapi.responses import Response

from console.auth import SignedIn
from console.holiday_places import countries, named_holidays, regions
from console.policy_diff import Change
from console.policy_documents import newest, stands
from console.policy_forms import FORMS, FormView, filled, view
from console.policy_words import CHOICES, DAYS, LENGTH, SECTIONS, TITLES, change_words
from console.site import Site
from models.words import Impact, NoticeWay, Priority, Role, Urgency
from tickets.policy import load_policy

ADMINS: frozenset[Role] = frozenset({Role.ADMIN})


@dataclass(frozen=True)
class Shown:
    """What the page is to show of a document in hand."""

    body: Mapping[str, Any]
    # The document as it was typed as text; None: it was a form.
    text: str | None = None
    wrong: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[Change] | None = None
    effect: Sequence[str] = ()
    focus: str = ""
    # The version that the form was filled from; None: the newest.
    seen: str | None = None
    # Rows were added or removed, and nothing is saved yet.
    touched: bool = False


def document_page(
    site: Site, request: Request, who: SignedIn, kind: str, name: str, shown: Shown, *, status: int = 200
) -> Response:
    with site.store.read() as session:
        last, policy = newest(session, kind, name), load_policy(session)
    body = filled(kind, shown.body) if shown.touched else shown.body
    text = json.dumps(body, indent=1, ensure_ascii=False) if shown.text is None else shown.text
    form = FormView(kind, view(kind, shown.body), shown.errors, who.role in ADMINS, shown.focus)
    context = {
        **{"who": who, "kind": kind, "name": name, "form": form, "has_form": kind in FORMS, "may_edit": form.may_edit},
        **{"text": text, "as_text": shown.text is not None, "wrong": shown.wrong, "changes": _told(shown.changes)},
        **{"effect": shown.effect, "touched": shown.touched, "stands": stands(policy, kind, name)},
        **{"in_force": last is not None and not last.retired},
        "seen": shown.seen if shown.seen is not None else str(last.version if last else 0),
        **{"title": TITLES.get(kind, (kind.replace("-", " ").capitalize(), "")), "sections": SECTIONS.get(kind, ())},
        **{"choices": CHOICES, "length_help": LENGTH, "given": site.tuning.settings, "days": DAYS},
        **{"priorities": list(Priority), "impacts": list(Impact), "urgencies": list(Urgency), "ways": list(NoticeWay)},
        "calendars": sorted(policy.calendars),
        **_places(kind, form, site.clock().year),
    }
    return site.pages.TemplateResponse(request, "life_policy_edit.html", context, status_code=status)


def _told(changes: Sequence[Change] | None) -> list[Change] | None:
    return None if changes is None else [(change_words(path), old, new) for path, old, new in changes]


def _places(kind: str, form: FormView, year: int) -> dict[str, Any]:
    """Zones and countries to choose from, and the holidays of the choice; only a calendar asks for them."""
    if kind != "calendar":
        return {"zones": (), "countries": (), "regions": (), "holidays": (), "year": year}
    country, region = form.value("country"), form.value("subdivision")
    places = {"zones": sorted(available_timezones()), "countries": countries(), "regions": regions(country)}
    return {**places, "holidays": named_holidays(country, region, year), "year": year}

"""The pages behind the signed links of our mails to customers: looking changes nothing, only the button acts.

Who holds the link has read the mail; it is good for that mail's ticket and in that mail's address's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from models.directory import Customer
from models.errors import UserError
from models.tables_life import Deferral
from models.words import DeferralState, TicketState
from panel.acts import consent
from panel.answering import check_answer, services_to_pick
from panel.form import MOST_WORDS, Sent, first_values, new_number, read_form, zone_names
from panel.pace import Pace
from panel.report import Given
from panel.site import PanelSite
from panel.submitting import submit
from panel.words import IMPACTS, local_words
from tickets.links import CustomerLink, LinkPurpose, find_link
from tickets.states import LIVE
from tickets.submissions import Act, filed_before, submission_key

INVALID = "This link is not valid. Please copy it whole from the email, or simply reply to the email."
EXPIRED = "This link has expired. Please reply to the email, or sign in to see your ticket."
_LIVE = {s.value for s in LIVE}


@dataclass(frozen=True, slots=True)
class Held:
    """A link in somebody's hand: whose it is, and what has become of what it offers."""

    purpose: LinkPurpose
    link: CustomerLink
    left: str
    customer: Customer | None
    deferral: Deferral | None
    used: bool

    @property
    def address(self) -> str:
        return self.link.mail.to_address.lower()


def add_links(app: FastAPI, site: PanelSite) -> None:
    forms = Pace(site.settings.forms_a_minute)

    @app.get("/link/{purpose}/{left}/{mark}", response_class=HTMLResponse)
    def link_page(request: Request, purpose: str, left: str, mark: str) -> Response:
        held = _held(site, purpose, left, mark)
        return _page(site, request, held, Sent(), done=_over(held))

    @app.post("/link/{purpose}/{left}/{mark}", response_class=HTMLResponse)
    async def link_press(request: Request, purpose: str, left: str, mark: str) -> Response:
        site.gate.check_origin(request)
        forms.check(left, site.clock())
        sent = await read_form(request)
        return await run_in_threadpool(_press, site, request, purpose, left, mark, sent)


def _press(site: PanelSite, request: Request, purpose: str, left: str, mark: str, sent: Sent) -> Response:
    held = _held(site, purpose, left, mark)
    if done := _over(held):
        return _page(site, request, held, sent, done=done)
    try:
        done = PRESS[held.purpose](site, held, sent)
    except UserError as e:
        text = str(e)
        done = f"{text[:1].upper()}{text[1:]}."
    if sent.wrong:
        return _page(site, request, held, sent, status=422)
    return _page(site, request, held, sent, done=done)


def _held(site: PanelSite, purpose: str, left: str, mark: str) -> Held:
    """The link, if it is ours, still good, and its address still on file where the ticket is a customer's."""
    with site.store.read() as session:
        link = find_link(session, site.life.answers.tokens, purpose, left, mark)
        if link is None:
            raise HTTPException(404, INVALID)
        number = link.mail.context.get("deferral")
        deferral = session.get(Deferral, int(number)) if number else None
        key = submission_key(link.mail.to_address.lower(), f"link:{purpose}:{left}")
        used = filed_before(session, key) is not None
    if link.expired(site.clock(), site.settings.link_days):
        raise HTTPException(410, EXPIRED)
    customers = site.directory().customers_of_address(link.mail.to_address)
    customer = next((c for c in customers if c.id == link.ticket.customer_id), None)
    if link.ticket.customer_id and customer is None:
        raise HTTPException(410, EXPIRED)
    return Held(LinkPurpose(purpose), link, left, customer, deferral, used)


def _over(held: Held) -> str:
    """What to say where there is nothing to press any more; else nothing."""
    return _OVER[held.purpose](held)


def _answered(held: Held) -> str:
    ticket = held.link.ticket
    if ticket.state not in _LIVE:
        return "This ticket is no longer open. Please reply to the email if something is wrong."
    return "" if ticket.missing else "Thank you, we have all the details that we need."


def _offer_over(held: Held) -> str:
    row = held.deferral
    if row is None:
        return "There is no such offer any more. We keep working on your ticket."
    if row.state == DeferralState.OFFERED.value and not row.customer_consent:
        return ""
    return _OFFERS.get(row.state, "Thank you, we have your answer.")


def _cannot_escalate(held: Held) -> str:
    if held.used:
        return "You have asked for an escalation by this link. Who has your ticket now stands in our email."
    if held.customer is None or held.link.ticket.state not in _LIVE:
        return "This ticket is no longer open. If something is wrong, please reply to the email."
    return ""


def _cannot_confirm(held: Held) -> str:
    if held.used or held.link.ticket.state == TicketState.CLOSED.value:
        return "Thank you. This ticket is closed."
    return "" if held.link.ticket.state == TicketState.RESOLVED.value else "This ticket is open again. We work on it."


def _cannot_reopen(held: Held) -> str:
    if held.used or held.link.ticket.state in _LIVE:
        return "This ticket is open. We work on it."
    return ""


def _answer(site: PanelSite, held: Held, sent: Sent) -> str:
    given = check_answer(sent, held.link.ticket.missing, site.directory(), held.customer, site.clock())
    if given is None:
        return ""
    _file(site, held, Act.ANSWER, sent.number or new_number(), given)
    return "Thank you. We have added it to your ticket. You get a confirmation by email."


def _consents(agrees: bool) -> Callable[[PanelSite, Held, Sent], str]:
    def press(site: PanelSite, held: Held, sent: Sent) -> str:
        late = consent(site, held.link.ticket.id, agrees=agrees, way="signed link", who=held.address)
        if late:
            return late
        return _OFFERS[DeferralState.AGREED.value] if agrees else _OFFERS[DeferralState.DECLINED.value]

    return press


def _with_words(act: Act, ask: str, done: str) -> Callable[[PanelSite, Held, Sent], str]:
    """`ask` is what is wrong where words are needed and there are none; an empty one needs none."""

    def press(site: PanelSite, held: Held, sent: Sent) -> str:
        words = sent["words"].strip()
        if ask and not words:
            sent.wrong["words"] = ask
        elif len(words) > MOST_WORDS:
            sent.wrong["words"] = f"{len(words)} characters are too many; {MOST_WORDS} fit in here."
        else:
            _file(site, held, act, f"link:{held.purpose.value}:{held.left}", Given(description=words))
        return "" if sent.wrong else done

    return press


def _file(site: PanelSite, held: Held, act: Act, number: str, given: Given) -> None:
    submit(
        site, given, act=act, number=number, address=held.address, name=held.link.mail.context.get("greeting_name", ""),
        customer=held.customer, at=site.clock(), ticket=held.link.ticket.id, how="by the signed link of a mail",
    )  # fmt: skip


def _page(site: PanelSite, request: Request, held: Held, sent: Sent, *, done: str = "", status: int = 200) -> Response:
    zone = held.customer.timezone if held.customer else "UTC"
    values = Sent(values={**first_values(new_number(), site.clock(), zone), **sent.values}, lists=sent.lists)
    until = local_words(held.deferral.until, zone) if held.deferral else ""
    said = done.replace(_UNTIL, until)
    context: dict[str, Any] = {
        "purpose": held.purpose.value, "t": held.link.ticket, "done": said, "v": values, "wrong": sent.wrong,
        "impacts": IMPACTS, "zones": zone_names(), "known": held.customer is not None,
        "own_services": services_to_pick(site.directory(), held.customer),
        "until": until, "zone": zone,
    }  # fmt: skip
    return site.page(request, "link.html", None, context, status=status)


# Stands for the time in the customer's own zone.
_UNTIL = "{until}"
_OFFERS: Mapping[str, str] = {
    DeferralState.AGREED.value: f"Thank you. Your ticket rests until {_UNTIL}, and comes back by itself.",
    DeferralState.ENDED.value: "This agreement is over. We work on your ticket.",
    DeferralState.DECLINED.value: "Thank you. We keep working on your ticket.",
}
_OVER: Mapping[LinkPurpose, Callable[[Held], str]] = {
    LinkPurpose.ANSWER: _answered,
    LinkPurpose.AGREE: _offer_over,
    LinkPurpose.DECLINE: _offer_over,
    LinkPurpose.ESCALATE: _cannot_escalate,
    LinkPurpose.WORKS: _cannot_confirm,
    LinkPurpose.REOPEN: _cannot_reopen,
}
PRESS: Mapping[LinkPurpose, Callable[[PanelSite, Held, Sent], str]] = {
    LinkPurpose.ANSWER: _answer,
    LinkPurpose.AGREE: _consents(True),
    LinkPurpose.DECLINE: _consents(False),
    LinkPurpose.ESCALATE: _with_words(
        Act.ESCALATE,
        "Please say why, so that the next level can act on it.",
        "Thank you. Your ticket is escalated; our email tells you who has it now.",
    ),
    LinkPurpose.WORKS: _with_words(Act.WORKS, "", "Thank you. Your ticket is closed."),
    LinkPurpose.REOPEN: _with_words(
        Act.REOPEN, "Please tell us what does not work.", "Your ticket is open again. Our engineers can see it now."
    ),
}

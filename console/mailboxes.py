"""The fetched mailboxes: how they stand, what became of their messages, and alarms, on a page and above every page."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.site import Site
from models.mailboxes import DEADLY, MessageState, mailbox_lines, messages_in, open_alarms, past_alarms
from models.tables_imap import MailboxAlarm

_SHOWN = 50
_FOR_A_PERSON = (MessageState.TOO_LARGE, MessageState.POISON, MessageState.TRYING)


def add_mailboxes(app: FastAPI, site: Site) -> None:
    def alarms() -> list[MailboxAlarm]:
        with site.store.read() as session:
            return [a for a in open_alarms(session) if a.kind in DEADLY]

    site.pages.env.globals["mailbox_alarms"] = alarms

    @app.get("/mailboxes", response_class=HTMLResponse)
    def mailboxes(request: Request, who: SignedIn = Depends(site.guard.may(EVERYBODY))) -> Response:
        with site.store.read() as session:
            context = {
                "who": who,
                "lines": mailbox_lines(session),
                "messages": messages_in(session, _FOR_A_PERSON, _SHOWN),
                "past": past_alarms(session, _SHOWN),
            }
        return site.pages.TemplateResponse(request, "mailboxes.html", context)

"""Mails of ours that have not gone: changed, let go, stopped or dropped by an agent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from console.auth import SignedIn
from console.review import DESK
from console.site import Site
from models.errors import RefusedError, UserError
from models.tables import Outbox, Ticket
from tickets import held
from tickets.mailing import Work

_Text = Annotated[str, Form()]


def _send(work: Work, row: Outbox, ticket: Ticket, subject: str, text: str) -> None:
    held.release(work, row, ticket, subject=subject, text=text)


ACTS: Mapping[str, tuple[str, Callable[[Work, Outbox, Ticket, str, str], None]]] = {
    "send": ("It goes out now.", _send),
    "hold": ("It waits until you let it go.", lambda w, r, t, _s, _x: held.hold(w, r, t)),
    "drop": ("It does not go out.", lambda w, r, t, _s, _x: held.drop(w, r, t)),
}


def add_answers(app: FastAPI, site: Site) -> None:
    worker = Depends(site.guard.may(DESK))

    @app.post("/answers/{row_id}")
    def answer_act(
        request: Request, row_id: int, who: SignedIn = worker, csrf: _Text = "", act: _Text = "", subject: _Text = "",
        text: _Text = "", was: _Text = "", back: _Text = "/outbox",
    ) -> Response:  # fmt: skip
        site.guard.check_origin(request)
        site.guard.check_csrf(who, csrf)
        if act not in ACTS:
            raise HTTPException(404, "There is no such act.")
        said, do = ACTS[act]
        try:
            with site.store.write() as session:
                row = session.get(Outbox, row_id, with_for_update=True)
                ticket = session.get(Ticket, row.ticket_id, with_for_update=True) if row and row.ticket_id else None
                if row is None or ticket is None:
                    raise RefusedError("This mail belongs to no ticket.")
                unchanged = act == "send" and held.tidy(text) == held.tidy(was)
                work = Work(session, site.clock(), site.life, who.name)
                do(work, row, ticket, subject, "" if unchanged else text)
                ticket.version += 1
            name, words = "said", said
        except UserError as e:
            name, words = "wrong", str(e)
        to = back if re.fullmatch(r"/(contacts|tickets)/[\w-]+|/outbox", back) else "/outbox"
        return RedirectResponse(f"{to}?{name}={quote(words)}", status_code=303)

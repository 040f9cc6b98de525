"""Problems: proposed by the clock or opened by a person, with cause, workaround and preventive actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from urllib.parse import quote

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import col, select

from console.auth import SignedIn
from console.guard import EVERYBODY
from console.review import DESK as WORKERS
from console.site import Site
from models.errors import UserError
from models.tables import Ticket
from models.tables_life import PreventiveAction, Problem
from models.words import ProblemKind, ProblemState
from tickets import problems
from tickets.mailing import Work


def add_life_problems(app: FastAPI, site: Site) -> None:
    user, worker = Depends(site.guard.may(EVERYBODY)), Depends(site.guard.may(WORKERS))

    @app.get("/problems", response_class=HTMLResponse)
    def problem_list(request: Request, who: SignedIn = user) -> Response:
        with site.store.read() as session:
            rows = session.exec(select(Problem).order_by(col(Problem.id).desc()).limit(200)).all()
        alive = [p for p in rows if p.state in problems.ALIVE]
        done = [p for p in rows if p.state not in problems.ALIVE]
        return site.pages.TemplateResponse(request, "life_problems.html", {"who": who, "alive": alive, "done": done})

    @app.get("/problems/{problem_id}", response_class=HTMLResponse)
    def problem_page(request: Request, problem_id: int, who: SignedIn = user, wrong: str = "") -> Response:
        with site.store.read() as session:
            problem = _found(session.get(Problem, problem_id))
            tickets = problems.tickets_of(session, problem_id)
            rows = select(PreventiveAction).where(PreventiveAction.problem_id == problem_id)
            actions = session.exec(rows.order_by(col(PreventiveAction.due_at))).all()
        outage = problem.kind == ProblemKind.OUTAGE.value and problem.state == ProblemState.PROPOSED.value
        context = {
            "who": who, "p": problem, "tickets": tickets, "actions": actions, "now": site.clock(), "wrong": wrong[:300],
            "may_act": who.role in WORKERS, "moves": problems.moves(problem), "outage": outage,
        }  # fmt: skip
        return site.pages.TemplateResponse(request, "life_problem.html", context)

    @app.post("/problems/{problem_id}/{act}")
    async def problem_act(request: Request, problem_id: int, act: str, who: SignedIn = worker) -> Response:
        form = {k: str(v)[:4000] for k, v in (await request.form()).items()}
        site.guard.check_origin(request)
        site.guard.check_csrf(who, form.get("csrf", ""))
        if act not in _ACTS:
            raise HTTPException(404, "There is no such act.")
        try:
            with site.store.write() as session:
                problem = _found(session.get(Problem, problem_id, with_for_update=True))
                _ACTS[act](Work(session, site.clock(), site.life, who.name), problem, form)
        except UserError as e:
            return RedirectResponse(f"/problems/{problem_id}?wrong={quote(str(e))}", status_code=303)
        return RedirectResponse(f"/problems/{problem_id}", status_code=303)


def _found(problem: Problem | None) -> Problem:
    if problem is None:
        raise HTTPException(404, "There is no such problem.")
    return problem


def _state(work: Work, problem: Problem, form: dict[str, str]) -> None:
    given = form.get("state", "")
    if given not in {s.value for s in ProblemState}:
        raise UserError(f"{given!r} is no state of a problem")
    problems.move(work, problem, ProblemState(given))


def _action(work: Work, problem: Problem, form: dict[str, str]) -> None:
    try:
        day = datetime.fromisoformat(form.get("due", "")).date()
    except ValueError as e:
        raise UserError(f"{form.get('due', '')!r} is no date; write 2026-05-29") from e
    due = datetime.combine(day, time(23, 59), UTC)
    problems.add_action(work, problem, form.get("what", ""), form.get("owner", ""), due)


def _done(work: Work, problem: Problem, form: dict[str, str]) -> None:
    number = form.get("action", "")
    row = work.session.get(PreventiveAction, int(number)) if number.isdigit() else None
    if row is None or row.problem_id != problem.id:
        raise UserError("there is no such preventive action")
    row.done_at = row.done_at or work.now
    work.session.add(row)


def _link(work: Work, problem: Problem, form: dict[str, str]) -> None:
    ticket = work.session.get(Ticket, form.get("ticket", "").strip().upper())
    if ticket is None:
        raise UserError(f"there is no ticket {form.get('ticket', '')!r}")
    problems.link_ticket(work, problem, ticket)


_ACTS: dict[str, Callable[[Work, Problem, dict[str, str]], object]] = {
    "describe": lambda w, p, f: problems.describe(w, p, root_cause=f.get("root_cause", ""), workaround=f.get("workaround", "")),
    "state": _state,
    "outage": lambda w, p, f: problems.accept_outage(w, p, f.get("parent", "").strip().upper()),
    "action": _action,
    "done": _done,
    "link": _link,
}

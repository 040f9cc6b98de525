"""Problems that nobody has named yet: mass outages, services that fail again and again, sites with ever more faults.

Each is proposed once, by a key that the database keeps unique, and waits for a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from models.directory import Directory
from models.store import Store
from models.tables import Contact, Event, Ticket, TicketService
from models.tables_life import Problem, ProblemTicket
from models.words import ProblemKind, ProblemState, Verdict
from tickets.policy import Policy, load_policy
from tickets.problems import ALIVE
from tickets.webhook_events import HookEvent, emit

ACTOR = "clock"
_MOST_CONTACTS = 5000
_WEEKS_BEFORE = 4
_COUNTED = (Verdict.PERSON.value, Verdict.MACHINE_FAULT.value, Verdict.STRANGER.value)


@dataclass(frozen=True, slots=True)
class Proposal:
    kind: ProblemKind
    scope: str
    title: str
    why: str
    tickets: tuple[str, ...]


def find_outages(store: Store, directory: Directory, *, now: datetime) -> list[int]:
    """Proposes an outage where many contacts name one circuit, site or customer within minutes; gives the new problems."""
    with store.read() as session:
        policy = load_policy(session)
        since = now - timedelta(minutes=policy.care.outage_minutes)
        rows = session.exec(
            select(Contact.id, Contact.ticket_id, TicketService.service_id)
            .join(TicketService, col(TicketService.ticket_id) == col(Contact.ticket_id))
            .where(col(Contact.arrived_at) > since, col(Contact.verdict).in_(_COUNTED))
            .limit(_MOST_CONTACTS)
        ).all()
    contacts: dict[str, set[int]] = defaultdict(set)
    tickets: dict[str, set[str]] = defaultdict(set)
    for contact_id, ticket_id, service_id in rows:
        for scope in scopes_of([service_id], directory):
            contacts[scope].add(contact_id or 0)
            tickets[scope].add(ticket_id or "")
    crowded = [s for s in contacts if len(contacts[s]) >= policy.care.outage_contacts]
    # The narrowest scope names the cause best: a site whose tickets all name one circuit is that circuit's outage.
    found: list[Proposal] = []
    for scope in sorted(crowded, key=lambda s: (_NARROW.index(s.partition(":")[0]), s)):
        if any(tickets[scope] <= set(p.tickets) for p in found):
            continue
        why = f"{len(contacts[scope])} contacts in {policy.care.outage_minutes} minutes"
        ids = tuple(sorted(tickets[scope]))
        found.append(Proposal(ProblemKind.OUTAGE, scope, f"Possible outage: {_named(scope)}", why, ids))
    return _propose(store, found, now)


def find_patterns(store: Store, directory: Directory, *, now: datetime) -> list[int]:
    """Proposes chronic services and circuits, and sites with rising numbers of faults; gives the new problems."""
    with store.read() as session:
        policy = load_policy(session)
        found = [*_chronic(session, policy, directory, now), *_rising(session, policy, directory, now)]
    return _propose(store, found, now)


def known_outage(session: Session, services: Iterable[str], directory: Directory) -> Problem | None:
    """The confirmed outage that a contact about these services belongs to."""
    scopes = scopes_of(services, directory)
    if not scopes:
        return None
    return next((p for p in _outages(session) if p.scope in scopes), None)


def _outages(session: Session) -> list[Problem]:
    """The confirmed outages that go on, the newest first; asked for once in a transaction."""
    known: list[Problem] | None = session.info.get(_CONFIRMED)
    if known is None:
        alive = (ProblemState.OPEN.value, ProblemState.KNOWN_ERROR.value)
        rows = session.exec(
            select(Problem)
            .where(Problem.kind == ProblemKind.OUTAGE.value, col(Problem.state).in_(alive))
            .where(col(Problem.parent_ticket).is_not(None))
            .order_by(col(Problem.id).desc())
        )
        known = session.info[_CONFIRMED] = list(rows)
    return known


_CONFIRMED = "confirmed_outages"
_NARROW: tuple[str, ...] = ("circuit", "site", "customer")


def scopes_of(services: Iterable[str], directory: Directory) -> list[str]:
    """What an outage of these services may be an outage of: `circuit:...`, `site:...`, `customer:...`."""
    found: dict[str, None] = {}
    for service in (s for i in services if (s := directory.service_by_id.get(i))):
        found |= dict.fromkeys(
            [*(f"circuit:{c}" for c in service.circuits), *([f"site:{service.site}"] if service.site else [])]
        )
        found[f"customer:{service.customer}"] = None
    return list(found)


def _chronic(session: Session, policy: Policy, directory: Directory, now: datetime) -> list[Proposal]:
    care = policy.care
    tickets = _by_service(session, now - timedelta(days=care.chronic_days), now, at_least=1)
    groups: dict[str, set[str]] = defaultdict(set)
    for service_id, ids in tickets.items():
        groups[f"service:{service_id}"] |= ids
        service = directory.service_by_id.get(service_id)
        for circuit in service.circuits if service else ():
            groups[f"circuit:{circuit}"] |= ids
    out = []
    services_of = {s: ids for s, ids in groups.items() if s.startswith("service:")}
    for scope, ids in groups.items():
        # A circuit is named only where it gathers more than one of its services alone does.
        if len(ids) < care.chronic_tickets or (scope not in services_of and any(ids == o for o in services_of.values())):
            continue
        why = f"{len(ids)} tickets in {care.chronic_days} days"
        out.append(Proposal(ProblemKind.CHRONIC, scope, f"Chronic: {_named(scope)}", why, tuple(sorted(ids))))
    return out


def _rising(session: Session, policy: Policy, directory: Directory, now: datetime) -> list[Proposal]:
    care = policy.care
    span = timedelta(days=care.trend_days)
    lately = _by_site(_by_service(session, now - span, now, at_least=1), directory)
    before = _by_site(_by_service(session, now - span * (_WEEKS_BEFORE + 1), now - span, at_least=1), directory)
    out = []
    for site, ids in lately.items():
        usual = len(before.get(site, ())) / _WEEKS_BEFORE
        if len(ids) >= care.trend_tickets and len(ids) >= care.trend_factor * usual:
            why = f"{len(ids)} tickets in {care.trend_days} days, usually {usual:.1f}"
            out.append(Proposal(ProblemKind.TREND, f"site:{site}", f"Rising faults: site {site}", why, tuple(sorted(ids))))
    return out


def _by_service(session: Session, begin: datetime, end: datetime, *, at_least: int) -> Mapping[str, set[str]]:
    rows = session.exec(
        select(TicketService.service_id, Ticket.id)
        .join(Ticket, col(Ticket.id) == col(TicketService.ticket_id))
        .where(col(Ticket.opened_at) > begin, col(Ticket.opened_at) <= end)
    ).all()
    out: dict[str, set[str]] = defaultdict(set)
    for service_id, ticket_id in rows:
        out[service_id].add(ticket_id)
    return {s: ids for s, ids in out.items() if len(ids) >= at_least}


def _by_site(by_service: Mapping[str, set[str]], directory: Directory) -> dict[str, set[str]]:
    out: dict[str, set[str]] = defaultdict(set)
    for service_id, ids in by_service.items():
        service = directory.service_by_id.get(service_id)
        if service and service.site:
            out[service.site] |= ids
    return out


def _propose(store: Store, found: Iterable[Proposal], now: datetime) -> list[int]:
    return [made for p in found if (made := _propose_one(store, p, now)) is not None]


def _propose_one(store: Store, p: Proposal, now: datetime) -> int | None:
    """One proposal, unless its scope has one that lives, or the same tickets were proposed before."""
    try:
        with store.write() as session:
            store.lock(session, "problem:" + p.scope)
            alive = select(func.count()).where(
                Problem.kind == p.kind.value, Problem.scope == p.scope, col(Problem.state).in_(ALIVE)
            )
            if session.exec(alive).one():
                return None
            problem = Problem(
                kind=p.kind.value,
                state=ProblemState.PROPOSED.value,
                title=p.title,
                why=p.why,
                scope=p.scope,
                dedupe_key=f"{p.kind.value}:{p.scope}:{p.tickets[-1]}",
                opened_by=ACTOR,
                opened_at=now,
            )
            session.add(problem)
            session.flush()
            if p.kind is ProblemKind.OUTAGE:
                told = {"problem": problem.id, "title": p.title, "scope": p.scope, "why": p.why, "tickets": list(p.tickets)}
                emit(session, HookEvent.OUTAGE, ticket_id=None, now=now, data=told)
            for ticket_id in p.tickets:
                session.add(ProblemTicket(problem_id=problem.id or 0, ticket_id=ticket_id))
                why = f"proposed: {p.title} ({p.why})"
                session.add(
                    Event(ticket_id=ticket_id, at=now, actor=ACTOR, kind="problem", why=why, data={"problem": problem.id})
                )
            return problem.id
    except IntegrityError:  # another worker, or an earlier pass, has proposed just this
        return None


def _named(scope: str) -> str:
    return scope.replace(":", " ", 1)

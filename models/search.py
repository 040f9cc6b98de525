"""Full-text search over contacts and tickets: SQLite FTS5, or PostgreSQL with GIN indexes.

The database keeps the index itself, in the transaction that writes a row (migration 0011). What a user types is cut into
words of letters and digits, so that nothing of it can be an operator of a search language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlmodel import Session

_MOST_CHARS = 200
_MOST_TERMS = 12
# A shorter beginning of a word would gather a good part of all words.
_SHORTEST_PREFIX = 3
_CHUNK = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"[^\W_]+")


class Kind(StrEnum):
    """What is searched."""

    CONTACT = "contact"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow one another; with `prefix` the last one is only a beginning.

    Words are indexed by their stems, so that a beginning is for numbers and IDs: "flapping" has the stem "flap".
    """

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that has all terms; `position` is where the next, older, hits begin."""

    key: str
    position: str


def terms(typed: str) -> tuple[Term, ...]:
    """What a user typed: words in any order, `"phrases"`, `begin*`; an ID such as LNK-1001 is a phrase of its parts."""
    found = []
    for quoted, bare in _CHUNK.findall(typed[:_MOST_CHARS]):
        words = tuple(_WORD.findall(_folded(quoted or bare)))
        prefix = bare.endswith("*") and bool(words) and len(words[-1]) >= _SHORTEST_PREFIX
        if words:
            found.append(Term(words, prefix))
    return tuple(found[:_MOST_TERMS])


def hits(session: Session, kind: Kind, wanted: Sequence[Term], *, before: str = "", limit: int) -> list[Hit]:
    """The newest rows that have every term, older than the position `before`. Raises ValueError for one it never gave."""
    if not wanted:
        return []
    if session.get_bind().dialect.name == "sqlite":
        return _sqlite_hits(session, kind, wanted, before, limit)
    return _postgres_contacts(session, wanted, before, limit) if kind is Kind.CONTACT else _postgres_tickets(
        session, wanted, before, limit
    )  # fmt: skip


def fts5_query(wanted: Sequence[Term]) -> str:
    """The terms in the language of FTS5, all of them in quotes."""
    return " AND ".join('"' + " ".join(t.words) + '"' + (" *" if t.prefix else "") for t in wanted)


def tsquery(wanted: Sequence[Term]) -> str:
    """The terms in the language of PostgreSQL's to_tsquery, all of them in quotes."""
    return " & ".join("(" + " <-> ".join(f"'{w}'" for w in t.words) + (":*" if t.prefix else "") + ")" for t in wanted)


def _sqlite_hits(session: Session, kind: Kind, wanted: Sequence[Term], before: str, limit: int) -> list[Hit]:
    table = f"{kind.value}_search"
    query = f"SELECT rowid FROM {table} WHERE {table} MATCH :q AND rowid < :before ORDER BY rowid DESC LIMIT :limit"  # noqa: S608
    if kind is Kind.TICKET:
        query = (
            f"SELECT n.number, n.ticket_id FROM ({query}) h CROSS JOIN ticket_search_number n ON n.number = h.rowid"  # noqa: S608
            " ORDER BY n.number DESC"
        )
    values = {"q": fts5_query(wanted), "before": _number(before), "limit": limit}
    rows = session.connection().execute(text(query), values).all()
    return [Hit(str(r[-1]), str(r[0])) for r in rows]


def _postgres_contacts(session: Session, wanted: Sequence[Term], before: str, limit: int) -> list[Hit]:
    query = text(
        "SELECT contact_id FROM reading WHERE intake_contact_words(head, data) @@ to_tsquery('intake', :q)"
        " AND contact_id < :before ORDER BY contact_id DESC LIMIT :limit"
    )
    values = {"q": tsquery(wanted), "before": min(_number(before), 2**31 - 1), "limit": limit}
    return [Hit(str(r[0]), str(r[0])) for r in session.connection().execute(query, values)]


def _postgres_tickets(session: Session, wanted: Sequence[Term], before: str, limit: int) -> list[Hit]:
    at, _, ticket = before.partition("|")
    older = " AND (opened_at, id) < (:at, :ticket)" if before else ""
    query = text(
        "SELECT id, opened_at FROM ticket WHERE"  # noqa: S608
        " intake_ticket_words(id || ' ' || subject || ' ' || company || ' ' || requester || ' ' || resolution, report)"
        f" @@ to_tsquery('intake', :q){older} ORDER BY opened_at DESC, id DESC LIMIT :limit"
    )
    values: dict[str, object] = {"q": tsquery(wanted), "limit": limit}
    if before:
        values |= {"at": datetime.fromisoformat(at), "ticket": ticket}
    return [Hit(r[0], f"{r[1].isoformat()}|{r[0]}") for r in session.connection().execute(query, values)]


def _number(before: str) -> int:
    return int(before) if before else 2**62


def _folded(typed: str) -> str:
    """Without accents, as the index has its words."""
    return "".join(c for c in unicodedata.normalize("NFKD", typed) if not unicodedata.combining(c))
